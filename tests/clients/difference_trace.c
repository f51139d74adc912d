/* SPDX-License-Identifier: MIT */
/* The callbacks of the differential program; see difference.h. */
#define _GNU_SOURCE
#include "difference.h"

#include <stdio.h>
#include <string.h>

void print_escaped(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '\n') {
            fputs("\\n", stdout);
        } else if (byte == '\r') {
            fputs("\\r", stdout);
        } else if (byte < ' ' || byte > '~') {
            printf("\\x%02x", byte);
        } else {
            putchar(byte);
        }
    }
    putchar('\n');
}

size_t trace_write(char *bytes, size_t one, size_t size, void *argument)
{
    struct trace *trace = argument;
    if (trace->pause_wanted) {
        trace->pause_wanted = false;
        trace->paused = true;
        puts("write: paused");
        return CURL_WRITEFUNC_PAUSE;
    }
    printf("write %zu*%zu: ", one, size);
    print_escaped(bytes, one * size);
    return trace->abort_write ? 0 : one * size;
}

size_t trace_header(char *bytes, size_t one, size_t size, void *argument)
{
    struct trace *trace = argument;
    printf("header %zu*%zu: ", one, size);
    print_escaped(bytes, one * size);
    return trace->abort_header ? 0 : one * size;
}

size_t trace_read(char *bytes, size_t one, size_t size, void *argument)
{
    struct trace *trace = argument;
    size_t left = strlen(trace->body) - trace->upload_done;
    size_t room = one * size < 16 ? one * size : 16;
    size_t given = left < room ? left : room;
    memcpy(bytes, trace->body + trace->upload_done, given);
    trace->upload_done += given;
    printf("read: %zu\n", given);
    return given;
}

int trace_seek(void *argument, curl_off_t offset, int origin)
{
    struct trace *trace = argument;
    printf("seek %ld %d\n", (long)offset, origin);
    trace->upload_done = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

int trace_progress(void *argument, curl_off_t down_total, curl_off_t down,
                   curl_off_t up_total, curl_off_t up)
{
    struct trace *trace = argument;
    trace->progress[0] = down_total;
    trace->progress[1] = down;
    trace->progress[2] = up_total;
    trace->progress[3] = up;
    if (trace->paused) {
        trace->paused = false;
        curl_easy_pause(trace->easy, CURLPAUSE_CONT);
    }
    return 0;
}
