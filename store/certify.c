/* SPDX-License-Identifier: MIT */
/* The search for a threshold that keeps a promise, see certify.h. */
#include "certify.h"

#include "binomial.h"

#include <stdlib.h>

static int by_time(const void *a, const void *b)
{
    const struct certify_sample *left = a, *right = b;
    if (left->time_ms != right->time_ms)
        return left->time_ms < right->time_ms ? -1 : 1;
    if (left->similarity != right->similarity)
        return left->similarity < right->similarity ? -1 : 1;
    return (left->answer > right->answer) - (left->answer < right->answer);
}

static struct answer_counts counts_at(const struct certify_sample *samples, size_t count,
                                      unsigned threshold)
{
    struct answer_counts counts = {0};
    for (size_t i = 0; i < count; i++)
        if (samples[i].similarity * 1000 >= threshold)
            answer_count(&counts, samples[i].answer);
    return counts;
}

static bool rules_good(const struct certify_rules *rules)
{
    return rules->most_wrong > 0 && rules->most_wrong < 1 && rules->confidence > 0 &&
           rules->confidence < 1;
}

/* Whether the promise may be taken as kept at |counts|. */
static bool passes(const struct answer_counts *counts, const struct certify_rules *rules)
{
    return binomial_at_most(answer_bad(counts), counts->hits, rules->most_wrong) <=
           1 - rules->confidence;
}

/* Goes from strict to loose through the older half. */
static enum certify_verdict calibrate(const struct certify_sample *samples, size_t count,
                                      const struct certify_rules *rules,
                                      struct certify_result *out)
{
    enum certify_verdict verdict = CERTIFY_TOO_FEW;
    for (unsigned at = CERTIFY_STRICTEST; at >= CERTIFY_LOOSEST; at -= CERTIFY_STEP) {
        struct answer_counts counts = counts_at(samples, count, at);
        bool enough = counts.hits >= out->least && counts.hits >= count / CERTIFY_FIRST;
        bool good = enough && passes(&counts, rules);
        if (verdict == CERTIFY_GRANTED && !good)
            break;
        out->threshold = at;
        out->older = counts;
        if (enough)
            verdict = good ? CERTIFY_GRANTED : CERTIFY_TOO_WRONG;
        if (verdict == CERTIFY_TOO_WRONG || (good && counts.hits == count))
            break;
    }
    return verdict;
}

void certify(struct certify_sample *samples, size_t count,
             const struct certify_rules *rules, struct certify_result *out)
{
    *out = (struct certify_result){.verdict = CERTIFY_BAD_RULES};
    if (!rules_good(rules))
        return;
    double risk = 1 - rules->confidence;
    size_t older = count / 2;
    if (count)
        qsort(samples, count, sizeof(*samples), by_time);
    out->least = binomial_least(rules->most_wrong, risk);
    out->verdict = calibrate(samples, older, rules, out);
    out->newer = counts_at(samples + older, count - older, out->threshold);
    out->older_bound = binomial_upper(answer_bad(&out->older), out->older.hits, risk);
    out->newer_bound = binomial_upper(answer_bad(&out->newer), out->newer.hits, risk);
    if (out->verdict == CERTIFY_GRANTED &&
        (double)answer_bad(&out->newer) > rules->most_wrong * (double)out->newer.hits)
        out->verdict = CERTIFY_CONTRADICTED;
}
