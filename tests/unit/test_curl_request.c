/* SPDX-License-Identifier: MIT */
/* The request that libcurl is going to send, worked out from options. The URL functions
 * are those of the installed libcurl. */
#define CURL_DISABLE_DEPRECATION
#include "curl_request.h"
#include "store/memory.h"
#include "unit.h"

#include <dlfcn.h>
#include <stdlib.h>

static const struct curl_library *library;
static struct curl_options options;
static struct curl_request built;
static char text[256];

static int no_hook(const void *function)
{
    (void)function;
    return 0;
}

static void start(const char *url)
{
    curl_options_free(&options);
    curl_options_start(&options);
    curl_options_set(&options, CURLOPT_URL, (void *)url);
}

static void set(CURLoption option, const void *argument)
{
    curl_options_set(&options, option, (void *)argument);
}

static void number(CURLoption option, long value)
{
    curl_options_set(&options, option, (void *)value);
}

static int build(void)
{
    curl_request_free(&built);
    return curl_request_build(&options, library, &built);
}

static const char *copied(struct span span)
{
    span_copy_text(span, text, sizeof text);
    return text;
}

static const char *field(const char *name)
{
    const struct header *header = headers_find(&built.request.headers, name);
    return header ? copied(header->value) : "(none)";
}

static const char *method(void)
{
    CHECK_INT(build(), CURL_REQUEST_OK);
    return copied(built.request.method);
}

static void test_method(void)
{
    start("https://api.openai.com/v1/chat/completions");
    CHECK_TEXT(method(), "GET");
    set(CURLOPT_POSTFIELDS, "{}");
    CHECK_TEXT(method(), "POST");
    CHECK_INT(curl_request_body(&options), CURL_BODY_FIELDS);
    number(CURLOPT_HTTPGET, 1);
    CHECK_TEXT(method(), "GET");
    CHECK_INT(curl_request_body(&options), CURL_BODY_NONE);
    number(CURLOPT_POST, 1);
    CHECK_TEXT(method(), "POST");
    set(CURLOPT_POSTFIELDS, NULL);
    CHECK_INT(curl_request_body(&options), CURL_BODY_READ);
    number(CURLOPT_UPLOAD, 1);
    CHECK_TEXT(method(), "PUT");
    set(CURLOPT_CUSTOMREQUEST, "POST");
    CHECK_TEXT(method(), "POST");
    CHECK_INT(curl_request_body(&options), CURL_BODY_READ);
    set(CURLOPT_CUSTOMREQUEST, NULL);
    number(CURLOPT_NOBODY, 1);
    number(CURLOPT_UPLOAD, 0);
    number(CURLOPT_NOBODY, 1);
    CHECK_TEXT(method(), "HEAD");
    number(CURLOPT_NOBODY, 0);
    CHECK_TEXT(method(), "GET");
    set(CURLOPT_MIMEPOST, "x");
    CHECK_INT(curl_request_body(&options), CURL_BODY_FORM);
}

/* Without a body whatever the kind: libcurl goes by that before it looks at the kind. */
static void test_no_body(void)
{
    start("https://api.openai.com/v1/models");
    CHECK(!options.no_body);
    number(CURLOPT_NOBODY, 1);
    number(CURLOPT_UPLOAD, 0);
    CHECK_TEXT(method(), "HEAD");
    CHECK(options.no_body);
    set(CURLOPT_CUSTOMREQUEST, "GET");
    CHECK_TEXT(method(), "GET");
    CHECK(options.no_body);
    set(CURLOPT_CUSTOMREQUEST, NULL);
    number(CURLOPT_UPLOAD, 1);
    CHECK_TEXT(method(), "PUT");
    number(CURLOPT_NOBODY, 1);
    number(CURLOPT_HTTPGET, 1);
    CHECK_TEXT(method(), "GET");
    number(CURLOPT_NOBODY, 1);
    number(CURLOPT_POST, 1);
    CHECK_TEXT(method(), "POST");
    CHECK(!options.no_body);
}

static void test_cookies(void)
{
    start("https://api.openai.com/v1/models");
    CHECK_INT(options.cookies, 0);
    set(CURLOPT_COOKIE, "a=b");
    set(CURLOPT_COOKIEJAR, "/jar");
    set(CURLOPT_COOKIE, NULL);
    CHECK(options.cookies != 0);
    set(CURLOPT_COOKIEJAR, NULL);
    CHECK_INT(options.cookies, 0);
    set(CURLOPT_COOKIEFILE, "");
    CHECK(options.cookies != 0);
}

static void check_url(const char *url, bool tls, const char *host, unsigned port,
                      const char *target)
{
    start(url);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK_INT(built.request.tls, tls);
    CHECK_TEXT(copied(built.request.host), host);
    CHECK_INT(built.request.port, port);
    CHECK_TEXT(copied(built.request.target), target);
}

