/* SPDX-License-Identifier: MIT */
/* The functions by which ciphertext of a memory BIO leaves. Called only while a
 * connection lacks its descriptor. Async-signal-safe, as the hooked functions are: no
 * lock, no allocation. */
#include "hello.h"
#include "hooks.h"

static void watch_parts(int fd, const struct iovec *parts, size_t count)
{
    for (size_t i = 0; parts && i < count; i++)
        if (parts[i].iov_len) {
            hello_watch(fd, parts[i].iov_base, parts[i].iov_len);
            return;
        }
}

ssize_t core_send(send_function *real, int fd, const void *data, size_t size, int flags)
{
    hello_watch(fd, data, size);
    return real(fd, data, size, flags);
}

ssize_t core_sendto(sendto_function *real, int fd, const void *data, size_t size,
                    int flags, const struct sockaddr *to, socklen_t to_size)
{
    hello_watch(fd, data, size);
    return real(fd, data, size, flags, to, to_size);
}

ssize_t core_sendmsg(sendmsg_function *real, int fd, const struct msghdr *message,
                     int flags)
{
    if (message)
        watch_parts(fd, message->msg_iov, message->msg_iovlen);
    return real(fd, message, flags);
}

ssize_t core_write(write_function *real, int fd, const void *data, size_t size)
{
    hello_watch(fd, data, size);
    return real(fd, data, size);
}

ssize_t core_writev(writev_function *real, int fd, const struct iovec *parts, int count)
{
    watch_parts(fd, parts, count > 0 ? (size_t)count : 0);
    return real(fd, parts, count);
}
