/* SPDX-License-Identifier: MIT */
/* Fields that are lists (RFC 9110, 5.6.1), over all lines of the same name. Pure; any thread. */
#ifndef CORE_EDGE_LIST_H
#define CORE_EDGE_LIST_H

#include "message.h"

struct edge_list {
    const struct headers *headers;
    const char *name;
    size_t line;      /* the next one */
    struct span left; /* of the current one */
};

struct edge_list edge_list_begin(const struct headers *headers, const char *name);
/* The next element without blanks around it; commas in quotes part nothing, empty elements are
 * passed over. False at the end. */
bool edge_list_next(struct edge_list *list, struct span *element);

/* Parts an element into its name and the value behind '=', without quotes; |value->at| is NULL when
 * there is none. */
void edge_list_part(struct span element, struct span *name, struct span *value);

#endif
