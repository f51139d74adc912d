/* SPDX-License-Identifier: MIT */
/* What curl_easy_getinfo() says about a hit. */
#define CURL_DISABLE_DEPRECATION
#include "curl_info.h"

#include "core.h"
#include "curl_delivery.h"
#include "curl_handle.h"

#define INFO_QUEUE_TIME        ((CURLINFO)(CURLINFO_OFF_T + 65))
#define INFO_POSTTRANSFER_TIME ((CURLINFO)(CURLINFO_OFF_T + 67))

/* -- numbers -- */

static int64_t spent(const struct curl_delivery *delivery)
{
    if (delivery->done)
        return (int64_t)delivery->last_us;
    return delivery->started ? (int64_t)(core_now_us() - delivery->start_us) : 0;
}

static int64_t recorded(const struct curl_delivery *delivery, CURLINFO info,
                        int64_t otherwise)
{
    const struct curl_value *value = curl_level_value(&delivery->level, info);
    return value ? value->number : otherwise;
}

static int64_t received(const struct curl_delivery *delivery)
{
    bool whole = delivery->done && delivery->result == CURLE_OK;
    return whole ? delivery->wire_bytes : (int64_t)delivery->sent;
}

static int64_t uploaded(const struct curl_delivery *delivery)
{
    return delivery->line ? recorded(delivery, CURLINFO_SIZE_UPLOAD_T,
                                     (int64_t)delivery->request_bytes)
                          : 0;
}

static int64_t speed(const struct curl_delivery *delivery, int64_t size)
{
    int64_t time = spent(delivery);
    return time > 0 ? (int64_t)((double)size * 1000000 / (double)time) : size * 1000000;
}

/* Times of a connection that was there already: next to nothing. */
static bool time_value(const struct curl_handle *handle, CURLINFO info, int64_t *value)
{
    const struct curl_delivery *delivery = handle->delivery;
    bool tls = strncmp(delivery->url, "https", 5) == 0;
    switch ((int)info) {
    case CURLINFO_TOTAL_TIME_T:
        *value = spent(delivery);
        return true;
    case CURLINFO_STARTTRANSFER_TIME_T:
        *value = (int64_t)delivery->first_us;
        return true;
    case CURLINFO_APPCONNECT_TIME_T:
        *value = tls && delivery->started;
        return true;
    case CURLINFO_NAMELOOKUP_TIME_T:
    case CURLINFO_CONNECT_TIME_T:
    case CURLINFO_PRETRANSFER_TIME_T:
    case (int)INFO_POSTTRANSFER_TIME:
        *value = delivery->started;
        return true;
    case CURLINFO_REDIRECT_TIME_T:
    case (int)INFO_QUEUE_TIME:
        *value = 0;
        return true;
    default:
        return false;
    }
}

/* For recordings made below libssl, and from libcurl versions without a value. */
static int64_t substitute(const struct curl_handle *handle, CURLINFO info)
{
    const struct curl_delivery *delivery = handle->delivery;
    bool tls = strncmp(delivery->url, "https", 5) == 0;
    switch ((int)info) {
    case CURLINFO_RESPONSE_CODE:
        return delivery->status;
    case CURLINFO_PRIMARY_PORT:
        return delivery->port;
    case CURLINFO_REQUEST_SIZE:
        return (int64_t)delivery->request_bytes;
    case CURLINFO_FILETIME:
    case CURLINFO_FILETIME_T:
        return -1;
    case CURLINFO_CONTENT_LENGTH_UPLOAD_T:
        return (int64_t)delivery->request_bytes;
    case CURLINFO_HTTP_VERSION:
        return CURL_HTTP_VERSION_1_1;
    case CURLINFO_PROTOCOL:
        return tls ? CURLPROTO_HTTPS : CURLPROTO_HTTP;
    default:
        return 0;
    }
}

/* Before the first line of the response has been handed over. */
static int64_t unknown_yet(CURLINFO info)
{
    switch ((int)info) {
    case CURLINFO_FILETIME:
    case CURLINFO_FILETIME_T:
    case CURLINFO_CONTENT_LENGTH_DOWNLOAD_T:
    case CURLINFO_CONTENT_LENGTH_UPLOAD_T:
        return -1;
    default:
        return 0;
    }
}

