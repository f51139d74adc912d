/* SPDX-License-Identifier: MIT */
/* libmicrohttpd, loaded here and not linked, for it would slow down every other command. */
#ifndef TOOLS_MICROHTTPD_H
#define TOOLS_MICROHTTPD_H

#include "store/bytes.h"

#include <microhttpd.h>

/* Each is the library's MHD_NAME. */
struct microhttpd {
    struct MHD_Daemon *(*start_daemon)(unsigned int, uint16_t, MHD_AcceptPolicyCallback,
                                       void *, MHD_AccessHandlerCallback, void *, ...);
    void (*stop_daemon)(struct MHD_Daemon *);
    MHD_socket (*quiesce_daemon)(struct MHD_Daemon *);
    const union MHD_ConnectionInfo *(*get_connection_info)(struct MHD_Connection *,
                                                           enum MHD_ConnectionInfoType,
                                                           ...);
    int (*get_connection_values_n)(struct MHD_Connection *, enum MHD_ValueKind,
                                   MHD_KeyValueIteratorN, void *);
    const char *(*lookup_connection_value)(struct MHD_Connection *, enum MHD_ValueKind,
                                           const char *);
    struct MHD_Response *(*create_response)(size_t, void *, MHD_ContentReaderFreeCallback,
                                            void *);
    enum MHD_Result (*add_response_header)(struct MHD_Response *, const char *,
                                           const char *);
    enum MHD_Result (*queue_response)(struct MHD_Connection *, unsigned int,
                                      struct MHD_Response *);
    void (*destroy_response)(struct MHD_Response *);
};

/* False when it is not there, or too old. It stays loaded. */
MUST_USE bool microhttpd_load(struct microhttpd *out);

#endif
