/* SPDX-License-Identifier: MIT */
/* `preecho config`: the values that hold, for a given request or in general, and where each comes
 * from; or all mistakes in the files. */
#include "command.h"
#include "origin.h"
#include "print.h"
#include "request_arguments.h"
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

/* -- mistakes -------------------------------------------------------------------------- */

static void print_problem(void *context, const char *problem)
{
    ++*(unsigned *)context;
    puts(problem);
}

/* Reads |file|, or what applies. 0; EX_CONFIG after the mistakes were printed. */
static int check(struct config *config, const char *file)
{
    unsigned problems = 0;
    if (file && access(file, R_OK) != 0) {
        print_error("%s: %s", file, strerror(errno));
        return EX_NOINPUT;
    }
    if (settings_check(config, file, print_problem, &problems) != 0)
        return EX_OSERR;
    if (problems)
        config_free(config);
    return problems ? EX_CONFIG : 0;
}

static int check_only(const char *file)
{
    struct config config;
    int status = check(&config, file);
    if (status == 0) {
        puts("no mistakes");
        config_free(&config);
    }
    return status;
}

/* -- values ---------------------------------------------------------------------------- */

static void print_line(const struct config *config, enum setting_id id, struct span value,
                       const struct assignment *from)
{
    char *origin = origin_of(config, from);
    printf("%-22s %-24.*s  ", setting_at(id)->name, (int)value.size,
           value.size ? (const char *)value.at : "");
    print_text(span_text(origin));
    putchar('\n');
    free(origin);
}

static void print_list(const struct config *config, const struct policy *policy,
                       enum setting_id id)
{
    bool any = false;
    for (size_t i = 0; i < config_count(config); i++) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->setting != id || !policy_has(policy, assignment->section))
            continue;
        print_line(config, id, config_text(config, assignment->text), assignment);
        any = true;
    }
    if (!any)
        print_line(config, id, span_text("-"), NULL);
}

static void print_value(const struct config *config, const struct policy *policy,
                        enum setting_id id)
{
    const struct assignment *winner = config_winner(config, policy, id);
    struct span value = span_text(setting_at(id)->preset);
    if (winner)
        value = config_text(config, winner->text);
    else if (id == SETTING_STORE)
        value = span_text(config->store);
    print_line(config, id, value.size ? value : span_text("-"), winner);
}

static void print_values(const struct config *config, const struct policy *policy)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        enum setting_id id = (enum setting_id)i;
        if (setting_is_list(id))
            print_list(config, policy, id);
        else
            print_value(config, policy, id);
    }
}

static void print_files(const struct config *config)
{
    for (size_t i = 0; i < CONFIG_FILES; i++) {
        const struct config_file *file = &config->files[i];
        if (file->path)
            printf("# %s: %s\n", file->path, origin_file_text(file));
    }
}

/* -- a request ------------------------------------------------------------------------- */

static void print_call(const struct call *call, enum reason reason)
{
    if (reason == REASON_NONE)
        printf("# recognised: %s %s ", api_dialect_name(call), api_operation_name(call));
    else
        printf("# not answered from the store (%s) ", reason_name(reason));
    print_text(span_text(call->model));
    putchar('\n');
}

static void find_for(const struct config *config, const struct request *request,
                     const char *program, struct policy *out)
{
    struct call call;
    enum reason reason = api_recognise(request, &call);
    struct policy_facts facts = config_facts(config, request, span_text(program));
    facts.dialect = span_text(api_dialect_name(&call));
    facts.operation = span_text(api_operation_name(&call));
    facts.model = span_text(call.model);
    print_call(&call, reason);
    policy_find(config, &facts, out);
    api_call_free(&call);
}

static int print_config(struct request_arguments *arguments)
{
    struct config config;
    struct request request;
    int status = check(&config, NULL);
    if (status != 0)
        return status;
    struct policy policy = config.policy;
    print_files(&config);
    if (arguments->url)
        status = request_arguments_finish(arguments, &request);
    if (status == 0 && arguments->url)
        find_for(&config, &request, arguments->program ? arguments->program : "",
                 &policy);
    if (status == 0)
        print_values(&config, &policy);
    config_free(&config);
    return status;
}

int command_config(int count, char **arguments)
{
    static const struct option options[] = {
        {"check", no_argument, NULL, 'c'}, REQUEST_OPTIONS, {0}};
    struct request_arguments request = {0};
    bool only_check = false;
    int option, status = 0;
    while (status == 0 &&
           (option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == 'c')
            only_check = true;
        else
            status = request_arguments_take(&request, option, optarg);
    }
    int files = count - optind;
    if (status == 0 && (files > only_check || request_arguments_lack_url(&request) ||
                        (only_check && request.url)))
        status = EX_USAGE;
    if (status == EX_USAGE)
        (void)command_usage(arguments);
    else if (status == 0)
        status = only_check ? check_only(files ? arguments[optind] : NULL)
                            : print_config(&request);
    request_arguments_free(&request);
    return status;
}