static bool number_value(const struct curl_handle *handle, CURLINFO info, int64_t *value)
{
    const struct curl_delivery *delivery = handle->delivery;
    switch ((int)info) {
    case CURLINFO_HEADER_SIZE:
        *value = (int64_t)delivery->header_bytes;
        return true;
    case CURLINFO_SIZE_DOWNLOAD_T:
        *value = received(delivery);
        return true;
    case CURLINFO_SIZE_UPLOAD_T:
        *value = uploaded(delivery);
        return true;
    case CURLINFO_SPEED_DOWNLOAD_T:
        *value = speed(delivery, received(delivery));
        return true;
    case CURLINFO_SPEED_UPLOAD_T:
        *value = speed(delivery, uploaded(delivery));
        return true;
    default:
        break;
    }
    if (time_value(handle, info, value))
        return true;
    if (!curl_level_recorded(info))
        return false;
    if (!delivery->line)
        *value = unknown_yet(info);
    else if (info == CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        *value = delivery->length;
    else if (info == CURLINFO_NUM_CONNECTS && delivery->reused)
        *value = 0;
    else
        *value = recorded(delivery, info, substitute(handle, info));
    return true;
}

/* The older infos are the same numbers as floating point. */
static bool double_value(const struct curl_handle *handle, CURLINFO info, double *value)
{
    static const struct {
        CURLINFO old, new;
        double unit;
    } pairs[] = {
        {CURLINFO_TOTAL_TIME, CURLINFO_TOTAL_TIME_T, 1e6},
        {CURLINFO_NAMELOOKUP_TIME, CURLINFO_NAMELOOKUP_TIME_T, 1e6},
        {CURLINFO_CONNECT_TIME, CURLINFO_CONNECT_TIME_T, 1e6},
        {CURLINFO_APPCONNECT_TIME, CURLINFO_APPCONNECT_TIME_T, 1e6},
        {CURLINFO_PRETRANSFER_TIME, CURLINFO_PRETRANSFER_TIME_T, 1e6},
        {CURLINFO_STARTTRANSFER_TIME, CURLINFO_STARTTRANSFER_TIME_T, 1e6},
        {CURLINFO_REDIRECT_TIME, CURLINFO_REDIRECT_TIME_T, 1e6},
        {CURLINFO_SIZE_UPLOAD, CURLINFO_SIZE_UPLOAD_T, 1},
        {CURLINFO_SIZE_DOWNLOAD, CURLINFO_SIZE_DOWNLOAD_T, 1},
        {CURLINFO_SPEED_DOWNLOAD, CURLINFO_SPEED_DOWNLOAD_T, 1},
        {CURLINFO_SPEED_UPLOAD, CURLINFO_SPEED_UPLOAD_T, 1},
        {CURLINFO_CONTENT_LENGTH_DOWNLOAD, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, 1},
        {CURLINFO_CONTENT_LENGTH_UPLOAD, CURLINFO_CONTENT_LENGTH_UPLOAD_T, 1},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        int64_t number;
        if (pairs[i].old == info && number_value(handle, pairs[i].new, &number)) {
            *value = (double)number / pairs[i].unit;
            return true;
        }
    }
    return false;
}

/* -- texts -- */

static const char *text_value(struct curl_handle *handle, CURLINFO info)
{
    struct curl_delivery *delivery = handle->delivery;
    const struct curl_value *value = curl_level_value(&delivery->level, info);
    switch ((int)info) {
    case CURLINFO_EFFECTIVE_URL:
        return delivery->url;
    case CURLINFO_EFFECTIVE_METHOD:
        return delivery->method;
    case CURLINFO_REFERER:
        return handle->options.text[CURL_TEXT_REFERER];
    case CURLINFO_CONTENT_TYPE:
        if (!delivery->line)
            return NULL;
        return value ? value->text : delivery->content_type;
    case CURLINFO_SCHEME:
        if (value)
            return value->text;
        return strncmp(delivery->url, "https", 5) == 0 ? "HTTPS" : "HTTP";
    default: /* CURLINFO_PRIMARY_IP, CURLINFO_LOCAL_IP, CURLINFO_REDIRECT_URL */
        if (info == CURLINFO_REDIRECT_URL)
            return NULL;
        return value && value->text ? value->text : "";
    }
}

static bool is_text(CURLINFO info)
{
    return curl_level_recorded(info) || info == CURLINFO_EFFECTIVE_URL ||
           info == CURLINFO_EFFECTIVE_METHOD || info == CURLINFO_REFERER ||
           info == CURLINFO_REDIRECT_URL;
}

void curl_info_replace(struct curl_handle *handle, CURLINFO info, void *place)
{
    int64_t number;
    double real;
    switch ((unsigned)info & CURLINFO_TYPEMASK) {
    case CURLINFO_STRING:
        if (is_text(info))
            *(const char **)place = text_value(handle, info);
        break;
    case CURLINFO_DOUBLE:
        if (double_value(handle, info, &real))
            *(double *)place = real;
        break;
    case CURLINFO_LONG:
    case CURLINFO_OFF_T:
        if (number_value(handle, info, &number))
            *(int64_t *)place = number; /* a long has 64 bits here, too */
        break;
    default:
        if (info == CURLINFO_CERTINFO && handle->delivery->certinfo)
            *(struct curl_certinfo **)place = handle->delivery->certinfo;
    }
}
