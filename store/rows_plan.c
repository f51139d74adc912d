/* SPDX-License-Identifier: MIT */
/* Which rows go where, see rows_plan.h. */
#include "rows_plan.h"

#include "result.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Sorts, leaves each once: how many are below |rows|. */
static uint32_t gone_count(struct buffer *gone, uint32_t rows)
{
    uint32_t *list = (uint32_t *)(void *)gone->at;
    uint32_t kept = 0;
    size_t count = gone->size / sizeof(*list);
    if (count)
        qsort(list, count, sizeof(*list), ascending);
    for (size_t i = 0; i < count; i++)
        if (list[i] < rows && (kept == 0 || list[kept - 1] != list[i]))
            list[kept++] = list[i];
    return kept;
}

static void append_number(struct buffer *out, uint32_t number)
{
    buffer_append(out, &number, sizeof(number));
}

/* Rows from |plan->rows| on that stay fill what is free below, from |free_at| on. */
static void moves_find(const uint32_t *gone, uint32_t count, uint32_t free_at,
                       uint32_t rows, struct rows_plan *plan)
{
    uint32_t skip = free_at;
    while (skip < count && gone[skip] < plan->rows)
        skip++;
    for (uint32_t from = plan->rows; from < rows; from++) {
        struct row_move move = {from, 0};
        if (skip < count && gone[skip] == from) {
            skip++;
            continue;
        }
        move.to = gone[free_at++];
        buffer_append(&plan->moves, &move, sizeof(move));
    }
}

int rows_plan(uint32_t rows, struct buffer *gone, uint32_t coming, uint32_t most,
              struct rows_plan *out)
{
    uint32_t count = gone_count(gone, rows), filled = coming < count ? coming : count;
    const uint32_t *list = (const uint32_t *)(const void *)gone->at;
    *out = (struct rows_plan){0};
    if ((uint64_t)rows - count + coming > most)
        return STORE_FULL;
    out->rows = rows - count + coming;
    for (uint32_t i = 0; i < filled; i++)
        append_number(&out->come, list[i]);
    for (uint32_t i = filled; i < coming; i++)
        append_number(&out->come, rows + i - filled);
    if (filled < count)
        moves_find(list, count, filled, rows, out);
    if (buffer_ok(&out->come) && buffer_ok(&out->moves))
        return STORE_OK;
    rows_plan_free(out);
    return STORE_NO_MEMORY;
}

void rows_plan_free(struct rows_plan *plan)
{
    buffer_free(&plan->come);
    buffer_free(&plan->moves);
}
