/* SPDX-License-Identifier: MIT */
/* Choosing victims, see victims.h: a heap with the most valuable of those chosen on top. */
#include "victims.h"

#include <stdlib.h>

static struct victim *heap_of(const struct victims *victims, size_t *count)
{
    *count = victims->heap.size / sizeof(struct victim);
    return (struct victim *)(void *)victims->heap.at;
}

static int order(const void *a, const void *b)
{
    const struct victim *left = a, *right = b;
    if (left->value != right->value)
        return left->value < right->value ? -1 : 1;
    return memcmp(left->key, right->key, STORE_KEY_SIZE);
}

static void swap(struct victim *a, struct victim *b)
{
    struct victim kept = *a;
    *a = *b;
    *b = kept;
}

static void rise(struct victim *heap, size_t at)
{
    while (at && order(&heap[at], &heap[(at - 1) / 2]) > 0) {
        swap(&heap[at], &heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sink(struct victim *heap, size_t count)
{
    for (size_t at = 0, child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && order(&heap[child + 1], &heap[child]) > 0)
            child++;
        if (order(&heap[child], &heap[at]) <= 0)
            return;
        swap(&heap[at], &heap[child]);
    }
}

static void drop_top(struct victims *victims)
{
    size_t count;
    struct victim *heap = heap_of(victims, &count);
    victims->bytes -= heap[0].bytes;
    heap[0] = heap[count - 1];
    victims->heap.size -= sizeof(*heap);
    sink(heap, count - 1);
}

void victims_offer(struct victims *victims, const struct victim *victim)
{
    size_t count;
    struct victim *heap = heap_of(victims, &count);
    if (victims->bytes >= victims->wanted && (count == 0 || order(victim, &heap[0]) >= 0))
        return;
    buffer_append(&victims->heap, victim, sizeof(*victim));
    if (!victims_ok(victims))
        return;
    victims->bytes += victim->bytes;
    heap = heap_of(victims, &count);
    rise(heap, count - 1);
    while (victims->heap.size &&
           victims->bytes - heap_of(victims, &count)[0].bytes >= victims->wanted)
        drop_top(victims);
}

const struct victim *victims_sorted(struct victims *victims, size_t *count)
{
    struct victim *heap = heap_of(victims, count);
    if (!victims_ok(victims) || *count == 0)
        return NULL;
    qsort(heap, *count, sizeof(*heap), order);
    return heap;
}

bool victims_ok(const struct victims *victims)
{
    return buffer_ok(&victims->heap);
}

void victims_free(struct victims *victims)
{
    buffer_free(&victims->heap);
}
