/* SPDX-License-Identifier: MIT */
/* The invisible child. clone(2) without an exit signal makes a child that sends no
 * SIGCHLD and that wait functions overlook without __WCLONE; it makes the real process
 * and exits at once, so that init adopts that one. Both share the host's memory like
 * vfork(2) does, which spares a large host the copying of its page tables: between clone
 * and exec only system calls are made, on stacks of their own, with every signal blocked.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE     ((size_t)32 * 1024)
#define LAST_SIGNAL    64
#define KEPT_FD        3     /* and those behind it */
#define CLOSE_FALLBACK 65536 /* descriptors closed one by one on kernels before 5.9 */

struct plan {
    const char *const *argv;
    const char *const *environment;
    const int *keep;
    unsigned keep_count;
    unsigned char *inner_stack;
    uint64_t no_signals;
    volatile int failed; /* written by the grandchild, which shares this memory */
};

/* libc's own functions leave out the signals that it uses itself. */
static void set_mask(const uint64_t *mask, uint64_t *before)
{
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, before, sizeof *mask);
}

/* The kernel's struct sigaction, whatever its layout: all zeroes is SIG_DFL. */
static void reset_signals(const struct plan *plan)
{
    static const uint64_t action[8];
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        (void)syscall(SYS_rt_sigaction, signal, action, NULL, sizeof plan->no_signals);
    set_mask(&plan->no_signals, NULL);
}

static void close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0U, 0) == 0)
        return;
    struct rlimit limit = {CLOSE_FALLBACK, CLOSE_FALLBACK};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    unsigned end =
        limit.rlim_cur < CLOSE_FALLBACK ? (unsigned)limit.rlim_cur : CLOSE_FALLBACK;
    for (unsigned descriptor = first; descriptor < end; descriptor++)
        (void)syscall(SYS_close, descriptor);
}

/* dup3() refuses equal numbers, which happen where the host has closed its first ones. */
static long put_descriptor(long from, int to)
{
    if (from == to)
        return syscall(SYS_fcntl, from, F_SETFD, 0);
    return syscall(SYS_dup3, from, to, 0);
}

/* 0 to 2 on /dev/null, the kept ones from KEPT_FD on, nothing else. They are moved out of
 * the way first: the numbers they are to have may be each other's. */
static int arrange_descriptors(const struct plan *plan)
{
    long moved[SPAWN_KEPT];
    const int free_fd = KEPT_FD + SPAWN_KEPT;
    for (unsigned i = 0; i < plan->keep_count; i++)
        if ((moved[i] = syscall(SYS_fcntl, plan->keep[i], F_DUPFD, free_fd)) < 0)
            return -1;
    long null = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    if (null < 0)
        return -1;
    for (int descriptor = 0; descriptor < KEPT_FD; descriptor++)
        if (put_descriptor(null, descriptor) < 0)
            return -1;
    for (unsigned i = 0; i < plan->keep_count; i++)
        if (put_descriptor(moved[i], KEPT_FD + (int)i) < 0)
            return -1;
    close_from(KEPT_FD + plan->keep_count);
    return 0;
}

/* The process that stays. */
static int run_grandchild(void *context)
{
    struct plan *plan = context;
    (void)syscall(SYS_setsid);
    if (syscall(SYS_chdir, "/") == 0 && arrange_descriptors(plan) == 0) {
        reset_signals(plan);
        (void)syscall(SYS_execve, plan->argv[0], plan->argv, plan->environment);
    }
    plan->failed = 1;
    return 127;
}

/* The one in between, which leaves an orphan. */
static int run_child(void *context)
{
    struct plan *plan = context;
    if (clone(run_grandchild, plan->inner_stack + STACK_SIZE,
              CLONE_VM | CLONE_VFORK | SIGCHLD, plan) < 0)
        plan->failed = 1;
    return 0;
}

bool spawn_is_confined(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool would_be_noticed(void)
{
    int subreaper = 0;
    if (getpid() == 1 || prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0) != 0 ||
        subreaper)
        return true;
    return spawn_is_confined();
}

static int spawn_on(unsigned char *stacks, struct plan *plan)
{
    uint64_t every_signal = ~(uint64_t)0, before = 0;
    int cancel_state = 0;
    plan->inner_stack = stacks + STACK_SIZE;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    set_mask(&every_signal, &before);
    pid_t child = clone(run_child, stacks + STACK_SIZE, CLONE_VM | CLONE_VFORK, plan);
    while (child > 0 && waitpid(child, NULL, __WCLONE) < 0 && errno == EINTR)
        ;
    set_mask(&before, NULL);
    (void)pthread_setcancelstate(cancel_state, NULL);
    return child > 0 && !plan->failed ? 0 : -1;
}

int spawn_detached(const char *const argv[], const char *const environment[],
                   const int *keep, unsigned keep_count)
{
    int saved = errno;
    int result = -1;
    struct plan plan = {
        .argv = argv, .environment = environment, .keep = keep, .keep_count = keep_count};
    unsigned char *stacks = MAP_FAILED;
    if (keep_count <= SPAWN_KEPT && !would_be_noticed())
        stacks = mmap(NULL, 2 * STACK_SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stacks != MAP_FAILED) {
        result = spawn_on(stacks, &plan);
        munmap(stacks, 2 * STACK_SIZE);
    }
    errno = saved;
    return result;
}
