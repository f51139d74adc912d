/* SPDX-License-Identifier: MIT */
/* Packing certificate lists. */
#include "curl_certinfo.h"

#include "store/memory.h"

void curl_certinfo_pack(const struct curl_library *library, CURL *easy,
                        struct buffer *out)
{
    struct curl_certinfo *info = NULL;
    struct buffer packed = {0};
    if (library->curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
        !info->certinfo || info->num_of_certs <= 0) {
        buffer_append_framed(out, span_of(NULL, 0));
        return;
    }
    buffer_append_u32(&packed, (uint32_t)info->num_of_certs);
    for (int i = 0; i < info->num_of_certs; i++) {
        for (const struct curl_slist *line = info->certinfo[i]; line; line = line->next)
            buffer_append_framed(&packed, span_of(line->data, strlen(line->data) + 1));
        buffer_append_framed(&packed, span_of(NULL, 0));
    }
    buffer_append_framed(out, buffer_span(&packed));
    if (!buffer_ok(&packed))
        out->failed = true;
    buffer_free(&packed);
}

/* How many lines all lists have together; -1 when |packed| is damaged. */
static long count_lines(struct cursor cursor, uint32_t lists)
{
    long count = 0;
    while (lists > 0 && cursor_ok(&cursor)) {
        struct span line = cursor_framed(&cursor);
        if (!line.size)
            lists--;
        else if (line.at[line.size - 1] != 0)
            return -1;
        else
            count++;
    }
    return cursor_ok(&cursor) ? count : -1;
}

static void link_lines(struct cursor *cursor, struct curl_certinfo *info,
                       struct curl_slist *next, char *text)
{
    for (int i = 0; i < info->num_of_certs; i++) {
        struct curl_slist **tail = &info->certinfo[i];
        for (struct span line; (line = cursor_framed(cursor)).size;
             tail = &(*tail)->next) {
            memcpy(text, line.at, line.size);
            *tail = next++;
            **tail = (struct curl_slist){text, NULL};
            text += line.size;
        }
    }
}

struct curl_certinfo *curl_certinfo_unpack(struct span packed)
{
    struct cursor cursor = cursor_of(packed);
    uint32_t lists = packed.size ? cursor_u32(&cursor) : 0;
    long count = count_lines(cursor, lists);
    if (count < 0 || lists > packed.size)
        return NULL;
    size_t head = sizeof(struct curl_certinfo) + lists * sizeof(struct curl_slist *);
    size_t nodes = (size_t)count * sizeof(struct curl_slist);
    char *block = memory_new(head + nodes + packed.size);
    if (!block)
        return NULL;
    struct curl_certinfo *info = (struct curl_certinfo *)block;
    info->num_of_certs = (int)lists;
    info->certinfo = (struct curl_slist **)(block + sizeof *info);
    link_lines(&cursor, info, (struct curl_slist *)(block + head), block + head + nodes);
    return info;
}
