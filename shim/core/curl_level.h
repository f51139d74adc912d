/* SPDX-License-Identifier: MIT */
/* What the libcurl level stores beside a response (record.h calls it `level`): the values
 * of curl_easy_getinfo(3) behind the recorded transfer, and its header lines. Versioned;
 * anything that does not parse counts as absent. No URL, no cookie and no credential goes
 * in. */
#ifndef CORE_CURL_LEVEL_H
#define CORE_CURL_LEVEL_H

#include "curl_library.h"
#include "curl_lines.h"

#define CURL_LEVEL_VALUES 40

struct curl_value {
    uint32_t info; /* a CURLINFO */
    int64_t number;
    const char *text; /* for strings, ended by a zero; NULL stays NULL */
};

/* All zeroes is empty. Texts and certificates point into `memory`. */
struct curl_level {
    bool decoded; /* libcurl has undone the content coding that the lines speak of */
    struct curl_value values[CURL_LEVEL_VALUES];
    size_t value_count;
    struct curl_lines lines;
    struct span certificates; /* packed, see curl_certinfo.h */
    struct buffer memory;
};

/* True for infos that describe the transfer itself and are thus answered from the
 * recording. */
bool curl_level_recorded(CURLINFO info);
/* NULL when the recording does not have it. */
const struct curl_value *curl_level_value(const struct curl_level *level, CURLINFO info);

/* Appends what |easy| says behind its transfer, and |lines|, to |out|. Calls into
 * |library|. */
void curl_level_pack(const struct curl_library *library, CURL *easy,
                     const struct curl_lines *lines, bool decoded, struct buffer *out);
/* 0, or -1: not this format, or no memory; |level| is empty then. Free after 0. */
MUST_USE int curl_level_unpack(struct span packed, struct curl_level *level);
void curl_level_free(struct curl_level *level);

#endif
