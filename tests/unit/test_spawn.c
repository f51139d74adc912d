/* SPDX-License-Identifier: MIT */
/* A spawned process must leave no trace in its host: no signal, no child to wait for, no
 * descriptor; and must itself inherit nothing. */
#include "unit.h"

#include "shim/core/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t signals_seen;
static _Atomic bool stop;
static _Atomic int children_seen;
static char report_path[64];
static const char *const environment[] = {"PATH=/usr/bin:/bin", "MARK=here", NULL};

static void on_child(int signal)
{
    (void)signal;
    signals_seen++;
}

/* What process managers do: reap whatever there is. */
static void *reap_everything(void *context)
{
    (void)context;
    while (!stop) {
        if (waitpid(-1, NULL, WNOHANG) > 0)
            children_seen++;
        usleep(50);
    }
    return NULL;
}

/* The report that the spawned shell has written, once its last line is there. */
static const char *wait_for_report(void)
{
    static char report[4096];
    for (int i = 0; i < 1000; i++, usleep(5000)) {
        int descriptor = open(report_path, O_RDONLY);
        if (descriptor < 0)
            continue;
        ssize_t size = read(descriptor, report, sizeof report - 1);
        close(descriptor);
        report[size > 0 ? size : 0] = 0;
        if (strstr(report, "end\n"))
            break;
    }
    unlink(report_path);
    return report;
}

static int spawn_shell(const char *commands, int keep_fd)
{
    char script[1024];
    snprintf(script, sizeof script, "{ %s\necho end; } > %s", commands, report_path);
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    return spawn_detached(argv, environment, &keep_fd, keep_fd >= 0);
}

static bool has_children(void)
{
    char children[64] = "";
    int descriptor = open("/proc/thread-self/children", O_RDONLY);
    ssize_t size = read(descriptor, children, sizeof children);
    close(descriptor);
    return size > 0;
}

static void test_host_notices_nothing(void)
{
    struct sigaction action = {.sa_handler = on_child};
    CHECK_INT(sigaction(SIGCHLD, &action, NULL), 0);
    pthread_t reaper;
    CHECK_INT(pthread_create(&reaper, NULL, reap_everything, NULL), 0);
    for (int i = 0; i < 50; i++) {
        errno = 55;
        CHECK_INT(spawn_shell("echo $$", -1), 0);
        CHECK_INT(errno, 55);
    }
    CHECK(strstr(wait_for_report(), "end\n") != NULL);
    usleep(100000); /* all of them have ended by then */
    stop = true;
    pthread_join(reaper, NULL);
    CHECK_INT(signals_seen, 0);
    CHECK_INT(children_seen, 0);
    CHECK(!has_children());
    CHECK(waitpid(-1, NULL, __WALL | WNOHANG) == -1 && errno == ECHILD);
    unlink(report_path);
}

static void test_inherits_nothing(void)
{
    int pipe_ends[2];
    CHECK_INT(pipe(pipe_ends), 0);
    CHECK_INT(dup2(pipe_ends[0], 77), 77);
    CHECK_INT(setenv("LD_PRELOAD_TEST", "1", 1), 0);
    signal(SIGINT, SIG_IGN);
    sigset_t mask, before;
    sigfillset(&mask);
    sigprocmask(SIG_BLOCK, &mask, &before);
    CHECK_INT(spawn_shell(
                  "for n in 77; do [ -e /proc/$$/fd/$n ] && echo leaked $n; done\n"
                  "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status\n"
                  "echo in $(readlink /proc/$$/fd/0) at $PWD, $MARK, $LD_PRELOAD_TEST.\n"
                  "set -- $(cat /proc/$$/stat); echo $1 $5 $6\n",
                  -1),
              0);
    sigset_t after;
    sigprocmask(SIG_SETMASK, &before, &after);
    CHECK(sigismember(&after, SIGUSR1) == 1);
    signal(SIGINT, SIG_DFL);
    const char *report = wait_for_report();
    CHECK(strstr(report, "in /dev/null at /, here, .\n") != NULL);
    CHECK(strstr(report, "leaked") == NULL);
    CHECK_INT(close(77), 0);
    CHECK(strstr(report, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") !=
          NULL);
    unsigned pid = 0, group = 1, session = 2;
    const char *last = strstr(report, ".\n");
    CHECK(last && sscanf(last + 2, "%u %u %u", &pid, &group, &session) == 3);
    CHECK(pid == group && pid == session);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

static void test_keeps_one_descriptor(void)
{
    int pipe_ends[2];
    CHECK_INT(pipe2(pipe_ends, O_CLOEXEC), 0);
    CHECK_INT(spawn_shell("echo hello >&3", pipe_ends[1]), 0);
    close(pipe_ends[1]);
    char text[8] = "";
    CHECK_INT(read(pipe_ends[0], text, sizeof text), 6);
    CHECK_TEXT(text, "hello\n");
    CHECK_INT(read(pipe_ends[0], text, sizeof text), 0);
    close(pipe_ends[0]);
    wait_for_report();
}

static void test_without_standard_descriptors(void)
{
    pid_t child = fork();
    if (child == 0) {
        for (int descriptor = 0; descriptor < 3; descriptor++)
            close(descriptor);
        _exit(spawn_shell("readlink /proc/$$/fd/0", -1) == 0 ? 0 : 1);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(strstr(wait_for_report(), "/dev/null\nend\n") != NULL);
}

static void test_program_missing(void)
{
    const char *const argv[] = {"/nonexistent/preecho", NULL};
    CHECK_INT(spawn_detached(argv, environment, NULL, 0), -1);
    CHECK(!has_children());
}

/* A process that adopts orphans would find ours among them. */
static void test_not_in_subreaper(void)
{
    CHECK_INT(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    CHECK_INT(spawn_shell("true", -1), -1);
    CHECK_INT(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    CHECK(access(report_path, F_OK) != 0);
}

int main(void)
{
    snprintf(report_path, sizeof report_path, "/tmp/preecho-spawn-%d", (int)getpid());
    RUN(test_host_notices_nothing);
    RUN(test_inherits_nothing);
    RUN(test_keeps_one_descriptor);
    RUN(test_without_standard_descriptors);
    RUN(test_program_missing);
    RUN(test_not_in_subreaper);
    return unit_end();
}
