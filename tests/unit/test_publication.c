/* SPDX-License-Identifier: MIT */
/* What `preecho serve` may give away: nothing but recordings by GET that a rule makes public now. */
#include "unit.h"

#include "store_place.h"

#include "shim/core/keys.h"
#include "store/memory.h"
#include "tools/publication.h"
#include "tools/reply.h"

#define NOW 1800000000000

static struct place place;
static struct store *store;
static struct config config;

/* -- the scene ------------------------------------------------------------------------- */

static const char *get(const char *name)
{
    return strcmp(name, "XDG_CONFIG_HOME") == 0 ? place.root
           : strcmp(name, "HOME") == 0          ? "/nowhere"
                                                : NULL;
}

/* Reads settings with this text in the user's file. */
static void rule(const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/preecho", place.root);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/preecho/preecho.conf", place.root);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
    config_free(&config);
    CHECK_INT(config_read(&config, get), 0);
    CHECK_TEXT(config.problem, "");
}

#define PUBLIC "[match \"a.example/open/*\"]\npublic = yes\n"

/* What is recorded, but for what a test changes. */
struct recording {
    const char *operation, *method, *target, *tenant;
    bool plain_http, unverified;
    unsigned status;
    const char *said, *asked; /* "Name: value" of response and request */
    uint64_t ttl_s;
    int64_t age_ms;
    uint32_t sensitive;
    const char *version;
    const char *epoch; /* of 8 bytes */
};

static void add_line(struct headers *headers, const char *line)
{
    struct span text = span_text(line);
    size_t size = span_find(text, span_text(":"));
    if (line)
        CHECK_INT(headers_add(headers, span_of(text.at, size), span_skip(text, size + 2)),
                  0);
}

static struct catalogue_place record(const struct recording *recording, const char *body)
{
    static unsigned number; /* of identities that share no key */
    char identity[16];
    snprintf(identity, sizeof identity, "%u", ++number);
    struct tenant tenant =
        place_tenant(store, recording->tenant ? recording->tenant : identity);
    struct request request = {
        .method = span_text(recording->method ? recording->method : "GET"),
        .tls = !recording->plain_http,
        .unverified = recording->unverified,
        .host = span_text("a.example"),
        .port = 443,
        .target = span_text(recording->target ? recording->target : "/open/x"),
        .body = span_text(recording->epoch ? recording->epoch : "epoch-01")};
    struct response response = {.status = recording->status ? recording->status : 200,
                                .version = 11,
                                .body = span_text(body)};
    struct entry_label label = {.dialect = "http",
                                .host = "a.example",
                                .port = 443,
                                .status = 200,
                                .program = "curl",
                                .sensitive = recording->sensitive,
                                .ttl_s = recording->ttl_s ? recording->ttl_s : UINT64_MAX,
                                .created_ms = NOW - recording->age_ms};
    struct catalogue_place out;
    struct buffer packed = {0};
    snprintf(label.operation, sizeof label.operation, "%s",
             recording->operation ? recording->operation : "edge");
    snprintf(label.tenant, sizeof label.tenant, "%s",
             recording->tenant ? recording->tenant : "");
    add_line(&request.headers, recording->asked);
    add_line(&response.headers, recording->said);
    record_pack(&request, &response, (struct span){0}, &packed);
    struct policy policy = {.version = span_text(recording->version)};
    uint8_t alias[STORE_KEY_SIZE];
    keys_edge(&policy, &tenant, &request, alias);
    keys_edge_variant(&policy, &tenant, &request, &response.headers, request.body,
                      out.key);
    memcpy(out.tenant, tenant.id, sizeof out.tenant);
    CHECK_INT(
        store_record(store, &tenant, out.key, alias, &label, NULL, buffer_span(&packed)),
        STORE_OK);
    buffer_free(&packed);
    headers_free(&request.headers);
    headers_free(&response.headers);
    return out;
}

static void begin(void)
{
    place_make(&place);
    store = place_open(&place);
    rule(PUBLIC);
}

static void end(void)
{
    store_close(store);
    config_free(&config);
    place_remove(&place);
}

