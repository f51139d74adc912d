/* SPDX-License-Identifier: MIT */
/* `preecho log`: the journal as text or JSON Lines, also while it is being written. */
#include "call_filter.h"
#include "call_json.h"
#include "call_line.h"
#include "command.h"
#include "journal_wait.h"
#include "print.h"
#include "process.h"
#include "settings.h"
#include "store/journal_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#define WIDTH       100 /* where there is no terminal */
#define LAST_BEFORE 10  /* calls that are shown before those that are followed */

struct log {
    struct call_filter filter;
    bool follow, json, titled;
    bool limited; /* only the latest |last|, of those that are there at first */
    size_t last;
    struct journal_record *kept; /* a ring of them; NULL when all were printed */
    size_t count, next, capacity;
    struct prices *prices;
    struct quotes *quotes;
    struct journal_reader *reader;
    struct call_line form;
};

static unsigned line_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col)
        return size.ws_col;
    return WIDTH;
}

static void print_call(struct log *log, const struct journal_record *record)
{
    char line[COLUMNS_LINE_SIZE];
    if (log->json) {
        char *text = call_json_of(log->quotes, record);
        puts(text);
        free(text);
        return;
    }
    if (!log->titled) {
        call_line_titles(&log->form, line);
        puts(line);
    }
    log->titled = true;
    call_line_of(&log->form, log->quotes, record, line);
    puts(line);
}

/* The ring grows with what is in it: --last may be any number. */
static void keep_call(struct log *log, const struct journal_record *record)
{
    if (log->last == 0)
        return;
    if (log->count == log->capacity && log->count < log->last) {
        size_t wish = log->capacity ? 2 * log->capacity : 16;
        log->capacity = wish < log->last ? wish : log->last;
        log->kept = print_grown(log->kept, log->capacity * sizeof(*log->kept));
    }
    log->kept[log->next] = *record;
    log->next = (log->next + 1) % log->last;
    log->count += log->count < log->last;
}

/* The journal was read to where its end was: what was kept is printed, later calls at once. */
static void caught_up(struct log *log)
{
    size_t first = log->count == log->last ? log->next : 0;
    for (size_t i = 0; log->limited && i < log->count; i++)
        print_call(log, &log->kept[(first + i) % log->last]);
    free(log->kept);
    log->kept = NULL;
    log->count = 0;
    log->limited = false;
}

static void take_call(struct log *log, const struct journal_record *record)
{
    if (!call_filter_matches(&log->filter, record))
        return;
    if (log->limited)
        keep_call(log, record);
    else
        print_call(log, record);
}

/* Whether whoever reads the output has gone; waits |milliseconds| for that, or a signal. */
static bool reader_gone(int milliseconds)
{
    struct pollfd output = {STDOUT_FILENO, 0, 0};
    return poll(&output, 1, milliseconds) > 0 && output.revents != 0;
}

/* Nobody reads any more, which is no error here: what is still to be written goes nowhere. */
static void output_drop(void)
{
    (void)!freopen("/dev/null", "w", stdout);
}

/* Reads and prints until there is no more for now: STORE_MISS, STORE_BUSY, or an error. */
static int drain(struct log *log, bool *any)
{
    struct journal_record record;
    int result = STORE_OK;
    *any = false;
    while (!process_signal() && !ferror(stdout)) {
        int64_t now_ms =
            log->follow ? (int64_t)(process_now() * 1000) : JOURNAL_READER_NO_WAIT;
        result = journal_reader_next(log->reader, now_ms, &record);
        if (result != STORE_OK)
            break;
        *any = true;
        take_call(log, &record);
    }
    return result;
}

/* Prints, and goes on when it follows: until a signal comes or the output ends. STORE_OK, or why
 * the journal could not be read. */
static int print_calls(struct log *log)
{
    int result = STORE_OK, wait_ms = 0;
    bool any;
    do {
        result = drain(log, &any);
        if (result == STORE_MISS)
            caught_up(log);
        else if (result != STORE_OK && result != STORE_BUSY)
            return result;
        if (fflush(stdout) != 0 || ferror(stdout))
            break;
        wait_ms = journal_wait_ms(any || result == STORE_BUSY, wait_ms);
    } while (log->follow && !process_signal() && !reader_gone(wait_ms));
    return STORE_OK;
}

static void torn_told(const struct log *log)
{
    char text[32];
    uint64_t torn = journal_reader_torn(log->reader);
    if (torn && !log->follow)
        print_error("left out: records that killed programs have not finished: %s",
                    print_count(torn, text));
}

/* 0, or a code of sysexits.h after a message. */
static int log_open(struct log *log, struct store *store)
{
    int status = settings_prices(&log->prices);
    if (status != 0)
        return status;
    log->quotes = quotes_new(log->prices);
    call_line_fit(&log->form, true, line_width());
    status = call_filter_open(&log->filter, store);
    if (status != 0)
        return status;
    return settings_status(store_journal_reader(store, &log->reader),
                           "the journal cannot be read");
}

static void log_close(struct log *log)
{
    journal_reader_free(log->reader);
    call_filter_close(&log->filter);
    quotes_free(log->quotes);
    prices_free(log->prices);
    free(log->kept);
}

static int log_run(struct log *log)
{
    struct store *store;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    status = log_open(log, store);
    process_catch_signals();
    if (status == 0) {
        status = settings_status(print_calls(log), "the journal could not be read");
        torn_told(log);
    }
    log_close(log);
    store_close(store);
    if (reader_gone(0))
        output_drop();
    return status == 0 && process_signal() && !log->follow ? 128 + process_signal()
                                                           : status;
}

static bool take_last(struct log *log, const char *text)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    log->limited = true;
    log->last = number;
    if (text[0] >= '0' && text[0] <= '9' && !*end && !errno)
        return true;
    print_error("--last takes a number of calls, not \"%s\"", text);
    return false;
}

static bool take_option(struct log *log, int option)
{
    switch (option) {
    case 'f':
        log->follow = true;
        return true;
    case 'j':
        log->json = true;
        return true;
    case 'l':
        return take_last(log, optarg);
    default:
        return call_filter_take(&log->filter, option, optarg);
    }
}

int command_log(int count, char **arguments)
{
    static const struct option options[] = {{"follow", no_argument, NULL, 'f'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"last", required_argument, NULL, 'l'},
                                            CALL_FILTER_OPTIONS,
                                            {0}};
    struct log log = {0};
    int option;
    while ((option = getopt_long(count, arguments, "f", options, NULL)) != -1) {
        if (!take_option(&log, option))
            return command_usage(arguments);
    }
    if (log.follow && log.filter.until_ms) {
        print_error("--until and -f exclude each other");
        return command_usage(arguments);
    }
    if (log.follow && !log.limited && !log.filter.since_ms) {
        log.limited = true;
        log.last = LAST_BEFORE;
    }
    return optind == count ? log_run(&log) : command_usage(arguments);
}
