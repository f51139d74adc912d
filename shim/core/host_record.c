/* SPDX-License-Identifier: MIT */
/* Host records and their encoding: version, times and addresses, then the services. */
#include "host_record.h"

#define VERSION 1

bool host_address_equal(const struct host_address *a, const struct host_address *b)
{
    size_t size = a->family == 4 ? 4 : 16;
    return a->family == b->family && memcmp(a->bytes, b->bytes, size) == 0;
}

void host_record_add(struct host_record *record, const struct host_address *address)
{
    for (unsigned i = 0; i < record->address_count; i++)
        if (host_address_equal(&record->addresses[i], address))
            return;
    if (record->address_count < HOST_ADDRESSES)
        record->addresses[record->address_count++] = *address;
}

const struct host_service *host_record_service(const struct host_record *record,
                                               uint16_t port)
{
    for (unsigned i = 0; i < record->service_count; i++)
        if (record->services[i].port == port)
            return &record->services[i];
    return NULL;
}

void host_record_set(struct host_record *record, const struct host_service *service)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < record->service_count; i++)
        if (record->services[i].port != service->port)
            record->services[kept++] = record->services[i];
    if (kept == HOST_SERVICES) {
        kept--;
        memmove(record->services, record->services + 1,
                kept * sizeof(record->services[0]));
    }
    record->services[kept] = *service;
    record->service_count = kept + 1;
}

static void encode_address(const struct host_address *address, struct buffer *out)
{
    buffer_append_byte(out, address->family);
    buffer_append(out, address->bytes, sizeof(address->bytes));
}

static void encode_service(const struct host_service *service, struct buffer *out)
{
    buffer_append_u16(out, service->port);
    buffer_append_u16(out, service->version);
    buffer_append_u16(out, service->cipher);
    buffer_append_framed(out, span_text(service->alpn));
    buffer_append_byte(out, (uint8_t)service->chain_count);
    for (unsigned i = 0; i < service->chain_count; i++)
        buffer_append_framed(out, service->chain[i]);
}

void host_record_encode(const struct host_record *record, struct buffer *out)
{
    buffer_append_u16(out, VERSION);
    buffer_append_u64(out, (uint64_t)record->resolved_ms);
    encode_address(&record->worked, out);
    buffer_append_byte(out, (uint8_t)record->address_count);
    for (unsigned i = 0; i < record->address_count; i++)
        encode_address(&record->addresses[i], out);
    buffer_append_byte(out, (uint8_t)record->service_count);
    for (unsigned i = 0; i < record->service_count; i++)
        encode_service(&record->services[i], out);
}

static void decode_address(struct cursor *cursor, struct host_address *out)
{
    out->family = cursor_u8(cursor);
    struct span bytes = cursor_bytes(cursor, sizeof(out->bytes));
    if (!cursor_ok(cursor))
        return;
    memcpy(out->bytes, bytes.at, sizeof(out->bytes));
    if (out->family != 0 && out->family != 4 && out->family != 6)
        cursor->failed = true;
}

/* A number of things of which there is room for |limit|. */
static unsigned decode_count(struct cursor *cursor, unsigned limit)
{
    unsigned count = cursor_u8(cursor);
    if (count <= limit)
        return count;
    cursor->failed = true;
    return 0;
}

static void decode_service(struct cursor *cursor, struct host_service *out)
{
    out->port = cursor_u16(cursor);
    out->version = cursor_u16(cursor);
    out->cipher = cursor_u16(cursor);
    struct span alpn = cursor_framed(cursor);
    if (alpn.size >= sizeof(out->alpn))
        cursor->failed = true;
    else
        span_copy_text(alpn, out->alpn, sizeof(out->alpn));
    out->chain_count = decode_count(cursor, HOST_CERTIFICATES);
    for (unsigned i = 0; i < out->chain_count; i++)
        out->chain[i] = cursor_framed(cursor);
}

bool host_record_decode(struct span bytes, struct host_record *out)
{
    struct cursor cursor = cursor_of(bytes);
    *out = (struct host_record){0};
    if (cursor_u16(&cursor) != VERSION)
        return false;
    out->resolved_ms = (int64_t)cursor_u64(&cursor);
    decode_address(&cursor, &out->worked);
    out->address_count = decode_count(&cursor, HOST_ADDRESSES);
    for (unsigned i = 0; i < out->address_count; i++)
        decode_address(&cursor, &out->addresses[i]);
    out->service_count = decode_count(&cursor, HOST_SERVICES);
    for (unsigned i = 0; i < out->service_count; i++)
        decode_service(&cursor, &out->services[i]);
    return cursor_ok(&cursor) && cursor.left == 0;
}
