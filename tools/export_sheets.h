/* SPDX-License-Identifier: MIT */
/* The files that `preecho export` writes: one, or one for each host in a directory. One thread. */
#ifndef TOOLS_EXPORT_SHEETS_H
#define TOOLS_EXPORT_SHEETS_H

#include "draft.h"

struct sheet {
    char *name; /* HOST.jsonl or HOST_PORT.jsonl in a directory, else "" */
    struct draft draft;
    int64_t created_ms; /* of the lines that wait */
    char **lines;
    size_t count, capacity;
};

/* Starts as all zeroes but for |out| and |force|. */
struct sheets {
    const char *out; /* a directory that exists, a file, or "-" */
    bool force;
    struct sheet *list;
    size_t count;
};

/* Adds |line|, which is copied, without its end. Lines come in the order of |created_ms|; those
 * of the same moment are sorted, so that the order does not depend on the store. 0, or a code of
 * sysexits.h. */
MUST_USE int sheets_add(struct sheets *sheets, struct span host, unsigned port,
                        int64_t created_ms, const char *line);
/* All files are complete; they appear under their names now. The same results. */
MUST_USE int sheets_finish(struct sheets *sheets);
/* Removes what is not finished. */
void sheets_drop(struct sheets *sheets);

#endif
