/* SPDX-License-Identifier: MIT */
/* Claims. The verification follows RFC 5280 as libssl has libcrypto do it in a handshake. */
#include "claim.h"

#include "alpn.h"
#include "placeholder.h"
#include "store/lock.h"
#include "store/memory.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#define EXCLUDED 256

/* -- contexts that verify by themselves ------------------------------------------------- */

/* Guards the list; a leaf lock. Nothing leaves the list: a context that gets a freed one's
 * address has real connections, which does no harm. A full list excludes all. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const SSL_CTX *excluded[EXCLUDED];
static unsigned excluded_count;

static bool is_excluded(const SSL_CTX *ctx)
{
    pthread_mutex_lock(&lock);
    bool found = excluded_count == EXCLUDED;
    for (unsigned i = 0; i < excluded_count && !found; i++)
        found = excluded[i] == ctx;
    pthread_mutex_unlock(&lock);
    return found;
}

void claim_exclude(const SSL_CTX *ctx)
{
    if (is_excluded(ctx))
        return;
    pthread_mutex_lock(&lock);
    if (excluded_count < EXCLUDED)
        excluded[excluded_count++] = ctx;
    pthread_mutex_unlock(&lock);
}

void claim_after_fork(void)
{
    if (!lock_after_fork(&lock))
        excluded_count = EXCLUDED;
}

/* -- certificates ------------------------------------------------------------------------ */

static void free_stack(const struct libssl *lib, STACK_OF(X509) * stack)
{
    if (stack)
        lib->OPENSSL_sk_pop_free((OPENSSL_STACK *)stack,
                                 (OPENSSL_sk_freefunc)lib->X509_free);
}

static X509 *first_of(const struct libssl *lib, const STACK_OF(X509) * stack)
{
    return lib->OPENSSL_sk_value((const OPENSSL_STACK *)stack, 0);
}

static bool read_chain(struct claim *claim, const struct host_service *service)
{
    const struct libssl *lib = claim->lib;
    claim->chain = (STACK_OF(X509) *)lib->OPENSSL_sk_new_null();
    for (unsigned i = 0; claim->chain && i < service->chain_count; i++) {
        const unsigned char *at = service->chain[i].at;
        X509 *one = lib->d2i_X509(NULL, &at, (long)service->chain[i].size);
        if (!one)
            return false;
        if (lib->OPENSSL_sk_push((OPENSSL_STACK *)claim->chain, one) <= 0) {
            lib->X509_free(one);
            return false;
        }
    }
    X509 *first = claim->chain ? first_of(lib, claim->chain) : NULL;
    if (!first || !lib->X509_up_ref(first))
        return false;
    claim->certificate = first;
    return true;
}

/* The program's store, parameters, callback; as at the end of a handshake. */
static bool prepare(X509_STORE_CTX *context, SSL *ssl, const struct claim *claim)
{
    const struct libssl *lib = claim->lib;
    X509_STORE *store = NULL;
    if (lib->SSL_ctrl(ssl, SSL_CTRL_GET_VERIFY_CERT_STORE, 0, &store) <= 0 || !store)
        store = lib->SSL_CTX_get_cert_store(lib->SSL_get_SSL_CTX(ssl));
    if (!lib->X509_STORE_CTX_init(context, store, claim->certificate, claim->chain))
        return false;
    X509_VERIFY_PARAM *parameters = lib->X509_STORE_CTX_get0_param(context);
    lib->X509_VERIFY_PARAM_set_auth_level(parameters, lib->SSL_get_security_level(ssl));
    SSL_verify_cb callback = lib->SSL_get_verify_callback(ssl);
    if (!lib->X509_STORE_CTX_set_ex_data(
            context, lib->SSL_get_ex_data_X509_STORE_CTX_idx(), ssl) ||
        !lib->X509_STORE_CTX_set_default(context, "ssl_server") ||
        !lib->X509_VERIFY_PARAM_set1(parameters, lib->SSL_get0_param(ssl)))
        return false;
    if (callback)
        lib->X509_STORE_CTX_set_verify_cb(context, callback);
    return true;
}

/* False: the program's settings refuse the server. */
static bool verify(struct claim *claim, SSL *ssl)
{
    const struct libssl *lib = claim->lib;
    X509_STORE_CTX *context = lib->X509_STORE_CTX_new();
    bool good = context && prepare(context, ssl, claim);
    if (good) {
        int passed = lib->X509_verify_cert(context);
        claim->verify_result = lib->X509_STORE_CTX_get_error(context);
        claim->verified = lib->X509_STORE_CTX_get1_chain(context);
        good = passed > 0 || lib->SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE;
    }
    if (context)
        lib->X509_STORE_CTX_free(context);
    return good;
}

/* -- the rest of the handshake -------------------------------------------------------------- */

