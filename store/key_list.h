/* SPDX-License-Identifier: MIT */
/* Lists of keys: STORE_KEY_SIZE bytes each, one after the other. Pure functions; any thread. */
#ifndef STORE_KEY_LIST_H
#define STORE_KEY_LIST_H

#include "label.h"

/* As qsort(3) compares: two keys by their bytes. */
int key_order(const void *a, const void *b);

void key_list_sort(struct buffer *keys);
/* The same, and each stays once. */
void key_list_sort_unique(struct buffer *keys);

/* |keys| ascend. */
bool key_list_holds(struct span keys, const uint8_t key[STORE_KEY_SIZE]);

static inline size_t key_list_count(struct span keys)
{
    return keys.size / STORE_KEY_SIZE;
}

#endif
