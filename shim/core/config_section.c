/* SPDX-License-Identifier: MIT */
/* Sections: `[match "HOST/PATH KEY=PATTERN ..."]`. Number 0 stands for "in no section". */
#include "config_parts.h"

#include "host_list.h"
#include "store/wildcard.h"

unsigned section_count(const struct config *config)
{
    return (unsigned)(config->sections.size / sizeof(struct section));
}

const struct section *section_at(const struct config *config, unsigned number)
{
    static const struct section none = {.whole = true};
    if (number == 0 || number > section_count(config))
        return &none;
    return (const struct section *)(const void *)config->sections.at + (number - 1);
}

const struct term *term_at(const struct config *config, size_t i)
{
    return (const struct term *)(const void *)config->terms.at + i;
}

/* -- matching -------------------------------------------------------------------------- */

static struct span without_brackets(struct span host)
{
    return span_starts(host, "[") && span_ends(host, "]")
               ? span_of(host.at + 1, host.size - 2)
               : host;
}

static struct span fact_of(const struct policy_facts *facts, enum fact fact)
{
    const struct span all[] = {without_brackets(facts->host),
                               facts->path,
                               facts->dialect,
                               facts->operation,
                               facts->model,
                               facts->program,
                               facts->tenant};
    return all[fact];
}

static enum section_match term_matches(const struct config *config,
                                       const struct term *term,
                                       const struct policy_facts *facts)
{
    struct span fact = fact_of(facts, (enum fact)term->fact);
    bool nocase = term->fact != FACT_PATH && term->fact != FACT_PROGRAM &&
                  term->fact != FACT_TENANT;
    if (fact.size == 0) /* a process without a tenant will not get one */
        return term->fact == FACT_TENANT ? SECTION_NO : SECTION_UNKNOWN;
    if (term->port && term->port != facts->port)
        return SECTION_NO;
    return wildcard_matches(config_text(config, term->pattern), fact, nocase)
               ? SECTION_YES
               : SECTION_NO;
}

enum section_match section_matches(const struct config *config, unsigned number,
                                   const struct policy_facts *facts)
{
    const struct section *section = section_at(config, number);
    enum section_match result = SECTION_YES;
    for (unsigned i = 0; i < section->term_count; i++) {
        enum section_match match =
            term_matches(config, term_at(config, section->first_term + i), facts);
        if (match < result)
            result = match;
    }
    return result;
}

/* -- reading --------------------------------------------------------------------------- */

static void add_term(struct reader *reader, enum fact fact, struct span pattern,
                     uint16_t port)
{
    struct term term = {(uint16_t)fact, port, reader_keep(reader, pattern)};
    buffer_append(&reader->config->terms, &term, sizeof term);
    reader->failed |= !buffer_ok(&reader->config->terms);
}

/* HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT; HOST may be a pattern. */
static const char *add_host(struct reader *reader, struct span text)
{
    bool literal = span_starts(text, "[");
    size_t end = span_find(text, span_text(literal ? "]" : ":"));
    uint16_t port = 0;
    struct span host = span_of(text.at, end), rest = span_skip(text, end);
    if (literal) {
        host = span_skip(host, 1);
        rest = span_skip(rest, 1);
    }
    if (host.size == 0 || (literal && end == text.size))
        return "names no host";
    if (rest.size && (rest.at[0] != ':' || !host_list_port(span_skip(rest, 1), &port)))
        return "has a port that is no number from 1 to 65535";
    add_term(reader, FACT_HOST, host, port);
    return NULL;
}

/* HOST or HOST/PATH. */
static const char *add_bare(struct reader *reader, struct span text)
{
    size_t slash = span_find(text, span_text("/"));
    const char *problem = NULL;
    if (slash > 0)
        problem = add_host(reader, span_of(text.at, slash));
    if (!problem && slash < text.size)
        add_term(reader, FACT_PATH, span_skip(text, slash), 0);
    return problem;
}

