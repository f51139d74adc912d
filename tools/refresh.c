/* SPDX-License-Identifier: MIT */
/* `preecho refresh DIRECTORY`, which no person calls: the core starts it when it serves an expired
 * answer. It makes the request that lies in the sealed memory behind descriptor 3 once more, from
 * DIRECTORY, where the program was that asked. It is itself preloaded, in the mode `record`: the
 * answer is looked up, waited for and recorded as any program's would be.
 *
 * libcurl is loaded here and not linked, for it would slow down every other command. */
#include "refresh.h"

#include "shim/core/api/packed_request.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define REQUEST      3
#define LONGEST_S    600L
#define CONNECTING_S 30L

struct curl {
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_perform)(CURL *);
    void (*easy_cleanup)(CURL *);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
};

static bool load(struct curl *curl)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW);
    if (!library)
        return false;
    *(void **)&curl->easy_init = dlsym(library, "curl_easy_init");
    *(void **)&curl->easy_setopt = dlsym(library, "curl_easy_setopt");
    *(void **)&curl->easy_perform = dlsym(library, "curl_easy_perform");
    *(void **)&curl->easy_cleanup = dlsym(library, "curl_easy_cleanup");
    *(void **)&curl->slist_append = dlsym(library, "curl_slist_append");
    *(void **)&curl->slist_free_all = dlsym(library, "curl_slist_free_all");
    return curl->easy_init && curl->easy_setopt && curl->easy_perform &&
           curl->easy_cleanup && curl->slist_append && curl->slist_free_all;
}

/* "NAME: VALUE", or "NAME;" as libcurl wants a field without a value. */
static bool add_field(const struct curl *curl, struct curl_slist **list,
                      const struct header *header)
{
    struct buffer line = {0};
    buffer_append_span(&line, header->name);
    buffer_append_text(&line, header->value.size ? ": " : ";");
    buffer_append_span(&line, header->value);
    buffer_append_byte(&line, 0);
    struct curl_slist *longer =
        buffer_ok(&line) ? curl->slist_append(*list, (const char *)line.at) : NULL;
    buffer_free(&line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

/* Fields of the connection, and those that libcurl makes itself. */
static bool is_own(struct span name)
{
    static const char *const names[] = {"Connection", "Content-Length",
                                        "Transfer-Encoding", "Expect", "Keep-Alive"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (span_is_nocase(name, names[i]))
            return true;
    return false;
}

static struct curl_slist *fields_of(const struct curl *curl,
                                    const struct request *request)
{
    struct curl_slist *list = curl->slist_append(NULL, "Expect:");
    for (size_t i = 0; list && i < request->headers.count; i++) {
        const struct header *header = &request->headers.at[i];
        if (!is_own(header->name) && !add_field(curl, &list, header)) {
            curl->slist_free_all(list);
            return NULL;
        }
    }
    return list;
}

static void append_url(const struct request *request, struct buffer *url)
{
    bool literal = span_find(request->host, span_text(":")) < request->host.size &&
                   !span_starts(request->host, "[");
    buffer_append_text(url, request->tls ? "https://" : "http://");
    buffer_append_text(url, literal ? "[" : "");
    buffer_append_span(url, request->host);
    buffer_append_text(url, literal ? "]:" : ":");
    buffer_append_decimal(url, request->port);
    buffer_append_span(url, request->target);
    buffer_append_byte(url, 0);
}

static size_t discard(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

/* The certificates that the program was told to trust; most languages have a variable. */
static const char *authorities(void)
{
    static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE",
                                        "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return value;
    }
    return NULL;
}

static bool set_method(const struct curl *curl, CURL *easy, const struct request *request,
                       const char *method)
{
    if (span_is(request->method, "GET"))
        return true; /* what libcurl does by itself */
    return curl->easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.at) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             (curl_off_t)request->body.size) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
}

static bool set_options(const struct curl *curl, CURL *easy,
                        const struct request *request, const char *url,
                        const char *method, const struct curl_slist *fields)
{
    const char *bundle = authorities();
    return curl->easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           set_method(curl, easy, request, method) &&
           curl->easy_setopt(easy, CURLOPT_HTTPHEADER, fields) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECTING_S) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_TIMEOUT, LONGEST_S) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
           (!bundle || curl->easy_setopt(easy, CURLOPT_CAINFO, bundle) == CURLE_OK);
}

static int perform(const struct curl *curl, const struct request *request)
{
    struct buffer url = {0};
    char method[16];
    int status = EX_OSERR;
    append_url(request, &url);
    span_copy_text(request->method, method, sizeof(method));
    struct curl_slist *fields = fields_of(curl, request);
    CURL *easy = curl->easy_init();
    if (easy && fields && buffer_ok(&url) &&
        set_options(curl, easy, request, (const char *)url.at, method, fields))
        status = curl->easy_perform(easy) == CURLE_OK ? EX_OK : EX_UNAVAILABLE;
    curl->easy_cleanup(easy);
    curl->slist_free_all(fields);
    buffer_free(&url);
    return status;
}

/* The memory that the core has filled and sealed. */
static struct span map_request(void)
{
    struct stat status;
    if (fstat(REQUEST, &status) != 0 || status.st_size <= 0)
        return (struct span){0};
    void *at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, REQUEST, 0);
    close(REQUEST);
    if (at == MAP_FAILED)
        return (struct span){0};
    return span_of(at, (size_t)status.st_size);
}

int refresh_run(int count, char **arguments)
{
    struct curl curl;
    struct request request = {0};
    if (count != 2)
        return EX_USAGE;
    struct span packed = map_request();
    int status = EX_DATAERR;
    if (packed.size && packed_request_read(packed, &request) == 0) {
        status = EX_UNAVAILABLE;
        if (chdir(arguments[1]) == 0 && load(&curl))
            status = perform(&curl, &request);
    }
    headers_free(&request.headers);
    return status;
}
