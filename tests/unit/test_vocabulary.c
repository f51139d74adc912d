/* SPDX-License-Identifier: MIT */
/* A tenant's vocabulary: it is bounded, survives as bytes, is learned by the merge from each entry
 * once, sealed, read by hosts, and goes with its tenant. */
#include "unit.h"

#include "store/forget.h"
#include "store/memory.h"
#include "store/partition.h"
#include "store/purge.h"
#include "store/vocabulary_cache.h"
#include "store_place.h"

#include <pthread.h>
#include <sys/wait.h>

static uint32_t count_of(const struct vocabulary *vocabulary, const char *word)
{
    return vocabulary ? vocabulary_count(vocabulary, span_text(word)) : 0;
}

static void add(struct vocabulary *vocabulary, const char *words)
{
    CHECK(vocabulary_add(vocabulary, span_text(words)));
}

/* -- words ----------------------------------------------------------------------------- */

static void test_words(void)
{
    struct vocabulary *vocabulary = vocabulary_new();
    add(vocabulary, "good question good");
    add(vocabulary, "question");
    add(vocabulary, "  a Bad c3po caf\xc3\xa9 abcdefghijklmnopqrstuvwxy  ");
    add(vocabulary, "");
    CHECK_INT(vocabulary_prompts(vocabulary), 4);
    CHECK_INT(vocabulary_words(vocabulary), 2);
    CHECK_INT(count_of(vocabulary, "good"), 1);
    CHECK_INT(count_of(vocabulary, "question"), 2);
    CHECK_INT(count_of(vocabulary, "bad"), 0);
    vocabulary_hold(vocabulary);
    vocabulary_free(vocabulary);
    CHECK_INT(count_of(vocabulary, "good"), 1);
    vocabulary_free(vocabulary);
    vocabulary_free(NULL);
}

/* Word number |number|, letters alone. */
static const char *word_of(uint32_t number)
{
    static char text[8];
    for (unsigned i = 0; i < 6; i++, number /= 26)
        text[i] = (char)('a' + number % 26);
    return text;
}

/* Rare words go, the oldest first; what is frequent stays however old it is. */
static void test_bound(void)
{
    struct vocabulary *vocabulary = vocabulary_new();
    for (unsigned i = 0; i < 100; i++)
        for (unsigned k = 0; k < 3; k++)
            add(vocabulary, word_of(i));
    for (uint32_t i = 100; i < 3 * VOCABULARY_WORDS; i++) {
        add(vocabulary, word_of(i));
        if (vocabulary_words(vocabulary) > VOCABULARY_WORDS)
            break;
    }
    CHECK_INT(vocabulary_prompts(vocabulary), 300 - 100 + 3 * VOCABULARY_WORDS);
    CHECK(vocabulary_words(vocabulary) > VOCABULARY_WORDS / 2);
    CHECK(vocabulary_words(vocabulary) <= VOCABULARY_WORDS);
    for (unsigned i = 0; i < 100; i++)
        CHECK_INT(count_of(vocabulary, word_of(i)), 3);
    CHECK_INT(count_of(vocabulary, word_of(100)), 0);
    CHECK_INT(count_of(vocabulary, word_of(3 * VOCABULARY_WORDS - 1)), 1);
    /* Nothing but frequent ones: then those that are less so. */
    for (uint32_t i = 0; i < VOCABULARY_WORDS + 100; i++)
        for (unsigned k = 0; k < 2; k++)
            add(vocabulary, word_of(i + 1000000));
    CHECK(vocabulary_words(vocabulary) <= VOCABULARY_WORDS);
    CHECK_INT(count_of(vocabulary, word_of(99)), 3);
    vocabulary_free(vocabulary);
}

