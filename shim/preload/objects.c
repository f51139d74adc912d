/* SPDX-License-Identifier: MIT */
/* See objects.h. */
#include "objects.h"

#include <stdatomic.h>
#include <stddef.h>

#define SUBJECT_WORDS 8u

/* Where the linker has put the stub's first byte and the byte behind its last. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

bool object_is_stub(const void *address)
{
    return (const char *)address >= __ehdr_start && (const char *)address < _end;
}

/* -- the object at an address ------------------------------------------------------ */

static struct object object_of(const struct dl_phdr_info *info)
{
    struct object object = {info->dlpi_name, info->dlpi_addr, NULL};
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            object.dynamic = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    }
    return object;
}

static bool object_covers(const struct dl_phdr_info *info, uintptr_t address)
{
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && address - start < segment->p_memsz)
            return true;
    }
    return false;
}

/* -- the object at an address ------------------------------------------------------ */

struct search {
    uintptr_t address;
    struct object *object;
};

static int search_visit(struct dl_phdr_info *info, size_t size, void *context)
{
    struct search *search = context;
    (void)size;
    if (!object_covers(info, search->address))
        return 0;
    *search->object = object_of(info);
    return 1;
}

bool object_at(const void *address, struct object *object)
{
    struct dl_find_object found;
    *object = (struct object){"", 0, NULL};
    struct search search = {(uintptr_t)address, object};
    if (_dl_find_object && _dl_find_object((void *)address, &found) == 0) {
        const struct link_map *map = found.dlfo_link_map;
        *object = (struct object){map->l_name, map->l_addr, map->l_ld};
        return true;
    }
    return dl_iterate_phdr && dl_iterate_phdr(search_visit, &search) == 1;
}

uintptr_t object_stamp(const void *address)
{
    struct dl_find_object found;
    if (!_dl_find_object || _dl_find_object((void *)address, &found) != 0)
        return 0;
    return (uintptr_t)found.dlfo_link_map ^ (uintptr_t)found.dlfo_map_start;
}

/* -- the core ---------------------------------------------------------------------- */

static _Atomic uintptr_t core_start;
static _Atomic uintptr_t core_end;

bool object_is_core(const void *address)
{
    return (uintptr_t)address < atomic_load_explicit(&core_end, memory_order_relaxed) &&
           (uintptr_t)address >= atomic_load_explicit(&core_start, memory_order_relaxed);
}

static int core_visit(struct dl_phdr_info *info, size_t size, void *address)
{
    uintptr_t start = UINTPTR_MAX, end = 0;
    (void)size;
    if (!object_covers(info, (uintptr_t)address))
        return 0;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *segment = &info->dlpi_phdr[i];
        uintptr_t first = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD)
            continue;
        start = first < start ? first : start;
        end = first + segment->p_memsz > end ? first + segment->p_memsz : end;
    }
    atomic_store_explicit(&core_start, start, memory_order_relaxed);
    atomic_store_explicit(&core_end, end, memory_order_relaxed);
    return 1;
}

void object_core(const void *address)
{
    if (dl_iterate_phdr)
        (void)dl_iterate_phdr(core_visit, (void *)address);
}

bool object_owns(const void *function, const void *subject)
{
    uintptr_t stamp = object_stamp(function);
    const void *const *words = subject;
    if (!stamp || !subject || (uintptr_t)subject % sizeof *words)
        return false;
    for (unsigned i = 0; i < SUBJECT_WORDS; i++) {
        if (object_stamp(words[i]) == stamp)
            return true;
    }
    return false;
}

/* -- who defines a function -------------------------------------------------------- */

static void survey_take(struct survey *survey, const struct object *object,
                        struct definition definition)
{
    if (definition.several)
        survey->count += 2;
    if (!definition.address)
        return;
    if (!definition.several)
        survey->count++;
    if (!survey->first) {
        survey->first = definition.address;
        survey->definer = *object;
    }
    if (!survey->next && survey->past_stub)
        survey->next = definition.address;
    if (!survey->other && object->dynamic != survey->caller)
        survey->other = definition.address;
    if (survey->expected == definition.address)
        survey->expected_seen = true;
}

/* Only what is loaded behind the stub counts as next. */
static void survey_object(struct survey *survey, const struct object *object)
{
    if (object->dynamic == _DYNAMIC)
        survey->past_stub = true;
    else
        survey_take(survey, object, elf_define(object, survey->name));
}

/* True when one of the first words of |subject| is an address within the object. */
static bool subject_points(const void *subject, const struct dl_phdr_info *info)
{
    const uintptr_t *words = subject;
    if (!subject || (uintptr_t)subject % sizeof *words)
        return false;
    for (unsigned i = 0; i < SUBJECT_WORDS; i++) {
        if (object_covers(info, words[i]))
            return true;
    }
    return false;
}

static int survey_visit(struct dl_phdr_info *info, size_t size, void *context)
{
    struct survey *survey = context;
    struct object object = object_of(info);
    unsigned count = survey->count;
    (void)size;
    survey_object(survey, &object);
    if (survey->count > count && subject_points(survey->subject, info))
        survey->owner = elf_define(&object, survey->name).address;
    return 0;
}

/* -- the loader's list ------------------------------------------------------------- */

/* In a program without a libc; written by the constructor alone. */
static const struct link_map *objects_bare;

void objects_start(const struct link_map *objects)
{
    objects_bare = objects;
}

/* Nobody changes the list up to libc: it is read without a lock, and no further than
 * that. */
static void *start_next(const char *name)
{
    const struct link_map *map = &_r_debug ? _r_debug.r_map : NULL;
    while (map && map->l_ld != _DYNAMIC)
        map = map->l_next;
    while (map && (map = map->l_next)) {
        struct object object = {map->l_name, map->l_addr, map->l_ld};
        void *found = elf_define(&object, name).address;
        if (found || elf_define(&object, "__errno_location").address)
            return found;
    }
    return NULL;
}

void *objects_next(const char *name)
{
    struct survey survey = {.name = name};
    survey.next = start_next(name);
    if (!survey.next)
        objects_survey(&survey);
    return survey.next;
}

void objects_survey(struct survey *survey)
{
    if (dl_iterate_phdr) {
        (void)dl_iterate_phdr(survey_visit, survey);
        return;
    }
    for (const struct link_map *map = objects_bare; map; map = map->l_next) {
        struct object object = {map->l_name, map->l_addr, map->l_ld};
        survey_object(survey, &object);
    }
}
