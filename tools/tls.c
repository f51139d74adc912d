/* SPDX-License-Identifier: MIT */
/* See tls.h. */
#include "tls.h"

#include "print.h"

#include <stdlib.h>
#include <uthash.h>

static const struct {
    const char *name, *reason;
} kinds[] = {
    [TLS_NONE] = {"none", NULL},
    [TLS_LIBSSL] = {"libssl", NULL},
    [TLS_OPENSSL_INSIDE] = {"OpenSSL inside", NULL},
    [TLS_BORINGSSL_INSIDE] = {"BoringSSL inside", NULL},
    [TLS_GNUTLS] = {"GnuTLS", "it uses GnuTLS without libcurl"},
    [TLS_NSS] = {"NSS", "it uses NSS without libcurl"},
    [TLS_MBEDTLS] = {"mbed TLS", "it uses mbed TLS"},
    [TLS_WOLFSSL] = {"wolfSSL", "it uses wolfSSL"},
    [TLS_RUSTLS] = {"rustls", "it uses rustls"},
    [TLS_GO] = {"Go", "it is a Go program, and Go brings its own TLS"},
    [TLS_JAVA] = {"Java", "Java brings its own TLS, written in Java"},
    [TLS_OWN] = {"its own", "it brings a TLS library of its own"},
};

const char *tls_name(enum tls_kind kind)
{
    return kinds[kind].name;
}

const char *tls_reason(enum tls_kind kind)
{
    return kinds[kind].reason;
}

enum tls_kind tls_linked(const struct image *program)
{
    static const struct {
        const char *library;
        enum tls_kind kind;
    } libraries[] = {
        {"libgnutls.so", TLS_GNUTLS},   {"libnss3.so", TLS_NSS},
        {"libmbedtls.so", TLS_MBEDTLS}, {"libwolfssl.so", TLS_WOLFSSL},
        {"libjli.so", TLS_JAVA},
    };
    for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
        if (image_needs(program, libraries[i].library))
            return libraries[i].kind;
    return TLS_NONE;
}

/* True when |image| holds |one| and |other| put together. They come apart, or we would find
 * them in ourselves. */
static bool holds(const struct image *image, const char *one, const char *other)
{
    char *text = print_memory("%s%s", one, other);
    bool found = image_contains(image, text);
    free(text);
    return found;
}

/* By its functions, or by the names of its sources, which its error messages keep. */
static enum tls_kind look_for_openssl(const struct image *image)
{
    if (!elf_defines(&image->elf, "SSL_read") && !holds(image, "ssl/", "ssl_lib.c"))
        return TLS_NONE;
    return holds(image, "ssl/", "ssl_lib.cc") ? TLS_BORINGSSL_INSIDE : TLS_OPENSSL_INSIDE;
}

/* Every program has the same libraries: each file is searched once. Kept until the end. */
struct finding {
    UT_hash_handle hh;
    enum tls_kind kind;
    char path[];
};

static enum tls_kind openssl_inside(const struct image *image)
{
    static struct finding *findings;
    struct finding *found;
    size_t size = strlen(image->path);
    HASH_FIND(hh, findings, image->path, size, found);
    if (found)
        return found->kind;
    found = print_grown(NULL, sizeof(*found) + size + 1);
    memset(found, 0, sizeof(*found));
    memcpy(found->path, image->path, size + 1);
    found->kind = look_for_openssl(image);
    HASH_ADD(hh, findings, path, size, found);
    return found->kind;
}

static bool is_go(const struct image *image)
{
    return image->elf.go || holds(image, "\xff Go ", "buildinf:");
}

enum tls_kind tls_inside(const struct image *image)
{
    enum tls_kind openssl = openssl_inside(image);
    if (openssl != TLS_NONE)
        return openssl;
    if (holds(image, "/rustls", "-0."))
        return TLS_RUSTLS;
    /* RFC 8446, section 7.1: a label that nobody gets around who speaks TLS 1.3 */
    if (!holds(image, "c hs ", "traffic"))
        return TLS_NONE;
    return is_go(image)                    ? TLS_GO
           : holds(image, "rust", "ls")    ? TLS_RUSTLS
           : holds(image, "Boring", "SSL") ? TLS_BORINGSSL_INSIDE
           : holds(image, "Open", "SSL ")  ? TLS_OPENSSL_INSIDE
                                           : TLS_OWN;
}

const struct image *tls_bundling(const struct images *images, enum tls_kind *kind)
{
    for (size_t i = 0; i < images->count; i++) {
        *kind = openssl_inside(images->at[i]);
        if (*kind != TLS_NONE)
            return images->at[i];
    }
    return NULL;
}
