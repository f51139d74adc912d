/* SPDX-License-Identifier: MIT */
/* The credential that imported entries are to belong to: what the programs that use them will
 * send. One thread. */
#ifndef TOOLS_CREDENTIAL_H
#define TOOLS_CREDENTIAL_H

#include "shim/core/api/api.h"

#define CREDENTIAL_FIELDS 8

/* Starts as all zeroes: none. */
struct credential {
    const char *key; /* an API key alone: each dialect's field carries it; or NULL */
    const char *fields[CREDENTIAL_FIELDS]; /* "Name: value" */
    unsigned count;
    struct buffer memory; /* what the latest credential_add() has made */
};

/* Adds a field as programs write it. False when it is none, or there are too many. */
MUST_USE bool credential_add_field(struct credential *credential, const char *field);
/* Adds what the environment variable |name| holds: an API key, or a whole field. The same. */
MUST_USE bool credential_add_variable(struct credential *credential, const char *name);
bool credential_is_given(const struct credential *credential);

/* Adds the credential to |headers|, which belong to a request that was recognised as |call|. 0, or
 * -1 when memory is short. What is added lives until the next call. */
MUST_USE int credential_add(struct credential *credential, const struct call *call,
                            struct headers *headers);
/* Wipes and frees. */
void credential_free(struct credential *credential);

#endif
