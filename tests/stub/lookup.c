/* SPDX-License-Identifier: MIT */
/* Usage: lookup FILE [FILE2]. Fetches a library's functions as .NET, Qt and systemd do,
 * by dlopen and dlsym, and prints what it finds: the output must be the same without the
 * stub. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

typedef int write_function(void *ssl, const void *data, int size);
typedef void *lookup_function(void *handle, const char *name);

static const char *there(const void *found)
{
    return found ? "there" : "missing";
}

static void print_error(const char *what)
{
    printf("%s: dlerror %s\n", what, dlerror() ? "set" : "clear");
}

static void fetch(const char *file)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    lookup_function *lookup = (lookup_function *)dlsym(RTLD_DEFAULT, "dlsym");
    write_function *function = (write_function *)dlsym(handle, "SSL_write");
    void *(*create)(void *) = (void *(*)(void *))dlsym(handle, "SSL_new");
    write_function *again = (write_function *)lookup(handle, "SSL_write");
    printf("write %d, the same %d\n", function(create(NULL), "x", 1), function == again);
    print_error("found");
    printf("SSL_nothing %s\n", there(dlsym(handle, "SSL_nothing")));
    print_error("unknown");
    printf("curl_easy_perform %s\n", there(dlsym(handle, "curl_easy_perform")));
    print_error("missing");
}

/* Nobody has asked for these libraries globally: no handle may lead to the hook. */
static void probe(const char *when)
{
    void *self = dlopen(NULL, RTLD_NOW);
    printf("%s: default %s", when, there(dlsym(RTLD_DEFAULT, "SSL_write")));
    print_error("");
    printf("%s: self %s", when, there(dlsym(self, "SSL_write")));
    print_error("");
    printf("%s: libc %s\n", when, there(dlsym(RTLD_DEFAULT, "write")));
    print_error("libc");
}

int main(int count, char **arguments)
{
    probe("before");
    for (int i = 1; i < count; i++)
        fetch(arguments[i]);
    probe("after");
    return 0;
}
