/* SPDX-License-Identifier: MIT */
/* Settings from files: sections, layers, mistakes, who may have written them. */
#include "unit.h"

#include "shim/core/config_rules.h"
#include "shim/core/ignoring.h"
#include "shim/core/trust.h"
#include "store/duration.h"
#include "store/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[64];
static const char *extra[8]; /* name, value */

static const char *get(const char *name)
{
    if (strcmp(name, "HOME") == 0)
        return home;
    for (size_t i = 0; extra[i]; i += 2)
        if (strcmp(extra[i], name) == 0)
            return extra[i + 1];
    return NULL;
}

static void write_file(const char *name, const char *text, size_t size, unsigned mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", home, name);
    (void)!unlink(path);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(text, 1, size, file) == size);
    fclose(file);
    CHECK_INT(chmod(path, mode), 0);
}

#define USER_FILE ".config/preecho/preecho.conf"

static struct config read_all(void)
{
    struct config config;
    CHECK_INT(config_read(&config, get), 0);
    return config;
}

/* With |text| as the user's file. */
static struct config read_text(const char *text)
{
    write_file(USER_FILE, text, strlen(text), 0644);
    return read_all();
}

static struct policy policy_for(const struct config *config, const char *host,
                                const char *path, const char *model)
{
    struct policy policy;
    struct policy_facts facts = {.host = span_text(host),
                                 .port = 443,
                                 .path = span_text(path),
                                 .model = span_text(model),
                                 .program = span_text("prog"),
                                 .tenant = span_text(config->tenant),
                                 .dialect = span_text("openai"),
                                 .operation = span_text("chat")};
    policy_find(config, &facts, &policy);
    return policy;
}

/* -- what matches ---------------------------------------------------------------------- */

static void check_match(const char *section, bool expected)
{
    char text[256];
    snprintf(text, sizeof text, "ttl = 1s\n[match \"%s\"]\nttl = 2s\n", section);
    struct config config = read_text(text);
    CHECK_TEXT(config.problem, "");
    struct policy policy =
        policy_for(&config, "API.openai.com", "/v1/Chat", "gpt-4o-mini");
    unit_check(policy.ttl_s == (expected ? 2 : 1), __FILE__, __LINE__, "%s", section);
    config_free(&config);
}

static void test_sections_match(void)
{
    check_match("api.openai.com", true);
    check_match("*.OpenAI.com", true);
    check_match("*", true);
    check_match("api.openai.com/v1/Chat", true);
    check_match("api.openai.com/v1/*", true);
    check_match("api.openai.com/v1/chat", false); /* a path's letters have a case */
    check_match("api.openai.com/v1", false);
    check_match("/v1/*", true);
    check_match("api.openai.com:443", true);
    check_match("api.openai.com:444", false);
    check_match("openai.com", false);
    check_match("host=api.openai.com  path=/v1/*", true);
    check_match("model=GPT-4o*", true);
    check_match("model=gpt-4o", false);
    check_match("model=*-mini dialect=openai operation=chat program=prog", true);
    check_match("model=*-mini dialect=openai operation=embeddings", false);
    check_match("program=Prog", false);
    check_match("tenant=*", false); /* there is none */
    check_match("api.openai.com model=claude*", false);
}

static void test_unknown_facts_match_nothing(void)
{
    struct config config =
        read_text("[match \"model=*\"]\nttl=2s\n[match \"host=*\"]\nmax_age=3s\n");
    struct policy policy;
    struct policy_facts facts = {.host = span_text("h")};
    policy_find(&config, &facts, &policy);
    CHECK_INT(policy.ttl_s, DURATION_FOREVER);
    CHECK_INT(policy.max_age_s, 3);
    CHECK(!policy_has(&policy, 1) && policy_has(&policy, 2) && policy_has(&policy, 0));
    config_free(&config);
}

