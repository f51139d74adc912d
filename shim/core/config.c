/* SPDX-License-Identifier: MIT */
/* Reads the settings, layer by layer. What makes no sense switches preecho off, since a wrong guess
 * could serve or store what the user did not want. */
#include "config_parts.h"

#include "embedder.h"
#include "host_list.h"
#include "store/files.h"
#include "store/memory.h"
#include "trust.h"

#include <errno.h>
#include <unistd.h>

#define SYSTEM_FILE "/etc/preecho.conf"
#define USER_FILE   "/preecho.conf"
#define ANYBODY     ((unsigned)-1)

/* |prefix| and |rest| as one text, or NULL when memory is short. */
static char *join(struct reader *reader, struct span prefix, const char *rest)
{
    struct buffer text = {0};
    buffer_append_span(&text, prefix);
    buffer_append_text(&text, rest);
    buffer_append_byte(&text, 0);
    if (!buffer_ok(&text)) {
        buffer_free(&text);
        reader->failed = true;
    }
    return (char *)text.at;
}

/* -- directories ----------------------------------------------------------------------- */

static bool is_usable(const char *path)
{
    return path && path[0] == '/' &&
           strnlen(path, SETTING_TEXT_LIMIT) < SETTING_TEXT_LIMIT;
}

/* A directory of the user's (XDG Base Directory Specification): a relative path is
 * ignored. */
static char *user_directory(struct reader *reader, const char *variable,
                            const char *beneath)
{
    const char *base = reader->get(variable), *home = reader->get("HOME");
    if (is_usable(base))
        return join(reader, span_text(base), "/preecho");
    if (is_usable(home))
        return join(reader, span_text(home), beneath);
    reader->layer = CONFIG_ENVIRONMENT;
    reader_report(reader, "HOME", "is not set: no place for files", (struct span){0});
    return join(reader, (struct span){0}, "");
}

/* -- files ----------------------------------------------------------------------------- */

/* True when the user trusts |content| of the project's file. */
static bool is_trusted(struct reader *reader, struct span content)
{
    struct buffer list = {0};
    struct path path;
    bool trusted = false;
    if (path_join(&path, reader->config->directory, TRUST_FILE) &&
        file_read(path.text, false, TRUST_LIMIT, &list, NULL) == STORE_OK)
        trusted = trust_covers(buffer_span(&list),
                               reader->config->files[CONFIG_PROJECT].path, content);
    reader->failed |= !buffer_ok(&list);
    buffer_free(&list);
    return trusted;
}

/* What becomes of a file that is there. A project's that is in doubt is left alone. */
static enum config_file_state judge(struct reader *reader, const char *problem,
                                    struct span content)
{
    bool project = reader->layer == CONFIG_PROJECT;
    if (project && problem)
        return CONFIG_FILE_UNSAFE;
    if (project && !is_trusted(reader, content))
        return CONFIG_FILE_UNTRUSTED;
    if (problem)
        reader_report(reader, "", problem, (struct span){0});
    else
        config_file_parse(reader, content);
    return CONFIG_FILE_READ;
}

static void read_file(struct reader *reader, enum config_layer layer, unsigned owner)
{
    struct config_file *file = &reader->config->files[layer];
    struct buffer content = {0};
    bool absent = false;
    if (reader->failed || !file->path)
        return;
    reader->layer = layer;
    reader->line = 0;
    const char *problem = config_file_read(file->path, owner, &content, &absent);
    reader->failed |= !buffer_ok(&content);
    if (!absent && !reader->failed)
        file->state = judge(reader, problem, buffer_span(&content));
    buffer_free(&content);
}

static void read_files(struct reader *reader)
{
    struct config *config = reader->config;
    config->files[CONFIG_SYSTEM].path = join(reader, (struct span){0}, SYSTEM_FILE);
    if (config->directory && config->directory[0])
        config->files[CONFIG_USER].path =
            join(reader, span_text(config->directory), USER_FILE);
    reader->failed |= !config_find_project(config, reader->get);
    read_file(reader, CONFIG_SYSTEM, 0);
    read_file(reader, CONFIG_USER, geteuid());
    read_file(reader, CONFIG_PROJECT, geteuid());
}

/* -- what holds for the whole process -------------------------------------------------- */

static uint64_t number_of(const struct config *config, enum setting_id id)
{
    uint64_t number = 0;
    const struct assignment *assignment = config_winner(config, &config->policy, id);
    if (assignment)
        return assignment->number;
    (void)!setting_parse(id, span_text(setting_at(id)->preset), &number);
    return number;
}

