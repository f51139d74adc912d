/* SPDX-License-Identifier: MIT */
/* Reading an ELF file as far as it tells how a program gets its TLS (System V ABI,
 * chapters 4 and 5; elf(5)). Bounded: every read is checked against the file's size,
 * every loop against a limit, so any bytes may be handed in. Pure functions; the results
 * are views of the file. */
#ifndef TOOLS_ELF_H
#define TOOLS_ELF_H

#include "store/bytes.h"

#define ELF_NEEDED_MAX 128

struct elf {
    struct span file;
    bool wide;               /* 64 bit, little-endian: only then the rest is filled in */
    uint16_t machine;        /* e_machine */
    bool dynamic;            /* it has a dynamic section */
    struct span interpreter; /* PT_INTERP, empty when there is none */
    bool go;                 /* it carries Go's build id note */
    struct span soname;      /* DT_SONAME, may be empty */
    struct span rpath;       /* DT_RPATH, may be empty */
    struct span runpath;     /* DT_RUNPATH, may be empty */
    struct span
        needed[ELF_NEEDED_MAX]; /* DT_NEEDED in order; more than fit are left out */
    size_t needed_count;
};

/* 0, or -1 when |file| is no ELF file. Broken parts are left empty. */
MUST_USE int elf_parse(struct span file, struct elf *out);
/* True when |elf| itself defines |symbol|, in .dynsym or .symtab. */
bool elf_defines(const struct elf *elf, const char *symbol);

#endif
