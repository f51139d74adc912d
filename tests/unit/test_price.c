/* SPDX-License-Identifier: MIT */
/* Prices: the tables, whose prices a call has, and sums to the last digit. */
#include "unit.h"

#include "store/memory.h"
#include "store/price.h"
#include "store/price_table.h"
#include "store_place.h"

static struct prices *parse(const char *text)
{
    struct prices *prices;
    unsigned line;
    CHECK_INT(prices_parse(span_text(text), &prices, &line), STORE_OK);
    CHECK_INT(line, 0);
    return prices;
}

/* "INPUT CACHED WRITTEN OUTPUT EMBEDDING" of a call in 1e-12 dollars, "none" without. */
static const char *price_text(const struct prices *prices, const char *dialect,
                              const char *host, const char *model)
{
    static char text[128];
    struct price price;
    if (!price_find(prices, dialect, host, model, &price))
        return "none";
    snprintf(text, sizeof(text), "%llu %llu %llu %llu %llu",
             (unsigned long long)price.input, (unsigned long long)price.cached_read,
             (unsigned long long)price.cache_write, (unsigned long long)price.output,
             (unsigned long long)price.embedding);
    return text;
}

/* The same for a table of one row for everything. */
static const char *row_text(const char *columns)
{
    char text[256];
    snprintf(text, sizeof(text), "* * %s", columns);
    struct prices *prices = parse(text);
    const char *found = price_text(prices, "d", "h", "m");
    prices_free(prices);
    return found;
}

static void test_numbers(void)
{
    CHECK_TEXT(row_text("1 2 3 4"), "1000000 2000000 3000000 4000000 1000000");
    CHECK_TEXT(row_text("1 - - 4"), "1000000 1000000 1000000 4000000 1000000");
    CHECK_TEXT(row_text("0.15 0.075 - 0.6 0.02"), "150000 75000 150000 600000 20000");
    CHECK_TEXT(row_text("0.000001 0 - 0"), "1 0 1 0 1");
    CHECK_TEXT(row_text("0012.500000 - - 1000000"),
               "12500000 12500000 12500000 1000000000000 12500000");
    CHECK_TEXT(row_text("- - - -"), "none");
    CHECK_TEXT(row_text("- - - - -"), "none");
}

static void test_bad_rows(void)
{
    static const char *const bad[] = {
        "gpt",
        "o m 1 2 3",
        "o m 1 2 3 4 5 6",
        "o m 1 2 3 -",
        "o m - 2 3 4",
        "o m - - - - 1",
        "o m 1. - - 1",
        "o m .5 - - 1",
        "o m -1 - - 1",
        "o m +1 - - 1",
        "o m 1e3 - - 1",
        "o m 1,5 - - 1",
        "o m $1 - - 1",
        "o m 1000001 - - 1",
        "o m 99999999999999999999999 - - 1",
        "o m 0.0000001 - - 1",
        "o m 1 - - 1.2.3",
        "o m 0x1 - - 1",
        "o m 1 -- - 1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct prices *prices;
        unsigned line;
        char text[128];
        snprintf(text, sizeof(text), "# a\n\no m 1 - - 1\n%s", bad[i]);
        int result = prices_parse(span_text(text), &prices, &line);
        unit_check(result == STORE_CORRUPT && line == 4 && !prices, __FILE__, __LINE__,
                   "'%s': %d in line %u", bad[i], result, line);
        prices_free(prices);
    }
}

static void test_lines(void)
{
    struct prices *prices = parse("\n \t\r\n# nothing\n\t o\t\tm   1 - - 1 # why\r\n"
                                  "o n 2 - - 2 3 #\no k 3 - - 3");
    CHECK_TEXT(price_text(prices, "o", "h", "m"),
               "1000000 1000000 1000000 1000000 1000000");
    CHECK_TEXT(price_text(prices, "o", "h", "n"),
               "2000000 2000000 2000000 2000000 3000000");
    CHECK_TEXT(price_text(prices, "o", "h", "k"),
               "3000000 3000000 3000000 3000000 3000000");
    prices_free(prices);
}