/* The program may have narrowed the versions since, or other than who recorded. */
static bool take_version(struct claim *claim, SSL *ssl,
                         const struct host_service *service)
{
    const struct libssl *lib = claim->lib;
    long least = lib->SSL_ctrl(ssl, SSL_CTRL_GET_MIN_PROTO_VERSION, 0, NULL);
    long most = lib->SSL_ctrl(ssl, SSL_CTRL_GET_MAX_PROTO_VERSION, 0, NULL);
    const unsigned char id[2] = {(unsigned char)(service->cipher >> 8),
                                 (unsigned char)service->cipher};
    claim->version = service->version;
    claim->cipher = lib->SSL_CIPHER_find(ssl, id);
    return claim->cipher && (least <= 0 || claim->version >= least) &&
           (most <= 0 || claim->version <= most);
}

/* False: the program asks for other protocols than HTTP/1.1. */
static bool take_alpn(struct claim *claim, SSL *ssl, const struct host_service *service)
{
    enum alpn_offer offer = alpn_offers(ssl, "http/1.1");
    if (offer == ALPN_NOTHING)
        offer = alpn_offers(claim->lib->SSL_get_SSL_CTX(ssl), "http/1.1");
    if (offer == ALPN_OFFERED)
        span_copy_text(span_text(service->alpn), claim->alpn, sizeof(claim->alpn));
    return offer != ALPN_OTHERS && !span_is(span_text(claim->alpn), "h2");
}

static bool take(struct claim *claim, SSL *ssl, const struct host_service *service)
{
    return take_version(claim, ssl, service) && take_alpn(claim, ssl, service) &&
           read_chain(claim, service);
}

/* Nobody's certificate: there is nothing to be verified. */
static bool take_placeholder(struct claim *claim, SSL *ssl, uint16_t port)
{
    struct host_service service;
    struct buffer certificate = {0};
    placeholder_service(span_text(claim->name), port, &service, &certificate);
    claim->verify_result = X509_V_OK;
    bool good = buffer_ok(&certificate) && take(claim, ssl, &service);
    buffer_free(&certificate);
    return good;
}

static bool fill(struct claim *claim, SSL *ssl, struct span name, uint16_t port)
{
    struct known_host *host = memory_new(sizeof(*host));
    if (!host)
        return false;
    bool known = known_host_find(name, host);
    const struct host_service *service =
        known ? host_record_service(&host->record, port) : NULL;
    memcpy(claim->name, host->name, sizeof(claim->name));
    bool good = service ? take(claim, ssl, service) && verify(claim, ssl)
                        : placeholder_wanted(span_text(claim->name)) &&
                              take_placeholder(claim, ssl, port);
    if (known)
        known_host_free(host);
    memory_free(host);
    return good;
}

/* A client certificate says who asks; only the server's asking brings it out. */
static bool may_claim(SSL *ssl, const struct libssl *lib)
{
    SSL_CTX *ctx = lib->SSL_get_SSL_CTX(ssl);
    return lib->virtual_capable && !is_excluded(ctx) && !lib->SSL_get_certificate(ssl) &&
           !lib->SSL_CTX_get_client_cert_cb(ctx);
}

struct claim *claim_new(SSL *ssl, const struct libssl *lib, struct span name,
                        uint16_t port)
{
    struct claim *claim = may_claim(ssl, lib) ? memory_new(sizeof(*claim)) : NULL;
    if (!claim)
        return NULL;
    claim->lib = lib;
    lib->ERR_set_mark();
    bool good = fill(claim, ssl, name, port);
    lib->ERR_pop_to_mark();
    if (good) {
        lib->SSL_set_verify_result(ssl, claim->verify_result);
        return claim;
    }
    claim_free(claim);
    return NULL;
}

void claim_free(struct claim *claim)
{
    if (!claim)
        return;
    if (claim->lib) {
        claim->lib->X509_free(claim->certificate);
        free_stack(claim->lib, claim->chain);
        free_stack(claim->lib, claim->verified);
    }
    memory_free(claim);
}

static bool names_host(const struct claim *claim, X509 *certificate)
{
    return claim->lib->X509_check_host(certificate, claim->name, 0, 0, NULL) == 1 ||
           claim->lib->X509_check_ip_asc(certificate, claim->name, 0) == 1;
}

bool claim_holds(const struct claim *claim, const SSL *ssl)
{
    const struct libssl *lib = claim->lib;
    long result = lib->SSL_get_verify_result(ssl);
    if ((result == X509_V_OK) != (claim->verify_result == X509_V_OK))
        return false;
    X509 *certificate = lib->SSL_get1_peer_certificate(ssl);
    if (!certificate)
        return false;
    bool holds = lib->X509_cmp(certificate, claim->certificate) == 0 ||
                 (lib->SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE &&
                  result == X509_V_OK && names_host(claim, certificate));
    lib->X509_free(certificate);
    return holds;
}
