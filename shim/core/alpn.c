/* SPDX-License-Identifier: MIT */
/* Offers of protocols, noted. */
#include "alpn.h"

#include "store/lock.h"
#include "store/memory.h"

#include <pthread.h>
#include <uthash.h>

struct offer {
    const void *object;
    size_t size;
    uint8_t protocols[64];
    UT_hash_handle hh;
};

/* Guards the table; a leaf lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct offer *offers;

static void drop(const void *object)
{
    struct offer *offer = NULL;
    HASH_FIND_PTR(offers, &object, offer);
    if (!offer)
        return;
    HASH_DEL(offers, offer);
    memory_free(offer);
}

void alpn_forget(const void *object)
{
    pthread_mutex_lock(&lock);
    drop(object);
    pthread_mutex_unlock(&lock);
}

void alpn_note(const void *object, struct span protocols)
{
    struct offer *offer = NULL;
    if (protocols.size && protocols.size <= sizeof(offer->protocols))
        offer = memory_new(sizeof(*offer));
    if (offer) {
        offer->object = object;
        offer->size = protocols.size;
        memcpy(offer->protocols, protocols.at, protocols.size);
    }
    pthread_mutex_lock(&lock);
    drop(object);
    if (offer)
        HASH_ADD_PTR(offers, object, offer);
    pthread_mutex_unlock(&lock);
}

/* Copies every protocol but h2. */
static bool strip(struct span protocols, struct buffer *out)
{
    bool h2 = false, http11 = false;
    while (protocols.size > 1 && protocols.at[0] < protocols.size) {
        struct span name = span_of(protocols.at + 1, protocols.at[0]);
        h2 = h2 || span_is(name, "h2");
        http11 = http11 || span_is(name, "http/1.1");
        if (!span_is(name, "h2"))
            buffer_append(out, protocols.at, name.size + 1);
        protocols = span_skip(protocols, name.size + 1);
    }
    return h2 && http11 && buffer_ok(out);
}

bool alpn_without_h2(const void *object, struct buffer *out)
{
    struct offer *offer = NULL;
    bool ok = false;
    pthread_mutex_lock(&lock);
    HASH_FIND_PTR(offers, &object, offer);
    if (offer)
        ok = strip(span_of(offer->protocols, offer->size), out);
    pthread_mutex_unlock(&lock);
    return ok;
}

static bool contains(struct span protocols, const char *wanted)
{
    while (protocols.size > 1 && protocols.at[0] < protocols.size) {
        struct span name = span_of(protocols.at + 1, protocols.at[0]);
        if (span_is(name, wanted))
            return true;
        protocols = span_skip(protocols, name.size + 1);
    }
    return false;
}

enum alpn_offer alpn_offers(const void *object, const char *protocol)
{
    struct offer *offer = NULL;
    enum alpn_offer answer = ALPN_NOTHING;
    pthread_mutex_lock(&lock);
    HASH_FIND_PTR(offers, &object, offer);
    if (offer)
        answer = contains(span_of(offer->protocols, offer->size), protocol) ? ALPN_OFFERED
                                                                            : ALPN_OTHERS;
    pthread_mutex_unlock(&lock);
    return answer;
}

void alpn_after_fork(void)
{
    if (!lock_after_fork(&lock))
        offers = NULL;
}
