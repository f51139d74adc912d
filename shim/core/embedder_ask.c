/* SPDX-License-Identifier: MIT */
/* The embedding endpoint over a socket, see embedder_ask.h. */
#include "embedder_ask.h"

#include "store/uncancelled.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 16384

/* One question. */
struct asking {
    int fd;
    int64_t deadline_ns;
    struct buffer response;
};

static int64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Waits for |events|. */
static enum embedded wait_for(const struct asking *asking, short events)
{
    struct pollfd entry = {.fd = asking->fd, .events = events};
    for (;;) {
        int64_t left = asking->deadline_ns - now_ns();
        if (left <= 0)
            return EMBEDDED_LATE;
        int ready = poll(&entry, 1, (int)((left + 999999) / 1000000));
        if (ready > 0)
            return EMBEDDED_OK;
        if (ready < 0 && errno != EINTR)
            return EMBEDDED_DOWN;
    }
}

static bool is_busy(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static enum embedded connect_to(struct asking *asking, const struct embedder *embedder)
{
    const struct sockaddr *to = (const struct sockaddr *)&embedder->address;
    int error = 0;
    socklen_t size = sizeof(error);
    asking->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (asking->fd < 0)
        return EMBEDDED_DOWN;
    if (connect(asking->fd, to, embedder->address_size) == 0)
        return EMBEDDED_OK;
    if (errno != EINPROGRESS && errno != EINTR)
        return EMBEDDED_DOWN;
    enum embedded result = wait_for(asking, POLLOUT);
    if (result != EMBEDDED_OK)
        return result;
    if (getsockopt(asking->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        return EMBEDDED_DOWN;
    return EMBEDDED_OK;
}

static enum embedded send_all(const struct asking *asking, struct span rest)
{
    while (rest.size) {
        ssize_t sent = send(asking->fd, rest.at, rest.size, MSG_NOSIGNAL);
        if (sent < 0 && !is_busy())
            return EMBEDDED_DOWN;
        if (sent > 0)
            rest = span_skip(rest, (size_t)sent);
        enum embedded result = rest.size ? wait_for(asking, POLLOUT) : EMBEDDED_OK;
        if (result != EMBEDDED_OK)
            return result;
    }
    return EMBEDDED_OK;
}

/* To the end of the connection, which we have asked for. */
static enum embedded receive_all(struct asking *asking)
{
    for (;;) {
        enum embedded result = wait_for(asking, POLLIN);
        if (result != EMBEDDED_OK)
            return result;
        uint8_t *room = buffer_room(&asking->response, CHUNK);
        if (!room)
            return EMBEDDED_MEMORY;
        ssize_t got = recv(asking->fd, room, CHUNK, 0);
        if (got == 0)
            return EMBEDDED_OK;
        if (got < 0 && !is_busy())
            return EMBEDDED_DOWN;
        if (got > 0)
            asking->response.size += (size_t)got;
        if (asking->response.size > EMBEDDER_ANSWER)
            return EMBEDDED_UNREADABLE;
    }
}

static enum embedded exchange(struct asking *asking, const struct embedder *embedder,
                              struct span request)
{
    enum embedded result = connect_to(asking, embedder);
    if (result == EMBEDDED_OK)
        result = send_all(asking, request);
    if (result == EMBEDDED_OK)
        result = receive_all(asking);
    if (asking->fd >= 0)
        close(asking->fd);
    return result;
}

enum embedded embedder_ask(const struct embedder *embedder, struct span text,
                           struct vector *out)
{
    UNCANCELLED;
    int entry_errno = errno;
    struct asking asking = {.fd = -1};
    struct buffer request = {0};
    if (text.size == 0 || text.size > EMBEDDER_TEXT)
        return EMBEDDED_TEXT;
    asking.deadline_ns = now_ns() + (int64_t)embedder->deadline_ms * 1000000;
    embedder_request(embedder, text, &request);
    enum embedded result = EMBEDDED_MEMORY;
    if (buffer_ok(&request))
        result = exchange(&asking, embedder, buffer_span(&request));
    if (result == EMBEDDED_OK)
        result = embedder_response(embedder, buffer_span(&asking.response), out);
    buffer_free(&request);
    buffer_free(&asking.response);
    errno = entry_errno;
    return result;
}

const char *embedded_text(enum embedded embedded)
{
    static const char *const texts[] = {
        "an answer",       "too late",      "no connection",    "refused",
        "unreadable",      "another model", "other dimensions", "no text for it",
        "memory is short", "no helper"};
    return embedded < sizeof(texts) / sizeof(*texts) ? texts[embedded] : "unknown";
}
