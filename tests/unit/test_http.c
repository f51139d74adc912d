/* SPDX-License-Identifier: MIT */
/* HTTP/1.x framing: every vector is fed whole, byte by byte, and cut at every position,
 * and has to give the same transcript each time. */
#include "unit.h"

#include "shim/core/http.h"
#include "store/memory.h"

#include <stdlib.h>

#define BODY_LIMIT 4096

static void note_span(struct buffer *out, struct span span)
{
    buffer_append_span(out, span);
    buffer_append_byte(out, '|');
}

static void note_headers(struct buffer *out, const struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        buffer_append_span(out, headers->at[i].name);
        buffer_append_byte(out, '=');
        note_span(out, headers->at[i].value);
    }
}

static void note_request(struct buffer *out, const struct http_parser *parser)
{
    const struct request *request = http_request(parser);
    note_span(out, request->method);
    note_span(out, request->host);
    buffer_append_decimal(out, request->port);
    buffer_append_byte(out, '|');
    note_span(out, request->target);
    note_headers(out, &request->headers);
    buffer_append_byte(out, '{');
    buffer_append_span(out, request->body);
    buffer_append_byte(out, '}');
}

static void note_response(struct buffer *out, const struct http_parser *parser)
{
    const struct response *response = http_response(parser);
    buffer_append_decimal(out, response->status);
    buffer_append_byte(out, ' ');
    note_span(out, response->phrase);
    note_headers(out, &response->headers);
    buffer_append_byte(out, '{');
    buffer_append_span(out, response->body);
    buffer_append_byte(out, '}');
    for (size_t i = 0; response->chunked && i < response->piece_count; i++) {
        buffer_append_byte(out, i ? ',' : '#');
        buffer_append_decimal(out, response->pieces[i].size);
    }
    if (response->close_delimited)
        buffer_append_text(out, "<close>");
    if (http_parser_interim(parser))
        buffer_append_text(out, "<interim>");
}

static void note_message(struct buffer *out, const struct http_parser *parser,
                         bool request)
{
    if (request)
        note_request(out, parser);
    else
        note_response(out, parser);
    buffer_append_text(out, http_parser_keep_alive(parser) ? "+" : "-");
    if (http_parser_version(parser) == 10)
        buffer_append_text(out, "1.0");
    if (http_parser_overflow(parser))
        buffer_append_text(out, "<overflow>");
    if (http_parser_state(parser) == HTTP_UPGRADE)
        buffer_append_text(out, "<upgrade>");
    buffer_append_byte(out, '\n');
}

/* What a caller does with one span of bytes: feeds until all is taken, looking at each
 * border. */
static void feed(struct http_parser *parser, bool request, struct span bytes,
                 struct buffer *out)
{
    while (bytes.size) {
        enum http_state before = http_parser_state(parser);
        size_t used = http_parser_feed(parser, bytes.at, bytes.size, 1000);
        enum http_state state = http_parser_state(parser);
        CHECK(used <= bytes.size);
        bytes = span_skip(bytes, used);
        if (state == HTTP_ERROR) {
            buffer_append_text(out, before == HTTP_ERROR ? "" : "<error>");
            return;
        }
        if (before == HTTP_UPGRADE) {
            CHECK_INT(used, 0);
            return;
        }
        if (state == HTTP_BODY && before != HTTP_BODY)
            http_parser_keep_body(parser, BODY_LIMIT);
        if (state == HTTP_COMPLETE || state == HTTP_UPGRADE)
            note_message(out, parser, request);
        if (used == 0 && !CHECK(state == HTTP_BODY))
            return;
    }
}

struct vector {
    bool request;
    const char *name;
    const char *bytes;
    const char *transcript;
    bool end; /* the stream ends behind the bytes */
    bool no_body;
};

