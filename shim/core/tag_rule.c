/* SPDX-License-Identifier: MIT */
/* Reading and applying the rules of tags. */
#include "tag_rule.h"

#include "api/api.h"
#include "api/json_pointer.h"
#include "pattern.h"

#define FROM     " from "
#define MATCHING " matching "

/* Longer texts name nothing, and the C library may take the square of that many steps. */
#define SOURCE_LIMIT 16384

/* -- reading --------------------------------------------------------------------------- */

/* |text| as if it began behind |prefix|; false when it does not begin so. */
static bool take_prefix(struct span *text, const char *prefix)
{
    if (!span_starts(*text, prefix))
        return false;
    *text = span_skip(*text, strlen(prefix));
    return true;
}

static const char *parse_source(struct span source, struct tag_rule *out)
{
    if (span_is(source, "path")) {
        out->source = TAG_PATH;
    } else if (take_prefix(&source, "header:")) {
        out->source = TAG_HEADER;
        if (source.size == 0)
            return "names no header";
        if (api_secret_header(source))
            return "would tell a credential";
    } else if (take_prefix(&source, "body:")) {
        out->source = TAG_BODY;
        if (source.size == 0 || !json_pointer_valid(source))
            return "names no JSON pointer, like body:/metadata/id";
    } else {
        return "has no source behind 'from': path, header:NAME or body:/POINTER";
    }
    out->name = source;
    return NULL;
}

/* The expression's end is the line's: it may hold blanks. */
static const char *parse_pattern(struct span *source, struct tag_rule *out)
{
    size_t at = span_find(*source, span_text(MATCHING));
    out->pattern = span_trim(span_skip(*source, at + strlen(MATCHING)));
    if (at == source->size)
        return NULL;
    source->size = at;
    return out->pattern.size ? NULL : "has no regular expression behind 'matching'";
}

/* The highest group that |template| names, -1 when it is none. */
static int highest_group(struct span template)
{
    int highest = 0;
    for (size_t i = 0; i < template.size; i++) {
        if (template.at[i] != '\\')
            continue;
        uint8_t next = ++i < template.size ? template.at[i] : 0;
        if (next != '\\' && (next < '0' || next > '9'))
            return -1;
        if (next != '\\' && next - '0' > highest)
            highest = next - '0';
    }
    return highest;
}

static const char *check_groups(const struct tag_rule *rule)
{
    regex_t pattern;
    int highest = highest_group(rule->template);
    size_t groups = 0;
    if (highest < 0)
        return "has a backslash that stands before neither a digit nor another one";
    if (rule->pattern.size && pattern_compile(rule->pattern, &pattern)) {
        groups = pattern.re_nsub;
        regfree(&pattern);
    }
    return (size_t)highest > groups ? "names a group that its expression does not have"
                                    : NULL;
}

static const char *parse(struct span text, struct tag_rule *out)
{
    *out = (struct tag_rule){.source = TAG_FIXED, .template = text};
    size_t at = span_find(text, span_text(FROM));
    if (text.size == 0)
        return "is empty";
    if (at == text.size)
        return NULL;
    struct span source = span_trim(span_skip(text, at + strlen(FROM)));
    out->template = span_trim(span_of(text.at, at));
    const char *problem = parse_pattern(&source, out);
    return problem ? problem : parse_source(span_trim(source), out);
}

const char *tag_rule_problem(struct span text)
{
    struct tag_rule rule;
    const char *problem = parse(text, &rule);
    if (problem || rule.source == TAG_FIXED)
        return problem;
    if (rule.pattern.size)
        problem = pattern_problem(rule.pattern, true);
    return problem ? problem : check_groups(&rule);
}

/* -- applying -------------------------------------------------------------------------- */

static struct span field_value(const struct headers *headers, struct span name)
{
    for (size_t i = 0; i < headers->count; i++)
        if (span_equal_nocase(headers->at[i].name, name))
            return headers->at[i].value;
    return (struct span){0};
}

/* Appends the source's text, or nothing where there is none. */
static void append_source(const struct tag_rule *rule, const struct request *request,
                          struct buffer *out)
{
    struct span target = request->target;
    struct json value = {0};
    if (rule->source == TAG_PATH)
        buffer_append(out, target.at, span_find(target, span_text("?")));
    else if (rule->source == TAG_HEADER)
        buffer_append_span(out, field_value(&request->headers, rule->name));
    else
        value = json_at_pointer(json_of(request->body), rule->name);
    if (json_kind(value) == JSON_KIND_STRING)
        json_append_text(value, out);
    else if (json_kind(value) >= JSON_KIND_NUMBER)
        buffer_append_span(out, value.text);
}

static struct span group_of(struct span text, const regmatch_t *group)
{
    if (group->rm_so < 0)
        return span_of(text.at, 0);
    return span_of(text.at + group->rm_so, (size_t)(group->rm_eo - group->rm_so));
}

static void fill_in(const struct tag_rule *rule, struct span text,
                    const regmatch_t groups[PATTERN_GROUPS], struct buffer *out)
{
    for (size_t i = 0; i < rule->template.size; i++) {
        uint8_t byte = rule->template.at[i];
        if (byte == '\\') {
            byte = rule->template.at[++i];
            if (byte != '\\') {
                buffer_append_span(out, group_of(text, &groups[byte - '0']));
                continue;
            }
        }
        buffer_append_byte(out, byte);
    }
}

static bool find(const struct tag_rule *rule, struct span text,
                 regmatch_t groups[PATTERN_GROUPS])
{
    regex_t pattern;
    for (size_t i = 0; i < PATTERN_GROUPS; i++)
        groups[i] = (regmatch_t){-1, -1};
    groups[0] = (regmatch_t){0, (regoff_t)text.size};
    if (rule->pattern.size == 0)
        return true;
    if (!pattern_compile(rule->pattern, &pattern))
        return false;
    bool found = pattern_find(&pattern, text, 0, PATTERN_GROUPS, groups);
    regfree(&pattern);
    return found;
}

void tag_rule_apply(struct span text, const struct request *request, struct buffer *out)
{
    struct tag_rule rule;
    struct buffer source = {0};
    regmatch_t groups[PATTERN_GROUPS];
    if (parse(text, &rule) != NULL)
        return;
    if (rule.source == TAG_FIXED) {
        buffer_append_span(out, rule.template);
        return;
    }
    append_source(&rule, request, &source);
    size_t size = source.size;
    buffer_append_byte(&source, 0); /* as regexec(3) has it, whatever its flags say */
    struct span whole = span_of(source.at, size);
    if (buffer_ok(&source) && whole.size && whole.size <= SOURCE_LIMIT &&
        find(&rule, whole, groups))
        fill_in(&rule, whole, groups, out);
    buffer_free(&source);
}
