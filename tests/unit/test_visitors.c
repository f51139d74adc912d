/* SPDX-License-Identifier: MIT */
/* Connections that take too long are ended, and only those. */
#include "unit.h"

#include "store/memory.h"
#include "tools/visitors.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_open(int descriptor)
{
    char byte;
    return recv(descriptor, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

static void test_sweep(void)
{
    struct visitors visitors;
    int slow[2], quick[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, slow), 0);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, quick), 0);
    visitors_init(&visitors);
    struct visitor *one = visitors_come(&visitors, slow[0]);
    struct visitor *other = visitors_come(&visitors, quick[0]);
    CHECK_INT(visitors_sweep(&visitors), 0);
    CHECK(is_open(slow[1]) && is_open(quick[1]));
    one->deadline_ms = 1;
    visitors_ask(&visitors, one, span_text("/x")); /* does not make it longer */
    CHECK_INT(one->deadline_ms, 1);
    CHECK(span_is(buffer_span(&one->target), "/x"));
    visitors_serve(&visitors, other);
    CHECK_INT(visitors_sweep(&visitors), 1);
    CHECK(!is_open(slow[1]));
    CHECK(is_open(quick[1]));
    visitors_rest(&visitors, other);
    CHECK_INT(visitors_sweep(&visitors), 0);
    visitors_go(&visitors, one);
    visitors_go(&visitors, other);
    CHECK(visitors.first == NULL);
    for (int i = 0; i < 2; i++) {
        close(slow[i]);
        close(quick[i]);
    }
}

static void test_memory(void)
{
    struct visitors visitors;
    visitors_init(&visitors);
    memory_fail_from(1);
    CHECK(visitors_come(&visitors, 0) == NULL);
    memory_fail_from(0);
    visitors_go(&visitors, NULL);
    visitors_ask(&visitors, NULL, span_text("/"));
    visitors_serve(&visitors, NULL);
    struct visitor *visitor = visitors_come(&visitors, -1);
    memory_fail_from(1);
    visitors_ask(&visitors, visitor, span_text("/x"));
    memory_fail_from(0);
    CHECK(!buffer_ok(&visitor->target));
    visitors_ask(&visitors, visitor, span_text("/y"));
    CHECK(buffer_ok(&visitor->target) && span_is(buffer_span(&visitor->target), "/y"));
    visitors_go(&visitors, visitor);
}

int main(void)
{
    RUN(test_sweep);
    RUN(test_memory);
    return unit_end();
}
