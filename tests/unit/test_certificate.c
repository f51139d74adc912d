/* SPDX-License-Identifier: MIT */
/* Certificates: what they hold for and how long, their bytes, and the canaries that end them. */
#include "unit.h"
#include "vectors.h"

#include "store/binomial.h"
#include "store/certificate.h"

#define NOW ((int64_t)1800000000000)
#define DAY ((int64_t)24 * 3600 * 1000)

static const struct certificate_scope scope = {"text-embedding-3-small", "chat gpt-4o",
                                               7};
static const struct certify_rules rules = {0.01, 0.95};

static struct certificate issued(void)
{
    const struct certify_result result = {.verdict = CERTIFY_GRANTED,
                                          .threshold = 925,
                                          .older = {1000, 3, 1},
                                          .newer = {900, 2, 0}};
    struct certificate certificate;
    CHECK(certificate_issue(&result, &rules, &scope, NOW, &certificate));
    return certificate;
}

static void test_issue(void)
{
    struct certificate certificate = issued();
    CHECK_INT(certificate.threshold, 925000);
    CHECK_INT(certificate.most_wrong, 10000);
    CHECK_INT(certificate.confidence, 950000);
    CHECK(certificate_admits(&certificate, 0.925) && certificate_admits(&certificate, 1));
    CHECK(!certificate_admits(&certificate, 0.92499) &&
          !certificate_admits(&certificate, 0.0 / 0.0));
    struct certify_result result = {.verdict = CERTIFY_GRANTED, .threshold = 900};
    for (int verdict = CERTIFY_TOO_FEW; verdict <= CERTIFY_BAD_RULES; verdict++) {
        result.verdict = (enum certify_verdict)verdict;
        CHECK(!certificate_issue(&result, &rules, &scope, NOW, &certificate));
    }
    const struct certify_rules tiny = {1e-9, 0.95};
    result.verdict = CERTIFY_GRANTED;
    CHECK(!certificate_issue(&result, &tiny, &scope, NOW, &certificate));
}

static void test_state(void)
{
    struct certificate certificate = issued();
    struct certificate_scope other = scope;
    CHECK_INT(certificate_state(NULL, &scope, NOW), CERTIFICATE_NONE);
    CHECK_INT(certificate_state(&certificate, &scope, NOW), CERTIFICATE_VALID);
    CHECK_INT(certificate_state(&certificate, &scope, NOW + 30 * DAY), CERTIFICATE_VALID);
    CHECK_INT(certificate_state(&certificate, &scope, NOW + 30 * DAY + 1),
              CERTIFICATE_EXPIRED);
    CHECK_INT(certificate_state(&certificate, &scope, NOW - 60 * 1000),
              CERTIFICATE_VALID);
    CHECK_INT(certificate_state(&certificate, &scope, NOW - DAY), CERTIFICATE_EXPIRED);
    snprintf(other.model, sizeof(other.model), "text-embedding-3-large");
    CHECK_INT(certificate_state(&certificate, &other, NOW), CERTIFICATE_OTHER_MODEL);
    other = scope;
    other.guards++;
    CHECK_INT(certificate_state(&certificate, &other, NOW), CERTIFICATE_OTHER_GUARDS);
    other = scope;
    other.class[0] = 0;
    CHECK_INT(certificate_state(&certificate, &other, NOW), CERTIFICATE_OTHER_CLASS);
    CHECK(certificate_canary(&certificate, ANSWER_WRONG)); /* the first canary of all */
    CHECK_INT(certificate_state(&certificate, &scope, NOW), CERTIFICATE_FALLEN);
    for (unsigned i = 0; i < 5000; i++) /* and for good */
        CHECK(certificate_canary(&certificate, ANSWER_RIGHT));
}

static bool same(const struct certificate *a, const struct certificate *b)
{
    return strcmp(a->scope.model, b->scope.model) == 0 &&
           strcmp(a->scope.class, b->scope.class) == 0 &&
           a->scope.guards == b->scope.guards && a->threshold == b->threshold &&
           a->most_wrong == b->most_wrong && a->confidence == b->confidence &&
           a->issued_ms == b->issued_ms &&
           memcmp(&a->older, &b->older, sizeof(a->older)) == 0 &&
           memcmp(&a->newer, &b->newer, sizeof(a->newer)) == 0 &&
           memcmp(&a->canary.counts, &b->canary.counts, sizeof(a->older)) == 0;
}

