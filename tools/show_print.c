/* SPDX-License-Identifier: MIT */
/* See show_print.h. */
#include "show_print.h"

#include "filter.h"
#include "print.h"
#include "shim/core/api/edge_call.h"
#include "shim/core/api/sensitive.h"
#include "store/files.h"

#include <inttypes.h>
#include <time.h>

static void show_key(const uint8_t key[STORE_KEY_SIZE])
{
    fputs("key        ", stdout);
    for (size_t i = 0; i < STORE_KEY_SIZE; i++)
        printf("%02x", key[i]);
    putchar('\n');
}

static void show_time(int64_t created_ms)
{
    char text[40] = "", age[32];
    time_t seconds = created_ms / 1000;
    struct tm parts;
    if (localtime_r(&seconds, &parts))
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &parts);
    double past = (double)(filter_now_ms() - created_ms) / 1000;
    printf("recorded   %s (%s ago)\n", text, print_duration(past > 0 ? past : 0, age));
}

/* "9 in (5 of them cached, 2 written to the cache), 3 out" */
static void show_tokens(const struct entry_label *label)
{
    if (!label->usage_known && !label->usage_estimated) {
        puts("tokens     not told");
        return;
    }
    printf("tokens     %" PRIu64 " in (%" PRIu64 " of them cached", label->tokens_in,
           label->tokens_cached);
    if (label->tokens_cache_write)
        printf(", %" PRIu64 " written to the cache", label->tokens_cache_write);
    printf("), %" PRIu64 " out%s\n", label->tokens_out,
           label->usage_estimated ? ", estimated: the answer does not say" : "");
}

void show_label(const uint8_t key[STORE_KEY_SIZE], const struct entry_label *label)
{
    char first[32], last[32], kinds[SENSITIVE_TEXT_SIZE];
    show_key(key);
    show_time(label->created_ms);
    printf("operation  %s %s%s\n", label->dialect, label->operation,
           label->stream ? ", streamed" : "");
    if (!edge_call_is(span_text(label->operation))) {
        fputs("model      ", stdout);
        print_text(span_text(label->model));
        putchar('\n');
    }
    printf("took       %s to the first byte, %s to the last\n",
           print_duration((double)label->first_byte_us / 1e6, first),
           print_duration((double)label->last_byte_us / 1e6, last));
    if (!edge_call_is(span_text(label->operation)))
        show_tokens(label);
    if (label->ordinal)
        printf("sample     number %" PRIu32 " of several answers\n", label->ordinal + 1);
    if (label->sensitive)
        printf("sensitive  %s\n", sensitive_text(label->sensitive, kinds));
}

static void show_texts(const char *title, struct span texts)
{
    struct cursor cursor = cursor_of(texts);
    while (cursor.left && cursor_ok(&cursor)) {
        printf("%-11s", title);
        print_text(cursor_framed(&cursor));
        putchar('\n');
    }
}

void show_notes(const struct each_entry *about)
{
    char id[2 * TENANT_ID_SIZE + 1];
    hex_encode(about->tenant, TENANT_ID_SIZE, id);
    printf("tenant     %s ", id);
    print_text(span_text(about->label.tenant));
    putchar('\n');
    show_texts("tag", about->notes.tags);
    show_texts("ignored", about->notes.ignored);
}

static void show_headers(const struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        print_text(headers->at[i].name);
        fputs(": ", stdout);
        print_text(headers->at[i].value);
        putchar('\n');
    }
    putchar('\n');
}

static void show_body(struct span body)
{
    if (!print_is_text(body)) {
        print_hex(body);
        return;
    }
    print_text(body);
    if (body.size && body.at[body.size - 1] != '\n')
        putchar('\n');
}

struct span show_request_body(const struct request *request)
{
    return edge_call_method(request->method) ? span_text("") : request->body;
}

void show_request(const struct request *request)
{
    print_text(request->method);
    printf(" %s://", request->tls ? "https" : "http");
    print_text(request->host);
    printf(":%u", request->port);
    print_text(request->target);
    putchar('\n');
    show_headers(&request->headers);
    show_body(show_request_body(request));
}

void show_response(const struct response *response)
{
    if (response->status == EDGE_WRITTEN) {
        puts("(none: the address was written to, and older answers hold no more)");
        return;
    }
    printf("HTTP/%u.%u %u ", response->version / 10, response->version % 10,
           response->status);
    print_text(response->phrase);
    putchar('\n');
    show_headers(&response->headers);
    show_body(response->body);
}
