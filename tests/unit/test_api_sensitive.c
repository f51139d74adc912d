/* SPDX-License-Identifier: MIT */
/* What is personal data or a secret, and what only looks like it, kind by kind. */
#include "unit.h"

#include "core/api/sensitive.h"
#include "store/memory.h"

#include <stdlib.h>

struct example {
    const char *text;
    uint32_t kinds;
};

static void check_all(const struct example *examples)
{
    for (const struct example *example = examples; example->text; example++) {
        char found[SENSITIVE_TEXT_SIZE], wanted[SENSITIVE_TEXT_SIZE];
        uint32_t kinds = sensitive_find(span_text(example->text));
        sensitive_text(kinds, found);
        sensitive_text(example->kinds, wanted);
        unit_check(kinds == example->kinds, __FILE__, __LINE__, "%s: %s instead of %s",
                   example->text, kinds ? found : "nothing",
                   example->kinds ? wanted : "nothing");
    }
}

#define E SENSITIVE_EMAIL
#define P SENSITIVE_PHONE
#define I SENSITIVE_IBAN
#define C SENSITIVE_CARD
#define S SENSITIVE_SSN
#define A SENSITIVE_IPV4
#define K SENSITIVE_SECRET

/* clang-format off */
static const struct example emails[] = {
    {"anna@example.com", E},
    {"Write to anna.schmidt@mail.example.co.uk, please.", E},
    {"<first.last+tag@example.org>", E},
    {"mailto:info@example.de?subject=x", E},
    {"{\"email\":\"a@b.de\",\"x\":1}", E},
    {"{\\\"email\\\":\\\"a@b.de\\\"}", E},
    {"line one\\njoe_1@example.net\\nline three", E},
    {"o'brien@example.ie", E},
    {"user@163.com", E},
    {"x@sub-domain.example.museum", E},
    {"j\xc3\xb6rg@m\xc3\xbcller.de", E},
    {"\xe8\x81\x94\xe7\xb3\xbb li@example.cn\xe3\x80\x82", E},
    {"who@xn--mller-kva.xn--p1ai", E},
    {"a@b.io.", E},
    {"(sales@example.com)", E},
    {"UPPER@EXAMPLE.COM", E},
    {"a--b@example.com", E},
    {"https://example.com/unsubscribe?mail=anna@example.com&x=1", E},
    {"@app.route('/x')", 0},
    {"meet me @ example.com", 0},
    {"npm install @types/node lodash@4.17.21", 0},
    {"lib@1.2.3-beta.foo", 0},
    {"git@github.com:user/project.git", 0},
    {"scp file root@server.example.com:/tmp", 0},
    {"ssh://git@github.com/user", 0},
    {"user@localhost", 0},
    {"icon@2x.png and banner@3x.jpg", 0},
    {"a@b", 0},
    {"a@@b.com", 0},
    {"a@.com", 0},
    {"a@b..com", 0},
    {"x@y.c", 0},
    {"foo@bar.123", 0},
    {"foo@bar.c0m", 0},
    {".@example.com", 0},
    {"twitter @anna_schmidt", 0},
    {"a@-b.com", 0},
    {"matrix A@B.T * x", 0},
    {"5 apples @ 1.20 each", 0},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com", 0},
    {0},
};

