/* SPDX-License-Identifier: MIT */
/* The log: a file named by PREECHO_LOG, opened and closed per line so that no descriptor
 * stays in the host. Nothing is ever written elsewhere. Keeps errno. Any thread; not for
 * signals. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "config.h"

/* Before it, and without PREECHO_LOG, log_line() does nothing. |config| must stay. */
void log_open(const struct config *config);
/* One line: time, pid, level, text. printf-like formats %s %d %u %x %zu only; lines are
 * cut at 500 bytes. Never log bodies or credentials. */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
