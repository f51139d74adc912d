/* SPDX-License-Identifier: MIT */
/* Host records, written. */
#include "learn.h"

#include "alpn.h"
#include "exchange_parts.h"
#include "known_hosts.h"
#include "store/memory.h"
#include "wake.h"

#include <netinet/in.h>
#include <openssl/ssl.h>

/* A record of the same certificates whose addresses are hardly older is left as it is. */
#define RENEW_MS (KNOWN_HOST_FRESH_MS / 4)

/* What is being put together. On the heap: it is larger than a hook's frame may be. */
struct lesson {
    struct known_host host;
    struct host_service service;
    struct host_address peer;
    struct host_note note;      /* what the program was told of the name */
    struct buffer certificates; /* what `service.chain` points into */
};

/* -- the peer ---------------------------------------------------------------------------- */

/* The connection's own socket, wherever it is just kept. */
static int socket_of(const struct connection *connection)
{
    const struct descriptor *descriptor = &connection->descriptor;
    return descriptor_swapped(descriptor) ? descriptor->kept : descriptor->number;
}

static bool find_peer(struct connection *connection, struct lesson *lesson)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    return wake_descriptor(connection) &&
           getpeername(socket_of(connection), (struct sockaddr *)&peer, &size) == 0 &&
           host_address_of((const struct sockaddr *)&peer, size, &lesson->peer,
                           &lesson->service.port);
}

/* The name as the program gave it to libssl; a literal address is not told there. */
static void find_name(const struct connection *connection, const struct lesson *lesson,
                      char name[HOST_NAME_SIZE])
{
    const char *sent =
        connection->lib->SSL_get_servername(connection->ssl, TLSEXT_NAMETYPE_host_name);
    if (sent && sent[0])
        span_copy_text(span_text(sent), name, HOST_NAME_SIZE);
    else
        host_address_text(&lesson->peer, name);
}

static bool contains(const struct host_address *addresses, unsigned count,
                     const struct host_address *wanted)
{
    for (unsigned i = 0; i < count; i++)
        if (host_address_equal(&addresses[i], wanted))
            return true;
    return false;
}

/* The peer is the host itself: the resolver gave its address for that name. */
static bool is_direct(struct lesson *lesson, const char *name)
{
    char text[46];
    host_address_text(&lesson->peer, text);
    if (strcmp(text, name) == 0) {
        lesson->note.addresses[lesson->note.count++] = lesson->peer;
        lesson->note.resolved_ms = exchange_now_ms();
        return true;
    }
    return known_hosts_noted(span_text(name), &lesson->note) &&
           contains(lesson->note.addresses, lesson->note.count, &lesson->peer);
}

/* -- the handshake ------------------------------------------------------------------------- */

struct chain {
    size_t sizes[HOST_CERTIFICATES];
    unsigned count;
};

static bool add_certificate(const struct libssl *lib, struct lesson *lesson, X509 *one,
                            struct chain *chain)
{
    int size = chain->count < HOST_CERTIFICATES ? lib->i2d_X509(one, NULL) : 0;
    uint8_t *room = size > 0 ? buffer_room(&lesson->certificates, (size_t)size) : NULL;
    if (!room || lib->i2d_X509(one, &room) != size)
        return false;
    lesson->certificates.size += (size_t)size;
    chain->sizes[chain->count++] = (size_t)size;
    return true;
}

/* The peer's own comes first, whether it still stands in the chain or not: Node.js takes it out
 * when a program asks for it (getPeerX509Certificate). */
static bool add_chain(const struct connection *connection, struct lesson *lesson,
                      struct chain *out)
{
    const struct libssl *lib = connection->lib;
    X509 *peer = lib->SSL_get1_peer_certificate(connection->ssl);
    const OPENSSL_STACK *chain =
        (const OPENSSL_STACK *)lib->SSL_get_peer_cert_chain(connection->ssl);
    int count = chain ? lib->OPENSSL_sk_num(chain) : 0;
    bool good = peer && add_certificate(lib, lesson, peer, out);
    for (int i = 0; good && i < count; i++) {
        X509 *one = lib->OPENSSL_sk_value(chain, i);
        good = lib->X509_cmp(one, peer) == 0 || add_certificate(lib, lesson, one, out);
    }
    lib->X509_free(peer);
    return good;
}

