/* SPDX-License-Identifier: MIT */
/* A reader of LMDB's data file, see pages.h.
 *
 * Layout (64-bit, little-endian). Page: number 8, unused 2, flags 2, then for branch and
 * leaf pages the end of the pointer array 2 (counted from the page's start) and the start
 * of the nodes 2; for overflow pages the count of pages 4; the pointer array begins
 * at 16. Node: low size 2, high size 2, flags 2, key size 2, key, data. In a branch the
 * first three are the low, middle and high part of a page number; the key of its first
 * node is not looked at. Meta (in pages 0 and 1, at 16): magic 4, version 4, address 8,
 * map size 8, two databases of 48 bytes (page size or unused 4, flags 2, depth 2, counts
 * of branch, leaf and overflow pages 8 each, entries 8, root 8), last page 8,
 * transaction 8. */
#include "pages.h"

#include "files.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_HEADER   16
#define NODE_HEADER   8
#define META_SIZE     136
#define META_MAGIC    0xBEEFC0DE
#define META_VERSION  1
#define NO_PAGE       UINT64_MAX
#define DEPTH_LIMIT   32
#define ATTEMPTS      16
#define PAGE_BRANCH   0x01
#define PAGE_OVERFLOW 0x04
#define PAGE_LEAF     0x02
#define NODE_BIG      0x01

#define COMMON_PAGE_SIZE 4096
/* One read fetches both meta pages when pages have the common size. */
#define META_READ (COMMON_PAGE_SIZE + PAGE_HEADER + META_SIZE)

struct meta {
    uint64_t root;
    uint64_t free_root; /* of the database of free pages */
    uint64_t last_page;
    uint64_t transaction;
    uint32_t page_size;
    unsigned slot; /* 0 or 1: which meta page */
    uint8_t raw[META_SIZE];
};

struct pages {
    int descriptor;
    uint64_t device, inode, file_size;
    size_t limit;        /* of a value */
    struct meta meta;    /* the snapshot that is being read */
    const uint8_t *page; /* the current page of the tree */
    uint8_t *scratch;    /* for meta pages, and for others without a cache */
    size_t scratch_size;
    struct pages_cache *cache; /* or NULL; locked */
    bool has_read;             /* more than the meta pages, since snapshot_begin() */
    bool in_free;              /* the tree of free pages is read; its keys are integers */
    bool strict;               /* look also at what only LMDB's writer relies on */
};

struct node {
    struct span key;
    struct span data; /* leaf: the value or an overflow page's number */
    uint64_t child;   /* branch */
    uint32_t size;    /* leaf: of the value */
    bool big;         /* leaf: the value lies in overflow pages */
};

