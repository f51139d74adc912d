/* SPDX-License-Identifier: MIT */
/* Preloaded before the stub: hides glibc 2.35's _dl_find_object, as if it were an older
 * one. */
int _dl_find_object(void *address, void *result);
int _dl_find_object(void *address, void *result)
{
    (void)address;
    (void)result;
    return -1;
}
