/* SPDX-License-Identifier: MIT */
/* Reads the settings. Every value is checked here, once; what makes no sense switches
 * preecho off, since a wrong guess could serve or store what the user did not want. */
#include "config.h"

#include "store/duration.h"
#include "store/memory.h"

#define TEXT_LIMIT 4096 /* PATH_MAX; a longer value is a mistake */
#define PORT_ANY   0
#define ONE_MINUTE 60
#define ONE_DAY    86400

typedef const char *get_function(const char *name);

/* One choice among names, in the order of the enumeration. */
struct choice {
    const char *variable;
    const char *names[7];
};

static const struct choice modes = {
    "PREECHO_MODE", {"auto", "off", "replay", "refresh", "record", "observe"}};
static const struct choice scopes = {"PREECHO_SCOPE", {"credential", "tenant", "user"}};
static const struct choice connects = {"PREECHO_CONNECT", {"virtual", "real"}};
static const struct choice paces = {"PREECHO_PACE", {"instant", "recorded"}};
static const struct choice switches = {"PREECHO_COALESCE", {"on", "off"}};
static const struct choice levels = {"PREECHO_LOG_LEVEL", {"error", "info", "debug"}};

/* The first problem is kept: the later ones may follow from it. */
static void report(struct config *config, const char *variable, const char *what)
{
    config->mode = MODE_OFF;
    if (config->problem[0])
        return;
    size_t size = sizeof config->problem;
    span_copy_text(span_text(variable), config->problem, size);
    size_t used = strlen(config->problem);
    span_copy_text(span_text(" "), config->problem + used, size - used);
    used = strlen(config->problem);
    span_copy_text(span_text(what), config->problem + used, size - used);
}

/* An empty variable counts as unset, as the XDG specification has it. */
static const char *value_of(get_function *get, const char *name)
{
    const char *value = get(name);
    return value && value[0] ? value : NULL;
}

static int read_choice(struct config *config, const struct choice *choice,
                       get_function *get, int preset)
{
    const char *value = value_of(get, choice->variable);
    if (!value)
        return preset;
    for (int i = 0; choice->names[i]; i++)
        if (span_is_nocase(span_text(value), choice->names[i]))
            return i;
    report(config, choice->variable, "has none of its possible values");
    return preset;
}

static uint64_t read_duration(struct config *config, const char *variable,
                              get_function *get, uint64_t preset)
{
    const char *value = value_of(get, variable);
    uint64_t seconds = preset;
    if (value && !duration_parse(span_text(value), &seconds))
        report(config, variable, "is no length of time, like 15m or 7d");
    return seconds;
}

/* |prefix| and |rest| as one text, or NULL when memory is short. */
static char *join(const char *prefix, const char *rest)
{
    struct buffer text = {0};
    buffer_append_text(&text, prefix);
    buffer_append_text(&text, rest);
    buffer_append_byte(&text, 0);
    if (!buffer_ok(&text))
        buffer_free(&text);
    return (char *)text.at;
}

static bool is_too_long(const char *value)
{
    return strnlen(value, TEXT_LIMIT) == TEXT_LIMIT;
}

/* A copy of a variable's text, empty when unset or too long. NULL when memory is short.
 */
static char *read_text(struct config *config, const char *variable, get_function *get)
{
    const char *value = value_of(get, variable);
    if (value && is_too_long(value)) {
        report(config, variable, "is too long");
        value = NULL;
    }
    return join(value ? value : "", "");
}

/* The variable's path when it is a usable one, else NULL. The host changes directories,
 * so a relative path would mean another file each time. */
static const char *path_value(struct config *config, const char *variable,
                              get_function *get)
{
    const char *value = value_of(get, variable);
    if (!value)
        return NULL;
    if (value[0] == '/' && !is_too_long(value))
        return value;
    report(config, variable, value[0] == '/' ? "is too long" : "is no absolute path");
    return NULL;
}

/* A directory of the user's (XDG Base Directory Specification): a relative path is
 * ignored. */
static char *user_directory(struct config *config, const char *variable,
                            const char *beneath, get_function *get)
{
    const char *base = value_of(get, variable);
    if (base && base[0] == '/' && !is_too_long(base))
        return join(base, "/preecho");
    const char *home = value_of(get, "HOME");
    if (home && home[0] == '/' && !is_too_long(home))
        return join(home, beneath);
    report(config, "HOME", "is not set: no place for files");
    return join("", "");
}

static int read_paths(struct config *config, get_function *get)
{
    const char *log = path_value(config, "PREECHO_LOG", get);
    config->log = log ? join(log, "") : NULL;
    const char *store = path_value(config, "PREECHO_STORE", get);
    config->store =
        store ? join(store, "")
              : user_directory(config, "XDG_CACHE_HOME", "/.cache/preecho", get);
    config->directory =
        user_directory(config, "XDG_CONFIG_HOME", "/.config/preecho", get);
    return (log && !config->log) || !config->store || !config->directory ? -1 : 0;
}