static void test_first_row_counts(void)
{
    struct prices *prices = parse("openai gpt-4o-m* 1 1 1 1\n"
                                  "openai gpt-4o* 2 2 2 2\n"
                                  "* gpt-4o 3 3 3 3\n"
                                  "*.example.com:* gpt* 9 9 9 9\n"
                                  "gateway.example.com * 4 4 4 4\n"
                                  "azure gpt-4.1 - - - -\n");
    CHECK_TEXT(price_text(prices, "openai", "h", "gpt-4o-mini"),
               "1000000 1000000 1000000 1000000 1000000");
    CHECK_TEXT(price_text(prices, "openai", "h", "GPT-4o"),
               "2000000 2000000 2000000 2000000 2000000");
    CHECK_TEXT(price_text(prices, "mistral", "h", "gpt-4o"),
               "3000000 3000000 3000000 3000000 3000000");
    CHECK_TEXT(price_text(prices, "compatible", "Gateway.example.com", "any"),
               "4000000 4000000 4000000 4000000 4000000");
    CHECK_TEXT(price_text(prices, "azure", "h", "gpt-4.1"), "none");
    CHECK_TEXT(price_text(prices, "openai", "h", "gpt-4.1"),
               "2000000 500000 2000000 8000000 2000000");
    prices_free(prices);
}

/* The table that is shipped: the specific before the general. */
static void test_table(void)
{
    static const struct {
        const char *dialect, *host, *model, *price;
    } calls[] = {
        {"openai", "api.openai.com", "gpt-4o-mini", "150000 75000 150000 600000 150000"},
        {"openai", "api.openai.com", "gpt-4o",
         "2500000 1250000 2500000 10000000 2500000"},
        {"openai", "api.openai.com", "gpt-4o-mini-2024-07-18",
         "150000 75000 150000 600000 150000"},
        {"openai", "api.openai.com", "text-embedding-3-small",
         "20000 20000 20000 0 20000"},
        {"openai", "api.openai.com", "gpt-oss-120b", "none"},
        {"openai", "api.openai.com", "claude-opus-5", "none"},
        {"azure", "x.openai.azure.com", "gpt-4o",
         "2500000 1250000 2500000 10000000 2500000"},
        {"azure", "x.openai.azure.com", "my-deployment", "none"},
        {"anthropic", "api.anthropic.com", "claude-sonnet-4-5-20250929",
         "3000000 300000 3750000 15000000 3000000"},
        {"vertex", "aiplatform.googleapis.com", "claude-sonnet-4-5@20250929",
         "3000000 300000 3750000 15000000 3000000"},
        {"vertex", "aiplatform.googleapis.com", "gemini-2.5-pro",
         "1250000 125000 1250000 10000000 1250000"},
        {"gemini", "generativelanguage.googleapis.com", "gemini-2.5-flash-lite",
         "100000 10000 100000 400000 100000"},
        {"mistral", "api.mistral.ai", "mistral-embed", "100000 100000 100000 0 100000"},
        {"groq", "api.groq.com", "openai/gpt-oss-20b", "75000 37500 75000 300000 75000"},
        {"together", "api.together.xyz", "openai/gpt-oss-120b",
         "150000 150000 150000 600000 150000"},
        {"deepseek", "api.deepseek.com", "deepseek-chat",
         "220000 7000 220000 660000 220000"},
        {"bedrock", "bedrock-runtime.us-east-1.amazonaws.com",
         "us.amazon.nova-micro-v1:0", "35000 35000 35000 140000 35000"},
        {"cohere", "api.cohere.com", "command-r7b-12-2024",
         "37500 37500 37500 150000 37500"},
        {"compatible", "localhost", "gpt-4o-mini", "150000 75000 150000 600000 150000"},
        {"compatible", "localhost", "mistral-large-latest", "none"},
        {"compatible", "api.githubcopilot.com", "gpt-4o", "none"},
        {"ollama", "localhost", "llama3", "none"},
        {"", "", "", "none"},
    };
    struct prices *prices = parse("");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        CHECK_TEXT(price_text(prices, calls[i].dialect, calls[i].host, calls[i].model),
                   calls[i].price);
    prices_free(prices);
}