static void test_bytes(void)
{
    struct vocabulary *vocabulary = vocabulary_new(), *other;
    struct buffer bytes = {0}, again = {0};
    for (uint32_t i = 0; i < 5000; i++)
        add(vocabulary, word_of(i % 3000));
    for (unsigned i = 0; i < 70000; i++)
        add(vocabulary, "often");
    CHECK_INT(count_of(vocabulary, "often"), 65535);
    vocabulary_encode(vocabulary, &bytes);
    CHECK_INT(vocabulary_decode(buffer_span(&bytes), &other), STORE_OK);
    vocabulary_encode(other, &again);
    CHECK(span_equal(buffer_span(&bytes), buffer_span(&again)));
    CHECK_INT(vocabulary_prompts(other), 75000);
    CHECK_INT(count_of(other, word_of(7)), 2);
    CHECK_INT(count_of(other, word_of(2500)), 1);
    /* It goes on being learned. */
    add(other, word_of(7));
    CHECK_INT(count_of(other, word_of(7)), 3);
    vocabulary_free(other);
    vocabulary_free(vocabulary);
    buffer_free(&bytes);
    buffer_free(&again);
}

static void check_corrupt(const char *bytes, size_t size)
{
    struct vocabulary *vocabulary;
    CHECK_INT(vocabulary_decode(span_of(bytes, size), &vocabulary), STORE_CORRUPT);
    CHECK(vocabulary == NULL);
}

static void test_damage(void)
{
    static const char good[] = "\1\0\7\0\0\0\4good\3\0\2at\1\0";
    struct vocabulary *vocabulary;
    size_t size = sizeof(good) - 1;
    CHECK_INT(vocabulary_decode(span_of(good, size), &vocabulary), STORE_OK);
    CHECK_INT(count_of(vocabulary, "good"), 3);
    vocabulary_free(vocabulary);
    for (size_t i = 0; i < size; i++)
        if (i != 6 && i != 13) /* between two words */
            check_corrupt(good, i);
    check_corrupt("\2\0\7\0\0\0", 6);                  /* version */
    check_corrupt("\1\0\7\0\0\0\4gooD\3\0", 13);       /* no word */
    check_corrupt("\1\0\7\0\0\0\1g\3\0", 10);          /* too short */
    check_corrupt("\1\0\7\0\0\0\4good\0\0", 13);       /* in no prompt */
    check_corrupt("\1\0\7\0\0\0\2at\1\0\2at\1\0", 16); /* twice */
    check_corrupt("\1\0\7\0\0\0\x19"
                  "aaaaaaaaaaaaaaaaaaaaaaaaa\3\0",
                  34); /* too long */
    struct buffer many = {0};
    buffer_append(&many, "\1\0\7\0\0\0", 6);
    for (uint32_t i = 0; i <= VOCABULARY_WORDS; i++) {
        buffer_append_byte(&many, 6);
        buffer_append_text(&many, word_of(i));
        buffer_append_u16(&many, 1);
    }
    check_corrupt((const char *)many.at, many.size); /* too many */
    CHECK_INT(vocabulary_decode(span_of(many.at, many.size - 9), &vocabulary), STORE_OK);
    vocabulary_free(vocabulary);
    buffer_free(&many);
}

static void test_short_memory(void)
{
    struct buffer bytes = {0};
    struct vocabulary *vocabulary = NULL;
    bool good = false;
    for (unsigned long i = 1; i < 100 && !good; i++) {
        memory_fail_from(i);
        vocabulary = vocabulary_new();
        good = vocabulary != NULL;
        for (uint32_t k = 0; k < 3000 && good; k++)
            good = vocabulary_add(vocabulary, span_text(word_of(k)));
        memory_fail_from(0);
        for (uint32_t k = 0; k < 3000 && vocabulary; k++)
            CHECK(count_of(vocabulary, word_of(k)) <= 1);
        if (!good)
            vocabulary_free(vocabulary);
    }
    CHECK(good);
    vocabulary_encode(vocabulary, &bytes);
    vocabulary_free(vocabulary);
    good = false;
    for (unsigned long i = 1; i < 100 && !good; i++) {
        memory_fail_from(i);
        int result = vocabulary_decode(buffer_span(&bytes), &vocabulary);
        memory_fail_from(0);
        CHECK(result == STORE_OK || (result == STORE_NO_MEMORY && !vocabulary));
        good = result == STORE_OK;
        vocabulary_free(vocabulary);
    }
    CHECK(good);
    buffer_free(&bytes);
}

/* -- in a store ------------------------------------------------------------------------ */

