/* SPDX-License-Identifier: MIT */
/* The header API over a hit's lines. */
#include "curl_fields.h"

#include "curl_delivery.h"
#include "curl_handle.h"
#include "store/memory.h"

#define ORIGINS (CURLH_HEADER | CURLH_TRAILER | CURLH_CONNECT | CURLH_1XX | CURLH_PSEUDO)

struct field {
    char *name;
    char *value;
    size_t line; /* the program has it once this line has been handed over */
    unsigned origin;
};

/* Made once, in one block: texts behind the fields. */
struct curl_fields {
    struct curl_header shown[2]; /* one for each function */
    size_t count;
    struct field at[];
};

static char *put_text(char **at, struct span text)
{
    char *start = *at;
    memcpy(start, text.at, text.size);
    start[text.size] = 0;
    *at += text.size + 1;
    return start;
}

/* Over HTTP/2 and HTTP/3 libcurl shows the status as a pseudo header. */
static bool pseudo_status(const struct curl_lines *lines, size_t index,
                          struct span *value)
{
    struct span line = curl_lines_text(lines, index);
    if (!lines->at[index].status ||
        (!span_starts(line, "HTTP/2") && !span_starts(line, "HTTP/3")))
        return false;
    line = span_skip(line, span_find(line, span_text(" ")) + 1);
    *value = span_of(line.at, line.size < 3 ? line.size : 3);
    return true;
}

static struct curl_fields *make(const struct curl_lines *lines)
{
    size_t head = sizeof(struct curl_fields) + lines->count * sizeof(struct field);
    struct curl_fields *fields = memory_new(head + lines->text.size + lines->count * 12);
    if (!fields)
        return NULL;
    char *text = (char *)fields + head;
    for (size_t i = 0; i < lines->count; i++) {
        struct field *field = &fields->at[fields->count];
        struct span name, value;
        if (pseudo_status(lines, i, &value)) {
            name = span_text(":status");
            field->origin = CURLH_PSEUDO;
        } else if (curl_lines_field(lines, i, &name, &value)) {
            field->origin = lines->at[i].origin;
        } else {
            continue;
        }
        field->name = put_text(&text, name);
        field->value = put_text(&text, value);
        field->line = i;
        fields->count++;
    }
    return fields;
}

/* What the program can know by now. */
static bool matches(const struct curl_delivery *delivery, const struct field *field,
                    const char *name, unsigned origin)
{
    return field->line <= delivery->line && (field->origin & origin) &&
           (!name || span_is_nocase(span_text(field->name), name));
}

static struct curl_fields *fields_of(struct curl_delivery *delivery)
{
    if (!delivery->fields)
        delivery->fields = make(&delivery->lines);
    return delivery->fields;
}

static struct curl_header *show(struct curl_delivery *delivery, size_t chosen,
                                unsigned origin, int which)
{
    struct curl_fields *fields = delivery->fields;
    struct curl_header *header = &fields->shown[which];
    const struct field *field = &fields->at[chosen];
    *header = (struct curl_header){.name = field->name,
                                   .value = field->value,
                                   .origin = field->origin | (1u << 27),
                                   .anchor = &fields->at[chosen]};
    for (size_t i = 0; i < fields->count; i++) {
        if (!matches(delivery, &fields->at[i], field->name, origin))
            continue;
        if (i == chosen)
            header->index = header->amount;
        header->amount++;
    }
    return header;
}

CURLHcode curl_fields_find(struct curl_handle *handle, const char *name, size_t index,
                           unsigned origin, int request, struct curl_header **out)
{
    struct curl_delivery *delivery = handle->delivery;
    size_t amount = 0, chosen = 0;
    if (!name || !out || origin > ORIGINS || !origin || request < -1)
        return CURLHE_BAD_ARGUMENT;
    if (!delivery->line)
        return CURLHE_NOHEADERS;
    if (request > 0)
        return CURLHE_NOREQUEST;
    struct curl_fields *fields = fields_of(delivery);
    if (!fields)
        return CURLHE_OUT_OF_MEMORY;
    for (size_t i = 0; i < fields->count; i++)
        if (matches(delivery, &fields->at[i], name, origin) && amount++ == index)
            chosen = i;
    if (!amount)
        return CURLHE_MISSING;
    if (index >= amount)
        return CURLHE_BADINDEX;
    *out = show(delivery, chosen, origin, 0);
    return CURLHE_OK;
}

struct curl_header *curl_fields_next(struct curl_handle *handle, unsigned origin,
                                     int request, const struct curl_header *previous)
{
    struct curl_delivery *delivery = handle->delivery;
    struct curl_fields *fields = fields_of(delivery);
    size_t i = 0;
    if (!fields || request > 0)
        return NULL;
    if (previous) {
        const struct field *anchor = previous->anchor;
        if (anchor < fields->at || anchor >= fields->at + fields->count)
            return NULL;
        i = (size_t)(anchor - fields->at) + 1;
    }
    for (; i < fields->count; i++)
        if (matches(delivery, &fields->at[i], NULL, origin))
            return show(delivery, i, origin, 1);
    return NULL;
}
