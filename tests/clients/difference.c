/* SPDX-License-Identifier: MIT */
/* The differential program's ways of driving libcurl; see difference.h.
 *
 * usage: difference easy|poll|socket|reuse URL KEY [SCENARIO...]
 *
 * easy: curl_easy_perform. poll: curl_multi_perform and curl_multi_poll. socket:
 * curl_multi_socket_action. reuse: curl_easy_reset and curl_easy_duphandle between
 * transfers. */
#define _GNU_SOURCE
#include "difference.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

/* |easy| is a fresh handle, or one that was reset. */
static void trace_open(struct trace *trace, CURL *easy, const struct scenario *scenario,
                       const char *url, const char *key)
{
    char *body = NULL, *field = NULL;
    *trace = (struct trace){.easy = easy};
    if (asprintf(&body,
                 "{\"model\":\"gpt-4o-mini\"%s,\"messages\":[{\"role\":\"user\","
                 "\"content\":\"scenario %s [[fault:steady%s]]\"}]}",
                 scenario->members, scenario->name, scenario->faults) < 0 ||
        asprintf(&field, "Authorization: Bearer %s", key) < 0) {
        fail(EXIT_TRANSPORT, "out of memory");
    }
    trace->body = body;
    trace->fields = curl_slist_append(NULL, field);
    trace->fields = curl_slist_append(trace->fields, "Content-Type: application/json");
    free(field);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("CURL_CA_BUNDLE"));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, trace->fields);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, trace->body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, trace_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, trace);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, trace_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, trace);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, trace_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, trace);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, trace->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, trace);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 20L);
    if (scenario->prepare != NULL) {
        scenario->prepare(trace);
    }
}

static void trace_close(struct trace *trace)
{
    curl_slist_free_all(trace->fields);
    free((char *)trace->body);
}

static void print_end(struct trace *trace, CURLcode result, bool header_api)
{
    printf("result: %d %s\nerror buffer: %s\n", (int)result, curl_easy_strerror(result),
           trace->error);
    printf("progress: %ld %ld %ld %ld\n", (long)trace->progress[0],
           (long)trace->progress[1], (long)trace->progress[2], (long)trace->progress[3]);
    if (header_api) {
        print_header_api(trace->easy);
    }
    print_info(trace->easy);
    fflush(stdout);
}

static CURLcode collect(CURLM *multi, CURL *easy)
{
    int left = -1, count = 0;
    CURLcode result = CURLE_AGAIN;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
        printf("message: %d, own handle %d, left %d\n", (int)message->msg,
               message->easy_handle == easy, left);
        result = message->data.result;
        count++;
    }
    if (count != 1) {
        printf("messages: %d\n", count);
    }
    return result;
}

/* Pausing in a multi transfer ends from outside of every callback. */
static void resume(struct trace *trace)
{
    if (trace->paused) {
        trace->paused = false;
        printf("pause: %d\n", (int)curl_easy_pause(trace->easy, CURLPAUSE_CONT));
    }
}

static void wait_fdset(CURLM *multi)
{
    fd_set readable, writable, exceptional;
    int largest = -1;
    long ms = -1;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_ZERO(&exceptional);
    curl_multi_timeout(multi, &ms);
    curl_multi_fdset(multi, &readable, &writable, &exceptional, &largest);
    ms = ms < 0 || ms > 1000 ? 1000 : ms;
    if (largest < 0 && ms > 50) {
        ms = 50; /* as the manual advises */
    }
    struct timeval limit = {ms / 1000, (ms % 1000) * 1000};
    select(largest + 1, &readable, &writable, &exceptional, &limit);
}

