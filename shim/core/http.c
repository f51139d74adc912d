/* SPDX-License-Identifier: MIT */
/* HTTP/1.x framing on top of llhttp. Its callbacks pause the parser behind the head and
 * behind the message, so that no call ever runs into the next message. */
#include "http.h"

#include "http_target.h"
#include "store/memory.h"

/* llhttp's list of methods has an HTTP_HEAD too. */
#define HTTP_HEAD LLHTTP_METHOD_HEAD
#include <llhttp.h>
#undef HTTP_HEAD

#define HEAD_LIMIT ((size_t)64 * 1024)
/* What a parser may keep allocated between two messages. */
#define BODY_KEPT   ((size_t)256 * 1024)
#define PIECES_KEPT ((size_t)1024)

/* Offsets in the head's text: the value ends where the next field begins. */
struct field {
    uint32_t name;
    uint32_t value;
};

struct http_parser {
    llhttp_t llhttp;
    enum http_state state;
    bool in_name; /* llhttp is within a field's name */
    bool no_body;
    bool keep_alive;
    bool keep_body;
    bool overflow;
    bool piece_open; /* the last piece is the current chunk */
    unsigned version;
    size_t head_size; /* bytes fed, up to HEAD_LIMIT */
    size_t limit;
    uint64_t now_us;
    size_t method_size;
    struct buffer head; /* start line's parts, names and values, one behind the other */
    struct field *fields;
    size_t field_count;
    size_t field_capacity;
    struct buffer body;
    struct piece *pieces;
    size_t piece_capacity;
    struct request request;
    struct response response;
};

/* -- the head ------------------------------------------------------------------------ */

static int append_head(struct http_parser *parser, const char *at, size_t size)
{
    buffer_append(&parser->head, at, size);
    return buffer_ok(&parser->head) ? 0 : -1;
}

static int on_message_begin(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    parser->response.first_byte_us = parser->now_us;
    return 0;
}

static int on_start_line(llhttp_t *llhttp, const char *at, size_t size)
{
    return append_head(llhttp->data, at, size);
}

static int on_method(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parser *parser = llhttp->data;
    parser->method_size += size;
    return append_head(parser, at, size);
}

static int add_field(struct http_parser *parser)
{
    if (parser->field_count == parser->field_capacity) {
        size_t capacity = parser->field_capacity ? parser->field_capacity * 2 : 32;
        struct field *fields = memory_resize(parser->fields, capacity * sizeof *fields);
        if (!fields)
            return -1;
        parser->fields = fields;
        parser->field_capacity = capacity;
    }
    uint32_t at = (uint32_t)parser->head.size;
    parser->fields[parser->field_count++] = (struct field){at, at};
    return 0;
}

static bool in_trailer(const struct http_parser *parser)
{
    return parser->state != HTTP_HEAD;
}

static int on_header_field(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parser *parser = llhttp->data;
    if (in_trailer(parser))
        return 0;
    if (!parser->in_name && add_field(parser) != 0)
        return -1;
    parser->in_name = true;
    return append_head(parser, at, size);
}

static int on_header_field_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    if (in_trailer(parser))
        return 0;
    parser->in_name = false;
    parser->fields[parser->field_count - 1].value = (uint32_t)parser->head.size;
    return 0;
}

/* A folded value (RFC 9112, 5.2) comes without its line ends and with its blanks. */
static int on_header_value(llhttp_t *llhttp, const char *at, size_t size)
{
    return in_trailer(llhttp->data) ? 0 : append_head(llhttp->data, at, size);
}

static struct span head_part(const struct http_parser *parser, size_t from, size_t to)
{
    return span_of(parser->head.at + from, to - from);
}

static size_t field_begin(const struct http_parser *parser, size_t index)
{
    return index < parser->field_count ? parser->fields[index].name : parser->head.size;
}

static int build_headers(const struct http_parser *parser, struct headers *headers)
{
    for (size_t i = 0; i < parser->field_count; i++) {
        const struct field *field = &parser->fields[i];
        struct span value = head_part(parser, field->value, field_begin(parser, i + 1));
        if (headers_add(headers, head_part(parser, field->name, field->value),
                        span_trim(value)) != 0)
            return -1;
    }
    return 0;
}

static int build_request(struct http_parser *parser)
{
    struct request *request = &parser->request;
    if (build_headers(parser, &request->headers) != 0)
        return -1;
    request->method = head_part(parser, 0, parser->method_size);
    request->target = head_part(parser, parser->method_size, field_begin(parser, 0));
    http_name_host(request);
    return 0;
}

