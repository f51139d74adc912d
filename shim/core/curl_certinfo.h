/* SPDX-License-Identifier: MIT */
/* CURLINFO_CERTINFO(3): the server's certificate chain as lists of texts. It is public,
 * so it is kept with the recording of a transfer that asked for it. */
#ifndef CORE_CURL_CERTINFO_H
#define CORE_CURL_CERTINFO_H

#include "curl_library.h"

/* Appends one framed packing of what |easy| has; an empty one when there is nothing. */
void curl_certinfo_pack(const struct curl_library *library, CURL *easy,
                        struct buffer *out);
/* The structure, in one block of memory to be freed with memory_free(); NULL when
 * |packed| is damaged or memory is short. Empty bytes give no certificates. */
MUST_USE struct curl_certinfo *curl_certinfo_unpack(struct span packed);

#endif
