/* SPDX-License-Identifier: MIT */
/* `preecho prefix` for people. */
#include "prefix.h"

#include "columns.h"
#include "print.h"
#include "store/files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define WIDTH      100 /* where there is no terminal */
#define TEXT_LINES 12  /* of a common text */
#define TEXT_WIDTH 90
#define KEY_DIGITS 12
#define LEAST_GAIN 1024 /* tokens */

enum {
    MODEL,
    HOST,
    TENANT,
    CALLS,
    STORED,
    INPUT,
    CACHED,
    PREDICTED,
    COMMON,
    LOST,
    MONEY,
    COUNT
};

static const struct column columns[COUNT] = {
    [MODEL] = {"model", 11, 30, 0, false},   [HOST] = {"host", 14, 40, 7, false},
    [TENANT] = {"tenant", 8, 32, 6, false},  [CALLS] = {"calls", 6, 9, 4, true},
    [STORED] = {"preecho's", 9, 9, 8, true}, [INPUT] = {"tokens in", 9, 11, 2, true},
    [CACHED] = {"cached", 8, 11, 3, true},   [PREDICTED] = {"predicted", 9, 11, 9, true},
    [COMMON] = {"possible", 8, 11, 3, true}, [LOST] = {"lost", 8, 11, 1, true},
    [MONEY] = {"money", 8, 11, 1, true},
};

static unsigned line_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col)
        return size.ws_col;
    return WIDTH;
}

static int64_t signed_money(uint64_t money)
{
    return money > INT64_MAX ? INT64_MAX : (int64_t)money;
}

/* Money, where it is known what the provider's cache would have saved. */
static char *money_text(const struct prefix_group *group, uint64_t money, char *out)
{
    if (group->priced && group->price.cached_read < group->price.input)
        return print_money_brief(signed_money(money), out);
    snprintf(out, 32, group->priced ? "-" : "?");
    return out;
}

static void print_group(const struct prefix_group *group, const unsigned *widths)
{
    char calls[32], stored[32], in[40], cached[32], common[32], lost[32], money[32];
    char predicted[32], id[2 * TENANT_ID_SIZE + 1], line[COLUMNS_LINE_SIZE], host[160];
    hex_encode(group->tenant, TENANT_ID_SIZE, id);
    snprintf(host, sizeof(host), "%s:%u", group->host, group->port);
    snprintf(in, sizeof(in), "%s%s", group->estimated ? "~" : "",
             print_short(group->tokens_in, lost));
    const char *cells[COUNT] = {
        [MODEL] = group->model,
        [HOST] = host,
        [TENANT] = group->label[0] ? group->label : id,
        [CALLS] = print_short(group->calls, calls),
        [STORED] = print_short(group->stored_calls, stored),
        [INPUT] = in,
        [CACHED] = print_short(group->tokens_cached, cached),
        [PREDICTED] = print_short(group->tokens_forecast[FORECAST_SENT], predicted),
        [COMMON] = print_short(group->tokens_common, common),
        [LOST] = print_short(group->tokens_lost, lost),
        [MONEY] = money_text(group, group->money_lost, money)};
    columns_line(columns, COUNT, widths, cells, line);
    puts(line);
}

static bool is_shown(const struct prefix_group *group)
{
    return group->calls;
}

static void print_groups(const struct prefix *prefix)
{
    unsigned widths[COUNT];
    char line[COLUMNS_LINE_SIZE];
    columns_fit(columns, COUNT, line_width(), widths);
    columns_titles(columns, COUNT, widths, line);
    puts(line);
    for (size_t i = 0; i < prefix->group_count; i++)
        if (is_shown(prefix->groups[i]))
            print_group(prefix->groups[i], widths);
}

/* Where more would have been read with breakpoints than was without. */
static void print_marks(const struct prefix *prefix)
{
    for (size_t i = 0; i < prefix->group_count; i++) {
        const struct prefix_group *group = prefix->groups[i];
        uint64_t marked = group->tokens_forecast[FORECAST_MARKED];
        char tokens[32];
        if (marked < group->tokens_cached + LEAST_GAIN)
            continue;
        fputs("\nprompt_cache = mark: ", stdout);
        print_text(span_text(group->model));
        printf(" would have had %s%s tokens cached, in one process\n",
               group->calls_about[FORECAST_MARKED] ? "~" : "",
               print_count(marked, tokens));
    }
}

/* -- losses ---------------------------------------------------------------------------------- */

/* As one line: control characters and line ends as JSON writes them. */
static void print_line(struct span text)
{
    for (; text.size; text = span_skip(text, 1)) {
        if (*text.at == '\n')
            fputs("\\n", stdout);
        else if (*text.at == '\t')
            fputs("\\t", stdout);
        else if (*text.at < 0x20 || *text.at == 0x7f)
            printf("\\x%02x", *text.at);
        else
            putchar(*text.at);
    }
    putchar('\n');
}

static const char *digits(const uint8_t key[STORE_KEY_SIZE],
                          char text[2 * STORE_KEY_SIZE + 1])
{
    hex_encode(key, STORE_KEY_SIZE, text);
    text[KEY_DIGITS] = 0;
    return text;
}

static void print_place(const struct prefix_place *place)
{
    if (!place->any) {
        puts("   (the entries cannot be compared any more)");
        return;
    }
    fputs("   parts at   ", stdout);
    print_text(buffer_span(&place->pointer));
    printf(", byte %zu (%s): %s\n", place->offset, segment_part_name(place->part),
           prefix_cause_text(place->cause));
    fputs("   then       ", stdout);
    print_line(buffer_span(&place->then));
    fputs("   now        ", stdout);
    print_line(buffer_span(&place->now));
}

