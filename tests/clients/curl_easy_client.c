/* SPDX-License-Identifier: MIT */
/* libcurl's easy interface, one request after the other on one handle.
 *
 * usage: curl_easy_client URL KEY BODY [COUNT [STEP]] */
#define _GNU_SOURCE
#include "curl_transfer.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    struct job job = {0};
    struct transfer transfer;
    int status = 0;
    job_parse(&job, argv + (argc > 1));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLSH *share = curl_share_init(); /* keeps connections between handles */
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    for (int i = 0; i < job.count; i++) {
        transfer_open(&transfer, &job, i);
        curl_easy_setopt(transfer.easy, CURLOPT_SHARE, share);
        transfer.result = curl_easy_perform(transfer.easy);
        status |= transfer_close(&transfer);
    }
    curl_share_cleanup(share);
    curl_global_cleanup();
    return status;
}
