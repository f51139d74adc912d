/* SPDX-License-Identifier: MIT */
/* See process.h. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught = number;
}

void process_catch_signals(void)
{
    struct sigaction action = {.sa_handler = catch};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

int process_signal(void)
{
    return caught;
}

double process_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The child's part: standard input empty, the signals' usual meaning, then the program.
 */
static _Noreturn void become(char *const arguments[], int output, int error)
{
    int input = open("/dev/null", O_RDONLY);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(input, STDIN_FILENO) == 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        (error < 0 || dup2(error, STDERR_FILENO) >= 0))
        execvp(arguments[0], arguments);
    _exit(127);
}

/* Starts |arguments| with |output| as standard output, and with |error| as standard error
 * unless that is -1. */
static pid_t spawn(char *const arguments[], int output, int error)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        become(arguments, output, error);
    return child;
}

/* Reads until the pipe ends. False when time is up or a signal came. */
static bool read_all(int pipe, double start, double limit, struct process_result *out)
{
    for (;;) {
        double left = limit - (process_now() - start);
        struct pollfd wait = {pipe, POLLIN, 0};
        if (caught || left <= 0 || poll(&wait, 1, (int)(left * 1000) + 1) < 0)
            return false;
        if (wait.revents == 0)
            continue;
        uint8_t *room = buffer_room(&out->output, 65536);
        ssize_t size = room ? read(pipe, room, 65536) : -1;
        if (size <= 0)
            return size == 0;
        if (out->output.size == 0)
            out->first_byte = process_now() - start;
        out->output.size += (size_t)size;
    }
}

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void process_capture(char *const arguments[], double limit, struct process_result *out)
{
    int pipes[2];
    memset(out, 0, sizeof(*out));
    out->status = -1;
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return;
    double start = process_now();
    pid_t child = spawn(arguments, pipes[1], -1);
    close(pipes[1]);
    if (child > 0) {
        if (!read_all(pipes[0], start, limit, out))
            kill(child, SIGKILL);
        out->status = wait_for(child);
        out->seconds = process_now() - start;
    }
    close(pipes[0]);
}

pid_t process_start(char *const arguments[], const char *log)
{
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0)
        return -1;
    pid_t child = spawn(arguments, file, file);
    close(file);
    return child;
}

void process_end(pid_t process)
{
    if (process <= 0)
        return;
    kill(process, SIGTERM);
    wait_for(process);
}