static const struct vector vectors[] = {
    {.request = true,
     .name = "plain request",
     .bytes = "POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: api.openai.com\r\n"
              "Content-Length: 5\r\n\r\nhello",
     .transcript = "POST|api.openai.com|0|/v1/chat/"
                   "completions?a=b|Host=api.openai.com|Content-Length=5|"
                   "{hello}+\n"},
    {.request = true,
     .name = "pipelined requests",
     .bytes = "GET /a HTTP/1.1\r\nHost: h:8443\r\n\r\n"
              "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxyGET /c "
              "HTTP/1.1\r\n\r\n",
     .transcript = "GET|h|8443|/a|Host=h:8443|{}+\n"
                   "POST|h|0|/b|Host=h|Content-Length=2|{xy}+\n"
                   "GET||0|/c|{}+\n"},
    {.request = true,
     .name = "a body that looks like a request",
     .bytes = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 19\r\n\r\nGET / "
              "HTTP/1.1\r\n\r\n\n"
              "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
     .transcript = "POST|h|0|/b|Host=h|Content-Length=19|{GET / HTTP/1.1\r\n\r\n\n}+\n"
                   "POST|h|0|/c|Host=h|Content-Length=0|{}+\n"},
    {.request = true,
     .name = "chunked request",
     .bytes = "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\nhost: i\r\n\r\n",
     .transcript = "POST|h|0|/b|Host=h|Transfer-Encoding=chunked|{abc0123456789}+\n"
                   "GET|i|0|/|host=i|{}+\n"},
    {.request = true,
     .name = "IPv6 literal",
     .bytes = "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
     .transcript = "GET|[::1]|8080|/|Host=[::1]:8080|{}+\n"},
    {.request = true,
     .name = "IPv6 literal without port",
     .bytes = "GET / HTTP/1.1\r\nHost: [fe80::1]\r\n\r\n",
     .transcript = "GET|[fe80::1]|0|/|Host=[fe80::1]|{}+\n"},
    {.request = true,
     .name = "a port that is none",
     .bytes = "GET / HTTP/1.1\r\nHost: h:99999\r\n\r\n",
     .transcript = "GET|h|0|/|Host=h:99999|{}+\n"},
    {.request = true,
     .name = "absolute form",
     .bytes = "POST http://u:p@Example.org:81/v1/x?q=@ HTTP/1.1\r\nHost: other\r\n"
              "Content-Length: 0\r\n\r\nGET HTTPS://e HTTP/1.1\r\n\r\n",
     .transcript = "POST|Example.org|81|/v1/x?q=@|Host=other|Content-Length=0|{}+\n"
                   "GET|e|443|/|{}+\n"},
    {.request = true,
     .name = "odd case, blanks around values, empty value",
     .bytes = "POST / HTTP/1.1\r\nhOsT: h\r\nX-Empty:\r\nx-b:   \t v w \t "
              "\r\ncontent-LENGTH:1\r\n\r\nz",
     .transcript = "POST|h|0|/|hOsT=h|X-Empty=|x-b=v w|content-LENGTH=1|{z}+\n"},
    {.request = true,
     .name = "folded value",
     .bytes = "GET / HTTP/1.1\r\nX: a\r\n  b\r\n\tc\r\nHost: h\r\n\r\n",
     .transcript = "GET|h|0|/|X=a  b\tc|Host=h|{}+\n"},
    {.request = true,
     .name = "repeated fields",
     .bytes = "GET / HTTP/1.1\r\nHost: h\r\nVia: a\r\nVia: b\r\n\r\n",
     .transcript = "GET|h|0|/|Host=h|Via=a|Via=b|{}+\n"},
    {.request = true,
     .name = "HTTP/1.0",
     .bytes = "GET / HTTP/1.0\r\n\r\n",
     .transcript = "GET||0|/|{}-1.0\n"},
    {.request = true,
     .name = "HTTP/1.0 kept alive",
     .bytes = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     .transcript = "GET||0|/|Connection=keep-alive|{}+1.0\n"},
    {.request = true,
     .name = "connection: close, then another",
     .bytes = "POST / HTTP/1.1\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nxGET / "
              "HTTP/1.1\r\n\r\n",
     .transcript = "POST||0|/|Connection=Close|Content-Length=1|{x}-\nGET||0|/|{}+\n"},
    {.request = true,
     .name = "blank lines between requests",
     .bytes = "\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx\r\nGET / "
              "HTTP/1.1\r\n\r\n",
     .transcript = "POST||0|/|Content-Length=1|{x}+\nGET||0|/|{}+\n"},
    {.request = true,
     .name = "h2c offered by Java",
     .bytes = "POST /v1 HTTP/1.1\r\nConnection: Upgrade, "
              "HTTP2-Settings\r\nContent-Length: 2\r\n"
              "Host: h\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
              "Upgrade: h2c\r\n\r\nokGET /2 HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: "
              "h2c\r\n\r\n"
              "GET /3 HTTP/1.1\r\n\r\n",
     .transcript =
         "POST|h|0|/v1|Connection=Upgrade, HTTP2-Settings|Content-Length=2|Host=h|"
         "HTTP2-Settings=AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA|Upgrade=h2c|{ok}+\n"
         "GET||0|/2|Connection=Upgrade|Upgrade=h2c|{}+\nGET||0|/3|{}+\n"},
    {.request = true,
     .name = "CONNECT",
     .bytes = "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n\x16\x03\x01",
     .transcript = "CONNECT|h|443|h:443|Host=h:443|{}+<upgrade>\n"},
    {.request = true,
     .name = "a transfer coding besides chunked",
     .bytes =
         "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
         "GET / HTTP/1.1\r\n\r\n",
     .transcript =
         "POST||0|/|Transfer-Encoding=gzip, chunked|{}+<overflow>\nGET||0|/|{}+\n"},
    {.request = true,
     .name = "both framings",
     .bytes = "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: "
              "chunked\r\n\r\n0\r\n\r\n",
     .transcript = "<error>"},
    {.request = true,
     .name = "HTTP/2 preface",
     .bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
     .transcript = "<error>"},
    {.request = true,
     .name = "HTTP/2.0 in words",
     .bytes = "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
     .transcript = "<error>"},
    {.request = true,
     .name = "not HTTP",
     .bytes = "EHLO mail.example\r\n",
     .transcript = "<error>"},
    {.request = true,
     .name = "a control byte in a field",
     .bytes = "GET / HTTP/1.1\r\nX: a\x01",
     .transcript = "<error>"},

    {.name = "plain response",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nserver: x\r\n\r\nhi",
     .transcript = "200 OK|Content-Length=2|server=x|{hi}+\n"},
    {.name = "529 has no phrase",
     .bytes = "HTTP/1.1 529 \r\nContent-Length: 0\r\n\r\nHTTP/1.1 529\r\nContent-Length: "
              "0\r\n\r\n",
     .transcript = "529 |Content-Length=0|{}+\n529 |Content-Length=0|{}+\n"},
    {.name = "chunks, extensions, trailers",
     .bytes = "HTTP/1.1 200 OK\r\nTransfer-encoding: Chunked\r\n\r\n"
              "5;a=b\r\nhello\r\n00001;c=\"d\"\r\n!\r\n2;x\r\n\r\n\r\n0;last\r\nX-"
              "Trailer: t\r\nMore: "
              "u\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
     .transcript = "200 OK|Transfer-encoding=Chunked|{hello!\r\n}#5,1,2+\n200 "
                   "OK|Content-Length=0|{}+\n"},
    {.name = "the last chunk's spelling inside the payload",
     .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              "c\r\nab\r\n0\r\n\r\ncde\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n",
     .transcript =
         "200 OK|Transfer-Encoding=chunked|{ab\r\n0\r\n\r\ncde0\r\n\r\n}#12,5+\n"},
    {.name = "the same inside a body with a length",
     .bytes =
         "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na\r\n0\r\n\r\nbHTTP/1.1 204 No "
         "Content\r\n\r\n",
     .transcript = "200 OK|Content-Length=9|{a\r\n0\r\n\r\nb}+\n204 No Content|{}+\n"},
    {.name = "interim responses",
     .bytes =
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
     .transcript = "100 Continue|{}<interim>+\n103 Early Hints|Link=</x>|{}<interim>+\n"
                   "200 OK|Content-Length=1|{x}+\n"},
    {.name = "304 and 204 have no body",
     .bytes =
         "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
     .transcript = "304 Not Modified|Content-Length=0|{}+\n204 No|{}+\n"},
    {.name = "close-delimited",
     .bytes = "HTTP/1.1 200 OK\r\nX: y\r\n\r\nall of this",
     .transcript = "200 OK|X=y|{all of this}<close>-\n",
     .end = true},
    {.name = "close-delimited HTTP/1.0",
     .bytes = "HTTP/1.0 200 OK\r\n\r\n",
     .transcript = "200 OK|{}<close>-1.0\n",
     .end = true},
    {.name = "cut",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
     .transcript = "<error>",
     .end = true},
    {.name = "cut chunks",
     .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
     .transcript = "<error>",
     .end = true},
    {.name = "cut head",
     .bytes = "HTTP/1.1 200 OK\r\nCont",
     .transcript = "<error>",
     .end = true},
    {.name = "answer to HEAD",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nHTTP/1.1 200 "
              "OK\r\nContent-Length: "
              "1\r\n\r\nx",
     .transcript = "200 OK|Content-Length=500|{}+\n200 OK|Content-Length=1|{x}+\n",
     .no_body = true},
    {.name = "answer to HEAD behind an interim one",
     .bytes =
         "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
     .transcript = "103 Early|{}<interim>+\n200 OK|Transfer-Encoding=chunked|{}+\n"
                   "200 OK|Content-Length=1|{x}+\n",
     .no_body = true},
    {.name = "101",
     .bytes = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
              "h2c\r\n\r\n\x01\x02",
     .transcript =
         "101 Switching Protocols|Connection=Upgrade|Upgrade=h2c|{}+<upgrade>\n"},
    {.name = "101 without the fields",
     .bytes = "HTTP/1.1 101 X\r\n\r\n\x01\x02",
     .transcript = "101 X|{}+<upgrade>\n"},
    {.name = "an upgrade that is only announced",
     .bytes =
         "HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: h2,h2c\r\nContent-Length: "
         "1\r\n\r\nx"
         "HTTP/1.1 204 No\r\n\r\n",
     .transcript =
         "200 OK|Connection=Upgrade|Upgrade=h2,h2c|Content-Length=1|{x}+\n204 No|{}+\n"},
    {.name = "UTF-8 in a field",
     .bytes =
         "HTTP/1.1 200 OK\r\nX: gr\xc3\xbc\xc3\x9f\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
         "Content-Length: 0\r\n\r\n",
     .transcript =
         "200 OK|X=gr\xc3\xbc\xc3\x9f|Set-Cookie=a|Set-Cookie=b|Content-Length=0|{}+\n"},
    {.name = "a chunk size that is none",
     .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
     .transcript = "<error>"},
    {.name = "two lengths",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
     .transcript = "<error>"},
};

