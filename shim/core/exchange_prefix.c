/* SPDX-License-Identifier: MIT */
/* `prompt_cache = mark | salt`: what a miss says to the provider's prefix cache. The request is kept
 * and recorded as the program has made it. */
#include "exchange_parts.h"

void exchange_mark_prefix(struct exchange *exchange, struct store *store)
{
    const struct request *request = &exchange->request;
    if (exchange->policy.prompt_cache == PROMPT_CACHE_OFF || exchange->edge ||
        exchange->batch || exchange->observed)
        return;
    bool salted = exchange->policy.prompt_cache == PROMPT_CACHE_SALT;
    enum prefix_mark mark = prefix_mark_of(request, &exchange->call, salted);
    if (mark == PREFIX_MARK_NONE || !exchange_has_keys(exchange, store))
        return;
    if (prefix_mark_add(request, &exchange->call, &exchange->tenant, mark,
                        &exchange->marked_body) == 0 &&
        exchange->marked_body.size)
        exchange->mark = mark;
    else
        buffer_free(&exchange->marked_body);
}

bool exchange_unmark(struct exchange *exchange)
{
    bool marked = exchange->mark != PREFIX_MARK_NONE;
    exchange->mark = PREFIX_MARK_NONE;
    buffer_free(&exchange->marked_body);
    return marked;
}

/* Behind the tags that are there, if it fits. */
void exchange_line_mark(const struct exchange *exchange, struct journal_record *line)
{
    size_t used = 0, size;
    char text[64];
    if (exchange->mark == PREFIX_MARK_NONE)
        return;
    while (used < JOURNAL_TAGS_SIZE && line->tags[used])
        used += strnlen(line->tags + used, JOURNAL_TAGS_SIZE - used) + 1;
    size = strlen(JOURNAL_TAG_ADDED) + strlen(prefix_mark_name(exchange->mark));
    if (used + size + 2 > JOURNAL_TAGS_SIZE || size >= sizeof text)
        return;
    memcpy(text, JOURNAL_TAG_ADDED, sizeof JOURNAL_TAG_ADDED);
    memcpy(text + strlen(JOURNAL_TAG_ADDED), prefix_mark_name(exchange->mark),
           size - strlen(JOURNAL_TAG_ADDED) + 1);
    memcpy(line->tags + used, text, size + 1);
    line->tags[used + size + 1] = 0;
}
