/* SPDX-License-Identifier: MIT */
/* Every curl_easy_getinfo value of libcurl 7.88 that is no time; see difference.h. */
#define _GNU_SOURCE
#include "difference.h"

#include <stdio.h>

#define INFO(name)                                                                       \
    {                                                                                    \
#name, CURLINFO_##name                                                           \
    }

struct info {
    const char *name;
    CURLINFO number;
};

static const struct info string_infos[] = {
    INFO(EFFECTIVE_URL),   INFO(CONTENT_TYPE), INFO(PRIVATE),  INFO(FTP_ENTRY_PATH),
    INFO(REDIRECT_URL),    INFO(PRIMARY_IP),   INFO(LOCAL_IP), INFO(SCHEME),
    INFO(RTSP_SESSION_ID), INFO(CAPATH),       INFO(REFERER),  INFO(EFFECTIVE_METHOD),
};

static const struct info long_infos[] = {
    INFO(RESPONSE_CODE),  INFO(HTTP_CONNECTCODE), INFO(HEADER_SIZE),
    INFO(REQUEST_SIZE),   INFO(SSL_VERIFYRESULT), INFO(FILETIME),
    INFO(REDIRECT_COUNT), INFO(HTTPAUTH_AVAIL),   INFO(PROXYAUTH_AVAIL),
    INFO(OS_ERRNO),       INFO(NUM_CONNECTS),     INFO(CONDITION_UNMET),
    INFO(PRIMARY_PORT),   INFO(HTTP_VERSION),     INFO(PROXY_SSL_VERIFYRESULT),
    INFO(PROXY_ERROR),    INFO(RTSP_CLIENT_CSEQ), INFO(RTSP_SERVER_CSEQ),
    INFO(RTSP_CSEQ_RECV),
};

static const struct info size_infos[] = {
    INFO(SIZE_UPLOAD_T),           INFO(SIZE_DOWNLOAD_T), INFO(CONTENT_LENGTH_DOWNLOAD_T),
    INFO(CONTENT_LENGTH_UPLOAD_T), INFO(RETRY_AFTER),     INFO(FILETIME_T),
};

/* The same four as floating point: deprecated, and still asked for. */
static const struct info double_infos[] = {
    {"SIZE_UPLOAD", CURLINFO_DOUBLE + 7},
    {"SIZE_DOWNLOAD", CURLINFO_DOUBLE + 8},
    {"CONTENT_LENGTH_DOWNLOAD", CURLINFO_DOUBLE + 15},
    {"CONTENT_LENGTH_UPLOAD", CURLINFO_DOUBLE + 16},
};

static void print_lists(CURL *easy)
{
    struct curl_slist *list = NULL;
    curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list);
    for (struct curl_slist *one = list; one != NULL; one = one->next) {
        printf("info COOKIELIST: %s\n", one->data);
    }
    curl_slist_free_all(list);
    list = NULL;
    curl_easy_getinfo(easy, CURLINFO_SSL_ENGINES, &list);
    for (struct curl_slist *one = list; one != NULL; one = one->next) {
        printf("info SSL_ENGINES: %s\n", one->data);
    }
    curl_slist_free_all(list);
    struct curl_certinfo *certificates = NULL;
    curl_easy_getinfo(easy, CURLINFO_CERTINFO, &certificates);
    printf("info CERTINFO: %d\n", certificates ? certificates->num_of_certs : -1);
}

/* Values that differ from run to run: only whether there is one. */
static void print_handles(CURL *easy)
{
    long number = 0;
    curl_socket_t socket = CURL_SOCKET_BAD;
    struct curl_tlssessioninfo *session = NULL;
    curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &number);
    printf("info LOCAL_PORT: %s\n", number > 0 ? "some" : "none");
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
    printf("info ACTIVESOCKET: %s\n", socket != CURL_SOCKET_BAD ? "some" : "none");
    curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session);
    printf("info TLS_SSL_PTR: %d\n", session ? (int)session->backend : -1);
}

void print_info(CURL *easy)
{
    for (size_t i = 0; i < sizeof string_infos / sizeof *string_infos; i++) {
        char *text = NULL;
        CURLcode code = curl_easy_getinfo(easy, string_infos[i].number, &text);
        bool pointer = string_infos[i].number == CURLINFO_PRIVATE;
        printf("info %s: %d %s\n", string_infos[i].name, (int)code,
               text == NULL ? "(null)"
               : pointer    ? "some"
                            : text);
    }
    for (size_t i = 0; i < sizeof long_infos / sizeof *long_infos; i++) {
        long number = -7;
        CURLcode code = curl_easy_getinfo(easy, long_infos[i].number, &number);
        printf("info %s: %d %ld\n", long_infos[i].name, (int)code, number);
    }
    for (size_t i = 0; i < sizeof size_infos / sizeof *size_infos; i++) {
        curl_off_t number = -7;
        CURLcode code = curl_easy_getinfo(easy, size_infos[i].number, &number);
        printf("info %s: %d %ld\n", size_infos[i].name, (int)code, (long)number);
    }
    for (size_t i = 0; i < sizeof double_infos / sizeof *double_infos; i++) {
        double number = -7;
        CURLcode code = curl_easy_getinfo(easy, double_infos[i].number, &number);
        printf("info %s: %d %.0f\n", double_infos[i].name, (int)code, number);
    }
    print_lists(easy);
    print_handles(easy);
}

void print_header_api(CURL *easy)
{
    struct curl_header *header = NULL;
    unsigned origins = CURLH_HEADER | CURLH_TRAILER | CURLH_1XX;
    while ((header = curl_easy_nextheader(easy, origins, -1, header)) != NULL) {
        printf("nextheader %s: %s (%zu of %zu, origin %u)\n", header->name, header->value,
               header->index, header->amount, header->origin);
    }
    CURLHcode code = curl_easy_header(easy, "content-type", 0, CURLH_HEADER, -1, &header);
    printf("header content-type: %d %s\n", (int)code,
           code == CURLHE_OK ? header->value : "");
}
