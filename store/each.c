/* SPDX-License-Identifier: MIT */
/* All entries, see each.h. */
#include "each.h"

#include "batch.h"
#include "evicted.h"
#include "filing.h"
#include "walk.h"
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct each {
    struct store *store;
    bool verify;
    each_visit visit;
    void *context;
    struct span tags;    /* which it must have */
    struct buffer plain; /* the notes of the entry that is visited */
};

static enum each_state label_state(int result)
{
    if (result == STORE_OK)
        return EACH_OK;
    return result == STORE_UNAVAILABLE ? EACH_FOREIGN : EACH_DAMAGED;
}

/* Fills |out| from the |size| bytes that begin with |value|; notes go to |plain|. STORE_OK,
 * STORE_NO_MEMORY. */
static int examine(struct store *store, struct span value, uint64_t size, bool verify,
                   struct buffer *plain, struct each_entry *out)
{
    struct sealed sealed;
    struct tenant tenant;
    int result = sealed_parse_cut(value, size, &sealed);
    out->stored_bytes = size;
    if (result != STORE_OK) {
        out->state = label_state(result);
        return STORE_OK;
    }
    memcpy(out->tenant, sealed.tenant, TENANT_ID_SIZE);
    out->created_ms = sealed.created_ms;
    result = keyring_tenant_by_id(&store->keyring, store->layout.config, sealed.tenant,
                                  &tenant);
    if (result != STORE_OK) {
        out->state = EACH_UNKNOWN_TENANT;
        return result == STORE_NO_MEMORY ? result : STORE_OK;
    }
    result = unseal_notes(&sealed, &tenant, out->key, &out->label, &out->notes, plain);
    if (result == STORE_NO_MEMORY)
        return result;
    if (result == STORE_OK && verify && !sealed_authentic(&sealed, &tenant, out->key))
        result = STORE_MISS;
    out->state = label_state(result);
    if (result != STORE_OK) {
        out->label = (struct entry_label){0};
        out->notes = (struct entry_notes){0};
    }
    return STORE_OK;
}

static bool has_tags(const struct each_entry *entry, struct span tags)
{
    struct cursor cursor = cursor_of(tags);
    while (cursor.left) {
        struct span tag = cursor_framed(&cursor);
        if (!cursor_ok(&cursor) || !texts_hold(entry->notes.tags, tag))
            return false;
    }
    return true;
}

static bool visit_sealed(void *context, const struct walk_entry *found)
{
    struct each *each = context;
    struct each_entry entry = {.spooled = found->spooled};
    memcpy(entry.key, found->key, STORE_KEY_SIZE);
    if (found->unread) {
        entry.state = EACH_UNREAD;
        return each->visit(each->context, &entry);
    }
    buffer_clear(&each->plain);
    if (examine(each->store, found->value, found->size, each->verify, &each->plain,
                &entry) != STORE_OK)
        entry.state =
            EACH_UNKNOWN_TENANT; /* memory is short: nothing more is known of it */
    if (!has_tags(&entry, each->tags))
        return true;
    return each->visit(each->context, &entry);
}

static int each_prefix(struct each *each, struct span prefix)
{
    struct walk_rules rules = {.prefix = prefix,
                               .bytes = each->verify ? SEAL_LIMIT : WALK_LABEL,
                               .most = SIZE_MAX};
    int result = walk_entries(&each->store->layout, &rules, visit_sealed, each);
    buffer_free(&each->plain);
    return result;
}

int store_each(struct store *store, bool verify, each_visit visit, void *context)
{
    struct each each = {
        .store = store, .verify = verify, .visit = visit, .context = context};
    return each_prefix(&each, (struct span){0});
}

static int list_tagged(void *context, struct buffer *keys)
{
    struct each *each = context;
    return filing_find(&each->store->layout, &each->store->keyring, each->tags, keys);
}

static int list_indexed(void *context, struct buffer *keys)
{
    struct each *each = context;
    return filing_members(&each->store->layout, &each->store->keyring, each->tags, keys);
}

static int each_indexed(struct each *each, bool unread)
{
    struct walk_rules rules = {.bytes = WALK_LABEL, .most = SIZE_MAX};
    struct store *store = each->store;
    if (each->tags.size && filing_is_complete(store->layout.data)) {
        rules.list = unread ? list_indexed : list_tagged;
        rules.list_context = each;
        rules.unread = unread;
        rules.cache = &store->cache;
    }
    int result = walk_entries(&store->layout, &rules, visit_sealed, each);
    buffer_free(&each->plain);
    return result;
}

int store_each_tagged(struct store *store, struct span tags, each_visit visit,
                      void *context)
{
    struct each each = {.store = store, .visit = visit, .context = context, .tags = tags};
    return each_indexed(&each, false);
}

int store_each_listed(struct store *store, struct span tag, each_visit visit,
                      void *context)
{
    struct each each = {.store = store, .visit = visit, .context = context, .tags = tag};
    return each_indexed(&each, true);
}

struct search {
    const char *digits;
    size_t count;
    unsigned found;
    struct each_entry *about;
    struct buffer noted; /* a copy of its notes */
};

static bool search_visit(void *context, const struct each_entry *entry)
{
    struct search *search = context;
    char text[2 * STORE_KEY_SIZE + 1];
    hex_encode(entry->key, STORE_KEY_SIZE, text);
    if (memcmp(text, search->digits, search->count) != 0)
        return true;
    *search->about = *entry;
    buffer_clear(&search->noted);
    buffer_append_framed(&search->noted, entry->notes.tags);
    buffer_append_framed(&search->noted, entry->notes.ignored);
    buffer_append_framed(&search->noted, entry->notes.vector);
    buffer_append_framed(&search->noted, entry->notes.sample);
    return ++search->found < 2;
}

