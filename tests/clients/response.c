/* SPDX-License-Identifier: MIT */
/* The response parser of the C clients (RFC 9112, sections 4 to 7); see client.h. */
#define _GNU_SOURCE
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The value of a header field in |head|, NULL when there is none. */
static const char *field_value(const char *head, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = head; (at = strstr(at, "\r\n")) != NULL;) {
        at += 2;
        if (strncasecmp(at, name, size) == 0 && at[size] == ':') {
            return at + size + 1 + strspn(at + size + 1, " \t");
        }
    }
    return NULL;
}

static bool value_has(const char *value, const char *word)
{
    size_t end = value ? strcspn(value, "\r") : 0, size = strlen(word);
    for (size_t i = 0; i + size <= end; i++) {
        if (strncasecmp(value + i, word, size) == 0) {
            return true;
        }
    }
    return false;
}

static void take_head(struct response *response)
{
    const char *head = response->line.at;
    if (sscanf(head, "HTTP/1.%*1[01] %3d", &response->status) != 1) {
        response->state = RESPONSE_BAD;
        return;
    }
    const char *length = field_value(head, "content-length");
    response->close = value_has(field_value(head, "connection"), "close");
    if (response->status < 200) {
        response->state = RESPONSE_HEAD;
    } else if (value_has(field_value(head, "transfer-encoding"), "chunked")) {
        response->state = RESPONSE_CHUNK_SIZE;
    } else if (length != NULL) {
        response->left = strtoul(length, NULL, 10);
        response->state = response->left > 0 ? RESPONSE_FIXED : RESPONSE_DONE;
    } else {
        response->state = RESPONSE_TO_CLOSE;
        response->close = true;
    }
}

static void take_line(struct response *response)
{
    const char *line = response->line.at;
    switch (response->state) {
    case RESPONSE_CHUNK_SIZE:
        response->left = strtoul(line, NULL, 16);
        response->state = response->left > 0 ? RESPONSE_CHUNK : RESPONSE_TRAILER;
        break;
    case RESPONSE_CHUNK_END:
        response->state = strcmp(line, "\r\n") == 0 ? RESPONSE_CHUNK_SIZE : RESPONSE_BAD;
        break;
    default: /* a trailer field, or the empty line behind them */
        if (strcmp(line, "\r\n") == 0) {
            response->state = RESPONSE_DONE;
        }
    }
}

/* Bytes up to the end of a line, or of a head. */
static size_t feed_line(struct response *response, const char *bytes, size_t size)
{
    const char *feed = memchr(bytes, '\n', size);
    size_t taken = feed ? (size_t)(feed - bytes) + 1 : size;
    struct text *line = &response->line;
    text_add(line, bytes, taken);
    if (feed == NULL) {
        return taken;
    }
    if (response->state != RESPONSE_HEAD) {
        take_line(response);
    } else if (line->size >= 4 && strcmp(line->at + line->size - 4, "\r\n\r\n") == 0) {
        take_head(response);
    } else {
        return taken;
    }
    text_free(line);
    return taken;
}

static size_t feed_body(struct response *response, const char *bytes, size_t size)
{
    if (response->state == RESPONSE_TO_CLOSE) {
        text_add(&response->body, bytes, size);
        return size;
    }
    size_t taken = size < response->left ? size : response->left;
    text_add(&response->body, bytes, taken);
    response->left -= taken;
    if (response->left == 0) {
        bool chunk = response->state == RESPONSE_CHUNK;
        response->state = chunk ? RESPONSE_CHUNK_END : RESPONSE_DONE;
    }
    return taken;
}

size_t response_feed(struct response *response, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size && response->state != RESPONSE_DONE &&
           response->state != RESPONSE_BAD) {
        bool body = response->state == RESPONSE_FIXED ||
                    response->state == RESPONSE_CHUNK ||
                    response->state == RESPONSE_TO_CLOSE;
        done += (body ? feed_body : feed_line)(response, bytes + done, size - done);
    }
    text_add(&response->raw, bytes, done);
    return done;
}

void response_end(struct response *response)
{
    if (response->state == RESPONSE_TO_CLOSE) {
        response->state = RESPONSE_DONE;
    } else if (response->state != RESPONSE_DONE) {
        response->state = RESPONSE_BAD;
    }
}

void response_free(struct response *response)
{
    text_free(&response->line);
    text_free(&response->raw);
    text_free(&response->body);
    *response = (struct response){0};
}

void response_print(const struct response *response)
{
    fwrite(response->body.at, 1, response->body.size, stdout);
    putchar('\n');
}
