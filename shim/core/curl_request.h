/* SPDX-License-Identifier: MIT */
/* The request that libcurl is going to send for an easy handle, worked out from its
 * options as libcurl does it (lib/http.c's documented rules: curl_easy_setopt(3) pages of
 * CURLOPT_HTTPHEADER, CURLOPT_CUSTOMREQUEST, CURLOPT_HTTPAUTH, CURLOPT_URL). */
#ifndef CORE_CURL_REQUEST_H
#define CORE_CURL_REQUEST_H

#include "api/message.h"
#include "curl_library.h"
#include "curl_options.h"

/* All zeroes is empty. The spans in `request` point into the members below and into what
 * the program handed to curl_easy_setopt(). */
struct curl_request {
    struct request request; /* without body */
    char *url;              /* as CURLINFO_EFFECTIVE_URL shows it */
    char *host;
    struct buffer target;
    struct buffer host_port;
    struct buffer authorization;
    bool faithful; /* nothing in the options keeps an answer from being replayed */
};

enum curl_request_result {
    CURL_REQUEST_OK = 0,
    CURL_REQUEST_OTHER =
        -1, /* not http or https, CONNECT_ONLY, or no memory: nobody's business */
};

/* Fills |out|; free it after any result. Calls into |library|'s URL functions. */
MUST_USE int curl_request_build(const struct curl_options *options,
                                const struct curl_library *library,
                                struct curl_request *out);
void curl_request_free(struct curl_request *request);

/* Where the body comes from. */
enum curl_body { CURL_BODY_NONE, CURL_BODY_FIELDS, CURL_BODY_READ, CURL_BODY_FORM };
enum curl_body curl_request_body(const struct curl_options *options);

/* The value of one CURLOPT_HTTPHEADER line. CURL_LINE_NOTHING: libcurl ignores the line.
 * CURL_LINE_REMOVED: "Name:", which keeps libcurl from sending its own. CURL_LINE_SENT:
 * the field goes out ("Name;" with an empty value). */
enum curl_line { CURL_LINE_NOTHING, CURL_LINE_REMOVED, CURL_LINE_SENT };
enum curl_line curl_request_line(const char *line, struct span *name, struct span *value);

#endif
