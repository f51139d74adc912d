/* SPDX-License-Identifier: MIT */
/* An explanation for people: one line per fact, its name in the first column. */
#include "explanation.h"

#include "filter.h"
#include "origin.h"
#include "print.h"
#include "shim/core/api/difference.h"
#include "shim/core/api/guard.h"
#include "shim/core/lifetime.h"
#include "store/each.h"
#include "store/files.h"
#include "store/sample.h"

#include <inttypes.h>
#include <stdlib.h>

#define KEY_DIGITS  12 /* as `preecho ls` prints them */
#define DIFFERENCES 10
#define EXCERPT     60

static void begin(const char *name)
{
    printf("%-11s", name);
}

static void print_digits(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
}

/* -- what it is -------------------------------------------------------------------------- */

static void print_request(const struct request *request)
{
    begin("request");
    print_text(request->method);
    printf(" %s://", request->tls ? "https" : "http");
    print_text(request->host);
    printf(":%u", request->port);
    struct buffer target = {0};
    api_public_target(request->target, &target);
    print_text(buffer_span(&target));
    buffer_free(&target);
    putchar('\n');
}

static void print_call(const struct explanation *explanation)
{
    const struct call *call = &explanation->call;
    begin("recognised");
    if (explanation->reason == REASON_NOT_LLM) {
        puts("as nothing that preecho knows; it is left alone");
        return;
    }
    printf("%s %s ", api_dialect_name(call), api_operation_name(call));
    print_text(span_text(call->model));
    fputs(call->stream == STREAM_NONE ? "" : ", streamed", stdout);
    puts(explanation->changed.size ? ", asked with temperature 0" : "");
}

static void print_identity(const struct explanation *explanation)
{
    static const char *const scopes[] = {"credential", "tenant", "user"};
    begin("identity");
    if (explanation->has_tenant)
        print_digits(explanation->tenant.id, TENANT_ID_SIZE);
    else
        fputs("one that has recorded nothing", stdout);
    printf(", scope %s", scopes[explanation->config->scope]);
    if (explanation->config->tenant[0]) {
        fputs(", tenant ", stdout);
        print_text(span_text(explanation->config->tenant));
    }
    putchar('\n');
}

/* -- what the key leaves out --------------------------------------------------------------- */

static void print_ignored(const struct explanation *explanation)
{
    const char *const *ignored = api_ignored(&explanation->call);
    struct buffer used = {0};
    for (; ignored && *ignored; ignored++) {
        begin("ignored");
        printf("/%s (cannot change the answer)\n", *ignored);
    }
    if (explanation->ignoring)
        ignoring_used(explanation->ignoring, &used);
    struct cursor cursor = cursor_of(buffer_span(&used));
    while (buffer_ok(&used) && cursor.left) {
        begin("ignored");
        print_text(cursor_framed(&cursor));
        puts(" (a rule)");
    }
    buffer_free(&used);
}

/* -- the rules ----------------------------------------------------------------------------- */

static void print_rules(const struct explanation *explanation)
{
    const struct config *config = explanation->config;
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        enum setting_id id = (enum setting_id)i;
        const struct assignment *winner = config_winner(config, &explanation->policy, id);
        if (!winner || setting_is_list(id))
            continue;
        char *origin = origin_of(config, winner);
        begin("rule");
        printf("%s = ", setting_at(id)->name);
        print_text(config_text(config, winner->text));
        fputs(" (", stdout);
        print_text(span_text(origin));
        puts(")");
        free(origin);
    }
}

/* -- what is recorded ------------------------------------------------------------------------ */

static void print_found(const struct explanation *explanation)
{
    const struct entry_label *label = &explanation->entry.label;
    const struct policy *policy = &explanation->policy;
    int64_t now_ms = filter_now_ms();
    char age[32], since[32];
    printf("recorded %s ago", print_duration((double)lifetime_age(label, now_ms), age));
    if (lifetime_is_out(policy, label, now_ms))
        puts("; a miss: older than max_age");
    else if (lifetime_is_over(policy, label, now_ms))
        printf("; expired %s ago\n",
               print_duration((double)lifetime_expired(policy, label, now_ms), since));
    else if (label->sensitive && policy->pii == PII_SKIP)
        puts("; a miss: the prompt is sensitive, and a rule says skip");
    else if (policy->mode == MODE_REFRESH)
        puts("; a miss: mode refresh always calls");
    else if (policy->mode == MODE_OBSERVE)
        puts("; would be a hit, but mode observe serves nothing");
    else
        puts("; a hit");
}

/* What a miss is given for the provider's prefix cache, and what the latest one was given. */
static void print_mark(const struct explanation *explanation)
{
    enum prefix_mark mark = explanation->mark;
    begin("adds");
    if (mark == PREFIX_MARK_NONE)
        puts(
            "nothing: the request says it itself, is signed, or its provider takes none");
    else
        printf("%s to a miss, for the provider's prefix cache%s\n",
               prefix_mark_name(mark),
               mark == PREFIX_MARK_BREAKPOINTS || mark == PREFIX_MARK_POINTS
                   ? "; only behind what its process has asked before"
                   : "");
}

