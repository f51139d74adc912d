/* SPDX-License-Identifier: MIT */
/* `preecho export`: entries as cassettes, the oldest first. */
#include "cassette.h"
#include "command.h"
#include "draft.h"
#include "export_sheets.h"
#include "filter.h"
#include "print.h"
#include "progress.h"
#include "settings.h"

#include "shim/core/api/edge_call.h"
#include "shim/core/api/sensitive.h"
#include "shim/core/tags.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

struct item {
    int64_t created_ms;
    uint8_t key[STORE_KEY_SIZE];
};

struct export
{
    struct filter filter;
    struct sheets sheets;
    bool quiet;
    struct progress progress;
    uint64_t visited, entries;
    struct item *items;
    size_t count, capacity;
    uint64_t written, unreadable, too_long, sensitive;
    uint64_t of_kind[SENSITIVE_KINDS];
};

/* What HTTP says how long to keep is asked for anew elsewhere. */
static bool is_edge(const struct each_entry *entry)
{
    return entry->state == EACH_OK && edge_call_is(span_text(entry->label.operation));
}

static bool add_item(void *context, const struct each_entry *entry)
{
    struct export *export = context;
    progress_tell(&export->progress, export->visited++, export->entries);
    if (!filter_matches(&export->filter, entry) || is_edge(entry))
        return true;
    if (entry->state != EACH_OK) {
        export->unreadable++;
        return true;
    }
    if (export->count == export->capacity) {
        export->capacity = export->capacity ? 2 * export->capacity : 256;
        export->items =
            print_grown(export->items, export->capacity * sizeof(*export->items));
    }
    struct item *item = &export->items[export->count++];
    item->created_ms = entry->created_ms;
    memcpy(item->key, entry->key, STORE_KEY_SIZE);
    return true;
}

static int oldest_first(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    if (a->created_ms != b->created_ms)
        return a->created_ms < b->created_ms ? -1 : 1;
    return memcmp(a->key, b->key, STORE_KEY_SIZE);
}

/* An entry that waits in the spool and is in the database, too, comes twice. */
static void sort_items(struct export *export)
{
    size_t count = 0;
    if (export->count)
        qsort(export->items, export->count, sizeof(*export->items), oldest_first);
    for (size_t i = 0; i < export->count; i++)
        if (count == 0 || memcmp(export->items[count - 1].key, export->items[i].key,
                                 STORE_KEY_SIZE) != 0)
            export->items[count++] = export->items[i];
    export->count = count;
}

/* Of the whole prompt, as it would be found today: the label may be older than a detector. */
static uint32_t kinds_of(const struct record *record)
{
    struct call call;
    uint32_t kinds = 0;
    if (api_recognise(&record->request, &call) == REASON_NONE &&
        !sensitive_in_call(&call, record->request.body, &kinds))
        kinds = 0;
    api_call_free(&call);
    return kinds;
}

static void count_kinds(struct export *export, uint32_t kinds)
{
    export->sensitive += kinds != 0;
    for (unsigned i = 0; i < SENSITIVE_KINDS; i++)
        export->of_kind[i] += kinds >> i & 1;
}

static int write_record(struct export *export, const struct record *record,
                        struct entry_label *label, struct span tags)
{
    label->sensitive |= kinds_of(record);
    char *line = cassette_write(record, label, tags);
    if (!line) {
        print_error("memory is short");
        return EX_OSERR;
    }
    int status = 0;
    if (strlen(line) > CASSETTE_LINE_LIMIT) {
        export->too_long++;
    } else {
        status = sheets_add(&export->sheets, record->request.host, record->request.port,
                            label->created_ms, line);
        export->written++;
        count_kinds(export, label->sensitive);
    }
    free(line);
    return status;
}

/* An entry that is gone meanwhile is no error. */
static int export_item(struct export *export, struct store *store,
                       const struct item *item)
{
    char digits[2 * STORE_KEY_SIZE + 1];
    struct each_entry about;
    struct entry entry;
    struct record record;
    for (size_t i = 0; i < STORE_KEY_SIZE; i++)
        snprintf(digits + 2 * i, 3, "%02x", item->key[i]);
    int result = store_load(store, digits, &about, &entry);
    if (result == STORE_MISS || result == STORE_AMBIGUOUS)
        return 0;
    if (result != STORE_OK)
        return settings_status(result, "an entry cannot be read");
    int status = 0;
    if (record_unpack(buffer_span(&entry.payload), &record) == 0) {
        status = write_record(export, &record, &entry.label, about.notes.tags);
        record_free(&record);
    } else {
        export->unreadable++;
    }
    entry_free(&entry);
    return status;
}

