/* SPDX-License-Identifier: MIT */
/* Setting another body, and the program's own again. */
#define CURL_DISABLE_DEPRECATION
#include "curl_substitute.h"

#include "curl_reader.h"
#include "curl_request.h"
#include "store/memory.h"

struct curl_substitute {
    bool fields;       /* it stands for CURLOPT_POSTFIELDS; else the reader has it */
    bool fields_sized; /* the size is told by CURLOPT_POSTFIELDSIZE_LARGE */
    bool file_sized; /* by CURLOPT_INFILESIZE_LARGE; by neither: it goes out in chunks */
    curl_off_t size;
    struct buffer body;       /* the fields */
    struct curl_slist *lines; /* CURLOPT_HTTPHEADER with another length; NULL: as it is */
    struct buffer length_line; /* ended by a zero */
    struct buffer added;       /* lines behind the program's, each ended by a zero */
};

/* -- header lines -- */

static bool tells_length(const struct curl_slist *line)
{
    struct span name, value;
    return curl_request_line(line->data, &name, &value) == CURL_LINE_SENT &&
           span_is_nocase(name, "Content-Length");
}

static size_t count_lines(const struct curl_slist *line, bool *told)
{
    size_t count = 0;
    for (*told = false; line; line = line->next, count++)
        *told = *told || tells_length(line);
    return count;
}

/* A list of the same lines, but for the length. */
static int replace_lines(struct curl_substitute *substitute,
                         const struct curl_slist *line)
{
    bool told;
    size_t count = count_lines(line, &told);
    if (!told)
        return 0;
    buffer_append_text(&substitute->length_line, "Content-Length: ");
    buffer_append_decimal(&substitute->length_line, (uint64_t)substitute->size);
    buffer_append_byte(&substitute->length_line, 0);
    substitute->lines = memory_new(count * sizeof(struct curl_slist));
    if (!substitute->lines || !buffer_ok(&substitute->length_line))
        return -1;
    struct curl_slist *to = substitute->lines;
    for (; line; line = line->next, to++) {
        to->data = tells_length(line) ? (char *)substitute->length_line.at : line->data;
        to->next = line->next ? to + 1 : NULL;
    }
    return 0;
}

/* -- life -- */

static int take_body(struct curl_substitute *substitute, struct curl_handle *handle,
                     struct span body)
{
    const struct curl_options *options = &handle->options;
    substitute->size = (curl_off_t)body.size;
    substitute->fields = curl_request_body(options) == CURL_BODY_FIELDS;
    substitute->fields_sized =
        substitute->fields || (!options->upload && options->fields_size >= 0);
    substitute->file_sized = options->upload && options->file_size >= 0;
    if (replace_lines(substitute, options->headers) != 0)
        return -1;
    if (!substitute->fields)
        return curl_reader_replace(handle->reader, body);
    buffer_append_span(&substitute->body, body);
    return buffer_ok(&substitute->body) ? 0 : -1;
}

int curl_substitute_start(struct curl_handle *handle, struct span body)
{
    struct curl_substitute *substitute = memory_new(sizeof *substitute);
    if (!substitute)
        return -1;
    if (take_body(substitute, handle, body) != 0) {
        curl_substitute_free(substitute);
        return -1;
    }
    handle->substitute = substitute;
    return 0;
}

/* The program's lines and those of |added|. */
static int add_lines(struct curl_substitute *substitute, const struct curl_slist *line)
{
    bool told;
    size_t count = count_lines(line, &told);
    struct span left = buffer_span(&substitute->added);
    for (size_t i = 0; i < left.size; i++)
        count += left.at[i] == 0;
    substitute->lines = memory_new(count * sizeof(struct curl_slist));
    if (!substitute->lines)
        return -1;
    struct curl_slist *to = substitute->lines;
    for (; line; line = line->next, to++)
        *to = (struct curl_slist){line->data, to + 1};
    for (; left.size; left = span_skip(left, strlen((const char *)left.at) + 1), to++)
        *to = (struct curl_slist){(char *)(uintptr_t)left.at, to + 1};
    to[-1].next = NULL;
    return 0;
}