static void test_url(void)
{
    check_url("https://api.openai.com/v1/x?a=b#c", true, "api.openai.com", 443,
              "/v1/x?a=b");
    CHECK_TEXT(field("Host"), "api.openai.com");
    check_url("http://localhost:8080", false, "localhost", 8080, "/");
    CHECK_TEXT(field("Host"), "localhost:8080");
    check_url("localhost/api/chat", false, "localhost", 80, "/api/chat");
    check_url("http://a/b/../c", false, "a", 80, "/c");
    number(CURLOPT_PORT, 99);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK_INT(built.request.port, 99);
    set(CURLOPT_REQUEST_TARGET, "/other");
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK_TEXT(copied(built.request.target), "/other");
    start("api.mistral.ai/v1");
    set(CURLOPT_DEFAULT_PROTOCOL, "https");
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK_INT(built.request.tls, true);
    CHECK_TEXT(built.url, "https://api.mistral.ai/v1");
}

static void test_other_urls(void)
{
    start("file:///etc/hostname");
    CHECK_INT(build(), CURL_REQUEST_OTHER);
    start("ftp://host/x");
    CHECK_INT(build(), CURL_REQUEST_OTHER);
    start(NULL);
    CHECK_INT(build(), CURL_REQUEST_OTHER);
    start("https://a/");
    number(CURLOPT_CONNECT_ONLY, 1);
    CHECK_INT(build(), CURL_REQUEST_OTHER);
    start("http://a/");
    set(CURLOPT_PROTOCOLS_STR, "https, ftp");
    CHECK_INT(build(), CURL_REQUEST_OTHER);
    set(CURLOPT_PROTOCOLS_STR, "ftp,http");
    CHECK_INT(build(), CURL_REQUEST_OK);
    number(CURLOPT_PROTOCOLS, CURLPROTO_HTTPS);
    CHECK_INT(build(), CURL_REQUEST_OTHER);
    start("https://user@a/");
    number(CURLOPT_DISALLOW_USERNAME_IN_URL, 1);
    CHECK_INT(build(), CURL_REQUEST_OTHER);
}

static void test_curlu(void)
{
    CURLU *address = library->curl_url();
    library->curl_url_set(address, CURLUPART_URL, "https://h/p?q", 0);
    start(NULL);
    set(CURLOPT_CURLU, address);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK_TEXT(copied(built.request.target), "/p?q");
    CHECK_TEXT(built.url, "https://h/p?q");
    library->curl_url_cleanup(address);
}

static struct curl_slist *line(const char *data, struct curl_slist *next)
{
    struct curl_slist *one = malloc(sizeof *one);
    *one = (struct curl_slist){(char *)data, next};
    return one;
}

static void free_lines(struct curl_slist *one)
{
    for (struct curl_slist *next; one; one = next) {
        next = one->next;
        free(one);
    }
}

static void test_headers(void)
{
    struct curl_slist *lines =
        line("content-type: application/json",
             line("Accept:", line("X-Empty;", line("nonsense", NULL))));
    start("https://a/");
    set(CURLOPT_POSTFIELDS, "x");
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK_TEXT(field("Content-Type"), "application/x-www-form-urlencoded");
    CHECK_TEXT(field("Accept"), "*/*");
    CHECK_TEXT(field("Accept-Encoding"), "(none)");
    set(CURLOPT_HTTPHEADER, lines);
    set(CURLOPT_ACCEPT_ENCODING, "gzip");
    set(CURLOPT_USERAGENT, "me");
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK_TEXT(field("Content-Type"), "application/json");
    CHECK_TEXT(field("Accept"), "(none)");
    CHECK_TEXT(field("X-Empty"), "");
    CHECK_TEXT(field("nonsense"), "(none)");
    CHECK_TEXT(field("Accept-Encoding"), "gzip");
    CHECK_TEXT(field("User-Agent"), "me");
    CHECK(built.faithful);
    free_lines(lines);
}

static void test_foreign_host(void)
{
    struct curl_slist *same = line("Host: a:81", NULL), *other = line("Host: b", NULL);
    start("http://a:81/");
    set(CURLOPT_HTTPHEADER, same);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK(built.faithful);
    set(CURLOPT_HTTPHEADER, other);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK(!built.faithful);
    free_lines(same);
    free_lines(other);
}

static const char *authorization(void)
{
    CHECK_INT(build(), CURL_REQUEST_OK);
    return field("Authorization");
}

