/* SPDX-License-Identifier: MIT */
/* See elf.h. */
#include "elf.h"

#include <stddef.h>
#include <stdint.h>

#define VERSION_HIDDEN 0x8000u

/* The parts of a dynamic section that are needed here. */
struct tables {
    const Elf64_Sym *symbols;
    const char *strings;
    const Elf64_Half *versions;
    const uint32_t *gnu_hash;
    const uint32_t *hash;
    const char *plt;
    size_t plt_size;
    bool plt_has_addends;
    const char *relocations;
    size_t relocations_size;
    const char *needs;
    const char *defines;
};

/* glibc turns most d_ptr into addresses in place, but not DT_VERNEED and DT_VERDEF, and
 * none in the vDSO; musl turns none. A value below the object's base is still an offset.
 */
static const void *tables_address(const struct object *object, Elf64_Addr value)
{
    return (const void *)(value < object->base ? value + object->base : value);
}

static void tables_set(struct tables *tables, const struct object *object,
                       const Elf64_Dyn *entry)
{
    const void *address = tables_address(object, entry->d_un.d_ptr);
    switch (entry->d_tag) {
    case DT_SYMTAB:
        tables->symbols = address;
        break;
    case DT_STRTAB:
        tables->strings = address;
        break;
    case DT_VERSYM:
        tables->versions = address;
        break;
    case DT_GNU_HASH:
        tables->gnu_hash = address;
        break;
    case DT_HASH:
        tables->hash = address;
        break;
    case DT_JMPREL:
        tables->plt = address;
        break;
    case DT_PLTRELSZ:
        tables->plt_size = entry->d_un.d_val;
        break;
    case DT_PLTREL:
        tables->plt_has_addends = entry->d_un.d_val == DT_RELA;
        break;
    case DT_RELA:
        tables->relocations = address;
        break;
    case DT_RELASZ:
        tables->relocations_size = entry->d_un.d_val;
        break;
    case DT_VERNEED:
        tables->needs = address;
        break;
    case DT_VERDEF:
        tables->defines = address;
        break;
    default:
        break;
    }
}

/* False when the object has no symbols. */
static bool tables_read(struct tables *tables, const struct object *object)
{
    *tables = (struct tables){.symbols = NULL};
    if (!object->dynamic)
        return false;
    for (const Elf64_Dyn *entry = object->dynamic; entry->d_tag != DT_NULL; entry++)
        tables_set(tables, object, entry);
    return tables->symbols && tables->strings;
}

/* -- definitions ------------------------------------------------------------------- */

/* Takes symbol |index| into |found| when it is |name|, defined, and a function. */
static void symbol_take(const struct tables *tables, const struct object *object,
                        uint32_t index, const char *name, struct definition *found)
{
    const Elf64_Sym *symbol = &tables->symbols[index];
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol->st_info) == STB_LOCAL ||
        !symbol->st_value || !text_equal(tables->strings + symbol->st_name, name))
        return;
    if (type == STT_GNU_IFUNC) {
        found->several = true;
        return;
    }
    if (type != STT_FUNC && type != STT_NOTYPE)
        return;

    void *address = (void *)(object->base + symbol->st_value);
    if (found->address && found->address != address)
        found->several = true;
    if (!found->address ||
        (tables->versions && !(tables->versions[index] & VERSION_HIDDEN)))
        found->address = address;
}

static uint32_t gnu_hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

static void define_by_gnu_hash(const struct tables *tables, const struct object *object,
                               const char *name, struct definition *found)
{
    const uint32_t *head = tables->gnu_hash;
    uint32_t bucket_count = head[0], first_symbol = head[1], word_count = head[2];
    const Elf64_Addr *bloom = (const void *)(head + 4);
    const uint32_t *buckets = (const void *)(bloom + word_count);
    const uint32_t *chain = buckets + bucket_count;
    const unsigned bits = sizeof *bloom * 8;
    uint32_t hash = gnu_hash_of(name);
    if (!bucket_count || !word_count)
        return;

    Elf64_Addr word = bloom[hash / bits % word_count];
    if (!(word >> hash % bits & 1) || !(word >> (hash >> head[3]) % bits & 1))
        return;
    uint32_t index = buckets[hash % bucket_count];
    if (index < first_symbol)
        return;
    for (;; index++) {
        uint32_t entry = chain[index - first_symbol];
        if ((entry | 1) == (hash | 1))
            symbol_take(tables, object, index, name, found);
        if (entry & 1)
            return;
    }
}