static void print_loss(const struct prefix_loss *loss, size_t number)
{
    char tokens[32], money[32], worst[32], age[32], time[40] = "";
    char key[2 * STORE_KEY_SIZE + 1], before[2 * STORE_KEY_SIZE + 1];
    time_t seconds = (time_t)(loss->ended_ms / 1000);
    struct tm parts;
    if (localtime_r(&seconds, &parts))
        (void)!strftime(time, sizeof(time), "%Y-%m-%d %H:%M:%S", &parts);
    printf("%zu. ~%s tokens", number, print_count(loss->tokens, tokens));
    if (loss->money)
        printf(", ~%s", print_money(signed_money(loss->money), money));
    printf(", in %" PRIu64 " %s of ", loss->calls, loss->calls == 1 ? "call" : "calls");
    print_text(span_text(loss->program));
    fputs(" to ", stdout);
    print_text(span_text(loss->group->model));
    printf("\n   most       ~%s in %s at %s,\n", print_count(loss->worst_tokens, worst),
           digits(loss->key, key), time);
    double past = (double)(loss->ended_ms - loss->before_ms) / 1000;
    printf("              compared with %s, %s before\n", digits(loss->before, before),
           print_duration(past > 0 ? past : 0, age));
    print_place(&loss->place);
}

static void print_losses(const struct prefix *prefix)
{
    size_t shown = prefix->loss_count < prefix->most ? prefix->loss_count : prefix->most;
    if (!shown)
        return;
    puts("\nWhat was asked before within the hour, but behind the first difference:\n");
    for (size_t i = 0; i < shown; i++)
        print_loss(&prefix->losses[i], i + 1);
    if (shown < prefix->loss_count)
        printf("%zu more; --top shows them\n", prefix->loss_count - shown);
}

/* -- clusters -------------------------------------------------------------------------------- */

static void print_common(struct span text)
{
    for (unsigned line = 0; text.size && line < TEXT_LINES; line++) {
        size_t end = span_find(text, span_text("\n"));
        size_t shown = end < TEXT_WIDTH ? end : TEXT_WIDTH;
        while (shown > 0 && shown < end && (text.at[shown] & 0xc0) == 0x80)
            shown--;
        fputs("   | ", stdout);
        print_line(span_of(text.at, shown));
        text = span_skip(text, end + 1);
    }
    if (text.size)
        printf("   | (%zu bytes more; --json has all)\n", text.size);
}

static void print_cluster(struct prefix *prefix, const struct prefix_group *group,
                          size_t head)
{
    char rate[32];
    struct buffer text = {0};
    uint64_t calls, common, all = pieces_bytes(&group->versions[head].pieces);
    size_t count = prefix_cluster_size(group, head, &calls, &common);
    printf("%zu versions in %" PRIu64 " calls of ", count, calls);
    print_text(span_text(group->model));
    printf(", %s of the text in all of them:\n", print_rate(common, all, rate));
    if (prefix_cluster_text(prefix, group, head, &text))
        print_common(buffer_span(&text));
    buffer_free(&text);
}

static void print_clusters(struct prefix *prefix)
{
    size_t shown = 0;
    uint64_t calls, common;
    for (size_t i = 0; i < prefix->group_count; i++) {
        const struct prefix_group *group = prefix->groups[i];
        for (size_t head = 0; head < group->version_count; head++) {
            if (group->versions[head].cluster != head ||
                prefix_cluster_size(group, head, &calls, &common) < 2 ||
                shown == prefix->most)
                continue;
            if (shown++ == 0)
                puts("\nSystem prompts that differ by little, and what to standardise "
                     "on:\n");
            print_cluster(prefix, group, head);
        }
    }
}

/* -- notes ----------------------------------------------------------------------------------- */

static void print_notes(const struct prefix *prefix)
{
    char text[32];
    uint64_t guessed = 0, estimated = 0, unlisted = 0;
    for (size_t i = 0; i < prefix->group_count; i++) {
        guessed += prefix->groups[i]->guessed;
        estimated += prefix->groups[i]->estimated;
        unlisted += prefix->groups[i]->unlisted;
    }
    puts("\ncached: as the providers say; predicted: by their documents;\n"
         "possible: begins as a call of the hour before did;\n"
         "lost: would have been possible, had nothing changed before it. All in tokens.");
    if (estimated)
        printf("%s calls whose answers do not count tokens: four bytes are one\n",
               print_count(estimated, text));
    if (guessed)
        printf("%s calls in a form whose order is not known: taken member by member\n",
               print_count(guessed, text));
    if (unlisted)
        printf("%s calls have further system prompts, which are not compared\n",
               print_count(unlisted, text));
    if (prefix->unreadable)
        printf("%s entries cannot be opened and are left out\n",
               print_count(prefix->unreadable, text));
}

void prefix_print(struct prefix *prefix)
{
    bool any = false;
    for (size_t i = 0; i < prefix->group_count; i++)
        any = any || is_shown(prefix->groups[i]);
    if (!any) {
        puts("no recorded call has a prompt and is like that");
        return;
    }
    print_groups(prefix);
    print_marks(prefix);
    print_losses(prefix);
    print_clusters(prefix);
    print_notes(prefix);
}
