/* SPDX-License-Identifier: MIT */
/* Sizes as people write them. */
#include "unit.h"

#include "store/size.h"

static void check_good(const char *text, uint64_t expected)
{
    uint64_t bytes = 1234567;
    unit_check(size_parse(span_text(text), &bytes), __FILE__, __LINE__, "%s", text);
    CHECK_INT(bytes, expected);
}

static void test_good(void)
{
    check_good("0", 0);
    check_good("0G", 0);
    check_good("1", 1);
    check_good("4096", 4096);
    check_good("64K", 65536);
    check_good("500M", 500LL << 20);
    check_good("2G", 2LL << 30);
    check_good("1T", 1LL << 40);
    check_good("8388607T", 8388607LL << 40);
    check_good("9223372036854775806", INT64_MAX - 1);
}

static void test_bad(void)
{
    static const char *const bad[] = {"",
                                      "K",
                                      "1k",
                                      "1KB",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1 K",
                                      "1.5G",
                                      "0x10",
                                      "1KK",
                                      "8388608T",
                                      "9223372036854775808",
                                      "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t bytes = 77;
        unit_check(!size_parse(span_text(bad[i]), &bytes), __FILE__, __LINE__, "'%s'",
                   bad[i]);
        CHECK_INT(bytes, 77);
    }
}

int main(void)
{
    RUN(test_good);
    RUN(test_bad);
    return unit_end();
}
