/* SPDX-License-Identifier: MIT */
/* A program over libcurl that prints everything that libcurl lets it observe: every
 * callback with its bytes, every result, every curl_easy_getinfo value that is no time.
 * Run against an origin and against a store the two outputs can be compared line by line.
 */
#ifndef TESTS_CLIENTS_DIFFERENCE_H
#define TESTS_CLIENTS_DIFFERENCE_H

#include "client.h"

#include <curl/curl.h>

/* One transfer and what its callbacks need. */
struct trace {
    CURL *easy;
    const char *body;
    size_t upload_done; /* bytes of |body| that the read callback has given */
    bool pause_wanted;  /* the next write callback pauses */
    bool paused;
    bool abort_write;
    bool abort_header;
    curl_off_t progress[4]; /* the last values of the progress callback */
    char error[CURL_ERROR_SIZE];
    struct curl_slist *fields;
};

/* One row of the matrix. */
struct scenario {
    const char *name;
    const char *members;             /* further members of the JSON body */
    const char *faults;              /* further faults of the upstream */
    void (*prepare)(struct trace *); /* sets options; may be NULL */
    bool header_api;                 /* walk the headers with curl_easy_nextheader */
};
extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* Callbacks that print their arguments; each takes a struct trace. */
size_t trace_write(char *bytes, size_t one, size_t size, void *trace);
size_t trace_header(char *bytes, size_t one, size_t size, void *trace);
size_t trace_read(char *bytes, size_t one, size_t size, void *trace);
int trace_seek(void *trace, curl_off_t offset, int origin);
int trace_progress(void *trace, curl_off_t down_total, curl_off_t down,
                   curl_off_t up_total, curl_off_t up);

/* Prints bytes with everything but plain text escaped, and a line feed. */
void print_escaped(const char *bytes, size_t size);
/* Prints every curl_easy_getinfo value that is no time. */
void print_info(CURL *easy);
/* Prints every header that curl_easy_nextheader shows. */
void print_header_api(CURL *easy);

#endif
