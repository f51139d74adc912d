/* SPDX-License-Identifier: MIT */
/* Host records: their encoding, and what gethostbyname(3) shows of them. */
#include "unit.h"

#include "host_record.h"
#include "hostent.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

static const struct host_address one = {4, {192, 0, 2, 1}};
static const struct host_address two = {4, {192, 0, 2, 2}};
static const struct host_address six = {6, {0x20, 1, 0xd, 0xb8, [15] = 1}};

static struct host_record example(void)
{
    struct host_record record = {.resolved_ms = 1700000000123, .worked = two};
    struct host_service service = {.port = 443,
                                   .version = 0x304,
                                   .cipher = 0x1302,
                                   .alpn = "http/1.1",
                                   .chain = {span_text("leaf"), span_text("")},
                                   .chain_count = 2};
    host_record_add(&record, &one);
    host_record_add(&record, &six);
    host_record_add(&record, &two);
    host_record_set(&record, &service);
    service.port = 8443;
    service.chain_count = 0;
    host_record_set(&record, &service);
    return record;
}

static void test_round_trip(void)
{
    struct host_record record = example(), again;
    struct buffer bytes = {0};
    host_record_encode(&record, &bytes);
    CHECK(host_record_decode(buffer_span(&bytes), &again));
    CHECK_INT(again.resolved_ms, 1700000000123);
    CHECK(host_address_equal(&again.worked, &two));
    CHECK_INT(again.address_count, 3);
    CHECK(host_address_equal(&again.addresses[1], &six));
    const struct host_service *service = host_record_service(&again, 443);
    CHECK(service && service->version == 0x304 && service->cipher == 0x1302);
    CHECK_TEXT(service->alpn, "http/1.1");
    CHECK_INT(service->chain_count, 2);
    CHECK(span_is(service->chain[0], "leaf") && service->chain[1].size == 0);
    CHECK(host_record_service(&again, 8443) != NULL);
    CHECK(host_record_service(&again, 80) == NULL);
    buffer_free(&bytes);
}

/* What is cut, longer, or of another version is no record. In a block of its own size, so
 * that a sanitizer sees each byte too many. */
static void test_damage(void)
{
    struct host_record record = example(), again;
    struct buffer bytes = {0};
    host_record_encode(&record, &bytes);
    for (size_t size = 0; size < bytes.size; size++) {
        uint8_t *cut = malloc(size ? size : 1);
        memcpy(cut, bytes.at, size);
        CHECK(!host_record_decode(span_of(cut, size), &again));
        free(cut);
    }
    buffer_append_byte(&bytes, 0);
    CHECK(!host_record_decode(buffer_span(&bytes), &again));
    bytes.size--;
    bytes.at[0] = 2;
    CHECK(!host_record_decode(buffer_span(&bytes), &again));
    buffer_free(&bytes);
}

static void test_limits(void)
{
    struct host_record record = {0};
    for (unsigned i = 0; i < 2 * HOST_ADDRESSES; i++) {
        struct host_address address = {4, {10, 0, 0, (uint8_t)(i / 2)}};
        host_record_add(&record, &address);
    }
    CHECK_INT(record.address_count, HOST_ADDRESSES);
    CHECK_INT(record.addresses[HOST_ADDRESSES - 1].bytes[3], HOST_ADDRESSES - 1);
    for (uint16_t port = 1; port <= HOST_SERVICES + 1; port++) {
        struct host_service service = {.port = port};
        host_record_set(&record, &service);
    }
    CHECK_INT(record.service_count, HOST_SERVICES);
    CHECK(host_record_service(&record, 1) == NULL); /* the oldest has made room */
    CHECK(host_record_service(&record, HOST_SERVICES + 1) != NULL);
    struct host_service newer = {.port = 4, .version = 7};
    host_record_set(&record, &newer);
    CHECK_INT(record.service_count, HOST_SERVICES);
    CHECK_INT(host_record_service(&record, 4)->version, 7);
}

/* Every size of the caller's memory, at every alignment. */
static void test_hostent(void)
{
    struct host_record record = example();
    struct hostent entry;
    struct host_address found[HOST_ADDRESSES];
    for (size_t shift = 0; shift < sizeof(char *); shift++) {
        size_t size = 0;
        char *memory = malloc(512);
        while (hostent_fill(&record, "a.example", AF_INET, &entry, memory + shift,
                            size) == ERANGE)
            size++;
        CHECK(size > 0 && size < 512 - shift);
        CHECK_TEXT(entry.h_name, "a.example");
        CHECK(entry.h_name + strlen(entry.h_name) + 1 <= memory + shift + size);
        CHECK(entry.h_aliases[0] == NULL);
        CHECK_INT(entry.h_length, 4);
        CHECK_INT(hostent_addresses(&entry, found), 2);
        CHECK(host_address_equal(&found[0], &one) && host_address_equal(&found[1], &two));
        free(memory);
    }
    char memory[128];
    CHECK_INT(hostent_fill(&record, "a", AF_INET6, &entry, memory, sizeof(memory)), 0);
    CHECK_INT(hostent_addresses(&entry, found), 1);
    CHECK(host_address_equal(&found[0], &six));
    record.address_count = 0;
    CHECK_INT(hostent_fill(&record, "a", AF_INET, &entry, memory, sizeof(memory)),
              ENOENT);
}

int main(void)
{
    RUN(test_round_trip);
    RUN(test_damage);
    RUN(test_limits);
    RUN(test_hostent);
    return unit_end();
}
