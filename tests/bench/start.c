/* SPDX-License-Identifier: MIT */
/* What the preload costs a program that never makes an LLM call: starts /bin/true with
 * and without it in turn. usage: start LIBRARY COUNT     prints two medians in
 * microseconds and their ratio */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double start(char *preload)
{
    char *arguments[] = {"/bin/true", NULL};
    char *environment[] = {"PATH=/usr/bin:/bin", preload, NULL};
    pid_t child;
    int status;
    double begin = now_us();
    if (posix_spawn(&child, arguments[0], NULL, NULL, arguments, environment) != 0 ||
        waitpid(child, &status, 0) != child || status != 0)
        exit(70);
    return now_us() - begin;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 64;
    char preload[4096];
    snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", arguments[1]);
    int rounds = atoi(arguments[2]);
    double *with = calloc((size_t)rounds, sizeof(*with));
    double *without = calloc((size_t)rounds, sizeof(*without));
    if (!with || !without)
        return 71;
    for (int i = 0; i < 20; i++)
        start(i & 1 ? preload : NULL);
    for (int i = 0; i < rounds; i++) {
        without[i] = start(NULL);
        with[i] = start(preload);
    }
    qsort(with, (size_t)rounds, sizeof(*with), by_size);
    qsort(without, (size_t)rounds, sizeof(*without), by_size);
    double a = with[rounds / 2], b = without[rounds / 2];
    printf("%.1f %.1f %.3f\n", a, b, a / b);
    return 0;
}
