/* SPDX-License-Identifier: MIT */
/* Sockets whose connect(2) was answered by us: the program holds the near end of a
 * loopback pair, we hold the far end and the socket that the program had. Nothing has
 * been sent anywhere.
 *
 * A socket begins FRESH. When a ClientHello that libssl has made passes, it becomes HELLO
 * (memory BIOs); when its TLS connection is found, BOUND: then the connection decides
 * what becomes of it. Whatever else passes through a FRESH one makes it real on the spot:
 * somebody speaks who is not libssl.
 *
 * Thread class: virtual_any(), virtual_find() and the reading of what they give are
 * lock-free and async-signal-safe; the rest any thread, not for signals. Objects are
 * never freed, only used again; a number that the program has closed or reused is told by
 * device and inode. */
#ifndef CORE_VIRTUAL_H
#define CORE_VIRTUAL_H

#include "carrier.h"
#include "store/bytes.h"

#include <stdatomic.h>
#include <sys/socket.h>

enum virtual_phase {
    VIRTUAL_NONE,
    VIRTUAL_FRESH,
    VIRTUAL_HELLO,
    VIRTUAL_BOUND,
    VIRTUAL_FAILED, /* every use of the number tells `error` */
};

struct virtual_socket {
    _Atomic int phase;
    int number;             /* the program's */
    struct carrier carrier; /* its near end is the number itself */
    int kept;               /* the program's own socket */
    dev_t kept_device;
    ino_t kept_inode;
    int error;
    _Atomic bool told;   /* the program has met the error at its descriptor */
    unsigned generation; /* of the process that made it, see core_generation() */
    struct sockaddr_storage peer;
    socklen_t peer_size;
    struct virtual_socket *next;
};

/* True while there is any. */
bool virtual_any(void);
/* The one that |fd| is now, or NULL. Keeps errno. */
struct virtual_socket *virtual_find(int fd);

/* The program's own socket, -1 when its number has become another file's. Keeps errno. */
int virtual_kept(const struct virtual_socket *socket);

/* Makes |fd|, a TCP socket that was not connected so far, virtual. False: it is as it was.
 */
MUST_USE bool virtual_open(int fd, const struct sockaddr *to, socklen_t size);
/* A TLS connection takes it: from now on it belongs to that one. False: another has. */
MUST_USE bool virtual_bind(struct virtual_socket *socket);
/* Connects |fd| in earnest, since the program is not using libssl on it. 0; -1 and errno
 * (EAGAIN: under way on a non-blocking socket; ECONNREFUSED: never, in replay mode). */
MUST_USE int virtual_realize(struct virtual_socket *socket);
/* From now on every use of the number fails with |error|; who waits for it is woken up. */
void virtual_fail(struct virtual_socket *socket, int error);
/* The number has another file, or nobody uses it any more: closes far end and kept
 * socket. For the owner alone. */
void virtual_end(struct virtual_socket *socket);
/* Ends those that the program has closed without ever using them for TLS: nobody else would
 * notice. */
void virtual_collect(void);
/* In a forked child. */
void virtual_after_fork(void);

#endif
