/* SPDX-License-Identifier: MIT */
/* Fuzzes the readers of ELF files and of the run-time linker's cache: any bytes are
 * either refused or read within their bounds. */
#include "tools/cache.h"
#include "tools/elf.h"

#include <stdlib.h>

/* Reads every byte of |span|, so that a sanitizer sees one that is not there. */
static unsigned sum(struct span span)
{
    unsigned result = 0;
    for (size_t i = 0; i < span.size; i++)
        result += span.at[i];
    return result;
}

static bool visit(const char *path, void *context)
{
    *(size_t *)context += strlen(path);
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static volatile unsigned result __attribute__((unused));
    struct elf *elf = malloc(sizeof(*elf));
    size_t length = 0;
    struct span file = span_of(data, size);
    if (elf && elf_parse(file, elf) == 0) {
        result += sum(elf->interpreter) + sum(elf->soname) + sum(elf->rpath) +
                  sum(elf->runpath) + elf_defines(elf, "SSL_read");
        for (size_t i = 0; i < elf->needed_count; i++)
            result += sum(elf->needed[i]);
    }
    cache_each(file, "libssl.so.3", visit, &length);
    free(elf);
    return 0;
}
