/* SPDX-License-Identifier: MIT */
/* Settings from an environment of our own, and the log that they name. */
#include "unit.h"

#include "shim/core/config.h"
#include "shim/core/log.h"
#include "store/duration.h"
#include "store/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *environment[16]; /* name, value, name, value */

static const char *get(const char *name)
{
    for (size_t i = 0; environment[i]; i += 2)
        if (strcmp(environment[i], name) == 0)
            return environment[i + 1];
    return NULL;
}

#define END ((const char *)NULL)

/* Reads with these names and values, up to END; HOME is /home/someone unless named. */
static struct config read_with(const char *first, ...)
{
    memset(environment, 0, sizeof environment);
    va_list arguments;
    va_start(arguments, first);
    size_t count = 0;
    for (const char *text = first; text; text = va_arg(arguments, const char *))
        environment[count++] = text;
    va_end(arguments);
    environment[count] = "HOME";
    environment[count + 1] = "/home/someone";
    struct config config;
    CHECK_INT(config_read(&config, get), 0);
    return config;
}

static void test_defaults(void)
{
    struct config config = read_with(END);
    CHECK_INT(config.mode, MODE_AUTO);
    CHECK_INT(config.scope, SCOPE_CREDENTIAL);
    CHECK_INT(config.connecting, CONNECTING_VIRTUAL);
    CHECK_INT(config.pace, PACE_INSTANT);
    CHECK_INT(config.log_level, LOG_INFO);
    CHECK_INT(config.policy.ttl_s, DURATION_FOREVER);
    CHECK_INT(config.policy.stale_if_error_s, 86400);
    CHECK_INT(config.policy.stochastic, STOCHASTIC_FIRST);
    CHECK_INT(config.policy.samples, 3);
    CHECK_TEXT(config.tenant, "");
    CHECK_TEXT(config.hosts, "");
    CHECK(config.log == NULL);
    CHECK_TEXT(config.store, "/home/someone/.cache/preecho");
    CHECK_TEXT(config.directory, "/home/someone/.config/preecho");
    CHECK_TEXT(config.problem, "");
    CHECK_INT(config.policy.max_age_s, DURATION_FOREVER);
    CHECK_INT(config.policy.coalesce_wait_s, 60);
    CHECK_INT(config.policy.pii_ttl_s, 3600);
    CHECK(config.policy.coalesce && config.policy.version.size == 0);
    config_free(&config);
}

/* Every variable of the table is read, and its setting gets the value. */
static void test_rules_of_the_environment(void)
{
    struct config config =
        read_with("PREECHO_MAX_AGE", "2d", "PREECHO_NEGATIVE_TTL", "5m",
                  "PREECHO_VERSION", "x y", "PREECHO_STOCHASTIC", "Samples",
                  "PREECHO_SAMPLES", "3", "PREECHO_COALESCE", "off", END);
    CHECK_INT(config.policy.max_age_s, 2 * 86400);
    CHECK_INT(config.policy.negative_ttl_s, 300);
    CHECK(span_is(config.policy.version, "x y"));
    CHECK_INT(config.policy.stochastic, STOCHASTIC_SAMPLES);
    CHECK_INT(config.policy.samples, 3);
    CHECK(!config.policy.coalesce);
    config_free(&config);
    config = read_with("PREECHO_PII", "short", "PREECHO_PII_TTL", "2h", "PREECHO_QUOTA",
                       "1K", "PREECHO_MAX_SIZE", "2G", "PREECHO_ON_MODEL_CHANGE",
                       "retire", "PREECHO_COALESCE_WAIT", "5s", END);
    CHECK_INT(config.policy.pii, PII_SHORT);
    CHECK_INT(config.policy.pii_ttl_s, 7200);
    CHECK_INT(config.policy.quota, 1024);
    CHECK_INT(config.policy.max_size, 2LL << 30);
    CHECK_INT(config.policy.on_model_change, MODEL_CHANGE_RETIRE);
    CHECK_INT(config.policy.coalesce_wait_s, 5);
    config_free(&config);
}

