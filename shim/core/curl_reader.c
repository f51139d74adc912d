/* SPDX-License-Identifier: MIT */
/* Reading a request body ahead and feeding libcurl with it. */
#include "curl_reader.h"

#include "curl_handle.h"
#include "store/memory.h"

#define CHUNK ((size_t)16384)

struct curl_reader {
    struct buffer bytes;
    struct buffer ends; /* where each of the program's pieces ends, as size_t */
    size_t piece;       /* the one that libcurl is being given */
    size_t at;          /* how much of them libcurl has */
    size_t last;        /* what the program's last call returned, when `returned` */
    bool ended;         /* the bytes are the whole body */
    bool returned;      /* `last` has still to be told to libcurl */
    bool asked;         /* libcurl has asked for some of it */
    bool read_on;       /* the program has been asked for more since */
    off_t file_start;   /* where a stream of the default fread() stood, -1 = not known */
};

static size_t call_program(const struct curl_options *options, char *to, size_t size)
{
    if (!options->read_function)
        return fread(to, 1, size, options->read_data);
    return options->read_function(to, 1, size, options->read_data);
}

static curl_off_t expected_size(const struct curl_options *options)
{
    return options->upload ? options->file_size : options->fields_size;
}

/* One more piece. CURL_READER_WHOLE, CURL_READER_STOPPED, or 1: there may be more. */
static int fill_more(struct curl_reader *reader, const struct curl_options *options,
                     size_t wanted)
{
    uint8_t *room = buffer_room(&reader->bytes, wanted);
    if (!room)
        return CURL_READER_STOPPED;
    size_t got = call_program(options, (char *)room, wanted);
    if (got > wanted) { /* CURL_READFUNC_ABORT, CURL_READFUNC_PAUSE, or nonsense */
        reader->last = got;
        reader->returned = true;
        return CURL_READER_STOPPED;
    }
    reader->bytes.size += got;
    buffer_append(&reader->ends, &reader->bytes.size, sizeof reader->bytes.size);
    return got ? 1 : CURL_READER_WHOLE;
}

static int fill(struct curl_reader *reader, const struct curl_options *options)
{
    curl_off_t expected = expected_size(options);
    for (;;) {
        size_t wanted = CHUNK;
        if (expected >= 0 && (size_t)expected - reader->bytes.size < wanted)
            wanted = (size_t)expected - reader->bytes.size;
        if (!wanted)
            return CURL_READER_WHOLE;
        if (reader->bytes.size > CURL_BODY_LIMIT)
            return CURL_READER_TOO_LARGE;
        int result = fill_more(reader, options, wanted);
        if (result <= 0)
            return result;
    }
}

int curl_reader_fill(struct curl_handle *handle)
{
    const struct curl_options *options = &handle->options;
    if (expected_size(options) > (curl_off_t)CURL_BODY_LIMIT)
        return CURL_READER_TOO_LARGE;
    struct curl_reader *reader = memory_new(sizeof *reader);
    if (!reader)
        return CURL_READER_STOPPED;
    reader->file_start = options->read_function ? -1 : ftello(options->read_data);
    handle->reader = reader;
    int result = fill(reader, options);
    reader->ended = result == CURL_READER_WHOLE;
    return result;
}

struct span curl_reader_bytes(const struct curl_reader *reader)
{
    return buffer_span(&reader->bytes);
}

int curl_reader_replace(struct curl_reader *reader, struct span body)
{
    struct buffer bytes = {0};
    buffer_append_span(&bytes, body);
    if (!buffer_ok(&bytes))
        return -1;
    buffer_free(&reader->bytes);
    reader->bytes = bytes;
    reader->at = reader->piece = 0;
    buffer_clear(&reader->ends);
    return 0;
}

/* How much libcurl may have now. It makes an HTTP chunk of what one call returns, so the
 * program's own pieces are kept as far as their borders were noted. */
static size_t available(struct curl_reader *reader)
{
    size_t count = reader->ends.size / sizeof(size_t), end = reader->bytes.size;
    for (; reader->piece < count; reader->piece++) {
        memcpy(&end, reader->ends.at + reader->piece * sizeof end, sizeof end);
        if (end > reader->at)
            return end - reader->at;
    }
    return reader->bytes.size - reader->at;
}

/* A curl_read_callback. */
static size_t feed(char *to, size_t one, size_t size, void *argument)
{
    struct curl_handle *handle = argument;
    struct curl_reader *reader = handle->reader;
    size_t room = one * size, left = available(reader);
    reader->asked = true;
    if (left) {
        size_t part = left < room ? left : room;
        memcpy(to, reader->bytes.at + reader->at, part);
        reader->at += part;
        return part;
    }
    if (reader->ended)
        return 0;
    if (reader->returned) {
        reader->returned = false;
        return reader->last;
    }
    reader->read_on = true;
    return call_program(&handle->options, to, room);
}

static int seek_program(const struct curl_options *options, curl_off_t offset, int origin)
{
    if (!options->seek_function)
        return CURL_SEEKFUNC_CANTSEEK;
    return options->seek_function(options->seek_data, offset, origin);
}

/* A curl_seek_callback. */
static int rewind_feed(void *argument, curl_off_t offset, int origin)
{
    struct curl_handle *handle = argument;
    struct curl_reader *reader = handle->reader;
    if (!reader->read_on) {
        if (origin != SEEK_SET || offset < 0 || (size_t)offset > reader->bytes.size)
            return CURL_SEEKFUNC_CANTSEEK;
        reader->at = (size_t)offset;
        reader->piece = 0;
        return CURL_SEEKFUNC_OK;
    }
    int result = seek_program(&handle->options, offset, origin);
    if (result == CURL_SEEKFUNC_OK) /* from here on all of it comes from the program */
        reader->at = reader->bytes.size;
    return result;
}

void curl_reader_arm(struct curl_handle *handle)
{
    curl_handle_set(handle, CURLOPT_READFUNCTION, (void *)feed);
    curl_handle_set(handle, CURLOPT_READDATA, handle);
    curl_handle_set(handle, CURLOPT_SEEKFUNCTION, (void *)rewind_feed);
    curl_handle_set(handle, CURLOPT_SEEKDATA, handle);
}

void curl_reader_disarm(struct curl_handle *handle)
{
    const struct curl_options *options = &handle->options;
    curl_handle_set(handle, CURLOPT_READFUNCTION, (void *)options->read_function);
    curl_handle_set(handle, CURLOPT_READDATA, options->read_data);
    curl_handle_set(handle, CURLOPT_SEEKFUNCTION, (void *)options->seek_function);
    curl_handle_set(handle, CURLOPT_SEEKDATA, options->seek_data);
}

void curl_reader_give_back(struct curl_handle *handle)
{
    const struct curl_reader *reader = handle->reader;
    const struct curl_options *options = &handle->options;
    if (!reader || reader->asked)
        return;
    if (options->read_function)
        (void)seek_program(options, 0, SEEK_SET);
    else if (reader->file_start >= 0)
        (void)fseeko(options->read_data, reader->file_start, SEEK_SET);
}

void curl_reader_free(struct curl_reader *reader)
{
    if (!reader)
        return;
    buffer_free(&reader->bytes);
    buffer_free(&reader->ends);
    memory_free(reader);
}
