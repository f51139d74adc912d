/* SPDX-License-Identifier: MIT */
/* `preecho import`: cassettes into the store, for the identity of the current settings. First all
 * lines are checked, then all are stored, so that a bad one leaves the store as it was. */
#include "command.h"
#include "import_entry.h"
#include "line.h"
#include "print.h"
#include "settings.h"

#include "store/merge.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

/* So many recordings wait in the spool at most. */
#define BATCH 4096

struct import {
    struct config config;
    struct credential credential;
    struct store *store; /* NULL while the lines are only checked */
    bool keep_going;
    uint64_t stored, bad, forbidden;
};

static void tell(struct import *import, const char *path, unsigned long number,
                 const char *problem)
{
    print_error("%s:%lu: %s", path, number, problem);
    import->bad++;
}

static int merge(struct import *import)
{
    struct store_paths paths = {import->config.store, import->config.directory};
    struct prices *prices;
    struct merge_counts counts;
    int status = settings_prices(&prices);
    if (status != 0)
        return status;
    struct merge_options options = {.prices = prices};
    int result = store_merge(&paths, &options, &counts);
    prices_free(prices);
    return result == STORE_BUSY
               ? 0
               : settings_status(result, "the spool could not be merged");
}

static int store_entry(struct import *import, const struct cassette_entry *entry,
                       struct call *call)
{
    int result =
        import_store(entry, call, &import->config, &import->credential, import->store);
    if (result == STORE_MISS) {
        import->forbidden++;
        return 0;
    }
    if (result != STORE_OK)
        return settings_status(result, "an entry could not be stored");
    import->stored++;
    return import->stored % BATCH == 0 ? merge(import) : 0;
}

/* 0 also for a bad line, which is told; else a code of sysexits.h. */
static int take_line(struct import *import, const char *path,
                     const struct line_reader *reader)
{
    struct cassette_entry entry;
    struct call call = {0};
    char problem[CASSETTE_PROBLEM_SIZE];
    int status = 0;
    if (!cassette_read(buffer_span(&reader->line), &entry, problem)) {
        tell(import, path, reader->number, problem);
        return 0;
    }
    if (!import_check(&entry, &import->config, &call, problem))
        tell(import, path, reader->number, problem);
    else if (import->store)
        status = store_entry(import, &entry, &call);
    api_call_free(&call);
    cassette_free(&entry);
    return status;
}

static int take_file(struct import *import, const char *path)
{
    struct line_reader reader = {.file = fopen(path, "re"), .limit = CASSETTE_LINE_LIMIT};
    enum line_result result = LINE_UNREADABLE;
    int status = 0;
    while (reader.file && status == 0) {
        result = line_next(&reader);
        if (result == LINE_END || result == LINE_UNREADABLE)
            break;
        if (result == LINE_TOO_LONG)
            tell(import, path, reader.number, "longer than 64 MiB");
        else if (reader.line.size)
            status = take_line(import, path, &reader);
    }
    if (result == LINE_UNREADABLE) {
        print_error("%s cannot be read: %s", path, strerror(errno));
        status = EX_NOINPUT;
    }
    if (reader.file)
        fclose(reader.file);
    buffer_free(&reader.line);
    return status;
}

static int is_cassette(const struct dirent *item)
{
    return item->d_name[0] != '.' && span_ends(span_text(item->d_name), ".jsonl");
}

/* The files NAME.jsonl of a directory, in the order of their names. */
static int take_directory(struct import *import, const char *path)
{
    struct dirent **items;
    int count = scandir(path, &items, is_cassette, alphasort), status = 0;
    if (count <= 0) {
        print_error("%s holds no cassettes (NAME.jsonl)", path);
        return EX_NOINPUT;
    }
    for (int i = 0; i < count; i++) {
        char *file = print_memory("%s/%s", path, items[i]->d_name);
        if (status == 0)
            status = take_file(import, file);
        free(file);
        free(items[i]);
    }
    free(items);
    return status;
}

static int take_all(struct import *import, char **paths)
{
    int status = 0;
    for (; status == 0 && *paths; paths++) {
        struct stat about;
        bool directory = stat(*paths, &about) == 0 && S_ISDIR(about.st_mode);
        status = directory ? take_directory(import, *paths) : take_file(import, *paths);
    }
    return status;
}

/* With |keep_going| nobody wants to know before. */
static int check_all(struct import *import, char **paths)
{
    if (import->keep_going)
        return 0;
    int status = take_all(import, paths);
    if (status == 0 && import->bad) {
        print_error("nothing is imported; --keep-going takes the other lines");
        status = EX_DATAERR;
    }
    return status;
}

static int store_all(struct import *import, char **paths)
{
    int status = settings_open(&import->store);
    if (status != 0)
        return status;
    char text[32];
    status = take_all(import, paths);
    if (import->stored) {
        int merged = merge(import);
        status = status ? status : merged;
    }
    printf("%s %s imported\n", print_count(import->stored, text),
           import->stored == 1 ? "entry" : "entries");
    if (import->forbidden)
        printf(
            "%s left out: their prompts hold personal data or secrets, and the settings "
            "say skip\n",
            print_count(import->forbidden, text));
    store_close(import->store);
    return status == 0 && import->bad ? EX_DATAERR : status;
}

/* Without one, entries would belong to whoever asks without a key. */
static int check_identity(const struct import *import)
{
    if (import->config.scope != SCOPE_CREDENTIAL ||
        credential_is_given(&import->credential))
        return 0;
    print_error(
        "an entry belongs to who asks with its API key, and a cassette holds none: "
        "set PREECHO_SCOPE=tenant and PREECHO_TENANT here and for the programs, or "
        "name the variable that holds their key: --credential-env OPENAI_API_KEY");
    return EX_CONFIG;
}

static int run(struct import *import, char **paths)
{
    int status = settings_paths(&import->config);
    if (status != 0)
        return status;
    status = check_identity(import);
    if (status == 0)
        status = check_all(import, paths);
    if (status == 0)
        status = store_all(import, paths);
    config_free(&import->config);
    credential_free(&import->credential);
    return status;
}

/* Takes one option. False, mostly after a message, when it makes no sense. */
static bool take_option(struct import *import, int option, const char *value)
{
    switch (option) {
    case 'k':
        import->keep_going = true;
        return true;
    case 'h':
        if (credential_add_field(&import->credential, value))
            return true;
        print_error("--header needs a field: 'Authorization: Bearer ...'");
        return false;
    case 'c':
        if (credential_add_variable(&import->credential, value))
            return true;
        print_error(
            "--credential-env needs the name of one variable that is set: to an API "
            "key, or to a field like 'x-api-key: ...'");
        return false;
    default:
        return false;
    }
}

int command_import(int count, char **arguments)
{
    static const struct option options[] = {
        {"credential-env", required_argument, NULL, 'c'},
        {"header", required_argument, NULL, 'h'},
        {"keep-going", no_argument, NULL, 'k'},
        {0}};
    struct import import = {0};
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
        if (!take_option(&import, option, optarg))
            return command_usage(arguments);
    if (optind < count)
        return run(&import, arguments + optind);
    print_error("import needs a cassette, or a directory of them");
    return command_usage(arguments);
}
