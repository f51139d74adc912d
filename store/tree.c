/* SPDX-License-Identifier: MIT */
/* One look into LMDB's data file, see tree.h and pages.h.
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
#include "tree.h"

#include "files.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_HEADER   16
#define META_SIZE     PAGES_META_SIZE
#define META_MAGIC    0xBEEFC0DE
#define META_VERSION  1
#define DEPTH_LIMIT   32
#define PAGE_BRANCH   0x01
#define PAGE_OVERFLOW 0x04
#define PAGE_LEAF     0x02
#define NODE_BIG      0x01

#define COMMON_PAGE_SIZE 4096
/* One read fetches both meta pages when pages have the common size. */
#define META_READ (COMMON_PAGE_SIZE + PAGE_HEADER + META_SIZE)

static uint64_t number_at(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static int meta_parse(const uint8_t *page, unsigned slot, struct tree_meta *out)
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
    out->depth = (unsigned)number_at(meta + 78, 2);
    out->root = number_at(meta + 112, 8);
    out->last_page = number_at(meta + 120, 8);
    out->transaction = number_at(meta + 128, 8);
    out->slot = slot;
    memcpy(out->raw, meta, META_SIZE);
    return STORE_OK;
}

static bool scratch_room(struct tree *tree, size_t size)
{
    if (size <= tree->scratch_size)
        return true;
    uint8_t *scratch = memory_resize(tree->scratch, size);
    if (!scratch)
        return false;
    tree->scratch = scratch;
    tree->scratch_size = size;
    return true;
}

/* Both meta tree, into |metas|. Uses the scratch buffer. */
static int metas_read(struct tree *tree, struct tree_meta metas[2])
{
    if (!scratch_room(tree, META_READ))
        return STORE_NO_MEMORY;
    ssize_t count = file_read_at(tree->descriptor, tree->scratch, META_READ, 0);
    if (count < 0)
        return STORE_UNAVAILABLE;
    if (count < PAGE_HEADER + META_SIZE)
        return count == 0 ? STORE_MISS : STORE_CORRUPT; /* empty: being created */
    int result = meta_parse(tree->scratch, 0, &metas[0]);
    if (result != STORE_OK)
        return result;
    uint32_t size = metas[0].page_size;
    const uint8_t *second = tree->scratch + COMMON_PAGE_SIZE;
    if (size != COMMON_PAGE_SIZE) {
        count =
            file_read_at(tree->descriptor, tree->scratch, PAGE_HEADER + META_SIZE, size);
        if (count != PAGE_HEADER + META_SIZE)
            return STORE_CORRUPT;
        second = tree->scratch;
    } else if (count != META_READ) {
        return STORE_CORRUPT;
    }
    result = meta_parse(second, 1, &metas[1]);
    return result == STORE_OK && metas[1].page_size != size ? STORE_CORRUPT : result;
}

void tree_cache_forget(struct pages_cache *cache)
{
    cache->generation++;
    cache->kept_known = false;
}

void tree_cache_drop(struct pages_cache *cache)
{
    tree_cache_forget(cache);
    for (size_t i = 0; i < PAGES_CACHE_ROWS; i++) {
        for (size_t j = 0; cache->rows[i] && j < PAGES_ROW_SLOTS; j++)
            memory_free(cache->rows[i][j].page);
        memory_free(cache->rows[i]);
        cache->rows[i] = NULL;
    }
}

/* Empties the cache unless it holds pages of this very snapshot. */
static void cache_match(struct tree *tree)
{
    struct pages_cache *cache = tree->cache;
    if (cache->device == tree->device && cache->inode == tree->inode &&
        memcmp(cache->meta, tree->meta.raw, META_SIZE) == 0)
        return;
    tree_cache_forget(cache);
    cache->device = tree->device;
    cache->inode = tree->inode;
    memcpy(cache->meta, tree->meta.raw, META_SIZE);
}

