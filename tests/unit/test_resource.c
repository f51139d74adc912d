/* SPDX-License-Identifier: MIT */
/* Which recording a request to `preecho serve` asks for, and which recordings are plain enough. */
#include "unit.h"

#include "tools/resource.h"

/* What |target| with |host| asks for: "host:port target", or "". */
static const char *asked(const char *target, const char *host, const char *hosts)
{
    static char text[256];
    struct request request = {.target = span_text(target)};
    struct resource resource;
    text[0] = 0;
    CHECK_INT(headers_add(&request.headers, span_text("Host"), span_text(host)), 0);
    if (resource_asked(&request, span_text(hosts), &resource))
        snprintf(text, sizeof text, "%.*s:%u %.*s", (int)resource.host.size,
                 (const char *)resource.host.at, resource.port, (int)resource.target.size,
                 (const char *)resource.target.at);
    headers_free(&request.headers);
    return text;
}

static void test_by_path(void)
{
    CHECK_TEXT(asked("/a.example/x", "proxy", ""), "a.example:443 /x");
    CHECK_TEXT(asked("/a.example/", "proxy", ""), "a.example:443 /");
    CHECK_TEXT(asked("/a.example:80/x?y=/z", "proxy", ""), "a.example:80 /x?y=/z");
    CHECK_TEXT(asked("/[::1]:8080/x", "proxy", ""), "::1:8080 /x");
    CHECK_TEXT(asked("http://proxy/a.example/x", "other", ""), "a.example:443 /x");
    CHECK_TEXT(asked("/a.example//x/../y", "proxy", ""), "a.example:443 //x/../y");
    CHECK_TEXT(asked("/a.example", "proxy", ""), "");
    CHECK_TEXT(asked("/", "proxy", ""), "");
    CHECK_TEXT(asked("//x", "proxy", ""), "");
    CHECK_TEXT(asked("", "proxy", ""), "");
    CHECK_TEXT(asked("*", "proxy", ""), "");
    CHECK_TEXT(asked("a.example/x", "proxy", ""), "");
    CHECK_TEXT(asked("/a.example:/x", "proxy", ""), "");
    CHECK_TEXT(asked("/a.example:0/x", "proxy", ""), "");
    CHECK_TEXT(asked("/a.example:65536/x", "proxy", ""), "");
    CHECK_TEXT(asked("/:80/x", "proxy", ""), "");
    CHECK_TEXT(asked("/[::1/x", "proxy", ""), "");
    CHECK_TEXT(asked("/[::1]x/x", "proxy", ""), "");
}

static void test_by_name(void)
{
    static const char hosts[] = "a.example,b.example:8443";
    CHECK_TEXT(asked("/x?y", "a.example", hosts), "a.example:443 /x?y");
    CHECK_TEXT(asked("/x", "A.Example:8317", hosts), "a.example:443 /x");
    CHECK_TEXT(asked("/x", "b.example", hosts), "b.example:8443 /x");
    CHECK_TEXT(asked("/a.example/x", "a.example", hosts), "a.example:443 /a.example/x");
    CHECK_TEXT(asked("/b.example/x", "127.0.0.1:8317", hosts), "b.example:443 /x");
    CHECK_TEXT(asked("http://b.example/x", "a.example", hosts), "b.example:8443 /x");
    CHECK_TEXT(asked("http://b.example", "a.example", hosts), "");
    CHECK_TEXT(asked("*", "a.example", hosts), "");
    CHECK_TEXT(asked("/x/y", "aa.example", hosts), "x:443 /y");
    CHECK_TEXT(asked("/x/y", "", hosts), "x:443 /y");
}

static bool plain(const char *target)
{
    struct request request = {
        .host = span_text("a.example"), .port = 443, .target = span_text(target)};
    struct resource resource;
    return resource_recorded(&request, &resource);
}

static void test_plain(void)
{
    static const char *const good[] = {"/",
                                       "/a",
                                       "/a/",
                                       "/a/b.c",
                                       "/.well-known/x",
                                       "/..a",
                                       "/a..",
                                       "/%41%c3%bc",
                                       "/a?../..//%2e%00",
                                       "/a;b=c",
                                       "/a%20b",
                                       "/~a/$&'()*+,=:@"};
    static const char *const bad[] = {
        "",       "a",      "//",     "/a//b",  "/a/./b",   "/a/../b", "/..",
        "/.",     "/..;/b", "/.;a/b", "/;a/b",  "/a%2fb",   "/a%2Fb",  "/%2e%2e/b",
        "/%2E/b", "/a%5cb", "/a\\b",  "/a%00b", "/a%0d%0a", "/a%7f",   "/a%252e",
        "/a%3bb", "/a%",    "/a%4",   "/a%zz",  "/a b",     "/a\x80",  "/a#b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        unit_check(plain(good[i]), __FILE__, __LINE__, "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        unit_check(!plain(bad[i]), __FILE__, __LINE__, "%s", bad[i]);
}

static void test_equal(void)
{
    struct resource a = {span_text("a.example"), 443, span_text("/x")};
    struct resource upper = {span_text("A.Example"), 443, span_text("/x")};
    struct resource port = {span_text("a.example"), 80, span_text("/x")};
    struct resource path = {span_text("a.example"), 443, span_text("/X")};
    uint8_t one[RESOURCE_DIGEST], other[RESOURCE_DIGEST];
    CHECK(resource_equal(&a, &upper));
    CHECK(!resource_equal(&a, &port));
    CHECK(!resource_equal(&a, &path));
    resource_digest(&a, one);
    resource_digest(&upper, other);
    CHECK_BYTES(one, other, sizeof one);
    resource_digest(&port, other);
    CHECK(memcmp(one, other, sizeof one) != 0);
    resource_digest(&path, other);
    CHECK(memcmp(one, other, sizeof one) != 0);
}

int main(void)
{
    RUN(test_by_path);
    RUN(test_by_name);
    RUN(test_plain);
    RUN(test_equal);
    return unit_end();
}