static void test_bytes(void)
{
    struct certificate certificate = issued(), again;
    struct buffer value = {0};
    for (unsigned i = 0; i < 500; i++)
        (void)certificate_canary(&certificate,
                                 i % 100 == 99 ? ANSWER_UNKNOWN : ANSWER_RIGHT);
    certificate_encode(&certificate, &value);
    CHECK_INT(value.size, 102 + 2 + strlen(scope.model) + 2 + strlen(scope.class));
    CHECK(certificate_decode(buffer_span(&value), &again) && same(&certificate, &again));
    CHECK(again.canary.bound >= certificate.canary.bound &&
          again.canary.bound < certificate.canary.bound + 1e-6);
    for (size_t size = 0; size < value.size; size++)
        CHECK(!certificate_decode(span_of(value.at, size), &again));
    for (size_t i = 0; i < value.size; i++) /* a changed certificate is another or none */
        for (unsigned bit = 0; bit < 8; bit++) {
            value.at[i] ^= (uint8_t)(1 << bit);
            if (certificate_decode(buffer_span(&value), &again))
                CHECK(!same(&certificate, &again) ||
                      again.canary.bound != certificate.canary.bound);
            value.at[i] ^= (uint8_t)(1 << bit);
        }
    buffer_append_byte(&value, 0);
    CHECK(!certificate_decode(buffer_span(&value), &again));
    buffer_free(&value);
}

/* -- canaries ------------------------------------------------------------------------ */

/* The bound is below the observed rate, and only canaries that were not right move it. */
static void test_bound(void)
{
    struct canary canary = {.bound = 0};
    for (unsigned i = 1; i <= 1000; i++) {
        double before = canary.bound;
        canary_add(&canary, i % 20 ? ANSWER_RIGHT : ANSWER_WRONG, 0.95);
        CHECK(i % 20 ? canary.bound == before : canary.bound >= before);
        CHECK(canary.bound <= (double)answer_bad(&canary.counts) / i + 1e-9);
    }
    CHECK_INT(canary.counts.hits, 1000);
    CHECK_INT(canary.counts.wrong, 50);
    CHECK(canary.bound > 0.025 && canary.bound < 0.05);
    CHECK(canary_exceeds(&canary, 0.025) && !canary_exceeds(&canary, 0.05));
}

/* In how many of |worlds| the certificate falls within |canaries| at this true rate; |*median| is
 * after how many, in half of those. */
static unsigned falls(double rate, unsigned worlds, unsigned canaries, unsigned *median)
{
    static unsigned when[2000];
    struct random random = {99};
    unsigned fallen = 0;
    for (unsigned world = 0; world < worlds; world++) {
        struct canary canary = {.bound = 0};
        for (unsigned i = 1; i <= canaries; i++) {
            canary_add(&canary, random_part(&random) < rate ? ANSWER_WRONG : ANSWER_RIGHT,
                       rules.confidence);
            if (canary_exceeds(&canary, rules.most_wrong)) {
                when[fallen++] = i;
                break;
            }
        }
    }
    for (unsigned i = 1; i < fallen; i++) /* few: by insertion */
        for (unsigned k = i; k && when[k - 1] > when[k]; k--) {
            unsigned kept = when[k];
            when[k] = when[k - 1];
            when[k - 1] = kept;
        }
    *median = fallen ? when[fallen / 2] : 0;
    printf("# truth %.1f times the promise: %u of %u fall within %u canaries, half of "
           "them by %u\n",
           rate / rules.most_wrong, fallen, worlds, canaries, *median);
    return fallen;
}

/* As long as the promise holds it falls by chance in at most 5 % of all worlds, however long it is
 * watched; when it does not hold, it falls. */
static void test_falls(void)
{
    unsigned median;
    CHECK(falls(0.007, 400, 5000, &median) <= 20);
    CHECK(falls(0.010, 400, 5000, &median) <= 33); /* 5 %: more with a chance of 0.1 % */
    CHECK(falls(0.020, 200, 5000, &median) > 190);
    CHECK(falls(0.030, 200, 5000, &median) == 200 && median < 1000);
    CHECK(falls(0.050, 200, 5000, &median) == 200 && median < 300);
    CHECK(falls(0.200, 200, 5000, &median) == 200 && median < 40);
}

int main(void)
{
    RUN(test_issue);
    RUN(test_state);
    RUN(test_bytes);
    RUN(test_bound);
    RUN(test_falls);
    return unit_end();
}