/* The last value counts, in a section or not, and then the environment. */
static void test_last_one_wins(void)
{
    struct config config = read_text("[match \"h\"]\nttl = 1s\nversion = a\n"
                                     "[match \"h/p*\"]\nttl = 2s\n"
                                     "[match \"h/px\"]\nttl = 3s\nversion =\n");
    CHECK_INT(policy_for(&config, "h", "/", "").ttl_s, 1);
    CHECK_INT(policy_for(&config, "h", "/p", "").ttl_s, 2);
    CHECK_INT(policy_for(&config, "h", "/px", "").ttl_s, 3);
    CHECK(span_is(policy_for(&config, "h", "/p", "").version, "a"));
    CHECK_INT(policy_for(&config, "h", "/px", "").version.size, 0);
    CHECK_INT(policy_for(&config, "other", "/px", "").ttl_s, DURATION_FOREVER);
    config_free(&config);
    extra[0] = "PREECHO_TTL";
    extra[1] = "9s";
    config = read_all();
    CHECK_INT(policy_for(&config, "h", "/px", "").ttl_s, 9);
    CHECK(span_is(config_from_environment(&config, SETTING_TTL), "9s"));
    CHECK_INT(config_from_environment(&config, SETTING_QUOTA).size, 0);
    config_free(&config);
    extra[0] = NULL;
}

/* -- the form -------------------------------------------------------------------------- */

static void test_form(void)
{
    struct config config =
        read_text("\xef\xbb\xbf; comment\n# comment\r\n\r\n   ttl   =  1h  \r\n"
                  "tag = a;b # c\n\ttenant: x = y\nlog_level=DEBUG\nmax_age = 7d");
    CHECK_TEXT(config.problem, "");
    CHECK_INT(config.policy.ttl_s, 3600);
    CHECK_TEXT(config.tenant, "x = y");
    CHECK_INT(config.log_level, LOG_DEBUG);
    CHECK_INT(config.policy.max_age_s, 7 * 86400);
    CHECK(span_is(config_text(&config, config_at(&config, 1)->text), "a;b # c"));
    CHECK_INT(config_at(&config, 0)->line, 4);
    CHECK_INT(config.files[CONFIG_USER].state, CONFIG_FILE_READ);
    CHECK_INT(config.files[CONFIG_SYSTEM].state, CONFIG_FILE_ABSENT);
    config_free(&config);
}

/* |problem| is what stands behind the file's path. */
static void check_problem(const char *text, const char *problem)
{
    struct config config = read_text(text);
    char expected[512];
    snprintf(expected, sizeof expected, "%s/" USER_FILE "%s", home, problem);
    CHECK_INT(config.mode, MODE_OFF);
    CHECK_TEXT(config.problem, expected);
    config_free(&config);
}

static void test_mistakes(void)
{
    char text[2048] = "\ntenant = ";
    check_problem("tll = 5d", ":1: tll is no setting; did you mean 'ttl'?");
    check_problem("\n\nfrobnicate = 5d", ":3: frobnicate is no setting");
    check_problem("ttl = 5 d", ":1: ttl is no length of time, like 15m or 7d");
    check_problem("mode = obsrve",
                  ":1: mode has none of its possible values; did you mean 'observe'?");
    check_problem("ttl", ":1: this is neither a comment nor KEY = VALUE");
    check_problem("store = cache", ":1: store is no absolute path");
    check_problem("scope = tenant", ":1: scope is tenant, but PREECHO_TENANT is not set");
    check_problem("[match \"a\"]\nscope = user",
                  ":2: scope holds for a whole process: it can stand in front of all "
                  "sections only");
    check_problem("[match \"tenat=x\"]",
                  ":1: this asks for something else than host, path, dialect, operation, "
                  "model, program or tenant; did you mean 'tenant'?");
    check_problem("[match \"a:0\"]",
                  ":1: this has a port that is no number from 1 to 65535");
    memset(text + 10, 'x', 1500);
    check_problem(text, ":2: this is too long: a line may have 1000 bytes");
    text[10 + 1000 - 9] = 0; /* exactly 1000 */
    struct config config = read_text(text);
    CHECK_TEXT(config.problem, "");
    CHECK_INT(strlen(config.tenant), 991);
    config_free(&config);
}

