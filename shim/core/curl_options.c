/* SPDX-License-Identifier: MIT */
/* Following curl_easy_setopt(). */
#define CURL_DISABLE_DEPRECATION
#include "curl_options.h"

#include "store/memory.h"

/* Options whose effect on an answer is not replayed, or which name somebody else's server
 * or identity: a transfer that uses one goes upstream and is not recorded. */
static const struct {
    CURLoption option;
    bool inverted; /* 1 is libcurl's default */
} unfaithful[] = {
    {CURLOPT_RANGE, false},
    {CURLOPT_RESUME_FROM, false},
    {CURLOPT_RESUME_FROM_LARGE, false},
    {CURLOPT_TIMECONDITION, false},
    {CURLOPT_HTTP_TRANSFER_DECODING, true},
    {CURLOPT_HTTP_CONTENT_DECODING, true},
    {CURLOPT_HTTP200ALIASES, false},
    {CURLOPT_IGNORE_CONTENT_LENGTH, false},
    {CURLOPT_MAXFILESIZE, false},
    {CURLOPT_MAXFILESIZE_LARGE, false},
    {CURLOPT_UNIX_SOCKET_PATH, false},
    {CURLOPT_ABSTRACT_UNIX_SOCKET, false},
    {CURLOPT_PREREQFUNCTION, false},
    {CURLOPT_TRAILERFUNCTION, false},
    {CURLOPT_NETRC, false},
    {CURLOPT_CRLF, false},
    {CURLOPT_SSLCERT, false},
    {CURLOPT_SSLCERT_BLOB, false},
    {CURLOPT_HTTP09_ALLOWED, false},
};

void curl_options_start(struct curl_options *options)
{
    *options = (struct curl_options){
        .hide_progress = true,
        .authentication = CURLAUTH_BASIC,
        .protocols = -1,
        .fields_size = -1,
        .file_size = -1,
        .write_data = stdout,
        .read_data = stdin,
        .error_file = stderr,
    };
}

void curl_options_free(struct curl_options *options)
{
    for (int i = 0; i < CURL_TEXT_COUNT; i++)
        memory_free(options->text[i]);
    memory_free(options->fields_copy);
    *options = (struct curl_options){0};
}

static void *copy_bytes(struct curl_options *options, const void *bytes, size_t size)
{
    void *copy = memory_new(size + 1);
    if (copy)
        memcpy(copy, bytes, size);
    else
        options->broken = true;
    return copy;
}

static void set_span(struct curl_options *options, enum curl_text which, const char *text,
                     size_t size)
{
    char *copy = NULL;
    if (text && (copy = memory_new(size + 1)))
        memcpy(copy, text, size);
    else if (text)
        options->broken = true;
    memory_free(options->text[which]);
    options->text[which] = copy;
}

static void set_text(struct curl_options *options, enum curl_text which, const char *text)
{
    set_span(options, which, text, text ? strlen(text) : 0);
}

void curl_options_copy(struct curl_options *to, const struct curl_options *from)
{
    *to = *from;
    memset(to->text, 0, sizeof to->text);
    for (int i = 0; i < CURL_TEXT_COUNT; i++)
        set_text(to, (enum curl_text)i, from->text[i]);
    if (from->fields_copy) {
        to->fields_copy = copy_bytes(to, from->fields_copy, from->fields_copied);
        to->fields = to->fields_copy;
    }
}

/* "user:password"; a password may hold colons. */
static void set_login(struct curl_options *options, const char *login)
{
    const char *colon = login ? strchr(login, ':') : NULL;
    if (!colon) {
        set_text(options, CURL_TEXT_USER, login);
        set_text(options, CURL_TEXT_PASSWORD, NULL);
        return;
    }
    set_span(options, CURL_TEXT_USER, login, (size_t)(colon - login));
    set_text(options, CURL_TEXT_PASSWORD, colon + 1);
}

static void set_fields(struct curl_options *options, const void *fields, bool copy)
{
    memory_free(options->fields_copy);
    options->fields_copy = NULL;
    options->fields = fields;
    options->kind = CURL_KIND_POST;
    if (!copy || !fields)
        return;
    options->fields_copied =
        options->fields_size >= 0 ? (size_t)options->fields_size : strlen(fields);
    options->fields_copy = copy_bytes(options, fields, options->fields_copied);
    options->fields = options->fields_copy;
}

