#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the C clients.
# usage: build.sh DIR      programs go to DIR; what is newer than all sources stays
set -eu
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"
flags="-std=c11 -O1 -g -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla"
: "${CC:=cc}"

is_new() {
    [ -e "$1" ] && [ -z "$(find . -name '*.[ch]' -newer "$1")" ]
}

# build PROGRAM LIBRARIES SOURCE...
build() {
    program=$1 libraries=$2
    shift 2
    is_new "$out/$program" && return 0
    # shellcheck disable=SC2086 # flags and libraries are words
    "$CC" $flags -pthread -o "$out/$program" "$@" $libraries
}

for name in tls_client threads_client fork_client closeall_client load_epoll options_client; do
    build "$name" "-lssl -lcrypto" "$name.c" session.c client.c response.c
done
build dlopen_client "-ldl" dlopen_client.c client.c response.c
for name in curl_easy_client curl_multi_poll_client curl_multi_socket_client \
    curl_multi_remove_client; do
    build "$name" "-lcurl" "$name.c" curl_transfer.c client.c
    build "${name}_gnutls" "-l:libcurl-gnutls.so.4" "$name.c" curl_transfer.c client.c
done
build curl_again_client "-lcurl" curl_again_client.c
build curl_again_client_gnutls "-l:libcurl-gnutls.so.4" curl_again_client.c
difference="difference.c difference_trace.c difference_info.c difference_scenarios.c client.c"
# shellcheck disable=SC2086 # file names are words
build difference "-lcurl" $difference
# shellcheck disable=SC2086
build difference_gnutls "-l:libcurl-gnutls.so.4" $difference
