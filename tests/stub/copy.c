/* SPDX-License-Identifier: MIT */
/* A library like libssl, built more than once with another VALUE (and other symbol
 * versions): its functions tell which copy they are. With WITHOUT_LIBC it needs none. */
#ifndef VALUE
#define VALUE 1
#endif

struct object {
    const void *method;
    int value;
};

void *SSL_new(void *ctx);
int SSL_pending(const void *ssl);
int SSL_get_error(const void *ssl, int result);
int SSL_write(void *ssl, const void *data, int size);
int SSL_read(void *ssl, void *data, int size);
int SSL_connect(void *ssl);
void SSL_free(void *ssl);

/* Like libssl's objects, these point to a table in the library. */
static const int method = VALUE;

void *SSL_new(void *ctx)
{
    static struct object object;
    (void)ctx;
    object.method = &method;
    object.value = 0;
    return &object;
}

int SSL_pending(const void *ssl)
{
    (void)ssl;
    return VALUE;
}

int SSL_get_error(const void *ssl, int result)
{
    (void)ssl;
    return VALUE * 10 + result;
}

/* Fills no buffer: the result tells the copy. Calls itself through the PLT, as libssl
 * does. */
int SSL_write(void *ssl, const void *data, int size)
{
    (void)data;
    (void)size;
    return SSL_pending(ssl);
}

int SSL_read(void *ssl, void *data, int size)
{
    (void)data;
    (void)size;
    return SSL_get_error(ssl, 0) / 10;
}

int SSL_connect(void *ssl)
{
    (void)ssl;
    return VALUE;
}

/* Leaves the copy's number in the object. */
void SSL_free(void *ssl)
{
    ((struct object *)ssl)->value = VALUE;
}
