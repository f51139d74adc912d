/* SPDX-License-Identifier: MIT */
/* Certificates and canaries for those who write them, see certificates.h. */
#include "certificates.h"
#include "reviews.h"

#include <stdlib.h>

#define CANARY_KEY_SIZE (PARTITION_HEAD + STORE_KEY_SIZE)

struct canary_key {
    uint8_t bytes[CANARY_KEY_SIZE];
};

static struct span canary_key(struct canary_key *out, const struct tenant *tenant,
                              const struct certificate_scope *scope, const uint8_t *key)
{
    struct partition_key name;
    certificate_name(&name, tenant, scope);
    memcpy(out->bytes, name.bytes, PARTITION_HEAD);
    out->bytes[0] = RECORD_CANARY;
    memcpy(out->bytes + PARTITION_HEAD, key, STORE_KEY_SIZE);
    return span_of(out->bytes, CANARY_KEY_SIZE);
}

/* Queues |plain| sealed. */
static int put_sealed(struct writer *writer, const struct tenant *tenant,
                      struct span name, const struct buffer *plain)
{
    struct buffer box = {0};
    if (buffer_ok(plain))
        box_seal(tenant, name, buffer_span(plain), &box);
    int result = buffer_ok(plain) && buffer_ok(&box) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        writer_put(writer, name, buffer_span(&box));
    buffer_free(&box);
    return result;
}

static int put_certificate(struct writer *writer, const struct tenant *tenant,
                           const struct certificate *certificate)
{
    struct partition_key name;
    struct buffer plain = {0};
    certificate_name(&name, tenant, &certificate->scope);
    certificate_encode(certificate, &plain);
    int result = put_sealed(writer, tenant, span_of(name.bytes, PARTITION_HEAD), &plain);
    buffer_free(&plain);
    return result;
}

int certificates_put(struct store *store, const struct tenant *tenant,
                     const struct certificate_scope *scope,
                     const struct certificate *certificate)
{
    struct writer writer;
    struct partition_key name;
    int result = writer_open(&writer, &store->layout, true);
    if (result != STORE_OK)
        return result;
    certificate_name(&name, tenant, scope);
    if (certificate)
        result = put_certificate(&writer, tenant, certificate);
    else
        writer_delete(&writer, span_of(name.bytes, PARTITION_HEAD));
    if (result == STORE_OK)
        result = writer_flush(&writer);
    writer_close(&writer);
    return result;
}

/* -- reading all ----------------------------------------------------------------------- */

struct reading {
    struct keyring *keyring;
    const struct layout *layout;
    certificates_visit visit;
    void *context;
    int result;
};

/* STORE_MISS: cannot be opened. */
static int box_read(const struct reading *reading, struct span key, struct span value,
                    struct tenant *tenant, struct buffer *plain)
{
    int result = keyring_tenant_by_id(reading->keyring, reading->layout->config,
                                      key.at + 1, tenant);
    if (result == STORE_OK && !box_open(tenant, key, value, plain))
        result = STORE_MISS;
    return result == STORE_NO_MEMORY || !buffer_ok(plain) ? STORE_NO_MEMORY : result;
}

static bool read_one(void *context, struct span key, struct span value, uint64_t size)
{
    struct reading *reading = context;
    struct buffer plain = {0};
    struct tenant tenant;
    struct certificate certificate;
    bool more = true;
    (void)size;
    if (key.size != PARTITION_HEAD)
        return true;
    int result = box_read(reading, key, value, &tenant, &plain);
    if (result == STORE_NO_MEMORY)
        reading->result = result;
    else if (result == STORE_OK && certificate_decode(buffer_span(&plain), &certificate))
        more = reading->visit(reading->context, tenant.id, &certificate);
    buffer_free(&plain);
    return more && reading->result == STORE_OK;
}

static int each(struct reading *reading)
{
    static const uint8_t prefix = RECORD_CERTIFICATE;
    int result = pages_scan(reading->layout->data, span_of(&prefix, 1), PARTITION_VALUE,
                            read_one, reading);
    if (reading->result != STORE_OK)
        return reading->result;
    return result == STORE_MISS ? STORE_OK : result;
}

int certificates_each(struct store *store, certificates_visit visit, void *context)
{
    struct reading reading = {.keyring = &store->keyring,
                              .layout = &store->layout,
                              .visit = visit,
                              .context = context};
    return each(&reading);
}

/* -- canaries -------------------------------------------------------------------------- */

int canaries_come(struct writer *writer, const struct tenant *tenant,
                  const uint8_t key[STORE_KEY_SIZE], struct span note)
{
    struct sample sample;
    struct canary_key name;
    struct buffer plain = {0};
    if (note.size == 0 || !sample_decode(note, &sample) || !sample.canary)
        return STORE_OK;
    buffer_append_u64(&plain, (uint64_t)sample.time_ms);
    buffer_append_byte(&plain, (uint8_t)sample.comparison);
    buffer_append(&plain, sample.candidate, STORE_KEY_SIZE);
    int result =
        put_sealed(writer, tenant, canary_key(&name, tenant, &sample.scope, key), &plain);
    buffer_free(&plain);
    return result;
}

