/* SPDX-License-Identifier: MIT */
/* What can be done about programs that are out of reach, see reach.h. */
#include "reach.h"

#include "script.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* OpenSSL or BoringSSL inside: for interpreters there are builds without. */
static const char *advice_for_inside(const struct reach *reach)
{
    const char *name = base_name(reach->program);
    if (strcmp(name, "node") == 0 || strcmp(name, "nodejs") == 0)
        return "This Node.js has OpenSSL inside, as those of nodejs.org, NodeSource and "
               "nvm do. Debian's own package nodejs uses the shared libssl: install that "
               "one, or run the script with it.";
    if (strcmp(name, "bun") == 0)
        return "Bun has BoringSSL inside. Run the script with Debian's nodejs.";
    if (strncmp(name, "python", 6) == 0)
        return "This Python has OpenSSL inside, as those that uv and rye download do. "
               "Use "
               "Debian's python3 or one built by pyenv (uv: UV_PYTHON_PREFERENCE="
               "only-system).";
    return "The TLS library is built in. If the tool also comes as a script (npm, pip) "
           "or "
           "in a Debian package, use that.";
}

static const char *advice_for_tls(const struct reach *reach)
{
    switch (reach->tls) {
    case TLS_OPENSSL_INSIDE:
    case TLS_BORINGSSL_INSIDE:
    case TLS_OWN:
        return advice_for_inside(reach);
    case TLS_GNUTLS:
    case TLS_NSS:
    case TLS_MBEDTLS:
    case TLS_WOLFSSL:
        return "Only OpenSSL and libcurl are hooked. Use a build with one of them, or "
               "another "
               "program (curl instead of wget).";
    case TLS_RUSTLS:
        return "rustls is part of the program. Use a build with OpenSSL (reqwest's "
               "feature native-tls), or another tool in Python or JavaScript.";
    case TLS_GO:
        return "Go brings its own TLS. There is no way but another tool, in Python or "
               "JavaScript for instance.";
    case TLS_JAVA:
        return "Java brings its own TLS, written in Java. There is no way but another "
               "tool, "
               "in Python or JavaScript for instance.";
    default:
        return NULL;
    }
}

static const char *advice_for_parts(const struct reach *reach)
{
    if (reach->script && strstr(reach->script, "/node_modules/"))
        return "The package brings a program with TLS inside, and that one makes the "
               "calls, "
               "not Node.js. There is no way but a version of the tool that is all "
               "JavaScript.";
    return "A Python package brings its own TLS, and calls through it are not seen. "
           "Choose "
           "another transport: Google's libraries take transport=\"rest\" instead of "
           "gRPC.";
}

const char *reach_advice(const struct reach *reach)
{
    if (reach->script && reach->verdict == REACH_UNKNOWN && script_is_shim(reach->script))
        return "A version manager's shim starts one of several programs. Judge the one "
               "that it chooses: preecho doctor -- \"$(pyenv which python3)\".";
    if (reach->parts.size)
        return advice_for_parts(reach);
    if (reach->verdict != REACH_NO)
        return NULL;
    if (reach->obstacle >= OBSTACLE_SET_UID && reach->obstacle <= OBSTACLE_CAPABILITIES)
        return "The loader ignores LD_PRELOAD for programs that gain rights. Run it as "
               "the "
               "user that it changes to, or a copy without set-uid bit and capabilities.";
    if (reach->obstacle == OBSTACLE_MACHINE)
        return "Use a build for this machine's architecture.";
    if (reach->obstacle == OBSTACLE_MUSL)
        return "Use the build for glibc (often named linux-x64-gnu).";
    const char *advice = advice_for_tls(reach);
    if (advice || reach->obstacle != OBSTACLE_STATIC)
        return advice;
    return "It is statically linked, so nothing can be preloaded. Use a dynamically "
           "linked "
           "build.";
}