static int record(struct store *store, const struct tenant *tenant, uint64_t number,
                  const char *words)
{
    uint8_t key[STORE_KEY_SIZE];
    struct entry_label label = {.dialect = "openai", .model = "m", .host = "h"};
    struct entry_notes notes = {.words = span_text(words)};
    snprintf(label.tenant, sizeof(label.tenant), "%02x", tenant->id[0]);
    number_key(number, 1, key);
    return store_record(store, tenant, key, NULL, &label, &notes, span_text("answer"));
}

/* What a host reads: in how many prompts |word| is; -1: there is no vocabulary. */
static int known(struct store *store, const struct tenant *tenant, const char *word)
{
    struct vocabulary *vocabulary;
    int result = store_vocabulary(store, tenant, &vocabulary);
    CHECK((result == STORE_OK) == (vocabulary != NULL));
    int count = result == STORE_OK ? (int)count_of(vocabulary, word) : -1;
    vocabulary_free(vocabulary);
    return count;
}

static void merge(struct place *place)
{
    CHECK_INT(place_merge(place, NULL), STORE_OK);
}

static void test_learning(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one"), two = place_tenant(store, "two");
    CHECK_INT(known(store, &one, "question"), -1);
    for (uint64_t i = 0; i < 10; i++)
        CHECK_INT(record(store, &one, i, "good question"), STORE_OK);
    CHECK_INT(record(store, &two, 20, "answer"), STORE_OK);
    CHECK_INT(record(store, &two, 21, ""), STORE_OK);
    CHECK_INT(known(store, &one, "question"), -1);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 10);
    CHECK_INT(known(store, &one, "answer"), 0);
    CHECK_INT(known(store, &two, "question"), 0);
    CHECK_INT(known(store, &two, "answer"), 1);
    /* A later merge adds; an entry that is recorded again teaches nothing; nor does none. */
    CHECK_INT(record(store, &one, 3, "good question"), STORE_OK);
    CHECK_INT(record(store, &one, 30, "question"), STORE_OK);
    merge(&place);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 11);
    CHECK_INT(known(store, &one, "good"), 10);
    /* Another process reads the same. */
    struct store *other = place_open(&place);
    CHECK_INT(known(other, &one, "question"), 11);
    store_close(other);
    store_close(store);
    place_remove(&place);
}

/* More than one transaction may have, of several tenants. */
static void test_many(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenants[3];
    for (unsigned i = 0; i < 3; i++)
        tenants[i] = place_tenant(store, word_of(i));
    for (uint64_t i = 0; i < 5000; i++)
        CHECK_INT(
            record(store, &tenants[i % 8 ? 0 : i % 3], i, word_of((uint32_t)i % 50)),
            STORE_OK);
    merge(&place);
    int sum = 0;
    for (unsigned i = 0; i < 3; i++)
        sum += known(store, &tenants[i], word_of(7));
    CHECK_INT(sum, 100);
    store_close(store);
    place_remove(&place);
}

static uint64_t purge(struct store *store, purge_choose choose, struct span tenants)
{
    uint64_t removed;
    struct purge_rules rules = {.thorough = tenants.size > 0, .tenants = tenants};
    CHECK_INT(store_purge(store, &rules, choose, NULL, &removed), STORE_OK);
    return removed;
}

static bool choose_first(void *context, const struct each_entry *entry)
{
    uint8_t key[STORE_KEY_SIZE];
    (void)context;
    number_key(0, 1, key);
    return memcmp(key, entry->key, sizeof(key)) == 0;
}

/* Counts stay when an entry goes; all of it goes with all entries, and with the tenant. */
static void test_purge(void)
{
    struct place place;
    struct forget_counts counts;
    char who[2 * TENANT_ID_SIZE + 1];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one"), two = place_tenant(store, "two");
    for (uint64_t i = 0; i < 3; i++)
        CHECK_INT(record(store, &one, i, "question"), STORE_OK);
    CHECK_INT(record(store, &two, 10, "answer"), STORE_OK);
    merge(&place);
    CHECK_INT(purge(store, choose_first, (struct span){0}), 1);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 3);
    /* Recorded anew, it counts anew. */
    CHECK_INT(record(store, &one, 0, "question"), STORE_OK);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 4);
    hex_encode(one.id, TENANT_ID_SIZE, who);
    CHECK_INT(store_forget(store, who, false, &counts), STORE_OK);
    CHECK_INT(known(store, &one, "question"), -1);
    CHECK_INT(known(store, &two, "answer"), 1);
    merge(&place);
    CHECK_INT(purge(store, NULL, (struct span){0}), 1);
    CHECK_INT(known(store, &two, "answer"), -1);
    store_close(store);
    place_remove(&place);
}

