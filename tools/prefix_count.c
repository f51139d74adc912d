/* SPDX-License-Identifier: MIT */
/* One call after the other, compared with those of the hour before; see prefix.h. */
#include "prefix.h"

#include "print.h"

#include <stdlib.h>
#include <uthash.h>

#define CANDIDATES    32 /* of the window, the latest, whose whole prompts are compared */
#define OVERLAP_MS    1000 /* clocks and recording are not exact to the millisecond */
#define BYTES_A_TOKEN 4
#define SWEEP         1024 /* calls after which all groups forget what is old */
#define LEAST_LOSS    64   /* tokens: words that prompts share by chance are none */

/* Where prompts of one program part from earlier ones. */
struct loss_id {
    const struct prefix_group *group;
    uint64_t chain; /* all before the place */
    char program[16];
};

struct loss_slot {
    struct loss_id id;
    struct prefix_loss loss;
    UT_hash_handle hh;
};

/* What the window says about a call. */
struct match {
    size_t common;   /* pieces that the longest common prefix has */
    uint64_t shared; /* bytes that the most similar prompt has, wherever */
    const struct prefix_call *similar;
    size_t parting; /* pieces that it and the call begin with */
};

/* -- the window ------------------------------------------------------------------------------ */

static void call_free(struct prefix_call *call)
{
    pieces_free(&call->pieces);
    free(call);
}

static void forget(struct prefix_group *group, size_t count)
{
    for (size_t i = 0; i < count; i++)
        call_free(group->window[i]);
    group->window_count -= count;
    memmove(group->window, group->window + count,
            group->window_count * sizeof(*group->window));
}

static void forget_older(struct prefix_group *group, int64_t than_ms)
{
    size_t gone = 0;
    while (gone < group->window_count && group->window[gone]->begun_ms < than_ms)
        gone++;
    forget(group, gone);
}

static void keep(struct prefix *prefix, struct prefix_call *call)
{
    struct prefix_group *group = call->group;
    if (call->number % SWEEP == 0)
        for (size_t i = 0; i < prefix->group_count; i++)
            forget_older(prefix->groups[i], call->begun_ms - PREFIX_WINDOW_MS);
    if (group->window_count == PREFIX_WINDOW)
        forget(group, 1);
    group->window[group->window_count++] = call;
}

static void compare(const struct prefix_call *call, const struct prefix_call *earlier,
                    struct match *match)
{
    size_t count = pieces_common(&call->pieces, &earlier->pieces);
    uint64_t shared = pieces_shared(&call->pieces, &earlier->pieces);
    if (!match->similar || shared > match->shared ||
        (shared == match->shared && count > match->parting)) {
        match->shared = shared;
        match->similar = earlier;
        match->parting = count;
    }
}

static struct match look(const struct prefix *prefix, const struct prefix_call *call)
{
    struct match match = {.common = prefix_asked_before(prefix, call)};
    const struct prefix_group *group = call->group;
    size_t compared = 0;
    for (size_t i = group->window_count; i-- > 0 && compared < CANDIDATES;) {
        const struct prefix_call *earlier = group->window[i];
        if (earlier->answered_ms > call->begun_ms + OVERLAP_MS)
            continue;
        compare(call, earlier, &match);
        compared++;
    }
    return match;
}

/* -- counting -------------------------------------------------------------------------------- */

/* |bytes| of the prompt as tokens. */
static uint64_t tokens_of(const struct prefix_call *call, uint64_t bytes)
{
    uint64_t all = pieces_bytes(&call->pieces);
    return all ? (uint64_t)((double)call->tokens_in * ((double)bytes / (double)all)) : 0;
}

static struct prefix_loss *loss_of(struct prefix *prefix, const struct prefix_call *call,
                                   const struct match *match)
{
    struct loss_slot *slot;
    struct loss_id id;
    memset(&id, 0, sizeof(id)); /* padding is part of the key */
    id.group = call->group;
    id.chain = match->parting ? call->pieces.at[match->parting - 1].chain : 0;
    memcpy(id.program, call->program, sizeof(id.program));
    HASH_FIND(hh, prefix->slots, &id, sizeof(id), slot);
    if (slot)
        return &slot->loss;
    slot = print_grown(NULL, sizeof(*slot));
    *slot = (struct loss_slot){.loss.group = call->group};
    slot->id = id;
    memcpy(slot->loss.program, call->program, sizeof(slot->loss.program));
    HASH_ADD(hh, prefix->slots, id, sizeof(id), slot);
    prefix->loss_count++;
    return &slot->loss;
}

static void count_loss(struct prefix *prefix, const struct prefix_call *call,
                       const struct match *match, uint64_t tokens)
{
    struct prefix_group *group = call->group;
    struct prefix_loss *loss = loss_of(prefix, call, match);
    uint64_t saving = group->priced && group->price.input > group->price.cached_read
                          ? group->price.input - group->price.cached_read
                          : 0;
    group->tokens_lost += tokens;
    group->money_lost += saving * tokens;
    loss->calls++;
    loss->tokens += tokens;
    loss->money += saving * tokens;
    if (tokens < loss->worst_tokens)
        return;
    loss->worst_tokens = tokens;
    memcpy(loss->key, call->key, STORE_KEY_SIZE);
    memcpy(loss->before, match->similar->key, STORE_KEY_SIZE);
    loss->ended_ms = call->ended_ms;
    loss->before_ms = match->similar->ended_ms;
}

