/* SPDX-License-Identifier: MIT */
/* The table of easy handles, and the calls into the program's callbacks. */
#define HASH_NONFATAL_OOM 1 /* an element that finds no memory is left out */
#include "curl_handle.h"

#include "core.h"
#include "curl_delivery.h"
#include "curl_follow.h"
#include "curl_reader.h"
#include "curl_recording.h"
#include "curl_stale.h"
#include "curl_substitute.h"
#include "store/lock.h"
#include "store/memory.h"

#include <pthread.h>

#undef uthash_malloc
#undef uthash_free
#define uthash_malloc(size)       memory_new(size)
#define uthash_free(memory, size) memory_free(memory)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct curl_handle *table;
static unsigned forked;

/* A forked child has one thread, so a lock that is held belongs to nobody: the table may
 * be half changed then and is forgotten. */
static void enter(void)
{
    if (core_forked(&forked)) {
        curl_library_after_fork();
        if (!lock_after_fork(&lock))
            table = NULL;
    }
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

struct curl_handle *curl_handle_find(CURL *easy)
{
    struct curl_handle *handle = NULL;
    enter();
    HASH_FIND_PTR(table, &easy, handle);
    leave();
    return handle;
}

struct curl_handle *curl_handle_new(CURL *easy, const void *real)
{
    const struct curl_library *library = curl_library_of(real);
    struct curl_handle *handle = library ? memory_new(sizeof *handle) : NULL;
    if (!handle)
        return NULL;
    handle->easy = easy;
    handle->library = library;
    curl_options_start(&handle->options);
    struct curl_handle *stale = NULL;
    enter();
    HASH_FIND_PTR(table, &easy, stale);
    if (stale) /* its end was not seen */
        HASH_DEL(table, stale);
    HASH_ADD_PTR(table, easy, handle);
    bool added = handle->hh.tbl != NULL;
    leave();
    if (stale)
        curl_handle_free(stale);
    if (added)
        return handle;
    memory_free(handle);
    return NULL;
}

void curl_handle_remove(struct curl_handle *handle)
{
    enter();
    if (table)
        HASH_DEL(table, handle);
    leave();
}

void curl_handle_free(struct curl_handle *handle)
{
    curl_recording_free(handle->recording);
    exchange_free(handle->write);
    curl_stale_free(handle->stale);
    curl_follow_free(handle->follow);
    curl_reader_free(handle->reader);
    curl_substitute_free(handle->substitute);
    curl_delivery_free(handle->delivery);
    curl_options_free(&handle->options);
    memory_free(handle->message);
    memory_free(handle);
}

void curl_handle_set(const struct curl_handle *handle, CURLoption option, void *argument)
{
    /* Fails for no option that is set here. */
    (void)handle->library->curl_easy_setopt(handle->easy, option, argument);
}

/* What libcurl prints when there is no CURLOPT_DEBUGFUNCTION. */
static void debug_print(FILE *file, curl_infotype type, struct span data)
{
    static const char marks[3][3] = {"* ", "< ", "> "};
    if (type > CURLINFO_HEADER_OUT)
        return;
    fwrite(marks[type], 1, 2, file);
    fwrite(data.at, 1, data.size, file);
}

void curl_handle_debug(const struct curl_handle *handle, curl_infotype type,
                       struct span data)
{
    const struct curl_options *options = &handle->options;
    if (!options->verbose)
        return;
    if (options->debug_function)
        (void)options->debug_function(handle->easy, type, (char *)data.at, data.size,
                                      options->debug_data);
    else
        debug_print(options->error_file, type, data);
}

void curl_handle_fail(const struct curl_handle *handle, const char *text)
{
    char line[CURL_ERROR_SIZE + 1];
    size_t size = strnlen(text, CURL_ERROR_SIZE - 1);
    memcpy(line, text, size);
    line[size] = 0;
    if (handle->options.error_buffer)
        memcpy(handle->options.error_buffer, line, size + 1);
    line[size] = '\n';
    curl_handle_debug(handle, CURLINFO_TEXT, span_of(line, size + 1));
}

static size_t call_write(curl_write_callback function, void *data, struct span bytes)
{
    if (!function)
        return fwrite(bytes.at, 1, bytes.size, data);
    return function((char *)bytes.at, 1, bytes.size, data);
}

size_t curl_handle_write(const struct curl_handle *handle, struct span bytes)
{
    return call_write(handle->options.write_function, handle->options.write_data, bytes);
}

size_t curl_handle_header(const struct curl_handle *handle, struct span line)
{
    const struct curl_options *options = &handle->options;
    if (options->header_function)
        return call_write(options->header_function, options->header_data, line);
    if (options->header_data) /* the old way: the write function gets them, too */
        return call_write(options->write_function, options->header_data, line);
    return line.size;
}
