/* SPDX-License-Identifier: MIT */
/* Made-up addresses and certificates. */
#include "placeholder.h"

#include "core.h"
#include "exchange_parts.h"

/* TEST-NET-1 (RFC 5737) and the documentation prefix (RFC 3849): nobody has these. */
static const struct host_address four = {4, {192, 0, 2, 1}};
static const struct host_address six = {6, {0x20, 1, 0x0d, 0xb8, [15] = 1}};
static const struct host_address mapped = {6, {[10] = 0xff, 0xff, 192, 0, 2, 1}};

/* -- addresses ------------------------------------------------------------------------- */

bool placeholder_wanted(struct span name)
{
    const struct config *config = core_config();
    return config->mode == MODE_REPLAY && config_known_host(config, name, 0);
}

static bool has_family(const struct host_record *record, uint8_t family)
{
    for (unsigned i = 0; i < record->address_count; i++)
        if (record->addresses[i].family == family)
            return true;
    return false;
}

bool placeholder_find(struct span name, struct known_host *out)
{
    struct host_record *record = &out->record;
    bool known = known_host_find(name, out);
    if (core_config()->mode != MODE_REPLAY ||
        !(known || placeholder_wanted(span_text(out->name))))
        return known;
    if (!known)
        *record = (struct host_record){0};
    if (!has_family(record, four.family))
        host_record_add(record, &four);
    if (!has_family(record, six.family))
        host_record_add(record, &six);
    record->resolved_ms = exchange_now_ms();
    return true;
}

bool placeholder_at(const struct sockaddr *to, socklen_t size)
{
    struct host_address address;
    uint16_t port;
    return core_config()->mode == MODE_REPLAY && size >= sizeof(struct sockaddr) &&
           host_address_of(to, size, &address, &port) &&
           (host_address_equal(&address, &four) || host_address_equal(&address, &six) ||
            host_address_equal(&address, &mapped));
}

/* -- the certificate --------------------------------------------------------------------- */

/* DER (X.690): tags, lengths, values. Issuer and subject are CN=preecho replay; the key and
 * the signature are Ed25519's (RFC 8410), all zeros; the host stands in subjectAltName. */
#define ED25519 "\x30\x05\x06\x03\x2b\x65\x70"
#define NAME    "\x30\x19\x31\x17\x30\x15\x06\x03\x55\x04\x03\x0c\x0epreecho replay"
#define VALIDITY                                                                         \
    "\x30\x20\x17\x0d"                                                                   \
    "700101000000Z\x18\x0f"                                                              \
    "99991231235959Z"
#define VERSION3 "\xa0\x03\x02\x01\x02"
#define SERIAL   "\x02\x01\x01"

static const char start[] = VERSION3 SERIAL ED25519 NAME VALIDITY NAME;
static const char key[] = "\x30\x2a" ED25519 "\x03\x21";
static const char alternative_name[] = "\x06\x03\x55\x1d\x11";
static const uint8_t zeros[65]; /* a BIT STRING's begin with the count of unused bits */

/* Puts |value|, whose buffer is emptied, under |tag| behind |out|. */
static void append_value(struct buffer *out, uint8_t tag, struct buffer *value)
{
    size_t size = value->size;
    buffer_append_byte(out, tag);
    if (size >= 128)
        buffer_append_byte(out, size < 256 ? 0x81 : 0x82);
    if (size >= 256)
        buffer_append_byte(out, (uint8_t)(size >> 8));
    buffer_append_byte(out, (uint8_t)size);
    buffer_append_span(out, buffer_span(value));
    out->failed = out->failed || !buffer_ok(value);
    buffer_free(value);
}

/* |*value| becomes the value of |tag|. */
static void wrap(struct buffer *value, uint8_t tag)
{
    struct buffer whole = {0};
    append_value(&whole, tag, value);
    *value = whole;
}

/* Extensions ::= [3] { SEQUENCE { SEQUENCE { id, OCTET STRING { SEQUENCE { [2] name } } } } } */
static void append_names(struct buffer *out, struct span name)
{
    static const uint8_t outwards[] = {0x82, 0x30, 0x04};
    struct buffer value = {0}, extension = {0};
    buffer_append_span(&value, name);
    for (size_t i = 0; i < sizeof(outwards); i++)
        wrap(&value, outwards[i]);
    buffer_append(&extension, alternative_name, sizeof(alternative_name) - 1);
    buffer_append_span(&extension, buffer_span(&value));
    extension.failed = extension.failed || !buffer_ok(&value);
    buffer_free(&value);
    wrap(&extension, 0x30);
    wrap(&extension, 0x30);
    append_value(out, 0xa3, &extension);
}

static void make_certificate(struct span name, struct buffer *out)
{
    struct buffer body = {0}, signature = {0};
    buffer_append(&body, start, sizeof(start) - 1);
    buffer_append(&body, key, sizeof(key) - 1);
    buffer_append(&body, zeros, 33);
    append_names(&body, name);
    wrap(&body, 0x30);
    buffer_append(&body, ED25519, sizeof(ED25519) - 1);
    buffer_append(&signature, zeros, 65);
    append_value(&body, 0x03, &signature);
    append_value(out, 0x30, &body);
}

void placeholder_service(struct span name, uint16_t port, struct host_service *out,
                         struct buffer *certificate)
{
    *out = (struct host_service){.port = port,
                                 .version = 0x0304,
                                 .cipher = 0x1302, /* TLS_AES_256_GCM_SHA384 */
                                 .alpn = "http/1.1",
                                 .chain_count = 1};
    make_certificate(name, certificate);
    out->chain[0] = buffer_span(certificate);
}
