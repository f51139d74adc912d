/* SPDX-License-Identifier: MIT */
/* The matrix of the differential program: one row per way of using libcurl; see
 * difference.h. */
#define _GNU_SOURCE
#include "difference.h"

#include <stdio.h>
#include <string.h>

static void with_header(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_HEADER, 1L);
}

static void without_header_callback(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_HEADERFUNCTION, NULL);
    curl_easy_setopt(trace->easy, CURLOPT_HEADERDATA, NULL);
}

static void header_to_write(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_HEADERFUNCTION, NULL);
    curl_easy_setopt(trace->easy, CURLOPT_HEADERDATA, trace);
}

static void write_to_file(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_WRITEFUNCTION, NULL);
    curl_easy_setopt(trace->easy, CURLOPT_WRITEDATA, stdout);
}

static void fail_on_error(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_FAILONERROR, 1L);
}

static void accept_all_codings(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_ACCEPT_ENCODING, "");
}

static void no_transfer_decoding(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_HTTP_TRANSFER_DECODING, 0L);
}

static void copy_body(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(trace->body));
    curl_easy_setopt(trace->easy, CURLOPT_COPYPOSTFIELDS, trace->body);
}

static void read_body(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(trace->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(trace->body));
    curl_easy_setopt(trace->easy, CURLOPT_READFUNCTION, trace_read);
    curl_easy_setopt(trace->easy, CURLOPT_READDATA, trace);
    curl_easy_setopt(trace->easy, CURLOPT_SEEKFUNCTION, trace_seek);
    curl_easy_setopt(trace->easy, CURLOPT_SEEKDATA, trace);
}

static void read_chunked_body(struct trace *trace)
{
    read_body(trace);
    curl_easy_setopt(trace->easy, CURLOPT_POSTFIELDSIZE, -1L);
    trace->fields = curl_slist_append(trace->fields, "Transfer-Encoding: chunked");
    trace->fields = curl_slist_append(trace->fields, "Expect:");
    curl_easy_setopt(trace->easy, CURLOPT_HTTPHEADER, trace->fields);
}

static void expect_continue(struct trace *trace)
{
    trace->fields = curl_slist_append(trace->fields, "Expect: 100-continue");
    curl_easy_setopt(trace->easy, CURLOPT_HTTPHEADER, trace->fields);
}

static void pause_first_write(struct trace *trace)
{
    trace->pause_wanted = true;
}

static void abort_in_write(struct trace *trace)
{
    trace->abort_write = true;
}

static void abort_in_header(struct trace *trace)
{
    trace->abort_header = true;
}

static void small_file_limit(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_MAXFILESIZE, 100L);
}

static void with_cookies(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_COOKIEFILE, "");
}

static void with_http11(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
}

static void with_small_buffer(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_BUFFERSIZE, 1024L);
}

static void with_certificate_info(struct trace *trace)
{
    curl_easy_setopt(trace->easy, CURLOPT_CERTINFO, 1L);
}

#define STREAM ",\"stream\":true"

const struct scenario scenarios[] = {
    {"plain", "", "", NULL, false},
    {"header-option", "", "", with_header, false},
    {"no-header-callback", "", "", without_header_callback, false},
    {"header-to-write", "", "", header_to_write, false},
    {"write-to-file", "", "", write_to_file, false},
    {"fail-on-error-good", "", "", fail_on_error, false},
    {"fail-on-error-bad", "", ",429", fail_on_error, false},
    {"accept-encoding", "", "", accept_all_codings, false},
    {"accept-encoding-brotli", "", ",br", accept_all_codings, false},
    {"stream", STREAM, ",pause=10", NULL, false},
    {"stream-header-option", STREAM, ",pause=10", with_header, false},
    {"stream-trailers", STREAM, ",pause=10,trailers", NULL, true},
    {"chunked", "", ",chunked", NULL, false},
    {"large", "", ",big=100", NULL, false},
    {"large-small-buffer", "", ",big=20", with_small_buffer, false},
    {"no-transfer-decoding", STREAM, ",pause=10", no_transfer_decoding, false},
    {"pause", "", "", pause_first_write, false},
    {"pause-stream", STREAM, ",pause=10", pause_first_write, false},
    {"copypostfields", "", "", copy_body, false},
    {"readfunction", "", "", read_body, false},
    {"readfunction-chunked", "", "", read_chunked_body, false},
    {"expect", "", "", expect_continue, false},
    {"abort-in-write", "", "", abort_in_write, false},
    {"abort-in-header", "", "", abort_in_header, false},
    {"maxfilesize", "", "", small_file_limit, false},
    {"cookies", "", "", with_cookies, false},
    {"http11", "", "", with_http11, false},
    {"certinfo", "", "", with_certificate_info, false},
    {"header-api", "", "", NULL, true},
    {"close", "", ",close", NULL, false},
    {"close-delimited", "", ",close-delimited", NULL, false},
};

const size_t scenario_count = sizeof scenarios / sizeof *scenarios;
