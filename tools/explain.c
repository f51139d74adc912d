/* SPDX-License-Identifier: MIT */
/* `preecho explain`: why a request is answered from the store, or why not; the latest one, or one
 * that is given. */
#include "command.h"
#include "explanation.h"
#include "print.h"
#include "request_arguments.h"
#include "settings.h"
#include "store/each.h"
#include "store/files.h"
#include "store/records.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

static int explain_request(const struct config *config, struct store *store,
                           const struct request *request, const char *program,
                           const struct tenant *tenant)
{
    struct explanation *explanation = print_grown(NULL, sizeof(*explanation));
    int status = explanation_make(config, store, request, program, tenant, explanation);
    if (status == 0)
        explanation_print(explanation);
    explanation_free(explanation);
    free(explanation);
    return status;
}

/* -- the latest request ---------------------------------------------------------------------- */

struct latest {
    bool any;
    struct journal_record record;
};

static bool keep_latest(void *context, const struct journal_record *record)
{
    struct latest *latest = context;
    if (!latest->any || record->time_ms >= latest->record.time_ms)
        latest->record = *record;
    latest->any = true;
    return true;
}

static const char *verdict_text(const struct journal_record *record)
{
    switch (record->verdict) {
    case VERDICT_HIT:
        return record->layer == LAYER_SEMANTIC
                   ? "answered from the store, by the semantic layer"
                   : "answered from the store";
    case VERDICT_STALE:
        return "the provider failed; answered by an expired entry";
    case VERDICT_OBSERVED:
        return "sent to the provider; the store had an answer (mode observe)";
    case VERDICT_MISS:
        return record->recorded ? "a miss; sent to the provider and recorded"
                                : "a miss; sent to the provider, not recorded";
    default:
        return "left alone";
    }
}

static void print_latest(const struct journal_record *record)
{
    char text[40] = "";
    time_t seconds = record->time_ms / 1000;
    struct tm parts;
    if (localtime_r(&seconds, &parts))
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
    printf("asked      %s by ", text);
    print_text(span_text(record->program));
    printf(" (process %u): %s\n", record->pid, verdict_text(record));
    if (record->reason != REASON_NONE)
        printf("because    %s (%s)\n", reason_meaning(record->reason),
               reason_name(record->reason));
}

/* What the journal alone knows of a request that is not in the store. */
static void print_head(const struct journal_record *record)
{
    printf("recognised %s %s ", record->dialect, record->operation);
    print_text(span_text(record->model));
    fputs("\nhost       ", stdout);
    print_text(span_text(record->host));
    printf(":%u\n", record->port);
    puts(
        "Its text is not in the store. To compare it with what is recorded, give it with "
        "--url,\n--header and --data.");
}

/* The entry that the record's key leads to, explained as if it were asked for now. */
static int explain_entry(const struct config *config, struct store *store,
                         const struct journal_record *latest)
{
    char digits[2 * STORE_KEY_SIZE + 1];
    static struct each_entry about;
    struct entry entry;
    struct record record;
    struct tenant tenant;
    hex_encode(latest->key, STORE_KEY_SIZE, digits);
    if (store_load(store, digits, &about, &entry) != STORE_OK) {
        print_head(latest);
        return 0;
    }
    int status = EX_DATAERR;
    if (store_tenant_by_id(store, about.tenant, &tenant) == STORE_OK &&
        record_unpack(buffer_span(&entry.payload), &record) == 0) {
        status =
            explain_request(config, store, &record.request, latest->program, &tenant);
        record_free(&record);
    }
    entry_free(&entry);
    return status;
}

static int explain_latest(const struct config *config, struct store *store)
{
    static struct latest latest;
    static const uint8_t none[STORE_KEY_SIZE];
    struct journal_state state = {0};
    int status = settings_status(store_each_record(store, keep_latest, &latest, &state),
                                 "the journal cannot be read");
    if (status != 0)
        return status;
    if (!latest.any) {
        print_error("no request has been seen yet; give one with --url, or run a program "
                    "with 'preecho run'");
        return EX_DATAERR;
    }
    print_latest(&latest.record);
    if (memcmp(latest.record.key, none, sizeof(none)) != 0)
        return explain_entry(config, store, &latest.record);
    print_head(&latest.record);
    return 0;
}

/* -- a given one ------------------------------------------------------------------------------ */

static int explain_given(const struct config *config, struct store *store,
                         struct request_arguments *arguments)
{
    struct request request;
    int status = request_arguments_finish(arguments, &request);
    if (status != 0)
        return status;
    return explain_request(config, store, &request,
                           arguments->program ? arguments->program : "", NULL);
}

static int explain(struct request_arguments *arguments)
{
    static struct config config;
    struct store *store;
    int status = settings_paths(&config);
    if (status != 0)
        return status;
    status = settings_open(&store);
    if (status == 0)
        status = arguments->url ? explain_given(&config, store, arguments)
                                : explain_latest(&config, store);
    store_close(store);
    config_free(&config);
    return status;
}

int command_explain(int count, char **arguments)
{
    static const struct option options[] = {REQUEST_OPTIONS, {0}};
    struct request_arguments request = {0};
    int option, status = 0;
    while (status == 0 &&
           (option = getopt_long(count, arguments, "", options, NULL)) != -1)
        status = request_arguments_take(&request, option, optarg);
    if (status == 0 && (count != optind || request_arguments_lack_url(&request)))
        status = EX_USAGE;
    if (status == EX_USAGE)
        (void)command_usage(arguments);
    else if (status == 0)
        status = explain(&request);
    request_arguments_free(&request);
    return status;
}