static void define_by_hash(const struct tables *tables, const struct object *object,
                           const char *name, struct definition *found)
{
    uint32_t bucket_count = tables->hash[0], hash = 0;
    const uint32_t *buckets = tables->hash + 2, *chain = buckets + bucket_count;
    if (!bucket_count)
        return;
    for (const char *at = name; *at; at++) {
        hash = (hash << 4) + (unsigned char)*at;
        hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
    }
    for (uint32_t index = buckets[hash % bucket_count]; index; index = chain[index])
        symbol_take(tables, object, index, name, found);
}

struct definition elf_define(const struct object *object, const char *name)
{
    struct definition found = {NULL, false};
    struct tables tables;
    if (!tables_read(&tables, object))
        return found;
    if (tables.gnu_hash)
        define_by_gnu_hash(&tables, object, name, &found);
    else if (tables.hash)
        define_by_hash(&tables, object, name, &found);
    return found;
}

/* -- references -------------------------------------------------------------------- */

/* Finds the symbol called |name| that a relocation among |size| bytes at |at| refers to;
 * 0: none. An executable's hash table does not list undefined symbols, its relocations
 * do. */
static uint32_t relocations_search(const struct tables *tables, const char *at,
                                   size_t size, bool addends, const char *name)
{
    size_t step = addends ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);
    for (size_t offset = 0; offset + step <= size; offset += step) {
        const Elf64_Rel *relocation = (const void *)(at + offset);
        uint32_t index = (uint32_t)ELF64_R_SYM(relocation->r_info);
        if (index && text_equal(tables->strings + tables->symbols[index].st_name, name))
            return index;
    }
    return 0;
}

static const char *version_needed(const struct tables *tables, unsigned version)
{
    const char *at = tables->needs;
    while (at) {
        const Elf64_Verneed *need = (const void *)at;
        const char *auxiliary_at = at + need->vn_aux;
        for (unsigned left = need->vn_cnt; left; left--) {
            const Elf64_Vernaux *auxiliary = (const void *)auxiliary_at;
            if ((auxiliary->vna_other & ~VERSION_HIDDEN) == version)
                return tables->strings + auxiliary->vna_name;
            auxiliary_at += auxiliary->vna_next;
        }
        at = need->vn_next ? at + need->vn_next : NULL;
    }
    return NULL;
}

static const char *version_defined(const struct tables *tables, unsigned version)
{
    const char *at = tables->defines;
    while (at) {
        const Elf64_Verdef *definition = (const void *)at;
        const Elf64_Verdaux *auxiliary = (const void *)(at + definition->vd_aux);
        if ((definition->vd_ndx & ~VERSION_HIDDEN) == version)
            return tables->strings + auxiliary->vda_name;
        at = definition->vd_next ? at + definition->vd_next : NULL;
    }
    return NULL;
}

struct reference elf_refer(const struct object *object, const char *name)
{
    struct reference reference = {false, NULL};
    struct tables tables;
    if (!tables_read(&tables, object))
        return reference;

    uint32_t index = relocations_search(&tables, tables.plt, tables.plt_size,
                                        tables.plt_has_addends, name);
    if (!index)
        index = relocations_search(&tables, tables.relocations, tables.relocations_size,
                                   true, name);
    if (!index)
        return reference;

    reference.found = true;
    unsigned version = tables.versions ? tables.versions[index] & ~VERSION_HIDDEN : 0;
    if (version > VER_NDX_GLOBAL) {
        reference.version = version_needed(&tables, version);
        if (!reference.version)
            reference.version = version_defined(&tables, version);
    }
    return reference;
}