/* Begins to read the newest committed state. */
int tree_begin(struct tree *tree)
{
    struct tree_meta metas[2];
    tree->has_read = false;
    int result = metas_read(tree, metas);
    if (result != STORE_OK)
        return result;
    tree->meta = metas[metas[0].transaction < metas[1].transaction];
    if (tree->cache)
        cache_match(tree);
    return STORE_OK;
}

/* True when no writer can have touched what was read since tree_begin(): see tree.h.
 */
static bool snapshot_unchanged(struct tree *tree)
{
    struct tree_meta metas[2];
    if (!tree->has_read)
        return true; /* all of it came from the cache, where it was checked */
    if (metas_read(tree, metas) != STORE_OK)
        return false;
    const struct tree_meta *ours = &metas[tree->meta.slot];
    const struct tree_meta *other = &metas[!tree->meta.slot];
    return memcmp(ours->raw, tree->meta.raw, META_SIZE) == 0 &&
           other->transaction <= ours->transaction + 1;
}

bool tree_end(struct tree *tree)
{
    bool good = snapshot_unchanged(tree);
    if (!good && tree->cache)
        tree_cache_forget(tree->cache);
    return good;
}

static size_t slot_of(const struct tree *tree, uint64_t number, unsigned depth)
{
    if (depth + 1 >= tree->meta.depth)
        return number % PAGES_ROW_SLOTS;
    return PAGES_ROW_SLOTS + number % ((PAGES_CACHE_ROWS - 1) * PAGES_ROW_SLOTS);
}

/* NULL while there is no such row. */
static struct pages_slot *slot_at(const struct pages_cache *cache, size_t slot)
{
    struct pages_slot *row = cache->rows[slot / PAGES_ROW_SLOTS];
    return row ? &row[slot % PAGES_ROW_SLOTS] : NULL;
}

/* The same, made when there is none; NULL: no memory. */
static struct pages_slot *slot_made(struct pages_cache *cache, size_t slot)
{
    struct pages_slot **row = &cache->rows[slot / PAGES_ROW_SLOTS];
    if (!*row)
        *row = memory_new(PAGES_ROW_SLOTS * sizeof(**row));
    return slot_at(cache, slot);
}

/* The page in |slot| unless it is forgotten, or NULL. */
static struct cached_page *cached_in(const struct pages_cache *cache,
                                     const struct pages_slot *slot)
{
    struct cached_page *page = slot ? slot->page : NULL;
    return page && page->number && page->generation == cache->generation ? page : NULL;
}

/* Whether |slot| is to keep this page: most look-ups need it, or it was read before. */
static bool is_kept(const struct tree *tree, struct pages_slot *slot, uint64_t number,
                    unsigned depth)
{
    const struct cached_page *page = cached_in(tree->cache, slot);
    if (page && page->depth < depth)
        return false; /* it has one that is nearer to the root */
    if (depth == 0 || depth + 2 < tree->meta.depth || slot->passed == number)
        return true;
    slot->passed = number;
    return false;
}

/* The cache's room for a page, with no number yet. STORE_MISS: it is not to be kept.
 * STORE_NO_MEMORY. */
static int cache_room(struct tree *tree, uint64_t number, unsigned depth,
                      struct cached_page **room)
{
    struct pages_cache *cache = tree->cache;
    if (cache->page_size != tree->meta.page_size) {
        tree_cache_drop(cache);
        cache->page_size = tree->meta.page_size;
    }
    struct pages_slot *slot = slot_made(cache, slot_of(tree, number, depth));
    if (!slot)
        return STORE_NO_MEMORY;
    if (!is_kept(tree, slot, number, depth))
        return STORE_MISS;
    if (!slot->page)
        slot->page = memory_resize(NULL, sizeof(*slot->page) + cache->page_size);
    if (!slot->page)
        return STORE_NO_MEMORY;
    slot->page->number = 0;
    *room = slot->page;
    return STORE_OK;
}

