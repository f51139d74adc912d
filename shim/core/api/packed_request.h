/* SPDX-License-Identifier: MIT */
/* A whole request as bytes, credentials included: for the memory that is handed to a helper
 * process, never for a file. (What the store keeps of a request is in record.h.) */
#ifndef CORE_API_PACKED_REQUEST_H
#define CORE_API_PACKED_REQUEST_H

#include "message.h"

/* Appends |request|; ask buffer_ok() afterwards. */
void packed_request_write(const struct request *request, struct buffer *out);
/* 0, or -1 when |packed| is none of this version or memory is short. The spans of |out| point
 * into |packed|; its headers are to be freed, whatever the result. */
MUST_USE int packed_request_read(struct span packed, struct request *out);

#endif