/* -- what may be given ----------------------------------------------------------------- */

static int get_with(const struct catalogue_place *where, const char *target,
                    const char *field)
{
    struct resource resource = {span_text("a.example"), 443, span_text(target)};
    struct headers headers = {0};
    struct publication publication;
    add_line(&headers, field);
    int result =
        publication_get(store, &config, where, &resource, &headers, NOW, &publication);
    if (result == STORE_OK)
        publication_free(&publication);
    headers_free(&headers);
    return result;
}

static bool given(const struct recording *recording)
{
    struct catalogue_place where = record(recording, "body");
    return get_with(&where, recording->target ? recording->target : "/open/x", NULL) ==
           STORE_OK;
}

static void test_only_what_is_public(void)
{
    begin();
    CHECK(given(&(struct recording){0}));
    CHECK(given(&(struct recording){.plain_http = true}));
    CHECK(!given(&(struct recording){.target = "/shut/x"}));
    CHECK(!given(&(struct recording){.operation = "chat"}));
    CHECK(!given(&(struct recording){.method = "POST"}));
    CHECK(!given(&(struct recording){.method = "HEAD"}));
    CHECK(!given(&(struct recording){.status = 404}));
    CHECK(!given(&(struct recording){.status = 206}));
    CHECK(!given(&(struct recording){.unverified = true}));
    CHECK(!given(&(struct recording){.said = "Cache-Control: private"}));
    CHECK(!given(&(struct recording){.said = "Cache-Control: max-age=1, No-Store"}));
    CHECK(given(&(struct recording){.said = "Cache-Control: max-age=1"}));
    CHECK(!given(&(struct recording){.said = "Vary: *"}));
    CHECK(!given(&(struct recording){.said = "Vary: Cookie"}));
    CHECK(!given(&(struct recording){.target = "/open/../x"}));
    CHECK(!given(&(struct recording){.target = "/open//x"}));
    CHECK(!given(&(struct recording){.target = "/open/%2e%2e/x"}));
    end();
}

static void test_time(void)
{
    begin();
    CHECK(given(&(struct recording){.ttl_s = 10, .age_ms = 10000}));
    CHECK(!given(&(struct recording){.ttl_s = 10, .age_ms = 11000}));
    rule("ttl = 5s\n" PUBLIC);
    CHECK(!given(&(struct recording){.ttl_s = 10, .age_ms = 10000}));
    rule("max_age = 5s\n" PUBLIC);
    CHECK(!given(&(struct recording){.age_ms = 10000}));
    end();
}

static void test_rules_count_now(void)
{
    begin();
    struct catalogue_place where = record(&(struct recording){0}, "body");
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_OK);
    rule("");
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    rule(PUBLIC "[match \"path=/open/x\"]\npublic = no\n");
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    rule(PUBLIC "[match \"path=/open/x\"]\nmode = off\n");
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    rule("[match \"a.example tenant=other\"]\npublic = yes\n");
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    rule("[match \"a.example model=*\"]\npublic = yes\n"); /* it has none */
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    rule("[match \"program=curl operation=edge\"]\npublic = yes\n");
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_OK);
    CHECK_INT(get_with(&where, "/open/y", NULL), STORE_MISS);
    end();
}

static void test_version(void)
{
    begin();
    struct recording versioned = {.version = "2"};
    struct catalogue_place where = record(&versioned, "body");
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    rule("version = 2\n" PUBLIC);
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_OK);
    rule("version = 3\n" PUBLIC);
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    end();
}

/* The answer to a request with a cookie is somebody's, whether Vary says so or not. */
static void test_cookies(void)
{
    begin();
    CHECK(!given(&(struct recording){.asked = "Cookie: a=b"}));
    CHECK(!given(&(struct recording){.asked = "X-Session: a"}));
    CHECK(given(&(struct recording){.asked = "Accept: text/html"}));
    end();
}