/* Where each certificate begins is known only when all of them are in place. */
static bool read_chain(const struct connection *connection, struct lesson *lesson)
{
    struct chain chain = {.count = 0};
    if (!add_chain(connection, lesson, &chain))
        return false;
    struct span rest = buffer_span(&lesson->certificates);
    for (unsigned i = 0; i < chain.count; i++) {
        lesson->service.chain[i] = span_of(rest.at, chain.sizes[i]);
        rest = span_skip(rest, chain.sizes[i]);
    }
    lesson->service.chain_count = chain.count;
    return true;
}

/* Which protocol the server would select: what it did; and where it was not offered any,
 * what everybody selects for HTTP/1.1. */
static void read_alpn(const struct connection *connection, struct host_service *service)
{
    const struct libssl *lib = connection->lib;
    const unsigned char *protocol = NULL;
    unsigned size = 0;
    if (alpn_offers(connection->ssl, "http/1.1") == ALPN_NOTHING &&
        alpn_offers(lib->SSL_get_SSL_CTX(connection->ssl), "http/1.1") == ALPN_NOTHING) {
        span_copy_text(span_text("http/1.1"), service->alpn, sizeof(service->alpn));
        return;
    }
    lib->SSL_get0_alpn_selected(connection->ssl, &protocol, &size);
    span_copy_text(span_of(protocol, size), service->alpn, sizeof(service->alpn));
}

static bool read_service(const struct connection *connection, struct lesson *lesson)
{
    const struct libssl *lib = connection->lib;
    const SSL_CIPHER *cipher = lib->SSL_get_current_cipher(connection->ssl);
    if (!cipher || !read_chain(connection, lesson))
        return false;
    lesson->service.version = (uint16_t)lib->SSL_version(connection->ssl);
    lesson->service.cipher = lib->SSL_CIPHER_get_protocol_id(cipher);
    read_alpn(connection, &lesson->service);
    return true;
}

/* -- the record ----------------------------------------------------------------------------- */

static bool same_chain(const struct host_service *a, const struct host_service *b)
{
    if (a->chain_count != b->chain_count)
        return false;
    for (unsigned i = 0; i < a->chain_count; i++)
        if (!span_equal(a->chain[i], b->chain[i]))
            return false;
    return true;
}

static bool is_news(const struct lesson *lesson)
{
    const struct host_record *record = &lesson->host.record;
    const struct host_service *known = host_record_service(record, lesson->service.port);
    int64_t newer_ms = lesson->note.resolved_ms - record->resolved_ms;
    return !known || !same_chain(known, &lesson->service) || newer_ms < 0 ||
           newer_ms > RENEW_MS ||
           !contains(record->addresses, record->address_count, &lesson->peer);
}

static void write_record(struct lesson *lesson, bool known)
{
    struct host_record *record = &lesson->host.record;
    if (known && !is_news(lesson))
        return;
    record->address_count = 0;
    for (unsigned i = 0; i < lesson->note.count; i++)
        host_record_add(record, &lesson->note.addresses[i]);
    record->worked = lesson->peer;
    record->resolved_ms = lesson->note.resolved_ms;
    host_record_set(record, &lesson->service);
    known_host_record(&lesson->host);
}

static void learn(struct connection *connection, struct lesson *lesson)
{
    char name[HOST_NAME_SIZE];
    if (!find_peer(connection, lesson))
        return;
    find_name(connection, lesson, name);
    if (!is_direct(lesson, name) || !read_service(connection, lesson))
        return;
    bool known = known_host_find(span_text(name), &lesson->host);
    write_record(lesson, known);
    if (known)
        known_host_free(&lesson->host);
}

static void learn_host(struct connection *connection)
{
    if (connection->learned || !connection->lib->virtual_capable)
        return;
    connection->learned = true;
    struct lesson *lesson = memory_new(sizeof(*lesson));
    if (!lesson)
        return;
    learn(connection, lesson);
    buffer_free(&lesson->certificates);
    memory_free(lesson);
}

void learn_answer(struct connection *connection, struct exchange *exchange)
{
    exchange_commit(exchange, http_response(connection->responses), (struct span){0});
    if (exchange_recorded(exchange))
        learn_host(connection);
}