/* Where to read a page to: |*cached|'s bytes, or the scratch buffer and |*cached| is NULL. */
static uint8_t *page_room(struct tree *tree, uint64_t number, unsigned depth,
                          struct cached_page **cached)
{
    *cached = NULL;
    int result = tree->cache ? cache_room(tree, number, depth, cached) : STORE_MISS;
    if (result == STORE_OK)
        return (*cached)->bytes;
    if (result == STORE_MISS && scratch_room(tree, tree->meta.page_size))
        return tree->scratch;
    return NULL;
}

static int page_load(struct tree *tree, uint64_t number, unsigned depth)
{
    struct cached_page *cached;
    size_t size = tree->meta.page_size;
    uint8_t *room = page_room(tree, number, depth, &cached);
    if (!room)
        return STORE_NO_MEMORY;
    tree->has_read = true;
    ssize_t count = file_read_at(tree->descriptor, room, size, number * size);
    if (count < 0)
        return STORE_UNAVAILABLE;
    if ((size_t)count != size || number_at(room, 8) != number)
        return STORE_CORRUPT;
    if (cached) {
        cached->number = number;
        cached->generation = tree->cache->generation;
        cached->depth = depth;
    }
    tree->page = room;
    return STORE_OK;
}

/* Makes page |number| of the tree the current one. */
static int page_read(struct tree *tree, uint64_t number, unsigned depth, unsigned *kind)
{
    size_t size = tree->meta.page_size;
    if (number < 2 || number > tree->meta.last_page || number > INT64_MAX / size)
        return STORE_CORRUPT;
    const struct cached_page *cached = NULL;
    if (tree->cache && tree->cache->page_size == size)
        cached =
            cached_in(tree->cache, slot_at(tree->cache, slot_of(tree, number, depth)));
    int result = STORE_OK;
    if (cached && cached->number == number)
        tree->page = cached->bytes;
    else
        result = page_load(tree, number, depth);
    if (result != STORE_OK)
        return result;
    *kind = (unsigned)number_at(tree->page + 10, 2);
    return *kind == PAGE_BRANCH || *kind == PAGE_LEAF ? STORE_OK : STORE_CORRUPT;
}

size_t node_count(const struct tree *tree)
{
    size_t lower = number_at(tree->page + 12, 2);
    if (lower < PAGE_HEADER || lower > tree->meta.page_size)
        return 0;
    return (lower - PAGE_HEADER) / 2;
}

