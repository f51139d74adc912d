/* SPDX-License-Identifier: MIT */
/* Finding the nearest recording: labels first, which are cheap to read, then the requests
 * of the most promising ones. */
#include "nearest.h"

#include "api/difference.h"
#include "store/memory.h"

#define CANDIDATES  64
#define OPEN_LIMIT  ((uint64_t)8 << 20)  /* bytes of one candidate */
#define OPEN_BUDGET ((uint64_t)32 << 20) /* of all that are opened */

enum rank { SAME_MODEL = 1, SAME_PATH = 2, SAME_HOST = 4, SAME_OPERATION = 8 };

struct candidate {
    uint8_t key[STORE_KEY_SIZE];
    int64_t created_ms;
    uint64_t bytes;
    unsigned rank; /* SAME_PATH is not known yet */
};

struct search {
    const struct request *request;
    const struct call *call;
    const uint8_t *except;
    size_t count;
    struct candidate best[CANDIDATES]; /* highest rank first, then newest first */
};

static bool text_is(const char *label, size_t capacity, const char *text)
{
    return strncmp(label, text, capacity - 1) == 0;
}

static unsigned rank_of(const struct search *search, const struct entry_label *label)
{
    unsigned rank = 0;
    if (text_is(label->dialect, sizeof(label->dialect), api_dialect_name(search->call)) &&
        text_is(label->operation, sizeof(label->operation),
                api_operation_name(search->call)))
        rank |= SAME_OPERATION;
    if (label->port == search->request->port &&
        span_is_nocase(search->request->host, label->host))
        rank |= SAME_HOST;
    if (text_is(label->model, sizeof(label->model), search->call->model))
        rank |= SAME_MODEL;
    return rank;
}

static bool is_before(const struct candidate *a, const struct candidate *b)
{
    return a->rank != b->rank ? a->rank > b->rank : a->created_ms > b->created_ms;
}

static bool consider(void *context, const uint8_t key[STORE_KEY_SIZE],
                     const struct entry_label *label)
{
    struct search *search = context;
    if (search->except && memcmp(key, search->except, STORE_KEY_SIZE) == 0)
        return true;
    struct candidate candidate = {.created_ms = label->created_ms,
                                  .bytes = label->request_bytes + label->response_bytes,
                                  .rank = rank_of(search, label)};
    memcpy(candidate.key, key, STORE_KEY_SIZE);
    size_t at = search->count;
    while (at > 0 && is_before(&candidate, &search->best[at - 1]))
        at--;
    if (at == CANDIDATES)
        return true;
    if (search->count < CANDIDATES)
        search->count++;
    memmove(&search->best[at + 1], &search->best[at],
            (search->count - 1 - at) * sizeof(candidate));
    search->best[at] = candidate;
    return true;
}

struct score {
    unsigned rank;
    struct json_likeness likeness;
};

static bool is_better(const struct score *a, const struct score *b)
{
    if (a->rank != b->rank)
        return a->rank > b->rank;
    if (a->likeness.equal != b->likeness.equal)
        return a->likeness.equal > b->likeness.equal;
    return a->likeness.different < b->likeness.different;
}

static bool same_path(struct span target, struct span recorded)
{
    return span_equal(span_of(target.at, span_find(target, span_text("?"))),
                      span_of(recorded.at, span_find(recorded, span_text("?"))));
}

/* Opens a candidate. Its entry and record are to be freed after true. */
static bool open_candidate(struct store *store, const struct tenant *tenant,
                           const struct candidate *candidate, struct nearest *out)
{
    *out = (struct nearest){.any = true, .found = true};
    memcpy(out->key, candidate->key, STORE_KEY_SIZE);
    if (store_find_anywhere(store, tenant, candidate->key, &out->entry) != STORE_OK)
        return false;
    if (record_unpack(buffer_span(&out->entry.payload), &out->record) == 0)
        return true;
    entry_free(&out->entry);
    return false;
}

static struct score score_of(const struct search *search, unsigned rank,
                             const struct record *record)
{
    struct score score = {.rank = rank};
    if (same_path(search->request->target, record->request.target))
        score.rank |= SAME_PATH;
    (void)!api_difference(search->request, search->call, &record->request, NULL, NULL,
                          &score.likeness);
    return score;
}

/* Newer ones come first, so of equals the newest stays. */
static void choose(struct store *store, const struct tenant *tenant,
                   const struct search *search, struct nearest *out)
{
    uint64_t budget = OPEN_BUDGET;
    struct score best = {0};
    for (size_t i = 0; i < search->count; i++) {
        const struct candidate *candidate = &search->best[i];
        struct nearest opened;
        if (out->found && (candidate->rank | SAME_PATH) < best.rank)
            return;
        if (candidate->bytes > OPEN_LIMIT || candidate->bytes > budget)
            continue;
        budget -= candidate->bytes;
        if (!open_candidate(store, tenant, candidate, &opened))
            continue;
        struct score score = score_of(search, candidate->rank, &opened.record);
        if (!out->found || is_better(&score, &best)) {
            nearest_free(out);
            *out = opened;
            best = score;
        } else {
            nearest_free(&opened);
        }
    }
}

void nearest_find(struct store *store, const struct tenant *tenant,
                  const struct request *request, const struct call *call,
                  const uint8_t *except, struct nearest *out)
{
    struct search *search = memory_new(sizeof(*search));
    if (!search)
        return;
    search->request = request;
    search->call = call;
    search->except = except;
    (void)!store_walk(store, tenant, consider, search);
    out->any = search->count > 0;
    choose(store, tenant, search, out);
    memory_free(search);
}

void nearest_free(struct nearest *nearest)
{
    if (nearest->found) {
        record_free(&nearest->record);
        entry_free(&nearest->entry);
    }
    *nearest = (struct nearest){0};
}
