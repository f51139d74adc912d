/* SPDX-License-Identifier: MIT */
/* Look-ups in LMDB's data file, see pages.h. */
#include "pages.h"

#include "lock.h"
#include "memory.h"
#include "tree.h"

_Static_assert(sizeof(struct tree) <= sizeof(((struct pages_session *)0)->opaque),
               "a session holds a tree");

#define TREE_OF(session) ((struct tree *)(void *)(session)->opaque)

static int find_in_snapshot(struct tree *tree, struct span key, size_t most,
                            struct buffer *value, uint64_t *size)
{
    struct node node;
    size_t index;
    int result = tree_descend(tree, key, NULL);
    if (result == STORE_OK)
        result = tree_search(tree, key, 0, true, &index);
    if (result != STORE_OK)
        return result;
    if (index >= node_count(tree))
        return STORE_MISS;
    if (!node_at(tree, index, true, &node))
        return STORE_CORRUPT;
    if (!span_equal(node.key, key))
        return STORE_MISS;
    if (node.size > tree->limit)
        return STORE_CORRUPT;
    *size = node.size;
    return tree_value(tree, &node, node.size < most ? node.size : most, value);
}

void pages_cache_init(struct pages_cache *cache)
{
    *cache = (struct pages_cache){.lock = PTHREAD_MUTEX_INITIALIZER};
}

void pages_cache_after_fork(struct pages_cache *cache)
{
    if (!lock_after_fork(&cache->lock))
        pages_cache_init(cache); /* its pages are left behind: one may be half read */
}

void pages_cache_free(struct pages_cache *cache)
{
    tree_cache_drop(cache);
    memory_free(cache->scratch);
    buffer_free(&cache->kept);
    pages_cache_init(cache);
}

/* Lends the cache, and its scratch buffer with it. */
static void cache_take(struct tree *tree, struct pages_cache *cache)
{
    if (!cache || pthread_mutex_trylock(&cache->lock) != 0)
        return;
    tree->cache = cache;
    tree->scratch = cache->scratch;
    tree->scratch_size = cache->scratch_size;
}

static void cache_return(struct tree *tree, bool sound)
{
    struct pages_cache *cache = tree->cache;
    if (!cache)
        return;
    cache->scratch = tree->scratch;
    cache->scratch_size = tree->scratch_size;
    if (!sound)
        tree_cache_forget(cache);
    pthread_mutex_unlock(&cache->lock);
}

/* The first attempt reads the session's snapshot, which saves the second of two look-ups a
 * read; whatever spoils it is followed by a new one. */
static int find_with_retry(struct pages_session *session, struct span key, size_t most,
                           struct buffer *value, uint64_t *size)
{
    struct tree *tree = TREE_OF(session);
    size_t before = value->size;
    int result = STORE_UNAVAILABLE;
    for (int attempt = 0; attempt < TREE_ATTEMPTS; attempt++) {
        value->size = before;
        result = session->begun ? STORE_OK : tree_begin(tree);
        if (result != STORE_OK)
            break;
        session->begun = true;
        tree->has_read = false;
        result = find_in_snapshot(tree, key, most, value, size);
        if (result == STORE_NO_MEMORY || (result == STORE_OK && session->authentic) ||
            tree_end(tree))
            break;
        session->begun = false;
        result = STORE_UNAVAILABLE; /* unless another attempt succeeds */
    }
    if (result != STORE_OK)
        value->size = before;
    return result;
}

int pages_begin(struct pages_session *session, struct pages_cache *cache,
                const char *path, size_t limit)
{
    struct tree *tree = TREE_OF(session);
    session->begun = false;
    session->sound = true;
    session->authentic = session->kept_known = false;
    session->kept = (struct buffer){0};
    int result = tree_open(tree, path, limit);
    if (result == STORE_OK)
        cache_take(tree, cache);
    return result;
}

int pages_get(struct pages_session *session, struct span key, struct buffer *value)
{
    uint64_t size;
    return pages_get_head(session, key, SIZE_MAX, value, &size);
}

int pages_get_head(struct pages_session *session, struct span key, size_t most,
                   struct buffer *value, uint64_t *size)
{
    int result = find_with_retry(session, key, most, value, size);
    session->sound = session->sound && (result == STORE_OK || result == STORE_MISS);
    return result;
}

/* It has no authenticity of its own: it counts only when no writer was faster. */
static int kept_read(struct pages_session *session, struct span key, struct buffer *kept)
{
    bool authentic = session->authentic;
    buffer_clear(kept);
    session->authentic = false;
    int result = pages_get(session, key, kept);
    session->authentic = authentic;
    return result == STORE_MISS ? STORE_OK : result;
}

int pages_get_kept(struct pages_session *session, struct span key, struct span *value)
{
    struct tree *tree = TREE_OF(session);
    struct pages_cache *cache = tree->cache;
    struct buffer *kept = cache ? &cache->kept : &session->kept;
    bool *known = cache ? &cache->kept_known : &session->kept_known;
    int result = session->begun ? STORE_OK : tree_begin(tree);
    if (result != STORE_OK)
        return result;
    session->begun = true;
    if (!*known) {
        result = kept_read(session, key, kept);
        *known = result == STORE_OK;
    }
    *value = buffer_span(kept);
    return result;
}

void pages_end(struct pages_session *session)
{
    struct tree *tree = TREE_OF(session);
    buffer_free(&session->kept);
    cache_return(tree, session->sound);
    tree_close(tree);
}

int pages_find(struct pages_cache *cache, const char *path, struct span key, size_t limit,
               struct buffer *value)
{
    struct pages_session session = {0};
    int result = pages_begin(&session, cache, path, limit);
    if (result != STORE_OK)
        return result;
    result = pages_get(&session, key, value);
    pages_end(&session);
    return result;
}