static void test_date(void)
{
    char text[64];
    struct span head = price_table();
    snprintf(text, sizeof(text), "as of %s.", prices_date());
    CHECK(span_find(head, span_text(text)) < 200);
}

static void test_money(void)
{
    struct price price = {3000000, 300000, 3750000, 15000000, 20000};
    struct price_tokens tokens = {
        .in = 1000, .cached = 600, .cache_write = 100, .out = 7};
    CHECK_INT(price_of(&price, false, &tokens),
              300 * 3000000LL + 600 * 300000LL + 100 * 3750000LL + 7 * 15000000LL);
    CHECK_INT(price_of(&price, true, &tokens), 1000 * 20000LL + 7 * 15000000LL);
    CHECK_INT(price_prefix_saving(&price, &tokens), 600 * 2700000LL - 100 * 750000LL);
    tokens.cached = 0;
    CHECK_INT(price_prefix_saving(&price, &tokens), -100 * 750000LL);
}

/* What cannot be counts as little as possible; what is too much does not wrap around. */
static void test_money_limits(void)
{
    struct price price = {1000000, 0, 2000000, 1000000000000, 1};
    struct price_tokens odd = {.in = 10, .cached = 30, .cache_write = 5};
    struct price_tokens huge = {
        .in = UINT64_MAX, .cached = UINT64_MAX, .out = UINT64_MAX};
    CHECK_INT(price_of(&price, false, &odd), 0);
    CHECK(price_of(&price, false, &huge) == UINT64_MAX);
    CHECK(price_prefix_saving(&price, &huge) == INT64_MAX);
    huge = (struct price_tokens){.in = UINT64_MAX, .cache_write = UINT64_MAX};
    price.input = 0;
    CHECK(price_prefix_saving(&price, &huge) == INT64_MIN);
}

static void test_embeds(void)
{
    CHECK(price_embeds("embeddings") && price_embeds("embed") &&
          price_embeds("embedContent"));
    CHECK(price_embeds("batchEmbedContents"));
    CHECK(!price_embeds("chat") && !price_embeds(""));
}

static void test_files(void)
{
    struct place place;
    struct prices *prices;
    unsigned line;
    char path[512];
    place_make(&place);
    snprintf(path, sizeof(path), "%s/prices.tsv", place.root);
    CHECK_INT(prices_load(path, &prices, &line), STORE_OK);
    CHECK_TEXT(price_text(prices, "x", "h", "mine"), "none");
    prices_free(prices);
    FILE *file = fopen(path, "w");
    fputs("x mine 1 - - 1\n", file);
    fclose(file);
    CHECK_INT(prices_load(path, &prices, &line), STORE_OK);
    CHECK_TEXT(price_text(prices, "x", "h", "mine"),
               "1000000 1000000 1000000 1000000 1000000");
    prices_free(prices);
    CHECK_INT(truncate(path, 2 << 20), 0);
    CHECK_INT(prices_load(path, &prices, &line), STORE_CORRUPT);
    CHECK_INT(line, 0);
    chmod(path, 0666);
    CHECK_INT(prices_load(path, &prices, &line), STORE_REFUSED);
    CHECK(!prices);
    CHECK_INT(prices_load(NULL, &prices, &line), STORE_OK);
    prices_free(prices);
    place_remove(&place);
}

static void test_memory(void)
{
    struct prices *prices;
    unsigned line;
    int result = STORE_NO_MEMORY;
    for (unsigned long from = 1; result == STORE_NO_MEMORY && from < 100; from++) {
        memory_fail_from(from);
        result = prices_parse(span_text("x mine 1 - - 1\n"), &prices, &line);
        memory_fail_from(0);
        CHECK((result == STORE_OK) == (prices != NULL));
    }
    CHECK_INT(result, STORE_OK);
    prices_free(prices);
}

int main(void)
{
    RUN(test_numbers);
    RUN(test_bad_rows);
    RUN(test_lines);
    RUN(test_first_row_counts);
    RUN(test_table);
    RUN(test_date);
    RUN(test_money);
    RUN(test_money_limits);
    RUN(test_embeds);
    RUN(test_files);
    RUN(test_memory);
    return unit_end();
}