static void test_values(void)
{
    struct config config =
        read_with("PREECHO_MODE", "OFF", "PREECHO_CONNECT", "real", "PREECHO_SCOPE",
                  "user", "PREECHO_PACE", "recorded", "PREECHO_LOG_LEVEL", "debug",
                  "PREECHO_TENANT", "ci", "PREECHO_LOG", "/tmp/x.log", END);
    CHECK_INT(config.mode, MODE_OFF);
    CHECK_INT(config.scope, SCOPE_USER);
    CHECK_INT(config.connecting, CONNECTING_REAL);
    CHECK_INT(config.pace, PACE_RECORDED);
    CHECK_INT(config.log_level, LOG_DEBUG);
    CHECK_TEXT(config.tenant, "ci");
    CHECK_TEXT(config.log, "/tmp/x.log");
    CHECK_TEXT(config.problem, "");
    config_free(&config);
    config = read_with("PREECHO_TTL", "90s", "PREECHO_STALE_IF_ERROR", "0", END);
    CHECK_INT(config.policy.ttl_s, 90);
    CHECK_INT(config.policy.stale_if_error_s, 0);
    CHECK_TEXT(config.problem, "");
    config_free(&config);
    config = read_with("PREECHO_STOCHASTIC", "samples", "PREECHO_SAMPLES", "1000", END);
    CHECK_INT(config.policy.stochastic, STOCHASTIC_SAMPLES);
    CHECK_INT(config.policy.samples, 1000);
    CHECK_TEXT(config.problem, "");
    config_free(&config);
    config = read_with("PREECHO_STORE", "/var/s", "XDG_CONFIG_HOME", "/etc/u",
                       "XDG_CACHE_HOME", "/ignored", "PREECHO_MODE", "", END);
    CHECK_TEXT(config.store, "/var/s");
    CHECK_TEXT(config.directory, "/etc/u/preecho");
    CHECK_INT(config.mode, MODE_AUTO);
    config_free(&config);
    config = read_with("PREECHO_MODE", "Replay", END);
    CHECK_INT(config.mode, MODE_REPLAY);
    CHECK_TEXT(config.problem, "");
    config_free(&config);
    config = read_with("XDG_CACHE_HOME", "relative", END);
    CHECK_TEXT(config.store, "/home/someone/.cache/preecho");
    CHECK_TEXT(config.problem, "");
    config_free(&config);
}

static void check_nonsense(const char *name, const char *value, const char *problem)
{
    struct config config = read_with(name, value, END);
    CHECK_INT(config.mode, MODE_OFF);
    CHECK_TEXT(config.problem, problem);
    CHECK(config.store && config.directory && config.tenant && config.hosts);
    config_free(&config);
}

