/* SPDX-License-Identifier: MIT */
/* See microhttpd.h. */
#include "microhttpd.h"

#include <dlfcn.h>

bool microhttpd_load(struct microhttpd *out)
{
    const struct {
        void *place;
        const char *name;
    } functions[] = {
        {&out->start_daemon, "MHD_start_daemon"},
        {&out->stop_daemon, "MHD_stop_daemon"},
        {&out->quiesce_daemon, "MHD_quiesce_daemon"},
        {&out->get_connection_info, "MHD_get_connection_info"},
        {&out->get_connection_values_n, "MHD_get_connection_values_n"},
        {&out->lookup_connection_value, "MHD_lookup_connection_value"},
        {&out->create_response, "MHD_create_response_from_buffer_with_free_callback_cls"},
        {&out->add_response_header, "MHD_add_response_header"},
        {&out->queue_response, "MHD_queue_response"},
        {&out->destroy_response, "MHD_destroy_response"},
    };
    void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW);
    for (size_t i = 0; library && i < sizeof functions / sizeof *functions; i++) {
        void *function = dlsym(library, functions[i].name);
        if (!function)
            return false;
        memcpy(functions[i].place, &function, sizeof function);
    }
    return library != NULL;
}