static int build_response(struct http_parser *parser)
{
    struct response *response = &parser->response;
    if (build_headers(parser, &response->headers) != 0)
        return -1;
    response->status = parser->llhttp.status_code;
    response->version = parser->version;
    response->phrase = head_part(parser, 0, field_begin(parser, 0));
    response->chunked = parser->llhttp.flags & F_CHUNKED;
    response->close_delimited = llhttp_message_needs_eof(&parser->llhttp);
    return 0;
}

/* A transfer coding besides chunked is framed well enough, but its body is not the
 * message's. */
static bool other_transfer_coding(const struct headers *headers)
{
    const struct header *coding = headers_find(headers, "Transfer-Encoding");
    return coding && !span_is_nocase(coding->value, "chunked");
}

static bool is_request(const struct http_parser *parser)
{
    return parser->llhttp.type == HTTP_REQUEST;
}

static int on_headers_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    if (llhttp->http_major != 1)
        return -1;
    /* A request merely offers an upgrade (h2c, websocket); the response takes it or not.
     */
    if (is_request(parser) && llhttp->method != HTTP_CONNECT)
        llhttp->upgrade = 0;
    if (parser->no_body)
        llhttp->flags |= F_SKIPBODY;
    parser->version = 10U + llhttp->http_minor;
    parser->keep_alive = llhttp_should_keep_alive(llhttp);
    if ((is_request(parser) ? build_request(parser) : build_response(parser)) != 0)
        return -1;
    parser->overflow = other_transfer_coding(
        is_request(parser) ? &parser->request.headers : &parser->response.headers);
    parser->state = HTTP_BODY;
    return HPE_PAUSED;
}

/* -- the body ------------------------------------------------------------------------ */

static void give_up_body(struct http_parser *parser)
{
    parser->overflow = true;
    parser->keep_body = false;
    buffer_free(&parser->body);
    parser->response.piece_count = 0;
}

static bool add_piece(struct http_parser *parser)
{
    size_t count = parser->response.piece_count;
    if (count == parser->piece_capacity) {
        size_t capacity = count ? count * 2 : 16;
        struct piece *pieces = memory_resize(parser->pieces, capacity * sizeof *pieces);
        if (!pieces)
            return false;
        parser->pieces = pieces;
        parser->piece_capacity = capacity;
    }
    parser->pieces[count] = (struct piece){0, parser->now_us};
    parser->response.piece_count = count + 1;
    return true;
}

static int on_chunk_header(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    parser->piece_open = false;
    return 0;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parser *parser = llhttp->data;
    if (!parser->keep_body || size == 0)
        return 0;
    if (size > parser->limit - parser->body.size) {
        give_up_body(parser);
        return 0;
    }
    buffer_append(&parser->body, at, size);
    if (!buffer_ok(&parser->body) || (!parser->piece_open && !add_piece(parser))) {
        give_up_body(parser);
        return 0;
    }
    struct piece *piece = &parser->pieces[parser->response.piece_count - 1];
    piece->size += size;
    piece->at_us = parser->now_us;
    parser->piece_open = llhttp->flags & F_CHUNKED;
    return 0;
}

static bool ends_http(const struct http_parser *parser)
{
    if (is_request(parser))
        return parser->llhttp.method == HTTP_CONNECT;
    return parser->response.status == 101;
}

static void complete(struct http_parser *parser)
{
    parser->state = ends_http(parser) ? HTTP_UPGRADE : HTTP_COMPLETE;
    parser->response.last_byte_us = parser->now_us;
}

