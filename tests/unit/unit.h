/* SPDX-License-Identifier: MIT */
/* The unit tests' few macros. A test program is one .c file:
 *
 *     #include "unit.h"
 *     static void test_trim(void) { CHECK(...); CHECK_TEXT(found, "expected"); }
 *     int main(void) { RUN(test_trim); return unit_end(); }
 *
 * A failed check prints its place and text to stderr and the program goes on. The last
 * line of stdout is `N passed, N failed` (checks); the exit status is 1 when one failed.
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static _Atomic unsigned long unit_passed, unit_failed;
static const char *unit_test = "";

/* Counts one check; threads may call it. Returns |good|. */
__attribute__((format(printf, 4, 5), unused)) static int
unit_check(int good, const char *file, int line, const char *format, ...)
{
    if (good) {
        unit_passed++;
        return 1;
    }
    unit_failed++;
    fprintf(stderr, "%s:%d: %s: ", file, line, unit_test);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return 0;
}

#define CHECK(condition) unit_check(!!(condition), __FILE__, __LINE__, "%s", #condition)

/* Integers of any width and sign. */
#define CHECK_INT(actual, expected)                                                      \
    do {                                                                                 \
        long long unit_a = (long long)(actual), unit_e = (long long)(expected);          \
        unit_check(unit_a == unit_e, __FILE__, __LINE__, "%s is %lld, not %lld",         \
                   #actual, unit_a, unit_e);                                             \
    } while (0)

/* Zero-terminated texts. */
#define CHECK_TEXT(actual, expected)                                                     \
    do {                                                                                 \
        const char *unit_a = (actual), *unit_e = (expected);                             \
        unit_check(unit_a &&strcmp(unit_a, unit_e) == 0, __FILE__, __LINE__,             \
                   "%s is \"%s\", not \"%s\"", #actual, unit_a ? unit_a : "(null)",      \
                   unit_e);                                                              \
    } while (0)

/* |size| bytes at two places. */
#define CHECK_BYTES(actual, expected, size)                                              \
    unit_check(memcmp((actual), (expected), (size)) == 0, __FILE__, __LINE__,            \
               "%s and %s differ", #actual, #expected)

#define RUN(test)                                                                        \
    do {                                                                                 \
        unit_test = #test;                                                               \
        test();                                                                          \
    } while (0)

/* Prints the sum; returns main's exit status. */
__attribute__((unused)) static int unit_end(void)
{
    printf("%lu passed, %lu failed\n", (unsigned long)unit_passed,
           (unsigned long)unit_failed);
    return unit_failed != 0;
}

#endif
