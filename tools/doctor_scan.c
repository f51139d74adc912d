/* SPDX-License-Identifier: MIT */
/* Doctor: a verdict for each program that matters on this machine. */
#include "doctor.h"

#include "print.h"
#include "survey.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>

#define PATH_WIDTH 37
#define LINE_WIDTH 79

static const char *verdict_text(const struct reach *reach)
{
    return reach->verdict == REACH_NO    ? "no"
           : reach->parts.size           ? "part"
           : reach->verdict == REACH_YES ? "yes"
                                         : "?";
}

static const char *tls_text(const struct reach *reach)
{
    return reach->library ? reach->library : tls_name(reach->tls);
}

static const char *hooks_text(const struct reach *reach)
{
    if (reach->verdict == REACH_NO)
        return "-";
    return reach->by_libcurl && reach->by_libssl ? "libcurl, libssl"
           : reach->by_libcurl                   ? "libcurl"
           : reach->by_libssl                    ? "libssl"
           : reach->verdict == REACH_YES         ? "at run time"
                                                 : "-";
}

/* |path| with ~ for the home, its end when it is too long, and nothing in it that could drive a
 * terminal; to be freed. */
static char *shortened(const char *path, size_t width)
{
    const char *home = getenv("HOME");
    size_t length = home ? strlen(home) : 0;
    bool inside = length > 1 && strncmp(path, home, length) == 0 && path[length] == '/';
    char *text = print_memory("%s%s", inside ? "~" : "", inside ? path + length : path);
    size_t size = strlen(text);
    if (size > width) {
        memmove(text, text + size - width, width + 1);
        memcpy(text, "...", 3);
    }
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    return text;
}

static void print_row(const struct survey_row *row)
{
    char *path = shortened(row->path, PATH_WIDTH);
    printf("%-4s  %-*s  %-16s  %s\n", verdict_text(&row->reach), PATH_WIDTH, path,
           tls_text(&row->reach), hooks_text(&row->reach));
    free(path);
}

/* Words of |text| from column |column| on, in lines that begin with |indent| blanks. Returns the
 * column behind them. */
static int print_wrapped(const char *text, int indent, int column)
{
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > LINE_WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column == 0)
            column = printf("%*s", indent, "");
        else if (column > indent)
            column += printf(" ");
        column += printf("%.*s", length, text);
        text += length + (text[length] == ' ');
    }
    return column;
}

/* The programs that |advice| is for, then the advice. */
static void print_advice(const struct survey *survey, size_t from, const char *advice)
{
    int column = 0;
    for (size_t i = from; i < survey->count; i++) {
        if (reach_advice(&survey->rows[i].reach) != advice)
            continue;
        char *name = shortened(survey->rows[i].path, LINE_WIDTH - 4);
        column = print_wrapped(name, 2, column);
        free(name);
    }
    putchar('\n');
    print_wrapped(advice, 6, 0);
    putchar('\n');
}

static bool was_given(const struct survey *survey, size_t before, const char *advice)
{
    for (size_t i = 0; i < before; i++)
        if (reach_advice(&survey->rows[i].reach) == advice)
            return true;
    return false;
}

/* "what: path: why" without the path, which would be too long. */
static void print_part(struct span line)
{
    struct span why = line;
    size_t what = span_find(line, span_text(": "));
    for (size_t at; (at = span_find(why, span_text(": "))) < why.size;)
        why = span_skip(why, at + 2);
    printf("      %.*s: %.*s\n", (int)what, (const char *)line.at, (int)why.size,
           (const char *)why.at);
}

static void print_parts_of(const struct survey_row *row)
{
    struct span lines = buffer_span(&row->reach.parts);
    char *path = shortened(row->path, LINE_WIDTH - 2);
    printf("  %s\n", path);
    free(path);
    while (lines.size) {
        size_t length = span_find(lines, span_text("\n"));
        print_part(span_of(lines.at, length));
        lines = span_skip(lines, length + 1);
    }
}

static void print_parts(const struct survey *survey)
{
    bool any = false;
    for (size_t i = 0; i < survey->count; i++) {
        if (!survey->rows[i].reach.parts.size)
            continue;
        if (!any)
            puts("\nParts that bring their own TLS (--json tells where they lie):");
        any = true;
        print_parts_of(&survey->rows[i]);
    }
}

static void print_all_advice(const struct survey *survey)
{
    bool any = false;
    for (size_t i = 0; i < survey->count; i++) {
        const char *advice = reach_advice(&survey->rows[i].reach);
        if (!advice || was_given(survey, i, advice))
            continue;
        if (!any)
            puts("\nWhat to do:");
        any = true;
        print_advice(survey, i, advice);
    }
}

