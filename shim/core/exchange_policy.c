/* SPDX-License-Identifier: MIT */
/* Which rules hold for an exchange. They may ask for what only the recogniser or a found entry
 * tells, so they are looked up again when that is known. */
#include "exchange_parts.h"

#include "tags.h"

static struct policy_facts facts_of(const struct request *request, const char *dialect,
                                    const char *operation, const char *model)
{
    struct policy_facts facts =
        config_facts(core_config(), request, span_text(core_program()));
    facts.dialect = span_text(dialect);
    facts.operation = span_text(operation);
    facts.model = span_text(model);
    return facts;
}

static void find_policy(struct exchange *exchange, const struct request *request,
                        const char *dialect, const char *operation, const char *model)
{
    struct policy_facts facts = facts_of(request, dialect, operation, model);
    policy_find(core_config(), &facts, &exchange->policy);
}

void exchange_policy_of_call(struct exchange *exchange, const struct request *request)
{
    const struct call *call = &exchange->call;
    find_policy(exchange, request, api_dialect_name(call), api_operation_name(call),
                call->model);
}

void exchange_policy_of_entry(struct exchange *exchange, const struct request *request)
{
    const struct entry_label *label = &exchange->entry.label;
    find_policy(exchange, request, label->dialect, label->operation, label->model);
}

enum reason exchange_refusal(const struct exchange *exchange, bool stochastic,
                             bool sensitive)
{
    const struct policy *policy = &exchange->policy;
    if (core_config()->mode == MODE_REPLAY)
        return REASON_NONE;
    if (policy->mode == MODE_OFF)
        return REASON_MODE_OFF;
    if (stochastic && policy->stochastic == STOCHASTIC_SKIP)
        return REASON_STOCHASTIC;
    return sensitive && policy->pii == PII_SKIP ? REASON_SENSITIVE : REASON_NONE;
}

enum reason exchange_ignore(struct exchange *exchange, struct span body)
{
    bool failed;
    ignoring_free(exchange->ignoring);
    exchange->ignoring = ignoring_new(core_config(), &exchange->policy, &failed);
    if (failed)
        return REASON_NO_MEMORY;
    return exchange->ignoring ? api_canonicalise(&exchange->call, body,
                                                 ignoring_json(exchange->ignoring))
                              : REASON_NONE;
}

/* Those that fit, each ended by a zero, and one more zero. */
static void pack_tags(struct span tags, char out[JOURNAL_TAGS_SIZE])
{
    struct cursor cursor = cursor_of(tags);
    size_t used = 0;
    while (cursor.left) {
        struct span tag = cursor_framed(&cursor);
        if (!cursor_ok(&cursor) || tag.size + 2 > JOURNAL_TAGS_SIZE - used)
            continue;
        span_copy_text(tag, out + used, tag.size + 1);
        used += tag.size + 1;
    }
    out[used] = 0;
}

void exchange_line_tags(struct journal_record *line, const struct policy *policy,
                        const struct request *request, bool readable)
{
    struct buffer tags = {0};
    struct request asked = *request;
    if (!readable)
        asked.body = (struct span){0};
    tags_of_call(core_config(), policy, span_text(core_program()), &asked, &tags);
    if (buffer_ok(&tags))
        pack_tags(buffer_span(&tags), line->tags);
    buffer_free(&tags);
}

void exchange_line_head_tags(struct journal_record *line, const struct request *head,
                             const struct call *call)
{
    struct policy policy;
    struct policy_facts facts =
        facts_of(head, api_dialect_name(call), api_operation_name(call), call->model);
    policy_find(core_config(), &facts, &policy);
    exchange_line_tags(line, &policy, head, false);
}

void exchange_tags(const struct exchange *exchange, struct buffer *out)
{
    const struct call *call = &exchange->call;
    struct policy_facts facts = facts_of(&exchange->request, api_dialect_name(call),
                                         api_operation_name(call), call->model);
    tags_collect(core_config(), &exchange->policy, &facts, &exchange->request, out);
}
