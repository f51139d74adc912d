/* SPDX-License-Identifier: MIT */
/* Record locks as leases, see lease.h. */
#include "lease.h"

#include "layout.h"
#include "lock.h"
#include "uncancelled.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME   "leases"
#define LOWEST      32
#define PLACES_MASK (((uint64_t)1 << 62) - 1) /* so that no byte's end overflows */

/* -- the list ---------------------------------------------------------------------------- */

void leases_start(struct leases *leases)
{
    *leases =
        (struct leases){.lock = PTHREAD_MUTEX_INITIALIZER, .descriptor = -1, .life = 1};
}

/* The locks are the parent's, who goes on with them. */
void leases_after_fork(struct leases *leases)
{
    (void)!lock_after_fork(&leases->lock);
    leases->held = NULL;
    leases->life++;
    leases->inherited = leases->descriptor >= 0;
}

static const struct lease *find(const struct leases *leases, uint64_t place)
{
    const struct lease *lease = leases->held;
    while (lease && lease->place != place)
        lease = lease->next;
    return lease;
}

static void add(struct leases *leases, struct lease *lease)
{
    lease->held = true;
    lease->life = leases->life;
    lease->next = leases->held;
    if (lease->next)
        lease->next->previous = lease;
    leases->held = lease;
}

static void take_out(struct leases *leases, struct lease *lease)
{
    if (lease->previous)
        lease->previous->next = lease->next;
    else
        leases->held = lease->next;
    if (lease->next)
        lease->next->previous = lease->previous;
}

/* -- the file ---------------------------------------------------------------------------- */

/* The host may have closed it, and the number may be another file's by now. */
static bool is_open(const struct leases *leases)
{
    struct stat status;
    return leases->descriptor >= 0 && fstat(leases->descriptor, &status) == 0 &&
           status.st_dev == leases->device && status.st_ino == leases->inode;
}

static void close_file(struct leases *leases)
{
    if (is_open(leases))
        close(leases->descriptor);
    leases->descriptor = -1;
    leases->inherited = false;
}

void leases_close(struct leases *leases)
{
    close_file(leases);
}

static int check(int descriptor, struct stat *status)
{
    if (fstat(descriptor, status) != 0)
        return STORE_UNAVAILABLE;
    if (!S_ISREG(status->st_mode) || status->st_uid != geteuid() ||
        (status->st_mode & (S_IWGRP | S_IWOTH)))
        return STORE_REFUSED;
    return STORE_OK;
}

static int open_file(const char *directory, int *out, struct stat *status)
{
    struct path path;
    if (!path_join(&path, directory, FILE_NAME))
        return STORE_UNAVAILABLE;
    int descriptor =
        open(path.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (descriptor < 0)
        return errno == ELOOP ? STORE_REFUSED : file_result(errno);
    int result = check(descriptor, status);
    if (result == STORE_OK)
        *out = descriptor;
    else
        close(descriptor);
    return result;
}

static int ensure_file(struct leases *leases, const char *directory)
{
    struct stat status = {0};
    if (leases->inherited)
        close_file(leases);
    if (is_open(leases))
        return STORE_OK;
    leases->descriptor = -1;
    int result = open_file(directory, &leases->descriptor, &status);
    if (result != STORE_OK)
        return result;
    leases->device = status.st_dev;
    leases->inode = status.st_ino;
    leases->descriptor = descriptor_raise(leases->descriptor);
    if (leases->descriptor >= LOWEST)
        return STORE_OK;
    close_file(leases); /* so few are allowed that the program needs them all */
    return STORE_UNAVAILABLE;
}

/* -- the locks --------------------------------------------------------------------------- */

static struct flock byte_at(uint64_t place, short kind)
{
    return (struct flock){.l_type = kind,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)(place & PLACES_MASK),
                          .l_len = 1};
}

static int lock_byte(int descriptor, uint64_t place)
{
    struct flock byte = byte_at(place, F_WRLCK);
    if (fcntl(descriptor, F_SETLK, &byte) == 0)
        return STORE_OK;
    return errno == EACCES || errno == EAGAIN ? STORE_BUSY : file_result(errno);
}

/* What others see of it (/proc/locks) shall tell them nothing. */
static uint64_t place_of(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE])
{
    struct key_hash hash;
    uint8_t digest[32];
    uint64_t place;
    key_begin(&hash, tenant, "lease");
    key_part(&hash, span_of(key, STORE_KEY_SIZE));
    key_end(&hash, digest);
    sodium_memzero(&hash, sizeof(hash));
    memcpy(&place, digest, sizeof(place));
    return place & PLACES_MASK;
}

static int take(struct leases *leases, const char *directory, struct lease *lease)
{
    const struct lease *rival = find(leases, lease->place);
    if (rival) {
        lease->near = pthread_equal(rival->thread, lease->thread);
        return STORE_BUSY;
    }
    int result = ensure_file(leases, directory);
    if (result == STORE_OK)
        result = lock_byte(leases->descriptor, lease->place);
    if (result == STORE_OK)
        add(leases, lease);
    if (!leases->held)
        close_file(leases);
    return result;
}

int lease_take(struct store *store, const struct tenant *tenant,
               const uint8_t key[STORE_KEY_SIZE], struct lease *lease)
{
    UNCANCELLED;
    struct leases *leases = &store->leases;
    *lease = (struct lease){.place = place_of(tenant, key), .thread = pthread_self()};
    pthread_mutex_lock(&leases->lock);
    int result = take(leases, store->layout.store, lease);
    pthread_mutex_unlock(&leases->lock);
    return result;
}

static void give_back(struct leases *leases, struct lease *lease)
{
    struct flock byte = byte_at(lease->place, F_UNLCK);
    take_out(leases, lease);
    if (is_open(leases))
        (void)fcntl(leases->descriptor, F_SETLK, &byte);
    if (!leases->held)
        close_file(leases);
}

void lease_release(struct store *store, struct lease *lease)
{
    UNCANCELLED;
    struct leases *leases = &store->leases;
    if (!lease->held)
        return;
    pthread_mutex_lock(&leases->lock);
    if (lease->life == leases->life)
        give_back(leases, lease);
    pthread_mutex_unlock(&leases->lock);
    lease->held = false;
}

int lease_await(const char *directory, uint64_t place)
{
    struct stat status;
    struct flock byte = byte_at(place, F_WRLCK);
    int descriptor = -1;
    int result = open_file(directory, &descriptor, &status);
    if (result != STORE_OK)
        return result;
    int locked;
    do
        locked = fcntl(descriptor, F_SETLKW, &byte);
    while (locked != 0 && errno == EINTR);
    result = locked == 0 ? STORE_OK : file_result(errno);
    close(descriptor); /* and with it the lock */
    return result;
}