static void test_nonsense_switches_off(void)
{
    static char endless[5000];
    memset(endless, '/', sizeof endless - 1);
    check_nonsense("PREECHO_MODE", "on", "PREECHO_MODE has none of its possible values");
    check_nonsense("PREECHO_SCOPE", "all",
                   "PREECHO_SCOPE has none of its possible values");
    check_nonsense("PREECHO_PACE", "0", "PREECHO_PACE has none of its possible values");
    check_nonsense("PREECHO_CONNECT", "no",
                   "PREECHO_CONNECT has none of its possible values");
    check_nonsense("PREECHO_LOG_LEVEL", "4",
                   "PREECHO_LOG_LEVEL has none of its possible values");
    check_nonsense("PREECHO_TTL", "1y",
                   "PREECHO_TTL is no length of time, like 15m or 7d");
    check_nonsense("PREECHO_STALE_IF_ERROR", "-1d",
                   "PREECHO_STALE_IF_ERROR is no length of time, like 15m or 7d");
    check_nonsense("PREECHO_STOCHASTIC", "0",
                   "PREECHO_STOCHASTIC has none of its possible values");
    check_nonsense(
        "PREECHO_SEMANTIC_DEADLINE", "150ms",
        "PREECHO_SEMANTIC_DEADLINE is no number of milliseconds from 1 to 10000");
    check_nonsense(
        "PREECHO_SEMANTIC_DEADLINE", "10001",
        "PREECHO_SEMANTIC_DEADLINE is no number of milliseconds from 1 to 10000");
    check_nonsense("PREECHO_SEMANTIC_CANARY", "101%",
                   "PREECHO_SEMANTIC_CANARY is no share from 0% to 100%");
    check_nonsense("PREECHO_SEMANTIC_CANARY", "2",
                   "PREECHO_SEMANTIC_CANARY is no share from 0% to 100%");
    check_nonsense("PREECHO_SAMPLES", "0", "PREECHO_SAMPLES is no number from 1 to 1000");
    check_nonsense("PREECHO_SAMPLES", "1001",
                   "PREECHO_SAMPLES is no number from 1 to 1000");
    check_nonsense("PREECHO_SAMPLES", "3x",
                   "PREECHO_SAMPLES is no number from 1 to 1000");
    check_nonsense("PREECHO_STORE", "here", "PREECHO_STORE is no absolute path");
    check_nonsense("PREECHO_STORE", endless, "PREECHO_STORE is too long");
    check_nonsense("PREECHO_LOG", "log", "PREECHO_LOG is no absolute path");
    check_nonsense("PREECHO_TENANT", endless, "PREECHO_TENANT is too long");
    check_nonsense("HOME", "", "HOME is not set: no place for files");
    check_nonsense("PREECHO_SCOPE", "tenant",
                   "PREECHO_SCOPE is tenant, but PREECHO_TENANT is not set");
    check_nonsense(
        "PREECHO_MODE", "rplay",
        "PREECHO_MODE has none of its possible values; did you mean 'replay'?");
    check_nonsense("PREECHO_SAMPLES", "0", "PREECHO_SAMPLES is no number from 1 to 1000");
    check_nonsense("PREECHO_MAX_SIZE", "5X",
                   "PREECHO_MAX_SIZE is no size, like 500M, 2G or 0");
    static const char *const bad[] = {"a b", "http://x", "h:",    "h:0",    "h:65536",
                                      "h:x", "[::1",     "[]",    ":80",    "[::1]x",
                                      "::1", "a,b/",     "h:1:2", "[a]b:1", "[::1]:"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_nonsense("PREECHO_HOSTS", bad[i],
                       "PREECHO_HOSTS is no list of host[:port]");
}

static bool known(const struct config *config, const char *host, uint16_t port)
{
    return config_known_host(config, span_text(host), port);
}

static void test_known_hosts(void)
{
    struct config config = read_with(
        "PREECHO_HOSTS", " Llm.Example , 127.0.0.1:8443,,[::1]:9,[fe80::2],", END);
    CHECK_TEXT(config.problem, "");
    CHECK(known(&config, "llm.example", 443));
    CHECK(known(&config, "LLM.EXAMPLE", 1));
    CHECK(known(&config, "127.0.0.1", 8443));
    CHECK(!known(&config, "127.0.0.1", 8444));
    CHECK(known(&config, "127.0.0.1", 0));
    CHECK(known(&config, "[::1]", 9));
    CHECK(known(&config, "::1", 9));
    CHECK(!known(&config, "::1", 10));
    CHECK(known(&config, "[fe80::2]", 10));
    CHECK(!known(&config, "xllm.example", 443));
    CHECK(!known(&config, "", 443));
    CHECK(known(&config, "api.openai.com", 443));
    CHECK(!known(&config, "api.openai.com", 8080));
    config_free(&config);
}

static void test_short_memory(void)
{
    unsigned long n = 1;
    for (; n < 100; n++) {
        memset(environment, 0, sizeof environment);
        environment[0] = "HOME";
        environment[1] = "/h";
        environment[2] = "PREECHO_LOG";
        environment[3] = "/l";
        struct config config;
        memory_fail_from(n);
        int result = config_read(&config, get);
        memory_fail_from(0);
        if (result == 0) {
            CHECK_TEXT(config.log, "/l");
            config_free(&config);
            break;
        }
        CHECK_INT(result, -1);
    }
    CHECK(n > 5 && n < 100);
}

/* -- the log ------------------------------------------------------------------------- */

static char log_path[64];

static struct span log_content(void)
{
    static char content[8192];
    int descriptor = open(log_path, O_RDONLY);
    ssize_t size = read(descriptor, content, sizeof content);
    close(descriptor);
    return span_of(content, size > 0 ? (size_t)size : 0);
}

static void test_log_lines(void)
{
    struct config config = {.log = log_path, .log_level = LOG_INFO};
    log_open(&config);
    errno = 77;
    log_line(LOG_INFO, "a %s b %d c %u d %x e %zu f %%", "text\nforged", -5, 7U, 255U,
             (size_t)1 << 40);
    CHECK_INT(errno, 77);
    log_line(LOG_DEBUG, "not this");
    struct span content = log_content();
    const char *end = " info a text?forged b -5 c 7 d ff e 1099511627776 f %\n";
    CHECK(span_ends(content, end));
    CHECK(content.size > 25 && content.at[4] == '-' && content.at[10] == 'T' &&
          content.at[19] == '.' && content.at[23] == 'Z');
    CHECK_INT(span_find(content, span_text("not this")), content.size);
    struct stat status;
    CHECK_INT(stat(log_path, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0600);
    CHECK_INT(unlink(log_path), 0);
}

static void test_log_cuts_lines(void)
{
    struct config config = {.log = log_path, .log_level = LOG_INFO};
    log_open(&config);
    static char text[2000];
    memset(text, 'x', sizeof text - 1);
    log_line(LOG_ERROR, "%s", text);
    struct span content = log_content();
    CHECK_INT(content.size, 500);
    CHECK(span_ends(content, "x\n"));
    CHECK_INT(unlink(log_path), 0);
}

/* Neither a FIFO that nobody reads nor the file size limit may block or kill the host. */
static void test_log_does_no_harm(void)
{
    struct config config = {.log = log_path, .log_level = LOG_INFO};
    log_open(&config);
    CHECK_INT(mkfifo(log_path, 0600), 0);
    log_line(LOG_ERROR, "into a pipe");
    int reader = open(log_path, O_RDONLY | O_NONBLOCK);
    log_line(LOG_ERROR, "into a pipe with a reader");
    char byte;
    CHECK(read(reader, &byte, 1) <= 0);
    close(reader);
    CHECK_INT(unlink(log_path), 0);

    struct rlimit before, tight;
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 10;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &tight), 0);
    log_line(LOG_ERROR, "would be SIGXFSZ");
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_INT(log_content().size, 0);
    CHECK_INT(unlink(log_path), 0);
    log_open(NULL);
    log_line(LOG_ERROR, "nowhere");
    CHECK(access(log_path, F_OK) != 0);
}

int main(void)
{
    snprintf(log_path, sizeof log_path, "/tmp/preecho-test-%d.log", (int)getpid());
    RUN(test_defaults);
    RUN(test_rules_of_the_environment);
    RUN(test_values);
    RUN(test_nonsense_switches_off);
    RUN(test_known_hosts);
    RUN(test_short_memory);
    RUN(test_log_lines);
    RUN(test_log_cuts_lines);
    RUN(test_log_does_no_harm);
    return unit_end();
}