/* The node at |index| of the current page; false when it does not lie within the page. */
bool node_at(const struct tree *tree, size_t index, bool leaf, struct node *out)
{
    const uint8_t *page = tree->page;
    size_t offset = number_at(page + PAGE_HEADER + 2 * index, 2);
    struct span whole = span_of(page, tree->meta.page_size);
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
int tree_order_bytes(struct span a, struct span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    if (order == 0)
        order = a.size < b.size ? -1 : a.size > b.size;
    return order;
}

int tree_order(const struct tree *tree, struct span a, struct span b)
{
    if (!tree->in_free || a.size != sizeof(uint64_t) || b.size != sizeof(uint64_t))
        return tree_order_bytes(a, b);
    uint64_t left = number_at(a.at, a.size), right = number_at(b.at, b.size);
    return left < right ? -1 : left > right;
}

/* |*index| becomes that of the first node from |first| on whose key is not below |key|.
 */
int tree_search(const struct tree *tree, struct span key, size_t first, bool leaf,
                size_t *index)
{
    struct node node;
    size_t low = first, high = node_count(tree);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (!node_at(tree, middle, leaf, &node))
            return STORE_CORRUPT;
        if (tree_order(tree, node.key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *index = low;
    return STORE_OK;
}

/* In a branch page: the child whose keys include |key|. |bound| (may be NULL) becomes the
 * key at which the next child begins, if there is one. */
static int branch_choose(const struct tree *tree, struct span key, struct buffer *bound,
                         uint64_t *child)
{
    struct node node;
    size_t count = node_count(tree), index;
    if (count == 0)
        return STORE_CORRUPT;
    int result = tree_search(tree, key, 1, false, &index);
    if (result != STORE_OK)
        return result;
    bool exact = false;
    if (index < count) {
        if (!node_at(tree, index, false, &node))
            return STORE_CORRUPT;
        exact = span_equal(node.key, key);
    }
    size_t chosen = exact ? index : index - 1;
    if (bound && chosen + 1 < count) {
        if (!node_at(tree, chosen + 1, false, &node))
            return STORE_CORRUPT;
        buffer_clear(bound);
        buffer_append_span(bound, node.key);
    }
    if (!node_at(tree, chosen, false, &node))
        return STORE_CORRUPT;
    *child = node.child;
    return STORE_OK;
}

/* Goes down to the leaf that has or would have |key|; it is the current page then.
 * STORE_MISS: the tree is empty. */
int tree_descend(struct tree *tree, struct span key, struct buffer *bound)
{
    uint64_t number = tree->in_free ? tree->meta.free_root : tree->meta.root;
    if (number == TREE_NO_PAGE)
        return STORE_MISS;
    for (unsigned depth = 0; depth < DEPTH_LIMIT; depth++) {
        unsigned kind;
        int result = page_read(tree, number, depth, &kind);
        if (result != STORE_OK)
            return result;
        if (kind == PAGE_LEAF)
            return STORE_OK;
        result = branch_choose(tree, key, bound, &number);
        if (result != STORE_OK)
            return result;
    }
    return STORE_CORRUPT;
}

/* Does the first of |count| overflow pages say so itself? */
static bool overflow_sound(const struct tree *tree, uint64_t first, uint64_t count)
{
    uint8_t header[PAGE_HEADER];
    ssize_t got = file_read_at(tree->descriptor, header, sizeof(header),
                               first * tree->meta.page_size);
    return got == (ssize_t)sizeof(header) && number_at(header, 8) == first &&
           number_at(header + 10, 2) == PAGE_OVERFLOW &&
           number_at(header + 12, 4) == count;
}

/* Appends the first |wanted| bytes of a leaf node's value. */
int tree_value(struct tree *tree, const struct node *node, size_t wanted,
               struct buffer *value)
{
    if (!node->big) {
        buffer_append(value, node->data.at, wanted);
        return buffer_ok(value) ? STORE_OK : STORE_NO_MEMORY;
    }
    uint64_t size = tree->meta.page_size, first = number_at(node->data.at, 8);
    uint64_t count = (PAGE_HEADER + (uint64_t)node->size + size - 1) / size;
    uint64_t last = tree->meta.last_page;
    if (first < 2 || first > last || count > last - first + 1 || last > INT64_MAX / size)
        return STORE_CORRUPT;
    if (tree->strict && !overflow_sound(tree, first, count))
        return STORE_CORRUPT;
    uint8_t *room = buffer_room(value, wanted);
    if (!room)
        return STORE_NO_MEMORY;
    tree->has_read = true;
    ssize_t got =
        file_read_at(tree->descriptor, room, wanted, first * size + PAGE_HEADER);
    if (got < 0)
        return STORE_UNAVAILABLE;
    if ((size_t)got != wanted)
        return STORE_CORRUPT;
    value->size += wanted;
    return STORE_OK;
}

int tree_open(struct tree *tree, const char *path, size_t limit)
{
    struct stat status;
    *tree = (struct tree){.limit = limit};
    tree->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (tree->descriptor < 0)
        return file_result(errno);
    if (fstat(tree->descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(tree->descriptor);
        return STORE_UNAVAILABLE;
    }
    tree->device = status.st_dev;
    tree->inode = status.st_ino;
    tree->file_size = (uint64_t)status.st_size;
    return STORE_OK;
}

void tree_close(struct tree *tree)
{
    close(tree->descriptor);
    if (!tree->cache)
        memory_free(tree->scratch);
}
