/* SPDX-License-Identifier: MIT */
/* See variant.h. */
#include "variant.h"

#include "shim/core/api/edge_list.h"
#include "shim/core/field.h"

/* Bodies are recorded decoded: they answer whatever coding is accepted. */
static bool is_coding(struct span name)
{
    return span_is_nocase(name, "accept-encoding");
}

static bool is_personal(struct span name)
{
    static const char *const names[] = {"*", "authorization", "cookie",
                                        "proxy-authorization"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is_nocase(name, names[i]))
            return true;
    return false;
}

/* All values of the field are the same, in the same order; blanks around them do not count. */
static bool is_same(struct span name, const struct headers *a, const struct headers *b)
{
    size_t i = 0, j = 0;
    for (;; i++, j++) {
        while (i < a->count && !span_equal_nocase(a->at[i].name, name))
            i++;
        while (j < b->count && !span_equal_nocase(b->at[j].name, name))
            j++;
        if (i == a->count || j == b->count)
            return i == a->count && j == b->count;
        if (!span_equal(span_trim(a->at[i].value), span_trim(b->at[j].value)))
            return false;
    }
}

static bool name_fits(struct span name, const struct record *record,
                      const struct headers *fields)
{
    return !is_personal(name) &&
           (is_coding(name) || is_same(name, &record->request.headers, fields));
}

bool variant_answers(const struct record *record, struct span also,
                     const struct headers *fields)
{
    struct edge_list list = edge_list_begin(&record->response.headers, "vary");
    struct span name;
    while (edge_list_next(&list, &name))
        if (!name_fits(name, record, fields))
            return false;
    while (field_names_next(&also, &name))
        if (!name_fits(name, record, fields))
            return false;
    return true;
}

static bool has_name(struct span list, struct span name)
{
    struct span other;
    while (field_names_next(&list, &other))
        if (span_equal_nocase(other, name))
            return true;
    return false;
}

static void add_name(struct buffer *out, struct span name)
{
    if (!field_is_name(name) || has_name(buffer_span(out), name))
        return;
    buffer_append_text(out, out->size ? ", " : "");
    buffer_append_span(out, name);
}

void variant_names(const struct record *record, struct span also, struct buffer *out)
{
    struct edge_list list = edge_list_begin(&record->response.headers, "vary");
    struct span name;
    while (edge_list_next(&list, &name))
        add_name(out, name);
    while (field_names_next(&also, &name))
        add_name(out, name);
}
