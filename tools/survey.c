/* SPDX-License-Identifier: MIT */
/* Judging programs, see survey.h. */
#include "survey.h"

#include "print.h"
#include "progress.h"

#include <stdlib.h>

void survey_add(struct survey *survey, const char *path, enum survey_kind kind,
                bool below)
{
    if (survey->count == survey->capacity) {
        survey->capacity = survey->capacity ? 2 * survey->capacity : 64;
        survey->rows =
            print_grown(survey->rows, survey->capacity * sizeof(*survey->rows));
    }
    char *real = realpath(path, NULL);
    survey->rows[survey->count] =
        (struct survey_row){.path = print_memory("%s", path),
                            .real = real ? real : print_memory("%s", path),
                            .kind = kind,
                            .below = below,
                            .order = survey->count};
    survey->count++;
}

static void row_free(struct survey_row *row)
{
    reach_free(&row->reach);
    free(row->path);
    free(row->real);
}

/* The name tells that a known program is worth a row; anything else only what is in it. A script
 * on PATH is as its interpreter is, which has a row. */
static bool says_something(struct survey *survey, const struct survey_row *row)
{
    const struct reach *reach = &row->reach;
    if (row->expanded) {
        survey->shims++;
        return false;
    }
    if (row->kind != SURVEY_OTHER || reach->parts.size)
        return true;
    if (reach->tls == TLS_NONE)
        survey->plain++;
    else if (reach->script && !row->below)
        survey->scripts++;
    else
        return true;
    return false;
}

static bool judge(struct survey *survey, struct survey_row *row)
{
    if (reach_judge(row->path, &row->reach) != 0) {
        survey->unreadable++;
        return false;
    }
    reach_look_further(&row->reach);
    return says_something(survey, row);
}

static int by_number(size_t left, size_t right)
{
    return left < right ? -1 : left > right;
}

static int by_path(const void *left, const void *right)
{
    const struct survey_row *a = left, *b = right;
    int order = strcmp(a->real, b->real);
    return order ? order : by_number(a->order, b->order);
}

static bool side_by_side(const struct survey_row *a, const struct survey_row *b)
{
    size_t length = (size_t)(strrchr(a->path, '/') + 1 - a->path);
    return strncmp(a->path, b->path, length) == 0 && !strchr(b->path + length, '/');
}

/* Names of the same file, before it is judged. A virtual environment's Python is a link to another
 * one, with packages of its own. */
static void drop_links(struct survey *survey)
{
    size_t count = 0;
    if (survey->count)
        qsort(survey->rows, survey->count, sizeof(*survey->rows), by_path);
    for (size_t i = 0; i < survey->count; i++) {
        struct survey_row *row = &survey->rows[i];
        bool same = count && strcmp(row->real, survey->rows[count - 1].real) == 0;
        bool own = row->below && row->kind == SURVEY_INTERPRETER;
        if (same && !(own && !side_by_side(row, &survey->rows[count - 1])))
            row_free(row);
        else
            survey->rows[count++] = *row;
    }
    survey->count = count;
}

/* The file that a row is about, links followed. */
static const char *file_of(const struct survey_row *row)
{
    return row->reach.script ? row->reach.script : row->reach.program;
}

/* Equal ones side by side, first the one with parts: a virtual environment's Python is a link to
 * another one, with packages of its own. */
static int by_file(const void *left, const void *right)
{
    const struct survey_row *a = left, *b = right;
    int order = strcmp(file_of(a), file_of(b));
    if (order == 0)
        order = by_number(!a->reach.parts.size, !b->reach.parts.size);
    return order ? order : by_number(a->order, b->order);
}

static void drop_doubles(struct survey *survey)
{
    size_t count = 0;
    if (survey->count)
        qsort(survey->rows, survey->count, sizeof(*survey->rows), by_file);
    for (size_t i = 0; i < survey->count; i++) {
        struct survey_row *row = &survey->rows[i];
        bool same = count && strcmp(file_of(row), file_of(&survey->rows[count - 1])) == 0;
        bool own = row->reach.parts.size && !row->reach.script;
        if (same && !(own && !side_by_side(row, &survey->rows[count - 1])))
            row_free(row);
        else
            survey->rows[count++] = *row;
    }
    survey->count = count;
}

static size_t class_of(const struct survey_row *row)
{
    return row->reach.verdict == REACH_NO    ? 0
           : row->reach.parts.size           ? 1
           : row->reach.verdict == REACH_YES ? 2
                                             : 3;
}

static int by_weight(const void *left, const void *right)
{
    const struct survey_row *a = left, *b = right;
    int order = by_number(class_of(a), class_of(b));
    if (order == 0)
        order = by_number(a->kind, b->kind);
    return order ? order : by_number(a->order, b->order);
}

void survey_judge(struct survey *survey, bool quiet)
{
    struct progress progress;
    size_t kept = 0;
    drop_links(survey);
    progress_begin(&progress, "judging", GAUGE_COUNT, quiet);
    for (size_t i = 0; i < survey->count; i++) {
        progress_tell(&progress, i, survey->count);
        if (judge(survey, &survey->rows[i]))
            survey->rows[kept++] = survey->rows[i];
        else
            row_free(&survey->rows[i]);
    }
    progress_end(&progress);
    survey->count = kept;
    drop_doubles(survey);
    if (survey->count)
        qsort(survey->rows, survey->count, sizeof(*survey->rows), by_weight);
}

void survey_free(struct survey *survey)
{
    for (size_t i = 0; i < survey->count; i++)
        row_free(&survey->rows[i]);
    free(survey->rows);
    memset(survey, 0, sizeof(*survey));
}
