/* SPDX-License-Identifier: MIT */
/* Host records in their directory, see hosts.h. An entry of the store in miniature: the
 * same seal, under a tenant that no credential stands behind. */
#include "hosts.h"

#include "layout.h"
#include "uncancelled.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#define RECORD_LIMIT ((size_t)1 << 20)
#define NAME_SIZE    (2 * STORE_KEY_SIZE + 1)

struct place {
    struct tenant tenant;
    uint8_t key[STORE_KEY_SIZE];
    char name[NAME_SIZE];
    struct path directory;
};

static int place_of(struct store *store, struct span host, bool create, struct place *out)
{
    struct key_hash hash;
    int result = keyring_tenant(&store->keyring, store->layout.config,
                                span_text("preecho hosts 1"), create, &out->tenant);
    if (result != STORE_OK)
        return result;
    key_begin(&hash, &out->tenant, "host");
    key_part(&hash, host);
    key_end(&hash, out->key);
    hex_encode(out->key, STORE_KEY_SIZE, out->name);
    return path_join(&out->directory, store->layout.store, "hosts") ? STORE_OK
                                                                    : STORE_UNAVAILABLE;
}

static int read_record(struct store *store, struct span host, struct buffer *blob,
                       struct place *place)
{
    struct path path;
    int result = place_of(store, host, false, place);
    if (result == STORE_OK && !path_join(&path, place->directory.text, place->name))
        result = STORE_UNAVAILABLE;
    return result == STORE_OK ? file_read(path.text, false, RECORD_LIMIT, blob, NULL)
                              : result;
}

int hosts_find(struct store *store, struct span host, struct buffer *out)
{
    UNCANCELLED;
    struct place place;
    struct sealed sealed;
    struct entry_label label;
    struct unsealer unsealer = {0};
    struct buffer blob = {0};
    int result = read_record(store, host, &blob, &place);
    if (result == STORE_OK)
        result = sealed_parse(buffer_span(&blob), &sealed);
    if (result == STORE_OK)
        result = unseal_entry(&unsealer, &sealed, &place.tenant, place.key, &label, out);
    unseal_free(&unsealer);
    buffer_free(&blob);
    if (result == STORE_OK || result == STORE_NO_MEMORY || result == STORE_UNAVAILABLE)
        return result;
    return STORE_MISS;
}

int hosts_record(struct store *store, struct span host, struct span record)
{
    UNCANCELLED;
    struct place place;
    struct buffer blob = {0};
    const struct entry_label label = {0};
    int result = place_of(store, host, true, &place);
    if (result == STORE_OK)
        result = seal_entry(&place.tenant, place.key, &label, NULL, record, &blob);
    if (result == STORE_OK)
        result = directory_check(place.directory.text, true);
    if (result == STORE_OK)
        result = file_replace(place.directory.text, place.name, buffer_span(&blob));
    buffer_free(&blob);
    return result == STORE_MISS ? STORE_UNAVAILABLE : result;
}

/* Everything but directories: what was left of a write that broke off goes, too. */
int hosts_clear(struct store *store)
{
    struct path directory;
    if (!path_join(&directory, store->layout.store, "hosts"))
        return STORE_UNAVAILABLE;
    DIR *stream = opendir(directory.text);
    if (!stream)
        return errno == ENOENT ? STORE_OK : STORE_UNAVAILABLE;
    int result = STORE_OK;
    const struct dirent *entry;
    while ((entry = readdir(stream)))
        if (entry->d_name[0] != '.' && unlinkat(dirfd(stream), entry->d_name, 0) != 0 &&
            errno != ENOENT)
            result = STORE_UNAVAILABLE;
    closedir(stream);
    return result;
}