static struct http_parser *new_parser(const struct vector *vector)
{
    struct http_parser *parser =
        vector->request ? http_request_parser_new() : http_response_parser_new();
    if (parser && vector->no_body)
        http_parser_no_body(parser);
    return parser;
}

static void end(struct http_parser *parser, const struct vector *vector,
                struct buffer *out)
{
    enum http_state before = http_parser_state(parser);
    if (!vector->end || before == HTTP_ERROR)
        return;
    http_parser_end(parser, true);
    if (http_parser_state(parser) == HTTP_ERROR)
        buffer_append_text(out, "<error>");
    else if (before != HTTP_COMPLETE)
        note_message(out, parser, vector->request);
}

static void compare(const struct vector *vector, struct buffer *out, size_t cut)
{
    buffer_append_byte(out, 0);
    unit_check(strcmp((char *)out->at, vector->transcript) == 0, __FILE__, __LINE__,
               "%s, cut at %zu: \"%s\" instead of \"%s\"", vector->name, cut,
               (char *)out->at, vector->transcript);
    buffer_free(out);
}

/* Every position: in front of |cut|, then behind it. */
static void test_vectors_cut_everywhere(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *vector = &vectors[i];
        size_t size = strlen(vector->bytes);
        for (size_t cut = 0; cut <= size; cut++) {
            struct buffer out = {0};
            struct http_parser *parser = new_parser(vector);
            feed(parser, vector->request, span_of(vector->bytes, cut), &out);
            feed(parser, vector->request, span_of(vector->bytes + cut, size - cut), &out);
            end(parser, vector, &out);
            http_parser_free(parser);
            compare(vector, &out, cut);
        }
    }
}

