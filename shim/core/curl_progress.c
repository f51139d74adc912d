/* SPDX-License-Identifier: MIT */
/* The progress callbacks, and a meter that looks like libcurl's. */
#include "curl_progress.h"

#include "core.h"
#include "curl_delivery.h"
#include "curl_handle.h"

/* -- text of fixed width -- */

struct line {
    char at[160];
    size_t size;
};

static void add_text(struct line *line, const char *text)
{
    for (; *text && line->size < sizeof line->at; text++)
        line->at[line->size++] = *text;
}

/* |number| right-aligned in |width| columns, filled with |fill|. */
static void add_number(struct line *line, uint64_t number, int width, char fill)
{
    char digits[24];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    for (int i = count; i < width; i++)
        add_text(line, (char[2]){fill, 0});
    while (count)
        add_text(line, (char[2]){digits[--count], 0});
}

/* Five columns: 12345, 1234k, 12.3M, 1234M … */
static void add_size(struct line *line, uint64_t size)
{
    static const char units[] = "kMGTP";
    if (size < 100000) {
        add_number(line, size, 5, ' ');
        return;
    }
    for (int unit = 0; unit < 5; unit++) {
        uint64_t whole = size >> 10 * (unit + 1);
        uint64_t rest = (size >> 10 * unit) % 1024;
        if (unit > 0 && whole < 100) {
            add_number(line, whole, 2, ' ');
            add_text(line, ".");
            add_number(line, rest * 10 / 1024, 1, ' ');
        } else if (whole < 10000) {
            add_number(line, whole, 4, ' ');
        } else {
            continue;
        }
        add_text(line, (char[2]){units[unit], 0});
        return;
    }
}

static void add_time(struct line *line, uint64_t seconds)
{
    if (!seconds) {
        add_text(line, "--:--:--");
        return;
    }
    add_number(line, seconds / 3600 > 99 ? 99 : seconds / 3600, 2, ' ');
    add_text(line, ":");
    add_number(line, seconds / 60 % 60, 2, '0');
    add_text(line, ":");
    add_number(line, seconds % 60, 2, '0');
}

/* -- the meter -- */

static const char meter_head[] =
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n";

struct amounts {
    uint64_t down_total, down, up_total, up;
};

static uint64_t percent(uint64_t part, uint64_t total)
{
    return total ? part * 100 / total : 0;
}

static void meter_show(struct curl_handle *handle, const struct amounts *is, bool last,
                       bool own)
{
    FILE *file = handle->options.error_file;
    struct curl_delivery *delivery = handle->delivery;
    uint64_t spent = core_now_us() - delivery->start_us;
    uint64_t down_speed = is->down * 1000000 / (spent ? spent : 1);
    uint64_t up_speed = is->up * 1000000 / (spent ? spent : 1);
    uint64_t total = (is->down_total ? is->down_total : is->down) +
                     (is->up_total ? is->up_total : is->up);
    struct line line = {.size = 0};
    if (!last && delivery->meter_second == (int64_t)(spent / 1000000) + 1)
        return;
    delivery->meter_second = (int64_t)(spent / 1000000) + 1;
    if (!handle->meter_titled)
        fwrite(meter_head, 1, sizeof meter_head - 1, file);
    handle->meter_titled = true;
    add_text(&line, "\r");
    add_number(&line, percent(is->down + is->up, total), 3, ' ');
    add_text(&line, " ");
    add_size(&line, total);
    add_text(&line, "  ");
    add_number(&line, percent(is->down, is->down_total), 3, ' ');
    add_text(&line, " ");
    add_size(&line, is->down);
    add_text(&line, "  ");
    add_number(&line, percent(is->up, is->up_total), 3, ' ');
    add_text(&line, " ");
    add_size(&line, is->up);
    add_text(&line, "  ");
    add_size(&line, down_speed);
    add_text(&line, "  ");
    add_size(&line, up_speed);
    add_text(&line, " ");
    add_time(&line, 0);
    add_text(&line, " ");
    add_time(&line, spent / 1000000);
    add_text(&line, " ");
    add_time(&line, 0);
    add_text(&line, " ");
    add_size(&line, down_speed + up_speed);
    fwrite(line.at, 1, line.size, file);
    if (last && own)
        fwrite("\n", 1, 1, file);
    fflush(file);
}

/* -- both -- */

/* What libcurl has counted, zero for what it does not know. */
static uint64_t recorded(const struct curl_delivery *delivery, CURLINFO info)
{
    const struct curl_value *value = curl_level_value(&delivery->level, info);
    if (!value)
        return delivery->request_bytes;
    return value->number > 0 ? (uint64_t)value->number : 0;
}

static struct amounts amounts_of(const struct curl_delivery *delivery)
{
    struct amounts amounts = {0};
    if (!delivery->line)
        return amounts;
    amounts.up = recorded(delivery, CURLINFO_SIZE_UPLOAD_T);
    amounts.up_total = recorded(delivery, CURLINFO_CONTENT_LENGTH_UPLOAD_T);
    amounts.down_total = delivery->length > 0 ? (uint64_t)delivery->length : 0;
    bool whole = delivery->done && delivery->result == CURLE_OK;
    amounts.down = whole ? (uint64_t)delivery->wire_bytes : delivery->sent;
    return amounts;
}

bool curl_progress(struct curl_handle *handle, bool last)
{
    const struct curl_options *options = &handle->options;
    struct amounts is = amounts_of(handle->delivery);
    int answer = CURL_PROGRESSFUNC_CONTINUE;
    if (options->hide_progress)
        return true;
    if (options->xferinfo_function)
        answer = options->xferinfo_function(
            options->progress_data, (curl_off_t)is.down_total, (curl_off_t)is.down,
            (curl_off_t)is.up_total, (curl_off_t)is.up);
    else if (options->progress_function)
        answer = options->progress_function(options->progress_data, (double)is.down_total,
                                            (double)is.down, (double)is.up_total,
                                            (double)is.up);
    if (answer == CURL_PROGRESSFUNC_CONTINUE) {
        bool own = !options->xferinfo_function && !options->progress_function;
        meter_show(handle, &is, last, own);
        return true;
    }
    if (answer)
        curl_handle_fail(handle, "Callback aborted");
    return answer == 0;
}
