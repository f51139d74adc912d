/* SPDX-License-Identifier: MIT */
/* What the store's functions answer. */
#ifndef STORE_RESULT_H
#define STORE_RESULT_H

enum store_result {
    STORE_OK = 0,
    STORE_MISS = -1,        /* no such entry, or one that does not authenticate */
    STORE_UNAVAILABLE = -2, /* missing, unreadable, read-only, foreign version */
    STORE_REFUSED = -3,     /* owned by someone else, or others may write to it */
    STORE_NO_MEMORY = -4,
    STORE_FULL = -5, /* no space, or a size limit */
    STORE_CORRUPT = -6,
    STORE_AMBIGUOUS = -7, /* tools only: a shortened key stands for several entries */
    STORE_BUSY = -8,      /* tools only: another merge or purge is running */
    STORE_LIMITED = -9    /* the store's own size limit is reached */
};

#endif
