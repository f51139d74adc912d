/* SPDX-License-Identifier: MIT */
/* All of LMDB's data file, see pages.h. */
#include "tree.h"

struct scan {
    struct tree tree;
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
    struct tree *tree = &scan->tree;
    struct span before = buffer_span(&scan->from);
    size_t first;
    int result = tree_search(tree, before, 0, true, &first);
    size_t count = node_count(tree);
    for (size_t i = first; result == STORE_OK && i < count; i++) {
        struct node node;
        if (!node_at(tree, i, true, &node))
            return STORE_CORRUPT;
        int order = tree_order(tree, before, node.key);
        if (order > 0 || (order == 0 && i > first))
            return STORE_CORRUPT;
        before = node.key;
        size_t wanted = node.size < tree->limit ? node.size : tree->limit;
        buffer_append_framed(&scan->batch, node.key);
        buffer_append_u64(&scan->batch, node.size);
        buffer_append_u64(&scan->batch, wanted);
        result = tree_value(tree, &node, wanted, &scan->batch);
    }
    if (result == STORE_OK && !buffer_ok(&scan->batch))
        result = STORE_NO_MEMORY;
    return result;
}

/* One consistent leaf. STORE_MISS: the tree is empty. */
static int leaf_read(struct scan *scan)
{
    int result = STORE_UNAVAILABLE;
    for (int attempt = 0; attempt < TREE_ATTEMPTS; attempt++) {
        buffer_clear(&scan->batch);
        buffer_clear(&scan->bound);
        result = tree_begin(&scan->tree);
        if (result != STORE_OK)
            return result;
        result = tree_descend(&scan->tree, buffer_span(&scan->from), &scan->bound);
        if (result == STORE_OK)
            result = leaf_collect(scan);
        if (!buffer_ok(&scan->bound))
            result = STORE_NO_MEMORY;
        if (result == STORE_NO_MEMORY || tree_end(&scan->tree))
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
            if (span_order(start, scan->prefix) > 0)
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
        if (tree_order(&scan->tree, buffer_span(&scan->bound),
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
    int result = tree_open(&scan->tree, path, limit);
    if (result != STORE_OK)
        return result;
    scan->tree.in_free = in_free;
    scan->tree.strict = strict;
    buffer_append_span(&scan->from, scan->prefix);
    result = buffer_ok(&scan->from) ? scan_leaves(scan) : STORE_NO_MEMORY;
    buffer_free(&scan->from);
    buffer_free(&scan->bound);
    buffer_free(&scan->batch);
    tree_close(&scan->tree);
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
    uint64_t count = cursor_u64(&cursor), before = TREE_NO_PAGE;
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
    struct tree tree;
    int result = tree_open(&tree, path, 0);
    if (result != STORE_OK)
        return result;
    result = tree_begin(&tree);
    if (result == STORE_OK && tree.meta.last_page >= tree.file_size / tree.meta.page_size)
        result = STORE_CORRUPT;
    tree_close(&tree);
    return result;
}
