/* SPDX-License-Identifier: MIT */
/* Other programs, run and measured by the demo. One thread. */
#ifndef TOOLS_PROCESS_H
#define TOOLS_PROCESS_H

#include "store/bytes.h"

#include <sys/types.h>

struct process_result {
    int status;           /* exit status; 128 + signal; -1 when it could not be run */
    double seconds;       /* from before it was started until it had ended */
    double first_byte;    /* until it had written its first byte; 0 when it wrote none */
    struct buffer output; /* what it wrote to its standard output */
};

/* Makes SIGINT, SIGTERM and SIGHUP end what is running here, and be asked for. */
void process_catch_signals(void);
/* The signal that came, 0 for none. */
int process_signal(void);

/* Runs |arguments| (found in PATH) to its end and keeps its output. After |limit|
 * seconds, or on a caught signal, it is killed. Free the result's output. */
void process_capture(char *const arguments[], double limit, struct process_result *out);
/* Starts |arguments| with standard output and error in the file |log|. Its process id, or
 * -1. */
MUST_USE pid_t process_start(char *const arguments[], const char *log);
/* Ends a started process and waits for it. */
void process_end(pid_t process);

/* Monotonic seconds. */
double process_now(void);

#endif