static size_t count_of(const struct survey *survey, enum reach_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < survey->count; i++)
        count += survey->rows[i].reach.verdict == verdict;
    return count;
}

static void print_sum(const struct survey *survey)
{
    printf("\n%zu %s: %zu can be reached, %zu cannot, %zu not known.\n", survey->count,
           survey->count == 1 ? "program" : "programs", count_of(survey, REACH_YES),
           count_of(survey, REACH_NO), count_of(survey, REACH_UNKNOWN));
    if (survey->shims)
        printf("%zu shims of version managers start one of them: which, tells\n"
               "preecho doctor -- \"$(pyenv which python3)\".\n",
               survey->shims);
    if (survey->scripts)
        printf("Further scripts on PATH, reached as their interpreters are: %zu.\n",
               survey->scripts);
    if (survey->plain)
        printf("%zu further programs have no TLS of their own.\n", survey->plain);
    if (survey->unreadable)
        printf("%zu files cannot be read, or their interpreters are missing.\n",
               survey->unreadable);
    if (survey->cut)
        puts("There are more files than were looked at: name a smaller directory.");
}

static void print_table(const struct survey *survey)
{
    if (survey->count)
        printf("%-4s  %-*s  %-16s  %s\n", "", PATH_WIDTH, "program", "TLS", "reached by");
    for (size_t i = 0; i < survey->count; i++)
        print_row(&survey->rows[i]);
    print_parts(survey);
    print_all_advice(survey);
    print_sum(survey);
}

/* A path need not be UTF-8, a JSON text has to be. */
static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    if (value || !text)
        return value ? value : json_null();
    char *copy = print_memory("%s", text);
    for (char *at = copy; *at; at++)
        *at = (unsigned char)*at < 0x80 ? *at : '?';
    value = json_string(copy);
    free(copy);
    return value;
}

static json_t *lines_json(struct span lines)
{
    json_t *array = json_array();
    while (lines.size) {
        size_t length = span_find(lines, span_text("\n"));
        char *line = print_memory("%.*s", (int)length, (const char *)lines.at);
        json_array_append_new(array, text_json(line));
        free(line);
        lines = span_skip(lines, length + 1);
    }
    return array;
}

static json_t *row_json(const struct survey_row *row)
{
    static const char *const kinds[] = {"agent", "interpreter", "tool", "other"};
    static const char *const verdicts[] = {
        [REACH_YES] = "yes", [REACH_NO] = "no", [REACH_UNKNOWN] = "unknown"};
    const struct reach *reach = &row->reach;
    json_t *hooks = json_array();
    if (reach->by_libcurl)
        json_array_append_new(hooks, json_string("libcurl"));
    if (reach->by_libssl)
        json_array_append_new(hooks, json_string("libssl"));
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "path",
                     text_json(row->path), "kind", kinds[row->kind], "reachable",
                     verdicts[reach->verdict], "program", text_json(reach->program),
                     "reason", text_json(reach->reason), "tls", tls_name(reach->tls),
                     "library", text_json(reach->library), "hooks", hooks, "seen",
                     lines_json(buffer_span(&reach->facts)), "out_of_reach",
                     lines_json(buffer_span(&reach->parts)), "advice",
                     text_json(reach_advice(reach)));
}

static void print_json(const struct survey *survey)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < survey->count; i++)
        json_array_append_new(rows, row_json(&survey->rows[i]));
    json_t *all =
        json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "programs", rows,
                  "reached", (json_int_t)count_of(survey, REACH_YES), "not_reached",
                  (json_int_t)count_of(survey, REACH_NO), "unknown",
                  (json_int_t)count_of(survey, REACH_UNKNOWN), "further_scripts",
                  (json_int_t)survey->scripts, "shims", (json_int_t)survey->shims,
                  "without_tls", (json_int_t)survey->plain, "unreadable",
                  (json_int_t)survey->unreadable, "cut", (int)survey->cut);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static int gather(struct survey *survey, char **directories)
{
    if (!*directories)
        survey_path(survey);
    for (; *directories; directories++)
        if (survey_tree(survey, *directories) != 0) {
            print_error("%s: %s", *directories, strerror(errno));
            return EX_NOINPUT;
        }
    return 0;
}

int doctor_scan(char **directories, bool json)
{
    struct survey survey = {0};
    int status = gather(&survey, directories);
    if (status == 0) {
        survey_judge(&survey, false);
        if (json)
            print_json(&survey);
        else
            print_table(&survey);
        status = count_of(&survey, REACH_NO) ? EX_UNAVAILABLE : 0;
    }
    survey_free(&survey);
    return status;
}
