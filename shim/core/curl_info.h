/* SPDX-License-Identifier: MIT */
/* curl_easy_getinfo(3) for a hit. */
#ifndef CORE_CURL_INFO_H
#define CORE_CURL_INFO_H

#include "preload/hook_types.h"

struct curl_handle;

/* Puts the hit's value in place of the one that libcurl has just written to |place|.
 * Infos that belong to the handle rather than to the transfer stay as they are. */
void curl_info_replace(struct curl_handle *handle, CURLINFO info, void *place);

#endif
