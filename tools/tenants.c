/* SPDX-License-Identifier: MIT */
/* See tenants.h. */
#include "tenants.h"

#include "print.h"
#include "process.h"
#include "settings.h"
#include "store/each.h"
#include "store/files.h"

#include <stdlib.h>
#include <uthash.h>

#define AGAIN_AFTER 5.0 /* seconds; all entries are read then */

struct known {
    uint8_t id[TENANT_ID_SIZE];
    char label[64];
    bool labelled; /* an entry tells; otherwise its entries were looked for, */
    double looked; /* then, as process_now() */
    UT_hash_handle hh;
};

struct tenants {
    struct store *store;
    struct known *known;
};

static struct known *find(const struct tenants *tenants, const uint8_t *id)
{
    struct known *known;
    HASH_FIND(hh, tenants->known, id, TENANT_ID_SIZE, known);
    return known;
}

static struct known *add(struct tenants *tenants, const uint8_t *id)
{
    struct known *known = print_grown(NULL, sizeof(*known));
    *known = (struct known){0};
    memcpy(known->id, id, sizeof(known->id));
    HASH_ADD(hh, tenants->known, id, TENANT_ID_SIZE, known);
    return known;
}

static bool learn(void *context, const struct each_entry *entry)
{
    struct tenants *tenants = context;
    if (entry->state != EACH_OK)
        return true;
    struct known *known = find(tenants, entry->tenant);
    if (!known)
        known = add(tenants, entry->tenant);
    known->labelled = true;
    memcpy(known->label, entry->label.tenant, sizeof(known->label));
    return true;
}

/* Entries that cannot be read have no label: that is no reason to stop. */
static int read_all(struct tenants *tenants)
{
    int result = store_each(tenants->store, false, learn, tenants);
    return result == STORE_CORRUPT ? STORE_OK : result;
}

int tenants_open(struct tenants **out, struct store *store)
{
    struct tenants *tenants = print_grown(NULL, sizeof(*tenants));
    *tenants = (struct tenants){.store = store};
    int status = settings_status(read_all(tenants), "the tenants could not be read");
    if (status != 0) {
        tenants_close(tenants);
        tenants = NULL;
    }
    *out = tenants;
    return status;
}

void tenants_close(struct tenants *tenants)
{
    if (!tenants)
        return;
    struct known *at = tenants->known;
    HASH_CLEAR(hh, tenants->known);
    for (struct known *next; at; at = next) {
        next = at->hh.next;
        free(at);
    }
    free(tenants);
}

bool tenants_called(struct tenants *tenants, const uint8_t id[TENANT_ID_SIZE],
                    const char *who)
{
    static const uint8_t nobody[TENANT_ID_SIZE];
    char digits[2 * TENANT_ID_SIZE + 1];
    if (memcmp(id, nobody, sizeof(nobody)) == 0)
        return false;
    hex_encode(id, TENANT_ID_SIZE, digits);
    if (strcasecmp(digits, who) == 0)
        return true;
    struct known *known = find(tenants, id);
    if (!known)
        known = add(tenants, id);
    if (!known->labelled && process_now() - known->looked > AGAIN_AFTER) {
        known->looked = process_now();
        (void)read_all(tenants); /* what cannot be read has no label */
    }
    return known->labelled && strcmp(known->label, who) == 0;
}
