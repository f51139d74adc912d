/* SPDX-License-Identifier: MIT */
/* Lists of keys. */
#include "key_list.h"

#include <stdlib.h>

int key_order(const void *a, const void *b)
{
    return memcmp(a, b, STORE_KEY_SIZE);
}

void key_list_sort(struct buffer *keys)
{
    if (keys->size)
        qsort(keys->at, keys->size / STORE_KEY_SIZE, STORE_KEY_SIZE, key_order);
}

void key_list_sort_unique(struct buffer *keys)
{
    size_t kept = 0;
    key_list_sort(keys);
    for (size_t i = 0; i < keys->size; i += STORE_KEY_SIZE)
        if (kept == 0 || key_order(keys->at + kept - STORE_KEY_SIZE, keys->at + i) != 0) {
            memmove(keys->at + kept, keys->at + i, STORE_KEY_SIZE);
            kept += STORE_KEY_SIZE;
        }
    keys->size = kept;
}

bool key_list_holds(struct span keys, const uint8_t key[STORE_KEY_SIZE])
{
    return keys.size &&
           bsearch(key, keys.at, key_list_count(keys), STORE_KEY_SIZE, key_order);
}
