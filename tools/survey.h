/* SPDX-License-Identifier: MIT */
/* The programs of a machine that may make calls to providers, each judged (reach.h). Files are
 * read, nothing is run. One thread. */
#ifndef TOOLS_SURVEY_H
#define TOOLS_SURVEY_H

#include "reach.h"

/* What a program is, the most interesting first. */
enum survey_kind {
    SURVEY_AGENT,       /* a tool that talks to language models */
    SURVEY_INTERPRETER, /* python, node, ... */
    SURVEY_TOOL,        /* curl, git, ... */
    SURVEY_OTHER        /* found by what is in it, or in a directory that was named */
};

struct survey_row {
    char *path; /* as found, links not followed */
    char *real; /* followed */
    enum survey_kind kind;
    bool below;    /* a directory that was named, rather than on PATH */
    bool expanded; /* a shim: what it may start has rows of its own */
    size_t order;  /* as it was added */
    struct reach reach;
};

struct survey {
    struct survey_row *rows;
    size_t count, capacity;
    size_t scripts;    /* left out, on PATH: scripts of no known name */
    size_t shims;      /* left out: version managers' shims for programs with a row */
    size_t plain;      /* left out: programs of no known name without TLS */
    size_t unreadable; /* left out: executables that cannot be read */
    bool cut;          /* there are more files than are looked at */
};

/* Adds what lies on PATH: known names; whatever has TLS of its own outside the distribution's
 * directories; Go programs; behind a version manager's shim all versions. */
void survey_path(struct survey *survey);
/* Adds every executable below |directory|, on its file system; links to files count, those to
 * directories are not followed. 0, or -1 with errno. */
MUST_USE int survey_tree(struct survey *survey, const char *directory);
/* Judges all that was added, leaves out what says nothing and the same file under a second name,
 * and sorts the rest: out of reach, in part, within reach, not known. |quiet|: no progress bar. */
void survey_judge(struct survey *survey, bool quiet);
void survey_free(struct survey *survey);

/* Private to survey*.c: adds a row. */
void survey_add(struct survey *survey, const char *path, enum survey_kind kind,
                bool below);

#endif