/* RFC 9111, 4.4: what was recorded before the address was written to is not given. */
static void test_written_to(void)
{
    begin();
    struct recording german = {
        .said = "Vary: Accept-Language", .asked = "Accept-Language: de", .tenant = "one"};
    struct recording english = {
        .said = "Vary: Accept-Language", .asked = "Accept-Language: en", .tenant = "one"};
    struct catalogue_place old = record(&german, "Antwort");
    record(&english, "answer");
    CHECK_INT(get_with(&old, "/open/x", "accept-language: de"), STORE_OK);
    english.epoch = "epoch-02";
    struct catalogue_place new = record(&english, "another answer");
    CHECK_INT(get_with(&old, "/open/x", "accept-language: de"), STORE_MISS);
    CHECK_INT(get_with(&new, "/open/x", "accept-language: en"), STORE_OK);
    end();
}

static void test_variants(void)
{
    begin();
    struct recording german = {.said = "Vary: Accept-Language",
                               .asked = "Accept-Language: de"};
    struct catalogue_place where = record(&german, "Antwort");
    CHECK_INT(get_with(&where, "/open/x", "accept-language: de"), STORE_OK);
    CHECK_INT(get_with(&where, "/open/x", "accept-language: en"), STORE_MISS);
    CHECK_INT(get_with(&where, "/open/x", NULL), STORE_MISS);
    struct recording secret = {.said = "Vary: X-Api-Key", .asked = "X-Api-Key: sesame"};
    where = record(&secret, "x");
    CHECK_INT(get_with(&where, "/open/x", "x-api-key: sesame"), STORE_MISS);
    end();
}

/* A rule can say `public` in sections only, and in no project's file. */
static void test_public_is_said_on_purpose(void)
{
    begin();
    char path[300];
    struct config other;
    snprintf(path, sizeof path, "%s/preecho/preecho.conf", place.root);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs("public = yes\n", file) >= 0 && fclose(file) == 0);
    CHECK_INT(config_read(&other, get), 0);
    CHECK(strstr(other.problem, "sections only"));
    CHECK_INT(other.mode, MODE_OFF);
    config_free(&other);
    end();
}

/* -- finding it ------------------------------------------------------------------------ */

/* The body that is given for |target|, or "". */
static const char *served(struct catalogue *catalogue, const char *target)
{
    static char text[64];
    struct resource resource = {span_text("A.example"), 443, span_text(target)};
    struct catalogue_place places[CATALOGUE_FOUND];
    struct headers none = {0};
    struct publication publication;
    size_t count = catalogue_find(catalogue, &resource, places);
    text[0] = 0;
    if (publication_find(store, &config, places, count, &resource, &none, NOW,
                         &publication) == STORE_OK) {
        span_copy_text(publication.record.response.body, text, sizeof text);
        publication_free(&publication);
    }
    return text;
}

static size_t listed(struct catalogue *catalogue, const char *target)
{
    struct resource resource = {span_text("a.example"), 443, span_text(target)};
    struct catalogue_place places[CATALOGUE_FOUND];
    return catalogue_find(catalogue, &resource, places);
}

/* What is not given is not even looked at: nobody can tell by the time that it is there. */
static void test_catalogue_lists_what_is_public(void)
{
    begin();
    rule("[match \"a.example/open/*\"]\npublic = yes\n");
    struct catalogue *catalogue = catalogue_new(store);
    record(&(struct recording){0}, "x");
    record(&(struct recording){.target = "/shut"}, "shut");
    record(&(struct recording){.target = "/open/y", .said = "Cache-Control: private"},
           "y");
    record(&(struct recording){.target = "/open/z", .said = "Vary: Cookie"}, "z");
    CHECK_INT(catalogue_refresh(catalogue, &config, 1), STORE_OK);
    CHECK_INT(listed(catalogue, "/open/x"), 1);
    CHECK_INT(listed(catalogue, "/shut"), 0);
    CHECK_INT(listed(catalogue, "/open/y"), 0);
    CHECK_INT(listed(catalogue, "/open/z"), 0);
    rule("[match \"a.example/shut\"]\npublic = yes\n");
    CHECK_INT(catalogue_refresh(catalogue, &config, 2), STORE_OK);
    CHECK_INT(listed(catalogue, "/open/x"), 0);
    CHECK_INT(listed(catalogue, "/shut"), 1);
    catalogue_free(catalogue);
    end();
}

