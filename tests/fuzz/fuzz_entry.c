/* SPDX-License-Identifier: MIT */
/* What is read from spool and LMDB: entries, labels, aliases. The first byte chooses. */
#include "store/seal.h"

#include <sodium.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

static void fuzz_entry(struct span blob, const struct tenant *tenant, const uint8_t *key)
{
    struct sealed sealed;
    struct entry_label label = {0};
    struct buffer payload = {0};
    struct unsealer unsealer = {0};
    (void)!sealed_parse_cut(blob, blob.size + 1000, &sealed);
    if (sealed_parse(blob, &sealed) == STORE_OK) {
        require(sealed.label_box.at + sealed.label_box.size == sealed.payload_box.at);
        require(sealed.payload_box.at + sealed.payload_box.size == blob.at + blob.size);
        require(unseal_label(&sealed, tenant, key, &label) != STORE_OK);
        require(unseal_entry(&unsealer, &sealed, tenant, key, &label, &payload) !=
                STORE_OK);
        require(!sealed_authentic(&sealed, tenant, key));
    }
    unseal_free(&unsealer);
    buffer_free(&payload);
}

static void fuzz_notes(struct span bytes)
{
    struct entry_label label = {0}, again = {0};
    struct entry_notes notes, notes_again;
    struct buffer encoded = {0};
    if (label_decode_noted(bytes, &label, &notes)) {
        (void)texts_hold(notes.tags, span_text("x"));
        label_encode_noted(&label, &notes, &encoded);
        require(label_decode_noted(buffer_span(&encoded), &again, &notes_again));
        require(span_equal(notes.tags, notes_again.tags));
        require(span_equal(notes.ignored, notes_again.ignored));
    }
    buffer_free(&encoded);
}

/* What decodes is encoded to something that decodes to the same. */
static void fuzz_label(struct span bytes)
{
    struct entry_label label = {0}, again = {0};
    struct buffer encoded = {0};
    if (label_decode(bytes, &label)) {
        label_encode(&label, &encoded);
        require(label_decode(buffer_span(&encoded), &again));
        require(strcmp(label.model, again.model) == 0);
        require(label.response_bytes == again.response_bytes);
    }
    buffer_free(&encoded);
}

/* Any payload survives sealing; with one bit changed it does not open. */
static void fuzz_round_trip(struct span payload, const struct tenant *tenant,
                            const uint8_t *key)
{
    struct entry_label label = {.created_ms = 1};
    struct buffer blob = {0}, back = {0};
    struct unsealer unsealer = {0};
    struct sealed sealed;
    require(seal_entry(tenant, key, &label, NULL, payload, &blob) == STORE_OK);
    require(sealed_parse(buffer_span(&blob), &sealed) == STORE_OK);
    require(unseal_entry(&unsealer, &sealed, tenant, key, &label, &back) == STORE_OK);
    require(span_equal(buffer_span(&back), payload));
    size_t bit = payload.size ? payload.at[0] * 31U % (blob.size * 8) : 0;
    blob.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    require(sealed_parse(buffer_span(&blob), &sealed) != STORE_OK ||
            !sealed_authentic(&sealed, tenant, key));
    unseal_free(&unsealer);
    buffer_free(&blob);
    buffer_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tenant tenant = {.id = {1}, .name_key = {2}, .seal_key = {3}};
    uint8_t key[STORE_KEY_SIZE] = {4}, found[STORE_KEY_SIZE];
    if (size == 0 || sodium_init() < 0)
        return 0;
    struct span input = span_of(data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        fuzz_entry(input, &tenant, key);
        break;
    case 1:
        fuzz_label(input);
        fuzz_notes(input);
        break;
    case 2:
        require(unseal_alias(&tenant, key, input, found) != STORE_OK);
        break;
    default:
        fuzz_round_trip(input, &tenant, key);
        break;
    }
    return 0;
}
