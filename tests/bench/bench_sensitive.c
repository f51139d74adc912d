/* SPDX-License-Identifier: MIT */
/* How fast a prompt is looked through for personal data and secrets. Prints one row per kind of
 * text, as `make bench` shows them. */
#include "shim/core/api/sensitive.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SIZE   ((size_t)8 << 20)
#define ROUNDS 5

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Megabytes per second of the best round. */
static double speed(struct span text, uint32_t *kinds)
{
    double best = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        double start = now();
        *kinds |= sensitive_find(text);
        double rate = (double)text.size / (now() - start) / 1e6;
        best = rate > best ? rate : best;
    }
    return best;
}

static void measure(const char *what, const char *sample)
{
    struct buffer text = {0};
    uint32_t kinds = 0;
    while (text.size < SIZE)
        buffer_append_text(&text, sample);
    if (!buffer_ok(&text))
        exit(71);
    double rate = speed(buffer_span(&text), &kinds);
    printf("%-46s %.0f MB/s%s\n", what, rate, kinds ? "   (something was found)" : "");
    buffer_free(&text);
}

int main(void)
{
    measure("personal data sought in prose (>= 100 MB/s)",
            "Summarise the following report in three sentences. The committee met on 12 "
            "March "
            "2024 in room 305; its members discussed the budget (1,234,567 EUR), the "
            "schedule "
            "and the risks. \"Nobody,\" said the chair, \"has read all 180 pages.\" ");
    measure("the same in code", "    for (size_t i = 0; i < count; i++) {\n        total "
                                "+= items[i].price * 1.19;\n"
                                "        if (key == NULL || token->kind != TOKEN_NAME) "
                                "return error(\"no name\");\n");
    measure("the same in rows of numbers",
            "{\"id\": 10293, \"value\": 0.73920, \"time\": \"2024-01-02T10:30:00Z\", "
            "\"n\": [1, 22, "
            "333, 4444]}\n");
    measure(
        "the same in base64",
        "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24sIGJ1dCBieSB0aGlz");
    measure("the same at its worst", "1 1-1 @=: 0a@1.1(");
    return 0;
}
