/* SPDX-License-Identifier: MIT */
/* Random damage to every file of the store, seeded: bits, zeroes, truncation. A host never gets
 * a wrong answer, and nothing crashes; what is recorded afterwards is found. */
#include "unit.h"

#include "store/check.h"
#include "store_place.h"

#include <sys/wait.h>

#define ROUNDS  50
#define NUMBERS 60

static char (*files)[512];
static size_t file_count;

static int note_file(const char *path, const struct stat *status, int kind,
                     struct FTW *where)
{
    (void)status, (void)where;
    if (kind != FTW_F || file_count == 4096)
        return 0;
    snprintf(files[file_count++], sizeof(files[0]), "%s", path);
    return 0;
}

static void damage_file(const char *path)
{
    struct stat status;
    int descriptor = open(path, O_RDWR);
    if (descriptor < 0 || fstat(descriptor, &status) != 0 || status.st_size == 0) {
        close(descriptor);
        return;
    }
    switch (rand() % 4) {
    case 0:
        CHECK(ftruncate(descriptor, rand() % status.st_size) == 0);
        break;
    case 1: { /* zeroes, as after a power cut */
        static const uint8_t zeroes[4096];
        off_t at = rand() % status.st_size;
        size_t size = (size_t)(status.st_size - at) < sizeof(zeroes)
                          ? (size_t)(status.st_size - at)
                          : sizeof(zeroes);
        CHECK(pwrite(descriptor, zeroes, size, at) == (ssize_t)size);
        break;
    }
    default:
        for (int flips = 1 + rand() % 20; flips; flips--) {
            off_t range = rand() % 2 ? status.st_size : 256;
            off_t at = rand() % (range < status.st_size ? range : status.st_size);
            uint8_t byte = 0;
            CHECK(pread(descriptor, &byte, 1, at) == 1);
            byte ^= (uint8_t)(1 << rand() % 8);
            CHECK(pwrite(descriptor, &byte, 1, at) == 1);
        }
        break;
    }
    close(descriptor);
}

static void ignore_problem(void *context, const char *text)
{
    (void)context, (void)text;
}

static bool see_entry(void *context, const struct each_entry *entry)
{
    (void)entry;
    ++*(unsigned *)context;
    return true;
}

static void find_all(struct store *store, unsigned long results[16])
{
    struct tenant tenant;
    int result = store_tenant(store, span_text("alice"), false, &tenant);
    CHECK(result <= 0 && result >= STORE_NO_MEMORY);
    for (uint64_t i = 0; result == STORE_OK && i < NUMBERS; i++) {
        int found = number_find(store, &tenant, i);
        CHECK(found == STORE_OK || found == STORE_MISS || found == STORE_UNAVAILABLE);
        results[-found & 15]++;
    }
}

/* The merger trusts LMDB's library with the file: it may die of it, but then it is the next
 * one's turn to notice. Three of them are always enough. */
static void merge_in_child(struct place *place)
{
    int status = 0;
    for (int attempt = 0; attempt < 4; attempt++) {
        pid_t child = fork();
        if (child == 0) {
            int null = open("/dev/null", O_WRONLY);
            dup2(null, 2);
            int result = place_merge(place, NULL);
            _exit(result == STORE_OK || result == STORE_UNAVAILABLE ||
                          result == STORE_REFUSED
                      ? 0
                      : 1);
        }
        waitpid(child, &status, 0);
        if (status == 0)
            return;
    }
    CHECK_INT(status, 0);
}

static void damage_round(int round, unsigned long results[16])
{
    struct place place;
    struct store_check check;
    struct sums *sums;
    struct sums_rules rules = {.tags = true};
    struct journal_record record = {.verdict = VERDICT_HIT};
    unsigned seen = 0;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    for (uint64_t i = 0; i < NUMBERS; i++) {
        CHECK_INT(number_record(store, &tenant, i), STORE_OK);
        if (i == NUMBERS / 2)
            CHECK_INT(place_merge(&place, NULL), STORE_OK);
        store_journal(store, &record);
    }
    CHECK_INT(number_find(store, &tenant, 1), STORE_OK); /* warms the cache */
    struct store *cold = place_open(&place);
    file_count = 0;
    nftw(place.root, note_file, 16, FTW_PHYS);
    CHECK(file_count > NUMBERS);
    for (int i = 0; i < 40; i++)
        if (rand() % 3 == 0 || i % 8 == 0)
            damage_file(files[(size_t)rand() % file_count]);
    if (round % 2)
        damage_file(place_path(&place, "data.mdb"));
    find_all(store, results);
    find_all(cold, results);
    CHECK(store_check(&place.paths, ignore_problem, NULL, &check) == STORE_OK);
    (void)!store_each(cold, true, see_entry, &seen);
    CHECK(seen < 10000);
    (void)!store_sums(cold, &rules, &sums, NULL);
    sums_free(sums);
    for (int i = 0; i < 10; i++)
        store_journal(cold, &record);
    merge_in_child(&place);
    find_all(store, results);
    find_all(cold, results);
    if (store_tenant(cold, span_text("alice"), true, &tenant) == STORE_OK) {
        CHECK_INT(number_record(cold, &tenant, 500), STORE_OK);
        int found = number_find(cold, &tenant, 500);
        CHECK(found == STORE_OK);
    }
    store_close(store);
    store_close(cold);
    place_remove(&place);
}

static void test_damage(void)
{
    unsigned long results[16] = {0};
    files = calloc(4096, sizeof(*files));
    srand(20240608);
    for (int round = 0; files && round < ROUNDS; round++)
        damage_round(round, results);
    printf("# found %lu, missed %lu, unavailable %lu\n", results[0], results[1],
           results[2]);
    CHECK(results[0] > 0 && results[1] > 0);
    free(files);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(test_damage);
    return unit_end();
}
