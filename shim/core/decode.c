/* SPDX-License-Identifier: MIT */
/* Undoes content codings. Every decoder stops at the caller's limit, so that a small body
 * cannot unfold into a large one. */
#include "decode.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#define STEP        ((size_t)16 * 1024)
#define MAX_CODINGS 4 /* nobody stacks more, except to do harm */

/* Where decoded bytes go. */
struct sink {
    struct buffer *out;
    size_t begin; /* out->size at the start */
    size_t limit;
};

/* Room for more output, |*size| bytes: one more than the limit leaves, so that an overrun
 * shows. NULL when there is none. */
static uint8_t *sink_room(struct sink *sink, size_t *size)
{
    size_t used = sink->out->size - sink->begin;
    if (used > sink->limit)
        return NULL;
    uint8_t *room = buffer_room(sink->out, STEP);
    size_t left = sink->limit - used;
    *size = sink->out->capacity - sink->out->size;
    if (left < *size)
        *size = left + 1;
    return room;
}

static bool sink_overrun(const struct sink *sink)
{
    return sink->out->size - sink->begin > sink->limit;
}

/* -- gzip and deflate ---------------------------------------------------------------- */

/* One step of inflate(); the input fits into zlib's counters because of the caller's
 * check. */
static int inflate_step(z_stream *stream, struct sink *sink)
{
    size_t size = 0;
    uint8_t *room = sink_room(sink, &size);
    if (!room)
        return Z_MEM_ERROR;
    if (size > UINT32_MAX)
        size = UINT32_MAX;
    stream->next_out = room;
    stream->avail_out = (uInt)size;
    int result = inflate(stream, Z_NO_FLUSH);
    sink->out->size += size - stream->avail_out;
    return result;
}

/* |window| as inflateInit2() has it. A gzip body may have several members (RFC
 * 1952, 2.2). */
static int decode_zlib(struct span body, int window, struct sink *sink)
{
    z_stream stream = {0};
    if (body.size > UINT32_MAX || inflateInit2(&stream, window) != Z_OK)
        return -1;
    stream.next_in = (Bytef *)(uintptr_t)body.at;
    stream.avail_in = (uInt)body.size;
    int result;
    for (;;) {
        result = inflate_step(&stream, sink);
        if (result == Z_STREAM_END && stream.avail_in && window > MAX_WBITS)
            result = inflateReset(&stream);
        if (result != Z_OK)
            break;
    }
    bool whole = result == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    return whole ? 0 : -1;
}

static int decode_gzip(struct span body, struct sink *sink)
{
    return decode_zlib(body, MAX_WBITS + 16, sink);
}

/* "deflate" is zlib's format, but some servers send the bare one (RFC 9110, 8.4.1.2). */
static int decode_deflate(struct span body, struct sink *sink)
{
    if (decode_zlib(body, MAX_WBITS, sink) == 0 || sink_overrun(sink))
        return 0;
    sink->out->size = sink->begin;
    return decode_zlib(body, -MAX_WBITS, sink);
}

/* -- br and zstd --------------------------------------------------------------------- */

static int decode_brotli(struct span body, struct sink *sink)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (!state)
        return -1;
    BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        size_t size = 0;
        uint8_t *room = sink_room(sink, &size);
        if (!room)
            break;
        size_t left = size;
        result = BrotliDecoderDecompressStream(state, &body.size, &body.at, &left, &room,
                                               NULL);
        sink->out->size += size - left;
    }
    BrotliDecoderDestroyInstance(state);
    bool whole = result == BROTLI_DECODER_RESULT_SUCCESS && body.size == 0;
    return whole ? 0 : -1;
}

/* A zstd body may have several frames (RFC 8878, 3.1): it is whole when the last one is.
 */
static int decode_zstd(struct span body, struct sink *sink)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    if (!stream)
        return -1;
    ZSTD_inBuffer in = {body.at, body.size, 0};
    size_t result = 1;
    bool going = body.size > 0;
    while (going) {
        size_t size = 0;
        uint8_t *room = sink_room(sink, &size);
        if (!room)
            break;
        ZSTD_outBuffer out = {room, size, 0};
        result = ZSTD_decompressStream(stream, &out, &in);
        sink->out->size += out.pos;
        going = !ZSTD_isError(result) && (in.pos < in.size || out.pos == out.size);
        if (result == 0 && in.pos == in.size)
            going = false;
    }
    ZSTD_freeDStream(stream);
    return result == 0 && in.pos == in.size ? 0 : -1;
}

/* -- lists --------------------------------------------------------------------------- */

static bool is_nothing(struct span coding)
{
    return coding.size == 0 || span_is_nocase(coding, "identity");
}

static int decode_one(struct span coding, struct span body, size_t limit,
                      struct buffer *out)
{
    struct sink sink = {out, out->size, limit};
    int result = -1;
    if (span_is_nocase(coding, "gzip") || span_is_nocase(coding, "x-gzip"))
        result = decode_gzip(body, &sink);
    else if (span_is_nocase(coding, "deflate"))
        result = decode_deflate(body, &sink);
    else if (span_is_nocase(coding, "br"))
        result = decode_brotli(body, &sink);
    else if (span_is_nocase(coding, "zstd"))
        result = decode_zstd(body, &sink);
    if (sink_overrun(&sink))
        result = DECODE_TOO_LARGE;
    if (result != 0)
        out->size = sink.begin;
    return result;
}

/* The last member of the list |*codings|, which is taken off it. */
static struct span take_last(struct span *codings)
{
    size_t at = codings->size;
    while (at && codings->at[at - 1] != ',')
        at--;
    struct span last = span_trim(span_skip(*codings, at));
    codings->size = at ? at - 1 : 0;
    return last;
}

/* Takes the coding that was applied last; skips what says nothing. Empty when none is
 * left. */
static struct span next_coding(struct span *codings)
{
    struct span coding = {0};
    while (codings->size && is_nothing(coding))
        coding = take_last(codings);
    if (is_nothing(coding))
        coding.size = 0;
    return coding;
}

bool decode_identity(struct span coding)
{
    return next_coding(&coding).size == 0;
}

static int append_plain(struct span body, size_t limit, struct buffer *out)
{
    if (body.size > limit)
        return DECODE_TOO_LARGE;
    buffer_append_span(out, body);
    return buffer_ok(out) ? 0 : -1;
}

/* Codings are listed in the order in which they were applied. */
int decode_body(struct span coding, struct span body, size_t limit, struct buffer *out)
{
    struct buffer between[2] = {{0}, {0}};
    struct span current = next_coding(&coding);
    int result = current.size ? 0 : append_plain(body, limit, out);
    for (int i = 0; current.size && result == 0; i++) {
        struct span following = next_coding(&coding);
        struct buffer *to = following.size ? &between[i % 2] : out;
        if (to != out)
            buffer_clear(to);
        result = i < MAX_CODINGS ? decode_one(current, body, limit, to) : -1;
        body = buffer_span(to);
        current = following;
    }
    buffer_free(&between[0]);
    buffer_free(&between[1]);
    return result;
}
