/* SPDX-License-Identifier: MIT */
/* See interpreter.h. */
#include "interpreter.h"

#include "print.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>

static const struct interpreter interpreters[] = {
    {"python",
     false,
     "Python's _ssl",
     {"lib*/%n/lib-dynload/_ssl*.so", "lib*/python%v*/lib-dynload/_ssl*.so"}},
    {"pypy",
     false,
     "PyPy's _ssl",
     {"lib*/pypy*/lib_pypy/_pypy_openssl*.so", "lib*/pypy%v*/_pypy_openssl*.so",
      "lib_pypy/_pypy_openssl*.so", "lib*/%n*/*/_pypy_openssl*.so"}},
    {"ruby",
     false,
     "Ruby's openssl",
     {"lib*/*/ruby/%v*/openssl.so", "lib*/ruby/%v*/*/openssl.so",
      "lib*/ruby/*/%v*/*/openssl.so"}},
    {"perl",
     false,
     "Perl's Net::SSLeay",
     {"lib*/*/perl5/*/auto/Net/SSLeay/SSLeay.so",
      "lib*/perl5/*/*/auto/Net/SSLeay/SSLeay.so",
      "lib*/site_perl/*/*/auto/Net/SSLeay/SSLeay.so",
      "local/lib/*/perl/*/auto/Net/SSLeay/SSLeay.so"}},
    {"php",
     false,
     "PHP's curl extension",
     {"lib*/php/*/curl.so", "lib*/php/extensions/*/curl.so"}},
    {"lua",
     false,
     "LuaSec",
     {"lib*/*/lua/%v*/ssl.so", "lib*/lua/%v*/ssl.so", "local/lib/lua/%v*/ssl.so"}},
    {"julia", false, "Julia's libcurl", {"lib/julia/libcurl.so*"}},
    {"Rscript", false, "R's internet module", {"lib*/R/modules/internet.so"}},
    {"R",
     true,
     "R's internet module",
     {"modules/internet.so", "lib*/R/modules/internet.so"}},
    {"git",
     false,
     "git-remote-https",
     {"lib*/git-core/git-remote-https", "libexec/git-core/git-remote-https"}},
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What may follow the interpreter's name: a version, or nothing. */
static bool is_version(const char *text)
{
    return text[strspn(text, "0123456789.")] == '\0';
}

const struct interpreter *interpreter_of(const char *path)
{
    const char *name = base_name(path);
    for (size_t i = 0; i < sizeof(interpreters) / sizeof(*interpreters); i++) {
        size_t length = strlen(interpreters[i].name);
        if (strncmp(name, interpreters[i].name, length) == 0 && is_version(name + length))
            return &interpreters[i];
    }
    return NULL;
}

/* |pattern| with %n and %v filled in, below |prefix|; to be freed. */
static char *fill_in(const char *pattern, struct span prefix, const char *name,
                     const char *version)
{
    struct buffer path = {0};
    buffer_append_span(&path, prefix);
    for (const char *at = pattern; *at; at++) {
        if (at[0] == '%' && (at[1] == 'n' || at[1] == 'v'))
            buffer_append_text(&path, *++at == 'n' ? name : version);
        else
            buffer_append_byte(&path, (uint8_t)*at);
    }
    char *text = print_memory("%.*s", (int)path.size, (const char *)path.at);
    buffer_free(&path);
    return text;
}

/* The directory above the one that |path| lies in, with a slash at its end. */
static struct span prefix_of(const char *path)
{
    size_t length = (size_t)(base_name(path) - path);
    while (length > 1 && path[length - 2] != '/')
        length--;
    return span_of(path, length ? length - 1 : 0);
}

char *interpreter_module(const struct interpreter *interpreter, const char *path)
{
    const char *name = base_name(path);
    const char *version = name + strlen(interpreter->name);
    char *module = NULL;
    for (size_t i = 0; i < 4 && interpreter->patterns[i] && !module; i++) {
        char *pattern = fill_in(interpreter->patterns[i], prefix_of(path), name, version);
        glob_t found = {0};
        if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
            module = print_memory("%s", found.gl_pathv[0]);
        globfree(&found);
        free(pattern);
    }
    return module;
}
