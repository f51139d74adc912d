/* SPDX-License-Identifier: MIT */
/* The store's health, see check.h. */
#include "check.h"

#include "layout.h"
#include "memory.h"
#include "pages.h"
#include "records.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct check {
    struct layout layout;
    check_problem tell;
    void *context;
    struct store_check *out;
};

/* "what path: why" */
static void tell(struct check *check, const char *what, const char *path, const char *why)
{
    struct buffer text = {0};
    buffer_append_text(&text, what);
    buffer_append_text(&text, " ");
    buffer_append_text(&text, path);
    buffer_append_text(&text, ": ");
    buffer_append_text(&text, why);
    buffer_append_byte(&text, 0);
    check->out->problems++;
    check->tell(check->context, buffer_ok(&text) ? (const char *)text.at : why);
    buffer_free(&text);
}

static const char *why(int result)
{
    return store_result_text(result);
}

static void examine_directory(struct check *check, const char *path, bool needed)
{
    int result = directory_check(path, false);
    if (result != STORE_OK && (needed || result != STORE_MISS))
        tell(check, "directory", path, why(result));
    if (result == STORE_OK && access(path, W_OK) != 0)
        tell(check, "directory", path, "cannot be written, so nothing is recorded");
}

static void examine_secret(struct check *check)
{
    uint8_t secret[SECRET_SIZE];
    struct file_stamp stamp;
    struct path path;
    int result = secret_load(check->layout.config, false, secret, &stamp);
    if (result == STORE_OK || result == STORE_MISS)
        return;
    if (path_join(&path, check->layout.config, "secret"))
        tell(check, "secret", path.text,
             result == STORE_REFUSED ? "owned by someone else, or others may read it"
             : result == STORE_CORRUPT
                 ? "is not 32 bytes long; what was recorded under it is lost, remove it"
                 : why(result));
}

static void examine_salts(struct check *check)
{
    struct path salts;
    uint8_t id[TENANT_ID_SIZE], salt[SECRET_SIZE];
    struct file_stamp stamp;
    if (!path_join(&salts, check->layout.config, "salts"))
        return;
    examine_directory(check, salts.text, false);
    DIR *stream = opendir(salts.text);
    if (!stream)
        return;
    for (struct dirent *item; (item = readdir(stream));) {
        if (!hex_decode(item->d_name, id, sizeof(id)))
            continue;
        int result = salt_load(check->layout.config, id, false, salt, &stamp);
        if (result == STORE_OK)
            check->out->tenants++;
        else
            tell(check, "salt", item->d_name,
                 result == STORE_MISS ? "is not 32 bytes long: its entries are lost"
                                      : why(result));
    }
    closedir(stream);
}

static void examine_data(struct check *check)
{
    struct path path;
    const char *data = check->layout.data;
    int result = file_check(data);
    if (result == STORE_REFUSED || result == STORE_UNAVAILABLE)
        tell(check, "file", data, why(result));
    if (result == STORE_OK)
        result = pages_check(data);
    if (result == STORE_CORRUPT)
        tell(check, "file", data, "is damaged; `preecho merge` saves what can be read");
    else if (result == STORE_UNAVAILABLE)
        tell(check, "file", data, "was written by another version of LMDB");
    if (path_join(&path, check->layout.store, "damaged.mdb") &&
        access(path.text, F_OK) == 0)
        tell(check, "file", path.text, "is left over; `preecho merge` saves its entries");
}

static bool count_entry(void *context, const struct each_entry *entry)
{
    struct store_check *out = context;
    out->spooled += entry->spooled;
    switch (entry->state) {
    case EACH_OK:
        out->entries++;
        break;
    case EACH_UNKNOWN_TENANT:
        out->unknown_tenant++;
        break;
    case EACH_FOREIGN:
        out->foreign++;
        break;
    case EACH_DAMAGED:
        out->damaged++;
        break;
    case EACH_UNREAD:
        break;
    }
    return true;
}

static bool ignore_record(void *context, const struct journal_record *record)
{
    (void)context, (void)record;
    return true;
}

static int examine_content(struct check *check, const struct store_paths *paths)
{
    struct store *store;
    if (directory_check(check->layout.store, false) != STORE_OK ||
        directory_check(check->layout.config, false) != STORE_OK)
        return STORE_OK; /* store_open() would make them */
    int result = store_open(&store, paths);
    if (result == STORE_NO_MEMORY)
        return result;
    if (result != STORE_OK)
        return STORE_OK; /* why was told already */
    result = store_each(store, true, count_entry, check->out);
    if (result != STORE_OK && result != STORE_NO_MEMORY)
        tell(check, "file", check->layout.data, why(result));
    if (result != STORE_NO_MEMORY)
        result = store_each_record(store, ignore_record, NULL, &check->out->journal);
    if (result != STORE_OK && result != STORE_NO_MEMORY)
        tell(check, "journal", check->layout.journal, why(result));
    store_close(store);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

int store_check(const struct store_paths *paths, check_problem tell_one, void *context,
                struct store_check *out)
{
    struct check *check = memory_new(sizeof(*check));
    if (!check)
        return STORE_NO_MEMORY;
    *out = (struct store_check){0};
    *check = (struct check){.tell = tell_one, .context = context, .out = out};
    int result = STORE_OK;
    if (!layout_from(&check->layout, paths)) {
        tell(check, "path", paths->store ? paths->store : "",
             "must be absolute, and not longer than 640 bytes");
    } else {
        examine_directory(check, check->layout.store, true);
        examine_directory(check, check->layout.config, true);
        examine_directory(check, check->layout.spool, false);
        examine_directory(check, check->layout.journal, false);
        examine_secret(check);
        examine_salts(check);
        examine_data(check);
        result = examine_content(check, paths);
    }
    memory_free(check);
    return result;
}
