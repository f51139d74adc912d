/* SPDX-License-Identifier: MIT */
/* See place.h. */
#include "place.h"

#include "print.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* The directory of the running command, to be freed. */
static char *own_directory(void)
{
    char *path = realpath("/proc/self/exe", NULL);
    char *slash = path ? strrchr(path, '/') : NULL;
    if (slash)
        *slash = '\0';
    return path;
}

/* The first of "own directory + |beside| + / + name" that exists. */
static char *find_beside(const char *const beside[], const char *name)
{
    char *directory = own_directory();
    char *found = NULL;
    for (size_t i = 0; directory && !found && beside[i]; i++) {
        char *path = print_memory("%s%s/%s", directory, beside[i], name);
        found = realpath(path, NULL);
        free(path);
    }
    free(directory);
    return found;
}

char *place_library(const char *name)
{
    static const char *const beside[] = {"", "/../lib/preecho", NULL};
    return find_beside(beside, name);
}

char *place_data(const char *name)
{
    static const char *const beside[] = {"/../tests", "/../share/preecho", NULL};
    return find_beside(beside, name);
}

/* Appends the words of |current| that are not |stub|, separated by colons. */
static char *words_without(const char *current, const char *stub)
{
    char *result = print_memory("%s", "");
    for (const char *at = current ? current : ""; *at;) {
        size_t length = strcspn(at, ": ");
        bool same = strlen(stub) == length && strncmp(at, stub, length) == 0;
        if (length && !same) {
            char *longer =
                print_memory("%s%s%.*s", result, result[0] ? ":" : "", (int)length, at);
            free(result);
            result = longer;
        }
        at += length;
        at += strspn(at, ": ");
    }
    return result;
}

char *place_without(const char *current, const char *stub)
{
    return words_without(current, stub);
}

char *place_preload(const char *current, const char *stub)
{
    if (strpbrk(stub, ": \t\n"))
        return NULL;
    char *others = words_without(current, stub);
    char *result = print_memory("%s%s%s", others, others[0] ? ":" : "", stub);
    free(others);
    return result;
}
