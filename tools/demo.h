/* SPDX-License-Identifier: MIT */
/* The demo's stage: a directory of its own with an upstream, a store and a configuration,
 * and the lines that the scenes print. Everything shown is measured or compared on the
 * spot; what does not come out as it should is said and makes the demo fail. One thread.
 */
#ifndef TOOLS_DEMO_H
#define TOOLS_DEMO_H

#include "process.h"

struct demo {
    char directory[32]; /* below /tmp, removed at the end */
    char *command;      /* this `preecho` */
    char *python;
    pid_t upstream;
    unsigned port; /* TLS, on loopback */
    bool colour;
    char answer[33]; /* the beginning of the first answer's text */
    bool failed;
};

/* How long the upstream waits before it answers. */
#define DEMO_DELAY_MS "1000"

/* Makes the directory, the certificates and the environment, and starts the upstream. 0,
 * or a code of sysexits.h after a message. demo_close() in both cases. */
MUST_USE int demo_open(struct demo *demo);
void demo_close(struct demo *demo);

/* The requests that have reached the upstream. */
unsigned demo_calls(const struct demo *demo);
/* Writes |text| into the file |name| of the demo's directory. False after a message. */
MUST_USE bool demo_write(struct demo *demo, const char *name, const char *text);
/* Runs |arguments| (NULL at the end) under `preecho run`. */
void demo_run(struct demo *demo, char *const arguments[], struct process_result *out);
/* The files below the demo's |name| that hold |text|; counts files and bytes looked at.
 */
unsigned demo_search(struct demo *demo, const char *name, struct span text,
                     unsigned *files, uint64_t *bytes);

/* A scene's title, bold where there are colours, and what a reader would type for it. */
void demo_title(const struct demo *demo, const char *text, const char *command);
/* One line: |good| decides the word's colour and, when false, that the demo has failed.
 */
void demo_line(struct demo *demo, bool good, const char *what, const char *word,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