/* -- hosts --------------------------------------------------------------------------- */

/* The next member of a comma-separated list, trimmed; may be empty. */
static struct span take_member(struct span *list)
{
    size_t size = span_find(*list, span_text(","));
    struct span member = span_trim(span_of(list->at, size));
    *list = span_skip(*list, size + 1);
    return member;
}

static bool is_host(struct span host)
{
    for (size_t i = 0; i < host.size; i++) {
        uint8_t c = host.at[i] | 0x20;
        bool letter = (c >= 'a' && c <= 'z') || (host.at[i] >= '0' && host.at[i] <= '9');
        if (!letter && (host.at[i] == 0 || !strchr("-._:", host.at[i])))
            return false;
    }
    return host.size > 0;
}

static bool parse_port(struct span text, uint16_t *port)
{
    unsigned value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || value > UINT16_MAX)
            return false;
        value = value * 10 + (text.at[i] - '0');
    }
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

/* host, host:port, [address] or [address]:port; PORT_ANY without a port. */
static bool parse_host(struct span member, struct span *host, uint16_t *port)
{
    bool literal = span_starts(member, "[");
    size_t end = span_find(member, span_text(literal ? "]" : ":"));
    *host = literal ? span_of(member.at + 1, end - 1) : span_of(member.at, end);
    *port = PORT_ANY;
    if (!is_host(*host) || (literal && end == member.size))
        return false;
    struct span rest = span_skip(member, end + (literal ? 1 : 0));
    if (rest.size == 0)
        return true;
    return rest.at[0] == ':' && parse_port(span_skip(rest, 1), port);
}

static bool are_hosts(struct span list)
{
    struct span host;
    uint16_t port;
    while (list.size) {
        struct span member = take_member(&list);
        if (member.size && !parse_host(member, &host, &port))
            return false;
    }
    return true;
}

static bool is_listed(struct span list, struct span host, uint16_t port)
{
    struct span listed_host;
    uint16_t listed_port;
    while (list.size) {
        struct span member = take_member(&list);
        if (member.size && parse_host(member, &listed_host, &listed_port) &&
            span_equal_nocase(listed_host, host) &&
            (listed_port == PORT_ANY || port == PORT_ANY || listed_port == port))
            return true;
    }
    return false;
}

bool config_known_host(const struct config *config, struct span host, uint16_t port)
{
    if ((port == 0 || port == 80 || port == 443) && api_known_host(host))
        return true;
    if (span_starts(host, "[") && span_ends(host, "]"))
        host = span_of(host.at + 1, host.size - 2);
    return is_listed(span_text(config->hosts), host, port);
}

/* -- all of it ----------------------------------------------------------------------- */

/* The tenant's label is the whole identity in that scope: without one, everybody who
 * forgot it would share. */
static void check_together(struct config *config)
{
    if (config->scope == SCOPE_TENANT && !config->tenant[0])
        report(config, "PREECHO_SCOPE", "is tenant, but PREECHO_TENANT is not set");
    if (!are_hosts(span_text(config->hosts)))
        report(config, "PREECHO_HOSTS", "is no list of host[:port]");
}

int config_read(struct config *config, const char *(*get)(const char *name))
{
    *config = (struct config){0};
    int mode = read_choice(config, &modes, get, MODE_AUTO);
    config->scope = (enum scope)read_choice(config, &scopes, get, SCOPE_CREDENTIAL);
    config->connecting =
        (enum connecting)read_choice(config, &connects, get, CONNECTING_VIRTUAL);
    config->pace = (enum pace)read_choice(config, &paces, get, PACE_INSTANT);
    config->log_level = (enum log_level)read_choice(config, &levels, get, LOG_INFO);
    config->policy = (struct policy){
        .mode = (enum mode)mode,
        .ttl_s = read_duration(config, "PREECHO_TTL", get, DURATION_FOREVER),
        .max_age_s = DURATION_FOREVER,
        .coalesce = read_choice(config, &switches, get, 0) == 0,
        .coalesce_wait_s =
            read_duration(config, "PREECHO_COALESCE_WAIT", get, ONE_MINUTE),
        .stale_if_error_s = read_duration(config, "PREECHO_STALE_IF_ERROR", get, ONE_DAY),
    };
    config->tenant = read_text(config, "PREECHO_TENANT", get);
    config->hosts = read_text(config, "PREECHO_HOSTS", get);
    if (read_paths(config, get) != 0 || !config->tenant || !config->hosts) {
        config_free(config);
        return -1;
    }
    check_together(config);
    if (!config->problem[0])
        config->mode = (enum mode)mode;
    return 0;
}

void config_free(struct config *config)
{
    memory_free(config->tenant);
    memory_free(config->log);
    memory_free(config->hosts);
    memory_free(config->store);
    memory_free(config->directory);
    *config = (struct config){0};
}
