/* SPDX-License-Identifier: MIT */
/* The journal's view of an exchange: one line each, written when everything is known. */
#include "exchange_parts.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

int64_t exchange_now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void exchange_line_begin(struct journal_record *line, const struct request *request,
                         enum journal_level level)
{
    *line = (struct journal_record){
        .request_bytes = request->body.size,
        .port = request->port,
        .level = (uint8_t)level,
    };
    span_copy_text(request->host, line->host, sizeof line->host);
    for (char *at = line->host; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    span_copy_text(span_text(core_program()), line->program, sizeof line->program);
}

void exchange_line_call(struct journal_record *line, const struct call *call)
{
    span_copy_text(span_text(api_dialect_name(call)), line->dialect,
                   sizeof line->dialect);
    span_copy_text(span_text(api_operation_name(call)), line->operation,
                   sizeof line->operation);
    span_copy_text(span_text(call->model), line->model, sizeof line->model);
    line->stream = call->stream != STREAM_NONE;
}

void exchange_line_hit(struct journal_record *line, const struct entry_label *label)
{
    memcpy(line->dialect, label->dialect, sizeof line->dialect);
    memcpy(line->operation, label->operation, sizeof line->operation);
    memcpy(line->model, label->model, sizeof line->model);
    line->stream = label->stream;
    line->status = label->status;
    line->usage_known = label->usage_known;
    line->usage_estimated = label->usage_estimated;
    line->tokens_in = label->tokens_in;
    line->tokens_out = label->tokens_out;
    line->tokens_cached = label->tokens_cached;
    line->tokens_cache_write = label->tokens_cache_write;
    line->response_bytes = label->response_bytes;
    line->recorded_first_byte_us = label->first_byte_us;
    line->recorded_last_byte_us = label->last_byte_us;
    if (line->layer == LAYER_NONE)
        line->layer = LAYER_EXACT;
}

void exchange_line_usage(struct journal_record *line, const struct usage *usage)
{
    line->usage_known = usage->known;
    line->usage_estimated = usage->estimated;
    line->tokens_in = usage->tokens_in;
    line->tokens_out = usage->tokens_out;
    line->tokens_cached = usage->tokens_cached;
    line->tokens_cache_write = usage->tokens_cache_write;
}

void exchange_line_no_hit(struct journal_record *line)
{
    static const struct usage none;
    exchange_line_usage(line, &none);
    if (line->layer == LAYER_EXACT || line->layer == LAYER_SEMANTIC)
        line->layer = LAYER_NONE;
    line->response_bytes = 0;
    line->recorded_first_byte_us = line->recorded_last_byte_us = 0;
}

bool exchange_is_over(const struct exchange *exchange)
{
    return exchange->ended || exchange->generation != core_generation();
}

static void add_keys(const struct exchange *exchange, struct journal_record *line)
{
    memcpy(line->tenant, exchange->tenant.id, sizeof line->tenant);
    memcpy(line->key, exchange->key, sizeof line->key);
    if (!exchange->keyed)
        memcpy(line->request, exchange->alias, sizeof line->request);
}

void exchange_line_end(struct exchange *exchange, struct journal_record *line,
                       enum journal_verdict verdict, enum reason reason)
{
    int saved = errno;
    struct store *store = core_store();
    if (exchange && exchange->has_tenant)
        add_keys(exchange, line);
    if (exchange && verdict == VERDICT_MISS)
        exchange_line_mark(exchange, line);
    if (exchange)
        exchange->ended = true;
    line->time_ms = exchange_now_ms();
    line->pid = (uint32_t)getpid();
    if (exchange && exchange->compared && verdict == VERDICT_MISS)
        line->layer = LAYER_SEMANTIC;
    line->verdict = (uint8_t)verdict;
    line->reason = (uint8_t)reason;
    if (store)
        store_journal(store, line);
    if (exchange)
        exchange_release(exchange);
    errno = saved;
}
