/* SPDX-License-Identifier: MIT */
/* See tariff.h. */
#include "tariff.h"

#include "print.h"

#include <stdlib.h>

#undef uthash_fatal
#define uthash_fatal(message) abort() /* not reached: print_grown() ends the process before */
#undef uthash_malloc
#define uthash_malloc(size) print_grown(NULL, size)

static struct tariff_line *add_line(struct tariff *tariff, const struct tariff_key *key)
{
    struct tariff_line *line = print_grown(NULL, sizeof(*line));
    *line = (struct tariff_line){.key = *key};
    line->priced = price_find(tariff->prices, key->dialect, key->host, key->model,
                              &line->price);
    HASH_ADD(hh, tariff->lines, key, sizeof(line->key), line);
    return line;
}

static bool is_line(const struct tariff_line *line, const struct tariff_key *key)
{
    return line && memcmp(&line->key, key, sizeof(*key)) == 0;
}

const struct tariff_line *tariff_find(struct tariff *tariff, const char *dialect,
                                      const char *host, const char *model)
{
    struct tariff_key key = {0};
    span_copy_text(span_text(dialect), key.dialect, sizeof(key.dialect));
    span_copy_text(span_text(model), key.model, sizeof(key.model));
    span_copy_text(span_text(host), key.host, sizeof(key.host));
    if (is_line(tariff->latest, &key))
        return tariff->latest;
    HASH_FIND(hh, tariff->lines, &key, sizeof(key), tariff->latest);
    if (!tariff->latest)
        tariff->latest = add_line(tariff, &key);
    return tariff->latest;
}

void tariff_free(struct tariff *tariff)
{
    struct tariff_line *line, *next;
    HASH_ITER(hh, tariff->lines, line, next)
    {
        HASH_DEL(tariff->lines, line);
        free(line);
    }
    *tariff = (struct tariff){0};
}