static const struct example phones[] = {
    {"+49 30 1234567", P},
    {"+4915112345678", P},
    {"call +1-555-234-5678 now", P},
    {"+1 (555) 234-5678", P},
    {"+44 (0)20 7946 0958", P},
    {"+33 6 12 34 56 78", 0}, /* a single 6 might be anything ... */
    {"Tel: +33 6 12 34 56 78", 0},
    {"+39.06.12345678", P},
    {"+91 98765 43210", P},
    {"\"phone\": \"+81-90-1234-5678\"", P},
    {"(555) 234-5678", P},
    {"(555)234-5678", P},
    {"555-234-5678", P},
    {"555.234.5678", P},
    {"1-800-234-5678", P},
    {"1 (800) 234-5678", P},
    {"030 1234567", P},
    {"030/1234567", P},
    {"(030) 123 45 67", P},
    {"089-12345678", P},
    {"0171 / 1234567", P},
    {"020 7946 0958", P},
    {"01 23 45 67 89", P},
    {"0049 30 1234567", P},
    {"(11) 91234-5678", P},
    {"03-1234-5678", P},
    {"Phone: 5552345678", P},
    {"phone_number=0301234567", P},
    {"my phone number is 555 234 5678", P},
    {"Tel. 12345-67", P},
    {"text\\n+49 30 1234567\\n", P},
    {"555-2345", 0},
    {"1234567", 0},
    {"5552345678", 0},
    {"2024-01-02 10:30:00", 0},
    {"01.02.2024 12:00", 0},
    {"01-02-2024 10", 0},
    {"2024-01-01T10:00:00+0100", 0},
    {"C++ 11, a+12345678901", 0},
    {"+1.5 and +12345", 0},
    {"between 1990 - 2000 and 2010 - 2020", 0},
    {"0.12 0.34 0.56 0.78", 0},
    {"00 01 02 03 04 05 06 07 08 09 0a", 0},
    {"000-00-0000000", 0},
    {"111-234-5678", 0},
    {"555-111-5678", 0},
    {"911-911-9111", 0},
    {"978-3-16-148410-0", 0},
    {"0-306-40615-2", 0},
    {"f(555) 234-567", 0},
    {"sha 0171-1234567abc", 0},
    {"order 100200300400", 0},
    {"0xdeadbeef 0123456789", 0},
    {"200 300 4000", 0},
    {"coordinates 52.520008, 13.404954", 0},
    {"1,234,567,890", 0},
    {"12345-67", 0},
    {"01/02/2024 - 03/04/2025", 0},
    {"id-030-1234567", 0},
    {0},
};

static const struct example ibans[] = {
    {"DE89370400440532013000", I},
    {"DE89 3704 0044 0532 0130 00", I},
    {"IBAN: GB29 NWBK 6016 1331 9268 19.", I},
    {"GB29NWBK60161331926819", I},
    {"FR1420041010050500013M02606", I},
    {"FR14 2004 1010 0505 0001 3M02 606", I},
    {"NL91ABNA0417164300", I},
    {"CH9300762011623852957", I},
    {"AT611904300234573201", I},
    {"ES9121000418450200051332", I},
    {"IT60X0542811101000000123456", I},
    {"BE68539007547034", I},
    {"NO9386011117947", I},
    {"PL61109010140000071219812874", I},
    {"de89370400440532013000", I},
    {"iban=DE89370400440532013000;", I},
    {"MT84MALT011000012345MTLCAST001S", I},
    {"DE88370400440532013000", 0},
    {"DE8937040044053201300", 0},
    {"DE893704004405320130001", 0},
    {"DE89 3704 0044 0532 013000", 0},
    {"DE89-3704-0044-0532-0130-00", 0},
    {"XX89370400440532013000", 0},
    {"ZZ12", 0},
    {"GB29NWBK60161331926818", 0},
    {"XDE89370400440532013000", 0},
    {"DE89370400440532013000X", 0},
    {"id_DE89370400440532013000", 0},
    {"DE89", 0},
    {"DE 89 370400440532013000", 0},
    {"GB29 NWBK 6016", 0},
    {"FR1420041010050500013M0260", 0},
    {"AT61190430023457320!", 0},
    {0},
};

static const struct example cards[] = {
    {"4111111111111111", C},
    {"4111 1111 1111 1111", C},
    {"4111-1111-1111-1111", C},
    {"card 5555555555554444, please", C},
    {"2223003122003222", C},
    {"378282246310005", C},
    {"3782 822463 10005", C},
    {"6011111111111117", C},
    {"30569309025904", C},
    {"3056 930902 5904", C},
    {"3530111333300000", C},
    {"6200000000000005", C},
    {"4222222222222", C},
    {"6011 0009 9013 9424", C},
    {"4111 1111 1111 1111 12/27 123", C},
    {"\"number\":\"4012888888881881\"", C},
    {"pay 12 4111 1111 1111 1111", C},
    {"2200770239097761", C},
    {"4111111111111112", 0},
    {"4111 1111 1111 1112", 0},
    {"0.4111111111111111", 0},
    {"4111111111111111.5", 0},
    {"411111111111111", 0},
    {"41111111111111111", 0},
    {"4111 1111-1111 1111", 0},
    {"41111 1111 1111 111", 0},
    {"9111111111111111", 0},
    {"1234567812345670", 0},
    {"0000000000000000", 0},
    {"a4111111111111111", 0},
    {"4111111111111111b", 0},
    {"id-4111111111111111", 0},
    {"5555555555554445", 0},
    {"1700000000000 1700000000001", 0},
    {"411111111111111111111111", 0},
    {"2024 1111 1111 1111", 0},
    {0},
};

