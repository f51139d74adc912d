/* SPDX-License-Identifier: MIT */
/* One look into LMDB's data file: opening it, a snapshot, pages, nodes. What pages.c (look-ups)
 * and scan.c (all keys) are made of; private to them. See pages.h for how this stays right
 * beside a writer.
 *
 * Thread class: any thread on distinct objects; with a cache, its lock must be held. */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "pages.h"

#define TREE_ATTEMPTS 16
#define TREE_NO_PAGE  UINT64_MAX

struct tree_meta {
    uint64_t root;
    uint64_t free_root; /* of the database of free pages */
    uint64_t last_page;
    unsigned depth; /* levels, leaves included; for the cache alone */
    uint64_t transaction;
    uint32_t page_size;
    unsigned slot; /* 0 or 1: which meta page */
    uint8_t raw[PAGES_META_SIZE];
};

struct cached_page {
    uint64_t number; /* 0: none, or half read */
    uint64_t generation;
    unsigned depth; /* below the root */
    uint8_t bytes[];
};

struct pages_slot {
    struct cached_page *page; /* or NULL */
    uint64_t passed; /* number of the page last read that was not kept here; 0: none */
};

struct tree {
    int descriptor;
    uint64_t device, inode, file_size;
    size_t limit;          /* of a value */
    struct tree_meta meta; /* the snapshot that is being read */
    const uint8_t *page;   /* the current page of the tree */
    uint8_t *scratch;      /* for meta pages, and for others without a cache */
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

/* Opens the file. STORE_OK, STORE_MISS, STORE_UNAVAILABLE, STORE_FULL, STORE_NO_MEMORY. */
MUST_USE int tree_open(struct tree *tree, const char *path, size_t limit);
void tree_close(struct tree *tree);

/* Begins to read the newest committed state.
 * STORE_OK, STORE_MISS (the file is empty), STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int tree_begin(struct tree *tree);
/* True when no writer can have touched what was read since tree_begin(). If not, the cache is
 * emptied and everything read is worth nothing. */
MUST_USE bool tree_end(struct tree *tree);
void tree_cache_forget(struct pages_cache *cache);
/* The same, and its pages are given back. */
void tree_cache_drop(struct pages_cache *cache);

/* Goes down to the leaf that has or would have |key| and makes it the current page. |bound| (may
 * be NULL) becomes the key at which the next leaf begins, if there is one.
 * STORE_OK, STORE_MISS (the tree is empty), STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int tree_descend(struct tree *tree, struct span key, struct buffer *bound);

/* Of the current page: how many nodes, and the one at |index|; false when it does not lie within
 * the page. */
size_t node_count(const struct tree *tree);
MUST_USE bool node_at(const struct tree *tree, size_t index, bool leaf, struct node *out);

/* |*index| becomes that of the first node from |first| on whose key is not below |key|.
 * STORE_OK, STORE_CORRUPT. */
MUST_USE int tree_search(const struct tree *tree, struct span key, size_t first,
                         bool leaf, size_t *index);

/* Negative, 0, positive, as keys are ordered in this tree, and in those of bytes. */
int tree_order(const struct tree *tree, struct span a, struct span b);
int tree_order_bytes(struct span a, struct span b);

/* Appends the first |wanted| bytes of a leaf node's value.
 * STORE_OK, STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int tree_value(struct tree *tree, const struct node *node, size_t wanted,
                        struct buffer *value);

#endif