/* -- what is on disk ------------------------------------------------------------------- */

static void read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    for (int byte; file && (byte = getc(file)) != EOF;)
        buffer_append_byte(out, (uint8_t)byte);
    if (file)
        fclose(file);
}

static void write_file(const char *path, const struct buffer *from)
{
    FILE *file = fopen(path, "w");
    CHECK(file && fwrite(from->at, from->size, 1, file) == 1 && fclose(file) == 0);
}

static void test_sealed(void)
{
    struct place place;
    struct buffer file = {0}, value = {0}, other = {0};
    struct vocabulary *vocabulary;
    struct vocabulary_key name;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one"), two = place_tenant(store, "two");
    for (uint64_t i = 0; i < 40; i++)
        CHECK_INT(record(store, &one, i, "peculiar"), STORE_OK);
    merge(&place);
    CHECK_INT(known(store, &one, "peculiar"), 40);
    read_file(place_path(&place, "data.mdb"), &file);
    CHECK_INT(span_find(buffer_span(&file), span_text("peculiar")), file.size);
    /* No byte of it may change, and it is nobody else's. */
    CHECK_INT(pages_find(NULL, store->layout.data, vocabulary_key(&name, one.id),
                         PARTITION_VALUE, &value),
              STORE_OK);
    CHECK_INT(vocabulary_open(&one, buffer_span(&value), &vocabulary), STORE_OK);
    vocabulary_free(vocabulary);
    CHECK_INT(vocabulary_open(&two, buffer_span(&value), &vocabulary), STORE_CORRUPT);
    for (size_t i = 0; i < value.size; i++) {
        value.at[i] ^= 1;
        CHECK_INT(vocabulary_open(&one, buffer_span(&value), &vocabulary), STORE_CORRUPT);
        CHECK_INT(vocabulary_open(&one, span_of(value.at, i), &vocabulary),
                  STORE_CORRUPT);
        value.at[i] ^= 1;
    }
    /* A damaged one is none for hosts, and begins anew with the next lesson. */
    unsigned copies = 0; /* those in free pages, too */
    for (size_t at; (at = span_find(buffer_span(&file), buffer_span(&value))) < file.size;
         copies++)
        file.at[at + 30] ^= 1;
    CHECK(copies > 0);
    write_file(place_path(&place, "data.mdb"), &file);
    CHECK_INT(known(store, &one, "peculiar"),
              40); /* as was read; the stamp is the same */
    store_close(store);
    store = place_open(&place);
    CHECK_INT(known(store, &one, "peculiar"), -1);
    CHECK_INT(record(store, &one, 100, "peculiar"), STORE_OK);
    merge(&place);
    CHECK_INT(known(store, &one, "peculiar"), 1);
    store_close(store);
    buffer_free(&file);
    buffer_free(&value);
    buffer_free(&other);
    place_remove(&place);
}

/* Where the database is made anew from what can be read of it, so is the vocabulary. */
static void test_salvage(void)
{
    struct place place;
    char from[512];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one");
    for (uint64_t i = 0; i < 20; i++)
        CHECK_INT(record(store, &one, i, "question"), STORE_OK);
    merge(&place);
    snprintf(from, sizeof(from), "%s", place_path(&place, "data.mdb"));
    CHECK_INT(rename(from, place_path(&place, "damaged.mdb")), 0);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 20);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 20);
    store_close(store);
    place_remove(&place);
}

/* -- in hosts -------------------------------------------------------------------------- */

