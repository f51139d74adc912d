/* SPDX-License-Identifier: MIT */
/* A plugin linked to one copy of copy.c. */
void *SSL_new(void *ctx);
int SSL_connect(void *ssl);
int SSL_write(void *ssl, const void *data, int size);
int SSL_read(void *ssl, void *data, int size);
void SSL_free(void *ssl);

/* connect, write, read: the three digits are those of the copy. */
int caller_number(void);
int caller_number(void)
{
    void *ssl = SSL_new(0);
    return SSL_connect(ssl) * 100 + SSL_write(ssl, "x", 1) * 10 + SSL_read(ssl, 0, 0);
}

/* An object of the copy's, to be freed by caller_free(), which leaves the copy's number
 * behind its first word. */
void *caller_new(void);
void *caller_new(void)
{
    return SSL_new(0);
}

/* The call is the last thing done here, so it returns into whoever called this. */
void caller_free(void *ssl);
void caller_free(void *ssl)
{
    SSL_free(ssl);
}
