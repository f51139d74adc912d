/* SPDX-License-Identifier: MIT */
/* Doctor: preecho's own libraries, and those of this machine that it reaches. */
#include "doctor.h"
#include "place.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <sysexits.h>

static void check_part(struct doctor *doctor, const char *what, const char *name)
{
    char *path = place_library(name);
    if (!path) {
        doctor_problem(doctor, EX_UNAVAILABLE, what,
                       "%s lies neither beside this command nor in ../lib/preecho: run "
                       "'make' or 'make install' again",
                       name);
        return;
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library) {
        doctor_good(what, "%s", path);
        dlclose(library);
    } else {
        doctor_problem(doctor, EX_UNAVAILABLE, what, "%s: install what it needs",
                       dlerror());
    }
    free(path);
}

void doctor_parts(struct doctor *doctor)
{
    check_part(doctor, "stub", PLACE_STUB);
    check_part(doctor, "core", PLACE_CORE);
    char *stub = place_library(PLACE_STUB);
    char *value = stub ? place_preload(NULL, stub) : NULL;
    if (stub && !value)
        doctor_problem(
            doctor, EX_CONFIG, "stub",
            "its path holds a blank or a colon, and LD_PRELOAD cannot name it: "
            "move preecho to another directory");
    free(value);
    free(stub);
}

/* What a library says of itself: "OpenSSL 3.0.11 ...", "libcurl/7.88.1 GnuTLS/3.7.9 ...".
 */
static const char *version_of(void *library, const char *function)
{
    void *symbol = dlsym(library, function);
    if (!symbol)
        return NULL;
    if (function[0] == 'c')
        return ((const char *(*)(void))symbol)();
    return ((const char *(*)(int))symbol)(0);
}

/* The length of |text| up to its third word. */
static size_t two_words(const char *text)
{
    size_t length = strcspn(text, " ");
    return length + (text[length] ? 1 + strcspn(text + length + 1, " ") : 0);
}

static void show_library(const char *name, const char *function)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        doctor_note("library", "%s is not installed", name);
        return;
    }
    struct link_map *map = NULL;
    const char *version = version_of(library, function);
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0)
        map = NULL;
    version = version ? version : "of unknown version";
    doctor_good("library", "%s (%.*s)", map ? map->l_name : name, (int)two_words(version),
                version);
}

void doctor_libraries(void)
{
    show_library("libssl.so.3", "OpenSSL_version");
    show_library("libssl.so.1.1", "OpenSSL_version");
    show_library("libcurl.so.4", "curl_version");
    show_library("libcurl-gnutls.so.4", "curl_version");
    show_library("libcurl-nss.so.4", "curl_version");
}
