/* SPDX-License-Identifier: MIT */
/* Known hosts: the store's records, and the names behind addresses. */
#include "known_hosts.h"

#include "core.h"
#include "exchange_parts.h"
#include "placeholder.h"
#include "store/facts.h"
#include "store/lock.h"
#include "store/memory.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>

#define NOTES      64
#define LOCK_TURNS 1000

/* Guards the notes: the latest answers of the resolver, a ring. A leaf lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct host_note notes[NOTES];
static unsigned next_note;

/* -- names and addresses --------------------------------------------------------------- */

/* False when |name| is no host name by its length. */
static bool normalise(struct span name, char out[HOST_NAME_SIZE])
{
    if (span_ends(name, "."))
        name.size--;
    if (span_starts(name, "[") && span_ends(name, "]"))
        name = span_of(name.at + 1, name.size - 2);
    if (name.size == 0 || name.size >= HOST_NAME_SIZE)
        return false;
    span_copy_text(name, out, HOST_NAME_SIZE);
    for (char *at = out; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    return true;
}

bool host_address_of(const struct sockaddr *from, socklen_t size,
                     struct host_address *out, uint16_t *port)
{
    *out = (struct host_address){0};
    if (from->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *in = (const void *)from;
        out->family = 4;
        memcpy(out->bytes, &in->sin_addr, 4);
        *port = ntohs(in->sin_port);
        return true;
    }
    if (from->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *in6 = (const void *)from;
        out->family = 6;
        memcpy(out->bytes, &in6->sin6_addr, 16);
        *port = ntohs(in6->sin6_port);
        return true;
    }
    return false;
}

void host_address_text(const struct host_address *address, char text[46])
{
    if (!inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, 46))
        text[0] = 0;
}

bool known_hosts_wanted(void)
{
    const struct config *config = core_config();
    return config->mode == MODE_REPLAY || config->connecting == CONNECTING_VIRTUAL;
}

/* -- records ----------------------------------------------------------------------------- */

static bool read_record(struct known_host *host)
{
    struct store *store = core_store();
    return store &&
           facts_find(store, FACTS_HOSTS, span_text(host->name), &host->bytes) ==
               STORE_OK &&
           host_record_decode(buffer_span(&host->bytes), &host->record);
}

bool known_host_find(struct span name, struct known_host *out)
{
    out->bytes = (struct buffer){0};
    if (!normalise(name, out->name))
        return false;
    if (read_record(out))
        return true;
    buffer_free(&out->bytes);
    return false;
}

void known_host_free(struct known_host *host)
{
    buffer_free(&host->bytes);
}

bool known_host_answers(struct span name, uint16_t port)
{
    struct known_host *host = memory_new(sizeof(*host));
    bool known = host && known_host_find(name, host);
    bool answers = known && (port ? host_record_service(&host->record, port) != NULL
                                  : host->record.service_count > 0);
    if (known)
        known_host_free(host);
    memory_free(host);
    return answers;
}

void known_host_record(const struct known_host *host)
{
    struct store *store = core_store();
    struct buffer bytes = {0};
    host_record_encode(&host->record, &bytes);
    if (store && buffer_ok(&bytes))
        (void)!facts_record(store, FACTS_HOSTS, span_text(host->name),
                            buffer_span(&bytes));
    buffer_free(&bytes);
}

bool known_host_fresh(const struct known_host *host)
{
    int64_t age_ms = exchange_now_ms() - host->record.resolved_ms;
    return age_ms >= 0 && age_ms < KNOWN_HOST_FRESH_MS;
}

/* On the heap: it is larger than a hook's frame may be. */
void known_host_doubt(struct span name)
{
    struct known_host *host = memory_new(sizeof(*host));
    if (host && known_host_find(name, host)) {
        if (known_host_fresh(host)) {
            host->record.resolved_ms = 0;
            known_host_record(host);
        }
        known_host_free(host);
    }
    memory_free(host);
}

/* -- notes --------------------------------------------------------------------------------- */

static struct host_note *note_of(const char *name)
{
    for (unsigned i = 0; i < NOTES; i++)
        if (strcmp(notes[i].name, name) == 0)
            return &notes[i];
    return NULL;
}

void known_hosts_note(struct span name, const struct host_address *addresses,
                      unsigned count, int64_t resolved_ms)
{
    char text[HOST_NAME_SIZE];
    if (!normalise(name, text) || count == 0)
        return;
    pthread_mutex_lock(&lock);
    struct host_note *note = note_of(text);
    if (!note)
        note = &notes[next_note++ % NOTES];
    memcpy(note->name, text, sizeof(text));
    note->count = count < HOST_ADDRESSES ? count : HOST_ADDRESSES;
    memcpy(note->addresses, addresses, note->count * sizeof(*addresses));
    note->resolved_ms = resolved_ms;
    pthread_mutex_unlock(&lock);
}

bool known_hosts_noted(struct span name, struct host_note *out)
{
    char text[HOST_NAME_SIZE];
    if (!normalise(name, text))
        return false;
    pthread_mutex_lock(&lock);
    const struct host_note *note = note_of(text);
    if (note)
        *out = *note;
    pthread_mutex_unlock(&lock);
    return note != NULL;
}

/* connect(2) may be called from a signal handler that has interrupted us: then it is never
 * to be had. Others hold it for a moment only. */
static bool lock_patiently(void)
{
    for (unsigned turn = 0; turn < LOCK_TURNS; turn++) {
        if (pthread_mutex_trylock(&lock) == 0)
            return true;
        sched_yield();
    }
    return false;
}

/* The |index|-th name, from the latest on, that |address| was given for. */
static bool name_of(const struct host_address *address, unsigned index,
                    char name[HOST_NAME_SIZE])
{
    bool found = false;
    if (!lock_patiently())
        return false;
    for (unsigned i = 0; i < NOTES && !found; i++) {
        const struct host_note *note = &notes[(next_note + NOTES - 1 - i) % NOTES];
        for (unsigned j = 0; j < note->count && !found; j++)
            found = host_address_equal(&note->addresses[j], address) && index-- == 0;
        if (found)
            memcpy(name, note->name, HOST_NAME_SIZE);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/* A host that is known on one port is shut off on all that replay mode is told of. */
static bool leads_there(const char *name, uint16_t port)
{
    return known_host_answers(span_text(name), port) ||
           (exchange_confines(span_text(name), port) &&
            known_host_answers(span_text(name), 0));
}

bool known_hosts_at(const struct sockaddr *to, socklen_t size)
{
    struct host_address address;
    char name[HOST_NAME_SIZE];
    uint16_t port;
    if (!known_hosts_wanted() || !host_address_of(to, size, &address, &port))
        return false;
    if (placeholder_at(to, size))
        return true;
    for (unsigned i = 0; name_of(&address, i, name); i++)
        if (leads_there(name, port))
            return true;
    host_address_text(&address, name);
    return leads_there(name, port);
}

void known_hosts_after_fork(void)
{
    if (!lock_after_fork(&lock))
        memset(notes, 0, sizeof(notes));
}
