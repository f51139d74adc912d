/* SPDX-License-Identifier: MIT */
/* Usage: copies [global|local|deep:]FILE... Opens plugins built from caller.c and prints
 * the number that each reports, twice; then what its tail call reports; LINKED: also its
 * own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define PLUGINS 8
#ifdef RTLD_DEEPBIND
#define DEEPBIND RTLD_DEEPBIND
#else /* musl */
#define DEEPBIND 0
#endif

#ifdef LINKED
int SSL_connect(void *ssl);
int SSL_write(void *ssl, const void *data, int size);
int SSL_read(void *ssl, void *data, int size);
#endif

static int flags_of(const char *name)
{
    int flags = RTLD_NOW;
    if (!strncmp(name, "global:", 7))
        flags |= RTLD_GLOBAL;
    if (!strncmp(name, "deep:", 5))
        flags |= DEEPBIND;
    return flags;
}

int main(int count, char **arguments)
{
    void *plugins[PLUGINS];
    for (int i = 1; i < count; i++) {
        const char *colon = strchr(arguments[i], ':');
        plugins[i] = dlopen(colon ? colon + 1 : arguments[i], flags_of(arguments[i]));
        if (!plugins[i]) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
    }
    for (int round = 0; round < 2; round++) {
#ifdef LINKED
        printf("own %d%d%d\n", SSL_connect(0), SSL_write(0, "x", 1), SSL_read(0, 0, 0));
#endif
        for (int i = 1; i < count; i++) {
            int (*number)(void) = (int (*)(void))dlsym(plugins[i], "caller_number");
            void **(*make)(void) = (void **(*)(void))dlsym(plugins[i], "caller_new");
            void (*tail)(void *) = (void (*)(void *))dlsym(plugins[i], "caller_free");
            void **object = make();
            tail(object);
            int tailed = *(int *)(object + 1);
            printf("plugin %d %d tail %d\n", i, number(), tailed);
        }
    }
    return 0;
}
