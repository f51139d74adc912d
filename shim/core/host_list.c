/* SPDX-License-Identifier: MIT */
/* Reading lists of hosts. */
#include "host_list.h"

#define PORT_ANY 0

/* The next member of a comma-separated list, trimmed; may be empty. */
static struct span take_member(struct span *list)
{
    size_t size = span_find(*list, span_text(","));
    struct span member = span_trim(span_of(list->at, size));
    *list = span_skip(*list, size + 1);
    return member;
}

static bool is_host(struct span host)
{
    for (size_t i = 0; i < host.size; i++) {
        uint8_t c = host.at[i] | 0x20;
        bool letter = (c >= 'a' && c <= 'z') || (host.at[i] >= '0' && host.at[i] <= '9');
        if (!letter && (host.at[i] == 0 || !strchr("-._:", host.at[i])))
            return false;
    }
    return host.size > 0;
}

bool host_list_port(struct span digits, uint16_t *port)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9' || value > UINT16_MAX)
            return false;
        value = value * 10 + (digits.at[i] - '0');
    }
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

/* host, host:port, [address] or [address]:port; PORT_ANY without a port. */
static bool parse_host(struct span member, struct span *host, uint16_t *port)
{
    bool literal = span_starts(member, "[");
    size_t end = span_find(member, span_text(literal ? "]" : ":"));
    *host = literal ? span_of(member.at + 1, end - 1) : span_of(member.at, end);
    *port = PORT_ANY;
    if (!is_host(*host) || (literal && end == member.size))
        return false;
    struct span rest = span_skip(member, end + (literal ? 1 : 0));
    if (rest.size == 0)
        return true;
    return rest.at[0] == ':' && host_list_port(span_skip(rest, 1), port);
}

bool host_list_is_sound(struct span list)
{
    struct span host;
    uint16_t port;
    while (list.size) {
        struct span member = take_member(&list);
        if (member.size && !parse_host(member, &host, &port))
            return false;
    }
    return true;
}

bool host_list_has(struct span list, struct span host, uint16_t port)
{
    struct span listed_host;
    uint16_t listed_port;
    while (list.size) {
        struct span member = take_member(&list);
        if (member.size && parse_host(member, &listed_host, &listed_port) &&
            span_equal_nocase(listed_host, host) &&
            (listed_port == PORT_ANY || port == PORT_ANY || listed_port == port))
            return true;
    }
    return false;
}