static void test_catalogue(void)
{
    begin();
    struct catalogue *catalogue = catalogue_new(store);
    CHECK_INT(catalogue_refresh(catalogue, &config, 1), STORE_OK);
    CHECK_TEXT(served(catalogue, "/open/x"), "");
    record(&(struct recording){.age_ms = 5000}, "old");
    record(&(struct recording){.age_ms = 1000}, "new");
    record(&(struct recording){.plain_http = true}, "plain");
    record(&(struct recording){.target = "/open/y", .plain_http = true}, "y");
    record(&(struct recording){.target = "/shut"}, "shut");
    CHECK_INT(catalogue_refresh(catalogue, &config, 1), STORE_OK);
    CHECK_TEXT(served(catalogue, "/open/x"), "new");
    CHECK_TEXT(served(catalogue, "/open/y"), "y");
    CHECK_TEXT(served(catalogue, "/shut"), "");
    CHECK_TEXT(served(catalogue, "/open/z"), "");
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_TEXT(served(catalogue, "/open/x"), "new");
    CHECK_INT(catalogue_refresh(catalogue, &config, 1), STORE_OK);
    CHECK_TEXT(served(catalogue, "/open/x"), "new");
    rule("[match \"a.example/shut\"]\npublic = yes\n");
    CHECK_TEXT(served(catalogue, "/open/x"), "");
    CHECK_INT(catalogue_refresh(catalogue, &config, 2), STORE_OK);
    CHECK_TEXT(served(catalogue, "/shut"), "shut");
    catalogue_free(catalogue);
    end();
}

static void test_catalogue_without_memory(void)
{
    begin();
    struct catalogue *catalogue = catalogue_new(store);
    record(&(struct recording){0}, "body");
    int result = STORE_NO_MEMORY;
    for (unsigned long i = 1; i < 500; i++) {
        memory_fail_from(i);
        result = catalogue_refresh(catalogue, &config, i);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY ||
              result == STORE_CORRUPT || result == STORE_UNAVAILABLE);
    }
    CHECK_INT(result, STORE_OK);
    CHECK_TEXT(served(catalogue, "/open/x"), "body");
    catalogue_free(catalogue);
    end();
}

/* -- what is said ---------------------------------------------------------------------- */

/* "name: value\n" of the reply. */
static const char *said(const struct reply *reply)
{
    static char text[2048];
    struct span fields = buffer_span(&reply->fields);
    const char *name, *value;
    size_t size = 0;
    text[0] = 0;
    while (reply_field(&fields, &name, &value))
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "%s: %s\n", name, value);
    return text;
}

static struct reply reply_to(const struct catalogue_place *where, const char *method,
                             const char *field, struct publication *publication)
{
    struct resource resource = {span_text("a.example"), 443, span_text("/open/x")};
    struct request request = {.method = span_text(method)};
    struct reply reply = {0};
    add_line(&request.headers, field);
    CHECK_INT(publication_get(store, &config, where, &resource, &request.headers, NOW,
                              publication),
              STORE_OK);
    CHECK(reply_make(&request, publication, NOW, &reply));
    headers_free(&request.headers);
    return reply;
}

static unsigned status_of(const struct catalogue_place *where, const char *method,
                          const char *field, size_t size)
{
    struct publication publication;
    struct reply reply = reply_to(where, method, field, &publication);
    unsigned status = reply.status;
    CHECK_INT(reply.body.size, size);
    reply_free(&reply);
    publication_free(&publication);
    return status;
}

