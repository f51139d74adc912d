/* SPDX-License-Identifier: MIT */
/* A request body or further fields that go upstream in place of the program's: CURLOPT_POSTFIELDS or what
 * the read callback gives, the sizes that the program has told, and a Content-Length line
 * of its own. The program's options are put back when libcurl has ended the transfer;
 * what it sets meanwhile is noted (curl_options.h) and put in place then. */
#ifndef CORE_CURL_SUBSTITUTE_H
#define CORE_CURL_SUBSTITUTE_H

#include "curl_handle.h"

struct curl_substitute;

/* Prepares handle->substitute with a copy of |body|; the program's body comes from its
 * fields, or has been read to its end (handle->reader). 0, or -1 when memory is short:
 * nothing has changed. */
MUST_USE int curl_substitute_start(struct curl_handle *handle, struct span body);
/* Likewise with |lines|, each with its line end, that are added to the program's fields. */
MUST_USE int curl_substitute_start_fields(struct curl_handle *handle, struct span lines);
/* Puts it in place in |handle|'s libcurl, and the program's options back: there, or in a
 * duplicate of that handle. */
void curl_substitute_arm(const struct curl_substitute *substitute,
                         const struct curl_handle *handle);
void curl_substitute_disarm(const struct curl_substitute *substitute,
                            const struct curl_handle *handle);
/* True when |option| must only be noted while it is in place. */
bool curl_substitute_replaces(const struct curl_substitute *substitute,
                              CURLoption option);
void curl_substitute_free(struct curl_substitute *substitute);

#endif