/* More tenants than the cache has places. */
static void test_tenants(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenants[VOCABULARY_CACHED + 3];
    size_t count = sizeof(tenants) / sizeof(*tenants);
    for (size_t i = 0; i < count; i++) {
        tenants[i] = place_tenant(store, word_of((uint32_t)i));
        for (uint64_t k = 0; k <= i; k++)
            CHECK_INT(record(store, &tenants[i], i * 100 + k, "question"), STORE_OK);
    }
    merge(&place);
    for (unsigned round = 0; round < 3; round++)
        for (size_t i = 0; i < count; i++)
            CHECK_INT(known(store, &tenants[i], "question"), (int)i + 1);
    store_close(store);
    place_remove(&place);
}

/* Whoever finds the cache busy goes without, and a child of a process where it was starts anew. */
static void test_busy(void)
{
    struct place place;
    int status = 1;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one");
    CHECK_INT(record(store, &one, 1, "question"), STORE_OK);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 1);
    pthread_mutex_lock(&store->vocabularies.lock);
    CHECK_INT(known(store, &one, "question"), -1);
    pid_t child = fork();
    if (child == 0) {
        store_after_fork(store);
        _exit(known(store, &one, "question") == 1 ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    pthread_mutex_unlock(&store->vocabularies.lock);
    CHECK_INT(known(store, &one, "question"), 1);
    store_close(store);
    place_remove(&place);
}

struct reader {
    struct store *store;
    const struct tenant *tenant;
    _Atomic bool *stop;
    unsigned reads, wrong;
};

static void *read_on(void *context)
{
    struct reader *reader = context;
    while (!*reader->stop) {
        struct vocabulary *vocabulary;
        if (store_vocabulary(reader->store, reader->tenant, &vocabulary) != STORE_OK)
            continue;
        /* Each merge teaches both words as often. */
        reader->wrong += count_of(vocabulary, "good") != count_of(vocabulary, "question");
        reader->reads++;
        vocabulary_free(vocabulary);
    }
    return NULL;
}

/* Threads that read while merges change it. */
static void test_threads(void)
{
    struct place place;
    pthread_t threads[3];
    struct reader readers[3];
    _Atomic bool stop = false;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one");
    CHECK_INT(record(store, &one, 0, "good question"), STORE_OK);
    merge(&place);
    for (unsigned i = 0; i < 3; i++) {
        readers[i] = (struct reader){.store = store, .tenant = &one, .stop = &stop};
        CHECK_INT(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    for (uint64_t i = 1; i <= 40; i++) {
        CHECK_INT(record(store, &one, i, "good question"), STORE_OK);
        merge(&place);
    }
    stop = true;
    unsigned wrong = 0;
    for (unsigned i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        wrong += readers[i].wrong;
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(known(store, &one, "question"), 41);
    store_close(store);
    place_remove(&place);
}

/* Each request for memory fails once: in a host there is none then, in a merge it is an error, and
 * nothing is counted twice. */
static void test_store_memory(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant one = place_tenant(store, "one");
    bool good = false;
    for (uint64_t i = 0; i < 5; i++)
        CHECK_INT(record(store, &one, i, "good question"), STORE_OK);
    for (unsigned long i = 1; i < 1000 && !good; i++) {
        memory_fail_from(i);
        int result = place_merge(&place, NULL);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY);
        good = result == STORE_OK;
    }
    CHECK(good);
    merge(&place);
    CHECK_INT(known(store, &one, "question"), 5);
    store_close(store);
    good = false;
    for (unsigned long i = 1; i < 100 && !good; i++) {
        struct vocabulary *vocabulary;
        store = place_open(&place);
        memory_fail_from(i);
        int result = store_vocabulary(store, &one, &vocabulary);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY);
        good = result == STORE_OK;
        CHECK_INT(count_of(vocabulary, "question"), good ? 5 : 0);
        vocabulary_free(vocabulary);
        store_close(store);
    }
    CHECK(good);
    place_remove(&place);
}

int main(void)
{
    RUN(test_words);
    RUN(test_bound);
    RUN(test_bytes);
    RUN(test_damage);
    RUN(test_short_memory);
    RUN(test_learning);
    RUN(test_many);
    RUN(test_purge);
    RUN(test_sealed);
    RUN(test_salvage);
    RUN(test_tenants);
    RUN(test_busy);
    RUN(test_threads);
    RUN(test_store_memory);
    return unit_end();
}
