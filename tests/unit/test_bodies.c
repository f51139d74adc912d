/* SPDX-License-Identifier: MIT */
/* What is being sent lies in memory once, and there is a limit to it. */
#include "unit.h"

#include "store/memory.h"
#include "tools/bodies.h"

static const uint8_t key[STORE_KEY_SIZE] = {1}, other_key[STORE_KEY_SIZE] = {2};

static struct buffer payload_of(size_t size, uint8_t byte)
{
    struct buffer payload = {0};
    uint8_t *at = buffer_room(&payload, size);
    CHECK(at != NULL);
    if (at)
        memset(at, byte, size);
    payload.size = size;
    return payload;
}

static void test_shared(void)
{
    struct bodies bodies = {0};
    struct buffer one = payload_of(100, 'a'), two = payload_of(100, 'a');
    struct buffer later = payload_of(100, 'a'), other = payload_of(100, 'b');
    struct body *first = bodies_hold(&bodies, key, 1, &one);
    struct body *same = bodies_hold(&bodies, key, 1, &two);
    struct body *anew = bodies_hold(&bodies, key, 2, &later);
    struct body *elsewhere = bodies_hold(&bodies, other_key, 1, &other);
    CHECK(first && first == same);
    CHECK(anew && anew != first && elsewhere && elsewhere != first);
    CHECK(!one.at && !two.at && !later.at && !other.at);
    CHECK_INT(bodies.bytes, 300);
    body_release(first);
    CHECK_INT(bodies.bytes, 300);
    body_release(anew);
    body_release(same);
    CHECK_INT(bodies.bytes, 100);
    CHECK(elsewhere->payload.at[0] == 'b');
    body_release(elsewhere);
    CHECK(bodies.first == NULL && bodies.bytes == 0);
}

static void test_limit(void)
{
    struct bodies bodies = {0};
    struct buffer huge = payload_of(BODIES_LIMIT + 1, 'a'), small = payload_of(1, 'b');
    struct body *first = bodies_hold(&bodies, key, 1, &huge);
    CHECK(first != NULL);
    CHECK(bodies_hold(&bodies, other_key, 1, &small) == NULL);
    CHECK(small.at != NULL);
    body_release(first);
    struct body *second = bodies_hold(&bodies, other_key, 1, &small);
    CHECK(second != NULL);
    body_release(second);
}

static void test_memory(void)
{
    struct bodies bodies = {0};
    struct buffer payload = payload_of(10, 'a');
    memory_fail_from(1);
    CHECK(bodies_hold(&bodies, key, 1, &payload) == NULL);
    memory_fail_from(0);
    CHECK(payload.at != NULL && bodies.first == NULL && bodies.bytes == 0);
    buffer_free(&payload);
}

int main(void)
{
    RUN(test_shared);
    RUN(test_limit);
    RUN(test_memory);
    return unit_end();
}
