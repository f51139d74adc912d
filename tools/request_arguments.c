/* SPDX-License-Identifier: MIT */
/* See request_arguments.h. */
#include "request_arguments.h"

#include "print.h"
#include "shim/core/host_list.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>

#define DATA_LIMIT ((size_t)64 << 20)

static int read_stream(FILE *file, struct buffer *out)
{
    uint8_t block[1024];
    size_t count;
    while ((count = fread(block, 1, sizeof(block), file)) > 0 && out->size < DATA_LIMIT)
        buffer_append(out, block, count);
    return ferror(file) ? -1 : 0;
}

static int read_data(const char *name, struct buffer *out)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *file = standard ? stdin : fopen(name, "rbe");
    int result = file ? read_stream(file, out) : -1;
    if (result != 0)
        print_error("%s: %s", name, strerror(errno));
    if (file && !standard)
        fclose(file);
    return result == 0 ? 0 : EX_NOINPUT;
}

static int take_header(struct request_arguments *arguments, const char *text)
{
    struct span line = span_text(text);
    size_t colon = span_find(line, span_text(":"));
    if (colon == 0 || colon == line.size) {
        print_error("%s is no header, like 'Name: value'", text);
        return EX_USAGE;
    }
    return headers_add(&arguments->headers, span_of(line.at, colon),
                       span_trim(span_skip(line, colon + 1))) == 0
               ? 0
               : EX_OSERR;
}

static int take_data(struct request_arguments *arguments, const char *text)
{
    arguments->has_data = true;
    if (text[0] == '@')
        return read_data(text + 1, &arguments->data);
    buffer_append_text(&arguments->data, text);
    return buffer_ok(&arguments->data) ? 0 : EX_OSERR;
}

int request_arguments_take(struct request_arguments *arguments, int option,
                           const char *value)
{
    switch (option) {
    case 'u':
        arguments->url = value;
        return 0;
    case 'm':
        arguments->method = value;
        return 0;
    case 'p':
        arguments->program = value;
        return 0;
    case 'H':
        return take_header(arguments, value);
    case 'd':
        return take_data(arguments, value);
    default:
        return EX_USAGE;
    }
}

bool request_arguments_lack_url(const struct request_arguments *arguments)
{
    return !arguments->url && (arguments->method || arguments->headers.count ||
                               arguments->has_data || arguments->program);
}

/* HOST, HOST:PORT or [ADDRESS]:PORT. */
static bool parse_authority(struct span text, struct request *out)
{
    size_t end = span_starts(text, "[") ? span_find(text, span_text("]")) + 1
                                        : span_find(text, span_text(":"));
    if (end == 0 || end > text.size || memchr(text.at, '@', text.size))
        return false;
    out->host = span_of(text.at, end);
    text = span_skip(text, end);
    return text.size == 0 ||
           (text.at[0] == ':' && host_list_port(span_skip(text, 1), &out->port));
}

static bool parse_url(struct span url, struct request *out)
{
    out->tls = span_starts(url, "https://");
    if (!out->tls && !span_starts(url, "http://"))
        return false;
    out->port = out->tls ? 443 : 80;
    url = span_skip(url, out->tls ? 8 : 7);
    url.size = span_find(url, span_text("#"));
    size_t slash = span_find(url, span_text("/"));
    out->target = slash < url.size ? span_skip(url, slash) : span_text("/");
    return parse_authority(span_of(url.at, slash), out);
}

int request_arguments_finish(struct request_arguments *arguments, struct request *out)
{
    *out = (struct request){0};
    if (!parse_url(span_text(arguments->url), out)) {
        print_error("%s is no URL, like https://api.openai.com/v1/embeddings",
                    arguments->url);
        return EX_USAGE;
    }
    if (arguments->has_data &&
        headers_value(&arguments->headers, "content-type").size == 0 &&
        headers_add(&arguments->headers, span_text("Content-Type"),
                    span_text("application/json")) != 0)
        return EX_OSERR;
    out->method = span_text(arguments->method ? arguments->method : "POST");
    out->headers = arguments->headers;
    out->body = buffer_span(&arguments->data);
    return 0;
}

void request_arguments_free(struct request_arguments *arguments)
{
    headers_free(&arguments->headers);
    buffer_free(&arguments->data);
}
