/* SPDX-License-Identifier: MIT */
/* An HTTP/1.1 request with another body. Pure; any thread. */
#ifndef CORE_HTTP_BODY_H
#define CORE_HTTP_BODY_H

#include "store/bytes.h"

/* Appends |message|, one whole request as the parser (http.h) has accepted it, with |body|
 * for its own. The field that tells the body's length (Content-Length, or
 * Transfer-Encoding: chunked) tells the new one in its place, as Content-Length; all
 * other bytes of the head stay as they are, and trailer fields go with the chunks. False:
 * it has no such field, or line ends that some parsers take for others; |out| holds a
 * useless part. Ask buffer_ok() afterwards. */
MUST_USE bool http_replace_body(struct span message, struct span body,
                                struct buffer *out);

/* Appends |message|, likewise, with |lines|, each with its line end, behind its last field. The
 * same results. */
MUST_USE bool http_add_fields(struct span message, struct span lines, struct buffer *out);

#endif
