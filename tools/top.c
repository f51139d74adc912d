/* SPDX-License-Identifier: MIT */
/* `preecho top`: calls as they happen and what they come to, on a terminal or line by line. */
#include "call_filter.h"
#include "command.h"
#include "filter.h"
#include "journal_wait.h"
#include "print.h"
#include "process.h"
#include "settings.h"
#include "store/journal_reader.h"
#include "top_terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define SINCE_MS ((int64_t)3600 * 1000) /* what is shown at first: the latest hour */

struct top {
    bool plain;
    unsigned interval; /* seconds between lines of plain text */
    struct prices *prices;
    struct journal_reader *reader;
    struct top_figures figures;
    struct top_screen screen;
};

static int64_t clock_ms(void)
{
    return (int64_t)(process_now() * 1000);
}

/* Takes in what there is. STORE_MISS, STORE_BUSY, or an error. */
static int drain(struct top *top, bool *any)
{
    struct journal_record record;
    int result = STORE_MISS;
    *any = false;
    while (!process_signal()) {
        result = journal_reader_next(top->reader, clock_ms(), &record);
        if (result != STORE_OK)
            break;
        *any = true;
        top_figures_add(&top->figures, &record);
    }
    return result;
}

static bool is_error(int result)
{
    return result != STORE_OK && result != STORE_MISS && result != STORE_BUSY;
}

/* False: the view is to end. */
static bool take_key(struct top *top, int key)
{
    if (key == 'q' || key == 'Q' || key < 0)
        return false;
    if (key == 'p' || key == ' ')
        top->screen.paused = !top->screen.paused;
    else if (key == 'm')
        top->screen.by = (top->screen.by + 1) % TOP_BY_COUNT;
    return true;
}

/* While it pauses nothing is read: the journal keeps it. STORE_OK, or why it cannot be read. */
static int show_screen(struct top *top)
{
    int result = STORE_MISS, wait_ms = 0, key = 0;
    do {
        bool any = false;
        if (!top->screen.paused)
            result = drain(top, &any);
        if (is_error(result))
            return result;
        top_terminal_size(&top->screen.rows, &top->screen.columns);
        top_screen_fill(&top->screen, &top->figures);
        top_terminal_show(&top->screen);
        wait_ms = journal_wait_ms(any || key || result == STORE_BUSY, wait_ms);
        if (wait_ms < 2 * JOURNAL_WAIT_LEAST_MS)
            wait_ms = 2 * JOURNAL_WAIT_LEAST_MS; /* faster than one can look */
        key = top_terminal_key(wait_ms);
    } while (!process_signal() && take_key(top, key));
    return STORE_OK;
}

/* Whether the reader of the output has gone, or a signal has come, within the time. */
static bool output_ends(int milliseconds)
{
    struct pollfd output = {STDOUT_FILENO, 0, 0};
    return (poll(&output, 1, milliseconds) > 0 && output.revents) || process_signal();
}

/* A line at once, then one after each interval. The same results. */
static int show_lines(struct top *top)
{
    char line[COLUMNS_LINE_SIZE];
    bool any;
    do {
        int result = drain(top, &any);
        if (is_error(result))
            return result;
        top_screen_plain(&top->figures, line);
        puts(line);
        if (fflush(stdout) != 0)
            break;
    } while (!output_ends((int)top->interval * 1000));
    return STORE_OK;
}

/* A reader that has gone is no error here. */
static void output_drop(void)
{
    struct pollfd output = {STDOUT_FILENO, 0, 0};
    if (poll(&output, 1, 0) > 0 && output.revents)
        (void)!freopen("/dev/null", "w", stdout);
}

static int show(struct top *top)
{
    int result;
    if (!top->plain && top_terminal_open()) {
        process_catch_signals(); /* after ncurses, which would end the process itself */
        result = show_screen(top);
        top_terminal_close();
    } else {
        process_catch_signals();
        result = show_lines(top);
        output_drop();
    }
    return settings_status(result, "the journal could not be read");
}

static int top_run(struct top *top)
{
    struct store *store;
    int status = settings_open(&store);
    if (status != 0)
        return status;
    status = settings_prices(&top->prices);
    if (status == 0) {
        top->figures.quotes = quotes_new(top->prices);
        status = settings_status(store_journal_reader(store, &top->reader),
                                 "the journal cannot be read");
    }
    if (status == 0)
        status = show(top);
    journal_reader_free(top->reader);
    top_figures_free(&top->figures);
    quotes_free(top->figures.quotes);
    prices_free(top->prices);
    store_close(store);
    return status;
}

static bool take_interval(struct top *top, const char *text)
{
    char *end;
    unsigned long seconds = strtoul(text, &end, 10);
    top->interval = (unsigned)seconds;
    if (text[0] >= '0' && text[0] <= '9' && !*end && seconds >= 1 && seconds <= 86400)
        return true;
    print_error("--interval takes seconds, from 1 to 86400, not \"%s\"", text);
    return false;
}

static bool take_by(struct top *top, const char *text)
{
    if (strcmp(text, "program") == 0)
        top->screen.by = TOP_BY_PROGRAM;
    else if (strcmp(text, "model") != 0) {
        print_error("--by takes model or program, not \"%s\"", text);
        return false;
    }
    return true;
}

static bool take_option(struct top *top, int option)
{
    struct call_filter filter = {0};
    bool good = false;
    switch (option) {
    case 'p':
        top->plain = true;
        return true;
    case 'i':
        return take_interval(top, optarg);
    case 'b':
        return take_by(top, optarg);
    case CALL_FILTER_SINCE:
        good = call_filter_take(&filter, option, optarg);
        top->figures.since_ms = filter.since_ms;
        return good;
    default:
        return false;
    }
}

int command_top(int count, char **arguments)
{
    static const struct option options[] = {
        {"by", required_argument, NULL, 'b'},
        {"since", required_argument, NULL, CALL_FILTER_SINCE},
        {"interval", required_argument, NULL, 'i'},
        {"plain", no_argument, NULL, 'p'},
        {0}};
    struct top *top = print_grown(NULL, sizeof(*top));
    memset(top, 0, sizeof(*top));
    top->interval = 2;
    top->figures.since_ms = filter_now_ms() - SINCE_MS;
    int option, status = 0;
    while (!status && (option = getopt_long(count, arguments, "", options, NULL)) != -1)
        status = take_option(top, option) ? 0 : command_usage(arguments);
    if (status == 0)
        status = optind == count ? top_run(top) : command_usage(arguments);
    free(top);
    return status;
}
