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
    const char *name = prefix_mark_name(exchange->mark);
    size_t used = 0, begins = strlen(JOURNAL_TAG_ADDED), size = begins + strlen(name);
    if (exchange->mark == PREFIX_MARK_NONE)
        return;
    for (const char *tag = NULL; (tag = journal_next_tag(line, tag));)
        used = (size_t)(tag - line->tags) + strlen(tag) + 1;
    if (used + size + 2 > JOURNAL_TAGS_SIZE)
        return;
    memcpy(line->tags + used, JOURNAL_TAG_ADDED, begins);
    memcpy(line->tags + used + begins, name, size - begins + 1);
    line->tags[used + size + 1] = 0;
}
