/* SPDX-License-Identifier: MIT */
/* `preecho serve`: gives what rules make public to everybody who asks by HTTP. */
#include "command.h"
#include "filter.h"
#include "listen.h"
#include "print.h"
#include "rules.h"
#include "shim/core/config_rules.h"
#include "shim/core/host_list.h"
#include "site.h"

#include <getopt.h>
#include <signal.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define WHERE "127.0.0.1:8317"

#define STEP_MS 250
/* Looking through the store may take this part of the time. */
#define REST_FACTOR 10

struct serving {
    const char *where;
    struct buffer hosts; /* of --public-host, separated by commas */
    struct store *store; /* the catalogue's */
    struct store *site_store;
    struct catalogue *catalogue;
    struct rules rules;
    struct site *site;
    int64_t next_ms; /* when the store is looked through again */
};

/* -- going on -------------------------------------------------------------------------- */

static void refresh(struct serving *serving)
{
    int64_t from_ms = filter_now_ms();
    const struct config *config = rules_now(&serving->rules, false);
    if (from_ms < serving->next_ms || !config)
        return;
    int result = catalogue_refresh(serving->catalogue, config, serving->rules.edition);
    if (result != STORE_OK)
        print_error("the store cannot be looked through: %s; new recordings are not "
                    "served yet",
                    store_result_text(result));
    int64_t took_ms = filter_now_ms() - from_ms;
    serving->next_ms = from_ms + REST_FACTOR * (took_ms > 0 ? took_ms : 0);
}

/* Until one of |signals| comes. */
static void go_on(struct serving *serving, const sigset_t *signals)
{
    struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    while (sigtimedwait(signals, NULL, &step) < 0) {
        site_sweep(serving->site);
        refresh(serving);
    }
}

/* -- beginning ------------------------------------------------------------------------- */

static bool makes_public(const struct config *config)
{
    for (size_t i = 0; i < config_count(config); i++)
        if (config_at(config, i)->setting == SETTING_PUBLIC &&
            config_at(config, i)->number)
            return true;
    return false;
}

static void tell(struct serving *serving, const char *where, bool loopback)
{
    const struct config *config = rules_now(&serving->rules, true);
    if (!loopback)
        print_error("whoever reaches %s can read what is public", where);
    if (config && !makes_public(config))
        print_error(
            "no rule says public = yes, so there is nothing to serve yet; see 'man "
            "preecho.conf'");
    printf("serving http://%s/\n", where);
    fflush(stdout);
}

static int open_site(struct serving *serving)
{
    char text[LISTEN_TEXT];
    bool loopback;
    struct site_options options = {.store = serving->site_store,
                                   .catalogue = serving->catalogue,
                                   .public_hosts = (const char *)serving->hosts.at};
    int status = listen_open(serving->where, &options.descriptor, text, &loopback);
    if (status != 0)
        return status;
    status = site_open(&options, &serving->site);
    if (status == 0)
        tell(serving, text, loopback);
    else
        close(options.descriptor);
    return status;
}

static int open_all(struct serving *serving)
{
    int status = settings_open(&serving->store);
    if (status == 0)
        status = settings_open(&serving->site_store);
    if (status != 0)
        return status;
    serving->catalogue = catalogue_new(serving->store);
    if (!serving->catalogue) {
        print_error("memory is short");
        return EX_OSERR;
    }
    refresh(serving);
    return open_site(serving);
}

/* Signals are blocked before the server's thread begins, so that they come here. */
static int serve(struct serving *serving)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int status = open_all(serving);
    if (status == 0) {
        go_on(serving, &signals);
        site_close(serving->site);
    }
    catalogue_free(serving->catalogue);
    rules_free(&serving->rules);
    if (serving->site_store)
        store_close(serving->site_store);
    if (serving->store)
        store_close(serving->store);
    buffer_free(&serving->hosts);
    return status;
}

/* -- arguments ------------------------------------------------------------------------- */

static bool take_host(struct serving *serving, const char *host)
{
    if (strchr(host, ',') || !host[0] || !host_list_is_sound(span_text(host))) {
        print_error("--public-host %s: this is no host's name", host);
        return false;
    }
    if (serving->hosts.size)
        serving->hosts.at[serving->hosts.size - 1] = ',';
    buffer_append(&serving->hosts, host, strlen(host) + 1);
    return buffer_ok(&serving->hosts);
}

int command_serve(int count, char **arguments)
{
    static const struct option options[] = {{"listen", required_argument, NULL, 'l'},
                                            {"public-host", required_argument, NULL, 'p'},
                                            {0}};
    struct serving serving = {.where = WHERE};
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == 'l')
            serving.where = optarg;
        else if (option != 'p' || !take_host(&serving, optarg))
            return command_usage(arguments);
    }
    if (optind != count)
        return command_usage(arguments);
    int status = serve(&serving);
    return status == EX_USAGE ? command_usage(arguments) : status;
}