static void test_bad_sections(void)
{
    static const char *const bad[] = {"[match]",
                                      "[match \"\"]",
                                      "[match \" \"]",
                                      "[match a]",
                                      "[match \"a\"",
                                      "[match \"a\" ] x",
                                      "[matches \"a\"]",
                                      "[other \"a\"]",
                                      "[]",
                                      "[",
                                      "[match \"a\"b\"]",
                                      "[match \"model=\"]",
                                      "[match \":80\"]",
                                      "[match \"[::1\"]",
                                      "[match \"a:b:c\"]",
                                      "[match \"a:65536\"]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct config config = read_text(bad[i]);
        unit_check(config.mode == MODE_OFF && config.problem[0], __FILE__, __LINE__, "%s",
                   bad[i]);
        config_free(&config);
    }
}

static void test_bytes_that_are_no_text(void)
{
    write_file(USER_FILE, "tenant = a\0b\n", 13, 0644);
    struct config config = read_all();
    CHECK(strstr(config.problem, ":1: this has a control character in it"));
    config_free(&config);
    write_file(USER_FILE, "tenant = \xc3\xa9\xff\n", 13, 0644);
    config = read_all();
    CHECK_TEXT(config.problem, "");
    CHECK_TEXT(config.tenant, "\xc3\xa9\xff");
    config_free(&config);
}

static void test_limits(void)
{
    struct buffer text = {0};
    for (unsigned i = 0; i < 255; i++)
        buffer_append_text(&text, "[match \"a\"]\nttl=1s\n");
    write_file(USER_FILE, (char *)text.at, text.size, 0644);
    struct config config = read_all();
    CHECK_TEXT(config.problem, "");
    CHECK_INT(policy_for(&config, "a", "/", "").ttl_s, 1);
    CHECK(policy_has(&(struct policy){.rules = {0, 0, 0, 1ULL << 63}}, 255));
    config_free(&config);
    buffer_append_text(&text, "[match \"a\"]\n");
    write_file(USER_FILE, (char *)text.at, text.size, 0644);
    config = read_all();
    CHECK(strstr(config.problem, ":511: this is one section too many"));
    config_free(&config);
    buffer_clear(&text);
    for (unsigned i = 0; i < 17; i++)
        buffer_append_text(&text, "ignore = /a/b\n");
    write_file(USER_FILE, (char *)text.at, text.size, 0644);
    config = read_all();
    CHECK(strstr(config.problem, ":17: ignore was said 16 times already"));
    config_free(&config);
    buffer_free(&text);
}

static void test_a_file_that_is_too_large(void)
{
    char *text = memory_new(65537);
    memset(text, '\n', 65537);
    write_file(USER_FILE, text, 65537, 0644);
    struct config config = read_all();
    CHECK(span_ends(span_text(config.problem), ": is larger than 64 KiB"));
    config_free(&config);
    write_file(USER_FILE, text, 65536, 0644);
    config = read_all();
    CHECK_TEXT(config.problem, "");
    config_free(&config);
    memory_free(text);
}

/* -- the process's mode ---------------------------------------------------------------- */

static void check_mode(const char *text, enum mode mode, bool good)
{
    struct config config = read_text(text);
    unit_check((int)config.mode == (int)mode && !config.problem[0] == good, __FILE__,
               __LINE__, "%s: %d %s", text, (int)config.mode, config.problem);
    config_free(&config);
}