static void set_fields_size(struct curl_options *options, curl_off_t size)
{
    if (options->fields_copy && options->fields_size < size) {
        /* libcurl, too, forgets a copy that may be too short now. */
        memory_free(options->fields_copy);
        options->fields_copy = NULL;
        options->fields = NULL;
    }
    options->fields_size = size;
}

static void set_kind(struct curl_options *options, CURLoption option, bool on)
{
    switch ((int)option) {
    case CURLOPT_NOBODY:
        options->no_body = on;
        if (on)
            options->kind = CURL_KIND_HEAD;
        else if (options->kind == CURL_KIND_HEAD)
            options->kind = CURL_KIND_GET;
        break;
    case CURLOPT_UPLOAD:
    case CURLOPT_PUT:
        options->upload = on;
        options->kind = on ? CURL_KIND_PUT : CURL_KIND_GET;
        options->no_body = options->no_body && !on;
        break;
    case CURLOPT_POST:
        options->upload = false;
        options->kind = on ? CURL_KIND_POST : CURL_KIND_GET;
        options->no_body = options->no_body && !on;
        break;
    default: /* CURLOPT_HTTPGET */
        if (on) {
            options->upload = options->no_body = false;
            options->kind = CURL_KIND_GET;
        }
    }
}

static void set_unfaithful(struct curl_options *options, CURLoption option,
                           void *argument)
{
    for (unsigned i = 0; i < sizeof unfaithful / sizeof unfaithful[0]; i++) {
        if (unfaithful[i].option != option)
            continue;
        if (!argument == unfaithful[i].inverted)
            options->unfaithful |= 1u << i;
        else
            options->unfaithful &= ~(1u << i);
    }
}

/* Cookies that are sent without standing in a header line. */
static void set_cookies(struct curl_options *options, CURLoption option,
                        const void *argument)
{
    static const CURLoption sources[] = {CURLOPT_COOKIE, CURLOPT_COOKIEFILE,
                                         CURLOPT_COOKIEJAR, CURLOPT_COOKIELIST};
    for (unsigned i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (sources[i] != option)
            continue;
        if (argument)
            options->cookies |= 1u << i;
        else
            options->cookies &= ~(1u << i);
    }
}

/* The options that are one of the texts; CURL_TEXT_COUNT for all others. */
static enum curl_text text_of(CURLoption option)
{
    switch ((int)option) {
    case CURLOPT_URL:
        return CURL_TEXT_URL;
    case CURLOPT_CUSTOMREQUEST:
        return CURL_TEXT_METHOD;
    case CURLOPT_REQUEST_TARGET:
        return CURL_TEXT_TARGET;
    case CURLOPT_USERNAME:
        return CURL_TEXT_USER;
    case CURLOPT_PASSWORD:
        return CURL_TEXT_PASSWORD;
    case CURLOPT_XOAUTH2_BEARER:
        return CURL_TEXT_BEARER;
    case CURLOPT_AWS_SIGV4:
        return CURL_TEXT_SIGV4;
    case CURLOPT_DEFAULT_PROTOCOL:
        return CURL_TEXT_SCHEME;
    case CURLOPT_REFERER:
        return CURL_TEXT_REFERER;
    case CURLOPT_USERAGENT:
        return CURL_TEXT_USER_AGENT;
    case CURLOPT_ACCEPT_ENCODING:
        return CURL_TEXT_ENCODING;
    case CURLOPT_PROTOCOLS_STR:
        return CURL_TEXT_PROTOCOLS;
    default:
        return CURL_TEXT_COUNT;
    }
}

/* Callbacks and their pointers. True when |option| is one of them. */
static bool set_callback(struct curl_options *options, CURLoption option, void *argument)
{
    switch ((int)option) {
#define CALLBACK(name, member)                                                           \
    case name:                                                                           \
        options->member = (__typeof__(options->member))argument;                         \
        return true;
        CALLBACK(CURLOPT_WRITEFUNCTION, write_function)
        CALLBACK(CURLOPT_WRITEDATA, write_data)
        CALLBACK(CURLOPT_HEADERFUNCTION, header_function)
        CALLBACK(CURLOPT_HEADERDATA, header_data)
        CALLBACK(CURLOPT_READFUNCTION, read_function)
        CALLBACK(CURLOPT_READDATA, read_data)
        CALLBACK(CURLOPT_SEEKFUNCTION, seek_function)
        CALLBACK(CURLOPT_SEEKDATA, seek_data)
        CALLBACK(CURLOPT_XFERINFOFUNCTION, xferinfo_function)
        CALLBACK(CURLOPT_PROGRESSFUNCTION, progress_function)
        CALLBACK(CURLOPT_XFERINFODATA, progress_data)
        CALLBACK(CURLOPT_DEBUGFUNCTION, debug_function)
        CALLBACK(CURLOPT_DEBUGDATA, debug_data)
        CALLBACK(CURLOPT_ERRORBUFFER, error_buffer)
        CALLBACK(CURLOPT_CURLU, address)
        CALLBACK(CURLOPT_HTTPHEADER, headers)
#undef CALLBACK
    case CURLOPT_STDERR:
        options->error_file = argument ? argument : stderr;
        return true;
    default:
        return false;
    }
}

