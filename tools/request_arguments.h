/* SPDX-License-Identifier: MIT */
/* A request given on the command line: --url, --method, --header, --data, --program. One thread. */
#ifndef TOOLS_REQUEST_ARGUMENTS_H
#define TOOLS_REQUEST_ARGUMENTS_H

#include "shim/core/api/message.h"

#include <getopt.h>

/* For a command's table of getopt_long(3). */
#define REQUEST_OPTIONS                                                                  \
    {"url", required_argument, NULL, 'u'}, {"method", required_argument, NULL, 'm'},     \
        {"header", required_argument, NULL, 'H'},                                        \
        {"data", required_argument, NULL, 'd'},                                          \
    {                                                                                    \
        "program", required_argument, NULL, 'p'                                          \
    }

/* Starts as all zeroes. */
struct request_arguments {
    const char *url;
    const char *method;
    const char *program; /* NULL: not given */
    struct headers headers;
    struct buffer data;
    bool has_data;
};

/* Takes one option over. 0; EX_USAGE, EX_NOINPUT, EX_OSERR after a message. */
MUST_USE int request_arguments_take(struct request_arguments *arguments, int option,
                                    const char *value);
/* True when one of them makes sense with a URL only, and there is none. */
bool request_arguments_lack_url(const struct request_arguments *arguments);
/* Fills |out| in; it points into |arguments|. 0, EX_USAGE or EX_OSERR after a message. */
MUST_USE int request_arguments_finish(struct request_arguments *arguments,
                                      struct request *out);
void request_arguments_free(struct request_arguments *arguments);

#endif
