/* SPDX-License-Identifier: MIT */
/* See lifetime.h. */
#include "lifetime.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t lifetime_granted(const struct policy *policy, unsigned status, bool sensitive)
{
    uint64_t lifetime = policy->ttl_s;
    if (status >= 400)
        lifetime = least(lifetime, policy->negative_ttl_s);
    if (sensitive && policy->pii == PII_SHORT)
        lifetime = least(lifetime, policy->pii_ttl_s);
    return lifetime;
}

/* Both who recorded the answer and who asks for it may have wanted it not to get old. */
static uint64_t lifetime_of(const struct policy *policy, const struct entry_label *label)
{
    return least(label->ttl_s, lifetime_granted(policy, label->status, label->sensitive));
}

uint64_t lifetime_age(const struct entry_label *label, int64_t now_ms)
{
    int64_t age_ms = now_ms - label->created_ms;
    return age_ms > 0 ? (uint64_t)age_ms / 1000 : 0;
}

uint64_t lifetime_expired(const struct policy *policy, const struct entry_label *label,
                          int64_t now_ms)
{
    uint64_t age = lifetime_age(label, now_ms), lifetime = lifetime_of(policy, label);
    return age > lifetime ? age - lifetime : 0;
}

bool lifetime_is_out(const struct policy *policy, const struct entry_label *label,
                     int64_t now_ms)
{
    return lifetime_age(label, now_ms) > policy->max_age_s;
}

bool lifetime_is_over(const struct policy *policy, const struct entry_label *label,
                      int64_t now_ms)
{
    return lifetime_of(policy, label) == 0 ||
           lifetime_expired(policy, label, now_ms) > 0 ||
           lifetime_is_out(policy, label, now_ms);
}
