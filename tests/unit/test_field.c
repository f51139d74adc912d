/* SPDX-License-Identifier: MIT */
/* Values and names of header fields that rules say. */
#include "unit.h"

#include "shim/core/field.h"

static void test_values(void)
{
    CHECK(field_is_value(span_text("")));
    CHECK(field_is_value(span_text("public, max-age=60")));
    CHECK(!field_is_value(span_text("a\r\nb: c")));
    CHECK(!field_is_value(span_text("a\tb")));
    CHECK(!field_is_value(span_of("a\0b", 3)));
    CHECK(!field_is_value(span_text("a ")));
    CHECK(!field_is_value(span_text(" a")));
    CHECK(!field_is_value(span_text("\x7f")));
    CHECK(!field_is_value(span_text("\xc3\xbc")));
    CHECK(field_value_problem(span_text("a\nb")) != NULL);
    CHECK(field_value_problem(span_text("no-cache")) == NULL);
}

static void test_names(void)
{
    struct span list = span_text(" , Accept-Language ,,x"), name;
    CHECK(field_names_next(&list, &name) && span_is(name, "Accept-Language"));
    CHECK(field_names_next(&list, &name) && span_is(name, "x"));
    CHECK(!field_names_next(&list, &name));
    CHECK(field_names_problem(span_text("Accept-Language, X-1")) == NULL);
    CHECK(field_names_problem(span_text("")) == NULL);
    CHECK(field_names_problem(span_text("*")) != NULL);
    CHECK(field_names_problem(span_text("a b")) != NULL);
    CHECK(field_names_problem(span_text("a:")) != NULL);
    CHECK(field_names_problem(span_text("a\r\n")) != NULL);
    CHECK(!field_is_name(span_text("")));
}

int main(void)
{
    RUN(test_values);
    RUN(test_names);
    return unit_end();
}