static const struct example ssns[] = {
    {"123-45-6789", S},
    {"SSN 123-45-6789.", S},
    {"ssn: 536-22-1234", S},
    {"\"ssn\":\"536-22-1234\"", S},
    {"SSN: 123 45 6789", S},
    {"SSN: 123456789", S},
    {"ssn=123456789", S},
    {"Social Security number: 123456789", S},
    {"my social security number is 123 45 6789", S},
    {"(123-45-6789)", S},
    {"001-01-0001", S},
    {"899-99-9999", S},
    {"665-12-3456", S},
    {"667-12-3456,", S},
    {"line\\n123-45-6789", S},
    {"000-45-6789", 0},
    {"666-45-6789", 0},
    {"900-45-6789", 0},
    {"987-65-4321", 0},
    {"123-00-6789", 0},
    {"123-45-0000", 0},
    {"1123-45-6789", 0},
    {"123-45-67890", 0},
    {"123-45-6789-0", 0},
    {"0-123-45-6789", 0},
    {"123-456-789", 0},
    {"123 45 6789", 0},
    {"123456789", 0},
    {"a123-45-6789", 0},
    {"123-45-6789b", 0},
    {"12-345-6789", 0},
    {"123.45.6789", 0},
    {"ssn: 666456789", 0},
    {0},
};

static const struct example addresses[] = {
    {"203.0.113.7", A},
    {"ping 8.8.8.8 now", A},
    {"from 192.168.1.254:8080", A},
    {"http://10.0.0.1/x", A},
    {"10.0.0.0/8", A},
    {"[172.16.0.1]", A},
    {"ip=198.51.100.23", A},
    {"\"ip\":\"198.51.100.23\"", A},
    {"1.1.1.1", A},
    {"198.51.100.23.", A},
    {"198.51.100.23, 198.51.100.24", A},
    {"user@host 203.0.113.7", A},
    {"log\\n203.0.113.7 - - [", A},
    {"223.255.255.254", A},
    {"a,203.0.113.7,b", A},
    {"1.2.3.4.5", 0},
    {"1.3.6.1.4.1.311", 0},
    {"1.2.3", 0},
    {"256.1.1.1", 0},
    {"1.2.3.256", 0},
    {"01.2.3.4", 0},
    {"version 1.2.3.4", 0},
    {"Version: 1.2.3.4", 0},
    {"v1.2.3.4", 0},
    {"Chrome/120.0.0.0 Safari/537.36", 0},
    {"lib-1.2.3.4", 0},
    {"1.2.3.4-beta", 0},
    {"1.2.3.4rc1", 0},
    {"see section 1.2.3.4", 0},
    {"0.0.0.0", 0},
    {"127.0.0.1", 0},
    {"255.255.255.0", 0},
    {"1..2.3.4", 0},
    {"1234.1.1.1", 0},
    {"x1.2.3.4", 0},
    {0},
};

#define HEX32 "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
#define MIX36 "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD3fG6"