/* On stderr: the cassette may be on standard output. */
static void tell(const struct export *export)
{
    char kind[SENSITIVE_TEXT_SIZE];
    const char *separator = "";
    if (!export->quiet)
        print_error("%" PRIu64 " %s written, prompts and answers in the clear, without "
                    "the credentials that were sent",
                    export->written, export->written == 1 ? "entry" : "entries");
    if (export->sensitive) {
        fprintf(stderr, "preecho: look before you share: %" PRIu64 " %s ",
                export->sensitive,
                export->sensitive == 1 ? "prompt holds" : "prompts hold");
        for (unsigned i = 0; i < SENSITIVE_KINDS; i++) {
            if (!export->of_kind[i])
                continue;
            fprintf(stderr, "%s%s (%" PRIu64 ")", separator,
                    sensitive_text(1u << i, kind), export->of_kind[i]);
            separator = ", ";
        }
        fputc('\n', stderr);
    }
    if (export->unreadable)
        print_error("%" PRIu64 " entries cannot be opened and are left out",
                    export->unreadable);
    if (export->too_long)
        print_error("%" PRIu64 " entries are longer than 64 MiB and are left out",
                    export->too_long);
}

/* A bar would tear cassettes that go to the same terminal. */
static void begin_progress(struct export *export, const char *what)
{
    bool beside = strcmp(export->sheets.out, "-") == 0 && isatty(STDOUT_FILENO);
    progress_begin(&export->progress, what, GAUGE_COUNT, export->quiet || beside);
}

/* How many will be visited is known unless tags choose them. */
static int list_items(struct export *export, struct store *store)
{
    struct span tags = buffer_span(&export->filter.tags);
    struct store_sizes sizes;
    if (tags.size == 0 && store_sizes(store, &sizes) == STORE_OK)
        export->entries = sizes.entries + sizes.spooled;
    begin_progress(export, "choosing");
    int result = store_each_tagged(store, tags, add_item, export);
    progress_end(&export->progress);
    sort_items(export);
    return settings_status(result, "not all entries could be read");
}

static int export_all(struct export *export, struct store *store)
{
    int status = list_items(export, store);
    begin_progress(export, "exporting");
    for (size_t i = 0; status == 0 && i < export->count; i++) {
        progress_tell(&export->progress, i, export->count);
        status = export_item(export, store, &export->items[i]);
    }
    progress_end(&export->progress);
    if (status == 0 && export->written == 0) {
        print_error("no entry is like that; nothing is written");
        return EX_DATAERR;
    }
    if (status == 0)
        status = sheets_finish(&export->sheets);
    if (status == 0)
        tell(export);
    return status;
}

static int run(struct export *export)
{
    struct store *store;
    int status = settings_open(&store);
    if (status == 0) {
        status = export_all(export, store);
        store_close(store);
    }
    sheets_drop(&export->sheets);
    buffer_free(&export->filter.tags);
    free(export->items);
    return status;
}

/* Takes one option. False when it makes no sense. */
static bool take_option(struct export *export, int option, const char *value)
{
    switch (option) {
    case 'o':
        export->sheets.out = value;
        return true;
    case 'f':
        export->sheets.force = true;
        return true;
    case 'h':
        export->filter.host = value;
        return true;
    case 'm':
        export->filter.model = value;
        return true;
    case 't':
        filter_tag(&export->filter, value);
        return true;
    case 'l':
        if (strcmp(value, "embedding") == 0)
            filter_tag(&export->filter, TAG_EMBEDDING);
        else
            print_error("--layer takes 'embedding': vectors, each by itself");
        return strcmp(value, "embedding") == 0;
    case 's':
        export->filter.sensitive = true;
        return true;
    case 'q':
        export->quiet = true;
        return true;
    default:
        return false;
    }
}

int command_export(int count, char **arguments)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"force", no_argument, NULL, 'f'},
                                            {"host", required_argument, NULL, 'h'},
                                            {"model", required_argument, NULL, 'm'},
                                            {"tag", required_argument, NULL, 't'},
                                            {"sensitive", no_argument, NULL, 's'},
                                            {"layer", required_argument, NULL, 'l'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {0}};
    static struct export export; /* rather than in a frame */
    int option;
    while ((option = getopt_long(count, arguments, "q", options, NULL)) != -1)
        if (!take_option(&export, option, optarg))
            return command_usage(arguments);
    if (export.sheets.out && optind == count)
        return run(&export);
    print_error("export needs --out and a file, a directory, or - for standard output");
    return command_usage(arguments);
}