/* Its text, "" by default. */
static char *text_of(struct reader *reader, enum setting_id id)
{
    const struct config *config = reader->config;
    const struct assignment *assignment = config_winner(config, &config->policy, id);
    struct span text = {0};
    if (assignment)
        text = config_text(config, assignment->text);
    return join(reader, text, "");
}

static void set_defaults(struct policy *policy)
{
    *policy = (struct policy){.rules = {1}}; /* section 0 */
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        enum setting_id id = (enum setting_id)i;
        struct span preset = span_text(setting_at(id)->preset);
        uint64_t number = 0;
        if (!setting_is_list(id) && !setting_parse(id, preset, &number))
            policy_set(policy, id, number, preset);
    }
}

static void set_policy(struct config *config)
{
    for (size_t i = 0; i < config_count(config); i++) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->section == 0)
            policy_set(&config->policy, (enum setting_id)assignment->setting,
                       assignment->number, config_text(config, assignment->text));
    }
}

static void set_whole(struct reader *reader)
{
    struct config *config = reader->config;
    config->scope = (enum scope)number_of(config, SETTING_SCOPE);
    config->connecting = (enum connecting)number_of(config, SETTING_CONNECT);
    config->pace = (enum pace)number_of(config, SETTING_PACE);
    config->log_level = (enum log_level)number_of(config, SETTING_LOG_LEVEL);
    config->tenant = text_of(reader, SETTING_TENANT);
    config->hosts = text_of(reader, SETTING_HOSTS);
    if (config_winner(config, &config->policy, SETTING_LOG))
        config->log = text_of(reader, SETTING_LOG);
    if (config_winner(config, &config->policy, SETTING_STORE))
        config->store = text_of(reader, SETTING_STORE);
    else
        config->store = user_directory(reader, "XDG_CACHE_HOME", "/.cache/preecho");
    config->tested = reader->get("PYTEST_CURRENT_TEST") != NULL;
    const char *run = reader->get("GITHUB_RUN_ID");
    config->run = join(reader, span_text(run && strnlen(run, 64) < 64 ? run : ""), "");
    const char *launch = reader->get("PREECHO_RUN");
    bool sound = launch && strspn(launch, "0123456789abcdef.") < 64 &&
                 launch[strspn(launch, "0123456789abcdef.")] == '\0';
    config->launch = join(reader, span_text(sound ? launch : ""), "");
}

/* Something is wrong with the value of |id| that |assignment| has given. */
static void report_at(struct reader *reader, const struct assignment *assignment,
                      enum setting_id id, const char *problem)
{
    const struct setting *setting = setting_at(id);
    reader->layer = (enum config_layer)assignment->layer;
    reader->line = assignment->line;
    reader_report(reader,
                  reader->layer == CONFIG_ENVIRONMENT ? setting->variable : setting->name,
                  problem, (struct span){0});
}

/* Where embeddings are asked for, if anywhere. */
static void set_embedder(struct reader *reader)
{
    struct config *config = reader->config;
    const struct policy *policy = &config->policy;
    const struct assignment *url = config_winner(config, policy, SETTING_SEMANTIC_URL);
    const struct assignment *model =
        config_winner(config, policy, SETTING_SEMANTIC_MODEL);
    if (!url || !url->text.size)
        return;
    config->embedder = memory_new(sizeof *config->embedder);
    reader->failed |= !config->embedder;
    if (!config->embedder)
        return;
    const char *problem =
        embedder_set(config->embedder, config_text(config, url->text),
                     model ? config_text(config, model->text) : (struct span){0},
                     number_of(config, SETTING_SEMANTIC_FAR) != 0);
    config->embedder->deadline_ms =
        (unsigned)number_of(config, SETTING_SEMANTIC_DEADLINE);
    config->embedder->dimensions = number_of(config, SETTING_SEMANTIC_DIMENSIONS);
    if (problem)
        report_at(reader, url, SETTING_SEMANTIC_URL, problem);
}

/* The tenant's label is the whole identity in that scope: without one, everybody who
 * forgot it would share. */
static void check_together(struct reader *reader)
{
    struct config *config = reader->config;
    const struct assignment *scope =
        config_winner(config, &config->policy, SETTING_SCOPE);
    if (config->scope != SCOPE_TENANT || config->tenant[0])
        return;
    report_at(reader, scope, SETTING_SCOPE, "is tenant, but PREECHO_TENANT is not set");
}

