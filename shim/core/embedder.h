/* SPDX-License-Identifier: MIT */
/* Where embeddings are asked for: an endpoint that answers POST /v1/embeddings as OpenAI has it, which
 * llama.cpp's server, Ollama, TEI and others do, too.
 *
 * Supported: http:// to an address of this machine (127.0.0.0/8, [::1], or localhost, which is taken
 * for 127.0.0.1); to any other literal address where |far| permits it. No https, no names, no
 * credentials: whoever wants a provider's model puts a local proxy in front of it.
 *
 * Pure functions; any thread. */
#ifndef CORE_EMBEDDER_H
#define CORE_EMBEDDER_H

#include "store/bytes.h"

#include <sys/socket.h>

#define EMBEDDER_DEADLINE_MS 150
#define EMBEDDER_TEXT        ((size_t)8 << 10) /* bytes of a text, at most */

struct embedder {
    struct sockaddr_storage address;
    socklen_t address_size;
    char host[64];  /* as the Host field has it */
    char path[256]; /* begins with '/' */
    char model[128];
    size_t dimensions; /* 0 = whatever the model has */
    unsigned deadline_ms;
};

/* What came of a question. The numbers go into figures: never change one. */
enum embedded {
    EMBEDDED_OK = 0,
    EMBEDDED_LATE = 1,       /* the deadline has passed */
    EMBEDDED_DOWN = 2,       /* no connection, or it broke off */
    EMBEDDED_REFUSED = 3,    /* a status other than 200 */
    EMBEDDED_UNREADABLE = 4, /* no such answer, or one that is too long */
    EMBEDDED_MODEL = 5,      /* another model has answered */
    EMBEDDED_DIMENSIONS = 6, /* not as many as there have to be */
    EMBEDDED_TEXT = 7,       /* the text is empty or too long */
    EMBEDDED_MEMORY = 8,
    EMBEDDED_HELPER = 9 /* no process that would have asked, or it has come to nothing */
};

/* NULL, or why |url| or |model| will not do, as a sentence's end ("has to begin with http://").
 * A path of "/" or none becomes /v1/embeddings. |far|: addresses of other machines, too. */
const char *embedder_set(struct embedder *embedder, struct span url, struct span model,
                         bool far);

#endif
