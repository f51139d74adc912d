/* SPDX-License-Identifier: MIT */
/* Forgetting a tenant, see forget.h. */
#include "forget.h"

#include "layout.h"
#include "purge.h"
#include "secret.h"

struct forgetting {
    const char *label;
    uint8_t id[TENANT_ID_SIZE]; /* zeroes when |label| is no id */
    struct buffer ids;
    uint64_t entries;
};

static bool knows(const struct forgetting *forgetting, const uint8_t id[TENANT_ID_SIZE])
{
    for (size_t i = 0; i < forgetting->ids.size; i += TENANT_ID_SIZE)
        if (memcmp(forgetting->ids.at + i, id, TENANT_ID_SIZE) == 0)
            return true;
    return false;
}

static void learn(struct forgetting *forgetting, const uint8_t id[TENANT_ID_SIZE])
{
    if (!knows(forgetting, id))
        buffer_append(&forgetting->ids, id, TENANT_ID_SIZE);
}

static bool learn_labelled(void *context, const struct each_entry *entry)
{
    struct forgetting *forgetting = context;
    bool labelled =
        entry->state == EACH_OK && strcmp(entry->label.tenant, forgetting->label) == 0;
    bool named = entry->state <= EACH_UNKNOWN_TENANT &&
                 memcmp(entry->tenant, forgetting->id, TENANT_ID_SIZE) == 0;
    if (labelled || named)
        learn(forgetting, entry->tenant);
    return buffer_ok(&forgetting->ids);
}

static bool count_own(void *context, const struct each_entry *entry)
{
    struct forgetting *forgetting = context;
    forgetting->entries += knows(forgetting, entry->tenant);
    return true;
}

static bool is_own(void *context, const struct each_entry *entry)
{
    return knows(context, entry->tenant);
}

static int gather(struct store *store, const char *who, struct forgetting *forgetting)
{
    struct file_stamp stamp;
    if (hex_decode(who, forgetting->id, TENANT_ID_SIZE) &&
        salt_stamp(store->layout.config, forgetting->id, &stamp) == STORE_OK)
        learn(forgetting, forgetting->id);
    int result = store_each(store, false, learn_labelled, forgetting);
    if (!buffer_ok(&forgetting->ids))
        return STORE_NO_MEMORY;
    if (result == STORE_OK && forgetting->ids.size == 0)
        return STORE_MISS;
    return result;
}

/* Every salt is tried, whatever becomes of one of them. */
static int destroy_salts(struct store *store, const struct forgetting *forgetting)
{
    int worst = STORE_OK;
    for (size_t i = 0; i < forgetting->ids.size; i += TENANT_ID_SIZE) {
        int result = salt_destroy(store->layout.config, forgetting->ids.at + i);
        if (result != STORE_OK && result != STORE_MISS)
            worst = result;
    }
    return worst;
}

static int forget(struct store *store, bool only_count, struct forgetting *forgetting)
{
    struct purge_rules rules = {.thorough = true,
                                .tenants = buffer_span(&forgetting->ids)};
    if (only_count)
        return store_each(store, false, count_own, forgetting);
    int salts = destroy_salts(store, forgetting);
    int result = store_purge(store, &rules, is_own, forgetting, &forgetting->entries);
    return salts == STORE_OK ? result : salts;
}

int store_forget(struct store *store, const char *who, bool only_count,
                 struct forget_counts *counts)
{
    struct forgetting forgetting = {.label = who};
    int result = gather(store, who, &forgetting);
    bool damaged = result == STORE_CORRUPT && forgetting.ids.size;
    if (result == STORE_OK || damaged)
        result = forget(store, only_count, &forgetting);
    if (result == STORE_OK && damaged)
        result = STORE_CORRUPT;
    *counts =
        (struct forget_counts){forgetting.ids.size / TENANT_ID_SIZE, forgetting.entries};
    buffer_free(&forgetting.ids);
    return result;
}
