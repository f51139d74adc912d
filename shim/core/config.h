/* SPDX-License-Identifier: MIT */
/* The settings, read once when the core is loaded from three files and the environment, later ones
 * winning; immutable afterwards, so no lock. A value that makes no sense switches preecho off and
 * says why in the log. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "api/api.h"
#include "policy.h"

struct embedder;

enum connecting { CONNECTING_VIRTUAL, CONNECTING_REAL };
enum pace { PACE_INSTANT, PACE_RECORDED };
enum log_level { LOG_ERROR, LOG_INFO, LOG_DEBUG };

enum config_layer {
    CONFIG_SYSTEM,      /* /etc/preecho.conf */
    CONFIG_USER,        /* preecho.conf in the configuration directory */
    CONFIG_PROJECT,     /* .preecho.conf, if the user trusts it */
    CONFIG_ENVIRONMENT, /* no file */
};
#define CONFIG_FILES 3

enum config_file_state {
    CONFIG_FILE_ABSENT,
    CONFIG_FILE_READ,
    CONFIG_FILE_UNTRUSTED, /* a project's: `preecho trust` does not know this content */
    CONFIG_FILE_UNSAFE,    /* a project's: somebody else could have written it */
};

struct config_file {
    char *path; /* NULL: none */
    enum config_file_state state;
};

#define CONFIG_PROBLEM 320

struct config {
    enum mode mode; /* of the process: off and replay hold for all of it */
    enum scope scope;
    enum connecting connecting;
    enum pace pace;
    enum log_level log_level;
    struct policy policy; /* what holds where no rule says otherwise */
    uint8_t
        keying[32]; /* a digest of all rules that shape keys; zeroes: there are none */
    struct embedder *embedder; /* where embeddings are asked for; NULL = nowhere */
    char *tenant;              /* a label, "" by default */
    char *log;                 /* a file, NULL = no log */
    char *hosts;               /* comma-separated host[:port], "" by default */
    char *store;      /* the setting, or $XDG_CACHE_HOME/preecho, or ~/.cache/preecho */
    char *directory;  /* $XDG_CONFIG_HOME/preecho, or ~/.config/preecho */
    char *repository; /* the root of the one that the process began in; NULL = none */
    char *run;        /* GITHUB_RUN_ID, "" = none */
    char *launch;     /* PREECHO_RUN: which `run --summary` it belongs to, "" = none */
    bool tested;      /* PYTEST_CURRENT_TEST was set when the process began */
    char problem[CONFIG_PROBLEM]; /* why mode is off although nobody asked for it; "" = no
                                     problem */

    /* The rest is read through policy.h and config_rules.h. */
    struct config_file files[CONFIG_FILES];
    struct buffer texts, assignments, sections, terms;
    bool ignores; /* some rule says what not to ask about */
};

/* Reads the files and the environment, that through |get| (getenv, or a test's). 0, or -1 when memory
 * is short. A nonsensical value is no failure: mode becomes MODE_OFF and |problem| tells. */
MUST_USE int config_read(struct config *config, const char *(*get)(const char *name));
void config_free(struct config *config);

/* The same, and tells |report| all problems ("FILE:LINE: ..."). |file|, unless NULL, is read instead
 * of those that apply, whoever owns it. */
typedef void config_report(void *context, const char *problem);
MUST_USE int config_check(struct config *config, const char *(*get)(const char *name),
                          const char *file, config_report *report, void *context);

/* True when the dialect tables (for ports 80 and 443) or the hosts setting name this host.
 * |port| 0: not known yet, any will do. */
bool config_known_host(const struct config *config, struct span host, uint16_t port);

/* What rules may ask of |request| as far as its head tells it, sent by |program| (may be empty).
 * Dialect, operation and model are the caller's to fill in. */
struct policy_facts config_facts(const struct config *config,
                                 const struct request *request, struct span program);

#endif
