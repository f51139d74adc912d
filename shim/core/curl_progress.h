/* SPDX-License-Identifier: MIT */
/* Progress during a hit: the program's callback, or libcurl's own meter
 * (CURLOPT_NOPROGRESS(3)). */
#ifndef CORE_CURL_PROGRESS_H
#define CORE_CURL_PROGRESS_H

#include <stdbool.h>

struct curl_handle;

/* Tells how far it is. |last|: for the last time. False: the program wants the transfer
 * aborted; the error buffer says so. */
bool curl_progress(struct curl_handle *handle, bool last);

#endif
