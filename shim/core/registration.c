/* SPDX-License-Identifier: MIT */
/* Reading and moving epoll registrations. */
#include "registration.h"

#include "store/uncancelled.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Names in /proc/self/fd, as getdents64 gives them: no allocation, unlike readdir. */
struct name {
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t kind;
    char text[];
};

static int parse_number(const char *text)
{
    int number = 0;
    if (*text < '0' || *text > '9')
        return -1;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    return number;
}

/* The value behind |label| in a line, in |base|. False when it is not there. */
static bool field(struct span line, const char *label, unsigned base, uint64_t *value)
{
    struct span rest = span_skip(line, span_find(line, span_text(label)) + strlen(label));
    while (rest.size && *rest.at == ' ')
        rest = span_skip(rest, 1);
    bool any = false;
    *value = 0;
    for (; rest.size; rest = span_skip(rest, 1), any = true) {
        uint8_t byte = *rest.at;
        unsigned digit = byte >= '0' && byte <= '9'   ? byte - '0'
                         : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                                                      : 16;
        if (digit >= base)
            break;
        *value = *value * base + digit;
    }
    return any;
}

int registration_parse(struct span text, int fd, struct epoll_event *event)
{
    while (text.size) {
        size_t end = span_find(text, span_text("\n"));
        struct span line = span_of(text.at, end);
        text = span_skip(text, end + 1);
        uint64_t number, events, data;
        if (!span_starts(line, "tfd:") || !field(line, "tfd:", 10, &number) ||
            number != (uint64_t)fd || !field(line, "events:", 16, &events) ||
            !field(line, "data:", 16, &data))
            continue;
        event->events = (uint32_t)events;
        event->data.u64 = data;
        return 1;
    }
    return 0;
}

/* Any valid descriptor that surely stands in no epoll set of the host serves as |probe|;
 * the set itself does not (EINVAL either way). EINVAL: |candidate| is no epoll set. */
static bool is_set(int candidate, int probe)
{
    return candidate != probe && epoll_ctl(candidate, EPOLL_CTL_DEL, probe, NULL) != 0 &&
           errno == ENOENT;
}

static int read_fdinfo(int set, struct buffer *text)
{
    char path[40] = "/proc/self/fdinfo/";
    struct buffer digits = {(uint8_t *)path, strlen(path), sizeof(path), false};
    buffer_append_decimal(&digits, (unsigned)set);
    buffer_append_byte(&digits, 0);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = -1;
    if (file < 0)
        return -1;
    do {
        uint8_t *room = buffer_room(text, 4096);
        got = room ? read(file, room, 4096) : -1;
        if (got > 0)
            text->size += (size_t)got;
    } while (got > 0);
    close(file);
    return got < 0 ? -1 : 0;
}

static bool note(struct registrations *registrations, int set, int fd)
{
    struct buffer text = {0};
    struct epoll_event event;
    bool ok = read_fdinfo(set, &text) == 0;
    if (ok && registration_parse(buffer_span(&text), fd, &event)) {
        ok = registrations->count < REGISTRATIONS;
        if (ok)
            registrations->at[registrations->count++] = (struct registration){set, event};
    }
    buffer_free(&text);
    return ok;
}

/* The process's epoll sets as the last look found them. */
static struct {
    bool valid;
    unsigned created; /* the count at that time */
    unsigned count;
    int at[REGISTRATIONS];
} sets;

/* Guards `sets`; a leaf lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned *created_count;

void registrations_start(_Atomic unsigned *created)
{
    created_count = created;
}

void registrations_after_fork(void)
{
    pthread_mutex_init(&lock, NULL);
    sets.valid = false;
}

static bool look(int directory, int probe)
{
    _Alignas(8) char names[1024];
    long size;
    sets.count = 0;
    while ((size = syscall(SYS_getdents64, directory, names, sizeof(names))) > 0)
        for (long at = 0; at < size;) {
            const struct name *name = (const struct name *)(names + at);
            int candidate = parse_number(name->text);
            at += name->size;
            if (candidate < 0 || candidate == directory || !is_set(candidate, probe))
                continue;
            if (sets.count == REGISTRATIONS)
                return false;
            sets.at[sets.count++] = candidate;
        }
    return size == 0;
}

static bool look_again(int probe)
{
    int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return false;
    unsigned created = created_count ? atomic_load(created_count) : 0;
    sets.valid = look(directory, probe);
    sets.created = created;
    close(directory);
    return sets.valid;
}

/* A closed set's number may be another file's by now, or another set's (which the count
 * tells). */
static bool still_sets(int probe)
{
    if (!sets.valid || !created_count || atomic_load(created_count) != sets.created)
        return false;
    for (unsigned i = 0; i < sets.count; i++)
        if (!is_set(sets.at[i], probe))
            return false;
    return true;
}

/* The sets, known or looked for, into `sets`; |fd|'s fresh duplicate, which stands in no
 * set, is what candidates are tried with. */
static bool find_sets(int fd)
{
    if (sets.valid && sets.count == 0 && created_count &&
        atomic_load(created_count) == sets.created)
        return true;
    int probe = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (probe < 0)
        return false;
    bool ok = still_sets(probe) || look_again(probe);
    close(probe);
    return ok;
}

static bool find_all(struct registrations *registrations, int fd)
{
    pthread_mutex_lock(&lock);
    bool ok = find_sets(fd);
    for (unsigned i = 0; ok && i < sets.count; i++)
        ok = note(registrations, sets.at[i], fd);
    pthread_mutex_unlock(&lock);
    return ok;
}

static bool remove_noted(struct registrations *registrations, int fd)
{
    unsigned removed = 0;
    for (unsigned i = 0; i < registrations->count; i++) {
        if (epoll_ctl(registrations->at[i].set, EPOLL_CTL_DEL, fd, NULL) == 0)
            registrations->at[removed++] = registrations->at[i];
        else if (errno != ENOENT) { /* ENOENT: the same set under another number */
            registrations->count = removed;
            registrations_restore(registrations, fd);
            return false;
        }
    }
    registrations->count = removed;
    return true;
}

bool registrations_remove(struct registrations *registrations, int fd)
{
    *registrations = (struct registrations){.count = 0};
    return find_all(registrations, fd) && remove_noted(registrations, fd);
}

bool registrations_any(int fd)
{
    UNCANCELLED;
    struct registrations registrations = {.count = 0};
    return !find_all(&registrations, fd) || registrations.count > 0;
}

bool registrations_restore(const struct registrations *registrations, int fd)
{
    bool ok = true;
    for (unsigned i = 0; i < registrations->count; i++) {
        struct epoll_event event = registrations->at[i].event;
        if (epoll_ctl(registrations->at[i].set, EPOLL_CTL_ADD, fd, &event) != 0)
            ok = false;
    }
    return ok;
}
