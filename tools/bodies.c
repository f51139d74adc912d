/* SPDX-License-Identifier: MIT */
/* See bodies.h. */
#include "bodies.h"

#include "store/memory.h"

static struct body *find(const struct bodies *bodies, const uint8_t key[STORE_KEY_SIZE],
                         int64_t created_ms, struct span payload)
{
    struct body *body = bodies->first;
    while (body && (body->created_ms != created_ms ||
                    memcmp(body->key, key, STORE_KEY_SIZE) != 0 ||
                    !span_equal(buffer_span(&body->payload), payload)))
        body = body->next;
    return body;
}

static struct body *add(struct bodies *bodies, const uint8_t key[STORE_KEY_SIZE],
                        int64_t created_ms, struct buffer *payload)
{
    struct body *body = NULL;
    if (!bodies->first || bodies->bytes + payload->size <= BODIES_LIMIT)
        body = memory_new(sizeof *body);
    if (!body)
        return NULL;
    *body = (struct body){.bodies = bodies,
                          .next = bodies->first,
                          .created_ms = created_ms,
                          .payload = *payload};
    memcpy(body->key, key, STORE_KEY_SIZE);
    *payload = (struct buffer){0};
    bodies->first = body;
    bodies->bytes += body->payload.size;
    return body;
}

struct body *bodies_hold(struct bodies *bodies, const uint8_t key[STORE_KEY_SIZE],
                         int64_t created_ms, struct buffer *payload)
{
    struct body *body = find(bodies, key, created_ms, buffer_span(payload));
    if (body)
        buffer_free(payload);
    else
        body = add(bodies, key, created_ms, payload);
    if (body)
        body->holders++;
    return body;
}

void body_release(struct body *body)
{
    struct bodies *bodies = body->bodies;
    struct body **place = &bodies->first;
    if (--body->holders)
        return;
    while (*place != body)
        place = &(*place)->next;
    *place = body->next;
    bodies->bytes -= body->payload.size;
    buffer_free(&body->payload);
    memory_free(body);
}
