/* SPDX-License-Identifier: MIT */
/* Rows of sums, added up to what the report shows. */
#include "report.h"

#include "print.h"

#include <stdlib.h>

#undef uthash_malloc
#define uthash_malloc(size) print_grown(NULL, size)

uint64_t report_sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t report_cost(const struct tariff_line *line, const char *operation,
                     const struct price_tokens *tokens, uint64_t *tokens_unpriced)
{
    if (line->priced)
        return price_of(&line->price, price_embeds(operation), tokens);
    *tokens_unpriced += tokens->in + tokens->out;
    return 0;
}

static struct report_model *model_of(struct report_figures *figures, const char *name)
{
    struct report_model *model;
    HASH_FIND_STR(figures->models, name, model);
    if (model)
        return model;
    model = print_grown(NULL, sizeof(*model));
    memset(model, 0, sizeof(*model));
    span_copy_text(span_text(name), model->name, sizeof(model->name));
    HASH_ADD_STR(figures->models, name, model);
    figures->model_count++;
    return model;
}

static void count_calls(struct report_figures *figures, const struct sums_row *row)
{
    uint64_t *const counters[] = {[VERDICT_BYPASS] = &figures->bypassed,
                                  [VERDICT_MISS] = &figures->misses,
                                  [VERDICT_HIT] = &figures->hits,
                                  [VERDICT_STALE] = &figures->stale,
                                  [VERDICT_OBSERVED] = &figures->observed};
    figures->calls += row->calls;
    if (row->key.verdict >= VERDICT_BYPASS && row->key.verdict <= VERDICT_OBSERVED)
        *counters[row->key.verdict] += row->calls;
    bool answered = row->key.verdict == VERDICT_HIT || row->key.recorded;
    if (answered && row->key.usage == USAGE_UNKNOWN)
        figures->untold += row->calls;
}

/* A miss is one of the exact layer's, which is the first that is asked. */
static void count_lookups(struct report_figures *figures, const struct sums_row *row)
{
    size_t slot = timeline_slot(&figures->time, row->key.hour);
    if (slot >= figures->time.count)
        return;
    uint8_t verdict = row->key.verdict;
    if (verdict == VERDICT_HIT || verdict == VERDICT_STALE || verdict == VERDICT_MISS)
        figures->lookups[0][slot] += row->calls;
    if (verdict == VERDICT_HIT)
        figures->layer_hits[0][slot] += row->calls;
}

static void count_times(struct report_figures *figures, const struct sums_row *row)
{
    uint8_t verdict = row->key.verdict;
    if (verdict != VERDICT_HIT && verdict != VERDICT_MISS)
        return;
    enum report_answer answer = verdict == VERDICT_HIT ? ANSWER_HIT : ANSWER_MISS;
    for (size_t i = 0; i < SUMS_BUCKETS; i++) {
        figures->first.calls[answer][i] += row->first_bytes[i];
        figures->last.calls[answer][i] += row->last_bytes[i];
    }
    if (verdict == VERDICT_HIT)
        figures->saved_us += row->saved_us;
}

/* What the provider's own cache had of what it was asked. */
static void count_prefix(struct report_figures *figures, struct report_model *model,
                         const struct sums_row *row, const struct tariff_line *line)
{
    struct price_tokens tokens = {row->tokens_in, row->tokens_cached,
                                  row->tokens_cache_write, row->tokens_out};
    size_t slot = timeline_slot(&figures->time, row->key.hour);
    model->tokens_in += row->tokens_in;
    model->tokens_cached += row->tokens_cached;
    model->tokens_written += row->tokens_cache_write;
    if (line->priced)
        model->prefix_saved += price_prefix_saving(&line->price, &tokens);
    if (slot < figures->time.count) {
        model->slot_in[slot] += row->tokens_in;
        model->slot_cached[slot] += row->tokens_cached;
    }
}

static void count_money(struct report_figures *figures, struct report_model *model,
                        const struct sums_row *row, const struct tariff_line *line)
{
    struct price_tokens tokens = {row->tokens_in, row->tokens_cached,
                                  row->tokens_cache_write, row->tokens_out};
    bool hit = row->key.verdict == VERDICT_HIT;
    uint64_t sum = row->tokens_in + row->tokens_out, unpriced = 0;
    uint64_t cost = report_cost(line, row->key.operation, &tokens, &unpriced);
    *(hit ? &figures->tokens_saved : &figures->tokens_spent) += sum;
    figures->tokens_unpriced += unpriced;
    model->unpriced |= unpriced != 0;
    uint64_t *all = hit ? &figures->saved : &figures->spent;
    uint64_t *own = hit ? &model->saved : &model->spent;
    *all = report_sum(*all, cost);
    *own = report_sum(*own, cost);
    if (row->key.usage != USAGE_ESTIMATED)
        return;
    uint64_t *estimated = hit ? &figures->saved_estimated : &figures->spent_estimated;
    *estimated = report_sum(*estimated, cost);
    figures->tokens_estimated += sum;
}

/* A stale answer was served because the provider failed: nothing saved, nothing spent. */
static void add_row(struct report_figures *figures, const struct sums_row *row,
                    struct tariff *tariff)
{
    const struct sums_key *key = &row->key;
    count_calls(figures, row);
    count_lookups(figures, row);
    count_times(figures, row);
    if (!key->model[0] && !row->tokens_in && !row->tokens_out)
        return;
    struct report_model *model = model_of(figures, key->model);
    const struct tariff_line *line =
        tariff_find(tariff, key->dialect, key->host, key->model);
    model->calls += row->calls;
    model->hits += key->verdict == VERDICT_HIT ? row->calls : 0;
    if (key->verdict == VERDICT_STALE)
        return;
    count_money(figures, model, row, line);
    if (key->verdict != VERDICT_HIT)
        count_prefix(figures, model, row, line);
}

static struct timeline time_of(const struct sums *sums)
{
    uint32_t first = UINT32_MAX, last = 0;
    for (size_t i = 0; i < sums_count(sums); i++) {
        uint32_t hour = sums_at(sums, i)->key.hour;
        first = hour < first ? hour : first;
        last = hour > last ? hour : last;
    }
    return timeline_of(first == UINT32_MAX ? 0 : first, last, 1);
}

void report_figures_read(struct report_figures *out, const struct sums *sums,
                         struct tariff *tariff)
{
    *out = (struct report_figures){.time = time_of(sums)};
    for (size_t i = 0; i < sums_count(sums); i++)
        if (!sums_at(sums, i)->key.tag[0])
            add_row(out, sums_at(sums, i), tariff);
}

void report_figures_free(struct report_figures *figures)
{
    struct report_model *model, *next;
    HASH_ITER(hh, figures->models, model, next)
    {
        HASH_DEL(figures->models, model);
        free(model);
    }
    *figures = (struct report_figures){0};
}
