/* SPDX-License-Identifier: MIT */
/* The demo's stage, see demo.h. */
#include "demo.h"
#include "mapping.h"
#include "place.h"
#include "print.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define START_LIMIT 10.0 /* seconds until the upstream must answer */
#define RUN_LIMIT   15.0 /* seconds for one program */

static char *inside(const struct demo *demo, const char *name)
{
    return print_memory("%s/%s", demo->directory, name);
}

static void set(const struct demo *demo, const char *variable, const char *name)
{
    char *path = inside(demo, name);
    setenv(variable, path, 1);
    free(path);
}

/* Nothing of the user's is read or written: not the store, not the secret, not ~/.curlrc.
 */
static void set_environment(const struct demo *demo)
{
    static const char *const unwanted[] = {
        "PREECHO_MODE", "PREECHO_TENANT",    "PREECHO_SCOPE", "PREECHO_PACE",
        "PREECHO_LOG",  "PREECHO_LOG_LEVEL", "PREECHO_HOSTS", "PREECHO_DEEPBIND",
        "http_proxy",   "https_proxy",       "HTTPS_PROXY",   "all_proxy",
        "ALL_PROXY",    "CURL_HOME"};
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
        unsetenv(unwanted[i]);
    set(demo, "HOME", "home");
    set(demo, "XDG_CACHE_HOME", "cache");
    set(demo, "XDG_CONFIG_HOME", "config");
    set(demo, "PREECHO_STORE", "store");
    set(demo, "CURL_CA_BUNDLE", "ca.pem");
    set(demo, "SSL_CERT_FILE", "ca.pem");
}

static int make_certificates(const struct demo *demo, const char *upstream)
{
    char *script = print_memory("%s/ca.sh", upstream);
    char *arguments[] = {"/bin/sh", script, (char *)demo->directory, NULL};
    struct process_result result;
    process_capture(arguments, START_LIMIT, &result);
    buffer_free(&result.output);
    free(script);
    if (result.status == 0)
        return 0;
    print_error("the demo's certificates could not be made; is openssl installed?");
    return EX_UNAVAILABLE;
}

/* Reads TLS_PORT=N from the file that the upstream writes once it answers. */
static unsigned read_port(const struct demo *demo)
{
    char *path = inside(demo, "ports");
    FILE *file = fopen(path, "re");
    unsigned port = 0;
    char line[64];
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "TLS_PORT=", 9) == 0)
            port = (unsigned)strtoul(line + 9, NULL, 10);
    }
    if (file)
        fclose(file);
    free(path);
    return port;
}

static int start_upstream(struct demo *demo, const char *upstream)
{
    char *script = print_memory("%s/upstream.py", upstream);
    char *log = inside(demo, "upstream.log");
    char *arguments[] = {demo->python, script,        "--dir", demo->directory,
                         "--delay",    DEMO_DELAY_MS, NULL};
    demo->upstream = process_start(arguments, log);
    double start = process_now();
    while (demo->upstream > 0 && demo->port == 0 && !process_signal() &&
           process_now() - start < START_LIMIT) {
        usleep(20000);
        demo->port = read_port(demo);
    }
    free(script);
    free(log);
    if (demo->port)
        return 0;
    print_error("the demo's upstream did not start; is %s 3.9 or later?", demo->python);
    return EX_UNAVAILABLE;
}

int demo_open(struct demo *demo)
{
    strcpy(demo->directory, "/tmp/preecho-demo-XXXXXX");
    if (!mkdtemp(demo->directory)) {
        print_error("no directory below /tmp: %s", strerror(errno));
        demo->directory[0] = '\0';
        return EX_CANTCREAT;
    }
    demo->command = realpath("/proc/self/exe", NULL);
    const char *python =
        access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3";
    demo->python = print_memory("%s", python);
    char *upstream = place_data("upstream");
    int status = EX_UNAVAILABLE;
    if (!upstream || !demo->command)
        print_error(
            "the demo's upstream is not here; run 'make demo' in the source tree");
    else
        status = make_certificates(demo, upstream);
    if (status == 0)
        status = start_upstream(demo, upstream);
    if (status == 0)
        set_environment(demo);
    free(upstream);
    return status;
}

static int remove_one(const char *path, const struct stat *status, int kind,
                      struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

void demo_close(struct demo *demo)
{
    process_end(demo->upstream);
    if (demo->directory[0] &&
        nftw(demo->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        print_error("%s could not be removed: %s", demo->directory, strerror(errno));
    free(demo->command);
    free(demo->python);
}

unsigned demo_calls(const struct demo *demo)
{
    char *path = inside(demo, "requests.log");
    struct span log = mapping_open(path);
    unsigned lines = 0;
    for (size_t i = 0; i < log.size; i++)
        lines += log.at[i] == '\n';
    mapping_close(log);
    free(path);
    return lines;
}

bool demo_write(struct demo *demo, const char *name, const char *text)
{
    char *path = inside(demo, name);
    FILE *file = fopen(path, "we");
    bool good = file && fputs(text, file) >= 0;
    if (file && fclose(file) != 0)
        good = false;
    if (!good)
        print_error("%s: %s", path, strerror(errno));
    free(path);
    return good;
}

void demo_run(struct demo *demo, char *const arguments[], struct process_result *out)
{
    char *all[40] = {demo->command, "run", "--"};
    size_t count = 3;
    for (size_t i = 0; arguments[i] && count < 39; i++)
        all[count++] = arguments[i];
    process_capture(all, RUN_LIMIT, out);
}

/* nftw(3) hands no context on. */
static struct {
    struct span text;
    unsigned found, files;
    uint64_t bytes;
} search;

static int search_one(const char *path, const struct stat *status, int kind,
                      struct FTW *walk)
{
    (void)status, (void)walk;
    if (kind != FTW_F)
        return 0;
    struct span file = mapping_open(path);
    search.files++;
    search.bytes += file.size;
    if (file.at && memmem(file.at, file.size, search.text.at, search.text.size))
        search.found++;
    mapping_close(file);
    return 0;
}

unsigned demo_search(struct demo *demo, const char *name, struct span text,
                     unsigned *files, uint64_t *bytes)
{
    char *path = inside(demo, name);
    memset(&search, 0, sizeof(search));
    search.text = text;
    if (nftw(path, search_one, 16, FTW_PHYS) != 0)
        demo->failed = true;
    free(path);
    *files = search.files;
    *bytes = search.bytes;
    return search.found;
}

void demo_title(const struct demo *demo, const char *text, const char *command)
{
    printf(demo->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
    if (command)
        printf("  $ %s\n", command);
    fflush(stdout);
}

void demo_line(struct demo *demo, bool good, const char *what, const char *word,
               const char *format, ...)
{
    const char *colour = !demo->colour ? "" : good ? "\033[32m" : "\033[31m";
    printf("  %-12s %s%-5s%s ", what, colour, word, colour[0] ? "\033[0m" : "");
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    demo->failed = demo->failed || !good;
}
