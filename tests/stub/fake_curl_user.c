/* SPDX-License-Identifier: MIT */
/* A program of fake_curl.c whose callback ends with a call of the library: that call
 * returns into the library, and is the program's nevertheless. */
#include <stdio.h>

int curl_easy_pause(void *handle, int bitmask);
int curl_easy_perform(void *handle);
int fake_run(int (*callback)(void *handle), void *handle);
int SSL_connect(void *ssl);

static int callback(void *handle)
{
    return curl_easy_pause(handle, 4);
}

int main(void)
{
    int performed = curl_easy_perform(NULL);
    int connected = SSL_connect(NULL);
    performed += curl_easy_perform(NULL);
    printf("%d %d %d\n", connected, performed, fake_run(callback, NULL));
    return 0;
}
