/* SPDX-License-Identifier: MIT */
/* See print.h. */
#include "print.h"

#include "progress.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

void print_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    progress_hide();
    fputs("preecho: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

int print_finish(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    print_error("standard output could not be written: %s",
                errno ? strerror(errno) : "an earlier write failed");
    return EX_IOERR;
}

/* RFC 3629, section 4. */
size_t print_utf8_length(struct span bytes)
{
    uint8_t first = bytes.at[0];
    size_t length = first < 0x80                     ? 1
                    : first >= 0xc2 && first <= 0xdf ? 2
                    : (first & 0xf0) == 0xe0         ? 3
                    : first >= 0xf0 && first <= 0xf4 ? 4
                                                     : 0;
    if (length == 0 || length > bytes.size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes.at[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong =
        (first == 0xe0 && bytes.at[1] < 0xa0) || (first == 0xf0 && bytes.at[1] < 0x90);
    bool outside =
        (first == 0xed && bytes.at[1] > 0x9f) || (first == 0xf4 && bytes.at[1] > 0x8f);
    return overlong || outside ? 0 : length;
}

static bool is_control(struct span bytes, size_t length)
{
    uint8_t first = bytes.at[0];
    if (length == 2 && first == 0xc2 && bytes.at[1] < 0xa0)
        return true; /* C1, among them CSI */
    return length == 1 && (first < 0x20 || first == 0x7f) && first != '\n' &&
           first != '\t';
}

bool print_is_text(struct span bytes)
{
    while (bytes.size) {
        size_t length = print_utf8_length(bytes);
        if (length == 0 || bytes.at[0] == 0)
            return false;
        bytes = span_skip(bytes, length);
    }
    return true;
}

void print_text(struct span bytes)
{
    if (!isatty(STDOUT_FILENO)) {
        fwrite(bytes.at, 1, bytes.size, stdout);
        return;
    }
    while (bytes.size) {
        size_t length = print_utf8_length(bytes);
        if (bytes.at[0] == '\r' && bytes.size > 1 && bytes.at[1] == '\n') {
            length = 1;
        } else if (length == 0 || is_control(bytes, length)) {
            length = length ? length : 1;
            for (size_t i = 0; i < length; i++)
                printf("\\x%02x", bytes.at[i]);
        } else {
            fwrite(bytes.at, 1, length, stdout);
        }
        bytes = span_skip(bytes, length);
    }
}

void print_hex(struct span bytes)
{
    for (size_t line = 0; line < bytes.size; line += 16) {
        size_t count = bytes.size - line < 16 ? bytes.size - line : 16;
        printf("%08zx ", line);
        for (size_t i = 0; i < 16; i++) {
            if (i < count)
                printf(" %02x", bytes.at[line + i]);
            else
                fputs("   ", stdout);
        }
        fputs("  ", stdout);
        for (size_t i = 0; i < count; i++) {
            uint8_t byte = bytes.at[line + i];
            putchar(byte >= 0x20 && byte < 0x7f ? byte : '.');
        }
        putchar('\n');
    }
}

char *print_size(uint64_t bytes, char *out)
{
    static const char units[][4] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    snprintf(out, 32, unit && value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return out;
}

char *print_duration(double seconds, char *out)
{
    if (seconds <= 0)
        snprintf(out, 32, "0 s");
    else if (seconds < 0.001)
        snprintf(out, 32, "%.0f us", seconds * 1e6);
    else if (seconds < 1)
        snprintf(out, 32, seconds < 0.01 ? "%.1f ms" : "%.0f ms", seconds * 1e3);
    else if (seconds < 120)
        snprintf(out, 32, "%.1f s", seconds);
    else if (seconds < 7200)
        snprintf(out, 32, "%.1f min", seconds / 60);
    else if (seconds < 48 * 3600.0)
        snprintf(out, 32, "%.1f h", seconds / 3600);
    else if (seconds < 1000 * 86400.0)
        snprintf(out, 32, "%.1f days", seconds / 86400);
    else
        snprintf(out, 32, seconds < 3e9 ? "%.1f years" : "%.0f years",
                 seconds / (365.25 * 86400));
    return out;
}

char *print_count(uint64_t count, char *out)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    char *at = out;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

char *print_short(uint64_t count, char *out)
{
    static const char units[] = "MGTPE";
    char text[32];
    if (count < 10000000)
        return print_count(count, out);
    size_t unit = 0;
    double value = (double)count / 1e6;
    for (; value >= 9999.95 && unit + 2 < sizeof(units); unit++)
        value /= 1000;
    uint64_t tenths = (uint64_t)(value * 10 + 0.5);
    snprintf(out, 32, "%s.%u %c", print_count(tenths / 10, text), (unsigned)(tenths % 10),
             units[unit]);
    return out;
}

/* Hundredths of cents below a dollar, and of these below a cent; dollars from 100,000 on. The last
 * digit is rounded. */
char *print_money(int64_t pico_dollars, char *out)
{
    static const struct {
        uint64_t below; /* after rounding it has one digit more */
        uint64_t unit;
        unsigned parts; /* of a dollar */
        int digits;
    } steps[] = {{1, 10000000000, 100, 2},
                 {9999500000, 1000000, 1000000, 6},
                 {999950000000, 100000000, 10000, 4},
                 {99999995000000000, 10000000000, 100, 2},
                 {UINT64_MAX, 1000000000000, 1, 0}};
    char dollars[32];
    size_t step = 0;
    const char *sign = pico_dollars < 0 ? "-" : "";
    uint64_t rest =
        pico_dollars < 0 ? 0 - (uint64_t)pico_dollars : (uint64_t)pico_dollars;
    while (rest >= steps[step].below)
        step++;
    uint64_t unit = steps[step].unit, parts = steps[step].parts;
    uint64_t count = rest / unit + (rest % unit >= unit / 2);
    if (rest && !count)
        snprintf(out, 32, "%s<$0.000001", sign);
    else if (parts == 1)
        snprintf(out, 32, "%s$%s", sign, print_count(count, dollars));
    else
        snprintf(out, 32, "%s$%s.%0*llu", sign, print_count(count / parts, dollars),
                 steps[step].digits, (unsigned long long)(count % parts));
    return out;
}

char *print_money_brief(int64_t pico_dollars, char *out)
{
    const uint64_t unit = 100000000, cent = 100;
    uint64_t rest =
        pico_dollars < 0 ? 0 - (uint64_t)pico_dollars : (uint64_t)pico_dollars;
    uint64_t count = rest / unit + (rest % unit >= unit / 2);
    const char *sign = pico_dollars < 0 ? "-" : "";
    if (rest == 0 || count > cent)
        return print_money(pico_dollars, out);
    if (count == 0)
        snprintf(out, 32, "%s<$0.0001", sign);
    else
        snprintf(out, 32, "%s$0.%04u", sign, (unsigned)count);
    return out;
}

char *print_rate(uint64_t part, uint64_t of, char *out)
{
    if (of)
        snprintf(out, 32, "%.1f %%", 100.0 * (double)part / (double)of);
    else
        snprintf(out, 32, "-");
    return out;
}

char *print_memory(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        print_error("memory is short");
        exit(EX_OSERR);
    }
    return text;
}

void *print_grown(void *memory, size_t size)
{
    void *larger = realloc(memory, size);
    if (!larger) {
        print_error("memory is short");
        exit(EX_OSERR);
    }
    return larger;
}
