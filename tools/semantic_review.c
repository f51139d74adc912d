/* SPDX-License-Identifier: MIT */
/* `preecho semantic review`: who has both answers before them says whether one does for the other. */
#include "semantic.h"

#include "command.h"
#include "pair.h"
#include "print.h"
#include "settings.h"
#include "store/reviews.h"

#include <sysexits.h>
#include <unistd.h>

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
static int review_shown(struct reviewing *reviewing, const struct shadow_sample *one,
                        const struct pair *pair)
{
    struct tenant tenant;
    reviewing->asked++;
    printf("\n%zu left, similarity %.3f\n", reviewing->left,
           one->sample.similarity / 1e6);
    pair_print(pair, 0);
    enum said said = ask();
    if (said == SAID_QUIT)
        return -1;
    if (said == SAID_SKIP)
        return 0;
    int result = store_tenant_by_id(reviewing->store, one->tenant, &tenant);
    if (result == STORE_OK)
        result =
            store_review_put(reviewing->store, &tenant, one->key, one->sample.candidate,
                             said == SAID_YES ? REVIEW_RIGHT : REVIEW_WRONG);
    reviewing->said += result == STORE_OK;
    return settings_status(result, "the review could not be written");
}

static int review_one(struct reviewing *reviewing, const struct shadow_sample *one)
{
    struct pair pair = {{{0}, {0}}, {{0}, {0}}};
    int status = 0;
    if (pair_load(reviewing->store, one, &pair) == STORE_OK)
        status = review_shown(reviewing, one, &pair);
    else
        reviewing->gone++;
    pair_free(&pair);
    return status;
}

static int review_all(struct reviewing *reviewing)
{
    struct shadow shadow;
    int status = settings_status(shadow_read(reviewing->store, &shadow),
                                 "not all samples could be read");
    shadow_sort_riskiest(&shadow); /* those a certificate hangs on */
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
