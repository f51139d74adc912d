/* SPDX-License-Identifier: MIT */
/* libcurl's multi interface by a program that changes its mind: transfer I is taken out of the
 * multi handle after I calls of curl_multi_perform, wherever it stands, and then made again from
 * the start on the same easy handle. What came before the change of mind is thrown away.
 *
 * usage: curl_multi_remove_client URL KEY BODY [COUNT [STEP]] */
#define _GNU_SOURCE
#include "curl_transfer.h"

#include <stdio.h>

/* At most |calls| calls; whether the transfer has ended. */
static bool perform(CURLM *multi, int calls)
{
    int running = 1;
    for (int i = 0; i < calls && running > 0; i++) {
        if (curl_multi_perform(multi, &running) != CURLM_OK) {
            fail(EXIT_TRANSPORT, "curl_multi_perform failed");
        }
        if (running > 0 && i + 1 < calls) {
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
    }
    return running == 0;
}

int main(int argc, char **argv)
{
    struct job job = {0};
    int status = 0;
    job_parse(&job, argv + (argc > 1));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    for (int i = 0; i < job.count; i++) {
        struct transfer transfer;
        transfer_open(&transfer, &job, i);
        curl_multi_add_handle(multi, transfer.easy);
        perform(multi, i);
        curl_multi_remove_handle(multi, transfer.easy);
        text_free(&transfer.answer);
        curl_multi_add_handle(multi, transfer.easy);
        if (!perform(multi, 10000) || transfers_collect(multi) != 1) {
            fail(EXIT_TRANSPORT, "transfer %d did not end with one message", i);
        }
        curl_multi_remove_handle(multi, transfer.easy);
        status |= transfer_close(&transfer);
    }
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return status;
}