static void test_mode_of_the_process(void)
{
    char text[256];
    check_mode("mode = replay", MODE_REPLAY, true);
    check_mode("mode = off", MODE_OFF, true);
    check_mode("mode = off\n[match \"a\"]\nmode = auto", MODE_AUTO, true);
    check_mode("mode = off\n[match \"a\"]\nmode = off", MODE_OFF, true);
    check_mode("mode = off\n[match \"a\"]\nttl = 1s", MODE_OFF, true);
    check_mode("mode = off\n[match \"program=other a\"]\nmode = auto", MODE_OFF, true);
    check_mode("[match \"a\"]\nmode = off", MODE_AUTO, true);
    check_mode("[match \"a\"]\nmode = replay", MODE_OFF, false);
    check_mode("[match \"program=other\"]\nmode = replay", MODE_AUTO, true);
    check_mode("[match \"tenant=x\"]\nmode = replay", MODE_AUTO, true);
    check_mode("tenant = x\n[match \"tenant=x\"]\nmode = replay", MODE_REPLAY, true);
    snprintf(text, sizeof text, "[match \"program=%s\"]\nmode = replay",
             program_invocation_short_name);
    check_mode(text, MODE_REPLAY, true);
    extra[0] = "PREECHO_MODE";
    extra[1] = "auto";
    check_mode("mode = replay", MODE_AUTO, true);
    check_mode("[match \"a\"]\nmode = off", MODE_AUTO, true);
    extra[1] = "replay";
    struct config config = read_text("[match \"a\"]\nmode = off");
    CHECK_INT(policy_for(&config, "a", "/", "").mode, MODE_REPLAY);
    config_free(&config);
    extra[0] = NULL;
}

/* -- keys ------------------------------------------------------------------------------ */

static void keying_of(const char *text, uint8_t out[32])
{
    struct config config = read_text(text);
    CHECK_TEXT(config.problem, "");
    memcpy(out, config.keying, 32);
    config_free(&config);
}

static void test_keying(void)
{
    static const char *const different[] = {
        "version = a",
        "version = b",
        "[match \"a\"]\nversion = a",
        "[match \"a:80\"]\nversion = a",
        "[match \"program=a\"]\nversion = a",
        "version = a\n[match \"a\"]\nversion =",
        "ignore = /a",
        "ignore_text = a",
        "stochastic = zero",
        "stochastic = zero\nstochastic = first",
    };
    uint8_t keys[10][32], none[32] = {0}, other[32];
    for (size_t i = 0; i < 10; i++) {
        keying_of(different[i], keys[i]);
        CHECK(memcmp(keys[i], none, 32) != 0);
        for (size_t j = 0; j < i; j++)
            CHECK(memcmp(keys[i], keys[j], 32) != 0);
    }
    keying_of("ttl = 1s\nstochastic = skip\nmode = observe\ntag = x", other);
    CHECK_BYTES(other, none, 32);
    keying_of("# comment\nttl = 1s\nversion = a", other);
    CHECK_BYTES(other, keys[0], 32);
}

/* -- who may say something ------------------------------------------------------------- */

static void test_a_file_that_others_can_write(void)
{
    write_file(USER_FILE, "ttl = 1s\n", 9, 0664);
    struct config config = read_all();
    CHECK(span_ends(span_text(config.problem),
                    ": can be written by others; chmod go-w helps"));
    CHECK_INT(config.mode, MODE_OFF);
    config_free(&config);
    write_file(USER_FILE, "ttl = 1s\n", 9, 0600);
    config = read_all();
    CHECK_INT(config.policy.ttl_s, 1);
    config_free(&config);
}

static void enter(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", home, name);
    CHECK_INT(chdir(path), 0);
}

static void make(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", home, name);
    CHECK_INT(mkdir(path, 0700), 0);
}

static void trust(const char *name, const char *content)
{
    char path[256];
    struct buffer list = {0};
    snprintf(path, sizeof path, "%s/%s", home, name);
    trust_append("/other/file", span_text(content), &list);
    trust_append(path, span_text(content), &list);
    write_file(".config/preecho/trusted", (char *)list.at, list.size, 0600);
    buffer_free(&list);
}

static void check_project(enum config_file_state state, uint64_t ttl_s)
{
    struct config config = read_all();
    CHECK_TEXT(config.problem, "");
    CHECK_INT(config.files[CONFIG_PROJECT].state, state);
    CHECK_INT(config.policy.ttl_s, ttl_s);
    config_free(&config);
}

