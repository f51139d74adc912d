/* SPDX-License-Identifier: MIT */
/* The HTTP server of `preecho serve`: libmicrohttpd with one thread of its own, which answers what
 * the rules make public, and 404 to everything else.
 *
 * Thread class: the functions in the thread that has started it. */
#ifndef TOOLS_SITE_H
#define TOOLS_SITE_H

#include "catalogue.h"

struct site;

struct site_options {
    struct store *store; /* for the server's thread alone, as long as the site */
    struct catalogue *catalogue;
    const char *public_hosts; /* see resource.h */
    int descriptor;           /* that listens; the site closes it */
};

/* 0, EX_UNAVAILABLE, EX_OSERR, after a message. */
MUST_USE int site_open(const struct site_options *options, struct site **out);
/* Ends connections that take too long: to be called about once a second. */
void site_sweep(struct site *site);
/* Takes no more requests, waits some seconds for answers that are on their way, and ends. */
void site_close(struct site *site);

#endif