static void test_reply(void)
{
    begin();
    struct recording html = {.said = "Content-Type: text/html", .age_ms = 7900};
    struct catalogue_place where = record(&html, "0123456789");
    struct publication publication;
    struct reply reply = reply_to(&where, "GET", NULL, &publication);
    CHECK_INT(reply.status, 200);
    CHECK(span_is(reply.body, "0123456789"));
    CHECK(strstr(said(&reply), "Cache-Control: no-cache\nAge: 7\nETag: \""));
    CHECK(strstr(said(&reply),
                 "Content-Type: text/html\nX-Content-Type-Options: nosniff\n"));
    CHECK(!strstr(said(&reply), "Vary"));
    char match[80];
    snprintf(match, sizeof match, "If-None-Match: %.34s", strchr(said(&reply), '"'));
    reply_free(&reply);
    publication_free(&publication);
    CHECK_INT(status_of(&where, "GET", match, 10), 304);
    CHECK_INT(status_of(&where, "HEAD", match, 10), 304);
    CHECK_INT(status_of(&where, "GET", "If-Match: \"x\"", 0), 412);
    CHECK_INT(status_of(&where, "GET", "Range: bytes=2-4", 3), 206);
    CHECK_INT(status_of(&where, "HEAD", "Range: bytes=2-4", 10), 200);
    CHECK_INT(status_of(&where, "GET", "Range: bytes=10-", 0), 416);
    CHECK_INT(status_of(&where, "GET", "Range: bytes=0-1,3-4", 10), 200);
    end();
}

/* A cache would give what it keeps of these to those who ask without the condition. */
static void test_refusals_are_not_kept(void)
{
    begin();
    rule("[match \"a.example\"]\npublic = yes\ncache_control = public, max-age=60\n");
    struct catalogue_place where = record(&(struct recording){0}, "0123456789");
    struct publication publication;
    struct reply reply = reply_to(&where, "GET", "If-Match: \"x\"", &publication);
    CHECK_TEXT(said(&reply), "Cache-Control: no-store\n");
    reply_free(&reply);
    publication_free(&publication);
    reply = reply_to(&where, "GET", "Range: bytes=10-", &publication);
    CHECK_TEXT(said(&reply), "Cache-Control: no-store\nContent-Range: bytes */10\n");
    reply_free(&reply);
    publication_free(&publication);
    end();
}

static void test_fields(void)
{
    begin();
    rule("[match \"a.example\"]\npublic = yes\ncache_control = public, max-age=60\n"
         "vary = X-Flavour\n");
    struct recording recording = {.said = "Set-Cookie: a=b"};
    struct catalogue_place where = record(&recording, "x");
    struct publication publication;
    struct reply reply = reply_to(&where, "GET", NULL, &publication);
    CHECK(strstr(said(&reply), "Cache-Control: public, max-age=60\nVary: X-Flavour\n"));
    CHECK(!strstr(said(&reply), "ookie"));
    reply_free(&reply);
    publication_free(&publication);
    recording.said = "Server: secret-machine/7";
    where = record(&recording, "x");
    reply = reply_to(&where, "GET", NULL, &publication);
    CHECK(!strstr(said(&reply), "secret-machine"));
    reply_free(&reply);
    publication_free(&publication);
    recording.said = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
    where = record(&recording, "x");
    reply = reply_to(&where, "GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
                     &publication);
    CHECK_INT(reply.status, 304);
    CHECK(!strstr(said(&reply), "Last-Modified"));
    reply_free(&reply);
    publication_free(&publication);
    reply = reply_to(&where, "GET", NULL, &publication);
    CHECK(strstr(said(&reply), "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\n"));
    reply_free(&reply);
    publication_free(&publication);
    CHECK(reply_refuse(404, &reply));
    CHECK_TEXT(said(&reply), "Cache-Control: no-store\n");
    CHECK_INT(reply.body.size, 0);
    reply_free(&reply);
    end();
}

int main(void)
{
    RUN(test_only_what_is_public);
    RUN(test_time);
    RUN(test_rules_count_now);
    RUN(test_version);
    RUN(test_cookies);
    RUN(test_written_to);
    RUN(test_variants);
    RUN(test_public_is_said_on_purpose);
    RUN(test_catalogue);
    RUN(test_catalogue_lists_what_is_public);
    RUN(test_catalogue_without_memory);
    RUN(test_reply);
    RUN(test_refusals_are_not_kept);
    RUN(test_fields);
    return unit_end();
}