static const struct example secrets[] = {
    {"sk-proj-Zq7Secret9Credential4Token1", K},
    {"OPENAI_API_KEY=sk-abcdefghijklmnopqrstuvwx", K},
    {"sk-ant-api03-" MIX36 "-" MIX36 "AA", K},
    {"sk-or-v1-" HEX32 HEX32, K},
    {"AKIAIOSFODNN7EXAMPLE", K},
    {"ASIAIOSFODNN7EXAMPLE", K},
    {"ghp_" MIX36, K},
    {"token gho_" MIX36 ".", K},
    {"github_pat_11ABCDEFG0abcdefghijkl_" MIX36, K},
    {"xoxb-123456789012-abcdefghijkl", K},
    {"AIza" "SyA1234567890abcdefghijklmnopqrstuv", K},
    {"glpat-aB3dE6gH9jK2mN5pQ8sT", K},
    {"hf_abcdefghijABCDEFGHIJabcdefghijABCD", K},
    {"-----BEGIN RSA PRIVATE KEY-----\nMIIE", K},
    {"-----BEGIN OPENSSH PRIVATE KEY-----", K},
    {"-----BEGIN PRIVATE KEY-----", K},
    {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP", K},
    {"Authorization: Bearer " MIX36, K},
    {"api_key = \"" HEX32 "\"", K},
    {"{\"apiKey\":\"" MIX36 "\"}", K},
    {"{\\\"token\\\":\\\"" MIX36 "\\\"}", K},
    {"password=Tr0ub4dor&3", K},
    {"Password: Corr3ct!Horse", K},
    {"client_secret: " MIX36, K},
    {"https://example.com/?token=" MIX36 "&x=1", K},
    {"postgres://admin:S3cretPass@db.example.com/app", K},
    {"key\\nghp_" MIX36 "\\n", K},
    {"sk_live_4eC39HqLyjWDarjtT1zdp7dc", K},
    {"ghu_" MIX36, K},
    {"ghs_" MIX36, K},
    {"ghr_" MIX36, K},
    {"xoxa-2-123456789012-abcdefghijkl", K},
    {"xoxp-123456789012-abcdefghijkl", K},
    {"xoxr-123456789012-abcdefghijkl", K},
    {"xoxs-123456789012-abcdefghijkl", K},
    {"xapp-1-A123456789012-abcdefghijkl", K},
    {"ya29.a0AfB_abcdefghijklmnopqrstuvwxyz", K},
    {"gsk_" MIX36 MIX36, K},
    {"xai-" MIX36 MIX36, K},
    {"pplx-" MIX36 MIX36, K},
    {"r8_" MIX36 "a", K},
    {"npm_" MIX36, K},
    {"pypi-AgEIcHlwaS5vcmcC" MIX36 "_" MIX36, K},
    {"rk_live_4eC39HqLyjWDarjtT1zdp7dc", K},
    {"sk_test_4eC39HqLyjWDarjtT1zdp7dc", K},
    {"shpat_" HEX32, K},
    {"dop_v1_" HEX32 HEX32, K},
    {"SG." MIX36 "." MIX36, K},
    {"bearer " MIX36, K},
    {"sk-learn-contrib-imbalanced-v2", 0},
    {"task-sk-abcdefghijklmnopqrstuvwx", 0},
    {"sk-short1", 0},
    {"desk-abcdefghijklmnopqrstuvwxyz", 0},
    {"AKIAIOSFODNN7EXAMPL", 0},
    {"AKIAIOSFODNN7EXAMPLES", 0},
    {"ghp_short", 0},
    {"hf_hub_download_to_a_local_directory", 0},
    {"-----BEGIN CERTIFICATE-----", 0},
    {"-----BEGIN PUBLIC KEY-----", 0},
    {"---------------------------", 0},
    {"eyJhbGciOiJIUzI1NiJ9", 0},
    {"eyJhbGciOiJIUzI1NiJ9.x.y", 0},
    {"key: user-profile-cache-2024", 0},
    {"key: getUserProfileByIdentifier", 0},
    {"token: 12345678901234567890", 0},
    {"password: <your password>", 0},
    {"password=${DB_PASSWORD1}", 0},
    {"password = getPassword2(user)", 0},
    {"password: hunter", 0},
    {"the key is to try", 0},
    {"monkey: Abcdefgh", 0},
    {"postgres://user:password@localhost/app", 0},
    {"Bearer of good news in 2024", 0},
    {"sort(key=lambda item: item[1])", 0},
    {"api_key=os.environ['OPENAI_API_KEY']", 0},
    {"a risk-abcdefghijklmnopqrstuvwx1", 0},
    {0},
};

static const struct example nothing[] = {
    {"", 0},
    {"The quick brown fox jumps over the lazy dog.", 0},
    {"Summarise chapter 12 of the 2nd edition (1999, pp. 123-145).", 0},
    {"for (int i = 0; i < 1000000; i++) sum += a[i] * 3.14159;", 0},
    {"2026-11-27T09:26:16.123456Z INFO [thread-12] took 1234 ms, 56789 bytes", 0},
    {"commit 3737552f3c1d4b5a6978c0ffee0123456789abcd", 0},
    {"550e8400-e29b-41d4-a716-446655440000", 0},
    {"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", 0},
    {"x = [0.013, -0.25, 1e-5, 100000000, 2147483647, 18446744073709551615]", 0},
    {"EUR 1.234.567,89 or USD 1,234,567.89", 0},
    {"10:30-11:45, 12.30-13.45", 0},
    {"ISBN 978-0-13-110362-7", 0},
    {"\xff\xfe\x80 @ \xc0 \xe2\x80", 0},
    {"@", 0},
    {"+", 0},
    {"(", 0},
    {"=", 0},
    {"\\", 0},
    {0},
};
/* clang-format on */

static void test_kinds(void)
{
    check_all(emails);
    check_all(phones);
    check_all(ibans);
    check_all(cards);
    check_all(ssns);
    check_all(addresses);
    check_all(secrets);
    check_all(nothing);
}

static void test_several(void)
{
    static const char text[] =
        "anna@example.com, +49 30 1234567, DE89370400440532013000, "
        "4111111111111111, 123-45-6789, 203.0.113.7, "
        "AKIAIOSFODNN7EXAMPLE";
    char names[SENSITIVE_TEXT_SIZE];
    uint32_t kinds = sensitive_find(span_text(text));
    CHECK_INT(kinds, SENSITIVE_ALL);
    CHECK_TEXT(sensitive_text(kinds, names),
               "e-mail, phone, IBAN, card, SSN, IPv4, secret");
    CHECK_TEXT(sensitive_text(0, names), "");
    CHECK_TEXT(sensitive_text(SENSITIVE_IBAN, names), "IBAN");
}

/* Every example in every surrounding that ends a word: it is still found, and nothing else. */
static void test_surroundings(void)
{
    static const char *const around[][2] = {
        {"", ""},       {" ", " "}, {"\"", "\""},  {"\n", "\n"},
        {"(", ")"},     {"<", ">"}, {"See ", "."}, {"\xe5\xa5\xbd", "\xe3\x80\x82"},
        {"\\n", "\\n"}, {"[", "]"},
    };
    static const struct example plain[] = {
        {"anna@example.com", E}, {"+49 30 1234567", P}, {"DE89370400440532013000", I},
        {"4111111111111111", C}, {"123-45-6789", S},    {"203.0.113.7", A},
        {"ghp_" MIX36, K},
    };
    for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++)
        for (size_t j = 0; j < sizeof(plain) / sizeof(*plain); j++) {
            char text[256];
            snprintf(text, sizeof(text), "%s%s%s", around[i][0], plain[j].text,
                     around[i][1]);
            const struct example one[] = {{text, plain[j].kinds}, {0}};
            check_all(one);
        }
}

