/* SPDX-License-Identifier: MIT */
/* Can preecho reach a program, and how is that known? Judged from files alone; nothing is
 * run. What only shows at run time (a module chosen by a script, a program that starts
 * another) is said to be unknown rather than guessed. One thread. */
#ifndef TOOLS_REACH_H
#define TOOLS_REACH_H

#include "obstacle.h"
#include "tls.h"

enum reach_verdict {
    REACH_YES,    /* its TLS or HTTP library is one whose functions preecho replaces */
    REACH_NO,     /* it is known that it cannot be reached */
    REACH_UNKNOWN /* no TLS seen in the program itself: what it loads or starts decides */
};

struct reach {
    enum reach_verdict verdict;
    char *program;       /* the file that was judged, interpreters of scripts followed */
    char *reason;        /* one clause without a full stop */
    struct buffer facts; /* lines: what was seen on the way; may be empty */
    char *script;        /* the script that was asked about, or NULL */
    char *started;       /* the file that is started, before links were followed */
    enum obstacle obstacle;
    enum tls_kind tls;          /* whose TLS */
    char *library;              /* the libssl in question: "libssl.so.3"; or NULL */
    bool by_libssl, by_libcurl; /* which of the hooks would see its calls */
    struct buffer
        parts; /* lines: parts of it that cannot be reached, see reach_parts() */
};

/* The file that execvp(3) would run for |name|, to be freed; NULL with errno. */
MUST_USE char *reach_find(const char *name);
/* Judges the program |path|. 0; -1 with errno when it cannot be read. Free in both cases.
 */
MUST_USE int reach_judge(const char *path, struct reach *out);
/* Looks further, at what takes longer: the TLS of a program that cannot be preloaded, and parts
 * that bring their own: packages of Python with TLS inside, programs inside packages of npm. */
void reach_look_further(struct reach *reach);
/* What can be done about what is out of reach, in whole sentences; NULL: nothing needs to be.
 * Static: the same text for the same case. */
const char *reach_advice(const struct reach *reach);
void reach_free(struct reach *reach);

/* Adds one line to |facts|. */
void reach_fact(struct reach *reach, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
