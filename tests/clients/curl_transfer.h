/* SPDX-License-Identifier: MIT */
/* What the libcurl clients share: one easy handle per request, its answer kept in memory.
 */
#ifndef TESTS_CLIENTS_CURL_TRANSFER_H
#define TESTS_CLIENTS_CURL_TRANSFER_H

#include "client.h"

#include <curl/curl.h>

struct transfer {
    CURL *easy;
    char *body;
    struct text answer;
    struct curl_slist *fields;
    CURLcode result;
};

/* Prepares request |index| of |job|. CURL_CA_BUNDLE names the certificates, as for curl.
 */
void transfer_open(struct transfer *transfer, const struct job *job, int index);
/* Prints the answer (or the error, to stderr), frees everything, returns the exit status.
 */
int transfer_close(struct transfer *transfer);

/* |job->count| transfers in one array, and their end: prints all in order. */
struct transfer *transfers_open(const struct job *job, CURLM *multi);
int transfers_close(struct transfer *transfers, const struct job *job, CURLM *multi);
/* Takes the messages of finished transfers; how many there were. */
int transfers_collect(CURLM *multi);

#endif
