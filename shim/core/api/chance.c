/* SPDX-License-Identifier: MIT */
/* Answers that are drawn at random: which requests ask for one, and the request that asks for
 * the likeliest answer instead. */
#include "dialect.h"
#include "rewrite.h"

/* Models that refuse a temperature, under whatever name a gateway gives them: "openai/o3",
 * "us.anthropic.claude-opus-4-7-v1:0". */
static const char *const without_temperature[] = {
    "o1",
    "o3",
    "o4",
    "gpt-5",
    "claude-opus-4-7",
    "claude-opus-4.7",
    "claude-opus-4-8",
    "claude-opus-4.8",
    "claude-opus-5",
    "claude-sonnet-5",
    "claude-haiku-5",
    "claude-fable",
};

static bool is_named(const char *model, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = model; (at = strstr(at, name)); at++) {
        bool begins = at == model || strchr("/.", at[-1]);
        bool ends = at[size] == 0 || strchr("-.:@_", at[size]);
        if (begins && (ends || size > 2)) /* "gpt-5mini", but not "o1js" */
            return true;
    }
    return false;
}

static bool takes_no_temperature(const char *model)
{
    for (size_t i = 0; i < sizeof(without_temperature) / sizeof(*without_temperature);
         i++)
        if (is_named(model, without_temperature[i]))
            return true;
    return false;
}

/* -0, 0.0 and 0e5 are zero, too. */
static bool is_positive(struct span number)
{
    for (size_t i = 0; i < number.size && (number.at[i] | 0x20) != 'e'; i++)
        if (number.at[i] >= '1' && number.at[i] <= '9')
            return number.at[0] != '-';
    return false;
}

bool chance_in(const struct chance *chance, struct json body)
{
    if (!chance->at)
        return false;
    if (refusal_of(chance->also, body) != REASON_NONE)
        return true;
    struct json value = json_first_at(body, chance->at);
    enum json_kind kind = json_kind(value);
    if (kind == JSON_KIND_ABSENT || kind == JSON_KIND_NULL)
        return !chance->greedy;
    if (chance->none)
        return !span_is(value.text, chance->none);
    return kind != JSON_KIND_NUMBER || is_positive(value.text);
}

enum reason api_without_chance(const struct request *request, const struct call *call,
                               struct buffer *out)
{
    const struct chance *chance = &call->operation->form->chance;
    if (!chance->at || request_is_signed(request) || takes_no_temperature(call->model) ||
        refusal_of(chance->fixed, json_of(request->body)) != REASON_NONE ||
        rewrite_member(request->body, chance->at, chance->none ? chance->none : "0",
                       out) != 0)
        return REASON_STOCHASTIC;
    return buffer_ok(out) ? REASON_NONE : REASON_NO_MEMORY;
}