static void wait_in(CURLM *multi, const char *way)
{
    if (strcmp(way, "fdset") == 0) {
        wait_fdset(multi);
    } else if (strcmp(way, "wait") == 0) {
        curl_multi_wait(multi, NULL, 0, 1000, NULL);
    } else {
        curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

static CURLcode run_multi(struct trace *trace, const char *way)
{
    CURLM *multi = curl_multi_init();
    int running = -1;
    printf("add: %d\n", (int)curl_multi_add_handle(multi, trace->easy));
    while (curl_multi_perform(multi, &running) == CURLM_OK && running > 0) {
        resume(trace);
        wait_in(multi, way);
    }
    printf("running: %d\n", running);
    CURLcode result = collect(multi, trace->easy);
    printf("remove: %d\n", (int)curl_multi_remove_handle(multi, trace->easy));
    printf("cleanup: %d\n", (int)curl_multi_cleanup(multi));
    return result;
}

/* What curl_multi_socket_action asked to be told of: one socket and one timer. */
struct wish {
    curl_socket_t fd;
    int what;
    long ms;
};

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *argument, void *known)
{
    struct wish *wish = argument;
    (void)easy, (void)known;
    if (what == CURL_POLL_REMOVE && fd != wish->fd) {
        return 0;
    }
    wish->fd = what == CURL_POLL_REMOVE ? CURL_SOCKET_BAD : fd;
    wish->what = what;
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *argument)
{
    struct wish *wish = argument;
    (void)multi;
    wish->ms = ms;
    return 0;
}

static void turn(CURLM *multi, struct wish *wish, int *running)
{
    struct pollfd one = {.fd = wish->fd};
    one.events = (short)((wish->what & CURL_POLL_IN ? POLLIN : 0) |
                         (wish->what & CURL_POLL_OUT ? POLLOUT : 0));
    long ms = wish->ms < 0 || wish->ms > 50 ? 50 : wish->ms;
    int ready = poll(&one, wish->fd == CURL_SOCKET_BAD ? 0 : 1, (int)ms);
    if (ready > 0) {
        int mask = (one.revents & POLLIN ? CURL_CSELECT_IN : 0) |
                   (one.revents & POLLOUT ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(multi, wish->fd, mask, running);
    } else {
        wish->ms = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, running);
    }
}

static CURLcode run_socket(struct trace *trace)
{
    CURLM *multi = curl_multi_init();
    struct wish wish = {CURL_SOCKET_BAD, 0, -1};
    int running = -1;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, &wish);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, &wish);
    printf("add: %d\n", (int)curl_multi_add_handle(multi, trace->easy));
    for (int turns = 0; running != 0 && turns < 4000; turns++) {
        turn(multi, &wish, &running);
        resume(trace);
    }
    printf("running: %d\n", running);
    CURLcode result = collect(multi, trace->easy);
    printf("remove: %d\n", (int)curl_multi_remove_handle(multi, trace->easy));
    printf("cleanup: %d\n", (int)curl_multi_cleanup(multi));
    return result;
}

static CURLcode run_easy(struct trace *trace)
{
    return curl_easy_perform(trace->easy);
}

/* The transfer twice on one handle, then on a duplicate, then on the handle after a
 * reset. */
static void run_reuse(const struct scenario *scenario, const char *url, const char *key)
{
    struct trace trace, second;
    CURL *easy = curl_easy_init();
    trace_open(&trace, easy, scenario, url, key);
    for (int i = 0; i < 2; i++) {
        trace.upload_done = 0;
        print_end(&trace, curl_easy_perform(easy), scenario->header_api);
    }
    CURL *twin = curl_easy_duphandle(easy);
    trace.easy = twin;
    trace.upload_done = 0;
    print_end(&trace, curl_easy_perform(twin), scenario->header_api);
    curl_easy_cleanup(twin);
    curl_easy_reset(easy);
    trace_open(&second, easy, &scenarios[0], url, key);
    print_end(&second, curl_easy_perform(easy), false);
    curl_easy_cleanup(easy);
    trace_close(&trace);
    trace_close(&second);
}

static void run(const char *way, const struct scenario *scenario, const char *url,
                const char *key)
{
    printf("== %s %s\n", way, scenario->name);
    if (strcmp(way, "reuse") == 0) {
        run_reuse(scenario, url, key);
        return;
    }
    struct trace trace;
    trace_open(&trace, curl_easy_init(), scenario, url, key);
    CURLcode result = strcmp(way, "easy") == 0     ? run_easy(&trace)
                      : strcmp(way, "socket") == 0 ? run_socket(&trace)
                                                   : run_multi(&trace, way);
    print_end(&trace, result, scenario->header_api);
    curl_easy_cleanup(trace.easy);
    trace_close(&trace);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fail(EXIT_USAGE_ERROR,
             "usage: difference easy|poll|wait|fdset|socket|reuse URL KEY [SCENARIO...]");
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (size_t i = 0; i < scenario_count; i++) {
        bool wanted = argc < 5;
        for (int name = 4; name < argc; name++) {
            wanted = wanted || strcmp(argv[name], scenarios[i].name) == 0;
        }
        if (wanted) {
            run(argv[1], &scenarios[i], argv[2], argv[3]);
        }
    }
    curl_global_cleanup();
    return 0;
}
