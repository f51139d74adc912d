/* SPDX-License-Identifier: MIT */
/* Method, URL and fields of a request from an easy handle's options. */
#define CURL_DISABLE_DEPRECATION
#include "curl_request.h"

#include "curl_credential.h"
#include "store/memory.h"

#include <stdlib.h>

static const char *method_of(const struct curl_options *options)
{
    if (options->text[CURL_TEXT_METHOD])
        return options->text[CURL_TEXT_METHOD];
    if (options->no_body)
        return "HEAD";
    if (options->upload)
        return "PUT";
    switch (options->kind) {
    case CURL_KIND_POST:
    case CURL_KIND_FORM:
        return "POST";
    case CURL_KIND_PUT:
        return "PUT";
    case CURL_KIND_HEAD:
        return "HEAD";
    default:
        return "GET";
    }
}

enum curl_body curl_request_body(const struct curl_options *options)
{
    if (options->upload || options->kind == CURL_KIND_PUT)
        return CURL_BODY_READ;
    if (options->kind == CURL_KIND_FORM)
        return CURL_BODY_FORM;
    if (options->kind != CURL_KIND_POST)
        return CURL_BODY_NONE;
    return options->fields ? CURL_BODY_FIELDS : CURL_BODY_READ;
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

enum curl_line curl_request_line(const char *line, struct span *name, struct span *value)
{
    const char *end = strchr(line, ':');
    bool semicolon = !end;
    if (!end)
        end = strchr(line, ';');
    if (!end || end == line)
        return CURL_LINE_NOTHING;
    const char *text = end + 1;
    while (is_space(*text))
        text++;
    *name = span_of(line, (size_t)(end - line));
    *value = span_trim(span_text(text));
    if (semicolon)
        return *text || text != end + 1 ? CURL_LINE_NOTHING : CURL_LINE_SENT;
    return *text ? CURL_LINE_SENT : CURL_LINE_REMOVED;
}

/* True when a custom line speaks of |name|: libcurl then leaves its own field out. */
static bool customised(const struct curl_options *options, const char *wanted)
{
    for (const struct curl_slist *line = options->headers; line; line = line->next) {
        struct span name, value;
        if (curl_request_line(line->data, &name, &value) != CURL_LINE_NOTHING &&
            span_is_nocase(name, wanted))
            return true;
    }
    return false;
}

static int add_default(const struct curl_options *options, struct headers *headers,
                       const char *name, struct span value)
{
    if (customised(options, name))
        return 0;
    return headers_add(headers, span_text(name), value);
}

static int add_custom(const struct curl_options *options, struct headers *headers)
{
    for (const struct curl_slist *line = options->headers; line; line = line->next) {
        struct span name, value;
        if (curl_request_line(line->data, &name, &value) == CURL_LINE_SENT &&
            headers_add(headers, name, value) != 0)
            return -1;
    }
    return 0;
}

static int add_optional(const struct curl_options *options, struct headers *headers,
                        const char *name, enum curl_text text)
{
    if (!options->text[text])
        return 0;
    return add_default(options, headers, name, span_text(options->text[text]));
}

static int add_fields(const struct curl_options *options, struct curl_request *out)
{
    struct headers *headers = &out->request.headers;
    if (add_default(options, headers, "Host", buffer_span(&out->host_port)) != 0 ||
        add_optional(options, headers, "User-Agent", CURL_TEXT_USER_AGENT) != 0 ||
        add_default(options, headers, "Accept", span_text("*/*")) != 0 ||
        add_optional(options, headers, "Accept-Encoding", CURL_TEXT_ENCODING) != 0 ||
        add_optional(options, headers, "Referer", CURL_TEXT_REFERER) != 0)
        return -1;
    if (out->authorization.size && add_default(options, headers, "Authorization",
                                               buffer_span(&out->authorization)) != 0)
        return -1;
    if (curl_request_body(options) == CURL_BODY_FIELDS &&
        add_default(options, headers, "Content-Type",
                    span_text("application/x-www-form-urlencoded")) != 0)
        return -1;
    return add_custom(options, headers);
}

/* True when |text| starts with a scheme: RFC 3986, 3.1, and "://". */
static bool has_scheme(const char *text)
{
    size_t size = 0;
    while ((text[size] | 0x20) >= 'a' && (text[size] | 0x20) <= 'z')
        size++;
    while (size && text[size] && strchr("0123456789+-.", text[size]))
        size++;
    return size && strncmp(text + size, "://", 3) == 0;
}

static CURLUcode set_address(CURLU *address, const struct curl_options *options,
                             const struct curl_library *library)
{
    const char *url = options->text[CURL_TEXT_URL];
    const char *scheme = options->text[CURL_TEXT_SCHEME];
    unsigned flags = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
    struct buffer full = {0};
    if (options->path_as_is)
        flags |= CURLU_PATH_AS_IS;
    if (options->no_user_in_url)
        flags |= CURLU_DISALLOW_USER;
    if (!scheme || has_scheme(url))
        return library->curl_url_set(address, CURLUPART_URL, url, flags);
    buffer_append_text(&full, scheme);
    buffer_append_text(&full, "://");
    buffer_append(&full, url, strlen(url) + 1);
    CURLUcode code = CURLUE_OUT_OF_MEMORY;
    if (buffer_ok(&full))
        code = library->curl_url_set(address, CURLUPART_URL, (char *)full.at, flags);
    buffer_free(&full);
    return code;
}

/* The parsed address, to be freed with curl_url_cleanup(); NULL when libcurl rejects it.
 */
static CURLU *parse_address(const struct curl_options *options,
                            const struct curl_library *library)
{
    if (options->address)
        return library->curl_url_dup(options->address);
    CURLU *address = options->text[CURL_TEXT_URL] ? library->curl_url() : NULL;
    if (address && set_address(address, options, library) != CURLUE_OK) {
        library->curl_url_cleanup(address);
        return NULL;
    }
    return address;
}

/* One part of |address| in memory of our own; NULL when it has none. */
static char *part(const struct curl_library *library, CURLU *address, CURLUPart which,
                  unsigned flags)
{
    char *text = NULL, *copy = NULL;
    if (library->curl_url_get(address, which, &text, flags) != CURLUE_OK || !text)
        return NULL;
    size_t size = strlen(text) + 1;
    if ((copy = memory_new(size)))
        span_copy_text(span_text(text), copy, size);
    library->curl_free(text);
    return copy;
}

static bool is_word(const char *text, const char *end, const char *word)
{
    return span_is_nocase(span_trim(span_of(text, (size_t)(end - text))), word);
}

/* CURLOPT_PROTOCOLS and CURLOPT_PROTOCOLS_STR may forbid the scheme. */
static bool allowed(const struct curl_options *options, bool tls)
{
    const char *list = options->text[CURL_TEXT_PROTOCOLS];
    if (options->protocols != -1)
        return options->protocols & (tls ? CURLPROTO_HTTPS : CURLPROTO_HTTP);
    if (!list)
        return true;
    for (const char *end; *list; list = *end ? end + 1 : end) {
        end = list + strcspn(list, ",");
        if (is_word(list, end, tls ? "https" : "http") || is_word(list, end, "all"))
            return true;
    }
    return false;
}

/* Scheme and port. 0, or -1 when the transfer is not HTTP, or libcurl will refuse it. */
static int take_scheme(const struct curl_options *options,
                       const struct curl_library *library, CURLU *address,
                       struct curl_request *out)
{
    char *scheme = part(library, address, CURLUPART_SCHEME, 0);
    char *port = part(library, address, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    struct span name = span_text(scheme);
    bool http = span_is_nocase(name, "http") || span_is_nocase(name, "https");
    out->request.tls = name.size == 5;
    out->request.unverified =
        out->request.tls && (options->any_peer || options->any_name);
    out->request.port = (uint16_t)(options->port ? options->port
                                   : port        ? strtoul(port, NULL, 10)
                                                 : 0);
    memory_free(scheme);
    memory_free(port);
    return http && out->request.port && allowed(options, out->request.tls) ? 0 : -1;
}

static int take_target(const struct curl_options *options,
                       const struct curl_library *library, CURLU *address,
                       struct curl_request *out)
{
    char *path = part(library, address, CURLUPART_PATH, CURLU_URLENCODE);
    char *query = part(library, address, CURLUPART_QUERY, 0);
    if (options->text[CURL_TEXT_TARGET]) {
        buffer_append_text(&out->target, options->text[CURL_TEXT_TARGET]);
    } else {
        buffer_append_text(&out->target, path ? path : "/");
        if (query) {
            buffer_append_byte(&out->target, '?');
            buffer_append_text(&out->target, query);
        }
    }
    memory_free(path);
    memory_free(query);
    return buffer_ok(&out->target) ? 0 : -1;
}

static int take_host(const struct curl_library *library, CURLU *address,
                     struct curl_request *out)
{
    out->host = part(library, address, CURLUPART_HOST, 0);
    if (!out->host)
        return -1;
    buffer_append_text(&out->host_port, out->host);
    if (out->request.port != (out->request.tls ? 443 : 80)) {
        buffer_append_byte(&out->host_port, ':');
        buffer_append_decimal(&out->host_port, out->request.port);
    }
    return buffer_ok(&out->host_port) ? 0 : -1;
}

/* A Host line of the program's own that names another server than the URL would make two
 * servers one, or one two. */
static bool foreign_host(const struct curl_options *options,
                         const struct curl_request *out)
{
    for (const struct curl_slist *line = options->headers; line; line = line->next) {
        struct span name, value;
        if (curl_request_line(line->data, &name, &value) != CURL_LINE_NOTHING &&
            span_is_nocase(name, "Host") &&
            !span_equal_nocase(value, buffer_span(&out->host_port)) &&
            !span_is_nocase(value, out->host))
            return true;
    }
    return false;
}

/* What the URL holds besides: login, and the form CURLINFO_EFFECTIVE_URL has. */
static int take_rest(const struct curl_options *options,
                     const struct curl_library *library, CURLU *address,
                     struct curl_request *out)
{
    struct curl_login login = {.user = options->text[CURL_TEXT_USER],
                               .password = options->text[CURL_TEXT_PASSWORD]};
    char *user = part(library, address, CURLUPART_USER, CURLU_URLDECODE);
    char *password = part(library, address, CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (!login.user)
        login.user = user;
    if (!login.password)
        login.password = password;
    if (!login.user && login.password)
        login.user = "";
    out->faithful =
        curl_credential(options, &login, out->host, customised(options, "Authorization"),
                        &out->authorization);
    memory_free(user);
    memory_free(password);
    out->url = part(library, address, CURLUPART_URL, 0);
    return out->url && buffer_ok(&out->authorization) ? 0 : -1;
}

static int take_parts(const struct curl_options *options,
                      const struct curl_library *library, CURLU *address,
                      struct curl_request *out)
{
    if (take_scheme(options, library, address, out) != 0 ||
        take_target(options, library, address, out) != 0 ||
        take_host(library, address, out) != 0 ||
        take_rest(options, library, address, out) != 0)
        return CURL_REQUEST_OTHER;
    out->request.method = span_text(method_of(options));
    out->request.host = span_text(out->host);
    out->request.target = buffer_span(&out->target);
    if (options->unfaithful || foreign_host(options, out) ||
        (options->hsts && !out->request.tls))
        out->faithful = false;
    return add_fields(options, out) == 0 ? CURL_REQUEST_OK : CURL_REQUEST_OTHER;
}

int curl_request_build(const struct curl_options *options,
                       const struct curl_library *library, struct curl_request *out)
{
    *out = (struct curl_request){0};
    if (options->broken || options->connect_only)
        return CURL_REQUEST_OTHER;
    CURLU *address = parse_address(options, library);
    if (!address)
        return CURL_REQUEST_OTHER;
    int result = take_parts(options, library, address, out);
    library->curl_url_cleanup(address);
    return result;
}

void curl_request_free(struct curl_request *request)
{
    headers_free(&request->request.headers);
    memory_free(request->url);
    memory_free(request->host);
    buffer_free(&request->target);
    buffer_free(&request->host_port);
    buffer_free(&request->authorization);
    *request = (struct curl_request){0};
}
