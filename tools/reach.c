/* SPDX-License-Identifier: MIT */
/* See reach.h. */
#include "reach.h"

#include "images.h"
#include "interpreter.h"
#include "parts.h"
#include "print.h"
#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPTS_MAX 4 /* as the kernel allows a script to be another's interpreter */

char *reach_find(const char *name)
{
    errno = ENOENT;
    if (strchr(name, '/'))
        return access(name, F_OK) == 0 ? print_memory("%s", name) : NULL;
    const char *path = getenv("PATH");
    bool forbidden = false;
    for (path = path ? path : "/bin:/usr/bin"; *name && *path;) {
        size_t length = strcspn(path, ":");
        char *file = print_memory("%.*s%s%s", (int)length, path, length ? "/" : "", name);
        struct stat status;
        if (stat(file, &status) == 0 && S_ISREG(status.st_mode)) {
            if (access(file, X_OK) == 0)
                return file;
            forbidden = true;
        }
        free(file);
        path += length + (path[length] == ':');
    }
    errno = forbidden ? EACCES : ENOENT;
    return NULL;
}

void reach_fact(struct reach *reach, const char *format, ...)
{
    char *line = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&line, format, arguments) >= 0) {
        buffer_append_text(&reach->facts, line);
        buffer_append_byte(&reach->facts, '\n');
        free(line);
    }
    va_end(arguments);
}

static void decide(struct reach *reach, enum reach_verdict verdict, char *reason)
{
    free(reach->reason);
    reach->verdict = verdict;
    reach->reason = reason;
}

/* What the TLS library below libcurl is, for people. */
static const char *curl_flavour(const struct image *curl)
{
    return image_needs(curl, "libssl")      ? "OpenSSL"
           : image_needs(curl, "libgnutls") ? "GnuTLS"
           : image_needs(curl, "libnss")    ? "NSS"
                                            : "its own TLS";
}

/* Which hooks see it, and whose TLS it is. */
static void note_library(struct reach *reach, const struct image *image, bool curl,
                         bool tls)
{
    reach->by_libcurl |= curl;
    reach->by_libssl |= tls;
    if (tls && !reach->library) {
        reach->tls = TLS_LIBSSL;
        reach->library = print_memory("%s", image_name(image));
    } else if (curl && reach->tls == TLS_NONE) {
        reach->tls = image_needs(image, "libgnutls") ? TLS_GNUTLS
                     : image_needs(image, "libnss")  ? TLS_NSS
                     : image_needs(image, "libssl")  ? TLS_LIBSSL
                                                     : TLS_OWN;
    }
}

/* Notes every libcurl and libssl among |images|. The best name for the reason, or NULL.
 */
static const char *reachable_library(struct reach *reach, const struct images *images,
                                     const char *how)
{
    const char *found = NULL;
    for (size_t i = 0; i < images->count; i++) {
        const struct image *image = images->at[i];
        const char *name = image_name(image);
        bool curl =
            strncmp(name, "libcurl.so", 10) == 0 || strncmp(name, "libcurl-", 8) == 0;
        bool tls = strncmp(name, "libssl.so", 9) == 0 || strncmp(name, "libssl-", 7) == 0;
        if (curl)
            reach_fact(reach, "%s %s (with %s)", how, image->path, curl_flavour(image));
        else if (tls)
            reach_fact(reach, "%s %s", how, image->path);
        note_library(reach, image, curl, tls);
        if (curl || (tls && !found))
            found = name;
    }
    for (size_t i = 0; i < images->missing_count; i++)
        reach_fact(reach, "asks for %s, which is not on this machine",
                   images->missing[i]);
    return found;
}

/* .NET looks for libssl when it first needs it. */
static bool loads_by_name(const struct image *program)
{
    return image_contains(program, "libssl.so") ||
           image_contains(program, "libcurl.so") ||
           image_contains(program, "libhostfxr.so") ||
           strcmp(image_name(program), "dotnet") == 0;
}

/* |images| hold no libssl and no libcurl: what else is known? */
static void judge_others(struct reach *reach, const struct images *images)
{
    const struct image *program = images->at[0];
    enum tls_kind kind;
    const struct image *bundling = tls_bundling(images, &kind);
    if (!bundling) {
        kind = tls_linked(program);
        kind = kind != TLS_NONE ? kind : tls_inside(program);
    }
    if (bundling || (kind != TLS_NONE && !tls_reason(kind)))
        decide(reach, REACH_NO,
               print_memory("%s has %s built into itself, and its calls cannot be "
                            "replaced by preloading",
                            bundling ? bundling->path : program->path,
                            kind == TLS_BORINGSSL_INSIDE ? "BoringSSL" : "OpenSSL"));
    else if (kind != TLS_NONE)
        decide(reach, REACH_NO, print_memory("%s", tls_reason(kind)));
    else if (loads_by_name(program))
        decide(reach, REACH_YES,
               print_memory("it loads libssl or libcurl by name at run time"));
    if (kind != TLS_NONE)
        reach->tls = kind;
}

