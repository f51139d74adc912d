/* SPDX-License-Identifier: MIT */
/* `preecho prefix --json`: the same for programs. preecho-prefix(1) lists the names. */
#include "prefix.h"

#include "print.h"
#include "store/files.h"

#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#define PICO 1e12

static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* What is no UTF-8 becomes question marks. */
static json_t *text_json(struct span text)
{
    json_t *value = json_stringn((const char *)text.at, text.size);
    if (value)
        return value;
    char *plain = print_grown(NULL, text.size + 1);
    for (size_t i = 0; i < text.size; i++)
        plain[i] = text.at[i] < 0x80 ? (char)text.at[i] : '?';
    value = json_stringn(plain, text.size);
    free(plain);
    return value;
}

static json_t *digits_json(const uint8_t *bytes, size_t size)
{
    char text[2 * STORE_KEY_SIZE + 1];
    hex_encode(bytes, size, text);
    return json_string(text);
}

static json_t *time_json(int64_t time_ms)
{
    char date[40] = "", text[64];
    struct tm time;
    time_t seconds = (time_t)(time_ms / 1000);
    if (!gmtime_r(&seconds, &time) ||
        !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &time))
        return json_null();
    snprintf(text, sizeof(text), "%s.%03dZ", date, (int)(time_ms % 1000));
    return json_string(text);
}

/* null: nobody knows what the provider's cache would have saved. */
static json_t *dollars(const struct prefix_group *group, uint64_t money)
{
    if (!group->priced || group->price.cached_read >= group->price.input)
        return json_null();
    return json_real((double)money / PICO);
}

static void set_group(json_t *object, const struct prefix_group *group)
{
    json_object_set_new(object, "model", text_json(span_text(group->model)));
    json_object_set_new(object, "host", text_json(span_text(group->host)));
    json_object_set_new(object, "port", json_integer(group->port));
    json_object_set_new(object, "tenant", digits_json(group->tenant, TENANT_ID_SIZE));
    json_object_set_new(object, "label", text_json(span_text(group->label)));
}

static json_t *parts_json(const struct prefix_group *group)
{
    json_t *object = json_object();
    for (size_t i = 0; i < SEGMENT_PARTS; i++)
        json_object_set_new(object, segment_part_name((enum segment_part)i),
                            number(group->tokens_part[i]));
    return object;
}

static json_t *group_json(const struct prefix_group *group)
{
    json_t *object = json_object();
    set_group(object, group);
    json_object_set_new(object, "calls", number(group->calls));
    json_object_set_new(object, "calls_estimated", number(group->estimated));
    json_object_set_new(object, "calls_in_member_order", number(group->guessed));
    json_object_set_new(object, "calls_unlisted", number(group->unlisted));
    json_object_set_new(object, "calls_served", number(group->stored_calls));
    json_object_set_new(object, "tokens_served", number(group->stored_tokens));
    json_object_set_new(object, "minimum_tokens", number(group->rules.minimum));
    json_object_set_new(object, "tokens_in", number(group->tokens_in));
    json_object_set_new(object, "tokens_cached", number(group->tokens_cached));
    json_object_set_new(object, "tokens_possible", number(group->tokens_common));
    json_object_set_new(object, "tokens_possible_in", parts_json(group));
    json_object_set_new(object, "tokens_predicted",
                        number(group->tokens_forecast[FORECAST_SENT]));
    json_object_set_new(object, "calls_predicted_about",
                        number(group->calls_about[FORECAST_SENT]));
    json_object_set_new(object, "tokens_marked",
                        number(group->tokens_forecast[FORECAST_MARKED]));
    json_object_set_new(object, "calls_marked_about",
                        number(group->calls_about[FORECAST_MARKED]));
    json_object_set_new(object, "tokens_lost", number(group->tokens_lost));
    json_object_set_new(object, "dollars_lost", dollars(group, group->money_lost));
    return object;
}

static json_t *place_json(const struct prefix_place *place)
{
    if (!place->any)
        return json_null();
    return json_pack(
        "{s:s, s:o, s:I, s:s, s:o, s:o}", "part", segment_part_name(place->part),
        "pointer", text_json(buffer_span(&place->pointer)), "offset",
        (json_int_t)place->offset, "cause", prefix_cause_name(place->cause), "then",
        text_json(buffer_span(&place->then)), "now", text_json(buffer_span(&place->now)));
}

static json_t *loss_json(const struct prefix_loss *loss)
{
    json_t *object = json_object();
    set_group(object, loss->group);
    json_object_set_new(object, "program", text_json(span_text(loss->program)));
    json_object_set_new(object, "calls", number(loss->calls));
    json_object_set_new(object, "tokens_lost", number(loss->tokens));
    json_object_set_new(object, "dollars_lost", dollars(loss->group, loss->money));
    json_object_set_new(object, "key", digits_json(loss->key, STORE_KEY_SIZE));
    json_object_set_new(object, "time", time_json(loss->ended_ms));
    json_object_set_new(object, "tokens_lost_here", number(loss->worst_tokens));
    json_object_set_new(object, "compared_with",
                        digits_json(loss->before, STORE_KEY_SIZE));
    json_object_set_new(object, "compared_time", time_json(loss->before_ms));
    json_object_set_new(object, "place", place_json(&loss->place));
    return object;
}

static json_t *cluster_json(struct prefix *prefix, const struct prefix_group *group,
                            size_t head)
{
    uint64_t calls, common, all = pieces_bytes(&group->versions[head].pieces);
    size_t count = prefix_cluster_size(group, head, &calls, &common);
    if (group->versions[head].cluster != head || count < 2)
        return NULL;
    struct buffer text = {0};
    json_t *object = json_object();
    set_group(object, group);
    json_object_set_new(object, "versions", number(count));
    json_object_set_new(object, "calls", number(calls));
    json_object_set_new(object, "bytes", number(all));
    json_object_set_new(object, "bytes_common", number(common));
    bool there = prefix_cluster_text(prefix, group, head, &text);
    json_object_set_new(object, "text",
                        there ? text_json(buffer_span(&text)) : json_null());
    buffer_free(&text);
    return object;
}

static json_t *clusters_json(struct prefix *prefix)
{
    json_t *array = json_array();
    for (size_t i = 0; i < prefix->group_count; i++) {
        const struct prefix_group *group = prefix->groups[i];
        for (size_t head = 0; head < group->version_count; head++) {
            json_t *cluster = json_array_size(array) < prefix->most
                                  ? cluster_json(prefix, group, head)
                                  : NULL;
            if (cluster)
                json_array_append_new(array, cluster);
        }
    }
    return array;
}

void prefix_print_json(struct prefix *prefix)
{
    json_t *groups = json_array(), *losses = json_array();
    for (size_t i = 0; i < prefix->group_count; i++)
        if (prefix->groups[i]->calls)
            json_array_append_new(groups, group_json(prefix->groups[i]));
    for (size_t i = 0; i < prefix->loss_count && i < prefix->most; i++)
        json_array_append_new(losses, loss_json(&prefix->losses[i]));
    json_t *all =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "groups", groups, "losses", losses,
                  "losses_all", number(prefix->loss_count), "system_prompts",
                  clusters_json(prefix), "unreadable", number(prefix->unreadable));
    char *text = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
    json_decref(all);
    if (!text) {
        print_error("memory is short");
        exit(EX_OSERR);
    }
    puts(text);
    free(text);
}
