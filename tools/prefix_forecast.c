/* SPDX-License-Identifier: MIT */
/* What the provider's cache has had of a call by its own documents, and would have had with
 * `prompt_cache = mark`; see prefix.h. Tokens are those that the provider has told of earlier calls
 * wherever a prompt goes on from one of them. */
#include "prefix.h"

#define LIFE_MS                                                                          \
    ((int64_t)300 * 1000) /* of what breakpoints have kept, since its last use */
#define BLOCKS        20 /* that are looked at from a breakpoint backwards, its own included */
#define BREAKPOINTS   4
#define BYTES_A_TOKEN 4
#define LEAST_CLOSE   64 /* tokens: how far an estimate may be from what is told */
#define PART_CLOSE    16 /* or one of so many */

/* Breakpoints stand behind so many pieces. */
struct breakpoints {
    size_t at[BREAKPOINTS], count;
};

/* -- beginnings ------------------------------------------------------------------------------ */

static uint64_t id_of(const struct prefix_call *call, size_t count)
{
    uint64_t group = (uint64_t)(uintptr_t)call->group * 0x9E3779B97F4A7C15u;
    uint64_t id = call->pieces.at[count - 1].chain ^ group;
    return id ? id : 1;
}

static struct beginning *find(const struct prefix *prefix, const struct prefix_call *call,
                              size_t count)
{
    return beginnings_find(&prefix->beginnings, id_of(call, count));
}

static struct beginning *add(struct prefix *prefix, const struct prefix_call *call,
                             size_t count)
{
    return beginnings_add(&prefix->beginnings, id_of(call, count));
}

