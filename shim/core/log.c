/* SPDX-License-Identifier: MIT */
/* Writes the log, one line per open, write, close. Only into regular files: a pipe
 * without a reader or a file beyond the host's size limit would send the host a signal.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 500

static const struct config *settings;

/* A line being made; what does not fit is cut. */
struct line {
    char text[LINE_SIZE];
    size_t size;
};

static void put_byte(struct line *line, char byte)
{
    if (line->size < LINE_SIZE - 1)
        line->text[line->size++] = byte;
}

/* Control characters could forge lines. */
static void put_text(struct line *line, const char *text)
{
    for (; text && *text; text++)
        put_byte(line, (unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
}

static void put_number(struct line *line, uint64_t value, unsigned base, unsigned width)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value || sizeof digits - at < width);
    while (at < sizeof digits)
        put_byte(line, digits[at++]);
}

static void put_signed(struct line *line, int64_t value)
{
    if (value < 0)
        put_byte(line, '-');
    put_number(line, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, 1);
}

/* Days since 1970 as a date, proleptic Gregorian; gmtime_r() would read the time zone's
 * files. Years begin in March here, so that the leap day is a year's last. */
static void put_date(struct line *line, uint64_t days)
{
    uint64_t day = days + 719468; /* since 0000-03-01 */
    uint64_t era = day / 146097, of_era = day % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * of_year + 2) / 153;
    uint64_t of_month = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    put_number(line, era * 400 + year + (month <= 2), 10, 4);
    put_byte(line, '-');
    put_number(line, month, 10, 2);
    put_byte(line, '-');
    put_number(line, of_month, 10, 2);
}

static void put_time(struct line *line)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t second = now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
    put_date(line, second / 86400);
    put_byte(line, 'T');
    put_number(line, second / 3600 % 24, 10, 2);
    put_byte(line, ':');
    put_number(line, second / 60 % 60, 10, 2);
    put_byte(line, ':');
    put_number(line, second % 60, 10, 2);
    put_byte(line, '.');
    put_number(line, (uint64_t)now.tv_nsec / 1000000, 10, 3);
    put_text(line, "Z ");
}

/* Whether writing |size| bytes into this file can do the host no harm. */
static bool is_harmless(int descriptor, size_t size)
{
    struct stat status;
    struct rlimit limit;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0)
        return false;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return true;
    return (uint64_t)status.st_size + size <= limit.rlim_cur;
}

/* A thread that is cancelled at one of these calls would leave its descriptor in the
 * host. */
static void write_line(const char *path, const struct line *line)
{
    int state = PTHREAD_CANCEL_ENABLE;
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    int descriptor = open(path, flags, 0600);
    ssize_t written = 0;
    if (descriptor >= 0 && is_harmless(descriptor, line->size))
        written = write(descriptor, line->text, line->size);
    (void)written; /* a log that cannot be written is nobody's problem */
    if (descriptor >= 0)
        close(descriptor);
    (void)pthread_setcancelstate(state, NULL);
}

// NOLINTBEGIN(clang-analyzer-valist.Uninitialized): log_line() has begun it
static void put_format(struct line *line, const char *format, va_list arguments)
{
    for (const char *at = format; *at; at++) {
        if (*at != '%') {
            put_byte(line, *at);
            continue;
        }
        switch (*++at) {
        case 's':
            put_text(line, va_arg(arguments, const char *));
            break;
        case 'd':
            put_signed(line, va_arg(arguments, int));
            break;
        case 'u':
            put_number(line, va_arg(arguments, unsigned), 10, 1);
            break;
        case 'x':
            put_number(line, va_arg(arguments, unsigned), 16, 1);
            break;
        case 'z':
            put_number(line, va_arg(arguments, size_t), 10, 1);
            at++;
            break;
        case '%':
            put_byte(line, '%');
            break;
        default:
            return; /* a mistake of ours: what follows cannot be told */
        }
    }
}
// NOLINTEND(clang-analyzer-valist.Uninitialized)

void log_open(const struct config *config)
{
    settings = config;
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"error ", "info ", "debug "};
    if (!settings || !settings->log || level > settings->log_level)
        return;
    int saved = errno;
    struct line line = {.size = 0};
    put_time(&line);
    put_number(&line, (uint64_t)getpid(), 10, 1);
    put_byte(&line, ' ');
    put_text(&line, names[level]);
    va_list arguments;
    va_start(arguments, format);
    put_format(&line, format, arguments);
    va_end(arguments);
    line.text[line.size++] = '\n';
    write_line(settings->log, &line);
    errno = saved;
}
