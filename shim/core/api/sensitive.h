/* SPDX-License-Identifier: MIT */
/* Personal data and secrets in a text, found by their form: what looks like an e-mail address is
 * one, a payment card or an IBAN has a right check digit. Better to miss an odd spelling than to
 * see a telephone number in every date. Pure functions of bytes, in time proportional to them;
 * any thread. */
#ifndef CORE_API_SENSITIVE_H
#define CORE_API_SENSITIVE_H

#include "api.h"

/* The bits stand in entries' labels: never change one. */
enum sensitive_kind {
    SENSITIVE_EMAIL = 1,
    SENSITIVE_PHONE = 2,
    SENSITIVE_IBAN = 4,
    SENSITIVE_CARD = 8,
    SENSITIVE_SSN = 16,    /* social security number of the United States */
    SENSITIVE_IPV4 = 32,   /* of a machine elsewhere: neither 0.*, 127.* nor 255.* */
    SENSITIVE_SECRET = 64, /* API keys, tokens, private keys, passwords */
};

#define SENSITIVE_ALL 127u

/* What |text| (UTF-8; other bytes do no harm) holds, as bits. */
uint32_t sensitive_find(struct span text);
/* What the prompt of a recognised call holds, see prompt.h. False when memory is short. */
MUST_USE bool sensitive_in_call(const struct call *call, struct span body,
                                uint32_t *kinds);

/* The names of |kinds|, "e-mail, phone", in |out|, which is returned. */
#define SENSITIVE_KINDS     7
#define SENSITIVE_TEXT_SIZE 64
char *sensitive_text(uint32_t kinds, char out[SENSITIVE_TEXT_SIZE]);

#endif
