/* SPDX-License-Identifier: MIT */
/* curl_easy_header(3) and curl_easy_nextheader(3) for a hit. */
#ifndef CORE_CURL_FIELDS_H
#define CORE_CURL_FIELDS_H

#include "preload/hook_types.h"

struct curl_handle;

/* As the functions of the same names; names and values live until the handle's next
 * transfer. */
CURLHcode curl_fields_find(struct curl_handle *handle, const char *name, size_t index,
                           unsigned origin, int request, struct curl_header **out);
struct curl_header *curl_fields_next(struct curl_handle *handle, unsigned origin,
                                     int request, const struct curl_header *previous);

#endif
