/* SPDX-License-Identifier: MIT */
/* See sites.h. A slot is claimed once (key 0 -> SLOT_TAKEN), filled, and published by
 * storing its key; after that its content never changes. When its objects have been
 * unloaded its key becomes SLOT_STALE for good, and another slot is used. */
#include "sites.h"
#include "host.h"

#include <stddef.h>

/* Most programs call from a few places: the first tries go to slots that share a page. */
#define NEAR_COUNT 64u
#define NEAR_TRIES 4u
#define FAR_COUNT  1024u
#define SLOT_TRIES (NEAR_TRIES + 16u)
#define SLOT_FREE  0u
#define SLOT_TAKEN 1u
#define SLOT_STALE 2u
#define KEY_BITS   8u /* for the hook; the addresses of user code leave as many free */

_Static_assert(HOOK_COUNT < 1u << KEY_BITS, "the key has no room for so many hooks");

struct slot {
    _Atomic uint64_t key;
    void *real;
    uintptr_t site_stamp;
    uintptr_t real_stamp;
    bool pass;
    bool guess;
};

/* Mapped when the first site is added. Two threads may both do that; one mapping is then
 * never used, nor are its pages. */
static _Atomic(struct slot *) slots;

static struct slot *slots_map(void)
{
    struct slot *none = NULL,
                *mapped = host_map((NEAR_COUNT + FAR_COUNT) * sizeof *mapped);
    if (!mapped || atomic_compare_exchange_strong(&slots, &none, mapped))
        return mapped;
    return none;
}

static uint64_t key_of(enum hook hook, const void *site)
{
    return (uint64_t)(uintptr_t)site << KEY_BITS | (uint64_t)hook;
}

/* Slot |attempt| in the row of those that |key| may stand in. */
static struct slot *slot_of(struct slot *table, uint64_t key, unsigned attempt)
{
    uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
    unsigned place = (unsigned)(hash >> 48) + attempt;
    return attempt < NEAR_TRIES ? &table[place % NEAR_COUNT]
                                : &table[NEAR_COUNT + place % FAR_COUNT];
}

static bool slot_valid(const struct slot *slot, const void *site)
{
    return slot->site_stamp == object_stamp(site) &&
           slot->real_stamp == object_stamp(slot->real);
}

bool sites_find(enum hook hook, const void *site, struct target *target)
{
    uint64_t key = key_of(hook, site);
    struct slot *table = atomic_load_explicit(&slots, memory_order_acquire);
    for (unsigned attempt = 0; table && attempt < SLOT_TRIES; attempt++) {
        struct slot *slot = slot_of(table, key, attempt);
        uint64_t held = atomic_load_explicit(&slot->key, memory_order_acquire);
        if (held == SLOT_FREE)
            return false;
        if (held != key)
            continue;
        if (slot_valid(slot, site)) {
            *target = (struct target){slot->real, slot->pass, slot->guess};
            return true;
        }
        atomic_store_explicit(&slot->key, SLOT_STALE, memory_order_relaxed);
    }
    return false;
}

void sites_add(enum hook hook, const void *site, struct target target)
{
    uint64_t key = key_of(hook, site);
    struct slot *table = atomic_load_explicit(&slots, memory_order_acquire);
    if (!table)
        table = slots_map();
    for (unsigned attempt = 0; table && attempt < SLOT_TRIES; attempt++) {
        struct slot *slot = slot_of(table, key, attempt);
        uint64_t held = SLOT_FREE;
        if (!atomic_compare_exchange_strong(&slot->key, &held, SLOT_TAKEN)) {
            if (held == key)
                return;
            continue;
        }
        slot->real = target.real;
        slot->site_stamp = object_stamp(site);
        slot->real_stamp = object_stamp(target.real);
        slot->pass = target.pass;
        slot->guess = target.guess;
        atomic_store_explicit(&slot->key, key, memory_order_release);
        return;
    }
}