/* The number of |name| among the facts, FACT_COUNT when it is none. */
static enum fact find_fact(struct span name)
{
    struct span words = span_text(FACT_WORDS);
    unsigned fact = 0;
    for (; words.size; fact++) {
        size_t size = span_find(words, span_text(" "));
        if (span_equal(name, span_of(words.at, size)))
            return (enum fact)fact;
        words = span_skip(words, size + 1);
    }
    return FACT_COUNT;
}

/* True when |text| begins with letters and '='. */
static bool has_name(struct span text, struct span *name)
{
    size_t size = 0;
    while (size < text.size &&
           ((text.at[size] >= 'a' && text.at[size] <= 'z') || text.at[size] == '_'))
        size++;
    *name = span_of(text.at, size);
    return size > 0 && size < text.size && text.at[size] == '=';
}

static const char *add_word(struct reader *reader, struct span word, struct span *nearest)
{
    struct span name;
    if (!has_name(word, &name))
        return add_bare(reader, word);
    struct span pattern = span_skip(word, name.size + 1);
    enum fact fact = find_fact(name);
    if (fact == FACT_COUNT) {
        *nearest = setting_nearest_word(FACT_WORDS, name);
        return "asks for something else than host, path, dialect, operation, model, "
               "program "
               "or tenant";
    }
    if (pattern.size == 0)
        return "has nothing behind '='";
    if (fact == FACT_HOST)
        return add_host(reader, pattern);
    add_term(reader, fact, pattern, 0);
    return NULL;
}

static const char *add_words(struct reader *reader, struct span text,
                             struct span *nearest)
{
    const char *problem = NULL;
    while (text.size && !problem) {
        size_t size = span_find(text, span_text(" "));
        if (size)
            problem = add_word(reader, span_of(text.at, size), nearest);
        text = span_skip(text, size + 1);
    }
    return problem;
}

/* Cuts `[match "` and `"]` off; false when they are not there. */
static bool unwrap(struct span *line)
{
    if (!span_starts(*line, "[") || !span_ends(*line, "]"))
        return false;
    struct span inner = span_trim(span_of(line->at + 1, line->size - 2));
    if (!span_starts(inner, "match"))
        return false;
    inner = span_trim(span_skip(inner, strlen("match")));
    if (inner.size < 2 || inner.at[0] != '"' || inner.at[inner.size - 1] != '"')
        return false;
    *line = span_trim(span_of(inner.at + 1, inner.size - 2));
    return line->size > 0 && !memchr(line->at, '"', line->size);
}

static bool is_whole(const struct config *config, const struct section *section)
{
    for (unsigned i = 0; i < section->term_count; i++) {
        enum fact fact = (enum fact)term_at(config, section->first_term + i)->fact;
        if (fact != FACT_PROGRAM && fact != FACT_TENANT)
            return false;
    }
    return true;
}

static void end_section(struct reader *reader, struct section *section)
{
    struct config *config = reader->config;
    if (reader->failed)
        return;
    section->term_count =
        (uint16_t)(config->terms.size / sizeof(struct term) - section->first_term);
    section->whole = is_whole(config, section);
    buffer_append(&config->sections, section, sizeof *section);
    reader->failed |= !buffer_ok(&config->sections);
    reader->section = section_count(config);
}

void reader_section(struct reader *reader, struct span line)
{
    struct span nearest = {0};
    struct section section = {
        .first_term = (uint32_t)(reader->config->terms.size / sizeof(struct term))};
    const char *problem =
        "is no section: [match \"HOST/PATH KEY=PATTERN ...\"] was expected";
    reader->in_section = true;
    reader->section = 0;
    if (unwrap(&line))
        problem = add_words(reader, line, &nearest);
    if (!problem && section_count(reader->config) + 1 == POLICY_RULES)
        problem = "is one section too many: 255 are the limit";
    if (problem) {
        reader_report(reader, "this", problem, nearest);
        return;
    }
    section.text = reader_keep(reader, line);
    end_section(reader, &section);
}
