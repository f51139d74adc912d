/* SPDX-License-Identifier: MIT */
/* Finding the functions of one copy of libssl. */
#include "libssl.h"

#include "library.h"

#include <dlfcn.h>
#include <pthread.h>

#define COPIES 8
#define SEEN   64

static const struct stub_api *stub;

/* Guards the writers of both tables; readers go by the atomic counts. Held across dlopen
 * with RTLD_NOLOAD and dlsym only, which never call back into a host. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct libssl copies[COPIES];
static unsigned copy_count;

/* Which table a real function's address leads to: dladdr takes 5 us, this look-up 20 ns.
 */
static struct {
    const void *real;
    const struct libssl *copy;
} seen[SEEN];
static _Atomic unsigned seen_count;

void libssl_start(const struct stub_api *api)
{
    stub = api;
}

#define LIBSSL(result, name, parameters)                                                 \
    copy->name = (__typeof__(copy->name))stub->real_dlsym(handle, #name);                \
    if (!copy->name || stub->is_hook((const void *)copy->name))                          \
        return false;

/* True when all of those that only virtual connections need are there. */
static bool fill_virtual(struct libssl *copy, void *handle)
{
    LIBSSL_VIRTUAL_FUNCTIONS
    return true;
}

static bool fill_all(struct libssl *copy, void *handle)
{
    LIBSSL_FUNCTIONS
    return true;
}
#undef LIBSSL

/* OpenSSL 3.0 and later. */
static bool fill_errors(struct libssl *copy, void *handle)
{
#define FIND(name) (copy->name = (__typeof__(copy->name))stub->real_dlsym(handle, #name))
    return FIND(ERR_get_next_error_library) && FIND(ERR_load_strings_const) &&
           FIND(ERR_set_error) && FIND(ERR_new);
#undef FIND
}

static bool fill(struct libssl *copy, void *handle)
{
    if (!fill_all(copy, handle))
        return false;
    void *certificate = stub->real_dlsym(handle, "SSL_get1_peer_certificate");
    if (!certificate)
        certificate = stub->real_dlsym(handle, "SSL_get_peer_certificate");
    copy->SSL_get1_peer_certificate =
        (__typeof__(copy->SSL_get1_peer_certificate))certificate;
    copy->virtual_capable = fill_virtual(copy, handle);
    if (!fill_errors(copy, handle) || !copy->virtual_capable)
        dlerror(); /* the host must not find our failure there */
    return certificate != NULL;
}

/* Fills |copy| in for the library that |real| lies in. */
static bool examine(const void *real, struct libssl *copy)
{
    struct library library;
    if (!library_of(real, &library))
        return false;
    copy->base = library.base;
    if (fill(copy, library.handle))
        return true;
    dlerror(); /* the host must not find our failure there */
    return false;
}

/* With the lock held: the table that stands for |fresh|'s library, NULL when there is no room. */
static const struct libssl *keep(const struct libssl *fresh)
{
    for (unsigned i = 0; i < copy_count; i++)
        if (copies[i].base == fresh->base)
            return &copies[i];
    if (copy_count == COPIES)
        return NULL;
    copies[copy_count] = *fresh;
    return &copies[copy_count++];
}

static const struct libssl *remembered(const void *real, bool *known)
{
    unsigned count = atomic_load_explicit(&seen_count, memory_order_acquire);
    for (unsigned i = 0; i < count; i++)
        if (seen[i].real == real) {
            *known = true;
            return seen[i].copy;
        }
    *known = false;
    return NULL;
}

const struct libssl *libssl_of(const void *real)
{
    bool known;
    struct libssl fresh;
    const struct libssl *copy = remembered(real, &known);
    if (known)
        return copy;
    bool understood = examine(real, &fresh);
    pthread_mutex_lock(&lock);
    copy = remembered(real, &known);
    unsigned count = atomic_load_explicit(&seen_count, memory_order_relaxed);
    if (!known && count < SEEN) {
        copy = understood ? keep(&fresh) : NULL;
        seen[count].real = real;
        seen[count].copy = copy;
        atomic_store_explicit(&seen_count, count + 1, memory_order_release);
    }
    pthread_mutex_unlock(&lock);
    return copy;
}

void libssl_after_fork(void)
{
    pthread_mutex_init(&lock, NULL);
}

void libssl_adopt(const void *real, const struct libssl *copy)
{
    unsigned count = atomic_load_explicit(&seen_count, memory_order_relaxed);
    seen[count].real = real;
    seen[count].copy = copy;
    atomic_store_explicit(&seen_count, count + 1, memory_order_release);
}
