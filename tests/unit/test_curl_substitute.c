/* SPDX-License-Identifier: MIT */
/* What goes upstream in place of the program's options: further fields, and what comes back. */
#define CURL_DISABLE_DEPRECATION
#include "curl_handle.h"
#include "curl_substitute.h"
#include "store/memory.h"
#include "unit.h"

#include <stdarg.h>

/* What libcurl has been told. */
static struct {
    unsigned calls;
    CURLoption option;
    const struct curl_slist *lines;
} told;

static CURLcode set_option(CURL *easy, CURLoption option, ...)
{
    va_list arguments;
    (void)easy;
    va_start(arguments, option);
    told.lines = va_arg(arguments, const struct curl_slist *);
    va_end(arguments);
    told.calls++;
    told.option = option;
    return CURLE_OK;
}

static struct curl_library library;
static struct curl_handle handle;
static struct curl_slist own[] = {{(char *)(uintptr_t) "Accept: */*", &own[1]},
                                  {(char *)(uintptr_t) "X-Own: 1", NULL}};

static void start(struct curl_slist *lines)
{
    library.curl_easy_setopt = set_option;
    handle = (struct curl_handle){.library = &library};
    handle.options.headers = lines;
    memset(&told, 0, sizeof told);
}

static void check_lines(const char *const *expected)
{
    const struct curl_slist *line = told.lines;
    CHECK_INT(told.calls, 1);
    CHECK_INT(told.option, CURLOPT_HTTPHEADER);
    for (; *expected && line; expected++, line = line->next)
        CHECK_TEXT(line->data, *expected);
    CHECK(!*expected && !line);
}

static void test_fields_stand_behind_the_programs(void)
{
    static const char *const both[] = {"Accept: */*", "X-Own: 1", "If-None-Match: \"a\"",
                                       "If-Modified-Since: then", NULL};
    start(own);
    CHECK_INT(
        curl_substitute_start_fields(
            &handle, span_text("If-None-Match: \"a\"\r\nIf-Modified-Since: then\r\n")),
        0);
    curl_substitute_arm(handle.substitute, &handle);
    check_lines(both);
    CHECK(own[1].next == NULL);
    told.calls = 0;
    curl_substitute_disarm(handle.substitute, &handle);
    CHECK_INT(told.calls, 1);
    CHECK(told.lines == own);
    curl_substitute_free(handle.substitute);
}

static void test_a_program_without_lines(void)
{
    static const char *const alone[] = {"If-None-Match: \"a\"", NULL};
    start(NULL);
    CHECK_INT(
        curl_substitute_start_fields(&handle, span_text("If-None-Match: \"a\"\r\n")), 0);
    curl_substitute_arm(handle.substitute, &handle);
    check_lines(alone);
    curl_substitute_disarm(handle.substitute, &handle);
    CHECK(told.lines == NULL);
    curl_substitute_free(handle.substitute);
}

/* What the program sets meanwhile waits for the end only where ours is in place. */
static void test_only_the_lines_are_replaced(void)
{
    static const CURLoption free_ones[] = {CURLOPT_POSTFIELDS,
                                           CURLOPT_COPYPOSTFIELDS,
                                           CURLOPT_POSTFIELDSIZE,
                                           CURLOPT_POSTFIELDSIZE_LARGE,
                                           CURLOPT_INFILESIZE,
                                           CURLOPT_INFILESIZE_LARGE,
                                           CURLOPT_URL};
    start(own);
    CHECK_INT(curl_substitute_start_fields(&handle, span_text("A: b\r\n")), 0);
    CHECK(curl_substitute_replaces(handle.substitute, CURLOPT_HTTPHEADER));
    for (size_t i = 0; i < sizeof free_ones / sizeof *free_ones; i++)
        CHECK(!curl_substitute_replaces(handle.substitute, free_ones[i]));
    curl_substitute_free(handle.substitute);
}

static void test_short_memory(void)
{
    unsigned at = 1;
    int result = -1;
    for (; result != 0 && at < 20; at++) {
        start(own);
        memory_fail_from(at);
        result = curl_substitute_start_fields(&handle, span_text("A: b\r\n"));
        memory_fail_from(0);
        CHECK(result == 0 || handle.substitute == NULL);
    }
    CHECK(at > 3);
    CHECK_INT(told.calls, 0);
    CHECK_INT(result, 0);
    curl_substitute_free(handle.substitute);
}

int main(void)
{
    RUN(test_fields_stand_behind_the_programs);
    RUN(test_a_program_without_lines);
    RUN(test_only_the_lines_are_replaced);
    RUN(test_short_memory);
    return unit_end();
}
