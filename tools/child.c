/* SPDX-License-Identifier: MIT */
/* See child.h. Signals are taken one by one by sigwaitinfo(2) rather than by handlers. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child is to find as we found it. */
struct before {
    sigset_t mask;
    struct sigaction on_child;
};

/* Does not return. Should we be killed, the program goes, too, as it would have without us. */
static void become(char **program, const struct before *before, pid_t parent, int report)
{
    sigaction(SIGCHLD, &before->on_child, NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        execvp(program[0], program);
    int error = errno;
    (void)!write(report, &error, sizeof(error));
    _exit(127);
}

/* The program's files are its own: a reader of its output must see it end when it does. */
static void let_go_of_files(void)
{
    closefrom(STDERR_FILENO + 1);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0)
        return;
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        dup2(nothing, STDERR_FILENO); /* no file of the store may come there */
    if (nothing > STDERR_FILENO)
        close(nothing);
}

/* What the child reports before it becomes the program; 0 when it has become it. */
static int read_report(int report)
{
    int error = 0;
    ssize_t size;
    do
        size = read(report, &error, sizeof(error));
    while (size < 0 && errno == EINTR);
    return size == (ssize_t)sizeof(error) ? error : 0;
}

int child_start(char **program, pid_t *child)
{
    struct before before;
    struct sigaction on_child = {.sa_handler = SIG_DFL};
    sigset_t all;
    int report[2], error = 0;
    pid_t parent = getpid();
    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before.mask);
    sigaction(SIGCHLD, &on_child, &before.on_child);
    *child = fork();
    if (*child == 0)
        become(program, &before, parent, report[1]);
    if (*child < 0)
        error = errno;
    close(report[1]);
    if (*child > 0)
        error = read_report(report[0]);
    close(report[0]);
    if (!error) {
        let_go_of_files();
        return 0;
    }
    if (*child > 0)
        waitpid(*child, NULL, 0);
    sigprocmask(SIG_SETMASK, &before.mask, NULL);
    return error;
}

/* Does to us what |number| does by itself, and returns when we may go on. */
static void suffer(int number)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    sigaction(number, &usual, NULL);
    kill(getpid(), number);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    sigprocmask(SIG_BLOCK, &one, NULL);
}

/* What the kernel sends because of the terminal goes to the whole process group, the child
 * included; what somebody sends to us is meant for the program. */
static void pass_on(pid_t child, const siginfo_t *signal)
{
    if (signal->si_signo == SIGCONT)
        kill(child, SIGCONT);
    else if (signal->si_code == SI_QUEUE)
        sigqueue(child, signal->si_signo, signal->si_value);
    else if (signal->si_code <= 0 && signal->si_pid != child)
        kill(child, signal->si_signo);
}

/* True when |child| has ended. When it has stopped, so do we: a shell sees its job stopped. */
static bool has_ended(pid_t child, int *status)
{
    pid_t found = waitpid(child, status, WNOHANG | WUNTRACED);
    if (found != child)
        return found < 0 && errno == ECHILD;
    if (!WIFSTOPPED(*status))
        return true;
    suffer(WSTOPSIG(*status));
    kill(child, SIGCONT);
    return false;
}

int child_wait(pid_t child)
{
    sigset_t all;
    siginfo_t signal;
    int status = 0;
    sigfillset(&all);
    while (!has_ended(child, &status)) {
        int number = sigwaitinfo(&all, &signal);
        if (number > 0 && number != SIGCHLD)
            pass_on(child, &signal);
    }
    return status;
}

int child_end(int status)
{
    struct rlimit no_core = {0, 0};
    if (!WIFSIGNALED(status))
        return WEXITSTATUS(status);
    setrlimit(RLIMIT_CORE, &no_core);
    suffer(WTERMSIG(status));
    return 128 + WTERMSIG(status);
}