int curl_substitute_start_fields(struct curl_handle *handle, struct span lines)
{
    struct curl_substitute *substitute = memory_new(sizeof *substitute);
    if (!substitute)
        return -1;
    while (lines.size) {
        size_t size = span_find(lines, span_text("\r\n"));
        buffer_append(&substitute->added, lines.at, size);
        buffer_append_byte(&substitute->added, 0);
        lines = span_skip(lines, size + 2);
    }
    if (!buffer_ok(&substitute->added) ||
        add_lines(substitute, handle->options.headers) != 0) {
        curl_substitute_free(substitute);
        return -1;
    }
    handle->substitute = substitute;
    return 0;
}

void curl_substitute_free(struct curl_substitute *substitute)
{
    if (!substitute)
        return;
    buffer_free(&substitute->added);
    buffer_free(&substitute->body);
    buffer_free(&substitute->length_line);
    memory_free(substitute->lines);
    memory_free(substitute);
}

/* -- in place -- */

static void set_size(const struct curl_handle *handle, CURLoption option, curl_off_t size)
{
    curl_handle_set(handle, option, (void *)(intptr_t)size);
}

void curl_substitute_arm(const struct curl_substitute *substitute,
                         const struct curl_handle *handle)
{
    if (substitute->fields)
        curl_handle_set(handle, CURLOPT_POSTFIELDS, substitute->body.at);
    if (substitute->fields_sized)
        set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, substitute->size);
    if (substitute->file_sized)
        set_size(handle, CURLOPT_INFILESIZE_LARGE, substitute->size);
    if (substitute->lines)
        curl_handle_set(handle, CURLOPT_HTTPHEADER, substitute->lines);
}

/* Setting fields makes it a POST; the program may have wished for something else
 * meanwhile. */
static void restore_kind(const struct curl_handle *handle)
{
    const struct curl_options *options = &handle->options;
    switch (options->kind) {
    case CURL_KIND_GET:
        set_size(handle, CURLOPT_HTTPGET, 1);
        break;
    case CURL_KIND_HEAD:
        set_size(handle, CURLOPT_NOBODY, 1);
        break;
    case CURL_KIND_PUT:
        set_size(handle, CURLOPT_UPLOAD, 1);
        break;
    case CURL_KIND_FORM:
        curl_handle_set(handle, options->form_option, options->form);
        break;
    case CURL_KIND_POST:
        break;
    }
}

static void restore_fields(const struct curl_handle *handle)
{
    const struct curl_options *options = &handle->options;
    void *fields = (void *)(uintptr_t)options->fields;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (options->fields_copy)
        code = handle->library->curl_easy_setopt(handle->easy, CURLOPT_COPYPOSTFIELDS,
                                                 fields);
    if (code != CURLE_OK) /* the program's own, or our copy for want of libcurl's */
        curl_handle_set(handle, CURLOPT_POSTFIELDS, fields);
    restore_kind(handle);
}

void curl_substitute_disarm(const struct curl_substitute *substitute,
                            const struct curl_handle *handle)
{
    const struct curl_options *options = &handle->options;
    if (substitute
            ->fields_sized) /* before the fields: libcurl copies as much as it says */
        set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, options->fields_size);
    if (substitute->fields)
        restore_fields(handle);
    if (substitute->file_sized)
        set_size(handle, CURLOPT_INFILESIZE_LARGE, options->file_size);
    if (substitute->lines)
        curl_handle_set(handle, CURLOPT_HTTPHEADER, options->headers);
}

bool curl_substitute_replaces(const struct curl_substitute *substitute, CURLoption option)
{
    switch ((int)option) {
    case CURLOPT_POSTFIELDSIZE:
    case CURLOPT_POSTFIELDSIZE_LARGE:
        return !substitute->added.size;
    case CURLOPT_POSTFIELDS:
    case CURLOPT_COPYPOSTFIELDS:
        return substitute->fields;
    case CURLOPT_INFILESIZE:
    case CURLOPT_INFILESIZE_LARGE:
        return !substitute->fields && !substitute->added.size;
    case CURLOPT_HTTPHEADER:
        return substitute->lines != NULL;
    default:
        return false;
    }
}
