/* SPDX-License-Identifier: MIT */
/* One timer for the program out of libcurl's and ours. */
#include "curl_multi.h"

static long sooner(long a, long b)
{
    if (a < 0)
        return b;
    return b < 0 || a < b ? a : b;
}

static int tell(struct curl_multi *multi, long timeout_ms)
{
    bool before = multi->in_callback;
    if (!multi->timer_function)
        return 0;
    multi->in_callback = true;
    int answer = multi->timer_function(multi->multi, timeout_ms, multi->timer_data);
    multi->in_callback = before;
    return answer;
}

/* A curl_multi_timer_callback: libcurl's own wish. */
static int on_timer(CURLM *handle, long timeout_ms, void *argument)
{
    struct curl_multi *multi = argument;
    (void)handle;
    return tell(multi, sooner(timeout_ms, curl_multi_due(multi)));
}

void curl_timer_manage(struct curl_multi *multi)
{
    if (multi->timer_wrapped)
        return;
    multi->timer_wrapped = true;
    /* Neither can fail. */
    (void)multi->library->curl_multi_setopt(multi->multi, CURLMOPT_TIMERDATA, multi);
    (void)multi->library->curl_multi_setopt(multi->multi, CURLMOPT_TIMERFUNCTION,
                                            on_timer);
}

CURLMcode curl_timer_update(struct curl_multi *multi)
{
    long timeout_ms = -1;
    if (!multi->timer_function || multi->dead)
        return CURLM_OK;
    if (multi->library->curl_multi_timeout(multi->multi, &timeout_ms) != CURLM_OK)
        timeout_ms = -1;
    if (tell(multi, sooner(timeout_ms, curl_multi_due(multi))) != -1)
        return CURLM_OK;
    multi->dead = true;
    return CURLM_ABORTED_BY_CALLBACK;
}
