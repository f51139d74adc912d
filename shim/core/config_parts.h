/* SPDX-License-Identifier: MIT */
/* What the files behind config.h share: the reading, and sections with their terms. */
#ifndef CORE_CONFIG_PARTS_H
#define CORE_CONFIG_PARTS_H

#include "config_rules.h"

#define CONFIG_FILE_LIMIT ((size_t)64 << 10)
/* Of `ignore` and `ignore_text` each. */
#define CONFIG_IGNORED_LIMIT 16

enum fact {
    FACT_HOST,
    FACT_PATH,
    FACT_DIALECT,
    FACT_OPERATION,
    FACT_MODEL,
    FACT_PROGRAM,
    FACT_TENANT,
    FACT_COUNT
};
#define FACT_WORDS "host path dialect operation model program tenant"

struct term {
    uint16_t fact; /* enum fact */
    uint16_t port; /* of a host, 0: any */
    struct config_text pattern;
};

struct section {
    struct config_text text;
    uint32_t first_term;
    uint16_t term_count;
    bool whole; /* nothing but program= and tenant=: known when a process begins */
};

typedef const char *config_get(const char *name);

/* A configuration that is being read. */
struct reader {
    struct config *config;
    config_get *get;
    config_report *report; /* may be NULL */
    void *context;
    enum config_layer layer;
    unsigned line;
    bool in_section; /* also in one that is not understood */
    unsigned section;
    bool failed; /* memory is short */
};

/* -- config_reader.c ------------------------------------------------------------------- */

/* Switches preecho off and keeps the first problem. |what| begins with a verb, about |name| (a key, a
 * variable, or "" for the whole line); |nearest|: what may have been meant, or empty. */
void reader_report(struct reader *reader, const char *name, const char *what,
                   struct span nearest);
/* Keeps a text. Sets |failed| when it cannot. */
struct config_text reader_keep(struct reader *reader, struct span text);
/* Takes one value over, from wherever |layer| says. */
void reader_set(struct reader *reader, enum setting_id id, struct span value);
/* Takes over what the environment says. */
void reader_environment(struct reader *reader);

/* -- config_file.c --------------------------------------------------------------------- */

/* Reads a layer's file into |out|. NULL: it is there and sound, or absent (|*absent|); otherwise what
 * is wrong: static. |owner|: who has to own it, (uid_t)-1: anybody. */
MUST_USE const char *config_file_read(const char *path, unsigned owner,
                                      struct buffer *out, bool *absent);
/* Takes over all values of |content|, which is |reader->layer|'s file. */
void config_file_parse(struct reader *reader, struct span content);

/* -- config_section.c ------------------------------------------------------------------ */

/* Begins the section that |line| ("[match ...]") opens. */
void reader_section(struct reader *reader, struct span line);

enum section_match { SECTION_NO, SECTION_UNKNOWN, SECTION_YES };
/* SECTION_UNKNOWN: a fact that decides is not known. */
enum section_match section_matches(const struct config *config, unsigned number,
                                   const struct policy_facts *facts);
unsigned section_count(const struct config *config);
const struct section *section_at(const struct config *config, unsigned number);
const struct term *term_at(const struct config *config, size_t i);

/* -- policy.c -------------------------------------------------------------------------- */

/* Sets the part of |policy| that |id| stands for; the others are none of its business. */
void policy_set(struct policy *policy, enum setting_id id, uint64_t number,
                struct span text);

/* -- config_keying.c ------------------------------------------------------------------- */

/* Makes config->keying. |program| is the process's name. */
void config_make_keying(struct config *config, const char *program);

/* -- config_project.c ------------------------------------------------------------------ */

/* Looks for the project's file and the repository's root, upwards from the working directory: what
 * config.h says of files[CONFIG_PROJECT].path and repository. False: memory is short. */
MUST_USE bool config_find_project(struct config *config, config_get *get);

#endif