/* Each byte in memory of its own, so that a sanitizer sees a pointer kept too long. */
static void test_vectors_byte_by_byte(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *vector = &vectors[i];
        struct buffer out = {0};
        struct http_parser *parser = new_parser(vector);
        for (const char *at = vector->bytes; *at; at++) {
            char *byte = malloc(1);
            *byte = *at;
            feed(parser, vector->request, span_of(byte, 1), &out);
            free(byte);
        }
        end(parser, vector, &out);
        http_parser_free(parser);
        compare(vector, &out, 1);
    }
}

/* A pipelined request must not be taken together with the one in front of it. */
static void test_stops_at_borders(void)
{
    const char *head = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
    const char *bytes =
        "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n";
    struct http_parser *parser = http_request_parser_new();
    struct span left = span_text(bytes);
    size_t used = http_parser_feed(parser, left.at, left.size, 0);
    CHECK_INT(used, strlen(head));
    CHECK_INT(http_parser_state(parser), HTTP_BODY);
    CHECK(span_is(http_request(parser)->method, "POST"));
    left = span_skip(left, used);
    used = http_parser_feed(parser, left.at, left.size, 0);
    CHECK_INT(used, 3);
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    left = span_skip(left, used);
    used = http_parser_feed(parser, left.at, left.size, 0);
    CHECK_INT(used, left.size);
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    CHECK(span_is(http_request(parser)->method, "GET"));
    http_parser_free(parser);
}

