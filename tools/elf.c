/* SPDX-License-Identifier: MIT */
/* See elf.h. */
#include "elf.h"

#include <elf.h>
#include <stdint.h>

#define SEGMENTS_MAX 512
#define SECTIONS_MAX 65535
#define DYNAMIC_MAX  4096
#define GO_BUILD_ID  4

/* |size| bytes at |offset|, empty when the file has not that many. */
static struct span part(struct span file, uint64_t offset, uint64_t size)
{
    if (offset > file.size || size > file.size - offset)
        return (struct span){NULL, 0};
    return span_of(file.at + offset, (size_t)size);
}

static bool read_part(struct span file, uint64_t offset, void *out, size_t size)
{
    struct span bytes = part(file, offset, size);
    if (!bytes.at)
        return false;
    memcpy(out, bytes.at, size);
    return true;
}

/* The text at |offset| up to its zero, empty when it does not end. */
static struct span text_at(struct span table, uint64_t offset)
{
    if (offset >= table.size)
        return (struct span){NULL, 0};
    const uint8_t *at = table.at + offset;
    const uint8_t *end = memchr(at, 0, table.size - (size_t)offset);
    return end ? span_of(at, (size_t)(end - at)) : (struct span){NULL, 0};
}

static bool segment(const struct elf *elf, const Elf64_Ehdr *head, size_t index,
                    Elf64_Phdr *out)
{
    return index < head->e_phnum && index < SEGMENTS_MAX &&
           head->e_phentsize == sizeof(*out) &&
           read_part(elf->file, head->e_phoff + index * sizeof(*out), out, sizeof(*out));
}

/* The file from the byte that is mapped at |address| to the end of its segment. */
static struct span mapped(const struct elf *elf, const Elf64_Ehdr *head, uint64_t address)
{
    Elf64_Phdr load;
    for (size_t i = 0; segment(elf, head, i, &load); i++) {
        if (load.p_type == PT_LOAD && address >= load.p_vaddr &&
            address - load.p_vaddr < load.p_filesz) {
            uint64_t inside = address - load.p_vaddr;
            return part(elf->file, load.p_offset + inside, load.p_filesz - inside);
        }
    }
    return (struct span){NULL, 0};
}

static void add_dynamic(struct elf *elf, const Elf64_Dyn *entry, struct span texts)
{
    struct span text = text_at(texts, entry->d_un.d_val);
    if (entry->d_tag == DT_NEEDED && elf->needed_count < ELF_NEEDED_MAX && text.size)
        elf->needed[elf->needed_count++] = text;
    else if (entry->d_tag == DT_SONAME)
        elf->soname = text;
    else if (entry->d_tag == DT_RPATH)
        elf->rpath = text;
    else if (entry->d_tag == DT_RUNPATH)
        elf->runpath = text;
}

static void read_dynamic(struct elf *elf, const Elf64_Ehdr *head, struct span section)
{
    uint64_t address = 0;
    Elf64_Dyn entry;
    size_t limit = section.size / sizeof(entry);
    limit = limit < DYNAMIC_MAX ? limit : DYNAMIC_MAX;
    for (size_t i = 0; i < limit; i++) {
        memcpy(&entry, section.at + i * sizeof(entry), sizeof(entry));
        if (entry.d_tag == DT_STRTAB)
            address = entry.d_un.d_ptr;
    }
    struct span texts = mapped(elf, head, address);
    for (size_t i = 0; i < limit; i++) {
        memcpy(&entry, section.at + i * sizeof(entry), sizeof(entry));
        if (entry.d_tag == DT_NULL)
            break;
        add_dynamic(elf, &entry, texts);
    }
}

static void read_notes(struct elf *elf, struct span notes)
{
    struct cursor cursor = cursor_of(notes);
    while (cursor.left >= 12) {
        uint32_t name_size = cursor_u32(&cursor);
        uint32_t size = cursor_u32(&cursor);
        uint32_t type = cursor_u32(&cursor);
        struct span name = cursor_bytes(&cursor, ((size_t)name_size + 3) & ~(size_t)3);
        cursor_bytes(&cursor, ((size_t)size + 3) & ~(size_t)3);
        if (!cursor_ok(&cursor))
            return;
        if (type == GO_BUILD_ID && name_size == 4 && memcmp(name.at, "Go\0", 4) == 0)
            elf->go = true;
    }
}

static void read_segments(struct elf *elf, const Elf64_Ehdr *head)
{
    Elf64_Phdr entry;
    for (size_t i = 0; segment(elf, head, i, &entry); i++) {
        struct span bytes = part(elf->file, entry.p_offset, entry.p_filesz);
        if (!bytes.at)
            continue;
        if (entry.p_type == PT_INTERP) {
            elf->interpreter = text_at(bytes, 0);
        } else if (entry.p_type == PT_DYNAMIC) {
            elf->dynamic = true;
            read_dynamic(elf, head, bytes);
        } else if (entry.p_type == PT_NOTE) {
            read_notes(elf, bytes);
        }
    }
}

int elf_parse(struct span file, struct elf *out)
{
    memset(out, 0, sizeof(*out));
    out->file = file;
    Elf64_Ehdr head; /* as long as the 32-bit one, and equal up to e_machine */
    if (!read_part(file, 0, &head, sizeof(Elf32_Ehdr)) ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return -1;
    out->machine = head.e_machine;
    out->wide = head.e_ident[EI_CLASS] == ELFCLASS64 &&
                head.e_ident[EI_DATA] == ELFDATA2LSB &&
                read_part(file, 0, &head, sizeof(head));
    if (out->wide)
        read_segments(out, &head);
    return 0;
}

static bool table_defines(struct span symbols, struct span texts, const char *wanted)
{
    Elf64_Sym symbol;
    for (size_t i = 0; i + sizeof(symbol) <= symbols.size; i += sizeof(symbol)) {
        memcpy(&symbol, symbols.at + i, sizeof(symbol));
        if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC)
            continue;
        if (span_is(text_at(texts, symbol.st_name), wanted))
            return true;
    }
    return false;
}

bool elf_defines(const struct elf *elf, const char *symbol)
{
    Elf64_Ehdr head;
    if (!elf->wide || !read_part(elf->file, 0, &head, sizeof(head)) ||
        head.e_shentsize != sizeof(Elf64_Shdr))
        return false;
    Elf64_Shdr section, linked;
    for (size_t i = 0; i < head.e_shnum && i < SECTIONS_MAX; i++) {
        if (!read_part(elf->file, head.e_shoff + i * sizeof(section), &section,
                       sizeof(section)))
            return false;
        if ((section.sh_type != SHT_DYNSYM && section.sh_type != SHT_SYMTAB) ||
            !read_part(elf->file, head.e_shoff + section.sh_link * sizeof(linked),
                       &linked, sizeof(linked)))
            continue;
        struct span symbols = part(elf->file, section.sh_offset, section.sh_size);
        struct span texts = part(elf->file, linked.sh_offset, linked.sh_size);
        if (table_defines(symbols, texts, symbol))
            return true;
    }
    return false;
}