static void count_forecasts(struct prefix *prefix, const struct prefix_call *call)
{
    struct prefix_tokens tokens[FORECAST_COUNT];
    prefix_forecast(prefix, call, tokens);
    for (size_t i = 0; call->counted && i < FORECAST_COUNT; i++) {
        call->group->tokens_forecast[i] += tokens[i].tokens;
        call->group->calls_about[i] += tokens[i].about;
    }
}

/* Of which parts the |common| pieces are. */
static void count_parts(struct prefix *prefix, const struct prefix_call *call,
                        size_t common)
{
    const struct prompt_piece *at = call->pieces.at;
    uint64_t before = 0;
    for (size_t i = 1; i <= common; i++) {
        if (i < common && at[i].part == at[i - 1].part)
            continue;
        uint64_t until = prefix_tokens_until(prefix, call, i).tokens;
        call->group->tokens_part[at[i - 1].part] += until > before ? until - before : 0;
        before = until > before ? until : before;
    }
}

static void count(struct prefix *prefix, const struct prefix_call *call,
                  const struct match *match)
{
    struct prefix_group *group = call->group;
    uint64_t common = prefix_tokens_until(prefix, call, match->common).tokens;
    uint64_t shared = tokens_of(call, match->shared);
    uint64_t had = common >= group->rules.minimum ? common : 0;
    if (had)
        count_parts(prefix, call, match->common);
    if (call->tokens_cached > had)
        had = call->tokens_cached; /* the provider knows better */
    group->calls++;
    group->estimated += call->estimated;
    group->tokens_in += call->tokens_in;
    group->tokens_cached += call->tokens_cached;
    group->tokens_common += had;
    if (match->similar && match->parting < call->pieces.count &&
        shared >= had + LEAST_LOSS && shared >= group->rules.minimum &&
        match->shared > pieces_until(&call->pieces, match->common))
        count_loss(prefix, call, match, shared - had);
}

void prefix_count(struct prefix *prefix, struct prefix_call *call)
{
    if (call->estimated)
        call->tokens_in =
            (pieces_bytes(&call->pieces) + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN;
    call->number =
        beginnings_call(&prefix->beginnings, call->begun_ms, call->answered_ms);
    forget_older(call->group, call->begun_ms - PREFIX_WINDOW_MS);
    if (call->counted) {
        struct match match = look(prefix, call);
        count(prefix, call, &match);
        prefix_note_version(prefix, call);
    }
    count_forecasts(prefix, call);
    prefix_remember(prefix, call);
    keep(prefix, call);
}

/* -- the largest losses ---------------------------------------------------------------------- */

static int largest_first(const void *left, const void *right)
{
    const struct prefix_loss *a = left, *b = right;
    if (a->tokens != b->tokens)
        return a->tokens < b->tokens ? 1 : -1;
    return memcmp(a->key, b->key, STORE_KEY_SIZE);
}

static void take_slots(struct prefix *prefix)
{
    size_t count = 0;
    prefix->losses =
        print_grown(NULL, (prefix->loss_count + 1) * sizeof(*prefix->losses));
    struct loss_slot *slot = prefix->slots;
    HASH_CLEAR(hh, prefix->slots);
    for (struct loss_slot *next; slot; slot = next) {
        next = slot->hh.next;
        prefix->losses[count++] = slot->loss;
        free(slot);
    }
    qsort(prefix->losses, count, sizeof(*prefix->losses), largest_first);
}

struct pair {
    struct prefix *prefix;
    struct prefix_loss *loss;
    const struct call *call;
    struct span body;
};

static void compare_bodies(const struct call *before_call, struct span before,
                           void *context)
{
    struct pair *pair = context;
    if (prefix_place_find(before_call, before, pair->call, pair->body,
                          &pair->loss->place) != 0)
        pair->loss->place = (struct prefix_place){0};
}

static void open_earlier(const struct call *call, struct span body, void *context)
{
    struct pair *pair = context;
    pair->call = call;
    pair->body = body;
    (void)prefix_open(pair->prefix, pair->loss->before, compare_bodies, pair);
}

void prefix_explain(struct prefix *prefix)
{
    take_slots(prefix);
    for (size_t i = 0; i < prefix->loss_count && i < prefix->most; i++) {
        struct pair pair = {.prefix = prefix, .loss = &prefix->losses[i]};
        (void)prefix_open(prefix, pair.loss->key, open_earlier, &pair);
    }
}

static void group_free(struct prefix_group *group)
{
    forget(group, group->window_count);
    for (size_t i = 0; i < group->version_count; i++)
        pieces_free(&group->versions[i].pieces);
    free(group->versions);
    free(group);
}

void prefix_free(struct prefix *prefix)
{
    if (!prefix->losses)
        take_slots(prefix);
    for (size_t i = 0; i < prefix->loss_count; i++)
        prefix_place_free(&prefix->losses[i].place);
    free(prefix->losses);
    for (size_t i = 0; i < prefix->group_count; i++)
        group_free(prefix->groups[i]);
    free(prefix->groups);
    beginnings_free(&prefix->beginnings);
}
