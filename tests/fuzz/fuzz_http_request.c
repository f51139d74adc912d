/* SPDX-License-Identifier: MIT */
/* What a program might write: HTTP/1.x requests, pipelined, cut anywhere. */
#include "fuzz_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_http(http_request_parser_new, data, size);
}
