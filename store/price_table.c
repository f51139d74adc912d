/* SPDX-License-Identifier: MIT */
/* The table of prices, put into the binary by the assembler: no file is needed at run time. */
#include "price_table.h"

__asm__(".pushsection .rodata\n"
        ".balign 8\n"
        "preecho_prices_size:\n"
        ".quad preecho_prices_end - preecho_prices\n"
        "preecho_prices:\n"
        ".incbin \"store/prices.tsv\"\n"
        "preecho_prices_end:\n"
        ".popsection\n");

extern const uint8_t table[] __asm__("preecho_prices");
extern const uint64_t table_size __asm__("preecho_prices_size");

struct span price_table(void)
{
    return span_of(table, (size_t)table_size);
}