static void print_added(const struct explanation *explanation)
{
    char age[32];
    double seconds = (double)(filter_now_ms() - explanation->added_ms) / 1000;
    if (!explanation->added[0])
        return;
    begin("added");
    printf("%s, when it went upstream %s ago\n", explanation->added,
           print_duration(seconds > 0 ? seconds : 0, age));
}

/* What the semantic layer's first tier makes of it. */
static void print_words(const struct explanation *explanation)
{
    const struct paraphrase *paraphrase = &explanation->paraphrase;
    begin("words");
    if (!paraphrase->plain)
        puts("not compared: it is more than words, or in a form that is not read");
    else if (paraphrase->verdict != LEXICAL_KEY)
        printf("not compared: %s\n", lexical_text(paraphrase->verdict));
    else
        puts("compared without case, punctuation, politeness");
}

static void print_paraphrased(const struct explanation *explanation)
{
    bool served = explanation->policy.lexical == LEXICAL_TIER_SERVE;
    printf("%sby its words%s: ", served ? "" : "a miss; lexical = serve would answer ",
           explanation->folded ? ", misspelt ones put right" : "");
    print_found(explanation);
}

static void print_answer(const struct explanation *explanation)
{
    begin("answer");
    if (explanation->reason != REASON_NONE)
        printf("never from the store: %s (%s)\n", reason_meaning(explanation->reason),
               reason_name(explanation->reason));
    else if (explanation->found)
        print_found(explanation);
    else if (explanation->paraphrased)
        print_paraphrased(explanation);
    else
        puts("not recorded; a miss");
}

/* What the semantic layer's second tier saw when the entry was recorded, if it did. */
static void print_sample(const struct sample *sample)
{
    begin("meaning");
    printf("%s the answer of ", sample->canary  ? "a canary: about to be served"
                                : sample->guard ? "not served"
                                                : "would have been served");
    print_digits(sample->candidate, KEY_DIGITS / 2);
    printf(", similarity %.3f (", sample->similarity / 1e6);
    print_text(span_text(sample->scope.model));
    fputs(")", stdout);
    if (sample->guard)
        printf("; forbidden by %s", sample->guard < GUARD_VERDICTS
                                        ? guard_text((enum guard)sample->guard)
                                        : "a guard of a later version");
    printf("; what came compares as %s\n", comparison_name(sample->comparison));
}

static void print_meaning(const struct explanation *explanation)
{
    static struct each_entry about;
    char digits[2 * STORE_KEY_SIZE + 1];
    struct sample sample;
    struct entry entry;
    hex_encode(explanation->key, STORE_KEY_SIZE, digits);
    if (store_load(explanation->store, digits, &about, &entry) != STORE_OK)
        return;
    if (about.notes.sample.size && sample_decode(about.notes.sample, &sample))
        print_sample(&sample);
    entry_free(&entry);
}

struct telling {
    unsigned count;
};

static void print_excerpt(const char *what, const struct buffer *excerpt)
{
    fputs(what, stdout);
    print_text(excerpt->size ? buffer_span(excerpt) : span_text("absent"));
}

static bool print_difference(void *context, struct span place, struct json here,
                             struct json there)
{
    struct telling *telling = context;
    struct buffer left = {0}, right = {0};
    begin("differs");
    if (++telling->count > DIFFERENCES) {
        puts("and more");
        return false;
    }
    json_excerpt(here, there, EXCERPT, &left, &right);
    print_text(place.size ? place : span_text("the whole body"));
    print_excerpt(" is ", &left);
    print_excerpt(", recorded ", &right);
    putchar('\n');
    buffer_free(&left);
    buffer_free(&right);
    return true;
}

static void print_nearest(const struct explanation *explanation)
{
    struct nearest nearest = {0};
    struct telling telling = {0};
    struct json_likeness likeness;
    char age[32];
    nearest_find(explanation->store, &explanation->tenant, &explanation->asked,
                 &explanation->call, explanation->key, &nearest);
    if (!nearest.found)
        return;
    begin("nearest");
    print_digits(nearest.key, KEY_DIGITS / 2);
    printf(
        " (%s ago)\n",
        print_duration((double)lifetime_age(&nearest.entry.label, filter_now_ms()), age));
    (void)!api_difference(&explanation->asked, &explanation->call,
                          &nearest.record.request, print_difference, &telling, &likeness);
    nearest_free(&nearest);
}

void explanation_print(const struct explanation *explanation)
{
    print_request(explanation->request);
    print_call(explanation);
    if (explanation->reason == REASON_NONE) {
        print_identity(explanation);
        if (explanation->has_tenant) {
            begin("key");
            print_digits(explanation->key, STORE_KEY_SIZE);
            putchar('\n');
        }
        print_ignored(explanation);
    }
    print_rules(explanation);
    if (explanation->marks)
        print_mark(explanation);
    print_added(explanation);
    if (explanation->lexical)
        print_words(explanation);
    print_answer(explanation);
    if (explanation->found)
        print_meaning(explanation);
    if (explanation->has_tenant && !explanation->edge)
        print_nearest(explanation);
}
