/* SPDX-License-Identifier: MIT */
/* `preecho show`: one entry, opened. */
#include "show_print.h"

#include "command.h"
#include "filter.h"
#include "print.h"
#include "settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>

enum part { PART_ALL, PART_REQUEST, PART_BODY };

static void print_bytes(struct span bytes)
{
    fwrite(bytes.at, 1, bytes.size, stdout);
}

static int print_entry(const struct each_entry *about, const struct entry *entry,
                       enum part part)
{
    struct record record;
    if (record_unpack(buffer_span(&entry->payload), &record) != 0) {
        print_error(
            "the entry was recorded by another version of preecho; remove it with "
            "'preecho purge'");
        return EX_DATAERR;
    }
    if (part == PART_REQUEST) {
        print_bytes(show_request_body(&record.request));
    } else if (part == PART_BODY) {
        print_bytes(record.response.body);
    } else {
        show_label(about->key, &entry->label);
        show_notes(about);
        putchar('\n');
        show_request(&record.request);
        putchar('\n');
        show_response(&record.response);
    }
    record_free(&record);
    return 0;
}

/* Why store_load() gave nothing. */
static int explain(int result, const char *key, enum each_state state)
{
    if (result == STORE_MISS && state == EACH_OK) {
        print_error("no entry has a key that starts with %s; 'preecho ls' lists them",
                    key);
        return EX_DATAERR;
    }
    if (result == STORE_MISS) {
        print_error("the entry %s is %s", key, filter_state_text(state));
        return EX_DATAERR;
    }
    char *what = print_memory("the entry %s cannot be shown", key);
    int status = settings_status(result, what);
    free(what);
    return status;
}

static int show(const char *key, enum part part)
{
    struct store *store;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    struct each_entry about = {0};
    struct entry entry;
    int result = store_load(store, key, &about, &entry);
    if (result == STORE_OK) {
        status = print_entry(&about, &entry, part);
        entry_free(&entry);
    } else {
        status = explain(result, key, about.state);
    }
    store_close(store);
    return status;
}

int command_show(int count, char **arguments)
{
    static const struct option options[] = {{"request", no_argument, NULL, PART_REQUEST},
                                            {"body", no_argument, NULL, PART_BODY},
                                            {0}};
    enum part part = PART_ALL;
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == '?' || part != PART_ALL)
            return command_usage(arguments);
        part = (enum part)option;
    }
    if (count - optind != 1 || !filter_key(arguments[optind])) {
        print_error("show needs one key, or as many of its hexadecimal digits as make it "
                    "unique");
        return command_usage(arguments);
    }
    return show(arguments[optind], part);
}
