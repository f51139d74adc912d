/* SPDX-License-Identifier: MIT */
/* Facts on disk: found again, replaced, sealed, damaged, removed. */
#include "unit.h"

#include "store/facts.h"
#include "store_place.h"

static struct place place;

static void find(struct store *store, const char *host, const char *expected)
{
    struct buffer found = {0};
    int result = facts_find(store, FACTS_HOSTS, span_text(host), &found);
    CHECK_INT(result, expected ? STORE_OK : STORE_MISS);
    CHECK(span_is(buffer_span(&found), expected ? expected : ""));
    buffer_free(&found);
}

static void test_found_again(void)
{
    place_make(&place);
    struct store *store = place_open(&place);
    find(store, "a.example", NULL);
    CHECK_INT(
        facts_record(store, FACTS_HOSTS, span_text("a.example"), span_text("first")),
        STORE_OK);
    CHECK_INT(
        facts_record(store, FACTS_HOSTS, span_text("b.example"), span_text("other")),
        STORE_OK);
    CHECK_INT(
        facts_record(store, FACTS_HOSTS, span_text("a.example"), span_text("second")),
        STORE_OK);
    find(store, "a.example", "second");
    store_close(store);
    store = place_open(&place); /* another process */
    find(store, "a.example", "second");
    find(store, "b.example", "other");
    find(store, "a.exampl", NULL);
    CHECK_INT(facts_clear(store), STORE_OK);
    find(store, "a.example", NULL);
    CHECK_INT(facts_clear(store), STORE_OK);
    store_close(store);
    place_remove(&place);
}

/* Calls |visit| with the path of each file in hosts/. */
static unsigned each_file(void (*visit)(const char *path))
{
    char directory[400], path[700];
    unsigned count = 0;
    snprintf(directory, sizeof(directory), "%s/hosts", place.store);
    DIR *stream = opendir(directory);
    for (struct dirent *item; stream && (item = readdir(stream));) {
        if (item->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, item->d_name);
        visit(path);
        count++;
    }
    closedir(stream);
    return count;
}

static void check_sealed(const char *path)
{
    struct buffer content = {0};
    CHECK(!strstr(path, "secret.example"));
    CHECK_INT(file_read(path, true, 4096, &content, NULL), STORE_OK);
    CHECK_INT(span_find(buffer_span(&content), span_text("address")), content.size);
    buffer_free(&content);
}

static void spoil(const char *path)
{
    int file = open(path, O_RDWR);
    off_t last = lseek(file, 0, SEEK_END) - 1;
    uint8_t byte;
    CHECK_INT(pread(file, &byte, 1, last), 1);
    byte ^= 1;
    CHECK_INT(pwrite(file, &byte, 1, last), 1);
    close(file);
}

static void test_sealed_and_damaged(void)
{
    place_make(&place);
    struct store *store = place_open(&place);
    CHECK_INT(facts_record(store, FACTS_HOSTS, span_text("secret.example"),
                           span_text("address")),
              STORE_OK);
    CHECK_INT(each_file(check_sealed), 1);
    each_file(spoil);
    find(store, "secret.example", NULL);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_found_again);
    RUN(test_sealed_and_damaged);
    return unit_end();
}
