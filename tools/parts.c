/* SPDX-License-Identifier: MIT */
/* See parts.h. */
#include "parts.h"

#include "interpreter.h"
#include "print.h"
#include "script.h"

#include <fts.h>
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 20000 /* of a package that are looked at */
#define CLIMB_MAX 6     /* directories between a package's script and its root */

/* Where packages lie below the prefix that a Python's bin/ is in; %s is its version. */
static const char *const homes[] = {"lib*/python%s*/site-packages",
                                    "lib*/python3/dist-packages",
                                    "local/lib*/python%s*/dist-packages"};

/* |files| below such a place; the part counts only when |with| is there, too. */
static const struct {
    const char *package, *files, *with;
} packages[] = {
    {"curl_cffi", "curl_cffi/_wrapper*.so", NULL},
    {"grpc", "grpc/_cython/cygrpc*.so", NULL},
    {"primp", "primp/*.so", NULL},
    {"pycurl", "pycurl*.so", NULL},
    {"pyOpenSSL", "cryptography/hazmat/bindings/_rust*.so", "OpenSSL/SSL.py"},
    {"tls_client", "tls_client/dependencies/*.so", NULL},
};

static void add_part(struct reach *reach, const char *what, const char *path,
                     const char *why)
{
    char *line = print_memory("%s: %s: %s\n", what, path, why);
    buffer_append_text(&reach->parts, line);
    free(line);
}

/* A library: whether libssl or libcurl is shared is all that matters. */
static void judge_library(struct reach *reach, const char *package, const char *path)
{
    struct images images;
    if (images_load(&images, path) == 0 && !images_find(&images, "libssl", 0) &&
        !images_find(&images, "libcurl", 0)) {
        enum tls_kind kind = tls_inside(images.at[0]);
        if (kind != TLS_NONE)
            add_part(reach, package, path, tls_name(kind));
    }
    images_free(&images);
}

static void judge_packages(struct reach *reach, const char *home)
{
    for (size_t i = 0; i < sizeof(packages) / sizeof(*packages); i++) {
        const char *with = packages[i].with ? packages[i].with : "";
        char *needed = print_memory("%s/%s", home, with);
        char *pattern = print_memory("%s/%s", home, packages[i].files);
        glob_t found = {0};
        if (access(needed, F_OK) == 0 && glob(pattern, 0, NULL, &found) == 0)
            judge_library(reach, packages[i].package, found.gl_pathv[0]);
        globfree(&found);
        free(pattern);
        free(needed);
    }
}

/* Wheels bring shared libraries under names of their own, which are hooked like others. */
static void note_wheels(struct reach *reach, const char *home)
{
    char *pattern = print_memory("%s/*.libs/lib{ssl,curl}[-.]*", home);
    glob_t found = {0};
    if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            reach_fact(reach, "a package brings %s", found.gl_pathv[i]);
    globfree(&found);
    free(pattern);
}

static void look_into(struct reach *reach, const char *pattern)
{
    glob_t found = {0};
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            judge_packages(reach, found.gl_pathv[i]);
            note_wheels(reach, found.gl_pathv[i]);
        }
    globfree(&found);
}

/* bin/python in a virtual environment is a link; the environment's packages are those that
 * count. */
void parts_of_python(struct reach *reach)
{
    const char *version = strrchr(reach->program, '/') + 1 + strlen("python");
    char *copy = print_memory("%s", reach->started);
    const char *prefix = dirname(dirname(copy));
    const char *home = getenv("HOME");
    for (size_t i = 0; i < sizeof(homes) / sizeof(*homes); i++) {
        char *below = print_memory(homes[i], version);
        char *pattern = print_memory("%s/%s", prefix, below);
        look_into(reach, pattern);
        free(pattern);
        free(below);
    }
    if (home && strncmp(prefix, "/usr", 4) == 0) {
        char *pattern =
            print_memory("%s/.local/lib/python%s*/site-packages", home, version);
        look_into(reach, pattern);
        free(pattern);
    }
    free(copy);
}

/* A program of the package: one with TLS that cannot be reached is a part. */
static void judge_file(struct reach *reach, const char *path)
{
    struct reach part;
    char *interpreter = script_interpreter(path);
    if (interpreter) {
        free(interpreter);
        return;
    }
    if (reach_judge(path, &part) == 0 && part.verdict == REACH_NO) {
        reach_look_further(&part);
        if (part.tls != TLS_NONE)
            add_part(reach, strrchr(path, '/') + 1, path, tls_name(part.tls));
    }
    reach_free(&part);
}

static bool is_program(const FTSENT *entry)
{
    return entry->fts_info == FTS_F && (entry->fts_statp->st_mode & 0111) &&
           !span_ends(span_text(entry->fts_name), ".node") &&
           !strstr(entry->fts_name, ".so");
}

static void look_through(struct reach *reach, const char *directory)
{
    char *roots[] = {(char *)directory, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    unsigned count = 0;
    for (FTSENT *entry; walk && count < FILES_MAX && (entry = fts_read(walk)); count++)
        if (is_program(entry))
            judge_file(reach, entry->fts_path);
    if (walk)
        fts_close(walk);
}

/* The directory with package.json that the script |path| lies in, to be freed; or NULL. */
static char *package_of(const char *path)
{
    char *directory = print_memory("%s", path);
    for (int i = 0; i < CLIMB_MAX; i++) {
        char *slash = strrchr(directory, '/');
        if (!slash || slash == directory)
            break;
        *slash = '\0';
        char *file = print_memory("%s/package.json", directory);
        bool found = access(file, F_OK) == 0;
        free(file);
        if (found)
            return directory;
    }
    free(directory);
    return NULL;
}

void parts_of_package(struct reach *reach)
{
    char *package =
        strstr(reach->script, "/node_modules/") ? package_of(reach->script) : NULL;
    if (!package)
        return;
    look_through(reach, package);
    char *pattern = print_memory("%s-linux*", package);
    glob_t found = {0};
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            look_through(reach, found.gl_pathv[i]);
    globfree(&found);
    free(pattern);
    free(package);
}