struct seen {
    int64_t time_ms;
    enum correctness answer;
};

struct counting {
    struct writer *writer;
    struct reading reading;
    struct certificate certificate; /* whose canaries are being counted */
    struct tenant tenant;
    struct buffer seen;         /* struct seen */
    struct buffer certificates; /* struct found */
};

struct found {
    uint8_t tenant[TENANT_ID_SIZE];
    struct certificate certificate;
};

/* An older certificate's canaries go. */
static bool count_one(void *context, struct span key, struct span value, uint64_t size)
{
    struct counting *counting = context;
    struct buffer plain = {0};
    enum review review = REVIEW_NONE;
    (void)size;
    if (key.size != CANARY_KEY_SIZE || !box_open(&counting->tenant, key, value, &plain)) {
        counting->seen.failed |= plain.failed;
        buffer_free(&plain);
        return true;
    }
    struct cursor cursor = cursor_of(buffer_span(&plain));
    struct seen seen = {.time_ms = (int64_t)cursor_u64(&cursor)};
    enum comparison comparison = (enum comparison)cursor_u8(&cursor);
    struct span candidate = cursor_bytes(&cursor, STORE_KEY_SIZE);
    if (!cursor_ok(&cursor) || seen.time_ms < counting->certificate.issued_ms) {
        writer_delete(counting->writer, key);
    } else {
        if (comparison > COMPARISON_SIMILAR)
            review = review_find(counting->writer->layout, &counting->tenant,
                                 key.at + PARTITION_HEAD, candidate.at);
        seen.answer = sample_answer(comparison, review);
        buffer_append(&counting->seen, &seen, sizeof(seen));
    }
    buffer_free(&plain);
    return buffer_ok(&counting->seen);
}

static int by_time(const void *a, const void *b)
{
    const struct seen *left = a, *right = b;
    if (left->time_ms != right->time_ms)
        return left->time_ms < right->time_ms ? -1 : 1;
    return (left->answer > right->answer) - (left->answer < right->answer);
}

static bool same(const struct canary *a, const struct canary *b)
{
    double apart = a->bound - b->bound;
    return a->counts.hits == b->counts.hits && a->counts.wrong == b->counts.wrong &&
           a->counts.unknown == b->counts.unknown && apart < 1e-5 && apart > -1e-5;
}

/* In the order of time, from the first. */
static int recount(struct counting *counting)
{
    struct certificate *certificate = &counting->certificate;
    struct canary before = certificate->canary;
    struct partition_key name;
    certificate->canary = (struct canary){0};
    buffer_clear(&counting->seen);
    certificate_name(&name, &counting->tenant, &certificate->scope);
    name.bytes[0] = RECORD_CANARY;
    int result =
        pages_scan(counting->writer->layout->data, span_of(name.bytes, PARTITION_HEAD),
                   PARTITION_VALUE, count_one, counting);
    if (!buffer_ok(&counting->seen))
        return STORE_NO_MEMORY;
    struct seen *list = (struct seen *)(void *)counting->seen.at;
    size_t count = counting->seen.size / sizeof(*list);
    if (count)
        qsort(list, count, sizeof(*list), by_time);
    for (size_t i = 0; i < count; i++)
        (void)certificate_canary(certificate, list[i].answer);
    if (same(&before, &certificate->canary) || result == STORE_CORRUPT)
        return STORE_OK;
    return put_certificate(counting->writer, &counting->tenant, certificate);
}

static bool keep_one(void *context, const uint8_t tenant[TENANT_ID_SIZE],
                     const struct certificate *certificate)
{
    struct counting *counting = context;
    struct found found = {.certificate = *certificate};
    memcpy(found.tenant, tenant, TENANT_ID_SIZE);
    buffer_append(&counting->certificates, &found, sizeof(found));
    return buffer_ok(&counting->certificates);
}

static int recount_all(struct counting *counting)
{
    struct cursor cursor = cursor_of(buffer_span(&counting->certificates));
    const struct reading *reading = &counting->reading;
    struct found found;
    int result = buffer_ok(&counting->certificates) ? STORE_OK : STORE_NO_MEMORY;
    while (result == STORE_OK && cursor.left >= sizeof(found)) {
        memcpy(&found, cursor_bytes(&cursor, sizeof(found)).at, sizeof(found));
        counting->certificate = found.certificate;
        result = keyring_tenant_by_id(reading->keyring, reading->layout->config,
                                      found.tenant, &counting->tenant);
        if (result == STORE_OK)
            result = recount(counting);
        else if (result != STORE_NO_MEMORY)
            result = STORE_OK;
    }
    return result;
}

int canaries_update(struct writer *writer, struct keyring *keyring)
{
    struct counting counting = {.writer = writer};
    counting.reading = (struct reading){.keyring = keyring,
                                        .layout = writer->layout,
                                        .visit = keep_one,
                                        .context = &counting};
    int result = each(&counting.reading);
    if (result == STORE_OK || result == STORE_CORRUPT)
        result = recount_all(&counting);
    if (result == STORE_OK)
        result = writer_flush(writer);
    buffer_free(&counting.seen);
    buffer_free(&counting.certificates);
    return result;
}
