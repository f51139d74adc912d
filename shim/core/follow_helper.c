/* SPDX-License-Identifier: MIT */
/* Starting the helper that waits for a lease. */
#include "follow_helper.h"

#include "core.h"
#include "helper.h"
#include "spawn.h"

struct words {
    struct buffer program, place, wait, store;
};

static bool spell(struct words *words, uint64_t place, uint64_t wait_ms)
{
    buffer_append_decimal(&words->place, place);
    buffer_append_byte(&words->place, 0);
    buffer_append_decimal(&words->wait, wait_ms);
    buffer_append_byte(&words->wait, 0);
    buffer_append_text(&words->store, "PREECHO_STORE=");
    buffer_append_text(&words->store, core_config()->store);
    buffer_append_byte(&words->store, 0);
    return buffer_ok(&words->place) && buffer_ok(&words->wait) &&
           buffer_ok(&words->store) && helper_program(&words->program);
}

static bool start(const struct words *words, int far)
{
    const char *const argv[] = {(const char *)words->program.at, "follow",
                                (const char *)words->place.at,
                                (const char *)words->wait.at, NULL};
    const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C",
                                       (const char *)words->store.at, NULL};
    return spawn_detached(argv, environment, &far, 1) == 0;
}

bool follow_helper_start(int far, uint64_t place, uint64_t wait_ms)
{
    struct words words = {0};
    bool started = spell(&words, place, wait_ms) && start(&words, far);
    buffer_free(&words.program);
    buffer_free(&words.place);
    buffer_free(&words.wait);
    buffer_free(&words.store);
    return started;
}
