/* SPDX-License-Identifier: MIT */
/* A request to `preecho serve` of any content: its target, its conditions, its range. What is found
 * lies within what came; what is plain holds neither dots nor slashes in disguise. */
#include "shim/core/field.h"
#include "tools/byte_range.h"
#include "tools/condition.h"
#include "tools/resource.h"
#include "tools/variant.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

static bool lies_within(struct span part, struct span whole)
{
    return part.at >= whole.at && part.at + part.size <= whole.at + whole.size;
}

/* A line of the input. */
static struct span take_line(struct span *left)
{
    size_t size = span_find(*left, span_text("\n"));
    struct span line = span_of(left->at, size);
    *left = span_skip(*left, size + 1);
    return line;
}

static void check_plain(struct span path)
{
    require(span_find(path, span_text("/../")) == path.size);
    require(span_find(path, span_text("//")) == path.size);
    require(span_find(path, span_text("%2e")) == path.size);
    require(span_find(path, span_text("%2F")) == path.size);
    require(span_find(path, span_text("%00")) == path.size);
    require(memchr(path.at, 0, path.size) == NULL);
}

static void check_target(const struct request *request, struct span hosts)
{
    struct resource resource;
    uint8_t digest[RESOURCE_DIGEST];
    struct request recorded = {
        .host = span_text("h"), .port = 1, .target = request->target};
    if (resource_asked(request, hosts, &resource)) {
        require(resource.host.size && resource.port);
        require(span_starts(resource.target, "/"));
        require(lies_within(resource.target, request->target));
        resource_digest(&resource, digest);
    }
    if (resource_recorded(&recorded, &resource))
        check_plain(
            span_of(resource.target.at, span_find(resource.target, span_text("?"))));
}

static void check_range(struct span value, uint64_t size)
{
    uint64_t from = 0, count = 0;
    if (byte_range_read(value, size, &from, &count) == BYTE_RANGE_PART)
        require(count > 0 && from < size && count <= size - from);
}

static void check_variant(const struct headers *headers, struct span also)
{
    struct record record = {.request.headers = *headers, .response.headers = *headers};
    struct buffer names = {0};
    struct span list, name;
    (void)variant_answers(&record, also, headers);
    variant_names(&record, also, &names);
    for (list = buffer_span(&names); field_names_next(&list, &name);)
        require(field_is_name(name));
    buffer_free(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span left = span_of(data, size);
    struct span hosts = take_line(&left), target = take_line(&left);
    struct request request = {.method = span_text("GET"), .target = target};
    const struct validators validators = {span_text("\"a\""), true, {0}, 1, 100};
    while (left.size) {
        struct span line = take_line(&left);
        size_t colon = span_find(line, span_text(":"));
        if (headers_add(&request.headers, span_of(line.at, colon),
                        span_skip(line, colon + 1)) != 0)
            abort();
        check_range(span_skip(line, colon + 1), size);
    }
    check_target(&request, hosts);
    check_variant(&request.headers, hosts);
    (void)condition_of(&request.headers, &validators, 1800000000);
    (void)condition_allows_range(&request.headers, &validators, 1800000000);
    headers_free(&request.headers);
    return 0;
}
