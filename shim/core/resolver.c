/* SPDX-License-Identifier: MIT */
/* The resolver's functions. A known host's addresses come from its record while that is
 * young, and whenever the resolver fails: then hits need no network. In replay mode the
 * resolver is not asked for one at all (placeholder.h). Everything else is
 * the resolver's answer, of which a note is taken. errno and h_errno are as the real call
 * leaves them. */
#include "curl.h"
#include "exchange_parts.h"
#include "hooks.h"
#include "hostent.h"
#include "known_hosts.h"
#include "placeholder.h"
#include "ssl_level.h"
#include "store/memory.h"

#include <arpa/inet.h>
#include <errno.h>

/* Names that need no network. */
static bool is_local(const char *name)
{
    uint8_t bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, name, bytes) == 1 ||
           inet_pton(AF_INET6, name, bytes) == 1 ||
           span_is_nocase(span_text(name), "localhost");
}

static struct known_host *find(const char *name)
{
    ssl_after_fork();
    bool wanted = name && known_hosts_wanted() && !curl_level_busy();
    struct known_host *host = wanted ? memory_new(sizeof(*host)) : NULL;
    if (host && placeholder_find(span_text(name), host))
        return host;
    memory_free(host);
    return NULL;
}

static struct known_host *find_remote(const char *name)
{
    return name && !is_local(name) ? find(name) : NULL;
}

static void give_back(struct known_host *host)
{
    if (host)
        known_host_free(host);
    memory_free(host);
}

/* Notes what the resolver said; a known host's record takes the new addresses, and keeps
 * those of a family that was not asked for. */
static void note(struct known_host *host, const char *name, int family,
                 const struct host_address *addresses, unsigned count)
{
    known_hosts_note(span_text(name), addresses, count, exchange_now_ms());
    if (!host || known_host_fresh(host) || count == 0)
        return;
    struct host_record *record = &host->record;
    unsigned before = record->address_count;
    struct host_address old[HOST_ADDRESSES];
    memcpy(old, record->addresses, sizeof(old));
    record->address_count = 0;
    for (unsigned i = 0; i < count; i++)
        host_record_add(record, &addresses[i]);
    for (unsigned i = 0; i < before; i++)
        if ((family == AF_INET && old[i].family == 6) ||
            (family == AF_INET6 && old[i].family == 4))
            host_record_add(record, &old[i]);
    record->resolved_ms = exchange_now_ms();
    known_host_record(host);
}

/* -- getaddrinfo(3) ----------------------------------------------------------------------- */

static bool wants_family(int family, const struct host_address *address)
{
    return family == AF_UNSPEC || family == (address->family == 4 ? AF_INET : AF_INET6);
}

/* The list of one address, as the resolver itself makes it: freeaddrinfo(3) is libc's. */
static struct addrinfo *list_one(getaddrinfo_function *real,
                                 const struct host_address *address, const char *service,
                                 const struct addrinfo *hints)
{
    char text[INET6_ADDRSTRLEN];
    struct addrinfo numeric = {0}, *one = NULL;
    if (hints)
        numeric = *hints;
    numeric.ai_flags &= ~(AI_ADDRCONFIG | AI_CANONNAME | AI_V4MAPPED | AI_ALL);
    numeric.ai_flags |= AI_NUMERICHOST;
    host_address_text(address, text);
    return real(text, service, &numeric, &one) == 0 ? one : NULL;
}

/* Its canonical name is only recorded as the name itself: the resolver knows better. */
static bool may_answer(const struct known_host *host, int flags)
{
    return known_host_fresh(host) &&
           (!(flags & AI_CANONNAME) || core_config()->mode == MODE_REPLAY);
}

/* 0, or EAI_NONAME when the record has nothing that fits. */
static int answer(getaddrinfo_function *real, const struct known_host *host,
                  const char *service, const struct addrinfo *hints,
                  struct addrinfo **out)
{
    const struct host_record *record = &host->record;
    int family = hints ? hints->ai_family : AF_UNSPEC;
    struct addrinfo *list = NULL, **end = &list;
    for (unsigned i = 0; i < record->address_count; i++) {
        if (wants_family(family, &record->addresses[i]))
            *end = list_one(real, &record->addresses[i], service, hints);
        while (*end)
            end = &(*end)->ai_next;
    }
    if (!list)
        return EAI_NONAME;
    if (hints && (hints->ai_flags & AI_CANONNAME))
        list->ai_canonname = strdup(host->name); /* freeaddrinfo(3) frees it */
    known_hosts_note(span_text(host->name), record->addresses, record->address_count,
                     record->resolved_ms);
    *out = list;
    return 0;
}

static void note_list(struct known_host *host, const char *name, int family,
                      const struct addrinfo *list)
{
    struct host_address addresses[HOST_ADDRESSES];
    unsigned count = 0;
    uint16_t port;
    for (; list && count < HOST_ADDRESSES; list = list->ai_next)
        if (list->ai_addr &&
            host_address_of(list->ai_addr, list->ai_addrlen, &addresses[count], &port) &&
            (count == 0 || !host_address_equal(&addresses[count], &addresses[count - 1])))
            count++;
    note(host, name, family, addresses, count);
}

/* The resolver could not be asked, or knows no such name: what the record is for. Other
 * failures speak of the call itself. */
static bool is_failure(int result)
{
    return result == EAI_AGAIN || result == EAI_FAIL || result == EAI_NONAME ||
           result == EAI_NODATA || result == EAI_SYSTEM;
}

