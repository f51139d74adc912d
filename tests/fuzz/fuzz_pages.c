/* SPDX-License-Identifier: MIT */
/* The reader of LMDB's file. The input is an edit script on a small sound file: three bytes of
 * place and one of content each; or, when it begins with 0xff, the file itself. */
#include "store/files.h"
#include "store/pages.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/tmp/preecho-fuzz-XXXXXX";
static char path[64];
static struct buffer sound;

static void make_sound(void)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    char text[3000];
    memset(text, 'x', sizeof(text));
    if (!mkdtemp(directory) || mdb_env_create(&env) ||
        mdb_env_open(env, directory, MDB_NOSYNC, 0600))
        abort();
    for (int round = 0; round < 3; round++) {
        if (mdb_txn_begin(env, NULL, 0, &txn) || mdb_dbi_open(txn, NULL, 0, &dbi))
            abort();
        for (unsigned i = 0; i < 60; i++) {
            char name[8];
            snprintf(name, sizeof(name), "e%06u", i * 7919 % 1000);
            MDB_val key = {7, name}, value = {i * 50, text};
            if (mdb_put(txn, dbi, &key, &value, 0))
                abort();
        }
        if (mdb_txn_commit(txn))
            abort();
    }
    mdb_env_close(env);
    snprintf(path, sizeof(path), "%s/data.mdb", directory);
    if (file_read(path, false, SIZE_MAX, &sound, NULL) != STORE_OK)
        abort();
}

static bool count_visits(void *context, struct span key, struct span value, uint64_t size)
{
    (void)value, (void)size;
    if (key.size > PAGES_KEY_LIMIT || ++*(unsigned *)context > 1000000)
        abort();
    return true;
}

static void file_write(const uint8_t *bytes, size_t size)
{
    int descriptor = open(path, O_RDWR | O_CREAT, 0600);
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, bytes, size, 0) < 0)
        abort();
    close(descriptor);
}

static void file_edit(const uint8_t *data, size_t size)
{
    static struct buffer edited;
    buffer_clear(&edited);
    buffer_append_span(&edited, buffer_span(&sound));
    for (; size >= 4; data += 4, size -= 4) {
        size_t place = data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16;
        edited.at[place % edited.size] = data[3];
    }
    file_write(edited.at, edited.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pages_cache cache = {.lock = PTHREAD_MUTEX_INITIALIZER};
    unsigned count = 0;
    struct buffer value = {0};
    if (!sound.at)
        make_sound();
    if (size && data[0] == 0xff)
        file_write(data + 1, size - 1);
    else
        file_edit(data, size);
    (void)!pages_find(&cache, path, span_text("e000500"), 1 << 20, &value);
    (void)!pages_find(NULL, path, span_text("e000007"), 1 << 20, &value);
    (void)!pages_scan(path, span_text("e"), 1 << 20, count_visits, &count);
    (void)!pages_verify(path);
    (void)!pages_check(path);
    buffer_free(&value);
    return 0;
}
