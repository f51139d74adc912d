/* SPDX-License-Identifier: MIT */
/* The epoll sets that hold a descriptor. epoll is keyed by (number, open file): before
 * another file takes the number every registration has to be removed, and added again
 * afterwards. They are read from /proc/self/fdinfo, since newer libuv registers through
 * io_uring, where no hook sees it. Any thread; not for signals. */
#ifndef CORE_REGISTRATION_H
#define CORE_REGISTRATION_H

#include "store/bytes.h"

#include <sys/epoll.h>

#define REGISTRATIONS 8

struct registration {
    int set; /* the epoll descriptor */
    struct epoll_event event;
};

struct registrations {
    struct registration at[REGISTRATIONS];
    unsigned count;
};

/* |created| counts the epoll sets that the process has made, kept by the stub; NULL when
 * nobody counts. While it stands still the sets are the ones that the last look at /proc
 * found. */
void registrations_start(_Atomic unsigned *created);
void registrations_after_fork(void);

/* Removes |fd| from every epoll set of the process and notes how it stood there. False
 * when there are more sets than fit, or one cannot be read; then nothing has been
 * changed. */
MUST_USE bool registrations_remove(struct registrations *registrations, int fd);
/* True when |fd| stands in a set, or that cannot be told. */
MUST_USE bool registrations_any(int fd);
/* Adds |fd| (whatever file it is now) to the same sets with the same events and data.
 * False when the kernel refused one. */
bool registrations_restore(const struct registrations *registrations, int fd);

/* Pure: looks for |fd| in the text of an epoll set's fdinfo. 1 found, 0 not there. */
int registration_parse(struct span text, int fd, struct epoll_event *event);

#endif
