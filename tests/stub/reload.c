/* SPDX-License-Identifier: MIT */
/* Usage: reload FILE OTHER... Opens plugins built from caller.c in turn at the same place
 * in memory, closing each before the next, and prints what each reports: nothing that was
 * remembered for one may be used for the other. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **arguments)
{
    for (int round = 0; round < 4; round++) {
        for (int i = 1; i < count; i++) {
            void *plugin = dlopen(arguments[i], RTLD_NOW | RTLD_LOCAL);
            int (*number)(void) = (int (*)(void))dlsym(plugin, "caller_number");
            printf("%d ", number());
            dlclose(plugin);
        }
    }
    printf("\n");
    return 0;
}
