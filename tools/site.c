/* SPDX-License-Identifier: MIT */
/* See site.h. */
#include "site.h"

#include "bodies.h"
#include "filter.h"
#include "microhttpd.h"
#include "print.h"
#include "reply.h"
#include "rules.h"
#include "store/memory.h"
#include "visitors.h"

#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS       512
#define CONNECTION_BYTES  ((size_t)32 << 10) /* head of a request and of its answer */
#define SILENCE_S         30
#define SPARE_DESCRIPTORS 32
#define FAREWELL_MS       5000
#define STEP_MS           50

struct site {
    struct site_options options;
    struct microhttpd http;
    struct MHD_Daemon *daemon;
    struct visitors visitors;
    /* Of the server's thread: */
    struct rules rules;
    struct bodies bodies;
    struct catalogue_place places[CATALOGUE_FOUND];
};

static struct visitor *visitor_of(const struct site *site,
                                  struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        site->http.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* -- answering ------------------------------------------------------------------------- */

/* The request and what becomes of it. */
struct exchange {
    struct request request; /* the spans live until it is answered */
    struct publication publication;
    bool found;
    struct reply reply;
};

/* RFC 9112, 3.2: with two, another server may have taken the other. */
static bool names_two_hosts(const struct headers *headers)
{
    unsigned count = 0;
    for (size_t i = 0; i < headers->count; i++)
        count += span_is_nocase(headers->at[i].name, "host");
    return count > 1;
}

static unsigned refusal(const struct request *request, int result)
{
    if (names_two_hosts(&request->headers))
        return 400;
    return result == STORE_MISS ? 404 : 503;
}

static void look_up(struct site *site, struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    const struct config *config = rules_now(&site->rules, true);
    struct resource resource;
    int64_t now_ms = filter_now_ms();
    size_t count = 0;
    int result = STORE_MISS;
    if (config && (span_is(request->method, "GET") || span_is(request->method, "HEAD")) &&
        !names_two_hosts(&request->headers) &&
        resource_asked(request, span_text(site->options.public_hosts), &resource))
        count = catalogue_find(site->options.catalogue, &resource, site->places);
    if (count)
        result =
            publication_find(site->options.store, config, site->places, count, &resource,
                             &request->headers, now_ms, &exchange->publication);
    exchange->found = result == STORE_OK;
    if (exchange->found)
        exchange->reply.fields.failed =
            !reply_make(request, &exchange->publication, now_ms, &exchange->reply);
    else if (!reply_refuse(refusal(request, result), &exchange->reply))
        exchange->reply.fields.failed = true;
}

static void release(void *body)
{
    body_release(body);
}

/* The reply's bytes as the library wants them: they live until it is done with them. NULL when there
 * is no room. */
static struct MHD_Response *response_of(struct site *site, struct exchange *exchange)
{
    struct entry *entry = &exchange->publication.entry;
    struct span bytes = exchange->reply.body;
    if (!exchange->found || bytes.size == 0)
        return site->http.create_response(0, NULL, NULL, NULL);
    size_t from = (size_t)(bytes.at - entry->payload.at);
    struct body *body = bodies_hold(&site->bodies, exchange->publication.key,
                                    entry->label.created_ms, &entry->payload);
    if (!body)
        return NULL;
    struct MHD_Response *response =
        site->http.create_response(bytes.size, body->payload.at + from, release, body);
    if (!response)
        body_release(body);
    return response;
}

static bool add_fields(const struct site *site, struct span fields,
                       struct MHD_Response *response)
{
    const char *name, *value;
    while (reply_field(&fields, &name, &value))
        if (site->http.add_response_header(response, name, value) != MHD_YES)
            return false;
    return true;
}

/* Without room for the answer the connection ends. */
static enum MHD_Result send_reply(struct site *site, struct exchange *exchange,
                                  struct MHD_Connection *connection)
{
    const struct reply *reply = &exchange->reply;
    enum MHD_Result result = MHD_NO;
    struct MHD_Response *response =
        buffer_ok(&reply->fields) ? response_of(site, exchange) : NULL;
    if (!response)
        return MHD_NO;
    if (add_fields(site, buffer_span(&reply->fields), response))
        result = site->http.queue_response(connection, reply->status, response);
    site->http.destroy_response(response);
    return result;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind,
                                  const char *name, size_t name_size, const char *value,
                                  size_t value_size)
{
    (void)kind;
    return headers_add(context, span_of(name, name_size), span_of(value, value_size)) == 0
               ? MHD_YES
               : MHD_NO;
}

static bool has_body(const struct site *site, struct MHD_Connection *connection)
{
    const char *size =
        site->http.lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return (size && strcmp(size, "0") != 0) ||
           site->http.lookup_connection_value(connection, MHD_HEADER_KIND,
                                              "Transfer-Encoding");
}

/* The library has told the target already, and has all fields. */
static enum MHD_Result answer(struct site *site, struct visitor *visitor,
                              struct MHD_Connection *connection, const char *method)
{
    struct exchange exchange = {.request = {.method = span_text(method)}};
    struct headers *headers = &exchange.request.headers;
    enum MHD_Result result = MHD_NO;
    exchange.request.target = buffer_span(&visitor->target);
    int wanted =
        site->http.get_connection_values_n(connection, MHD_HEADER_KIND, NULL, NULL);
    (void)site->http.get_connection_values_n(connection, MHD_HEADER_KIND, add_header,
                                             headers);
    if (wanted >= 0 && headers->count == (size_t)wanted) {
        look_up(site, &exchange);
        result = send_reply(site, &exchange, connection);
        reply_free(&exchange.reply);
    }
    if (exchange.found)
        publication_free(&exchange.publication);
    headers_free(headers);
    return result;
}

/* Called when the head is there, and again for what follows it. An answer to the first call ends the
 * connection, which is right for requests with a body: nobody wants to read that. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
                              const char *url, const char *method, const char *version,
                              const char *data, size_t *data_size, void **kept)
{
    (void)url, (void)version, (void)data;
    static char headed;
    struct site *site = context;
    struct visitor *visitor = visitor_of(site, connection);
    if (!visitor || !buffer_ok(&visitor->target))
        return MHD_NO;
    visitors_serve(&site->visitors, visitor);
    if (!*kept && !has_body(site, connection)) {
        *kept = &headed;
        return MHD_YES;
    }
    return *data_size ? MHD_NO : answer(site, visitor, connection, method);
}

/* -- connections ----------------------------------------------------------------------- */

static void notice(void *context, struct MHD_Connection *connection, void **kept,
                   enum MHD_ConnectionNotificationCode code)
{
    struct site *site = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        visitors_go(&site->visitors, *kept);
        *kept = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        site->http.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *kept = info ? visitors_come(&site->visitors, info->connect_fd) : NULL;
}

/* The one place where the library tells the target as it came. */
static void *begin(void *context, const char *target, struct MHD_Connection *connection)
{
    struct site *site = context;
    visitors_ask(&site->visitors, visitor_of(site, connection), span_text(target));
    return NULL;
}

static void finish(void *context, struct MHD_Connection *connection, void **kept,
                   enum MHD_RequestTerminationCode code)
{
    struct site *site = context;
    (void)kept, (void)code;
    visitors_rest(&site->visitors, visitor_of(site, connection));
}

static size_t leave_as_it_is(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

/* -- opening and closing ---------------------------------------------------------------- */

/* As many as descriptors allow. */
static unsigned connection_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return CONNECTIONS;
    if (limit.rlim_cur < CONNECTIONS + SPARE_DESCRIPTORS &&
        limit.rlim_max >= CONNECTIONS + SPARE_DESCRIPTORS) {
        limit.rlim_cur = CONNECTIONS + SPARE_DESCRIPTORS;
        (void)!setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= CONNECTIONS + SPARE_DESCRIPTORS)
        return CONNECTIONS;
    return limit.rlim_cur > 2 * SPARE_DESCRIPTORS
               ? (unsigned)limit.rlim_cur - SPARE_DESCRIPTORS
               : SPARE_DESCRIPTORS;
}

/* poll(2): with epoll(7), edge-triggered, 0.9.75 misses the end of a stream that comes together with
 * its last bytes, and keeps such a connection until it times out. Without ITC nothing quiesces. */
static bool start(struct site *site)
{
    site->daemon = site->http.start_daemon(
        MHD_USE_POLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC, 0, NULL, NULL,
        handle, site, MHD_OPTION_LISTEN_SOCKET, site->options.descriptor,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION, notice, site,
        MHD_OPTION_URI_LOG_CALLBACK, begin, site, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_as_it_is, site, MHD_OPTION_NOTIFY_COMPLETED, finish, site, MHD_OPTION_END);
    return site->daemon != NULL;
}

int site_open(const struct site_options *options, struct site **out)
{
    struct site *site = memory_new(sizeof *site);
    int status = EX_UNAVAILABLE;
    *out = site;
    if (!site) {
        print_error("memory is short");
        return EX_OSERR;
    }
    site->options = *options;
    visitors_init(&site->visitors);
    if (!microhttpd_load(&site->http))
        print_error("libmicrohttpd.so.12 is missing; install it (Debian: apt-get install "
                    "libmicrohttpd12)");
    else if (!start(site))
        print_error(
            "the HTTP server cannot be started: descriptors, memory or threads are "
            "short; see 'ulimit -a'");
    else
        status = 0;
    if (status == 0)
        return 0;
    memory_free(site);
    *out = NULL;
    return status;
}

void site_sweep(struct site *site)
{
    (void)visitors_sweep(&site->visitors);
}

void site_close(struct site *site)
{
    struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    MHD_socket listening = site->http.quiesce_daemon(site->daemon);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    for (int waited = 0; waited < FAREWELL_MS && visitors_sweep(&site->visitors);
         waited += STEP_MS)
        nanosleep(&step, NULL);
    site->http.stop_daemon(site->daemon);
    rules_free(&site->rules);
    memory_free(site);
}
