/* SPDX-License-Identifier: MIT */
/* What a server might answer: HTTP/1.x responses, cut anywhere. */
#include "fuzz_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_http(http_response_parser_new, data, size);
}
