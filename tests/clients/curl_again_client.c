/* SPDX-License-Identifier: MIT */
/* libcurl's easy interface: one handle, one body, two addresses. Whatever happens in the first
 * transfer, the second one has to send what the program has set.
 *
 * usage: curl_again_client HOW URL SECOND-URL KEY BODY
 * HOW says how the body is set: fields, copy, length (fields, and a Content-Length line), read,
 * chunked, upload, upload-length; or, with a copy: dup (the second transfer is made by a duplicate
 * of the handle, taken within the first), change (another body is set within the first), get
 * (a GET is asked for within the first). */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *how, *body;
static size_t body_at;
static CURL *easy, *duplicate;
static struct curl_slist *lines;

static int is(const char *name)
{
    return strcmp(how, name) == 0;
}

static size_t give_body(char *to, size_t one, size_t size, void *unused)
{
    size_t left = strlen(body) - body_at;
    (void)unused;
    size = one * size < 7 ? one * size : 7; /* in small pieces */
    size = left < size ? left : size;
    memcpy(to, body + body_at, size);
    body_at += size;
    return size;
}

static int seek_body(void *unused, curl_off_t offset, int origin)
{
    (void)unused;
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    body_at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static size_t take_answer(char *bytes, size_t one, size_t size, void *unused)
{
    (void)unused;
    fwrite(bytes, one, size, stdout);
    if (is("dup") && !duplicate)
        duplicate = curl_easy_duphandle(easy);
    if (is("change"))
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, "{\"changed\":1}");
    if (is("change"))
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, -1L);
    if (is("get"))
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return one * size;
}

static void add_line(const char *name, const char *value)
{
    char line[300];
    snprintf(line, sizeof line, "%s: %s", name, value);
    lines = curl_slist_append(lines, line);
}

static void set_reader(void)
{
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
}

static void set_body(void)
{
    curl_off_t size = (curl_off_t)strlen(body);
    char length[32];
    snprintf(length, sizeof length, "%ld", (long)size);
    if (is("fields") || is("length")) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    } else if (is("read") || is("chunked")) {
        set_reader();
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        if (is("read"))
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, size);
        else
            add_line("Transfer-Encoding", "chunked");
    } else if (is("upload") || is("upload-length")) {
        set_reader();
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "POST");
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, size);
    } else {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, size);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
    }
    if (is("length") || is("upload-length"))
        add_line("Content-Length", length);
}

static int perform(CURL *handle, const char *url)
{
    body_at = 0;
    curl_easy_setopt(handle, CURLOPT_URL, url);
    CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK)
        fprintf(stderr, "%s: %s\n", url, curl_easy_strerror(code));
    putchar('\n');
    return code != CURLE_OK;
}

int main(int argc, char **argv)
{
    char credential[300];
    if (argc != 6)
        return 64;
    how = argv[1];
    body = argv[5];
    snprintf(credential, sizeof credential, "Bearer %s", argv[4]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    easy = curl_easy_init();
    set_body();
    add_line("Content-Type", "application/json");
    add_line("Authorization", credential);
    add_line("Expect", "");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("CURL_CA_BUNDLE"));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 20L);
    int status = perform(easy, argv[2]);
    status |= perform(duplicate ? duplicate : easy, argv[3]);
    curl_easy_cleanup(duplicate);
    curl_easy_cleanup(easy);
    curl_slist_free_all(lines);
    curl_global_cleanup();
    return status;
}
