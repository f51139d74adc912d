/* SPDX-License-Identifier: MIT */
/* Content codings (RFC 9110, 8.4): gzip, deflate, br, zstd, and lists of them. */
#ifndef CORE_DECODE_H
#define CORE_DECODE_H

#include "store/bytes.h"

/* True when |coding| (the value of Content-Encoding) is empty or "identity". */
bool decode_identity(struct span coding);
/* Appends the decoded |body| to |out|, at most |limit| bytes. 0; DECODE_TOO_LARGE when
 * the limit is passed; -1 when the coding is not known, the bytes are broken or
 * incomplete, or memory is short. Unless 0, |out| keeps what it had. */
#define DECODE_TOO_LARGE (-2)
MUST_USE int decode_body(struct span coding, struct span body, size_t limit,
                         struct buffer *out);

#endif
