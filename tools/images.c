/* SPDX-License-Identifier: MIT */
/* See images.h. */
#include "images.h"

#include "cache.h"
#include "mapping.h"
#include "print.h"

#include <errno.h>
#include <stdlib.h>

#define IMAGES_MAX 512
/* No program is longer; a file with a hole in it must not keep us for hours. */
#define SEARCH_MAX ((size_t)512 << 20)

/* What one search is about. */
struct search {
    struct images *images;
    const struct image *by; /* whose DT_NEEDED it is */
    const char *name;
};

static bool already_there(const struct images *images, const char *path)
{
    for (size_t i = 0; i < images->count; i++) {
        if (strcmp(images->at[i]->path, path) == 0)
            return true;
    }
    return false;
}

/* Adds the file |path|. 0, or -1 with errno. */
static int add_image(struct images *images, const char *path)
{
    char *real = realpath(path, NULL);
    if (!real)
        return -1;
    if (already_there(images, real)) {
        free(real);
        return 0;
    }
    struct span file = mapping_open(real);
    struct image *image = print_grown(NULL, sizeof(*image));
    if (!file.at || elf_parse(file, &image->elf) != 0) {
        errno = file.at ? ENOEXEC : errno;
        mapping_close(file);
        free(image);
        free(real);
        return -1;
    }
    image->path = real;
    images->at = print_grown(images->at, (images->count + 1) * sizeof(*images->at));
    images->at[images->count++] = image;
    return 0;
}

/* Takes |path| when it is an ELF file for the program's machine. */
static bool take(const char *path, void *context)
{
    const struct search *search = context;
    struct images *images = search->images;
    size_t before = images->count;
    if (add_image(images, path) != 0)
        return false;
    if (images->count == before)
        return true;
    struct image *image = images->at[before];
    const struct elf *program = &images->at[0]->elf;
    if (image->elf.machine == program->machine && image->elf.wide == program->wide)
        return true;
    images->count--;
    mapping_close(image->elf.file);
    free(image->path);
    free(image);
    return false;
}

/* |directory|/name, with $ORIGIN for the directory of the asking object. */
static bool take_from(const struct search *search, struct span directory)
{
    static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
    char *path = NULL;
    for (size_t i = 0; i < 2 && !path; i++) {
        if (!span_starts(directory, origins[i]))
            continue;
        struct span rest = span_skip(directory, strlen(origins[i]));
        int own = (int)(image_name(search->by) - search->by->path);
        path = print_memory("%.*s%.*s/%s", own, search->by->path, (int)rest.size,
                            (const char *)rest.at, search->name);
    }
    if (!path)
        path = print_memory("%.*s/%s", (int)directory.size, (const char *)directory.at,
                            search->name);
    bool taken = directory.size && take(path, (void *)search);
    free(path);
    return taken;
}

static bool take_from_list(const struct search *search, struct span list)
{
    while (list.size) {
        size_t length = span_find(list, span_text(":"));
        if (take_from(search, span_of(list.at, length)))
            return true;
        list = span_skip(list, length + 1);
    }
    return false;
}

static bool take_from_cache(const struct search *search)
{
    struct span file = mapping_open("/etc/ld.so.cache");
    bool taken = file.at && cache_each(file, search->name, take, (void *)search);
    mapping_close(file);
    return taken;
}

static bool find_library(const struct search *search)
{
    if (strchr(search->name, '/'))
        return take(search->name, (void *)search);
    const struct elf *by = &search->by->elf, *program = &search->images->at[0]->elf;
    struct span rpath = by->runpath.size ? (struct span){NULL, 0} : by->rpath;
    return take_from_list(search, rpath) || take_from_list(search, program->rpath) ||
           take_from_list(search, span_text(getenv("LD_LIBRARY_PATH"))) ||
           take_from_list(search, by->runpath) || take_from_cache(search) ||
           take_from_list(search, span_text("/lib64:/usr/lib64:/lib:/usr/lib"));
}

static void add_needed(struct images *images, const struct image *by)
{
    for (size_t i = 0; i < by->elf.needed_count && images->count < IMAGES_MAX; i++) {
        struct span needed = by->elf.needed[i];
        char *name = print_memory("%.*s", (int)needed.size, (const char *)needed.at);
        struct search search = {images, by, name};
        if (find_library(&search)) {
            free(name);
            continue;
        }
        images->missing = print_grown(images->missing, (images->missing_count + 1) *
                                                           sizeof(*images->missing));
        images->missing[images->missing_count++] = name;
    }
}

int images_load(struct images *images, const char *path)
{
    memset(images, 0, sizeof(*images));
    if (add_image(images, path) != 0)
        return -1;
    for (size_t i = 0; i < images->count; i++)
        add_needed(images, images->at[i]);
    return 0;
}

void images_free(struct images *images)
{
    for (size_t i = 0; i < images->count; i++) {
        mapping_close(images->at[i]->elf.file);
        free(images->at[i]->path);
        free(images->at[i]);
    }
    for (size_t i = 0; i < images->missing_count; i++)
        free(images->missing[i]);
    free(images->at);
    free(images->missing);
    memset(images, 0, sizeof(*images));
}

const char *image_name(const struct image *image)
{
    const char *slash = strrchr(image->path, '/');
    return slash ? slash + 1 : image->path;
}

const struct image *images_find(const struct images *images, const char *prefix,
                                size_t from)
{
    for (size_t i = from; i < images->count; i++) {
        if (strncmp(image_name(images->at[i]), prefix, strlen(prefix)) == 0)
            return images->at[i];
    }
    return NULL;
}

bool image_needs(const struct image *image, const char *prefix)
{
    for (size_t i = 0; i < image->elf.needed_count; i++) {
        if (span_starts(image->elf.needed[i], prefix))
            return true;
    }
    return false;
}

bool image_contains(const struct image *image, const char *text)
{
    struct span file = image->elf.file;
    size_t size = file.size < SEARCH_MAX ? file.size : SEARCH_MAX;
    return memmem(file.at, size, text, strlen(text)) != NULL;
}
