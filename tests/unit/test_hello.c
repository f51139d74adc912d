/* SPDX-License-Identifier: MIT */
/* ClientHellos that pass by. */
#include "unit.h"

#include "hello.h"

static uint8_t hello[80] = {0x16, 3, 1, 0, 75, 1, 0, 0, 71, 3, 3};

static void set_random(uint8_t seed)
{
    for (unsigned i = 0; i < HELLO_RANDOM_SIZE; i++)
        hello[11 + i] = (uint8_t)(seed + i);
}

static void test_found(void)
{
    set_random(1);
    hello_watch(7, hello, sizeof(hello));
    set_random(99);
    hello_watch(8, hello, sizeof(hello));
    CHECK_INT(hello_descriptor(hello + 11), 8);
    set_random(1);
    CHECK_INT(hello_descriptor(hello + 11), 7);
    set_random(2);
    CHECK_INT(hello_descriptor(hello + 11), -1);
}

static void test_others_ignored(void)
{
    set_random(50);
    hello[5] = 2; /* a ServerHello */
    hello_watch(9, hello, sizeof(hello));
    hello[5] = 1;
    hello[0] = 0x17; /* application data */
    hello_watch(9, hello, sizeof(hello));
    hello[0] = 0x16;
    hello_watch(9, hello, 20); /* cut */
    hello_watch(9, NULL, 100);
    hello_watch(9, "", 0);
    CHECK_INT(hello_descriptor(hello + 11), -1);
}

static void test_oldest_forgotten(void)
{
    for (int i = 0; i < 5000; i++) {
        set_random((uint8_t)i);
        hello[11] = (uint8_t)(i >> 8);
        hello_watch(i, hello, sizeof(hello));
    }
    CHECK_INT(hello_descriptor(hello + 11), 4999);
}

/* A hello that libssl is about to send is told from all others, and has no descriptor yet. */
static void test_announced(void)
{
    set_random(7);
    hello[11] = 0xee;
    CHECK(!hello_announced(hello, sizeof(hello)));
    hello_announce(hello + 11);
    CHECK(hello_announced(hello, sizeof(hello)));
    CHECK(!hello_announced(hello, 20));
    CHECK_INT(hello_descriptor(hello + 11), -1);
    hello_watch(12, hello, sizeof(hello));
    CHECK_INT(hello_descriptor(hello + 11), 12);
    hello[5] = 2;
    CHECK(!hello_announced(hello, sizeof(hello)));
    hello[5] = 1;
}

int main(void)
{
    static _Atomic int watching;
    hello_start(&watching);
    hello_expect();
    CHECK_INT(watching, 1);
    hello_forget();
    CHECK_INT(watching, 0);
    RUN(test_found);
    RUN(test_others_ignored);
    RUN(test_oldest_forgotten);
    RUN(test_announced);
    return unit_end();
}
