#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The differential test: a program over libcurl that prints every callback and every
# curl_easy_getinfo value, run against the origin without preecho, as a miss, and as a hit.

load helpers.bash

setup_file() {
    start_upstream
    start_nginx
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

# What a hit may not show: the fields that belong to one exchange on one connection (stripped on
# serving, RFC 9111, 3.1) and the two that a cache adds; with them the size of the head; and
# the socket, since there is none.
without_exchange_fields() {
    grep -viE '^(header|write) 1\*[0-9]+: (date|set-cookie|x-ratelimit-[a-z-]*|age|cache-status):' "$1" |
        grep -viE '^nextheader (date|set-cookie|x-ratelimit-[a-z-]*|age|cache-status):' |
        grep -vE '^info (HEADER_SIZE|COOKIELIST|ACTIVESOCKET):'
}

# compare WAY ADDRESS PROGRAM UPSTREAM [SCENARIO...]: three runs and two comparisons. In the last
# run at most UPSTREAM requests go to the origin: errors, aborted transfers and what preecho does
# not replay.
compare() {
    local way=$1 url=$2/v1/chat/completions program=$PROGRAMS/$3 allowed=$4 run before
    shift 4
    "$program" "$way" "$url" "$KEY" "$@" >"$BATS_TEST_TMPDIR/origin" 2>&1
    preloaded "$program" "$way" "$url" "$KEY" "$@" >"$BATS_TEST_TMPDIR/miss" 2>&1
    before=$(requests)
    preloaded "$program" "$way" "$url" "$KEY" "$@" >"$BATS_TEST_TMPDIR/hit" 2>&1
    [ $(($(requests) - before)) -le "$allowed" ] ||
        fail "$(($(requests) - before)) requests of the second run were no hits"
    for run in origin miss hit; do
        without_exchange_fields "$BATS_TEST_TMPDIR/$run" >"$BATS_TEST_TMPDIR/$run.fields"
        joined "$BATS_TEST_TMPDIR/$run.fields" >"$BATS_TEST_TMPDIR/$run.joined"
    done
    same_trace origin.joined miss.joined
    same_trace miss.fields hit.fields
}

# Two real transfers need not be cut alike by the network: consecutive writes as one. (A hit is cut
# exactly as its recording was.)
joined() {
    awk '/^write 1\*/ { sub(/^write 1\*[0-9]+: /, ""); text = text $0; next }
        text != "" { print "write: " text; text = "" }
        { print }
        END { if (text != "") print "write: " text }' "$1"
}

same_trace() {
    diff -U 4 "$BATS_TEST_TMPDIR/$1" "$BATS_TEST_TMPDIR/$2" |
        cut -c 1-200 >"$BATS_TEST_TMPDIR/diff" || true
    [ ! -s "$BATS_TEST_TMPDIR/diff" ] ||
        fail "$1 and $2 differ: $(head -n 60 "$BATS_TEST_TMPDIR/diff")"
}

# Scenarios whose transfers do not depend on what the handle's connection did before: on a hit it
# did nothing (NUM_CONNECTS, CERTINFO), and no cookie came.
REUSED="plain header-option accept-encoding stream stream-trailers chunked pause copypostfields
    readfunction expect http11 header-api"

@test "curl_easy_perform, OpenSSL, HTTP/1.1: origin, miss and hit look the same" {
    compare easy "$TLS" difference 8
}

@test "curl_easy_perform, OpenSSL, HTTP/2: origin, miss and hit look the same" {
    compare easy "$H2" difference 8
}

@test "curl_easy_perform, OpenSSL, plain http: origin, miss and hit look the same" {
    compare easy "$PLAIN" difference 8
}

@test "curl_multi_perform and curl_multi_poll, OpenSSL, HTTP/1.1: origin, miss and hit look the same" {
    compare poll "$TLS" difference 8
}

@test "curl_multi_perform and curl_multi_poll, OpenSSL, HTTP/2: origin, miss and hit look the same" {
    compare poll "$H2" difference 8
}

@test "curl_multi_socket_action, OpenSSL, HTTP/1.1: origin, miss and hit look the same" {
    compare socket "$TLS" difference 8
}

@test "curl_multi_socket_action, OpenSSL, HTTP/2: origin, miss and hit look the same" {
    compare socket "$H2" difference 8
}

@test "handles used again, duplicated and reset, OpenSSL, HTTP/1.1: origin, miss and hit look the same" {
    # shellcheck disable=SC2086 # names are words
    compare reuse "$TLS" difference 0 $REUSED
}

@test "curl_easy_perform, GnuTLS, HTTP/1.1: origin, miss and hit look the same" {
    compare easy "$TLS" difference_gnutls 8
}

@test "curl_easy_perform, GnuTLS, HTTP/2: origin, miss and hit look the same" {
    compare easy "$H2" difference_gnutls 8
}

@test "curl_multi_perform and curl_multi_poll, GnuTLS, HTTP/1.1: origin, miss and hit look the same" {
    compare poll "$TLS" difference_gnutls 8
}

@test "curl_multi_perform and curl_multi_poll, GnuTLS, HTTP/2: origin, miss and hit look the same" {
    compare poll "$H2" difference_gnutls 8
}

@test "curl_multi_socket_action, GnuTLS, HTTP/1.1: origin, miss and hit look the same" {
    compare socket "$TLS" difference_gnutls 8
}

@test "curl_multi_socket_action, GnuTLS, HTTP/2: origin, miss and hit look the same" {
    compare socket "$H2" difference_gnutls 8
}

@test "handles used again, duplicated and reset, GnuTLS, HTTP/1.1: origin, miss and hit look the same" {
    # shellcheck disable=SC2086 # names are words
    compare reuse "$TLS" difference_gnutls 0 $REUSED
}

@test "curl_multi_wait, OpenSSL, HTTP/1.1: origin, miss and hit look the same" {
    compare wait "$TLS" difference 8
}

@test "curl_multi_fdset and select, OpenSSL, HTTP/1.1: origin, miss and hit look the same" {
    compare fdset "$TLS" difference 8
}