/* Whatever stands at the end is read to the last byte and not beyond it: the memory ends there
 * (build with -fsanitize=address to see it). */
static void test_cut(void)
{
    const struct example *const all[] = {emails, phones,    ibans,  cards,
                                         ssns,   addresses, secrets};
    unsigned long cuts = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        for (const struct example *example = all[i]; example->text; example++)
            for (size_t size = 0; size < strlen(example->text); size++) {
                uint8_t *copy = malloc(size + 1);
                memcpy(copy, example->text, size);
                copy[size] = '7';
                cuts += sensitive_find(span_of(copy, size)) <= SENSITIVE_ALL;
                free(copy);
            }
    CHECK(cuts > 3000);
}

/* A prompt whose texts have escapes is looked through as it is read, if memory allows it. */
static void test_in_call(void)
{
    static const char body[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"user\","
        "\"content\":"
        "\"\\u0061nna@example.com\\n203.0.113.7\"}],\"user\":\"4111111111111111\"}";
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .body = span_text(body)};
    struct call call;
    uint32_t kinds = 0;
    CHECK_INT(api_recognise(&request, &call), REASON_NONE);
    CHECK(sensitive_in_call(&call, request.body, &kinds));
    CHECK_INT(kinds, E | A);
    memory_fail_from(1);
    CHECK(!sensitive_in_call(&call, request.body, &kinds));
    memory_fail_from(0);
    api_call_free(&call);
}

int main(void)
{
    RUN(test_in_call);
    RUN(test_kinds);
    RUN(test_several);
    RUN(test_surroundings);
    RUN(test_cut);
    return unit_end();
}