static int on_message_complete(llhttp_t *llhttp)
{
    complete(llhttp->data);
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_start_line,
    .on_status = on_start_line,
    .on_method = on_method,
    .on_header_field = on_header_field,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_chunk_header = on_chunk_header,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

/* -- life ---------------------------------------------------------------------------- */

static struct http_parser *parser_new(llhttp_type_t type)
{
    struct http_parser *parser = memory_new(sizeof *parser);
    if (!parser)
        return NULL;
    llhttp_init(&parser->llhttp, type, &settings);
    parser->llhttp.data = parser;
    return parser;
}

struct http_parser *http_request_parser_new(void)
{
    return parser_new(HTTP_REQUEST);
}

struct http_parser *http_response_parser_new(void)
{
    return parser_new(HTTP_RESPONSE);
}

void http_parser_free(struct http_parser *parser)
{
    if (!parser)
        return;
    buffer_free(&parser->head);
    buffer_free(&parser->body);
    memory_free(parser->fields);
    memory_free(parser->pieces);
    headers_free(&parser->request.headers);
    headers_free(&parser->response.headers);
    memory_free(parser);
}

static void clear_body(struct http_parser *parser)
{
    buffer_clear(&parser->body);
    if (parser->body.capacity > BODY_KEPT || !buffer_ok(&parser->body))
        buffer_free(&parser->body);
    if (parser->piece_capacity > PIECES_KEPT) {
        memory_free(parser->pieces);
        parser->pieces = NULL;
        parser->piece_capacity = 0;
    }
    parser->keep_body = false;
    parser->overflow = false;
    parser->piece_open = false;
}

static void clear_messages(struct http_parser *parser)
{
    struct headers headers = parser->request.headers;
    headers.count = 0;
    parser->request = (struct request){.headers = headers};
    headers = parser->response.headers;
    headers.count = 0;
    parser->response = (struct response){.headers = headers};
}

void http_parser_next(struct http_parser *parser)
{
    /* After a 1xx the answer to the same HEAD is still to come. */
    parser->no_body = parser->no_body && http_parser_interim(parser);
    llhttp_reset(&parser->llhttp);
    parser->state = HTTP_HEAD;
    parser->in_name = false;
    parser->keep_alive = false;
    parser->version = 0;
    parser->head_size = 0;
    parser->method_size = 0;
    parser->field_count = 0;
    if (buffer_ok(&parser->head))
        buffer_clear(&parser->head);
    else
        buffer_free(&parser->head);
    clear_body(parser);
    clear_messages(parser);
}

/* -- feeding ------------------------------------------------------------------------- */

static size_t execute(struct http_parser *parser, const void *data, size_t size)
{
    llhttp_errno_t error = llhttp_execute(&parser->llhttp, data, size);
    if (error == HPE_OK)
        return size;
    const char *stop = llhttp_get_error_pos(&parser->llhttp);
    if (error == HPE_PAUSED)
        llhttp_resume(&parser->llhttp);
    else
        parser->state = HTTP_ERROR;
    return stop ? (size_t)(stop - (const char *)data) : 0;
}

static size_t feed_head(struct http_parser *parser, const uint8_t *data, size_t size)
{
    size_t room = HEAD_LIMIT - parser->head_size;
    size_t used = execute(parser, data, size < room ? size : room);
    parser->head_size += used;
    if (parser->state == HTTP_HEAD && parser->head_size == HEAD_LIMIT)
        parser->state = HTTP_ERROR;
    if (parser->state == HTTP_BODY)
        (void)execute(parser, "", 0); /* completes a message without body */
    return used;
}

size_t http_parser_feed(struct http_parser *parser, const uint8_t *data, size_t size,
                        uint64_t at_us)
{
    if (parser->state == HTTP_COMPLETE)
        http_parser_next(parser);
    if (size == 0 || parser->state == HTTP_ERROR || parser->state == HTTP_UPGRADE)
        return 0;
    parser->now_us = at_us;
    if (parser->state == HTTP_HEAD)
        return feed_head(parser, data, size);
    size_t used = execute(parser, data, size);
    parser->request.body = buffer_span(&parser->body);
    parser->response.body = buffer_span(&parser->body);
    parser->response.pieces = parser->pieces;
    return used;
}

void http_parser_end(struct http_parser *parser, bool clean)
{
    bool idle = parser->state == HTTP_HEAD && parser->head_size == 0;
    if (idle || parser->state == HTTP_COMPLETE || parser->state == HTTP_UPGRADE)
        return;
    if (parser->state == HTTP_BODY && parser->response.close_delimited && clean)
        complete(parser);
    else
        parser->state = HTTP_ERROR;
}

/* -- questions ----------------------------------------------------------------------- */

enum http_state http_parser_state(const struct http_parser *parser)
{
    return parser->state;
}

void http_parser_keep_body(struct http_parser *parser, size_t limit)
{
    parser->limit = limit;
    parser->keep_body = !parser->overflow;
}

bool http_parser_overflow(const struct http_parser *parser)
{
    return parser->overflow;
}

void http_parser_no_body(struct http_parser *parser)
{
    if (parser->state == HTTP_COMPLETE)
        http_parser_next(parser);
    parser->no_body = true;
}

bool http_parser_keep_alive(const struct http_parser *parser)
{
    return parser->keep_alive;
}

bool http_parser_interim(const struct http_parser *parser)
{
    unsigned status = parser->response.status;
    return status >= 100 && status < 200 && status != 101;
}

unsigned http_parser_version(const struct http_parser *parser)
{
    return parser->version;
}

const struct request *http_request(const struct http_parser *parser)
{
    return &parser->request;
}

const struct response *http_response(const struct http_parser *parser)
{
    return &parser->response;
}
