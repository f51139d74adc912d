/* SPDX-License-Identifier: MIT */
/* Decoding arbitrary bytes; what decodes encodes to the same bytes again. */
#include <stdlib.h>

#include "shim/core/host_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct host_record record, again;
    struct buffer bytes = {0};
    if (!host_record_decode(span_of(data, size), &record))
        return 0;
    host_record_encode(&record, &bytes);
    if (!host_record_decode(buffer_span(&bytes), &again) ||
        again.service_count != record.service_count ||
        again.address_count != record.address_count)
        abort();
    buffer_free(&bytes);
    return 0;
}
