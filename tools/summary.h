/* SPDX-License-Identifier: MIT */
/* What one run of a program has asked and saved: the program gets an identity in its environment,
 * which all that it starts inherit, and the journal's records carry as a tag. One thread. */
#ifndef TOOLS_SUMMARY_H
#define TOOLS_SUMMARY_H

#include "store/bytes.h"

#define SUMMARY_VARIABLE  "PREECHO_RUN"
#define SUMMARY_NAME_SIZE 64 /* of an identity, with its zero */

struct summary {
    char name
        [SUMMARY_NAME_SIZE]; /* that of the run that this one is part of comes before it */
    int64_t since_ms;
};

/* Puts a new identity into the environment. False after a message when that failed. */
MUST_USE bool summary_begin(struct summary *summary);
/* The line on standard error. */
void summary_print(const struct summary *summary);

#endif
