/* SPDX-License-Identifier: MIT */
/* The table of prices: read, looked through and computed with, see price.h. */
#include "price.h"

#include "files.h"
#include "memory.h"
#include "price_table.h"
#include "wildcard.h"

#define PRICES_DATE  "2026-09-23" /* prices.tsv says the same; a unit test compares */
#define TABLE_LIMIT  ((size_t)1 << 20)
#define FIELDS_LEAST 6
#define FIELDS_MOST  7
#define MILLION      1000000
#define PRICE_MOST   ((uint64_t)MILLION) /* dollars for a million tokens */

struct row {
    struct span provider; /* or host: a pattern, like |model| */
    struct span model;
    bool known; /* false: a row that says that nobody knows the price */
    struct price price;
};

struct prices {
    struct buffer user; /* what the user's rows point into */
    struct buffer rows; /* struct row, the user's first */
};

const char *prices_date(void)
{
    return PRICES_DATE;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Takes the next word off |line|; empty at the end and before a comment. */
static struct span next_word(struct span *line)
{
    size_t size = 0;
    while (line->size && is_blank(*line->at))
        *line = span_skip(*line, 1);
    if (line->size && *line->at == '#')
        line->size = 0;
    while (size < line->size && !is_blank(line->at[size]))
        size++;
    struct span word = span_of(line->at, size);
    *line = span_skip(*line, size);
    return word;
}

/* Reads digits into |*number|, which stays below |most|; returns how many there are, or SIZE_MAX
 * when it is too large. */
static size_t take_digits(struct span text, uint64_t most, uint64_t *number)
{
    size_t count = 0;
    for (*number = 0; count < text.size; count++) {
        uint8_t digit = (uint8_t)(text.at[count] - '0');
        if (digit > 9)
            break;
        *number = *number * 10 + digit;
        if (*number > most)
            return SIZE_MAX;
    }
    return count;
}

/* "1.25" dollars for a million tokens are 1250000e-12 dollars for one. Exact. */
static bool parse_price(struct span text, uint64_t *price)
{
    uint64_t whole = 0, part = 0;
    size_t digits = take_digits(text, PRICE_MOST, &whole);
    if (digits == 0 || digits == SIZE_MAX)
        return false;
    text = span_skip(text, digits);
    digits = 0;
    if (text.size) {
        bool point = *text.at == '.';
        text = span_skip(text, 1);
        digits = take_digits(text, MILLION, &part);
        if (!point || digits == 0 || digits > 6 || digits != text.size)
            return false;
    }
    for (; digits < 6; digits++)
        part *= 10;
    *price = whole * MILLION + part;
    return true;
}

/* |absent|: what "-" and a missing word stand for. */
static bool parse_optional(struct span text, uint64_t absent, uint64_t *price)
{
    *price = absent;
    return text.size == 0 || span_is(text, "-") || parse_price(text, price);
}

static bool row_is_unknown(const struct span fields[])
{
    for (size_t i = 2; i < FIELDS_LEAST; i++)
        if (!span_is(fields[i], "-"))
            return false;
    return fields[FIELDS_LEAST].size == 0 || span_is(fields[FIELDS_LEAST], "-");
}

static bool parse_row(const struct span fields[], struct row *row)
{
    struct price *price = &row->price;
    *row = (struct row){.provider = fields[0], .model = fields[1], .known = true};
    if (row_is_unknown(fields)) {
        row->known = false;
        return true;
    }
    return parse_price(fields[2], &price->input) &&
           parse_optional(fields[3], price->input, &price->cached_read) &&
           parse_optional(fields[4], price->input, &price->cache_write) &&
           parse_price(fields[5], &price->output) &&
           parse_optional(fields[6], price->input, &price->embedding);
}

static bool add_line(struct prices *prices, struct span line)
{
    struct span fields[FIELDS_MOST + 1] = {0};
    struct row row;
    size_t count = 0;
    for (struct span word; count <= FIELDS_MOST; fields[count++] = word) {
        word = next_word(&line);
        if (word.size == 0)
            break;
    }
    if (count == 0)
        return true;
    if (count < FIELDS_LEAST || count > FIELDS_MOST || !parse_row(fields, &row))
        return false;
    buffer_append(&prices->rows, &row, sizeof(row));
    return true;
}

/* The number of the first line that cannot be understood, 0 when there is none. */
static unsigned add_table(struct prices *prices, struct span text)
{
    for (unsigned number = 1; text.size; number++) {
        size_t size = span_find(text, span_text("\n"));
        if (!add_line(prices, span_of(text.at, size)))
            return number;
        text = span_skip(text, size + 1);
    }
    return 0;
}

/* Takes over what |user| holds. */
static int prices_make(struct buffer *user, struct prices **out, unsigned *line)
{
    struct prices *prices = memory_new(sizeof(*prices));
    if (!prices)
        return STORE_NO_MEMORY;
    prices->user = *user;
    *user = (struct buffer){0};
    int result = STORE_OK;
    *line = add_table(prices, buffer_span(&prices->user));
    if (*line || add_table(prices, price_table()) != 0)
        result = STORE_CORRUPT;
    if (!buffer_ok(&prices->user) || !buffer_ok(&prices->rows))
        result = STORE_NO_MEMORY;
    if (result == STORE_OK)
        *out = prices;
    else
        prices_free(prices);
    return result;
}

int prices_load(const char *path, struct prices **out, unsigned *line)
{
    struct buffer user = {0};
    *out = NULL;
    *line = 0;
    int result = path ? file_read(path, false, TABLE_LIMIT, &user, NULL) : STORE_MISS;
    if (result == STORE_OK || result == STORE_MISS)
        result = prices_make(&user, out, line);
    buffer_free(&user);
    return result;
}

int prices_parse(struct span text, struct prices **out, unsigned *line)
{
    struct buffer user = {0};
    *out = NULL;
    *line = 0;
    buffer_append_span(&user, text);
    int result = prices_make(&user, out, line);
    buffer_free(&user);
    return result;
}

void prices_free(struct prices *prices)
{
    if (!prices)
        return;
    buffer_free(&prices->user);
    buffer_free(&prices->rows);
    memory_free(prices);
}

/* Whose prices a dialect has: up to three names; without a line of its own, the dialect's. */
static const char *const providers[][4] = {
    {"azure", "openai", "anthropic"},
    {"gemini", "google"},
    {"vertex", "google", "anthropic"},
    {"compatible", "openai", "anthropic", "google"},
};

static bool fits(const struct row *row, const char *name)
{
    return wildcard_matches(row->provider, span_text(name), true);
}

/* True when |row| is about what |dialect| and |host| stand for. */
static bool fits_provider(const struct row *row, const char *dialect, const char *host)
{
    bool fit = fits(row, dialect) || fits(row, host);
    for (size_t i = 0; !fit && i < sizeof(providers) / sizeof(*providers); i++) {
        if (strcmp(providers[i][0], dialect) != 0)
            continue;
        for (size_t name = 1; !fit && name < 4 && providers[i][name]; name++)
            fit = fits(row, providers[i][name]);
    }
    return fit;
}

bool price_find(const struct prices *prices, const char *dialect, const char *host,
                const char *model, struct price *out)
{
    const struct row *row = (const struct row *)(const void *)prices->rows.at;
    const struct row *end = row + prices->rows.size / sizeof(*row);
    struct span name = span_text(model);
    *out = (struct price){0};
    for (; row < end; row++) {
        if (!wildcard_matches(row->model, name, true) ||
            !fits_provider(row, dialect, host))
            continue;
        *out = row->price;
        return row->known;
    }
    return false;
}

/* |sum| + |price| * |count|, or what is as near to it as 64 bits hold. */
static uint64_t add_product(uint64_t sum, uint64_t price, uint64_t count)
{
    uint64_t product;
    if (__builtin_mul_overflow(price, count, &product) ||
        __builtin_add_overflow(sum, product, &sum))
        return UINT64_MAX;
    return sum;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t price_of(const struct price *price, bool embeds,
                  const struct price_tokens *tokens)
{
    uint64_t cached = least(tokens->cached, tokens->in);
    uint64_t written = least(tokens->cache_write, tokens->in - cached);
    uint64_t rest = tokens->in - cached - written;
    uint64_t sum = add_product(0, price->output, tokens->out);
    if (embeds)
        return add_product(sum, price->embedding, tokens->in);
    sum = add_product(sum, price->input, rest);
    sum = add_product(sum, price->cached_read, cached);
    return add_product(sum, price->cache_write, written);
}

int64_t price_prefix_saving(const struct price *price, const struct price_tokens *tokens)
{
    uint64_t full = add_product(0, price->input, tokens->cached);
    uint64_t paid = add_product(0, price->cached_read, tokens->cached);
    full = add_product(full, price->input, tokens->cache_write);
    paid = add_product(paid, price->cache_write, tokens->cache_write);
    int64_t saving;
    if (__builtin_sub_overflow(full, paid, &saving))
        return full > paid ? INT64_MAX : INT64_MIN;
    return saving;
}

bool price_embeds(const char *operation)
{
    return wildcard_matches(span_text("*embed*"), span_text(operation), true);
}
