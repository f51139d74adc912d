/* SPDX-License-Identifier: MIT */
/* A library like libcurl that uses one like libssl (copy.c). */
typedef int callback_function(void *handle);

int SSL_connect(void *ssl);
int curl_easy_pause(void *handle, int bitmask);
int curl_easy_perform(void *handle);
int fake_run(callback_function *callback, void *handle);

int curl_easy_pause(void *handle, int bitmask)
{
    (void)handle;
    return bitmask + 1;
}

int curl_easy_perform(void *handle)
{
    (void)handle;
    return SSL_connect(0) - 1;
}

int fake_run(callback_function *callback, void *handle)
{
    return callback(handle) + 100;
}
