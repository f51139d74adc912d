/* SPDX-License-Identifier: MIT */
/* Which dialect a host speaks, and which operations a path can mean. */
#include "dialect.h"

static const struct dialect *const dialects[] = {
    &dialect_openai,     &dialect_azure,     &dialect_anthropic,  &dialect_gemini,
    &dialect_vertex,     &dialect_bedrock,   &dialect_mistral,    &dialect_cohere,
    &dialect_ollama,     &dialect_groq,      &dialect_openrouter, &dialect_deepseek,
    &dialect_together,   &dialect_fireworks, &dialect_perplexity, &dialect_xai,
    &dialect_voyage,     &dialect_watsonx,   &dialect_cloudflare, &dialect_huggingface,
    &dialect_compatible,
};

#define DIALECTS (sizeof(dialects) / sizeof(*dialects))

/* Longer ones are no LLM call's; it bounds the matching. */
#define PATH_LIMIT 2048
#define HOST_LIMIT 255

/* |pattern| begins with a wildcard: tries every length that it may stand for, shortest
 * first. Recursion is as deep as the pattern has wildcards. */
static bool match(const char *pattern, struct span text, struct span *model)
{
    for (; *pattern; pattern++, text = span_skip(text, 1)) {
        if (*pattern == '*' || *pattern == '$')
            break;
        if (text.size == 0 || *text.at != (uint8_t)*pattern)
            return false;
    }
    if (!*pattern)
        return text.size == 0;
    bool any = pattern[0] == '*' && pattern[1] == '*';
    const char *rest = pattern + (any ? 2 : 1);
    if (!strpbrk(rest, "*$")) {
        /* The usual case, a fixed ending: one comparison instead of many. */
        size_t ending = strlen(rest);
        if (!span_ends(text, rest))
            return false;
        text.size -= ending;
        if (*pattern == '$')
            *model = text;
        return (any ||
                !memchr(text.at ? text.at : (const uint8_t *)"", '/', text.size)) &&
               (*pattern != '$' || text.size);
    }
    for (size_t size = *pattern == '$';; size++) {
        if (size > text.size || (!any && size && text.at[size - 1] == '/'))
            return false;
        if (match(rest, span_skip(text, size), model)) {
            if (*pattern == '$')
                *model = span_of(text.at, size);
            return true;
        }
    }
}

bool pattern_matches(const char *pattern, struct span text, struct span *model)
{
    return text.size <= PATH_LIMIT && match(pattern, text, model);
}

static bool in_hosts(const char *const *hosts, struct span host)
{
    struct span unused;
    for (; hosts && *hosts; hosts++)
        if (pattern_matches(*hosts, host, &unused))
            return true;
    return false;
}

static const struct dialect *dialect_of_host(struct span host, bool *known)
{
    uint8_t lower[HOST_LIMIT];
    *known = false;
    if (host.size > 0 && host.at[host.size - 1] == '.')
        host.size--; /* a fully qualified name */
    if (host.size == 0 || host.size > sizeof(lower))
        return NULL;
    for (size_t i = 0; i < host.size; i++)
        lower[i] =
            host.at[i] >= 'A' && host.at[i] <= 'Z' ? host.at[i] | 0x20 : host.at[i];
    struct span name = span_of(lower, host.size);
    for (size_t i = 0; i < DIALECTS; i++) {
        *known = in_hosts(dialects[i]->hosts, name);
        if (*known || in_hosts(dialects[i]->mixed_hosts, name))
            return dialects[i];
    }
    return NULL;
}

const struct dialect *dialect_of(struct span host)
{
    bool known;
    return dialect_of_host(host, &known);
}

bool api_known_host(struct span host)
{
    bool known;
    return dialect_of_host(host, &known) && known;
}

void operation_search_begin(struct operation_search *search,
                            const struct request *request)
{
    *search = (struct operation_search){.path = target_path(request->target)};
    search->host_dialect = dialect_of_host(request->host, &search->known);
    if (search->host_dialect)
        search->next = search->host_dialect->operations;
    search->dialect = search->host_dialect;
}

/* The next table to look through: on hosts that are not known every dialect's |anywhere|.
 */
static bool next_table(struct operation_search *search)
{
    if (search->known || search->stage == DIALECTS)
        return false;
    search->dialect = dialects[search->stage++];
    search->next = search->dialect->anywhere;
    return true;
}

bool operation_search_next(struct operation_search *search)
{
    do {
        for (; search->next && search->next->name; search->next++) {
            search->model = (struct span){0};
            if (!pattern_matches(search->next->path, search->path, &search->model))
                continue;
            search->operation = search->next++;
            return true;
        }
    } while (next_table(search));
    return false;
}
