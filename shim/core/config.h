/* SPDX-License-Identifier: MIT */
/* The settings, read once from the environment when the core is loaded; immutable
 * afterwards, so no lock. A value that makes no sense switches preecho off and says why
 * in the log. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "api/api.h"
#include "policy.h"

enum connecting { CONNECTING_VIRTUAL, CONNECTING_REAL };
enum pace { PACE_INSTANT, PACE_RECORDED };
enum log_level { LOG_ERROR, LOG_INFO, LOG_DEBUG };

struct config {
    enum mode mode; /* PREECHO_MODE, of the process: off and replay hold for all of it */
    enum scope scope;           /* PREECHO_SCOPE: credential (default), tenant, user */
    enum connecting connecting; /* PREECHO_CONNECT: virtual (default), real */
    enum pace pace;             /* PREECHO_PACE: instant (default), recorded */
    enum log_level log_level;   /* PREECHO_LOG_LEVEL: error, info (default), debug */
    struct policy policy;       /* what holds where no rule says otherwise */
    uint8_t
        keying[32];  /* a digest of all rules that shape keys; zeroes: there are none */
    char *tenant;    /* PREECHO_TENANT: a label, "" by default */
    char *log;       /* PREECHO_LOG: a file, NULL = no log */
    char *hosts;     /* PREECHO_HOSTS: comma-separated host[:port], "" by default */
    char *store;     /* PREECHO_STORE, or $XDG_CACHE_HOME/preecho, or ~/.cache/preecho */
    char *directory; /* $XDG_CONFIG_HOME/preecho, or ~/.config/preecho */
    char problem[160]; /* why mode is off although nobody asked for it; "" = no problem */
};

/* Reads the environment through |get| (getenv, or a test's). 0, or -1 when memory is
 * short. A nonsensical value is no failure: mode becomes MODE_OFF and |problem| tells. */
MUST_USE int config_read(struct config *config, const char *(*get)(const char *name));
void config_free(struct config *config);

/* True when the dialect tables (for ports 80 and 443) or PREECHO_HOSTS name this host.
 * |port| 0: not known yet, any will do. */
bool config_known_host(const struct config *config, struct span host, uint16_t port);

#endif
