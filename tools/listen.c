/* SPDX-License-Identifier: MIT */
/* See listen.h. */
#include "listen.h"

#include "print.h"
#include "shim/core/host_list.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define WAITING 511 /* connections that nobody has accepted yet */

/* -- reading --------------------------------------------------------------------------- */

static bool is_port(struct span text)
{
    uint16_t port;
    return span_is(text, "0") || host_list_port(text, &port);
}

/* Parts |where|; false when it is neither ADDRESS:PORT nor [ADDRESS]:PORT. */
static bool split(const char *where, char address[LISTEN_TEXT], const char **port)
{
    const char *colon = strrchr(where, ':');
    if (!colon || colon == where || !is_port(span_text(colon + 1)))
        return false;
    struct span host = span_of(where, (size_t)(colon - where));
    if (span_starts(host, "[") && span_ends(host, "]"))
        host = span_of(host.at + 1, host.size - 2);
    else if (memchr(host.at, ':', host.size))
        return false;
    *port = colon + 1;
    span_copy_text(host, address, LISTEN_TEXT);
    return host.size && host.size < LISTEN_TEXT;
}

/* The address, to be freed; NULL when it is none of this form. */
static struct addrinfo *find(const char *where)
{
    char address[LISTEN_TEXT];
    const char *port;
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    if (!split(where, address, &port) || getaddrinfo(address, port, &hints, &found) != 0)
        return NULL;
    return found;
}

/* -- telling --------------------------------------------------------------------------- */

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static bool tell(int descriptor, char text[LISTEN_TEXT], bool *loopback)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    char host[LISTEN_TEXT - 10], port[8];
    if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    snprintf(text, LISTEN_TEXT, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
    *loopback = is_loopback(host);
    return true;
}

/* -- listening ------------------------------------------------------------------------- */

static int open_socket(const struct addrinfo *address)
{
    int on = 1;
    int descriptor = socket(address->ai_family,
                            SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (descriptor < 0)
        return -1;
    (void)!setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(descriptor, WAITING) == 0)
        return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

int listen_open(const char *where, int *descriptor, char text[LISTEN_TEXT],
                bool *loopback)
{
    struct addrinfo *address = find(where);
    if (!address) {
        print_error("--listen %s: expected ADDRESS:PORT, as in 127.0.0.1:8317 or "
                    "[::1]:8317",
                    where);
        return EX_USAGE;
    }
    *descriptor = open_socket(address);
    int error = errno;
    freeaddrinfo(address);
    if (*descriptor >= 0 && tell(*descriptor, text, loopback))
        return 0;
    print_error("cannot listen on %s: %s; choose another with --listen", where,
                strerror(error));
    if (*descriptor >= 0)
        close(*descriptor);
    return EX_UNAVAILABLE;
}
