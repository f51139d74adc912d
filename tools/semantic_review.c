/* SPDX-License-Identifier: MIT */
/* `preecho semantic review`: who has both answers before them says whether one does for the other. */
#include "semantic.h"

#include "command.h"
#include "print.h"
#include "settings.h"
#include "shim/core/api/prompt.h"
#include "shim/core/api/record.h"
#include "sides.h"
#include "store/reviews.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#define WIDTH 80

/* One side: the entry's question and answer as text. */
struct side {
    struct buffer question, answer;
};

static bool take_user_text(struct json text, enum prompt_role role, void *context)
{
    struct buffer *question = context;
    if (role == PROMPT_USER) {
        buffer_clear(question);
        json_append_text(text, question);
    }
    return true;
}

/* The last message of the user; the whole body where nobody knows which that is. */
static void question_of(const struct request *request, struct buffer *out)
{
    struct call call = {0};
    if (api_recognise(request, &call) == REASON_NONE)
        (void)prompt_each(&call, request->body, take_user_text, out);
    api_call_free(&call);
    if (out->size == 0)
        buffer_append_span(out, request->body);
}

/* STORE_OK, STORE_MISS (it is gone), and store_find's other results. */
static int side_load(struct store *store, const struct tenant *tenant,
                     const uint8_t key[STORE_KEY_SIZE], struct side *out)
{
    struct entry entry;
    struct record record;
    int result = store_find(store, tenant, key, &entry);
    if (result != STORE_OK)
        return result;
    if (record_unpack(buffer_span(&entry.payload), &record) == 0) {
        question_of(&record.request, &out->question);
        buffer_append_span(&out->answer, record.response.body);
        record_free(&record);
    } else {
        result = STORE_MISS;
    }
    entry_free(&entry);
    return result;
}

static void side_free(struct side *side)
{
    buffer_free(&side->question);
    buffer_free(&side->answer);
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH;
    return size.ws_col;
}

static void print_sides(const char *title, const struct buffer *left,
                        const struct buffer *right)
{
    struct buffer lines = {0};
    printf("-- %s\n", title);
    sides_append(buffer_span(left), buffer_span(right), terminal_width(), &lines);
    print_text(buffer_span(&lines));
    buffer_free(&lines);
}

enum said { SAID_YES, SAID_NO, SAID_SKIP, SAID_QUIT };

static enum said ask(void)
{
    char line[64];
    for (;;) {
        printf("would the left answer have done for the right question? "
               "[y, n, s to skip, q to quit] ");
        fflush(stdout);
        if (!fgets(line, sizeof(line), stdin))
            return SAID_QUIT;
        line[strcspn(line, "\r\n")] = 0;
        if (strcmp(line, "y") == 0 || strcmp(line, "yes") == 0)
            return SAID_YES;
        if (strcmp(line, "n") == 0 || strcmp(line, "no") == 0)
            return SAID_NO;
        if (strcmp(line, "s") == 0 || strcmp(line, "skip") == 0 || line[0] == 0)
            return SAID_SKIP;
        if (strcmp(line, "q") == 0 || strcmp(line, "quit") == 0)
            return SAID_QUIT;
    }
}

struct reviewing {
    struct store *store;
    bool all; /* also those that are known or reviewed already */
    size_t asked, said, gone, left;
};

static bool is_wanted(const struct reviewing *reviewing, const struct shadow_sample *one)
{
    if (one->sample.guard)
        return false;
    return reviewing->all ||
           (one->review == REVIEW_NONE && one->sample.comparison == COMPARISON_UNKNOWN);
}

/* 0, -1 when it is enough, or an exit status. */
static int review_shown(struct reviewing *reviewing, const struct tenant *tenant,
                        const struct shadow_sample *one, const struct side *stored,
                        const struct side *came)
{
    reviewing->asked++;
    printf("\n%zu left, similarity %.3f\n", reviewing->left,
           one->sample.similarity / 1e6);
    print_sides("questions: stored | asked", &stored->question, &came->question);
    print_sides("answers: stored | came", &stored->answer, &came->answer);
    enum said said = ask();
    if (said == SAID_QUIT)
        return -1;
    if (said == SAID_SKIP)
        return 0;
    int result =
        store_review_put(reviewing->store, tenant, one->key, one->sample.candidate,
                         said == SAID_YES ? REVIEW_RIGHT : REVIEW_WRONG);
    reviewing->said += result == STORE_OK;
    return settings_status(result, "the review could not be written");
}

static int review_one(struct reviewing *reviewing, const struct shadow_sample *one)
{
    struct side stored = {{0}, {0}}, came = {{0}, {0}};
    struct tenant tenant;
    int status = 0;
    int result = store_tenant_by_id(reviewing->store, one->tenant, &tenant);
    if (result == STORE_OK)
        result = side_load(reviewing->store, &tenant, one->sample.candidate, &stored);
    if (result == STORE_OK)
        result = side_load(reviewing->store, &tenant, one->key, &came);
    if (result == STORE_OK)
        status = review_shown(reviewing, &tenant, one, &stored, &came);
    else
        reviewing->gone++;
    side_free(&stored);
    side_free(&came);
    return status;
}

/* The most similar first: those a certificate hangs on. */
static int by_similarity(const void *a, const void *b)
{
    const struct shadow_sample *left = a, *right = b;
    if (left->sample.similarity != right->sample.similarity)
        return left->sample.similarity > right->sample.similarity ? -1 : 1;
    return memcmp(left->key, right->key, STORE_KEY_SIZE);
}

static int review_all(struct reviewing *reviewing)
{
    struct shadow shadow;
    int status = settings_status(shadow_read(reviewing->store, &shadow),
                                 "not all samples could be read");
    if (shadow.count)
        qsort(shadow.list, shadow.count, sizeof(*shadow.list), by_similarity);
    for (size_t i = 0; i < shadow.count; i++)
        reviewing->left += is_wanted(reviewing, &shadow.list[i]);
    for (size_t i = 0; status == 0 && i < shadow.count; i++) {
        if (!is_wanted(reviewing, &shadow.list[i]))
            continue;
        status = review_one(reviewing, &shadow.list[i]);
        reviewing->left--;
    }
    shadow_free(&shadow);
    return status == -1 ? 0 : status;
}

int semantic_review(int count, char **arguments)
{
    struct reviewing reviewing = {.all =
                                      count == 2 && strcmp(arguments[1], "--all") == 0};
    if (count != 1 + reviewing.all)
        return command_usage(arguments);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        print_error("review asks questions: run it in a terminal");
        return EX_USAGE;
    }
    int status = settings_open(&reviewing.store);
    if (status != 0)
        return status;
    status = review_all(&reviewing);
    store_close(reviewing.store);
    printf("%s%zu of %zu reviewed\n", reviewing.asked ? "\n" : "", reviewing.said,
           reviewing.asked);
    if (reviewing.gone)
        printf("%zu could not be shown: their entries are gone\n", reviewing.gone);
    return status ? status : print_finish();
}