size_t prefix_asked_before(const struct prefix *prefix, const struct prefix_call *call)
{
    size_t low = 0, high = call->pieces.count;
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        const struct beginning *beginning = find(prefix, call, middle);
        if (beginning &&
            beginning_was_asked(&prefix->beginnings, beginning, call->number))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* -- tokens ---------------------------------------------------------------------------------- */

struct measure {
    uint64_t bytes, tokens;
};

static uint64_t counted(const struct prefix *prefix, const struct prefix_call *call,
                        size_t count)
{
    const struct beginning *beginning = find(prefix, call, count);
    return beginning && beginning->tokens <= call->tokens_in ? beginning->tokens : 0;
}

/* The nearest place before, or behind, whose tokens are known. */
static struct measure before(const struct prefix *prefix, const struct prefix_call *call,
                             size_t count)
{
    for (; count; count--) {
        uint64_t tokens = counted(prefix, call, count);
        if (tokens)
            return (struct measure){pieces_until(&call->pieces, count), tokens};
    }
    return (struct measure){0, 0};
}

static struct measure behind(const struct prefix *prefix, const struct prefix_call *call,
                             size_t count)
{
    for (; count < call->pieces.count; count++) {
        uint64_t tokens = counted(prefix, call, count);
        if (tokens)
            return (struct measure){pieces_until(&call->pieces, count), tokens};
    }
    return (struct measure){pieces_bytes(&call->pieces), call->tokens_in};
}

static struct prefix_tokens between(struct measure low, struct measure high,
                                    uint64_t bytes)
{
    if (high.tokens <= low.tokens || high.bytes <= low.bytes)
        return (struct prefix_tokens){low.tokens, true};
    double part = (double)(bytes - low.bytes) / (double)(high.bytes - low.bytes);
    uint64_t more = (uint64_t)((double)(high.tokens - low.tokens) * part);
    return (struct prefix_tokens){low.tokens + more, true};
}

struct prefix_tokens prefix_tokens_until(const struct prefix *prefix,
                                         const struct prefix_call *call, size_t count)
{
    uint64_t bytes = pieces_until(&call->pieces, count);
    if (count == call->pieces.count)
        return (struct prefix_tokens){call->tokens_in, call->estimated};
    if (!bytes)
        return (struct prefix_tokens){0, false};
    struct measure low = before(prefix, call, count);
    if (low.bytes == bytes && low.tokens)
        return (struct prefix_tokens){low.tokens, false};
    return between(low, behind(prefix, call, count + 1), bytes);
}

/* -- what is kept without being marked --------------------------------------------------------- */

static struct prefix_tokens forecast_steps(const struct prefix *prefix,
                                           const struct prefix_call *call)
{
    const struct prefix_rules *rules = &call->group->rules;
    size_t count = prefix_asked_before(prefix, call);
    struct prefix_tokens had = prefix_tokens_until(prefix, call, count);
    if (rules->step)
        had.tokens -= had.tokens % rules->step;
    if (had.tokens < rules->minimum)
        had.tokens = 0;
    return had;
}

static bool is_kept(const struct prefix *prefix, const struct prefix_call *call,
                    size_t count, enum forecast forecast, int64_t life_ms)
{
    const struct beginning *beginning = find(prefix, call, count);
    return beginning && beginning_is_kept(&prefix->beginnings, beginning, forecast,
                                          call->number, life_ms);
}

static struct prefix_tokens forecast_whole(struct prefix *prefix,
                                           const struct prefix_call *call)
{
    struct prefix_tokens had = {0, false};
    for (size_t count = call->pieces.count; count && !had.tokens; count--)
        if (is_kept(prefix, call, count, FORECAST_SENT, PREFIX_WINDOW_MS))
            had = prefix_tokens_until(prefix, call, count);
    if (had.tokens < call->group->rules.minimum)
        had.tokens = 0;
    if (call->pieces.count)
        add(prefix, call, call->pieces.count)->kept[FORECAST_SENT] = 2 * call->number;
    return had;
}

/* -- what is kept at breakpoints ---------------------------------------------------------------- */

static void put(struct breakpoints *breakpoints, size_t count)
{
    for (size_t i = 0; i < breakpoints->count; i++)
        if (breakpoints->at[i] == count)
            return;
    if (count && breakpoints->count < BREAKPOINTS)
        breakpoints->at[breakpoints->count++] = count;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static bool is_close(uint64_t estimate, uint64_t told)
{
    uint64_t far = distance(estimate, told);
    return far <= LEAST_CLOSE || far <= told / PART_CLOSE;
}

/* The whole block that ends after |tokens|, or about so; 0: none is near. */
static size_t locate(const struct prefix *prefix, const struct prefix_call *call,
                     uint64_t tokens)
{
    struct measure low = {0, 0}, high = behind(prefix, call, 1);
    uint64_t nearest = UINT64_MAX;
    size_t found = 0;
    for (size_t count = 1; count <= call->pieces.count; count++) {
        uint64_t bytes = pieces_until(&call->pieces, count);
        if (bytes >= high.bytes) {
            low = (struct measure){bytes, high.tokens};
            high = behind(prefix, call, count + 1);
        }
        if (!pieces_end_block(&call->pieces, count))
            continue;
        if (low.bytes == bytes && low.tokens == tokens)
            return count;
        uint64_t there =
            low.bytes == bytes ? low.tokens : between(low, high, bytes).tokens;
        if (low.bytes != bytes && distance(there, tokens) < nearest &&
            is_close(there, tokens)) {
            nearest = distance(there, tokens);
            found = count;
        }
    }
    return found;
}

/* Where the tools end, and the system texts. */
static void put_parts(const struct prefix_call *call, size_t before_count,
                      struct breakpoints *out)
{
    const struct prompt_piece *at = call->pieces.at;
    for (size_t count = 1; count < before_count; count++)
        if (at[count].part != at[count - 1].part &&
            (at[count - 1].part == SEGMENT_TOOLS || at[count - 1].part == SEGMENT_SYSTEM))
            put(out, count);
}

/* Of the request as it went out, its answer tells where the last one was. */
static void breakpoints_sent(struct prefix *prefix, const struct prefix_call *call,
                             struct breakpoints *out)
{
    uint64_t told = call->tokens_cached + call->tokens_written;
    size_t last = told ? locate(prefix, call, told) : 0;
    if (!last)
        return;
    put(out, last);
    put_parts(call, last, out);
    add(prefix, call, last)->tokens = (uint32_t)told;
}

/* As prefix_breakpoints.h puts them. */
static void breakpoints_marked(struct prefix *prefix, const struct prefix_call *call,
                               struct breakpoints *out)
{
    size_t turn = 0;
    for (size_t count = 1; count <= call->pieces.count; count++) {
        if (!pieces_end_turn(&call->pieces, count))
            continue;
        struct beginning *beginning = add(prefix, call, count);
        bool known = beginning->seen && pieces_until(&call->pieces, count) >=
                                            call->group->rules.minimum * BYTES_A_TOKEN;
        enum segment_part part = call->pieces.at[count - 1].part;
        beginning->seen = call->number;
        if (known && part == SEGMENT_TURNS)
            turn = count;
        else if (known && part != SEGMENT_SETTINGS)
            put(out, count);
    }
    put(out, turn);
}

/* The latest place that is kept, of those looked at from |breakpoint| backwards. */
static size_t look_back(const struct prefix *prefix, const struct prefix_call *call,
                        size_t breakpoint, enum forecast forecast)
{
    unsigned blocks = 0;
    for (size_t count = breakpoint; count && blocks < BLOCKS; count--) {
        if (!pieces_end_block(&call->pieces, count))
            continue;
        if (is_kept(prefix, call, count, forecast, LIFE_MS))
            return count;
        blocks++;
    }
    return 0;
}

static struct prefix_tokens forecast_marked(struct prefix *prefix,
                                            const struct prefix_call *call,
                                            enum forecast forecast)
{
    struct breakpoints breakpoints = {.count = 0};
    size_t had = 0;
    if (forecast == FORECAST_SENT)
        breakpoints_sent(prefix, call, &breakpoints);
    else
        breakpoints_marked(prefix, call, &breakpoints);
    for (size_t i = 0; i < breakpoints.count; i++) {
        size_t count = look_back(prefix, call, breakpoints.at[i], forecast);
        had = count > had ? count : had;
    }
    struct prefix_tokens tokens = prefix_tokens_until(prefix, call, had);
    if (had && forecast == FORECAST_SENT && tokens.about &&
        is_close(tokens.tokens, call->tokens_cached))
        add(prefix, call, had)->tokens = (uint32_t)call->tokens_cached;
    for (size_t i = 0; i < breakpoints.count; i++)
        if (prefix_tokens_until(prefix, call, breakpoints.at[i]).tokens >=
            call->group->rules.minimum)
            add(prefix, call, breakpoints.at[i])->kept[forecast] =
                2 * call->number + (breakpoints.at[i] <= had);
    if (had)
        add(prefix, call, had)->kept[forecast] = 2 * call->number + 1;
    return tokens;
}

/* -- all kinds ------------------------------------------------------------------------------- */

void prefix_forecast(struct prefix *prefix, const struct prefix_call *call,
                     struct prefix_tokens out[FORECAST_COUNT])
{
    out[FORECAST_SENT] = (struct prefix_tokens){0, false};
    if (call->group->rules.kind == PREFIX_STEPS)
        out[FORECAST_SENT] = forecast_steps(prefix, call);
    else if (call->group->rules.kind == PREFIX_WHOLE)
        out[FORECAST_SENT] = forecast_whole(prefix, call);
    else if (call->group->rules.kind == PREFIX_MARKED)
        out[FORECAST_SENT] = forecast_marked(prefix, call, FORECAST_SENT);
    out[FORECAST_MARKED] = call->group->rules.kind == PREFIX_MARKED && !call->marks_itself
                               ? forecast_marked(prefix, call, FORECAST_MARKED)
                               : out[FORECAST_SENT];
}

void prefix_remember(struct prefix *prefix, const struct prefix_call *call)
{
    for (size_t count = 1; count <= call->pieces.count; count++)
        beginning_ask(&prefix->beginnings, add(prefix, call, count), call->number);
    if (!call->estimated && call->pieces.count)
        add(prefix, call, call->pieces.count)->tokens = (uint32_t)call->tokens_in;
}
