/* SPDX-License-Identifier: MIT */
/* See edge_date.h. A form is spelled with: w a day's name, m a month's, d a day, D a day that may
 * have a blank in front, Y and y a year of four and two digits, t the time, z the zone. */
#include "edge_date.h"

static const char *const forms[] = {"w, d m Y t z", "w, d-m-y t z", "w m D t Y"};

struct date {
    unsigned day, month, hour, minute, second; /* day from 1, month from 0 */
    int year;
    bool short_year;
};

static bool take_number(struct span *text, size_t digits, unsigned *number)
{
    if (text->size < digits)
        return false;
    *number = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        *number = *number * 10 + (unsigned)(text->at[i] - '0');
    }
    *text = span_skip(*text, digits);
    return true;
}

static bool take_text(struct span *text, const char *expected)
{
    size_t size = strlen(expected);
    if (text->size < size || !span_is_nocase(span_of(text->at, size), expected))
        return false;
    *text = span_skip(*text, size);
    return true;
}

/* A whole name or its first three letters. */
static bool take_weekday(struct span *text)
{
    static const char *const names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char brief[4] = {names[i][0], names[i][1], names[i][2], 0};
        if (take_text(text, names[i]) || take_text(text, brief))
            return true;
    }
    return false;
}

static bool take_month(struct span *text, unsigned *month)
{
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (*month = 0; *month < 12; ++*month)
        if (take_text(text, names[*month]))
            return true;
    return false;
}

static bool take_time(struct span *text, struct date *date)
{
    return take_number(text, 2, &date->hour) && take_text(text, ":") &&
           take_number(text, 2, &date->minute) && take_text(text, ":") &&
           take_number(text, 2, &date->second) && date->hour < 24 && date->minute < 60 &&
           date->second <= 60;
}

static bool take_year(struct span *text, size_t digits, struct date *date)
{
    unsigned year;
    if (!take_number(text, digits, &year))
        return false;
    date->year = (int)year;
    date->short_year = digits == 2;
    return true;
}

static bool take_part(struct span *text, char part, struct date *date)
{
    char literal[2] = {part, 0};
    switch (part) {
    case 'w':
        return take_weekday(text);
    case 'm':
        return take_month(text, &date->month);
    case 'D':
        if (take_text(text, " "))
            return take_number(text, 1, &date->day);
        return take_number(text, 2, &date->day);
    case 'd':
        return take_number(text, 2, &date->day);
    case 't':
        return take_time(text, date);
    case 'Y':
        return take_year(text, 4, date);
    case 'y':
        return take_year(text, 2, date);
    case 'z':
        return take_text(text, "GMT") || take_text(text, "UTC");
    default:
        return take_text(text, literal);
    }
}

static bool take_form(struct span text, const char *form, struct date *date)
{
    *date = (struct date){0};
    for (; *form; form++)
        if (!take_part(&text, *form, date))
            return false;
    return text.size == 0;
}

static unsigned days_of_month(const struct date *date)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (date->year % 4 == 0 && date->year % 100 != 0) || date->year % 400 == 0;
    return days[date->month] + (date->month == 1 && leap);
}

/* Years are counted from March, so that the leap day is a year's last one. */
static int64_t seconds_of(const struct date *date)
{
    int64_t year = date->month < 2 ? date->year - 1 : date->year;
    int64_t month = (date->month + 10) % 12;
    int64_t days = 365 * year + year / 4 - year / 100 + year / 400 +
                   (153 * month + 2) / 5 + date->day - 1 - 719468;
    return days * 86400 + date->hour * 3600 + date->minute * 60 + date->second;
}

/* Not more than 50 years in the future. */
static void settle_century(struct date *date, int64_t now_s)
{
    int now_year = 1970 + (int)(now_s / 31556952);
    date->year += now_year - now_year % 100;
    if (date->year > now_year + 50)
        date->year -= 100;
}

bool edge_date_parse(struct span text, int64_t now_s, int64_t *seconds)
{
    struct date date;
    size_t form = 0, count = sizeof forms / sizeof *forms;
    text = span_trim(text);
    while (form < count && !take_form(text, forms[form], &date))
        form++;
    if (form == count)
        return false;
    if (date.short_year)
        settle_century(&date, now_s);
    if (date.day == 0 || date.year == 0 || date.day > days_of_month(&date))
        return false;
    *seconds = seconds_of(&date);
    return true;
}
