/* SPDX-License-Identifier: MIT */
/* Runs at build time: make_filter LIST... >FILTER. Lists have a word a line; those with marks or
 * accents are left out. */
#include "shim/core/api/english.h"

#include <stdio.h>

static uint8_t filter[ENGLISH_BITS / 8];

/* Makes lower case of |line|. */
static bool is_word(char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        line[i] = (char)(line[i] | 0x20);
        if (line[i] < 'a' || line[i] > 'z')
            return false;
    }
    return size >= ENGLISH_LEAST && size <= ENGLISH_MOST;
}

static void add(struct span word)
{
    uint32_t hash[2];
    english_hash(word, hash);
    for (uint32_t i = 0; i < ENGLISH_HASHES; i++) {
        uint32_t place = english_place(hash, i);
        filter[place / 8] |= (uint8_t)(1u << place % 8);
    }
}

static bool add_all(const char *path)
{
    char line[256];
    unsigned long count = 0;
    FILE *list = fopen(path, "r");
    while (list && fgets(line, sizeof(line), list)) {
        size_t size = strcspn(line, "\n");
        if (is_word(line, size)) {
            add(span_of(line, size));
            count++;
        }
    }
    bool good = list && !ferror(list) && count > 1000;
    if (list)
        fclose(list);
    return good;
}

int main(int count, char **list)
{
    for (int i = 1; i < count; i++)
        if (!add_all(list[i])) {
            fprintf(stderr, "preecho: %s is no list of words; run 'make setup' first\n",
                    list[i]);
            return 69;
        }
    bool good = fwrite(filter, sizeof(filter), 1, stdout) == 1 && fflush(stdout) == 0;
    return good ? 0 : 74;
}