static uint64_t number_at(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static int meta_parse(const uint8_t *page, unsigned slot, struct meta *out)
{
    const uint8_t *meta = page + PAGE_HEADER;
    if (number_at(meta, 4) != META_MAGIC)
        return STORE_CORRUPT;
    if (number_at(meta + 4, 4) != META_VERSION)
        return STORE_UNAVAILABLE;
    out->page_size = (uint32_t)number_at(meta + 24, 4);
    if (out->page_size < 512 || out->page_size > 65536 ||
        (out->page_size & (out->page_size - 1)))
        return STORE_CORRUPT;
    if (number_at(meta + 76, 2) !=
        0) /* the main database's flags: plain keys, no duplicates */
        return STORE_UNAVAILABLE;
    out->free_root = number_at(meta + 64, 8);
    out->root = number_at(meta + 112, 8);
    out->last_page = number_at(meta + 120, 8);
    out->transaction = number_at(meta + 128, 8);
    out->slot = slot;
    memcpy(out->raw, meta, META_SIZE);
    return STORE_OK;
}

static bool scratch_room(struct pages *pages, size_t size)
{
    if (size <= pages->scratch_size)
        return true;
    uint8_t *scratch = memory_resize(pages->scratch, size);
    if (!scratch)
        return false;
    pages->scratch = scratch;
    pages->scratch_size = size;
    return true;
}

/* Both meta pages, into |metas|. Uses the scratch buffer. */
static int metas_read(struct pages *pages, struct meta metas[2])
{
    if (!scratch_room(pages, META_READ))
        return STORE_NO_MEMORY;
    ssize_t count = file_read_at(pages->descriptor, pages->scratch, META_READ, 0);
    if (count < 0)
        return STORE_UNAVAILABLE;
    if (count < PAGE_HEADER + META_SIZE)
        return count == 0 ? STORE_MISS : STORE_CORRUPT; /* empty: being created */
    int result = meta_parse(pages->scratch, 0, &metas[0]);
    if (result != STORE_OK)
        return result;
    uint32_t size = metas[0].page_size;
    const uint8_t *second = pages->scratch + COMMON_PAGE_SIZE;
    if (size != COMMON_PAGE_SIZE) {
        count = file_read_at(pages->descriptor, pages->scratch, PAGE_HEADER + META_SIZE,
                             size);
        if (count != PAGE_HEADER + META_SIZE)
            return STORE_CORRUPT;
        second = pages->scratch;
    } else if (count != META_READ) {
        return STORE_CORRUPT;
    }
    result = meta_parse(second, 1, &metas[1]);
    return result == STORE_OK && metas[1].page_size != size ? STORE_CORRUPT : result;
}

static void cache_forget(struct pages_cache *cache)
{
    memset(cache->numbers, 0, sizeof(cache->numbers));
}

/* Empties the cache unless it holds pages of this very snapshot. */
static void cache_match(struct pages *pages)
{
    struct pages_cache *cache = pages->cache;
    if (cache->device == pages->device && cache->inode == pages->inode &&
        memcmp(cache->meta, pages->meta.raw, META_SIZE) == 0)
        return;
    cache_forget(cache);
    cache->device = pages->device;
    cache->inode = pages->inode;
    memcpy(cache->meta, pages->meta.raw, META_SIZE);
}

/* Begins to read the newest committed state. */
static int snapshot_begin(struct pages *pages)
{
    struct meta metas[2];
    pages->has_read = false;
    int result = metas_read(pages, metas);
    if (result != STORE_OK)
        return result;
    pages->meta = metas[metas[0].transaction < metas[1].transaction];
    if (pages->cache)
        cache_match(pages);
    return STORE_OK;
}

/* True when no writer can have touched what was read since snapshot_begin(): see pages.h.
 */
static bool snapshot_unchanged(struct pages *pages)
{
    struct meta metas[2];
    if (!pages->has_read)
        return true; /* all of it came from the cache, where it was checked */
    if (metas_read(pages, metas) != STORE_OK)
        return false;
    const struct meta *ours = &metas[pages->meta.slot];
    const struct meta *other = &metas[!pages->meta.slot];
    return memcmp(ours->raw, pages->meta.raw, META_SIZE) == 0 &&
           other->transaction <= ours->transaction + 1;
}

static bool snapshot_good(struct pages *pages)
{
    bool good = snapshot_unchanged(pages);
    if (!good && pages->cache)
        cache_forget(pages->cache);
    return good;
}

/* Where to read page |number| to: its place in the cache, or the scratch buffer. */
static uint8_t *page_room(struct pages *pages, uint64_t number, size_t size)
{
    struct pages_cache *cache = pages->cache;
    if (!cache)
        return scratch_room(pages, size) ? pages->scratch : NULL;
    size_t slot = number % PAGES_CACHE_SLOTS;
    if (cache->page_size != size) {
        cache_forget(cache);
        for (size_t i = 0; i < PAGES_CACHE_SLOTS; i++) {
            memory_free(cache->pages[i]);
            cache->pages[i] = NULL;
        }
        cache->page_size = size;
    }
    cache->numbers[slot] = 0;
    if (!cache->pages[slot])
        cache->pages[slot] = memory_resize(NULL, size);
    return cache->pages[slot];
}

/* Makes page |number| of the tree the current one. */
static int page_read(struct pages *pages, uint64_t number, unsigned *kind)
{
    struct pages_cache *cache = pages->cache;
    size_t size = pages->meta.page_size, slot = number % PAGES_CACHE_SLOTS;
    if (number < 2 || number > pages->meta.last_page || number > INT64_MAX / size)
        return STORE_CORRUPT;
    if (cache && cache->page_size == size && cache->numbers[slot] == number) {
        pages->page = cache->pages[slot];
    } else {
        uint8_t *room = page_room(pages, number, size);
        if (!room)
            return STORE_NO_MEMORY;
        pages->has_read = true;
        ssize_t count = file_read_at(pages->descriptor, room, size, number * size);
        if (count < 0)
            return STORE_UNAVAILABLE;
        if ((size_t)count != size || number_at(room, 8) != number)
            return STORE_CORRUPT;
        if (cache)
            cache->numbers[slot] = number;
        pages->page = room;
    }
    *kind = (unsigned)number_at(pages->page + 10, 2);
    return *kind == PAGE_BRANCH || *kind == PAGE_LEAF ? STORE_OK : STORE_CORRUPT;
}

static size_t node_count(const struct pages *pages)
{
    size_t lower = number_at(pages->page + 12, 2);
    if (lower < PAGE_HEADER || lower > pages->meta.page_size)
        return 0;
    return (lower - PAGE_HEADER) / 2;
}

/* The node at |index| of the current page; false when it does not lie within the page. */
static bool node_at(const struct pages *pages, size_t index, bool leaf, struct node *out)
{
    const uint8_t *page = pages->page;
    size_t offset = number_at(page + PAGE_HEADER + 2 * index, 2);
    struct span whole = span_of(page, pages->meta.page_size);
    struct cursor cursor = cursor_of(span_skip(whole, offset));
    uint64_t low = cursor_u16(&cursor), middle = cursor_u16(&cursor);
    uint64_t flags = cursor_u16(&cursor);
    out->key = cursor_bytes(&cursor, cursor_u16(&cursor));
    out->child = low | middle << 16 | flags << 32;
    out->size = (uint32_t)(low | middle << 16);
    out->big = leaf && flags == NODE_BIG;
    if (leaf && flags != 0 && flags != NODE_BIG)
        return false; /* sub-databases and duplicates: not ours */
    out->data = (struct span){0};
    if (leaf)
        out->data = cursor_bytes(&cursor, out->big ? 8 : out->size);
    return cursor_ok(&cursor) && out->key.size <= PAGES_KEY_LIMIT;
}

/* As LMDB orders keys: bytes, then length. */
static int bytes_order(struct span a, struct span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    if (order == 0)
        order = a.size < b.size ? -1 : a.size > b.size;
    return order;
}

static int key_order(const struct pages *pages, struct span a, struct span b)
{
    if (!pages->in_free || a.size != sizeof(uint64_t) || b.size != sizeof(uint64_t))
        return bytes_order(a, b);
    uint64_t left = number_at(a.at, a.size), right = number_at(b.at, b.size);
    return left < right ? -1 : left > right;
}

/* |*index| becomes that of the first node from |first| on whose key is not below |key|.
 */
static int node_search(const struct pages *pages, struct span key, size_t first,
                       bool leaf, size_t *index)
{
    struct node node;
    size_t low = first, high = node_count(pages);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (!node_at(pages, middle, leaf, &node))
            return STORE_CORRUPT;
        if (key_order(pages, node.key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *index = low;
    return STORE_OK;
}

/* In a branch page: the child whose keys include |key|. |bound| (may be NULL) becomes the
 * key at which the next child begins, if there is one. */
static int branch_choose(const struct pages *pages, struct span key, struct buffer *bound,
                         uint64_t *child)
{
    struct node node;
    size_t count = node_count(pages), index;
    if (count == 0)
        return STORE_CORRUPT;
    int result = node_search(pages, key, 1, false, &index);
    if (result != STORE_OK)
        return result;
    bool exact = false;
    if (index < count) {
        if (!node_at(pages, index, false, &node))
            return STORE_CORRUPT;
        exact = span_equal(node.key, key);
    }
    size_t chosen = exact ? index : index - 1;
    if (bound && chosen + 1 < count) {
        if (!node_at(pages, chosen + 1, false, &node))
            return STORE_CORRUPT;
        buffer_clear(bound);
        buffer_append_span(bound, node.key);
    }
    if (!node_at(pages, chosen, false, &node))
        return STORE_CORRUPT;
    *child = node.child;
    return STORE_OK;
}

/* Goes down to the leaf that has or would have |key|; it is the current page then.
 * STORE_MISS: the tree is empty. */
static int descend(struct pages *pages, struct span key, struct buffer *bound)
{
    uint64_t number = pages->in_free ? pages->meta.free_root : pages->meta.root;
    if (number == NO_PAGE)
        return STORE_MISS;
    for (int depth = 0; depth < DEPTH_LIMIT; depth++) {
        unsigned kind;
        int result = page_read(pages, number, &kind);
        if (result != STORE_OK)
            return result;
        if (kind == PAGE_LEAF)
            return STORE_OK;
        result = branch_choose(pages, key, bound, &number);
        if (result != STORE_OK)
            return result;
    }
    return STORE_CORRUPT;
}

/* Does the first of |count| overflow pages say so itself? */
static bool overflow_sound(const struct pages *pages, uint64_t first, uint64_t count)
{
    uint8_t header[PAGE_HEADER];
    ssize_t got = file_read_at(pages->descriptor, header, sizeof(header),
                               first * pages->meta.page_size);
    return got == (ssize_t)sizeof(header) && number_at(header, 8) == first &&
           number_at(header + 10, 2) == PAGE_OVERFLOW &&
           number_at(header + 12, 4) == count;
}

/* Appends the first |wanted| bytes of a leaf node's value. */
static int value_read(struct pages *pages, const struct node *node, size_t wanted,
                      struct buffer *value)
{
    if (!node->big) {
        buffer_append(value, node->data.at, wanted);
        return buffer_ok(value) ? STORE_OK : STORE_NO_MEMORY;
    }
    uint64_t size = pages->meta.page_size, first = number_at(node->data.at, 8);
    uint64_t count = (PAGE_HEADER + (uint64_t)node->size + size - 1) / size;
    uint64_t last = pages->meta.last_page;
    if (first < 2 || first > last || count > last - first + 1 || last > INT64_MAX / size)
        return STORE_CORRUPT;
    if (pages->strict && !overflow_sound(pages, first, count))
        return STORE_CORRUPT;
    uint8_t *room = buffer_room(value, wanted);
    if (!room)
        return STORE_NO_MEMORY;
    pages->has_read = true;
    ssize_t got =
        file_read_at(pages->descriptor, room, wanted, first * size + PAGE_HEADER);
    if (got < 0)
        return STORE_UNAVAILABLE;
    if ((size_t)got != wanted)
        return STORE_CORRUPT;
    value->size += wanted;
    return STORE_OK;
}

static int find_in_snapshot(struct pages *pages, struct span key, struct buffer *value)
{
    struct node node;
    size_t index;
    int result = descend(pages, key, NULL);
    if (result == STORE_OK)
        result = node_search(pages, key, 0, true, &index);
    if (result != STORE_OK)
        return result;
    if (index >= node_count(pages))
        return STORE_MISS;
    if (!node_at(pages, index, true, &node))
        return STORE_CORRUPT;
    if (!span_equal(node.key, key))
        return STORE_MISS;
    if (node.size > pages->limit)
        return STORE_CORRUPT;
    return value_read(pages, &node, node.size, value);
}

static int pages_open(struct pages *pages, const char *path, size_t limit)
{
    struct stat status;
    *pages = (struct pages){.limit = limit};
    pages->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (pages->descriptor < 0)
        return file_result(errno);
    if (fstat(pages->descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(pages->descriptor);
        return STORE_UNAVAILABLE;
    }
    pages->device = status.st_dev;
    pages->inode = status.st_ino;
    pages->file_size = (uint64_t)status.st_size;
    return STORE_OK;
}

static void pages_close(struct pages *pages)
{
    close(pages->descriptor);
    if (!pages->cache)
        memory_free(pages->scratch);
}

void pages_cache_init(struct pages_cache *cache)
{
    *cache = (struct pages_cache){.lock = PTHREAD_MUTEX_INITIALIZER};
}

void pages_cache_after_fork(struct pages_cache *cache)
{
    if (pthread_mutex_trylock(&cache->lock) == 0)
        pthread_mutex_unlock(&cache->lock);
    else
        pages_cache_init(cache); /* its pages are left behind: one may be half read */
}

void pages_cache_free(struct pages_cache *cache)
{
    for (size_t i = 0; i < PAGES_CACHE_SLOTS; i++)
        memory_free(cache->pages[i]);
    memory_free(cache->scratch);
    pages_cache_init(cache);
}

/* Lends the cache, and its scratch buffer with it. */
static void cache_take(struct pages *pages, struct pages_cache *cache)
{
    if (!cache || pthread_mutex_trylock(&cache->lock) != 0)
        return;
    pages->cache = cache;
    pages->scratch = cache->scratch;
    pages->scratch_size = cache->scratch_size;
}

static void cache_return(struct pages *pages, bool sound)
{
    struct pages_cache *cache = pages->cache;
    if (!cache)
        return;
    cache->scratch = pages->scratch;
    cache->scratch_size = pages->scratch_size;
    if (!sound)
        cache_forget(cache);
    pthread_mutex_unlock(&cache->lock);
}

static int find_with_retry(struct pages *pages, struct span key, struct buffer *value)
{
    size_t before = value->size;
    int result = STORE_UNAVAILABLE;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        value->size = before;
        result = snapshot_begin(pages);
        if (result != STORE_OK)
            break;
        result = find_in_snapshot(pages, key, value);
        if (result == STORE_NO_MEMORY || snapshot_good(pages))
            break;
        result = STORE_UNAVAILABLE; /* unless another attempt succeeds */
    }
    if (result != STORE_OK)
        value->size = before;
    return result;
}

int pages_find(struct pages_cache *cache, const char *path, struct span key, size_t limit,
               struct buffer *value)
{
    struct pages pages;
    int result = pages_open(&pages, path, limit);
    if (result != STORE_OK)
        return result;
    cache_take(&pages, cache);
    result = find_with_retry(&pages, key, value);
    cache_return(&pages, result == STORE_OK || result == STORE_MISS);
    pages_close(&pages);
    return result;
}

struct scan {
    struct pages pages;
    struct span prefix;
    struct buffer from;  /* where the next leaf begins */
    struct buffer bound; /* where the one after it begins; empty: there is none */
    struct buffer batch; /* the current leaf's keys and values, framed */
    pages_visit visit;
    void *context;
};

/* Appends the leaf's nodes from |scan->from| on to the batch. */
static int leaf_collect(struct scan *scan)
{
    struct pages *pages = &scan->pages;
    struct span before = buffer_span(&scan->from);
    size_t first;
    int result = node_search(pages, before, 0, true, &first);
    size_t count = node_count(pages);
    for (size_t i = first; result == STORE_OK && i < count; i++) {
        struct node node;
        if (!node_at(pages, i, true, &node))
            return STORE_CORRUPT;
        int order = key_order(pages, before, node.key);
        if (order > 0 || (order == 0 && i > first))
            return STORE_CORRUPT;
        before = node.key;
        size_t wanted = node.size < pages->limit ? node.size : pages->limit;
        buffer_append_framed(&scan->batch, node.key);
        buffer_append_u64(&scan->batch, node.size);
        buffer_append_u64(&scan->batch, wanted);
        result = value_read(pages, &node, wanted, &scan->batch);
    }
    if (result == STORE_OK && !buffer_ok(&scan->batch))
        result = STORE_NO_MEMORY;
    return result;
}

/* One consistent leaf. STORE_MISS: the tree is empty. */
static int leaf_read(struct scan *scan)
{
    int result = STORE_UNAVAILABLE;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        buffer_clear(&scan->batch);
        buffer_clear(&scan->bound);
        result = snapshot_begin(&scan->pages);
        if (result != STORE_OK)
            return result;
        result = descend(&scan->pages, buffer_span(&scan->from), &scan->bound);
        if (result == STORE_OK)
            result = leaf_collect(scan);
        if (!buffer_ok(&scan->bound))
            result = STORE_NO_MEMORY;
        if (result == STORE_NO_MEMORY || snapshot_good(&scan->pages))
            return result;
        result = STORE_UNAVAILABLE;
    }
    return result;
}

/* Hands the batch over. False: the visitor has enough, or the prefix has ended. */
static bool batch_visit(struct scan *scan)
{
    struct cursor cursor = cursor_of(buffer_span(&scan->batch));
    while (cursor.left) {
        struct span key = cursor_framed(&cursor);
        uint64_t size = cursor_u64(&cursor);
        struct span value = cursor_framed(&cursor);
        struct span start =
            span_of(key.at, key.size < scan->prefix.size ? key.size : scan->prefix.size);
        if (!cursor_ok(&cursor))
            return true; /* the rest of a damaged leaf */
        if (!span_equal(start, scan->prefix)) {
            if (bytes_order(start, scan->prefix) > 0)
                return false;
            continue;
        }
        if (!scan->visit(scan->context, key, value, size))
            return false;
    }
    return true;
}

/* A damaged leaf is skipped when its parent still says where the next one begins. */
static int scan_leaves(struct scan *scan)
{
    int worst = STORE_OK;
    for (;;) {
        int result = leaf_read(scan);
        if (result == STORE_MISS)
            return worst; /* empty */
        if (result != STORE_OK && result != STORE_CORRUPT)
            return result;
        if (result == STORE_CORRUPT)
            worst = STORE_CORRUPT;
        if (!batch_visit(scan) || scan->bound.size == 0)
            return worst;
        if (key_order(&scan->pages, buffer_span(&scan->bound),
                      buffer_span(&scan->from)) <= 0)
            return STORE_CORRUPT;
        buffer_clear(&scan->from);
        buffer_append_span(&scan->from, buffer_span(&scan->bound));
        if (!buffer_ok(&scan->from))
            return STORE_NO_MEMORY;
    }
}

static int scan_tree(const char *path, size_t limit, bool in_free, bool strict,
                     struct scan *scan)
{
    int result = pages_open(&scan->pages, path, limit);
    if (result != STORE_OK)
        return result;
    scan->pages.in_free = in_free;
    scan->pages.strict = strict;
    buffer_append_span(&scan->from, scan->prefix);
    result = buffer_ok(&scan->from) ? scan_leaves(scan) : STORE_NO_MEMORY;
    buffer_free(&scan->from);
    buffer_free(&scan->bound);
    buffer_free(&scan->batch);
    pages_close(&scan->pages);
    return result;
}

int pages_scan(const char *path, struct span prefix, size_t limit, pages_visit visit,
               void *context)
{
    struct scan scan = {.prefix = prefix, .visit = visit, .context = context};
    return scan_tree(path, limit, false, false, &scan);
}

static bool ignore(void *context, struct span key, struct span value, uint64_t size)
{
    (void)context, (void)key, (void)value, (void)size;
    return true;
}

/* A list of free pages: how many, then their numbers, descending. False: it is not one.
 */
static bool free_list_check(void *context, struct span key, struct span value,
                            uint64_t size)
{
    bool *sound = context;
    struct cursor cursor = cursor_of(value);
    uint64_t count = cursor_u64(&cursor), before = NO_PAGE;
    *sound = key.size == sizeof(uint64_t) && value.size == size && cursor_ok(&cursor) &&
             count <= cursor.left / sizeof(uint64_t);
    for (uint64_t i = 0; *sound && i < count; i++) {
        uint64_t number = cursor_u64(&cursor);
        *sound = number >= 2 && number < before;
        before = number;
    }
    return *sound;
}

int pages_verify(const char *path)
{
    bool sound = true;
    struct scan all = {.visit = ignore};
    struct scan free_pages = {.visit = free_list_check, .context = &sound};
    int result = scan_tree(path, 0, false, true, &all);
    if (result == STORE_OK)
        result = scan_tree(path, SIZE_MAX, true, true, &free_pages);
    return result == STORE_OK && !sound ? STORE_CORRUPT : result;
}

int pages_check(const char *path)
{
    struct pages pages;
    int result = pages_open(&pages, path, 0);
    if (result != STORE_OK)
        return result;
    result = snapshot_begin(&pages);
    if (result == STORE_OK &&
        pages.meta.last_page >= pages.file_size / pages.meta.page_size)
        result = STORE_CORRUPT;
    pages_close(&pages);
    return result;
}
