/* SPDX-License-Identifier: MIT */
/* Certificates as a damaged store may hold them: what is decoded encodes to the same, and no
 * number in it upsets what reckons with it. */
#include "store/certificate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate certificate;
    struct buffer again = {0};
    if (!certificate_decode(span_of(data, size), &certificate))
        return 0;
    certificate_encode(&certificate, &again);
    require(span_equal(buffer_span(&again), span_of(data, size)));
    buffer_free(&again);
    enum certificate_state state =
        certificate_state(&certificate, &certificate.scope, certificate.issued_ms);
    require(state == CERTIFICATE_VALID || state == CERTIFICATE_FALLEN);
    if (certificate.canary.counts.hits < 1000000 &&
        certificate_canary(&certificate, ANSWER_WRONG))
        require(certificate_state(&certificate, &certificate.scope,
                                  certificate.issued_ms) == CERTIFICATE_FALLEN);
    return 0;
}
