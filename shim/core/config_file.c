/* SPDX-License-Identifier: MIT */
/* Configuration files. inih takes a line apart; what it would do silently stays here: it cuts long
 * lines and section names, joins indented lines, and takes ';' in a value for a comment. So it gets one
 * line at a time, sections never, and the two switches that it has. */
#include "config_parts.h"

#include "store/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_LIMIT 1000
#define ANYBODY    ((unsigned)-1)

/* -- reading --------------------------------------------------------------------------- */

static const char *check_status(const struct stat *status, unsigned owner)
{
    if (!S_ISREG(status->st_mode))
        return "is no regular file";
    if (owner != ANYBODY && status->st_uid != owner)
        return owner ? "is not this user's" : "is not root's";
    if (owner != ANYBODY && (status->st_mode & (S_IWGRP | S_IWOTH)))
        return "can be written by others; chmod go-w helps";
    if (status->st_size > (off_t)CONFIG_FILE_LIMIT)
        return "is larger than 64 KiB";
    return NULL;
}

static const char *read_all(int descriptor, size_t size, struct buffer *out)
{
    while (size) {
        uint8_t *room = buffer_room(out, size);
        if (!room)
            return NULL; /* the caller asks buffer_ok() */
        ssize_t count = read(descriptor, room, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return "cannot be read";
        if (count == 0)
            break;
        out->size += (size_t)count;
        size -= (size_t)count;
    }
    return NULL;
}

/* O_NONBLOCK: opening a named pipe must not wait. A link is followed: whose the file behind it is
 * counts. */
const char *config_file_read(const char *path, unsigned owner, struct buffer *out,
                             bool *absent)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *absent = descriptor < 0 && (errno == ENOENT || errno == ENOTDIR);
    if (descriptor < 0)
        return *absent ? NULL : "cannot be opened";
    const char *problem = "cannot be read";
    if (fstat(descriptor, &status) == 0)
        problem = check_status(&status, owner);
    if (!problem)
        problem = read_all(descriptor, (size_t)status.st_size, out);
    close(descriptor);
    return problem;
}

/* -- lines ----------------------------------------------------------------------------- */

static void report_unknown(struct reader *reader, const char *name)
{
    const char *nearest = setting_nearest_name(span_text(name));
    reader_report(reader, name, "is no setting", span_text(nearest));
}

/* inih's handler: one value. */
static int take_value(void *context, const char *section, const char *name,
                      const char *value)
{
    struct reader *reader = context;
    enum setting_id id = setting_find(span_text(name));
    (void)section;
    if (id == SETTING_COUNT)
        report_unknown(reader, name);
    else
        reader_set(reader, id, span_text(value));
    return 1;
}

/* True when |line| has a character that no editor shows. */
static bool is_strange(struct span line)
{
    for (size_t i = 0; i < line.size; i++)
        if ((line.at[i] < 0x20 && line.at[i] != '\t') || line.at[i] == 0x7f)
            return true;
    return false;
}

static void take_line(struct reader *reader, struct span line)
{
    char text[LINE_LIMIT + 1];
    if (span_ends(line, "\r"))
        line.size--;
    line = span_trim(line);
    if (line.size > LINE_LIMIT) {
        reader_report(reader, "this", "is too long: a line may have 1000 bytes",
                      (struct span){0});
    } else if (is_strange(line)) {
        reader_report(reader, "this", "has a control character in it", (struct span){0});
    } else if (line.size && line.at[0] == '[') {
        reader_section(reader, line);
    } else {
        span_copy_text(line, text, sizeof text);
        if (ini_parse_string(text, take_value, reader) != 0)
            reader_report(reader, "this", "is neither a comment nor KEY = VALUE",
                          (struct span){0});
    }
}

void config_file_parse(struct reader *reader, struct span content)
{
    ini_max_line = LINE_LIMIT + 8; /* of our own copy of inih: it is linked statically */
    ini_allow_inline_comments = false;
    ini_allow_bom = false;
    if (span_starts(content, "\xef\xbb\xbf"))
        content = span_skip(content, 3);
    reader->in_section = false;
    reader->section = 0;
    for (reader->line = 1; content.size && !reader->failed; reader->line++) {
        size_t size = span_find(content, span_text("\n"));
        take_line(reader, span_of(content.at, size));
        content = span_skip(content, size + 1);
    }
}
