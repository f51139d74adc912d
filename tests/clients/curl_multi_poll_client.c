/* SPDX-License-Identifier: MIT */
/* libcurl's multi interface with curl_multi_poll: all requests at once.
 *
 * usage: curl_multi_poll_client URL KEY BODY [COUNT [STEP]] */
#define _GNU_SOURCE
#include "curl_transfer.h"

int main(int argc, char **argv)
{
    struct job job = {0};
    job_parse(&job, argv + (argc > 1));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct transfer *transfers = transfers_open(&job, multi);
    int running = 0, finished = 0;
    do {
        if (curl_multi_perform(multi, &running) != CURLM_OK) {
            fail(EXIT_TRANSPORT, "curl_multi_perform failed");
        }
        finished += transfers_collect(multi);
        if (running > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) {
            fail(EXIT_TRANSPORT, "curl_multi_poll failed");
        }
    } while (running > 0);
    if (finished != job.count) {
        fail(EXIT_TRANSPORT, "%d of %d transfers reported done", finished, job.count);
    }
    return transfers_close(transfers, &job, multi);
}
