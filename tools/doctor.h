/* SPDX-License-Identifier: MIT */
/* What the doctor's examinations share: lines, and the first problem's exit status. */
#ifndef TOOLS_DOCTOR_H
#define TOOLS_DOCTOR_H

#include "shim/core/config.h"
#include "store/bytes.h"

struct doctor {
    int status; /* 0, or the first problem's code of sysexits.h */
};

/* "ok" and what was found. */
void doctor_good(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Neither good nor bad: what is just not there. */
void doctor_note(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A problem and what to do about it; |status| counts unless there was one before. */
void doctor_problem(struct doctor *doctor, int status, const char *what,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* preecho's own libraries: are they there, can they be loaded? */
void doctor_parts(struct doctor *doctor);
/* The TLS and HTTP libraries of this machine that are reached. */
void doctor_libraries(void);
/* The environment: values, and variables that are no settings. */
void doctor_settings(struct doctor *doctor, const struct config *config);
/* The embedding model, where settings name one: it is asked for a vector. */
void doctor_semantic(struct doctor *doctor, const struct config *config);
/* The store and the secret. Changes nothing and creates nothing. */
void doctor_store(struct doctor *doctor, const struct config *config);

/* The programs on PATH, or below |directories| (the last one is NULL): a table or JSON. The exit
 * status: 0; EX_UNAVAILABLE when one of them cannot be reached; EX_NOINPUT. */
int doctor_scan(char **directories, bool json);

#endif
