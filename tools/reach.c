/* SPDX-License-Identifier: MIT */
/* See reach.h. */
#include "reach.h"

#include "images.h"
#include "interpreter.h"
#include "mapping.h"
#include "print.h"
#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
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

/* The loader ignores LD_PRELOAD for a program that gains rights (ld.so(8),
 * secure-execution mode); what root starts, gains none by file capabilities. */
static bool gains_rights(struct reach *reach)
{
    struct stat status;
    if (stat(reach->program, &status) != 0)
        return false;
    if ((status.st_mode & S_ISUID) && status.st_uid != getuid())
        decide(reach, REACH_NO,
               print_memory("it is set-uid: the loader ignores LD_PRELOAD"));
    else if ((status.st_mode & S_ISGID) && status.st_gid != getgid())
        decide(reach, REACH_NO,
               print_memory("it is set-gid: the loader ignores LD_PRELOAD"));
    else if (getuid() != 0 &&
             getxattr(reach->program, "security.capability", NULL, 0) > 0)
        decide(reach, REACH_NO,
               print_memory("it has file capabilities: the loader ignores LD_PRELOAD"));
    else
        return false;
    return true;
}

/* What the TLS library below libcurl is, for people. */
static const char *curl_flavour(const struct image *curl)
{
    return image_needs(curl, "libssl")      ? "OpenSSL"
           : image_needs(curl, "libgnutls") ? "GnuTLS"
           : image_needs(curl, "libnss")    ? "NSS"
                                            : "its own TLS";
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
        if (curl || (tls && !found))
            found = name;
    }
    for (size_t i = 0; i < images->missing_count; i++)
        reach_fact(reach, "asks for %s, which is not on this machine",
                   images->missing[i]);
    return found;
}

/* True when |image| names a source file "|directory|/|file|", as error messages and
 * panics do. Put together here, or we would find it in ourselves. */
static bool names_source(const struct image *image, const char *directory,
                         const char *file)
{
    char *source = print_memory("%s/%s", directory, file);
    bool found = image_contains(image, source);
    free(source);
    return found;
}

/* The image that has OpenSSL's or BoringSSL's functions inside itself, or NULL. */
static const struct image *bundling_image(const struct images *images)
{
    for (size_t i = 0; i < images->count; i++) {
        const struct image *image = images->at[i];
        if (elf_defines(&image->elf, "SSL_read") ||
            names_source(image, "ssl", "ssl_lib.c"))
            return image;
    }
    return NULL;
}

/* A TLS library that is none of OpenSSL's kind, linked by the program itself. */
static const char *foreign_library(const struct image *program)
{
    static const char *const libraries[][2] = {
        {"libgnutls.so", "it uses GnuTLS without libcurl"},
        {"libnss3.so", "it uses NSS without libcurl"},
        {"libmbedtls.so", "it uses mbed TLS"},
        {"libwolfssl.so", "it uses wolfSSL"},
        {"libjli.so", "Java brings its own TLS, written in Java"},
    };
    for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++) {
        if (image_needs(program, libraries[i][0]))
            return libraries[i][1];
    }
    return names_source(program, "", "rustls-0.") ? "it uses rustls" : NULL;
}

/* |images| hold no libssl and no libcurl: what else is known? */
static void judge_others(struct reach *reach, const struct images *images)
{
    const struct image *program = images->at[0];
    const struct image *bundling = bundling_image(images);
    const char *foreign = foreign_library(program);
    if (bundling)
        decide(reach, REACH_NO,
               print_memory("%s has OpenSSL built into itself, and its calls cannot be "
                            "replaced by preloading",
                            bundling->path));
    else if (foreign)
        decide(reach, REACH_NO, print_memory("%s", foreign));
    else if (image_contains(program, "libssl.so") ||
             image_contains(program, "libcurl.so") ||
             strcmp(image_name(program), "dotnet") == 0)
        decide(reach, REACH_YES,
               print_memory("it loads libssl or libcurl by name at run time"));
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

/* e_machine of this command: that of the stub beside it, too. 0 when it is not known. */
static uint16_t own_machine(void)
{
    struct span file = mapping_open("/proc/self/exe");
    struct elf *elf = print_grown(NULL, sizeof(*elf));
    uint16_t machine = file.at && elf_parse(file, elf) == 0 ? elf->machine : 0;
    free(elf);
    mapping_close(file);
    return machine;
}

/* What keeps the loader from loading the stub, or the hooks from being called. NULL:
 * nothing. */
static const char *obstacle(const struct images *images)
{
    const struct elf *elf = &images->at[0]->elf;
    if (elf->machine != own_machine() || !elf->wide)
        return "it is built for another machine or word size than preecho";
    if (!elf->interpreter.size)
        return "it is statically linked: no loader runs, so nothing can be preloaded";
    if (span_find(elf->interpreter, span_text("/ld-musl-")) < elf->interpreter.size)
        return "it is built for musl, and preecho's core needs glibc";
    if (elf->go && !images_find(images, "libcurl", 0) &&
        !images_find(images, "libssl", 0))
        return "it is a Go program, and Go brings its own TLS";
    return NULL;
}

static void judge_program(struct reach *reach, const struct images *images)
{
    decide(
        reach, REACH_UNKNOWN,
        print_memory("no libssl and no libcurl was seen in it; programs that it starts "
                     "are reached or not on their own"));
    const char *why = obstacle(images);
    if (why)
        decide(reach, REACH_NO, print_memory("%s", why));
    else if (script_is_shell(reach->program))
        decide(
            reach, REACH_UNKNOWN,
            print_memory("it is a shell; the programs that it starts are reached or not "
                         "on their own"));
    else
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
        free(interpreter);
        if (!real)
            return false;
        free(reach->program);
        reach->program = real;
    }
    errno = ELOOP;
    return false;
}

int reach_judge(const char *path, struct reach *out)
{
    memset(out, 0, sizeof(*out));
    out->program = realpath(path, NULL);
    if (!out->program || !follow_scripts(out))
        return -1;
    if (gains_rights(out))
        return 0;
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

void reach_free(struct reach *reach)
{
    free(reach->program);
    free(reach->reason);
    buffer_free(&reach->facts);
    memset(reach, 0, sizeof(*reach));
}