static void test_projects_file(void)
{
    static const char text[] = "ttl = 5s\n", changed[] = "ttl = 6s\n";
    write_file(USER_FILE, "ttl = 1s\n", 9, 0600);
    make("repo");
    make("repo/.git");
    make("repo/deep");
    enter("repo/deep");
    check_project(CONFIG_FILE_ABSENT, 1);
    write_file("repo/.preecho.conf", text, 9, 0644);
    check_project(CONFIG_FILE_UNTRUSTED, 1);
    trust("repo/.preecho.conf", text);
    check_project(CONFIG_FILE_READ, 5);
    write_file("repo/.preecho.conf", changed, 9, 0644);
    check_project(CONFIG_FILE_UNTRUSTED, 1);
    trust("repo/.preecho.conf", changed);
    check_project(CONFIG_FILE_READ, 6);
    CHECK_INT(chmod("../.preecho.conf", 0666), 0);
    check_project(CONFIG_FILE_UNSAFE, 1);
    struct config config = read_all();
    CHECK(span_ends(span_text(config.repository), "/repo"));
    config_free(&config);
    trust("repo/.preecho.conf", "max_size = 1G\n");
    write_file("repo/.preecho.conf", "max_size = 1G\n", 14, 0644);
    config = read_all();
    CHECK(strstr(config.problem,
                 ":1: max_size concerns a store that other projects share"));
    config_free(&config);
}

/* A file above the repository's root, or above home, is none of this project's. */
static void test_where_projects_end(void)
{
    write_file(".preecho.conf", "ttl = 7s\n", 9, 0644);
    trust(".preecho.conf", "ttl = 7s\n");
    enter("repo/deep");
    CHECK_INT(unlink("../.preecho.conf"), 0);
    check_project(CONFIG_FILE_ABSENT, 1);
    make("plain");
    enter("plain");
    check_project(CONFIG_FILE_READ, 7); /* home's own */
    CHECK_INT(chdir("/"), 0);
    check_project(CONFIG_FILE_ABSENT, 1);
}

/* -- short memory ---------------------------------------------------------------------- */

static void test_short_memory(void)
{
    write_file(USER_FILE, "tag=a\nignore=/a\n[match \"a b\"]\nversion=x\n", 39, 0600);
    write_file("plain/.preecho.conf", "tag = a\n", 8, 0600);
    enter("plain");
    trust("plain/.preecho.conf", "tag = a\n");
    unsigned long n = 1;
    for (int result = -1; result != 0 && n < 200; n++) {
        struct config config;
        memory_fail_from(n);
        result = config_read(&config, get);
        memory_fail_from(0);
        if (result == 0) {
            CHECK_TEXT(config.problem, "");
            CHECK_INT(config_count(&config), 4);
            config_free(&config);
        }
    }
    CHECK(n > 15 && n < 200);
}

int main(void)
{
    char command[128];
    snprintf(home, sizeof home, "/tmp/preecho-config-XXXXXX");
    CHECK(mkdtemp(home) != NULL);
    snprintf(command, sizeof command, "mkdir -p %s/.config/preecho", home);
    CHECK_INT(system(command), 0);
    RUN(test_sections_match);
    RUN(test_unknown_facts_match_nothing);
    RUN(test_last_one_wins);
    RUN(test_form);
    RUN(test_mistakes);
    RUN(test_bad_sections);
    RUN(test_bytes_that_are_no_text);
    RUN(test_limits);
    RUN(test_a_file_that_is_too_large);
    RUN(test_mode_of_the_process);
    RUN(test_keying);
    RUN(test_a_file_that_others_can_write);
    RUN(test_projects_file);
    RUN(test_where_projects_end);
    RUN(test_short_memory);
    CHECK_INT(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -r %s", home);
    CHECK_INT(system(command), 0);
    return unit_end();
}