int core_getaddrinfo(getaddrinfo_function *real, const char *name, const char *service,
                     const struct addrinfo *hints, struct addrinfo **out)
{
    int entry_errno = errno, flags = hints ? hints->ai_flags : 0;
    bool local = !name || (flags & AI_NUMERICHOST) || is_local(name);
    struct known_host *host = local ? NULL : find(name);
    int result = EAI_NONAME;
    if (host && may_answer(host, flags))
        result = answer(real, host, service, hints, out);
    errno = entry_errno;
    if (result == 0) {
        give_back(host);
        return 0;
    }
    result = real(name, service, hints, out);
    int real_errno = errno;
    if (result == 0 && name)
        note_list(host, name, hints ? hints->ai_family : AF_UNSPEC, *out);
    else if (host && is_failure(result) && answer(real, host, service, hints, out) == 0)
        result = 0;
    give_back(host);
    errno = real_errno;
    return result;
}

/* -- gethostbyname(3) ----------------------------------------------------------------------- */

/* 0 and |out| filled in, ERANGE, or ENOENT when the record has no such address. */
static int fill(const struct known_host *host, const char *name, int family,
                struct hostent *out, char *memory, size_t size)
{
    int result = hostent_fill(&host->record, name, family, out, memory, size);
    if (result == 0)
        known_hosts_note(span_text(host->name), host->record.addresses,
                         host->record.address_count, host->record.resolved_ms);
    return result;
}

static void note_entry(struct known_host *host, const char *name,
                       const struct hostent *entry)
{
    struct host_address addresses[HOST_ADDRESSES];
    unsigned count = hostent_addresses(entry, addresses);
    note(host, name, entry->h_addrtype, addresses, count);
}

static struct hostent *from_record(const struct known_host *host, const char *name,
                                   int family)
{
    struct hostent_memory *own = hostent_memory();
    int result = fill(host, name, family, &own->entry, own->bytes, sizeof(own->bytes));
    return result == 0 ? &own->entry : NULL;
}

/* |real_result| is what the real function said, NULL for failure. */
static struct hostent *settle(struct known_host *host, const char *name, int family,
                              struct hostent *real_result)
{
    if (!real_result)
        return host ? from_record(host, name, family) : NULL;
    note_entry(host, name, real_result);
    return real_result;
}

static struct hostent *fresh_entry(const struct known_host *host, const char *name,
                                   int family)
{
    return host && known_host_fresh(host) ? from_record(host, name, family) : NULL;
}

struct hostent *core_gethostbyname(gethostbyname_function *real, const char *name)
{
    int entry_errno = errno;
    struct known_host *host = find_remote(name);
    struct hostent *entry = fresh_entry(host, name, AF_INET);
    errno = entry_errno;
    if (!entry)
        entry = settle(host, name, AF_INET, real(name));
    give_back(host);
    return entry;
}

struct hostent *core_gethostbyname2(gethostbyname2_function *real, const char *name,
                                    int family)
{
    int entry_errno = errno;
    struct known_host *host = find_remote(name);
    struct hostent *entry = fresh_entry(host, name, family);
    errno = entry_errno;
    if (!entry)
        entry = settle(host, name, family, real(name, family));
    give_back(host);
    return entry;
}

/* The program's own memory, and how its call is made without us. */
struct reentrant {
    bool by_family; /* gethostbyname2_r(), else gethostbyname_r() */
    union {
        gethostbyname_r_function *any;
        gethostbyname2_r_function *family;
    } real;
    const char *name;
    int wanted;
    struct hostent *out;
    char *memory;
    size_t size;
    struct hostent **found;
    int *error;
};

static int ask(const struct reentrant *call)
{
    if (call->by_family)
        return call->real.family(call->name, call->wanted, call->out, call->memory,
                                 call->size, call->found, call->error);
    return call->real.any(call->name, call->out, call->memory, call->size, call->found,
                          call->error);
}

static int fill_caller(const struct reentrant *call, const struct known_host *host)
{
    int result =
        fill(host, call->name, call->wanted, call->out, call->memory, call->size);
    *call->found = result == 0 ? call->out : NULL;
    if (result == ERANGE)
        *call->error = NETDB_INTERNAL;
    return result;
}

static int reentrant(const struct reentrant *call)
{
    int entry_errno = errno;
    struct known_host *host = find_remote(call->name);
    int result = ENOENT;
    if (host && known_host_fresh(host))
        result = fill_caller(call, host);
    errno = entry_errno;
    if (result != 0 && result != ERANGE) {
        result = ask(call);
        if (result == 0 && *call->found)
            note_entry(host, call->name, *call->found);
        else if (host && result != ERANGE && fill_caller(call, host) == 0)
            result = 0;
    }
    give_back(host);
    return result;
}

int core_gethostbyname_r(gethostbyname_r_function *real, const char *name,
                         struct hostent *out, char *memory, size_t size,
                         struct hostent **found, int *error)
{
    const struct reentrant call = {.real.any = real,
                                   .name = name,
                                   .wanted = AF_INET,
                                   .out = out,
                                   .memory = memory,
                                   .size = size,
                                   .found = found,
                                   .error = error};
    return reentrant(&call);
}

int core_gethostbyname2_r(gethostbyname2_r_function *real, const char *name, int family,
                          struct hostent *out, char *memory, size_t size,
                          struct hostent **found, int *error)
{
    const struct reentrant call = {.by_family = true,
                                   .real.family = real,
                                   .name = name,
                                   .wanted = family,
                                   .out = out,
                                   .memory = memory,
                                   .size = size,
                                   .found = found,
                                   .error = error};
    return reentrant(&call);
}