/* Looks at the module through which |interpreter| gets TLS. */
static void judge_module(struct reach *reach, const struct interpreter *interpreter)
{
    char *module = interpreter_module(interpreter, reach->program);
    if (!module) {
        reach_fact(reach, "%s was not found", interpreter->module);
        return;
    }
    struct images images;
    if (images_load(&images, module) == 0) {
        const char *library = reachable_library(reach, &images, interpreter->module);
        if (library && reach->verdict != REACH_YES)
            decide(reach, REACH_YES,
                   print_memory("it loads %s through %s", library, interpreter->module));
        else if (!library)
            judge_others(reach, &images);
    }
    images_free(&images);
    free(module);
}

static void judge_images(struct reach *reach, const struct images *images)
{
    const char *library = reachable_library(reach, images, "links");
    if (library)
        decide(reach, REACH_YES, print_memory("it links %s", library));
    const struct interpreter *interpreter = interpreter_of(reach->program);
    if (interpreter)
        judge_module(reach, interpreter);
    if (reach->verdict == REACH_UNKNOWN)
        judge_others(reach, images);
}

static const char *unknown_reason(const struct reach *reach)
{
    if (reach->script && script_is_shim(reach->script))
        return "it is a version manager's shim; what it chooses is reached or not on its "
               "own";
    if (script_is_shell(reach->program))
        return "it is a shell; the programs that it starts are reached or not on their "
               "own";
    return "no libssl and no libcurl was seen in it; programs that it starts are reached "
           "or "
           "not on their own";
}

static void judge_program(struct reach *reach, const struct images *images)
{
    decide(reach, REACH_UNKNOWN, print_memory("%s", unknown_reason(reach)));
    reach->obstacle = obstacle_in(images);
    if (reach->obstacle != OBSTACLE_NONE)
        decide(reach, REACH_NO, print_memory("%s", obstacle_reason(reach->obstacle)));
    else if (!script_is_shell(reach->program))
        judge_images(reach, images);
}

/* Follows scripts to the program that the kernel starts in the end. False with errno. */
static bool follow_scripts(struct reach *reach)
{
    for (int i = 0; i < SCRIPTS_MAX; i++) {
        char *interpreter = script_interpreter(reach->program);
        if (!interpreter)
            return errno == 0;
        reach_fact(reach, "%s is a script, run by %s", reach->program, interpreter);
        char *real = realpath(interpreter, NULL);
        free(reach->started);
        reach->started = interpreter;
        if (!real)
            return false;
        if (reach->script)
            free(reach->program);
        else
            reach->script = reach->program;
        reach->program = real;
    }
    errno = ELOOP;
    return false;
}

/* A script that is known by its name, whatever shell runs it. */
static bool judge_wrapper(struct reach *reach)
{
    const struct interpreter *interpreter = interpreter_of(reach->program);
    char *shell =
        interpreter && interpreter->wrapped ? script_interpreter(reach->program) : NULL;
    if (shell)
        judge_module(reach, interpreter);
    free(shell);
    return reach->verdict != REACH_UNKNOWN;
}

int reach_judge(const char *path, struct reach *out)
{
    memset(out, 0, sizeof(*out));
    decide(out, REACH_UNKNOWN, NULL);
    out->program = realpath(path, NULL);
    out->started = print_memory("%s", path);
    if (!out->program)
        return -1;
    if (judge_wrapper(out))
        return 0;
    if (!follow_scripts(out))
        return -1;
    out->obstacle = obstacle_by_rights(out->program);
    if (out->obstacle != OBSTACLE_NONE) {
        decide(out, REACH_NO, print_memory("%s", obstacle_reason(out->obstacle)));
        return 0;
    }
    struct images images;
    int result = 0;
    if (images_load(&images, out->program) == 0)
        judge_program(out, &images);
    else if (errno == ENOEXEC)
        decide(out, REACH_UNKNOWN,
               print_memory("it is neither a script nor an ELF program"));
    else
        result = -1;
    images_free(&images);
    return result;
}

/* Whose TLS a program has that is not even looked into because it cannot be preloaded. */
static void find_tls(struct reach *reach)
{
    struct images images;
    if (images_load(&images, reach->program) == 0) {
        const struct image *program = images.at[0];
        reach->tls = tls_linked(program);
        if (images_find(&images, "libssl", 0))
            reach->tls = TLS_LIBSSL;
        else if (reach->tls == TLS_NONE)
            reach->tls = tls_inside(program);
    }
    images_free(&images);
}

void reach_look_further(struct reach *reach)
{
    const struct interpreter *interpreter = interpreter_of(reach->program);
    if (reach->obstacle != OBSTACLE_NONE)
        find_tls(reach);
    else if (interpreter && strcmp(interpreter->name, "python") == 0)
        parts_of_python(reach);
    else if (reach->script)
        parts_of_package(reach);
    if (reach->parts.size && reach->verdict == REACH_YES && reach->script && !interpreter)
        decide(reach, REACH_UNKNOWN,
               print_memory("%s can be reached, but the package brings a program that "
                            "cannot, and may start it",
                            reach->program));
}

void reach_free(struct reach *reach)
{
    free(reach->program);
    free(reach->reason);
    free(reach->script);
    free(reach->started);
    free(reach->library);
    buffer_free(&reach->facts);
    buffer_free(&reach->parts);
    memset(reach, 0, sizeof(*reach));
}
