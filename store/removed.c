/* SPDX-License-Identifier: MIT */
/* The list of removed entries. */
#include "removed.h"

#include "key_list.h"

static const uint8_t name = RECORD_REMOVED;

int removed_has(struct pages_session *session, const uint8_t key[STORE_KEY_SIZE],
                bool *out)
{
    struct span keys;
    int result = pages_get_kept(session, span_of(&name, 1), &keys);
    if (result == STORE_OK)
        *out = key_list_holds(keys, key);
    return result;
}

int removed_read(const char *data, struct buffer *keys)
{
    int result = pages_find(NULL, data, span_of(&name, 1), SEAL_LIMIT, keys);
    return result == STORE_MISS ? STORE_OK : result;
}
