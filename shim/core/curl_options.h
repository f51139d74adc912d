/* SPDX-License-Identifier: MIT */
/* What the program has set on an easy handle, as far as it decides what goes over the
 * wire or how an answer is handed over: libcurl has no way to ask for it. Follows
 * curl_easy_setopt(3) and the single options' pages. */
#ifndef CORE_CURL_OPTIONS_H
#define CORE_CURL_OPTIONS_H

#include "preload/hook_types.h"
#include "store/bytes.h"

#include <stdio.h>

/* Requests with larger bodies are not looked at. */
#define CURL_BODY_LIMIT ((size_t)32 << 20)

/* Options that libcurl copies. */
enum curl_text {
    CURL_TEXT_URL,
    CURL_TEXT_METHOD,
    CURL_TEXT_TARGET,
    CURL_TEXT_USER,
    CURL_TEXT_PASSWORD,
    CURL_TEXT_BEARER,
    CURL_TEXT_SIGV4,
    CURL_TEXT_SCHEME,
    CURL_TEXT_REFERER,
    CURL_TEXT_USER_AGENT,
    CURL_TEXT_ENCODING,
    CURL_TEXT_PROTOCOLS,
    CURL_TEXT_COUNT
};

enum curl_kind {
    CURL_KIND_GET,
    CURL_KIND_POST,
    CURL_KIND_FORM,
    CURL_KIND_PUT,
    CURL_KIND_HEAD
};

struct curl_options {
    char *text[CURL_TEXT_COUNT];
    enum curl_kind kind;
    bool upload;
    bool connect_only;
    bool broken;  /* memory was short: what is known here may be wrong */
    bool include; /* CURLOPT_HEADER */
    bool verbose;
    bool any_peer; /* CURLOPT_SSL_VERIFYPEER is off */
    bool any_name; /* CURLOPT_SSL_VERIFYHOST is off */
    bool hide_progress;
    bool fail_on_error;
    bool suppress_connect;
    bool path_as_is;
    bool no_user_in_url;
    bool certinfo;
    bool hsts;
    bool no_body;        /* a HEAD whatever the kind, unless there is a method */
    uint32_t cookies;    /* one bit per option that has libcurl send some */
    uint32_t unfaithful; /* one bit per option whose effect is not replayed */
    unsigned port;
    unsigned long authentication;
    long protocols; /* CURLOPT_PROTOCOLS, -1 = not set */
    long timeout_ms;

    CURLU *address;
    struct curl_slist *headers;

    CURLoption
        form_option; /* CURLOPT_MIMEPOST or CURLOPT_HTTPPOST, the latest, and what for */
    void *form;

    const void *fields; /* CURLOPT_POSTFIELDS, or fields_copy */
    void *fields_copy;  /* CURLOPT_COPYPOSTFIELDS, ended by a zero */
    size_t fields_copied;
    curl_off_t fields_size;
    curl_off_t file_size;

    curl_write_callback write_function; /* NULL: fwrite() */
    void *write_data;
    curl_write_callback header_function;
    void *header_data;
    curl_read_callback read_function; /* NULL: fread() */
    void *read_data;
    curl_seek_callback seek_function;
    void *seek_data;
    curl_xferinfo_callback xferinfo_function;
    curl_progress_callback progress_function;
    void *progress_data;
    curl_debug_callback debug_function;
    void *debug_data;
    FILE *error_file;
    char *error_buffer;
};

/* As curl_easy_init() and curl_easy_reset() leave a handle. |options| holds nothing yet.
 */
void curl_options_start(struct curl_options *options);
void curl_options_free(struct curl_options *options);
/* As curl_easy_duphandle() does. */
void curl_options_copy(struct curl_options *to, const struct curl_options *from);
/* Follows a curl_easy_setopt() that libcurl has accepted. */
void curl_options_set(struct curl_options *options, CURLoption option, void *argument);

#endif
