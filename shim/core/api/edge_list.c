/* SPDX-License-Identifier: MIT */
/* See edge_list.h. */
#include "edge_list.h"

struct edge_list edge_list_begin(const struct headers *headers, const char *name)
{
    return (struct edge_list){.headers = headers, .name = name};
}

static bool next_line(struct edge_list *list)
{
    while (list->line < list->headers->count) {
        const struct header *header = &list->headers->at[list->line++];
        if (!span_is_nocase(header->name, list->name))
            continue;
        list->left = header->value;
        return true;
    }
    return false;
}

/* Where the element at the start of |text| ends. */
static size_t element_size(struct span text)
{
    bool quoted = false;
    size_t at = 0;
    for (; at < text.size && (quoted || text.at[at] != ','); at++) {
        if (text.at[at] == '"')
            quoted = !quoted;
        else if (quoted && text.at[at] == '\\')
            at++;
    }
    return at < text.size ? at : text.size;
}

bool edge_list_next(struct edge_list *list, struct span *element)
{
    do {
        while (list->left.size) {
            size_t size = element_size(list->left);
            *element = span_trim(span_of(list->left.at, size));
            list->left = span_skip(list->left, size + 1);
            if (element->size)
                return true;
        }
    } while (next_line(list));
    return false;
}

void edge_list_part(struct span element, struct span *name, struct span *value)
{
    size_t size = span_find(element, span_text("="));
    *name = span_trim(span_of(element.at, size));
    *value = (struct span){0};
    if (size == element.size)
        return;
    *value = span_trim(span_skip(element, size + 1));
    if (value->size >= 2 && value->at[0] == '"' && value->at[value->size - 1] == '"')
        *value = span_of(value->at + 1, value->size - 2);
}
