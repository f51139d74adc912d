/* SPDX-License-Identifier: MIT */
/* Easy handles of the libcurl clients; see curl_transfer.h. */
#define _GNU_SOURCE
#include "curl_transfer.h"

#include <stdio.h>
#include <stdlib.h>

static size_t take_body(char *bytes, size_t one, size_t size, void *argument)
{
    struct transfer *transfer = argument;
    text_add(&transfer->answer, bytes, one * size);
    return one * size;
}

void transfer_open(struct transfer *transfer, const struct job *job, int index)
{
    char field[256];
    CURL *easy = curl_easy_init();
    *transfer = (struct transfer){.easy = easy, .body = job_body(job, index)};
    snprintf(field, sizeof field, "Authorization: Bearer %s", job->key);
    transfer->fields = curl_slist_append(NULL, field);
    transfer->fields =
        curl_slist_append(transfer->fields, "Content-Type: application/json");
    curl_easy_setopt(easy, CURLOPT_URL, job->address);
    curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("CURL_CA_BUNDLE"));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->fields);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 20L);
}

int transfer_close(struct transfer *transfer)
{
    int status = 0;
    long code = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
    if (transfer->result != CURLE_OK) {
        fprintf(stderr, "%s\n", curl_easy_strerror(transfer->result));
        status = (int)transfer->result;
    } else if (code >= 300) {
        status = EXIT_HTTP_ERROR;
    }
    fwrite(transfer->answer.at, 1, transfer->answer.size, stdout);
    putchar('\n');
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->fields);
    text_free(&transfer->answer);
    free(transfer->body);
    return status;
}

struct transfer *transfers_open(const struct job *job, CURLM *multi)
{
    struct transfer *transfers = calloc((size_t)job->count, sizeof *transfers);
    for (int i = 0; i < job->count; i++) {
        transfer_open(&transfers[i], job, i);
        curl_multi_add_handle(multi, transfers[i].easy);
    }
    return transfers;
}

int transfers_close(struct transfer *transfers, const struct job *job, CURLM *multi)
{
    int status = 0;
    for (int i = 0; i < job->count; i++) {
        curl_multi_remove_handle(multi, transfers[i].easy);
        int one = transfer_close(&transfers[i]);
        status = one != 0 ? one : status;
    }
    free(transfers);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return status;
}

int transfers_collect(CURLM *multi)
{
    int finished = 0, left;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
        struct transfer *transfer = NULL;
        if (message->msg == CURLMSG_DONE) {
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
            transfer->result = message->data.result;
            finished++;
        }
    }
    return finished;
}
