/* SPDX-License-Identifier: MIT */
/* Packing and unpacking the values of curl_easy_getinfo(). */
#define CURL_DISABLE_DEPRECATION
#include "curl_level.h"

#include "curl_certinfo.h"

#define FORMAT 1

/* Infos of libcurl versions later than the headers we are built with. */
#ifndef CURLINFO_USED_PROXY
#define CURLINFO_USED_PROXY ((CURLINFO)(CURLINFO_LONG + 66))
#endif
#define INFO_EARLYDATA_SENT ((CURLINFO)(CURLINFO_OFF_T + 68))
#define INFO_HTTPAUTH_USED  ((CURLINFO)(CURLINFO_LONG + 69))
#define INFO_PROXYAUTH_USED ((CURLINFO)(CURLINFO_LONG + 70))
#define INFO_SIZE_DELIVERED ((CURLINFO)(CURLINFO_OFF_T + 71))

/* Times are those of the hit; URLs, cookies and what belongs to the handle are never
 * stored. */
static const CURLINFO recorded[] = {
    CURLINFO_RESPONSE_CODE,
    CURLINFO_HTTP_CONNECTCODE,
    CURLINFO_FILETIME,
    CURLINFO_HEADER_SIZE,
    CURLINFO_REQUEST_SIZE,
    CURLINFO_SSL_VERIFYRESULT,
    CURLINFO_PROXY_SSL_VERIFYRESULT,
    CURLINFO_REDIRECT_COUNT,
    CURLINFO_HTTPAUTH_AVAIL,
    CURLINFO_PROXYAUTH_AVAIL,
    CURLINFO_OS_ERRNO,
    CURLINFO_NUM_CONNECTS,
    CURLINFO_PRIMARY_PORT,
    CURLINFO_LOCAL_PORT,
    CURLINFO_PROXY_ERROR,
    CURLINFO_CONDITION_UNMET,
    CURLINFO_HTTP_VERSION,
    CURLINFO_PROTOCOL,
    CURLINFO_USED_PROXY,
    INFO_HTTPAUTH_USED,
    INFO_PROXYAUTH_USED,
    CURLINFO_FILETIME_T,
    CURLINFO_SIZE_UPLOAD_T,
    CURLINFO_SIZE_DOWNLOAD_T,
    CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
    CURLINFO_CONTENT_LENGTH_UPLOAD_T,
    CURLINFO_RETRY_AFTER,
    INFO_EARLYDATA_SENT,
    INFO_SIZE_DELIVERED,
    CURLINFO_CONTENT_TYPE,
    CURLINFO_PRIMARY_IP,
    CURLINFO_LOCAL_IP,
    CURLINFO_SCHEME,
};

#define RECORDED (sizeof recorded / sizeof recorded[0])
_Static_assert(RECORDED <= CURL_LEVEL_VALUES, "values do not fit");

bool curl_level_recorded(CURLINFO info)
{
    for (size_t i = 0; i < RECORDED; i++)
        if (recorded[i] == info)
            return true;
    return false;
}

const struct curl_value *curl_level_value(const struct curl_level *level, CURLINFO info)
{
    for (size_t i = 0; i < level->value_count; i++)
        if (level->values[i].info == (uint32_t)info)
            return &level->values[i];
    return NULL;
}

static bool is_string(uint32_t info)
{
    return (info & CURLINFO_TYPEMASK) == CURLINFO_STRING;
}

/* One value, when this version of libcurl knows it. */
static bool pack_value(const struct curl_library *library, CURL *easy, CURLINFO info,
                       struct buffer *out)
{
    const char *text = NULL;
    int64_t number = 0; /* a long or a curl_off_t, both have 64 bits */
    void *place = is_string(info) ? (void *)&text : (void *)&number;
    if (library->curl_easy_getinfo(easy, info, place) != CURLE_OK)
        return false;
    buffer_append_u32(out, (uint32_t)info);
    if (!is_string(info))
        buffer_append_u64(out, (uint64_t)number);
    else /* with its zero: what is empty is NULL */
        buffer_append_framed(out, span_of(text, text ? strlen(text) + 1 : 0));
    return true;
}

void curl_level_pack(const struct curl_library *library, CURL *easy,
                     const struct curl_lines *lines, bool decoded, struct buffer *out)
{
    struct buffer values = {0};
    uint16_t count = 0;
    for (size_t i = 0; i < RECORDED; i++)
        count = (uint16_t)(count + pack_value(library, easy, recorded[i], &values));
    buffer_append_u16(out, FORMAT);
    buffer_append_byte(out, decoded);
    buffer_append_u16(out, count);
    buffer_append_span(out, buffer_span(&values));
    if (!buffer_ok(&values))
        out->failed = true;
    buffer_free(&values);
    curl_lines_pack(lines, out);
    curl_certinfo_pack(library, easy, out);
}

static bool unpack_value(struct cursor *cursor, struct curl_value *value)
{
    *value = (struct curl_value){.info = cursor_u32(cursor)};
    if (!is_string(value->info)) {
        value->number = (int64_t)cursor_u64(cursor);
        return true;
    }
    struct span text = cursor_framed(cursor);
    if (!text.size)
        return true;
    value->text = (const char *)text.at;
    return text.at[text.size - 1] == 0;
}

static int unpack(struct cursor *cursor, struct curl_level *level)
{
    if (cursor_u16(cursor) != FORMAT)
        return -1;
    level->decoded = cursor_u8(cursor) != 0;
    level->value_count = cursor_u16(cursor);
    if (level->value_count > CURL_LEVEL_VALUES)
        return -1;
    for (size_t i = 0; i < level->value_count; i++)
        if (!unpack_value(cursor, &level->values[i]))
            return -1;
    if (!cursor_ok(cursor) || curl_lines_unpack(cursor, &level->lines) != 0)
        return -1;
    level->certificates = cursor_framed(cursor);
    return cursor_ok(cursor) && level->lines.count && level->lines.at[0].status ? 0 : -1;
}

int curl_level_unpack(struct span packed, struct curl_level *level)
{
    *level = (struct curl_level){0};
    buffer_append_span(&level->memory, packed);
    struct cursor cursor = cursor_of(buffer_span(&level->memory));
    if (buffer_ok(&level->memory) && unpack(&cursor, level) == 0)
        return 0;
    curl_level_free(level);
    return -1;
}

void curl_level_free(struct curl_level *level)
{
    curl_lines_free(&level->lines);
    buffer_free(&level->memory);
    *level = (struct curl_level){0};
}
