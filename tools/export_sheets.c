/* SPDX-License-Identifier: MIT */
/* See export_sheets.h. */
#include "export_sheets.h"

#include "print.h"

#include <stdlib.h>
#include <sys/stat.h>

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A file's name for |host|: what is neither a letter, a digit, '-' nor '.' becomes '_'. */
static char *name_of(struct span host, unsigned port)
{
    char *name =
        port == 443
            ? print_memory("%.*s.jsonl", (int)host.size, (const char *)host.at)
            : print_memory("%.*s_%u.jsonl", (int)host.size, (const char *)host.at, port);
    for (char *at = name; *at; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        bool plain = letter || (*at >= '0' && *at <= '9') || *at == '-';
        if (!plain && (*at != '.' || at == name))
            *at = '_';
    }
    return name;
}

/* The sheet of that |name|, which it takes over; begun when there is none. NULL, and |*status|
 * says why. */
static struct sheet *sheet_of(struct sheets *sheets, char *name, int *status)
{
    for (size_t i = 0; i < sheets->count; i++)
        if (strcmp(sheets->list[i].name, name) == 0) {
            free(name);
            return &sheets->list[i];
        }
    sheets->list = print_grown(sheets->list, (sheets->count + 1) * sizeof(*sheets->list));
    struct sheet *sheet = &sheets->list[sheets->count++];
    *sheet = (struct sheet){.name = name};
    char *path = name[0] ? print_memory("%s/%s", sheets->out, name)
                         : print_memory("%s", sheets->out);
    *status = draft_begin(&sheet->draft, path, sheets->force);
    free(path);
    return *status == 0 ? sheet : NULL;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Writes the lines that wait. */
static void flush(struct sheet *sheet)
{
    if (sheet->count > 1)
        qsort(sheet->lines, sheet->count, sizeof(*sheet->lines), by_text);
    for (size_t i = 0; i < sheet->count; i++) {
        fputs(sheet->lines[i], sheet->draft.file);
        putc('\n', sheet->draft.file);
        free(sheet->lines[i]);
    }
    sheet->count = 0;
}

int sheets_add(struct sheets *sheets, struct span host, unsigned port, int64_t created_ms,
               const char *line)
{
    int status = 0;
    char *name = is_directory(sheets->out) ? name_of(host, port) : print_memory("%s", "");
    struct sheet *sheet = sheet_of(sheets, name, &status);
    if (!sheet)
        return status;
    if (sheet->created_ms != created_ms)
        flush(sheet);
    sheet->created_ms = created_ms;
    if (sheet->count == sheet->capacity) {
        sheet->capacity = sheet->capacity ? 2 * sheet->capacity : 4;
        sheet->lines = print_grown(sheet->lines, sheet->capacity * sizeof(*sheet->lines));
    }
    sheet->lines[sheet->count++] = print_memory("%s", line);
    return 0;
}

int sheets_finish(struct sheets *sheets)
{
    int status = 0;
    for (size_t i = 0; i < sheets->count; i++)
        flush(&sheets->list[i]);
    for (size_t i = 0; status == 0 && i < sheets->count; i++)
        status = draft_finish(&sheets->list[i].draft);
    return status;
}

void sheets_drop(struct sheets *sheets)
{
    for (size_t i = 0; i < sheets->count; i++) {
        struct sheet *sheet = &sheets->list[i];
        for (size_t j = 0; j < sheet->count; j++)
            free(sheet->lines[j]);
        draft_drop(&sheet->draft);
        free(sheet->lines);
        free(sheet->name);
    }
    free(sheets->list);
    sheets->list = NULL;
    sheets->count = 0;
}
