/* SPDX-License-Identifier: MIT */
/* See english.h. The assembler puts the filter into the binary: no file is needed at run time. */
#include "english.h"

__asm__(".pushsection .rodata\n"
        ".balign 64\n"
        "preecho_english:\n"
        ".incbin \"english.filter\"\n"
        ".popsection\n");

extern const uint8_t filter[ENGLISH_BITS / 8] __asm__("preecho_english");

bool english_has(struct span word)
{
    uint32_t hash[2];
    english_hash(word, hash);
    for (uint32_t i = 0; i < ENGLISH_HASHES; i++) {
        uint32_t place = english_place(hash, i);
        if (!(filter[place / 8] >> place % 8 & 1))
            return false;
    }
    return true;
}
