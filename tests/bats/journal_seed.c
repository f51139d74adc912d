/* SPDX-License-Identifier: MIT */
/* Writes journal records for tests, as host processes do.
 *
 * usage: journal_seed DIRECTORY <LINES     each line one of
 *
 *   call [NAME=VALUE]...      one record; what is not said has the values of |usual|
 *   many COUNT [NAME=VALUE]...  so many, with the number in response_bytes, from 0
 *   torn                      a slot that is reserved and never written
 *
 * In values \xNN is a byte. tags=A,B are two tags, time=-5 is five seconds ago. */
#include "store/reason.h"
#include "store/segment.h"
#include "tools/verdict.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "journal_seed: %s failed\n", #condition);                    \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const struct journal_record usual = {.verdict = VERDICT_HIT,
                                            .layer = LAYER_EXACT,
                                            .level = LEVEL_OPENSSL,
                                            .status = 200,
                                            .port = 443,
                                            .pid = 4711,
                                            .usage_known = true,
                                            .tokens_in = 1000,
                                            .tokens_out = 200,
                                            .lookup_us = 20,
                                            .first_byte_us = 400,
                                            .last_byte_us = 1200,
                                            .recorded_first_byte_us = 800000,
                                            .recorded_last_byte_us = 2501200,
                                            .request_bytes = 300,
                                            .response_bytes = 900,
                                            .program = "python3",
                                            .dialect = "openai",
                                            .operation = "chat",
                                            .model = "gpt-4o-mini",
                                            .host = "api.openai.com"};

/* \xNN in place. */
static void unescape(char *text)
{
    char *out = text;
    while (*text) {
        char digits[3] = {0};
        if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3]) {
            memcpy(digits, text + 2, 2);
            *out++ = (char)strtoul(digits, NULL, 16);
            text += 4;
        } else {
            *out++ = *text++;
        }
    }
    *out = 0;
}

static void set_tags(char *list, char tags[JOURNAL_TAGS_SIZE])
{
    CHECK(strlen(list) + 2 <= JOURNAL_TAGS_SIZE);
    strcpy(tags, list);
    for (char *at = tags; (at = strchr(at, ','));)
        *at = 0;
}

static bool set_text(struct journal_record *record, const char *name, const char *value)
{
    struct {
        const char *name;
        char *text;
        size_t size;
    } texts[] = {
        {"program", record->program, sizeof(record->program)},
        {"dialect", record->dialect, sizeof(record->dialect)},
        {"operation", record->operation, sizeof(record->operation)},
        {"model", record->model, sizeof(record->model)},
        {"host", record->host, sizeof(record->host)},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (strcmp(texts[i].name, name) != 0)
            continue;
        snprintf(texts[i].text, texts[i].size, "%s", value);
        return true;
    }
    return false;
}

static bool set_number(struct journal_record *record, const char *name, long long value)
{
    struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {
        {"first", &record->first_byte_us},
        {"last", &record->last_byte_us},
        {"recorded_first", &record->recorded_first_byte_us},
        {"recorded_last", &record->recorded_last_byte_us},
        {"in", &record->tokens_in},
        {"out", &record->tokens_out},
        {"cached", &record->tokens_cached},
        {"response", &record->response_bytes},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        if (strcmp(numbers[i].name, name) != 0)
            continue;
        *numbers[i].number = (uint64_t)value;
        return true;
    }
    return false;
}

static void set(struct journal_record *record, char *word)
{
    char *value = strchr(word, '=');
    CHECK(value);
    *value++ = 0;
    unescape(value);
    long long number = strtoll(value, NULL, 10);
    if (set_text(record, word, value) || set_number(record, word, number))
        return;
    if (strcmp(word, "verdict") == 0)
        CHECK(verdict_parse(value, &record->verdict));
    else if (strcmp(word, "layer") == 0)
        CHECK(verdict_layer_parse(value, &record->layer));
    else if (strcmp(word, "reason") == 0)
        CHECK(verdict_reason_parse(value, &record->reason));
    else if (strcmp(word, "status") == 0)
        record->status = (uint16_t)number;
    else if (strcmp(word, "tenant") == 0)
        memset(record->tenant, (int)number, sizeof(record->tenant));
    else if (strcmp(word, "tags") == 0)
        set_tags(value, record->tags);
    else if (strcmp(word, "time") == 0)
        record->time_ms = number <= 0 ? now_ms() + 1000 * number : number;
    else if (strcmp(word, "usage") == 0)
        record->usage_known = value[0] == 'r', record->usage_estimated = value[0] == 'e';
    else
        CHECK(!"a known name");
}

static struct journal_record record_of(char **rest)
{
    struct journal_record record = usual;
    record.time_ms = now_ms();
    for (char *word; (word = strtok_r(NULL, " \n", rest));)
        set(&record, word);
    return record;
}

/* What a writer leaves that dies after it has reserved a slot. */
static void reserve(const char *directory)
{
    char path[600], name[SEGMENT_NAME_SIZE];
    uint64_t sequence = 0, next = 0;
    CHECK(segment_highest(directory, &sequence) == STORE_OK);
    segment_name(sequence, name);
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    int file = open(path, O_RDWR);
    CHECK(pread(file, &next, sizeof(next), SEGMENT_NEXT_OFFSET) == sizeof(next));
    next++;
    CHECK(pwrite(file, &next, sizeof(next), SEGMENT_NEXT_OFFSET) == sizeof(next));
    close(file);
}

static void add_line(struct journal *journal, const char *directory, char *line)
{
    char *rest = NULL;
    const char *command = strtok_r(line, " \n", &rest);
    if (!command)
        return;
    if (strcmp(command, "torn") == 0) {
        reserve(directory);
        return;
    }
    bool many = strcmp(command, "many") == 0;
    unsigned long count = many ? strtoul(strtok_r(NULL, " \n", &rest), NULL, 10) : 1;
    struct journal_record record = record_of(&rest);
    for (unsigned long i = 0; i < count; i++) {
        if (many)
            record.response_bytes = i;
        journal_add(journal, directory, &record);
    }
    CHECK(journal->lost == 0);
}

int main(int count, char **arguments)
{
    struct journal journal = {0};
    char line[4096];
    CHECK(count == 2);
    while (fgets(line, sizeof(line), stdin))
        add_line(&journal, arguments[1], line);
    journal_close(&journal);
    return 0;
}
