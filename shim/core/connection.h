/* SPDX-License-Identifier: MIT */
/* One TLS connection of the host as the OpenSSL level sees it: what the program has
 * written and may not have been sent yet, the requests under way in order, and what is
 * left to be read of answers from the store.
 *
 * Ownership: an object belongs to its SSL object and dies with it (SSL_free, SSL_clear).
 * Its fields are touched by the thread that is inside an SSL_ call on that object only,
 * as OpenSSL demands of its users; the table of all connections has a lock of its own
 * (connection.c). */
#ifndef CORE_CONNECTION_H
#define CORE_CONNECTION_H

#include "claim.h"
#include "descriptor.h"
#include "exchange.h"
#include "http.h"
#include "libssl.h"
#include "serve.h"

#include <errno.h>
#include <uthash.h>

enum connection_state {
    CONNECTION_LIVE, /* a real TLS session; requests are watched */
    CONNECTION_PASS, /* not HTTP/1.1, or not interesting: everything goes straight through
                      */
};

/* What stands behind the program's connection. */
enum link {
    LINK_REAL,    /* the program's own TCP and TLS */
    LINK_VIRTUAL, /* nothing: see virtual.h */
    LINK_TCP,     /* it is being made real, see dial.h */
    LINK_TLS,
};

/* What a turn is. */
enum turn_kind {
    TURN_PLAIN, /* the response comes from upstream, only its framing is followed */
    TURN_MISS,  /* likewise, and it is recorded */
    TURN_HIT,   /* the response comes from the store */
    TURN_NOTE,  /* our own "100 Continue" */
    TURN_WAIT, /* somebody else is asking the same: a hit or a miss, later. The only turn */
};

/* How a hit's pieces become due, with PREECHO_PACE=recorded. */
enum pacing {
    PACING_NONE,   /* all at once */
    PACING_SLEEP,  /* a blocking read waits for the next one */
    PACING_HELPER, /* the program is woken up for each by a helper process */
};

/* A request whose response has not been read to its end. */
struct turn {
    enum turn_kind kind;
    bool head_only;       /* the request was a HEAD */
    bool swallow_interim; /* we have sent the 100 that upstream is going to send, too */
    unsigned failure;     /* status of an answer that a stale one is to replace, else 0 */
    struct exchange *exchange;
    bool shown; /* a partial miss: its answer is no success, and the program's */
    struct buffer
        request; /* wait, partial miss: its bytes, in case they have to be sent */
    bool called; /* wait: a helper's byte has come, by way of a memory BIO */
    enum pacing pacing;
    struct served served; /* hit and note */
    size_t served_at;
    uint64_t start_us; /* when the request was complete */
    uint64_t
        first_us; /* when the program saw the first byte, from start_us; 0 = not yet */
    struct turn *next;
};

/* Where the request that is being written stands. */
enum writing {
    WRITING_START,   /* nothing of it yet */
    WRITING_HEAD,    /* held back until the head is complete */
    WRITING_HELD,    /* a candidate: held back until its body is complete */
    WRITING_OPEN,    /* released: bytes go out as they come */
    WRITING_DROPPED, /* will be denied (replay mode): read to its end, kept nowhere */
};

/* What the last call on this SSL answered when it was not the real function's answer. */
struct answer {
    bool ours;
    int error; /* SSL_ERROR_* */
    int want;  /* SSL_NOTHING, SSL_READING */
};

struct connection {
    uint32_t magic;
    SSL *ssl;
    const struct libssl *lib;
    enum connection_state state;
    unsigned references; /* beyond the first, by SSL_up_ref */
    unsigned generation; /* of the process that it was made in, see core_generation() */
    bool expecting;      /* counted by hello_expect() */
    bool started;        /* the ALPN offer was looked at before the handshake */
    bool checked;        /* the handshake is over and ALPN's result was looked at */
    bool memory_bio;

    enum writing writing;
    struct http_parser *requests;
    struct buffer held;     /* bytes of the request in hand that nobody has seen yet */
    struct buffer outgoing; /* released bytes that the real SSL_write has not taken yet */
    size_t outgoing_at;
    size_t retry; /* size of the call that the program has been asked to repeat */
    struct buffer
        deferred; /* requests written before the answer to an earlier one was read */
    bool noted;   /* the request in hand has been told to continue */
    bool
        confined; /* nothing of the request in hand may be sent (replay mode): not held */
    bool answered;      /* it has been denied before its end */
    enum reason denied; /* WRITING_DROPPED: why */

    struct http_parser *responses;
    struct turn *first;
    struct turn *last;
    struct buffer incoming; /* read from upstream, not yet by the program */
    size_t
        withheld; /* how many of its last bytes are held back while `live` (ssl_stale.c) */
    bool ended;   /* end-of-stream behind a hit that asked for it */
    bool settled;  /* application data has been read from upstream */
    int low_water; /* the socket's own SO_RCVLOWAT while ours is in force, else 0 */

    enum link link;
    struct claim
        *claim;        /* what the program was told of a handshake while there was none */
    struct dial *dial; /* while a connection is being made */
    bool patient;      /* this write may be refused until something has been read */
    bool closed;       /* the program has closed what never was real */
    bool learned;      /* the host's record was looked after */
    bool idle_upstream; /* hits have been served since upstream was last used */

    struct answer answer;
    int host_errno; /* as the host is to find it: as before the call, or as the real call
                       left it */
    struct descriptor descriptor;
    UT_hash_handle hh;
};

/* Calls a real function with the host's errno before and after it. */
#define REAL(connection, call)                                                           \
    __extension__({                                                                      \
        errno = (connection)->host_errno;                                                \
        __typeof__(call) real_result = (call);                                           \
        (connection)->host_errno = errno;                                                \
        real_result;                                                                     \
    })

/* The connection of |ssl|, NULL when there is none. */
struct connection *connection_find(const SSL *ssl);
/* Likewise, and makes one (live). NULL when memory is short or libssl is not understood.
 * |real| is any real function of the copy that |ssl| belongs to; |client|: it is known to
 * be one (before the handshake has begun libssl itself cannot tell). A server's
 * connection passes. */
struct connection *connection_get(SSL *ssl, const void *real, bool client);
/* Ends and frees it: recordings that are not complete are dropped, the descriptor is put
 * back. */
void connection_drop(struct connection *connection);
/* In a forked child: the table's lock may be held by a thread that is not here any more.
 */
void connection_after_fork(void);

/* Stops looking at requests; what is held is released into `outgoing`. */
void connection_pass(struct connection *connection);
/* True when nothing is left that keeps calls from going straight to the real functions.
 */
bool connection_idle_pass(const struct connection *connection);

/* Appends a turn. NULL when memory is short. */
struct turn *connection_push(struct connection *connection, enum turn_kind kind);
/* Microseconds since the turn's request was complete. */
uint64_t turn_elapsed(const struct turn *turn);
/* How many of a hit's or note's bytes are due, and in how many microseconds the next ones
 * are (0 when all are). */
size_t turn_due(const struct turn *turn, uint64_t *next_us);
/* True while the program waits for what somebody else is asking. */
bool connection_waits(const struct connection *connection);
/* Ends the first turn and frees it. */
void connection_pop(struct connection *connection);
/* How many bytes of `incoming` the program may have. */
size_t connection_readable(const struct connection *connection);
/* Bytes from the store that a read would give at once. */
size_t connection_available(const struct connection *connection);
/* Drops what upstream owes: the stream has ended (|clean|: by a close notification). */
void connection_upstream_ended(struct connection *connection, bool clean);

#endif
