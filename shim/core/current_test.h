/* SPDX-License-Identifier: MIT */
/* The test that pytest runs at the moment, in this process or in one that has started it:
 * PYTEST_CURRENT_TEST, which it sets before each phase of each test.
 *
 * The environment belongs to the program, and getenv() may not run beside another
 * thread's setenv(): Python lets other threads run while we are inside a call of its, and
 * the array that getenv() walks over is freed when a variable is added. So the kernel
 * reads it for us: what is not there any more is an error of the call, and a name that
 * was just being changed is found whole or not at all. Not where a filter of system calls
 * might kill who asks. Any thread. */
#ifndef CORE_CURRENT_TEST_H
#define CORE_CURRENT_TEST_H

#include "store/bytes.h"

/* Appends its name without the phase: "test_a.py::test_b" for "test_a.py::test_b (call)".
 * Appends nothing when there is none. Ask buffer_ok() afterwards. */
void current_test(struct buffer *out);

#endif
