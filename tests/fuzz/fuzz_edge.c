/* SPDX-License-Identifier: MIT */
/* What servers and programs write into the fields that a cache reads: nothing overflows, times stay
 * within their bounds, an answer always confirms itself, and updating it by itself changes no field
 * but for their order. The first byte says how many lines are the request's; lines are
 * "name:value". */
#include <stdlib.h>

#include "shim/core/api/edge_condition.h"
#include "shim/core/api/edge_fresh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1795788000

static void check(bool good)
{
    if (!good)
        abort();
}

static struct span take_lines(struct span text, size_t count, struct headers *out)
{
    for (size_t i = 0; i < count && text.size; i++) {
        size_t size = span_find(text, span_text("\n"));
        struct span line = span_of(text.at, size);
        size_t colon = span_find(line, span_text(":"));
        check(headers_add(out, span_of(line.at, colon), span_skip(line, colon + 1)) == 0);
        text = span_skip(text, size + 1);
    }
    return text;
}

static void check_uses(const struct headers *request, const struct headers *response)
{
    struct edge_control asked;
    struct edge_stored stored = {
        .headers = response,
        .age_s = edge_initial_age(response, NOW, 3),
        .lifetime_s = edge_lifetime(response, 600, NOW),
    };
    edge_control_read(request, &asked);
    check(stored.lifetime_s <= EDGE_SECONDS_MOST);
    enum edge_use use = edge_use_for(&asked, &stored);
    check(use != EDGE_USE_AS_IS || stored.lifetime_s > stored.age_s || asked.any_stale ||
          asked.max_stale.said);
    (void)edge_use_failing(&asked, &stored);
    (void)edge_condition_unmodified(request, response, NOW);
}

static void check_update(const struct headers *response)
{
    struct headers updated = {0};
    check(edge_condition_update(response, response, &updated) == 0);
    check(updated.count <= response->count);
    headers_free(&updated);
    check(edge_condition_confirms(response, response, NOW) ||
          headers_value(response, "ETag").size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct headers request = {0};
    struct response response = {.status = 200};
    struct buffer lines = {0};
    if (size == 0)
        return 0;
    struct span left = take_lines(span_of(data + 1, size - 1), data[0] % 16, &request);
    (void)take_lines(left, 64, &response.headers);
    (void)!edge_may_store(&request, &response);
    check_uses(&request, &response.headers);
    check_update(&response.headers);
    edge_condition_make(&response.headers, &lines);
    buffer_free(&lines);
    headers_free(&request);
    headers_free(&response.headers);
    return 0;
}
