/* SPDX-License-Identifier: MIT */
/* `preecho ls`: the entries, the newest first. */
#include "command.h"
#include "filter.h"
#include "print.h"
#include "settings.h"
#include "shim/core/api/sensitive.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

/* One line, kept until all are there. */
struct row {
    int64_t created_ms;
    char *text;
};

struct listing {
    struct filter filter;
    bool keys_only;
    struct row *rows;
    size_t count, capacity;
};

static void key_text(const uint8_t key[STORE_KEY_SIZE], size_t bytes, char *out)
{
    for (size_t i = 0; i < bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", key[i]);
}

static char *row_text(const struct listing *listing, const struct each_entry *entry)
{
    char key[2 * STORE_KEY_SIZE + 1], age[32], size[32], tokens[48] = "-";
    char kinds[SENSITIVE_TEXT_SIZE] = "";
    const struct entry_label *label = &entry->label;
    key_text(entry->key, listing->keys_only ? STORE_KEY_SIZE : 6, key);
    if (listing->keys_only)
        return print_memory("%s", key);
    int64_t past = filter_now_ms() - entry->created_ms;
    print_duration(past > 0 ? (double)past / 1000 : 0, age);
    if (entry->state != EACH_OK)
        return print_memory("%s %9s  %s", key, age, filter_state_text(entry->state));
    if (label->usage_known || label->usage_estimated)
        snprintf(tokens, sizeof(tokens), "%s%" PRIu64 "+%" PRIu64,
                 label->usage_estimated ? "~" : "", label->tokens_in, label->tokens_out);
    if (listing->filter.sensitive)
        sensitive_text(label->sensitive, kinds);
    return print_memory("%s %9s %9s %11s  %-20s %s %s%s%s%s%s", key, age,
                        print_size(label->response_bytes, size), tokens, label->model,
                        label->host, label->operation, label->stream ? ", streamed" : "",
                        entry->spooled ? ", spooled" : "", kinds[0] ? ": " : "", kinds);
}

static bool add_row(void *context, const struct each_entry *entry)
{
    struct listing *listing = context;
    if (!filter_matches(&listing->filter, entry))
        return true;
    if (listing->count == listing->capacity) {
        listing->capacity = listing->capacity ? 2 * listing->capacity : 256;
        listing->rows =
            print_grown(listing->rows, listing->capacity * sizeof(*listing->rows));
    }
    listing->rows[listing->count++] =
        (struct row){entry->created_ms, row_text(listing, entry)};
    return true;
}

static int newest_first(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    if (a->created_ms != b->created_ms)
        return a->created_ms < b->created_ms ? 1 : -1;
    return strcmp(a->text, b->text);
}

static void print_rows(struct listing *listing)
{
    if (listing->count)
        qsort(listing->rows, listing->count, sizeof(*listing->rows), newest_first);
    if (listing->count && !listing->keys_only)
        printf("%-12s %9s %9s %11s  %-20s %s\n", "key", "age", "answer", "tokens",
               "model", "host, operation");
    for (size_t i = 0; i < listing->count; i++) {
        print_text(span_text(listing->rows[i].text));
        putchar('\n');
        free(listing->rows[i].text);
    }
    free(listing->rows);
}

static int list(struct listing *listing)
{
    struct store *store;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    int result =
        store_each_tagged(store, buffer_span(&listing->filter.tags), add_row, listing);
    buffer_free(&listing->filter.tags);
    store_close(store);
    print_rows(listing);
    return settings_status(result, "not all entries could be read");
}

int command_ls(int count, char **arguments)
{
    static const struct option options[] = {
        {"host", required_argument, NULL, 'h'}, {"model", required_argument, NULL, 'm'},
        {"tag", required_argument, NULL, 't'},  {"keys", no_argument, NULL, 'k'},
        {"sensitive", no_argument, NULL, 's'},  {0}};
    struct listing listing = {0};
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == 'h')
            listing.filter.host = optarg;
        else if (option == 'm')
            listing.filter.model = optarg;
        else if (option == 't')
            filter_tag(&listing.filter, optarg);
        else if (option == 'k')
            listing.keys_only = true;
        else if (option == 's')
            listing.filter.sensitive = true;
        else
            return command_usage(arguments);
    }
    return optind == count ? list(&listing) : command_usage(arguments);
}