static void test_credentials(void)
{
    struct curl_slist *own = line("Authorization: Bearer own", NULL);
    start("https://a/");
    CHECK_TEXT(authorization(), "(none)");
    set(CURLOPT_USERPWD, "Aladdin:open sesame");
    CHECK_TEXT(authorization(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    set(CURLOPT_PASSWORD, "x:y");
    CHECK_TEXT(authorization(), "Basic QWxhZGRpbjp4Onk=");
    set(CURLOPT_HTTPHEADER, own);
    CHECK_TEXT(authorization(), "Bearer own");
    set(CURLOPT_HTTPHEADER, NULL);
    number(CURLOPT_HTTPAUTH, (long)CURLAUTH_ANY);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK(!built.faithful);
    start("https://us%65r:pw@a/");
    CHECK_TEXT(authorization(), "Basic dXNlcjpwdw==");
    start("https://a/");
    set(CURLOPT_XOAUTH2_BEARER, "token");
    number(CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    CHECK_TEXT(authorization(), "Bearer token");
    free_lines(own);
}

static void test_aws(void)
{
    start("https://bedrock-runtime.us-east-1.amazonaws.com/model/x/converse");
    set(CURLOPT_USERPWD, "AKID:secret");
    set(CURLOPT_AWS_SIGV4, "aws:amz");
    CHECK_TEXT(authorization(),
               "AWS4-HMAC-SHA256 Credential=AKID/00000000/us-east-1/"
               "bedrock-runtime/aws4_request, SignedHeaders=host, Signature=0");
    set(CURLOPT_AWS_SIGV4, "aws:amz:eu-west-1:bedrock");
    CHECK_TEXT(authorization(), "AWS4-HMAC-SHA256 Credential=AKID/00000000/eu-west-1/"
                                "bedrock/aws4_request, SignedHeaders=host, Signature=0");
    CHECK(built.faithful);
    set(CURLOPT_AWS_SIGV4, "goog:goog");
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK(!built.faithful);
}

static bool faithful(CURLoption option, long value)
{
    start("https://a/");
    number(option, value);
    CHECK_INT(build(), CURL_REQUEST_OK);
    return built.faithful;
}

static void test_unfaithful(void)
{
    CHECK(!faithful(CURLOPT_RESUME_FROM, 5));
    CHECK(faithful(CURLOPT_RESUME_FROM, 0));
    CHECK(!faithful(CURLOPT_HTTP_CONTENT_DECODING, 0));
    CHECK(faithful(CURLOPT_HTTP_CONTENT_DECODING, 1));
    CHECK(!faithful(CURLOPT_MAXFILESIZE, 1));
    CHECK(!faithful(CURLOPT_NETRC, CURL_NETRC_OPTIONAL));
    CHECK(faithful(CURLOPT_HSTS_CTRL, CURLHSTS_ENABLE));
    start("http://a/");
    number(CURLOPT_HSTS_CTRL, CURLHSTS_ENABLE);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK(!built.faithful);
    set(CURLOPT_RANGE, "0-1");
    set(CURLOPT_RANGE, NULL);
    number(CURLOPT_HSTS_CTRL, 0);
    CHECK_INT(build(), CURL_REQUEST_OK);
    CHECK(built.faithful);
}

static void test_fields(void)
{
    char body[] = "abcdef";
    start("https://a/");
    number(CURLOPT_POSTFIELDSIZE, 3);
    set(CURLOPT_COPYPOSTFIELDS, body);
    body[0] = 'x';
    CHECK_TEXT(options.fields, "abc");
    number(CURLOPT_POSTFIELDSIZE, 5); /* longer than what was copied */
    CHECK(!options.fields);
    set(CURLOPT_POSTFIELDS, body);
    CHECK(options.fields == body);
    struct curl_options copy;
    number(CURLOPT_POSTFIELDSIZE, -1);
    set(CURLOPT_COPYPOSTFIELDS, "again");
    curl_options_copy(&copy, &options);
    CHECK_TEXT(copy.fields, "again");
    CHECK_TEXT(copy.text[CURL_TEXT_URL], "https://a/");
    CHECK(copy.fields != options.fields);
    curl_options_free(&copy);
}

/* An option that could not be noted makes the handle libcurl's alone. */
static void test_no_memory(void)
{
    start("https://a/");
    memory_fail_from(1);
    set(CURLOPT_POSTFIELDS, "by pointer");
    CHECK(!options.broken);
    set(CURLOPT_CUSTOMREQUEST, "POST");
    CHECK(options.broken);
    memory_fail_from(0);
    CHECK_INT(build(), CURL_REQUEST_OTHER);
    start("https://a/");
    for (unsigned long at = 1; at < 12; at++) {
        memory_fail_from(at);
        int result = build();
        memory_fail_from(0);
        CHECK(result == CURL_REQUEST_OTHER || result == CURL_REQUEST_OK);
    }
}

int main(void)
{
    void *handle = dlopen("libcurl.so.4", RTLD_NOW);
    const struct stub_api stub = {.real_dlsym = dlsym, .is_hook = no_hook};
    curl_library_start(&stub);
    library = handle ? curl_library_of(dlsym(handle, "curl_easy_init")) : NULL;
    if (!CHECK(library))
        return unit_end();
    RUN(test_method);
    RUN(test_no_body);
    RUN(test_cookies);
    RUN(test_url);
    RUN(test_other_urls);
    RUN(test_curlu);
    RUN(test_headers);
    RUN(test_foreign_host);
    RUN(test_credentials);
    RUN(test_aws);
    RUN(test_unfaithful);
    RUN(test_fields);
    RUN(test_no_memory);
    curl_request_free(&built);
    curl_options_free(&options);
    return unit_end();
}
