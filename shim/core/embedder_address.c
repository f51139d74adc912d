/* SPDX-License-Identifier: MIT */
/* Where an embedding endpoint is, see embedder.h. */
#include "embedder.h"

#include "host_list.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define SCHEME       "http://"
#define DEFAULT_PORT 80
#define DEFAULT_PATH "/v1/embeddings"
#define LITERAL_SIZE INET6_ADDRSTRLEN

static bool set_4(struct embedder *embedder, const char *literal, uint16_t port)
{
    struct sockaddr_in *to = (struct sockaddr_in *)&embedder->address;
    *to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    embedder->address_size = sizeof(*to);
    return inet_pton(AF_INET, literal, &to->sin_addr) == 1;
}

static bool set_6(struct embedder *embedder, const char *literal, uint16_t port)
{
    struct sockaddr_in6 *to = (struct sockaddr_in6 *)&embedder->address;
    *to = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    embedder->address_size = sizeof(*to);
    return inet_pton(AF_INET6, literal, &to->sin6_addr) == 1;
}

static bool is_near(const struct embedder *embedder)
{
    const struct sockaddr_in *to = (const struct sockaddr_in *)&embedder->address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&embedder->address;
    if (embedder->address.ss_family == AF_INET)
        return ntohl(to->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* |authority|: host and perhaps a port. */
static bool address_set(struct embedder *embedder, struct span authority)
{
    char literal[LITERAL_SIZE];
    uint16_t port = DEFAULT_PORT;
    bool six = authority.size && authority.at[0] == '[';
    size_t end = span_find(authority, span_text(six ? "]" : ":"));
    struct span host = span_of(authority.at, end), rest = span_skip(authority, end + six);
    if (six)
        host = span_skip(host, 1);
    if ((six && end == authority.size) ||
        (rest.size && (rest.at[0] != ':' || !host_list_port(span_skip(rest, 1), &port))))
        return false;
    if (host.size == 0 || host.size >= sizeof(literal) || memchr(host.at, 0, host.size))
        return false;
    span_copy_text(host, literal, sizeof(literal));
    if (six)
        return set_6(embedder, literal, port);
    return set_4(embedder, span_is_nocase(host, "localhost") ? "127.0.0.1" : literal,
                 port);
}

/* Nothing that ends a line or a word of the request's head. */
static bool is_plain(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f || text.at[i] == '#')
            return false;
    return true;
}

const char *embedder_set(struct embedder *embedder, struct span url, struct span model,
                         bool far)
{
    *embedder = (struct embedder){.deadline_ms = EMBEDDER_DEADLINE_MS};
    if (span_starts(url, "https://"))
        return "is https: only http:// is supported, for instance to a local proxy";
    if (!span_starts(url, SCHEME))
        return "has to begin with http://";
    struct span rest = span_skip(url, strlen(SCHEME));
    size_t slash = span_find(rest, span_text("/"));
    struct span authority = span_of(rest.at, slash), path = span_skip(rest, slash);
    if (path.size <= 1)
        path = span_text(DEFAULT_PATH);
    if (!is_plain(url) || authority.size >= sizeof(embedder->host) ||
        path.size >= sizeof(embedder->path) || !address_set(embedder, authority))
        return "has to name an address, not a host: http://127.0.0.1:8080/v1/embeddings";
    if (!far && !is_near(embedder))
        return "is another machine's, which has to be permitted";
    if (model.size == 0 || model.size >= sizeof(embedder->model) ||
        memchr(model.at, 0, model.size))
        return "needs the model's name, of 127 bytes at most";
    span_copy_text(authority, embedder->host, sizeof(embedder->host));
    span_copy_text(path, embedder->path, sizeof(embedder->path));
    span_copy_text(model, embedder->model, sizeof(embedder->model));
    return NULL;
}