/* Options that are a number or a switch. */
static void set_number(struct curl_options *options, CURLoption option, long number)
{
    switch ((int)option) {
#define NUMBER(name, statement)                                                          \
    case name:                                                                           \
        options->statement;                                                              \
        break;
        NUMBER(CURLOPT_CONNECT_ONLY, connect_only = number != 0)
        NUMBER(CURLOPT_HEADER, include = number != 0)
        NUMBER(CURLOPT_VERBOSE, verbose = number != 0)
        NUMBER(CURLOPT_SSL_VERIFYPEER, any_peer = number == 0)
        NUMBER(CURLOPT_SSL_VERIFYHOST, any_name = number == 0)
        NUMBER(CURLOPT_NOPROGRESS, hide_progress = number != 0)
        NUMBER(CURLOPT_FAILONERROR, fail_on_error = number != 0)
        NUMBER(CURLOPT_SUPPRESS_CONNECT_HEADERS, suppress_connect = number != 0)
        NUMBER(CURLOPT_PATH_AS_IS, path_as_is = number != 0)
        NUMBER(CURLOPT_DISALLOW_USERNAME_IN_URL, no_user_in_url = number != 0)
        NUMBER(CURLOPT_CERTINFO, certinfo = number != 0)
        NUMBER(CURLOPT_PORT, port = (unsigned)number)
        NUMBER(CURLOPT_HTTPAUTH, authentication = (unsigned long)number)
        NUMBER(CURLOPT_HSTS_CTRL, hsts = number != 0)
        NUMBER(CURLOPT_TIMEOUT, timeout_ms = number * 1000)
        NUMBER(CURLOPT_TIMEOUT_MS, timeout_ms = number)
#undef NUMBER
    case CURLOPT_INFILESIZE:
    case CURLOPT_INFILESIZE_LARGE:
        options->file_size = number;
        break;
    default:
        break;
    }
}

void curl_options_set(struct curl_options *options, CURLoption option, void *argument)
{
    enum curl_text text = text_of(option);
    if (text < CURL_TEXT_COUNT) {
        set_text(options, text, argument);
        if (text == CURL_TEXT_SIGV4 && argument)
            options->authentication = CURLAUTH_AWS_SIGV4;
        if (text == CURL_TEXT_PROTOCOLS)
            options->protocols = -1;
        return;
    }
    if (set_callback(options, option, argument))
        return;
    switch ((int)option) {
    case CURLOPT_USERPWD:
        set_login(options, argument);
        break;
    case CURLOPT_POSTFIELDS:
    case CURLOPT_COPYPOSTFIELDS:
        set_fields(options, argument, option == CURLOPT_COPYPOSTFIELDS);
        break;
    case CURLOPT_POSTFIELDSIZE:
    case CURLOPT_POSTFIELDSIZE_LARGE:
        set_fields_size(options, (curl_off_t)(intptr_t)argument);
        break;
    case CURLOPT_MIMEPOST:
    case CURLOPT_HTTPPOST:
        options->kind = CURL_KIND_FORM;
        options->no_body = false;
        options->form_option = option;
        options->form = argument;
        break;
    case CURLOPT_PROTOCOLS:
        set_text(options, CURL_TEXT_PROTOCOLS, NULL);
        options->protocols = (long)(intptr_t)argument;
        break;
    case CURLOPT_NOBODY:
    case CURLOPT_UPLOAD:
    case CURLOPT_PUT:
    case CURLOPT_POST:
    case CURLOPT_HTTPGET:
        set_kind(options, option, argument != NULL);
        break;
    default:
        set_number(options, option, (long)(intptr_t)argument);
        set_unfaithful(options, option, argument);
        set_cookies(options, option, argument);
    }
}