/* Gives the notes of |about| to |out|, which keeps them. */
static void notes_keep(struct buffer *noted, struct each_entry *about, struct entry *out)
{
    struct cursor cursor = cursor_of(buffer_span(noted));
    struct entry_notes *notes = &about->notes;
    *notes = (struct entry_notes){0};
    if (buffer_ok(noted)) {
        notes->tags = cursor_framed(&cursor);
        notes->ignored = cursor_framed(&cursor);
        notes->vector = cursor_framed(&cursor);
        notes->sample = cursor_framed(&cursor);
    }
    out->noted = *noted;
    *noted = (struct buffer){0};
}

int store_load(struct store *store, const char *digits, struct each_entry *about,
               struct entry *out)
{
    uint8_t prefix[STORE_KEY_SIZE];
    char whole[2 * STORE_KEY_SIZE + 1];
    struct search search = {.digits = digits, .count = strlen(digits), .about = about};
    struct each each = {.store = store, .visit = search_visit, .context = &search};
    struct tenant tenant;
    *about = (struct each_entry){0};
    if (search.count == 0 || search.count > 2 * STORE_KEY_SIZE)
        return STORE_CORRUPT;
    memcpy(whole, digits, search.count);
    memset(whole + search.count, '0', sizeof(whole) - 1 - search.count);
    whole[sizeof(whole) - 1] = 0;
    if (!hex_decode(whole, prefix, STORE_KEY_SIZE))
        return STORE_CORRUPT;
    int result = each_prefix(&each, span_of(prefix, search.count / 2));
    if (result == STORE_OK && search.found != 1)
        result = search.found ? STORE_AMBIGUOUS : STORE_MISS;
    if (result == STORE_OK && about->state != EACH_OK)
        result = STORE_MISS;
    if (result == STORE_OK)
        result = keyring_tenant_by_id(&store->keyring, store->layout.config,
                                      about->tenant, &tenant);
    if (result == STORE_OK)
        result = store_find_anywhere(store, &tenant, about->key, out);
    if (result == STORE_OK)
        notes_keep(&search.noted, about, out);
    else
        about->notes = (struct entry_notes){0};
    buffer_free(&search.noted);
    return result;
}

/* Files' times go on in steps of a clock's tick. */
#define STAMP_SETTLED_NS ((int64_t)100 * 1000000)

static struct file_stamp stamp_of(const char *path)
{
    struct file_stamp stamp;
    return file_stamp_of(path, &stamp) == STORE_OK ? stamp : (struct file_stamp){0};
}

struct store_stamp store_stamp_now(const struct store *store)
{
    return (struct store_stamp){stamp_of(store->layout.spool),
                                stamp_of(store->layout.data)};
}

static bool stamp_holds(const struct file_stamp *a, int64_t a_ms,
                        const struct file_stamp *b)
{
    return file_stamp_equal(a, b) && a_ms * 1000000 - a->modified_ns > STAMP_SETTLED_NS;
}

bool store_stamp_holds(const struct store_stamp *a, int64_t a_ms,
                       const struct store_stamp *b)
{
    return stamp_holds(&a->spool, a_ms, &b->spool) &&
           stamp_holds(&a->data, a_ms, &b->data);
}

/* Sums up the files whose names begin with |first|, or all when that is 0. */
static int directory_sum(const char *path, char first, uint64_t *files, uint64_t *bytes)
{
    DIR *stream = opendir(path);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    for (struct dirent *item; (item = readdir(stream));) {
        struct stat status;
        if ((first && item->d_name[0] != first) ||
            fstatat(dirfd(stream), item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(status.st_mode))
            continue;
        ++*files;
        *bytes += (uint64_t)status.st_size;
    }
    closedir(stream);
    return STORE_OK;
}

/* Adds the entries in batches. */
static int batches_sum(const char *spool, uint64_t *entries, uint64_t *bytes)
{
    struct batches batches = {0};
    int result = batches_load(&batches, spool);
    for (size_t i = 0; result == STORE_OK && i < batches_count(&batches); i++) {
        ++*entries;
        *bytes += batches_at(&batches, i)->size;
    }
    batches_free(&batches);
    return result;
}

int store_sizes(struct store *store, struct store_sizes *out)
{
    static const uint8_t name = RECORD_COUNTS;
    const struct layout *layout = &store->layout;
    struct writer_counts counts = {0};
    struct buffer value = {0};
    struct stat status;
    uint64_t segments = 0;
    *out = (struct store_sizes){0};
    if (stat(layout->data, &status) == 0)
        out->data_bytes = (uint64_t)status.st_blocks * 512;
    int result = pages_find(NULL, layout->data, span_of(&name, 1), 64, &value);
    if (result == STORE_OK && writer_counts_decode(buffer_span(&value), &counts)) {
        out->entries = counts.entries;
        out->aliases = counts.aliases;
    }
    buffer_free(&value);
    struct evicted_counts evicted = {0};
    if (result != STORE_NO_MEMORY)
        result = evicted_count(layout->data, &evicted);
    out->evicted = evicted.evicted;
    out->asked_again = evicted.asked_again;
    if (result == STORE_NO_MEMORY)
        return result;
    result =
        directory_sum(layout->spool, RECORD_ENTRY, &out->spooled, &out->spooled_bytes);
    if (result == STORE_OK)
        result = batches_sum(layout->spool, &out->spooled, &out->spooled_bytes);
    if (result == STORE_OK)
        result = directory_sum(layout->journal, 0, &segments, &out->journal_bytes);
    return result;
}