static void feed_text(struct http_parser *parser, const char *text, uint64_t at_us)
{
    struct span left = span_text(text);
    while (left.size && http_parser_state(parser) != HTTP_ERROR) {
        enum http_state before = http_parser_state(parser);
        left = span_skip(left, http_parser_feed(parser, left.at, left.size, at_us));
        if (http_parser_state(parser) == HTTP_BODY && before != HTTP_BODY)
            http_parser_keep_body(parser, BODY_LIMIT);
    }
}

/* A chunk in several feeds is one piece, timed at its last byte; nothing is merged. */
static void test_pieces_and_times(void)
{
    struct http_parser *parser = http_response_parser_new();
    feed_text(parser, "HTT", 100);
    feed_text(parser, "P/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nab", 200);
    feed_text(parser, "cd", 300);
    feed_text(parser, "ef", 350);
    feed_text(parser, "\r\n1\r\nx\r\n1\r\ny", 400);
    feed_text(parser, "\r\n0\r\n", 500);
    feed_text(parser, "\r\n", 600);
    const struct response *response = http_response(parser);
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    CHECK_INT(response->first_byte_us, 100);
    CHECK_INT(response->last_byte_us, 600);
    CHECK_INT(response->piece_count, 3);
    CHECK_INT(response->pieces[0].size, 6);
    CHECK_INT(response->pieces[0].at_us, 350);
    CHECK_INT(response->pieces[1].at_us, 400);
    CHECK_INT(response->pieces[2].size, 1);
    feed_text(parser, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na", 700);
    feed_text(parser, "bcd", 800);
    CHECK_INT(response->piece_count, 2);
    CHECK_INT(response->pieces[0].size, 1);
    CHECK_INT(response->pieces[1].size, 3);
    CHECK_INT(response->pieces[1].at_us, 800);
    http_parser_free(parser);
}

static void test_overflow_keeps_framing(void)
{
    static char block[BODY_LIMIT + 1];
    struct http_parser *parser = http_response_parser_new();
    feed_text(parser,
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1000\r\n",
              0);
    memset(block, 'x', BODY_LIMIT);
    block[BODY_LIMIT] = 0;
    CHECK(!http_parser_overflow(parser));
    feed_text(parser, block, 0);
    CHECK(http_parser_overflow(parser));
    feed_text(parser, "\r\n3\r\nabc\r\n0\r\n\r\n", 0);
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    CHECK_INT(http_response(parser)->body.size, 0);
    CHECK_INT(http_response(parser)->piece_count, 0);
    feed_text(parser, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 0);
    CHECK(!http_parser_overflow(parser));
    CHECK(span_is(http_response(parser)->body, "x"));
    http_parser_free(parser);
}

static void test_body_not_kept_unless_asked(void)
{
    struct http_parser *parser = http_request_parser_new();
    const char *bytes = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    struct span left = span_text(bytes);
    while (left.size)
        left = span_skip(left, http_parser_feed(parser, left.at, left.size, 0));
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    CHECK_INT(http_request(parser)->body.size, 0);
    CHECK(!http_parser_overflow(parser));
    http_parser_free(parser);
}

static void test_endless_head(void)
{
    struct http_parser *parser = http_request_parser_new();
    feed_text(parser, "GET / HTTP/1.1\r\n", 0);
    for (int i = 0; i < 5000 && http_parser_state(parser) == HTTP_HEAD; i++)
        feed_text(parser, "X-Filler: abcdefghijkl\r\n", 0);
    CHECK_INT(http_parser_state(parser), HTTP_ERROR);
    CHECK_INT(http_parser_feed(parser, (const uint8_t *)"x", 1, 0), 0);
    http_parser_next(parser);
    feed_text(parser, "GET / HTTP/1.1\r\n\r\n", 0);
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    http_parser_free(parser);
}

static void test_end(void)
{
    struct http_parser *parser = http_response_parser_new();
    http_parser_end(parser, true);
    CHECK_INT(http_parser_state(parser), HTTP_HEAD);
    feed_text(parser, "HTTP/1.1 200 OK\r\n\r\nabc", 0);
    http_parser_end(parser, false); /* reset, not a clean end */
    CHECK_INT(http_parser_state(parser), HTTP_ERROR);
    http_parser_next(parser);
    feed_text(parser, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
    http_parser_end(parser, false);
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    http_parser_free(parser);
}

/* Once every request for memory is refused from now on, the second round must still work:
 * a connection's parser does not grow. */
static void test_reuse_does_not_grow(void)
{
    struct http_parser *parser = http_response_parser_new();
    const char *bytes = "HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    feed_text(parser, bytes, 0);
    memory_fail_from(1);
    for (int i = 0; i < 5000; i++) {
        feed_text(parser, bytes, 0);
        if (!CHECK(http_parser_state(parser) == HTTP_COMPLETE &&
                   span_is(http_response(parser)->body, "abcdef")))
            break;
    }
    memory_fail_from(0);
    http_parser_free(parser);
}

/* Short memory: either an error or the right message, whichever request fails. */
static void test_short_memory(void)
{
    for (unsigned long n = 1; n < 40; n++) {
        for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
            memory_fail_from(n);
            struct http_parser *parser = new_parser(&vectors[i]);
            if (parser)
                feed_text(parser,
                          vectors[i].request ? "POST / HTTP/1.1\r\nTransfer-Encoding: "
                                               "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                                             : "HTTP/1.1 200 OK\r\nContent-Length: 3"
                                               "\r\n\r\nabc",
                          0);
            memory_fail_from(0);
            if (!parser)
                continue;
            bool complete = http_parser_state(parser) == HTTP_COMPLETE;
            CHECK(complete || http_parser_state(parser) == HTTP_ERROR);
            struct span body = vectors[i].request ? http_request(parser)->body
                                                  : http_response(parser)->body;
            CHECK(!complete || vectors[i].no_body || http_parser_overflow(parser) ||
                  span_is(body, "abc"));
            http_parser_free(parser);
        }
    }
}

int main(void)
{
    RUN(test_vectors_cut_everywhere);
    RUN(test_vectors_byte_by_byte);
    RUN(test_stops_at_borders);
    RUN(test_pieces_and_times);
    RUN(test_overflow_keeps_framing);
    RUN(test_body_not_kept_unless_asked);
    RUN(test_endless_head);
    RUN(test_end);
    RUN(test_reuse_does_not_grow);
    RUN(test_short_memory);
    return unit_end();
}
