/* SPDX-License-Identifier: MIT */
/* The header lines that a hit shows: the recorded ones where libcurl recorded them, else
 * lines made from the response; fitted to how this program gets the body. */
#ifndef CORE_CURL_REPLAY_H
#define CORE_CURL_REPLAY_H

#include "api/record.h"
#include "curl_level.h"
#include "curl_options.h"

/* Fills |lines| for |record|, which is |age_s| seconds old: Date is left out, Age and
 * Cache-Status are added if |mark|. |level| is empty when the recording has none. |*length|
 * becomes what Content-Length says (-1 = nothing), |*identity| whether the body is handed
 * over without the content coding that it was recorded with. 0, or -1 when memory is
 * short; free |lines| in both cases. */
MUST_USE int curl_replay_lines(const struct curl_level *level,
                               const struct record *record, uint64_t age_s, bool mark,
                               const struct curl_options *options,
                               struct curl_lines *lines, int64_t *length, bool *identity);

#endif
