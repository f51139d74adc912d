/* SPDX-License-Identifier: MIT */
/* Making connections: one address after the other, then the handshake. */
#include "dial.h"

#include "connect_error.h"
#include "core.h"
#include "dial_helper.h"
#include "ssl_level.h"
#include "store/memory.h"
#include "store/uncancelled.h"
#include "wake.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

struct dial {
    struct host_address addresses[HOST_ADDRESSES + 2]; /* in the order of trying */
    unsigned count, next;
    uint16_t port;
    int fd;            /* on its way, -1 = none; owned unless it is the kept socket */
    bool placed;       /* it has the program's number */
    bool helped;       /* a helper waits for it */
    int error;         /* of the first address that failed */
    bool failed;       /* all have, or it was not the server that was meant */
    X509 *certificate; /* only this one will do; NULL: what the claim allows */
};

/* -- sockets ------------------------------------------------------------------------------- */

static void copy_option(int from, int to, int level, int name)
{
    char value[sizeof(struct timeval)];
    socklen_t size = sizeof(value);
    if (getsockopt(from, level, name, value, &size) == 0)
        setsockopt(to, level, name, value, size);
}

void dial_copy_options(int from, int to)
{
    static const struct {
        int level, name;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE},  {SOL_SOCKET, SO_RCVTIMEO},
        {SOL_SOCKET, SO_SNDTIMEO},   {IPPROTO_TCP, TCP_NODELAY},
        {IPPROTO_TCP, TCP_KEEPIDLE}, {IPPROTO_TCP, TCP_KEEPINTVL},
        {IPPROTO_TCP, TCP_KEEPCNT},  {IPPROTO_TCP, TCP_USER_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        copy_option(from, to, options[i].level, options[i].name);
    int flags = fcntl(from, F_GETFL);
    if (flags >= 0)
        (void)fcntl(to, F_SETFL, flags);
}

static int family_of(int fd)
{
    int family = AF_UNSPEC;
    socklen_t size = sizeof(family);
    (void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
    return family;
}

/* The socket that the program had. */
static int program_socket(const struct connection *connection)
{
    const struct descriptor *descriptor = &connection->descriptor;
    if (descriptor->stand_in)
        return virtual_kept(descriptor->stand_in);
    return descriptor_valid(descriptor) ? descriptor->number : -1;
}

/* That one, if nobody else can be using it: a child's parent may. */
static int own_socket(const struct connection *connection)
{
    const struct virtual_socket *socket = connection->descriptor.stand_in;
    return socket && socket->generation != core_generation() ? -1
                                                             : program_socket(connection);
}

/* A socket for |family|: the program's own where that fits, else one like it. */
static int socket_for(const struct connection *connection, int family)
{
    int own = own_socket(connection), like = program_socket(connection);
    if (own >= 0 && family_of(own) == family)
        return own;
    int low = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = low < 0 ? -1 : carrier_high(low);
    if (low >= 0)
        close(low);
    if (fd >= 0 && like >= 0)
        dial_copy_options(like, fd);
    return fd;
}

static socklen_t socket_address(const struct dial *dial,
                                const struct host_address *address,
                                struct sockaddr_storage *out)
{
    *out = (struct sockaddr_storage){0};
    if (address->family == 4) {
        struct sockaddr_in *in = (void *)out;
        in->sin_family = AF_INET;
        in->sin_port = htons(dial->port);
        memcpy(&in->sin_addr, address->bytes, 4);
        return sizeof(*in);
    }
    struct sockaddr_in6 *in6 = (void *)out;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(dial->port);
    memcpy(&in6->sin6_addr, address->bytes, 16);
    return sizeof(*in6);
}

/* -- the order of trying ---------------------------------------------------------------------- */

static void add(struct dial *dial, const struct host_address *address)
{
    for (unsigned i = 0; i < dial->count; i++)
        if (host_address_equal(&dial->addresses[i], address))
            return;
    if (address->family && dial->count < HOST_ADDRESSES + 2)
        dial->addresses[dial->count++] = *address;
}

/* The program would have gone on to the next address if one had not answered, but it
 * believes that its first one did. So the one that has worked before goes first. */
static void add_record(struct dial *dial, const struct host_record *record,
                       const struct host_address *wanted)
{
    for (unsigned i = 0; i < record->address_count; i++)
        if (host_address_equal(&record->addresses[i], &record->worked))
            add(dial, &record->worked);
    add(dial, wanted);
    for (unsigned i = 0; i < record->address_count; i++)
        add(dial, &record->addresses[i]);
}

static void add_addresses(struct dial *dial, const struct connection *connection)
{
    const struct virtual_socket *socket = connection->descriptor.stand_in;
    struct host_address wanted;
    struct known_host *host = memory_new(sizeof(*host));
    if (!host_address_of((const struct sockaddr *)&socket->peer, socket->peer_size,
                         &wanted, &dial->port))
        wanted.family = 0;
    if (host && connection->claim &&
        known_host_find(span_text(connection->claim->name), host)) {
        add_record(dial, &host->record, &wanted);
        known_host_free(host);
    }
    memory_free(host);
    add(dial, &wanted);
}

static struct dial *dial_new(struct connection *connection)
{
    struct dial *dial = memory_new(sizeof(*dial));
    if (!dial)
        return NULL;
    dial->fd = -1;
    connection->dial = dial;
    connection->link = LINK_TCP;
    return dial;
}

bool dial_begin(struct connection *connection)
{
    struct dial *dial = dial_new(connection);
    if (!dial)
        return false;
    if (ssl_confined(connection)) {
        dial->failed = true;
        dial->error = ECONNREFUSED;
    } else {
        add_addresses(dial, connection);
    }
    return true;
}

bool dial_again(struct connection *connection, X509 *certificate)
{
    struct dial *dial = dial_new(connection);
    if (!dial)
        return false;
    dial->certificate = certificate;
    dial->fd = connection->descriptor.number;
    dial->placed = true;
    return true;
}

void dial_forget(struct connection *connection)
{
    struct dial *dial = connection->dial;
    if (!dial)
        return;
    if (dial->certificate)
        connection->lib->X509_free(dial->certificate);
    if (dial->fd >= 0 && !dial->placed && dial->fd != own_socket(connection))
        close(dial->fd);
    memory_free(dial);
    connection->dial = NULL;
}

/* -- TCP -------------------------------------------------------------------------------------- */

static int refuse(struct connection *connection, int error)
{
    connection->answer = (struct answer){true, SSL_ERROR_SYSCALL, SSL_NOTHING};
    connection->host_errno = error;
    return -1;
}

static int wait_for(struct connection *connection, int error, int want)
{
    connection->answer = (struct answer){true, error, want};
    return -1;
}

/* This address leads nowhere. */
static void give_up(struct connection *connection, int error)
{
    struct dial *dial = connection->dial;
    if (dial->error == 0)
        dial->error = error;
    if (dial->fd >= 0 && !dial->placed && dial->fd != own_socket(connection))
        close(dial->fd);
    dial->fd = -1;
    dial->helped = false;
}

/* Without any network the resolver could not tell more either. */
static bool is_offline(int error)
{
    return error == ENETUNREACH || error == ENETDOWN || error == EHOSTUNREACH;
}

/* 1: an expired answer stands in. With a memory BIO the program reads the error from its descriptor, as it would have done
 * without us, and here only if it comes back with that. */
static int fail(struct connection *connection)
{
    struct dial *dial = connection->dial;
    struct virtual_socket *socket = connection->descriptor.stand_in;
    if (!dial->failed && connection->claim && !is_offline(dial->error))
        known_host_doubt(span_text(connection->claim->name));
    dial->failed = true;
    if (ssl_serve_stale(connection))
        return 1;
    if (!connection->memory_bio || !socket || atomic_load(&socket->told))
        return refuse(connection, dial->error);
    virtual_fail(socket, dial->error);
    return wait_for(connection, SSL_ERROR_WANT_READ, SSL_READING);
}

/* The ClientHello that the program has sent to nobody. */
static void take_hello(const struct connection *connection, struct buffer *hello)
{
    const struct carrier *carrier = &connection->descriptor.stand_in->carrier;
    ssize_t got = 1;
    while (got > 0) {
        uint8_t *room = buffer_room(hello, 4096);
        got = room ? recv(carrier->far, room, 4096, MSG_DONTWAIT) : -1;
        if (got > 0)
            hello->size += (size_t)got;
    }
}

/* The program's number leads to |fd| from now on. */
static bool place(struct connection *connection)
{
    struct dial *dial = connection->dial;
    struct descriptor *descriptor = &connection->descriptor;
    int fd = dial->fd, own = own_socket(connection);
    bool done = descriptor->stand_in ? descriptor_realize(descriptor, fd)
                                     : descriptor_replace(descriptor, fd);
    if (!done)
        return false;
    if (fd != own)
        close(fd);
    dial->fd = descriptor->number;
    dial->placed = true;
    return true;
}

/* TCP is connected. A fresh socket takes a ClientHello without waiting. */
static bool begin_tls(struct connection *connection)
{
    struct buffer hello = {0};
    if (connection->memory_bio && connection->descriptor.stand_in) {
        wake_drain(connection);
        take_hello(connection, &hello);
    }
    bool good = buffer_ok(&hello) && (connection->dial->placed || place(connection));
    if (good && hello.size)
        good = send(connection->descriptor.number, hello.at, hello.size,
                    MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)hello.size;
    buffer_free(&hello);
    if (good)
        connection->link = LINK_TLS;
    return good;
}

/* Sets the next address out. False: there is none left. */
static bool start_next(struct connection *connection)
{
    struct dial *dial = connection->dial;
    struct sockaddr_storage to;
    if (dial->next == dial->count)
        return false;
    const struct host_address *address = &dial->addresses[dial->next++];
    socklen_t size = socket_address(dial, address, &to);
    dial->fd = socket_for(connection, to.ss_family);
    dial->placed = dial->fd == connection->descriptor.number;
    if (dial->fd < 0) {
        give_up(connection, errno);
        return true;
    }
    if (!dial->placed)
        descriptor_copy_flags(connection->descriptor.number, dial->fd);
    if (connect(dial->fd, (struct sockaddr *)&to, size) != 0 && errno != EINPROGRESS)
        give_up(connection, errno);
    else if (!connection->memory_bio && !dial->placed && !place(connection))
        give_up(connection, ECONNABORTED);
    return true;
}

/* 1: connected; 0: not yet; -1: this address has failed. */
static int look(struct connection *connection)
{
    int error = 0, fd = connection->dial->fd;
    socklen_t size = sizeof(error);
    struct pollfd entry = {fd, POLLOUT, 0};
    if (poll(&entry, 1, 0) == 0)
        return 0;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error)
        give_up(connection, error);
    return error ? -1 : 1;
}

/* The program is to come back when the socket is connected. Without a helper there is only
 * waiting here. */
static int wait_for_socket(struct connection *connection)
{
    struct dial *dial = connection->dial;
    bool blocking = !(fcntl(connection->descriptor.number, F_GETFL) & O_NONBLOCK);
    if (!blocking && !connection->memory_bio)
        return wait_for(connection, SSL_ERROR_WANT_WRITE, SSL_WRITING);
    if (!blocking && !dial->helped)
        dial->helped = dial_helper_start(connection->descriptor.carrier->far, dial->fd);
    if (dial->helped)
        return wait_for(connection, SSL_ERROR_WANT_READ, SSL_READING);
    struct pollfd entry = {dial->fd, POLLOUT, 0};
    (void)poll(&entry, 1, -1);
    return 0;
}

/* 1 once TCP is connected; else what the program's call has to return. */
static int step_tcp(struct connection *connection)
{
    UNCANCELLED;
    struct dial *dial = connection->dial;
    if (dial->failed)
        return fail(connection);
    for (;;) {
        if (dial->fd < 0 && !start_next(connection))
            return fail(connection);
        int connected = dial->fd < 0 ? -1 : look(connection);
        int result = connected == 0 ? wait_for_socket(connection) : 0;
        if (result < 0)
            return result;
        if (connected == 1)
            return begin_tls(connection) ? 1 : refuse(connection, ECONNABORTED);
    }
}

/* -- TLS --------------------------------------------------------------------------------------- */

static void no_news(const SSL *ssl, int where, int result)
{
    (void)ssl;
    (void)where;
    (void)result;
}

/* The program has been told already that a handshake began and ended. */
static int shake_hands(struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    if (!connection->claim)
        return REAL(connection, lib->SSL_do_handshake(connection->ssl));
    info_callback *own = lib->SSL_get_info_callback(connection->ssl);
    lib->SSL_set_info_callback(connection->ssl, no_news);
    int done = REAL(connection, lib->SSL_do_handshake(connection->ssl));
    lib->SSL_set_info_callback(connection->ssl, own);
    return done;
}

/* The program may have checked the certificate itself, after its own handshake. */
static bool is_right(const struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    const X509 *wanted = connection->dial->certificate;
    if (!wanted)
        return !connection->claim || claim_holds(connection->claim, connection->ssl);
    X509 *certificate = lib->SSL_get1_peer_certificate(connection->ssl);
    bool same = certificate && lib->X509_cmp(certificate, wanted) == 0;
    lib->X509_free(certificate);
    return same;
}

/* A program that looks at the result of the verification itself (Node.js) has done so when
 * there was only a claim. */
static int refuse_server(struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    if (lib->SSL_get_verify_result(connection->ssl) == X509_V_OK ||
        !connect_error_put_unverified(lib))
        return refuse(connection, ECONNRESET);
    connection->answer = (struct answer){true, SSL_ERROR_SSL, SSL_NOTHING};
    return -1;
}

/* A refusal is for good: whatever call comes next, nothing is sent to that server. */
static int step_tls(struct connection *connection)
{
    if (connection->dial->failed)
        return refuse_server(connection);
    int done = shake_hands(connection);
    bool broken = done <= 0 && connection->lib->SSL_get_error(connection->ssl, done) ==
                                   SSL_ERROR_SYSCALL;
    if (broken && ssl_serve_stale(connection))
        return 1;
    if (done <= 0)
        return done;
    connection->dial->failed = !is_right(connection);
    if (connection->dial->failed)
        return refuse_server(connection);
    dial_forget(connection);
    connection->link = LINK_REAL;
    return 1;
}

int dial_step(struct connection *connection)
{
    int done = 1;
    if (connection->link == LINK_TCP)
        done = step_tcp(connection);
    if (done == 1 && connection->link == LINK_TLS)
        done = step_tls(connection);
    return done;
}
