/* SPDX-License-Identifier: MIT */
/* A program and the libraries that the run-time linker would load for it, found the way
 * ld.so(8) finds them but without running anything: DT_RPATH, LD_LIBRARY_PATH,
 * DT_RUNPATH, the linker's cache, the standard directories. One thread. */
#ifndef TOOLS_IMAGES_H
#define TOOLS_IMAGES_H

#include "elf.h"

struct image {
    char *path; /* canonical */
    struct elf elf;
};

/* The first is the program itself; the others follow breadth first. */
struct images {
    struct image **at;
    size_t count;
    char **missing; /* names that were not found */
    size_t missing_count;
};

/* 0; -1 with errno when |path| cannot be read or is no ELF file (ENOEXEC). Free in both
 * cases. */
MUST_USE int images_load(struct images *images, const char *path);
void images_free(struct images *images);

/* The file name of |image|. */
const char *image_name(const struct image *image);
/* The first image from |from| on whose file name starts with |prefix|, or NULL. */
const struct image *images_find(const struct images *images, const char *prefix,
                                size_t from);
/* True when |image| itself asks for a library whose name starts with |prefix|. */
bool image_needs(const struct image *image, const char *prefix);
/* True when |text| occurs in the first 512 MiB of |image|'s file. */
bool image_contains(const struct image *image, const char *text);

#endif
