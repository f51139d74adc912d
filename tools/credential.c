/* SPDX-License-Identifier: MIT */
/* See credential.h. */
#include "credential.h"

#include <sodium.h>
#include <stdlib.h>

bool credential_add_field(struct credential *credential, const char *field)
{
    const char *colon = strchr(field, ':');
    if (credential->count == CREDENTIAL_FIELDS || !colon || colon == field || !colon[1] ||
        strpbrk(field, "\r\n"))
        return false;
    credential->fields[credential->count++] = field;
    return true;
}

bool credential_add_variable(struct credential *credential, const char *name)
{
    const char *value = getenv(name);
    if (!value || !value[0] || credential->key)
        return false;
    if (strstr(value, ": "))
        return credential_add_field(credential, value);
    credential->key = value;
    return !strpbrk(value, " \t\r\n");
}

bool credential_is_given(const struct credential *credential)
{
    return credential->key || credential->count;
}

/* Where the dialect's own clients put the key. */
static const char *field_of(const struct call *call)
{
    static const char *const fields[][2] = {
        {"anthropic", "x-api-key"}, {"gemini", "x-goog-api-key"}, {"azure", "api-key"}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (strcmp(api_dialect_name(call), fields[i][0]) == 0)
            return fields[i][1];
    return NULL;
}

static int add_key(struct credential *credential, const struct call *call,
                   struct headers *headers)
{
    const char *field = field_of(call);
    struct buffer *memory = &credential->memory;
    sodium_memzero(memory->at, memory->size);
    buffer_clear(memory);
    if (!buffer_room(memory, strlen(credential->key) + sizeof("Bearer ")))
        return -1;
    buffer_append_text(memory, field ? "" : "Bearer ");
    buffer_append_text(memory, credential->key);
    return headers_add(headers, span_text(field ? field : "authorization"),
                       buffer_span(memory));
}

int credential_add(struct credential *credential, const struct call *call,
                   struct headers *headers)
{
    for (unsigned i = 0; i < credential->count; i++) {
        struct span field = span_text(credential->fields[i]);
        size_t colon = span_find(field, span_text(":"));
        if (headers_add(headers, span_of(field.at, colon),
                        span_trim(span_skip(field, colon + 1))) != 0)
            return -1;
    }
    return credential->key ? add_key(credential, call, headers) : 0;
}

void credential_free(struct credential *credential)
{
    if (credential->memory.at)
        sodium_memzero(credential->memory.at, credential->memory.size);
    buffer_free(&credential->memory);
}
