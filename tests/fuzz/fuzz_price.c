/* SPDX-License-Identifier: MIT */
/* A user's table of prices of any content: it is understood or its bad line named, and what was
 * understood can be looked up and computed with. */
#include "store/price.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

static unsigned count_lines(struct span text)
{
    unsigned lines = 1;
    for (size_t i = 0; i < text.size; i++)
        lines += text.at[i] == '\n';
    return lines;
}

static void compute(const struct prices *prices)
{
    struct price price;
    struct price_tokens tokens = {1000, 10, 20, 7};
    if (!price_find(prices, "openai", "api.openai.com", "gpt-4o", &price))
        return;
    require(price_of(&price, false, &tokens) < UINT64_MAX);
    require(price_of(&price, true, &tokens) < UINT64_MAX);
    require(price_prefix_saving(&price, &tokens) > INT64_MIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prices *prices;
    struct span text = span_of(data, size);
    unsigned line;
    int result = prices_parse(text, &prices, &line);
    require((result == STORE_OK) == (prices != NULL));
    require((result == STORE_CORRUPT) == (line != 0) && line <= count_lines(text));
    if (prices)
        compute(prices);
    prices_free(prices);
    return 0;
}
