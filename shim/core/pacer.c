/* SPDX-License-Identifier: MIT */
/* Starting the pacer. */
#include "pacer.h"

#include "helper.h"
#include "spawn.h"

#define SCHEDULE_LIMIT 100000 /* characters; Linux takes 128 KiB for one argument */

/* The milliseconds from now at which pieces are due, rounded up (a wake-up must never
 * come too early) and separated by commas. Pieces of one millisecond share a wake-up;
 * what does not fit is due with the last one. */
static void schedule(const struct served *served, uint64_t elapsed_us, struct buffer *out)
{
    uint64_t last = 0;
    for (size_t i = 0; i < served->piece_count; i++) {
        uint64_t at = served->pieces[i].at_us;
        uint64_t due = at > elapsed_us ? (at - elapsed_us + 999) / 1000 : 0;
        bool final = i + 1 == served->piece_count;
        if (out->size && !final && (due <= last || out->size > SCHEDULE_LIMIT))
            continue;
        if (out->size)
            buffer_append_byte(out, ',');
        buffer_append_decimal(out, due > last ? due : last);
        last = due > last ? due : last;
    }
    buffer_append_byte(out, 0);
}

int pacer_start(const struct served *served, uint64_t elapsed_us, int far)
{
    struct buffer program = {0}, times = {0};
    int result = -1;
    schedule(served, elapsed_us, &times);
    if (buffer_ok(&times) && helper_program(&program)) {
        const char *const argv[] = {(const char *)program.at, "pace",
                                    (const char *)times.at, NULL};
        const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
        result = spawn_detached(argv, environment, &far, 1);
    }
    buffer_free(&program);
    buffer_free(&times);
    return result;
}
