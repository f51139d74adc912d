/* SPDX-License-Identifier: MIT */
/* The project's file, and the repository that the process works in: one walk upwards. */
#include "config_parts.h"

#include "store/memory.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROJECT_FILE ".preecho.conf"
#define DEEPEST      64

struct walk {
    char path[PATH_MAX + sizeof "/" PROJECT_FILE];
    char *file; /* the nearest one */
    char *root;
    bool bounded; /* home, or a repository's root, was met */
    bool failed;
};

/* True when |name| is in the directory that |path| names. */
static bool is_there(struct walk *walk, size_t size, const char *name)
{
    struct stat status;
    memcpy(walk->path + size, name, strlen(name) + 1);
    bool there = stat(walk->path, &status) == 0;
    walk->path[size] = 0;
    return there;
}

static char *copy(struct walk *walk, const char *name)
{
    size_t size = strlen(walk->path), more = strlen(name);
    char *out = memory_new(size + more + 1);
    if (!out) {
        walk->failed = true;
        return NULL;
    }
    memcpy(out, walk->path, size);
    memcpy(out + size, name, more);
    return out;
}

/* One directory. True when the walk ends there. */
static bool look(struct walk *walk, const char *home)
{
    size_t size = strlen(walk->path);
    if (!walk->file && is_there(walk, size, "/" PROJECT_FILE))
        walk->file = copy(walk, "/" PROJECT_FILE);
    bool root = is_there(walk, size, "/.git");
    if (root)
        walk->root = copy(walk, "");
    walk->bounded |= root || strcmp(walk->path, home) == 0;
    return walk->bounded || size == 0;
}

/* Outside of home and of any repository nothing but the working directory itself counts. */
static void drop_strays(struct walk *walk, size_t depth, size_t file_depth)
{
    if (walk->bounded || !walk->file || file_depth == 0 || depth == 0)
        return;
    memory_free(walk->file);
    walk->file = NULL;
}

static void climb(struct walk *walk, const char *home)
{
    size_t depth = 0, file_depth = 0;
    for (; depth < DEEPEST && !walk->failed; depth++) {
        bool before = walk->file != NULL;
        bool end = look(walk, home);
        if (walk->file && !before)
            file_depth = depth;
        if (end)
            break;
        *strrchr(walk->path, '/') = 0;
    }
    drop_strays(walk, depth, file_depth);
}

bool config_find_project(struct config *config, config_get *get)
{
    struct walk *walk = memory_new(sizeof *walk);
    const char *home = get("HOME");
    if (!walk)
        return false;
    if (getcwd(walk->path, PATH_MAX) && walk->path[0] == '/') {
        if (strcmp(walk->path, "/") == 0)
            walk->path[0] = 0;
        climb(walk, home && home[0] == '/' ? home : "/");
    }
    config->files[CONFIG_PROJECT].path = walk->file;
    config->repository = walk->root;
    bool good = !walk->failed;
    memory_free(walk);
    return good;
}
