/* SPDX-License-Identifier: MIT */
/* See call_json.h. */
#include "call_json.h"

#include "print.h"
#include "store/files.h"
#include "store/reason.h"
#include "verdict.h"

#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

/* A text as it is. One that is no UTF-8, or holds the one control character that JSON does not
 * escape, gets '?' for such bytes. */
static json_t *text_json(const char *text)
{
    char plain[512];
    json_t *value = strchr(text, 0x7f) ? NULL : json_string(text);
    if (value)
        return value;
    size_t used = 0;
    for (; *text && used < sizeof(plain) - 1; text++)
        plain[used++] = (unsigned char)*text < 0x7f ? *text : '?';
    plain[used] = 0;
    return json_string(plain);
}

static json_t *seconds_json(uint64_t microseconds)
{
    return json_real((double)microseconds / 1e6);
}

/* As hexadecimal digits; null when all of it is zero. */
static json_t *digits_json(const uint8_t *bytes, size_t size)
{
    char text[2 * 32 + 1];
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= bytes[i];
    if (!any)
        return json_null();
    hex_encode(bytes, size, text);
    return json_string(text);
}

/* In UTC, with milliseconds. */
static json_t *time_json(int64_t time_ms)
{
    char date[64], text[80];
    struct tm time;
    time_t seconds = (time_t)(time_ms / 1000);
    if (time_ms < 0 || !gmtime_r(&seconds, &time) ||
        !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &time))
        return json_null();
    snprintf(text, sizeof(text), "%s.%03uZ", date, (unsigned)(time_ms % 1000));
    return json_string(text);
}

static json_t *tags_json(const struct journal_record *record)
{
    json_t *array = json_array();
    const char *tag = NULL;
    while ((tag = journal_next_tag(record, tag)))
        json_array_append_new(array, text_json(tag));
    return array;
}

static void set_names(json_t *line, const struct journal_record *record)
{
    json_object_set_new(line, "time", time_json(record->time_ms));
    json_object_set_new(line, "verdict", json_string(verdict_name(record->verdict)));
    json_object_set_new(line, "layer",
                        record->layer ? json_string(verdict_layer_name(record->layer))
                                      : json_null());
    json_object_set_new(line, "reason",
                        record->reason ? json_string(reason_name(record->reason))
                                       : json_null());
    json_object_set_new(line, "model", text_json(record->model));
    json_object_set_new(line, "host", text_json(record->host));
    json_object_set_new(line, "port", json_integer(record->port));
    json_object_set_new(line, "dialect", text_json(record->dialect));
    json_object_set_new(line, "operation", text_json(record->operation));
    json_object_set_new(line, "program", text_json(record->program));
    json_object_set_new(line, "pid", json_integer(record->pid));
    json_object_set_new(line, "status", json_integer(record->status));
    json_object_set_new(line, "recorded", json_boolean(record->recorded));
    json_object_set_new(line, "stream", json_boolean(record->stream));
    json_object_set_new(line, "coalesced", json_boolean(record->coalesced));
    json_object_set_new(
        line, "library",
        json_string(record->level == LEVEL_LIBCURL ? "libcurl" : "libssl"));
}

static void set_times(json_t *line, const struct journal_record *record)
{
    json_object_set_new(line, "lookup_seconds", seconds_json(record->lookup_us));
    json_object_set_new(line, "first_byte_seconds", seconds_json(record->first_byte_us));
    json_object_set_new(line, "last_byte_seconds", seconds_json(record->last_byte_us));
    json_object_set_new(line, "recorded_first_byte_seconds",
                        seconds_json(record->recorded_first_byte_us));
    json_object_set_new(line, "recorded_last_byte_seconds",
                        seconds_json(record->recorded_last_byte_us));
    json_object_set_new(line, "saved_seconds", seconds_json(pricing_saved_us(record)));
}

static json_t *dollars_json(uint64_t pico_dollars, bool known)
{
    return known ? json_real((double)pico_dollars / 1e12) : json_null();
}

static void set_worth(json_t *line, struct quotes *quotes,
                      const struct journal_record *record)
{
    uint64_t money;
    enum pricing_kind kind = pricing_of(quotes, record, &money);
    const char *usage = record->usage_known       ? "reported"
                        : record->usage_estimated ? "estimated"
                                                  : "unknown";
    json_object_set_new(line, "usage", json_string(usage));
    json_object_set_new(line, "tokens_in", json_integer((json_int_t)record->tokens_in));
    json_object_set_new(line, "tokens_out", json_integer((json_int_t)record->tokens_out));
    json_object_set_new(line, "tokens_cached",
                        json_integer((json_int_t)record->tokens_cached));
    json_object_set_new(line, "tokens_cache_write",
                        json_integer((json_int_t)record->tokens_cache_write));
    json_object_set_new(line, "saved_dollars",
                        dollars_json(money, kind == PRICING_SAVED));
    json_object_set_new(line, "spent_dollars",
                        dollars_json(money, kind == PRICING_SPENT));
    json_object_set_new(line, "request_bytes",
                        json_integer((json_int_t)record->request_bytes));
    json_object_set_new(line, "response_bytes",
                        json_integer((json_int_t)record->response_bytes));
}

char *call_json_of(struct quotes *quotes, const struct journal_record *record)
{
    json_t *line = json_object();
    set_names(line, record);
    set_times(line, record);
    set_worth(line, quotes, record);
    json_object_set_new(line, "tenant",
                        digits_json(record->tenant, sizeof(record->tenant)));
    json_object_set_new(line, "key", digits_json(record->key, sizeof(record->key)));
    json_object_set_new(line, "request",
                        digits_json(record->request, sizeof(record->request)));
    json_object_set_new(line, "tags", tags_json(record));
    const size_t form = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12);
    char *text = line ? json_dumps(line, form) : NULL;
    json_decref(line);
    if (text)
        return text;
    print_error("memory is short");
    exit(EX_OSERR);
}
