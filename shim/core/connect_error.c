/* SPDX-License-Identifier: MIT */
/* OpenSSL has no texts for the system's errors, and what has none is "unknown error" to
 * Python; so a library number of its own is given texts. */
#include "connect_error.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <stdatomic.h>

static const struct {
    int error;
    const char *text; /* as strerror(3) has it */
} texts[] = {
    {ECONNREFUSED, "Connection refused"},
    {ECONNRESET, "Connection reset by peer"},
    {ECONNABORTED, "Software caused connection abort"},
    {ETIMEDOUT, "Connection timed out"},
    {ENETUNREACH, "Network is unreachable"},
    {ENETDOWN, "Network is down"},
    {EHOSTUNREACH, "No route to host"},
    {EHOSTDOWN, "Host is down"},
    {EADDRNOTAVAIL, "Cannot assign requested address"},
    {EACCES, "Permission denied"},
    {EPERM, "Operation not permitted"},
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* What OpenSSL is given has to stay, and it is one copy's own. */
struct registered {
    const struct libssl *lib;
    int library;
    ERR_STRING_DATA strings[TEXTS + 1];
};

static struct registered registered;
static _Atomic int state; /* 0 = nothing yet, 1 = being filled in, 2 = done */

/* The number of our library in |lib|; ERR_LIB_SYS where there is none. */
static int library_number(const struct libssl *lib)
{
    int none = 0;
    if (atomic_compare_exchange_strong(&state, &none, 1)) {
        registered.lib = lib;
        registered.library = lib->ERR_get_next_error_library();
        for (size_t i = 0; i < TEXTS; i++)
            registered.strings[i] = (ERR_STRING_DATA){
                ERR_PACK(registered.library, 0, texts[i].error), texts[i].text};
        lib->ERR_load_strings_const(registered.strings);
        atomic_store(&state, 2);
    }
    return atomic_load(&state) == 2 && registered.lib == lib ? registered.library
                                                             : ERR_LIB_SYS;
}

static bool can_put(const struct libssl *lib)
{
    return lib->ERR_new && lib->ERR_set_error && lib->ERR_get_next_error_library &&
           lib->ERR_load_strings_const;
}

void connect_error_put(const struct libssl *lib, int error)
{
    if (!can_put(lib))
        return;
    int library = library_number(lib);
    lib->ERR_new();
    lib->ERR_set_error(library, error, NULL);
}

bool connect_error_put_unverified(const struct libssl *lib)
{
    if (!can_put(lib))
        return false;
    lib->ERR_new();
    lib->ERR_set_error(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED, NULL);
    return true;
}
