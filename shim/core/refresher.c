/* SPDX-License-Identifier: MIT */
/* See refresher.h. The helper is a program like any other, preloaded, in the host's own
 * environment: it finds the same rules, proxies and certificates. Its mode is `record`, so of
 * several helpers for one key the first calls and the others find what it has recorded. */
#include "refresher.h"

#include "api/packed_request.h"
#include "core.h"
#include "helper.h"
#include "log.h"
#include "spawn.h"
#include "store/files.h"
#include "store/lock.h"
#include "store/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECENT    64
#define RECENT_US (10 * 1000000ULL)

/* -- what was started lately --------------------------------------------------------------- */

struct recent {
    uint8_t key[STORE_KEY_SIZE];
    uint64_t started_us; /* 0 = empty */
};

/* Guards the ring. A leaf lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct recent recent[RECENT];
static unsigned next_recent;
static unsigned seen_generation;

/* True when |key| was not there: now it is. */
static bool claim(const uint8_t key[STORE_KEY_SIZE])
{
    uint64_t now_us = core_now_us();
    bool found = false;
    if (core_forked(&seen_generation) && !lock_after_fork(&lock))
        memset(recent, 0, sizeof recent);
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < RECENT && !found; i++)
        found = recent[i].started_us && now_us - recent[i].started_us < RECENT_US &&
                memcmp(recent[i].key, key, STORE_KEY_SIZE) == 0;
    if (!found) {
        struct recent *slot = &recent[next_recent++ % RECENT];
        memcpy(slot->key, key, STORE_KEY_SIZE);
        slot->started_us = now_us ? now_us : 1;
    }
    pthread_mutex_unlock(&lock);
    return !found;
}

static void disclaim(const uint8_t key[STORE_KEY_SIZE])
{
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < RECENT; i++)
        if (memcmp(recent[i].key, key, STORE_KEY_SIZE) == 0)
            recent[i].started_us = 0;
    pthread_mutex_unlock(&lock);
}

/* -- the request ----------------------------------------------------------------------------- */

/* A descriptor of memory that holds |bytes| and cannot be changed any more, or -1. */
static int seal(struct span bytes)
{
    int descriptor = memfd_create("preecho", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0)
        return -1;
    if (file_write_all(descriptor, bytes) == STORE_OK &&
        fcntl(descriptor, F_ADD_SEALS,
              F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

static int pack(const struct request *request)
{
    struct buffer packed = {0};
    size_t size = 64 + request->method.size + request->host.size + request->target.size +
                  request->body.size;
    for (size_t i = 0; i < request->headers.count; i++)
        size += 16 + request->headers.at[i].name.size + request->headers.at[i].value.size;
    int descriptor = -1;
    if (buffer_room(&packed,
                    size)) { /* at once, so that no copy of a credential is left */
        packed_request_write(request, &packed);
        descriptor = buffer_ok(&packed) ? seal(buffer_span(&packed)) : -1;
        sodium_memzero(packed.at, packed.size);
    }
    buffer_free(&packed);
    return descriptor;
}

/* -- the process ----------------------------------------------------------------------------- */

static bool sets(const char *variable, const char *name)
{
    size_t size = strlen(name);
    return strncmp(variable, name, size) == 0 && variable[size] == '=';
}

static const char *const changed[] = {"PREECHO_MODE=record",
                                      "PREECHO_STALE_WHILE_REVALIDATE=0",
                                      "PREECHO_COALESCE=on", "PREECHO_PACE=instant"};

#define CHANGED (sizeof changed / sizeof *changed)

static bool is_changed(const char *variable)
{
    for (size_t i = 0; i < CHANGED; i++)
        if (strncmp(variable, changed[i], strcspn(changed[i], "=") + 1) == 0)
            return true;
    return sets(variable, "LD_PRELOAD");
}

/* "LD_PRELOAD=" and the host's objects, ours among them. */
static bool append_preload(struct buffer *out)
{
    struct buffer stub = {0};
    struct span before = {0};
    bool good = helper_stub(&stub);
    for (char **at = environ; *at; at++)
        if (sets(*at, "LD_PRELOAD"))
            before = span_skip(span_text(*at), strlen("LD_PRELOAD="));
    struct span own = span_text((const char *)stub.at);
    buffer_append_text(out, "LD_PRELOAD=");
    buffer_append_span(out, before);
    if (good && span_find(before, own) == before.size) {
        buffer_append_text(out, before.size ? ":" : "");
        buffer_append_span(out, own);
    }
    buffer_append_byte(out, 0);
    buffer_free(&stub);
    return good && buffer_ok(out);
}

/* The host's environment but for what a helper must do otherwise; to be freed. */
static const char **environment_of(const char *preload)
{
    size_t count = 0, used = 0;
    while (environ && environ[count])
        count++;
    const char **environment = memory_new((count + CHANGED + 2) * sizeof *environment);
    if (!environment)
        return NULL;
    for (size_t i = 0; i < count && environ[i]; i++)
        if (!is_changed(environ[i]))
            environment[used++] = environ[i];
    for (size_t i = 0; i < CHANGED; i++)
        environment[used++] = changed[i];
    environment[used] = preload;
    return environment;
}

/* Where the project's settings are found again, or "/". */
static void append_directory(const struct config *config, struct buffer *out)
{
    const struct config_file *file = &config->files[CONFIG_PROJECT];
    struct span path =
        file->state == CONFIG_FILE_READ ? span_text(file->path) : span_text("/");
    while (path.size > 1 && path.at[path.size - 1] != '/')
        path.size--;
    buffer_append_span(out, path);
    buffer_append_byte(out, 0);
}

static bool start(const struct config *config, int descriptor)
{
    struct buffer program = {0}, preload = {0}, directory = {0};
    const char **environment = NULL;
    bool started = false;
    if (helper_program(&program) && append_preload(&preload))
        environment = environment_of((const char *)preload.at);
    append_directory(config, &directory);
    if (environment && buffer_ok(&directory)) {
        const char *const argv[] = {(const char *)program.at, "refresh",
                                    (const char *)directory.at, NULL};
        started = spawn_detached(argv, environment, &descriptor, 1) == 0;
    }
    memory_free(environment);
    buffer_free(&directory);
    buffer_free(&preload);
    buffer_free(&program);
    return started;
}

bool refresher_start(const struct config *config, const struct request *request,
                     const uint8_t key[STORE_KEY_SIZE])
{
    if (request->unverified)
        return false; /* the helper would check, and record under another key */
    if (!claim(key))
        return true;
    int saved = errno;
    int descriptor = pack(request);
    bool started = descriptor >= 0 && start(config, descriptor);
    if (descriptor >= 0)
        close(descriptor);
    if (!started)
        disclaim(key);
    log_line(LOG_DEBUG, "refresher: %s", started ? "started" : "could not be started");
    errno = saved;
    return started;
}