/* -- the mode of the process ------------------------------------------------------------ */

/* True when a section that may match a request later on says another mode than off, and what holds
 * now was not said behind it. */
static bool may_turn_on(const struct config *config, const struct policy_facts *facts)
{
    for (size_t i = config_count(config); i-- > 0;) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->setting != SETTING_MODE)
            continue;
        enum section_match match = section_matches(config, assignment->section, facts);
        if (match == SECTION_YES)
            return false;
        if (match == SECTION_UNKNOWN && assignment->number != MODE_OFF)
            return true;
    }
    return false;
}

/* What is known at the start: the program and the tenant. */
static enum mode mode_of(const struct config *config)
{
    struct policy policy;
    struct policy_facts facts = {.program = span_text(program_invocation_short_name),
                                 .tenant = span_text(config->tenant)};
    policy_find(config, &facts, &policy);
    if (policy.mode == MODE_OFF && may_turn_on(config, &facts))
        return MODE_AUTO;
    return policy.mode;
}

/* -- all of it ------------------------------------------------------------------------- */

static void settle(struct reader *reader)
{
    struct config *config = reader->config;
    set_policy(config);
    set_whole(reader);
    if (reader->failed)
        return;
    check_together(reader);
    set_embedder(reader);
    if (reader->failed)
        return;
    if (!config->problem[0])
        config->mode = mode_of(config);
    config_make_keying(config, program_invocation_short_name);
}

/* A file that somebody asks about, whoever owns it; its name tells which one it is to be. */
static void read_named(struct reader *reader, const char *path)
{
    struct buffer content = {0};
    bool absent = false, project = span_ends(span_text(path), ".preecho.conf");
    reader->layer = project ? CONFIG_PROJECT : CONFIG_USER;
    struct config_file *file = &reader->config->files[reader->layer];
    file->path = join(reader, span_text(path), "");
    const char *problem = config_file_read(path, ANYBODY, &content, &absent);
    reader->failed |= !buffer_ok(&content);
    if (problem && !reader->failed)
        reader_report(reader, "", problem, (struct span){0});
    else if (!reader->failed)
        config_file_parse(reader, buffer_span(&content));
    buffer_free(&content);
}

static int read_layers(struct reader *reader, const char *file)
{
    struct config *config = reader->config;
    *config = (struct config){0};
    set_defaults(&config->policy);
    config->directory = user_directory(reader, "XDG_CONFIG_HOME", "/.config/preecho");
    if (file) {
        read_named(reader, file);
    } else {
        read_files(reader);
        reader_environment(reader);
    }
    if (!reader->failed)
        settle(reader);
    if (reader->failed)
        config_free(config);
    return reader->failed ? -1 : 0;
}

int config_read(struct config *config, const char *(*get)(const char *name))
{
    struct reader reader = {.config = config, .get = get};
    return read_layers(&reader, NULL);
}

int config_check(struct config *config, const char *(*get)(const char *name),
                 const char *file, config_report *report, void *context)
{
    struct reader reader = {
        .config = config, .get = get, .report = report, .context = context};
    return read_layers(&reader, file);
}

void config_free(struct config *config)
{
    for (size_t i = 0; i < CONFIG_FILES; i++)
        memory_free(config->files[i].path);
    memory_free(config->embedder);
    memory_free(config->tenant);
    memory_free(config->log);
    memory_free(config->hosts);
    memory_free(config->store);
    memory_free(config->directory);
    memory_free(config->repository);
    memory_free(config->run);
    memory_free(config->launch);
    buffer_free(&config->texts);
    buffer_free(&config->assignments);
    buffer_free(&config->sections);
    buffer_free(&config->terms);
    *config = (struct config){0};
}

bool config_known_host(const struct config *config, struct span host, uint16_t port)
{
    if ((port == 0 || port == 80 || port == 443) && api_known_host(host))
        return true;
    if (span_starts(host, "[") && span_ends(host, "]"))
        host = span_of(host.at + 1, host.size - 2);
    return host_list_has(span_text(config->hosts), host, port);
}

struct policy_facts config_facts(const struct config *config,
                                 const struct request *request, struct span program)
{
    return (struct policy_facts){
        .host = request->host,
        .port = request->port,
        .path = span_of(request->target.at, span_find(request->target, span_text("?"))),
        .program = program,
        .tenant = span_text(config->tenant),
    };
}
