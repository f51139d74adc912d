/* SPDX-License-Identifier: MIT */
/* The merger is found where the core was installed, and gets the core's own paths. This
 * program plays the core: it copies itself into a prefix of its own and starts the copy.
 */
#include "unit.h"

#include "shim/core/merger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char prefix[32];

/* A path beneath the prefix; valid until the second next call. */
static const char *beneath(const char *name)
{
    static char paths[2][96];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", prefix, name);
    return paths[turn];
}

static void run(const char *command)
{
    char line[256];
    snprintf(line, sizeof line, "cd %s && %s", prefix, command);
    CHECK_INT(system(line), 0);
}

static void install_preecho(const char *name)
{
    char script[160];
    snprintf(script, sizeof script,
             "#!/bin/sh\n{ echo $0 $*; env; echo end; } > %s/report\n", prefix);
    int descriptor = open(beneath(name), O_WRONLY | O_CREAT | O_EXCL, 0755);
    CHECK_INT(write(descriptor, script, strlen(script)), strlen(script));
    close(descriptor);
}

static const char *wait_for_report(void)
{
    static char report[2048];
    for (int i = 0; i < 1000; i++, usleep(5000)) {
        int descriptor = open(beneath("report"), O_RDONLY);
        if (descriptor < 0)
            continue;
        ssize_t size = read(descriptor, report, sizeof report - 1);
        close(descriptor);
        report[size > 0 ? size : 0] = 0;
        if (strstr(report, "end\n"))
            break;
    }
    unlink(beneath("report"));
    return report;
}

static void check_started(const char *program)
{
    char expected[128];
    run("LD_PRELOAD= SECRET=1 $PWD/lib/preecho/core start");
    const char *report = wait_for_report();
    snprintf(expected, sizeof expected, "%s/%s merge --quiet\n", prefix, program);
    CHECK(strncmp(report, expected, strlen(expected)) == 0);
    CHECK(strstr(report, "PREECHO_STORE=/the/store\n") != NULL);
    CHECK(strstr(report, "XDG_CONFIG_HOME=/the/config\n") != NULL);
    CHECK(strstr(report, "PREECHO_MAX_SIZE=5G\n") != NULL);
    CHECK(strstr(report, "PREECHO_QUOTA=7M\n") != NULL);
    CHECK(strstr(report, "LD_PRELOAD") == NULL && strstr(report, "SECRET") == NULL);
}

static void test_found(void)
{
    CHECK(mkdtemp(prefix) != NULL);
    char copy[128];
    run("mkdir -p lib/preecho bin");
    snprintf(copy, sizeof copy, "cp /proc/%d/exe lib/preecho/core", (int)getpid());
    run(copy);
    run("$PWD/lib/preecho/core start"); /* nowhere: nothing happens */
    install_preecho("bin/preecho");
    check_started("bin/preecho");
    install_preecho("lib/preecho/preecho");
    check_started("lib/preecho/preecho");
    run("rm -r $PWD");
}

/* The host's environment. */
static const char *get(const char *name)
{
    static const char *const variables[][2] = {{"HOME", "/home"},
                                               {"PREECHO_STORE", "/the/store"},
                                               {"XDG_CONFIG_HOME", "/the/config"},
                                               {"PREECHO_MAX_SIZE", "5G"},
                                               {"PREECHO_QUOTA", "7M"}};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (strcmp(name, variables[i][0]) == 0)
            return variables[i][1];
    return NULL;
}

int main(int count, char **arguments)
{
    (void)arguments;
    if (count > 1) {
        struct config config;
        if (config_read(&config, get) != 0)
            return 1;
        merger_start(&config);
        return 0;
    }
    snprintf(prefix, sizeof prefix, "/tmp/preecho-merger-XXXXXX");
    RUN(test_found);
    return unit_end();
}
