#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# libssl in every style of I/O. Between handshake and request 300 ms pass: the session tickets of
# TLS 1.3 wake an event loop too, and would hide a wake-up that does not work.

load helpers.bash
load clients.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

# styled STYLE OPTION... -- COUNT [STEP]
styled() {
    local style=$1 options=()
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    preloaded "$PROGRAMS/tls_client" --style "$style" "${options[@]}" \
        "$TLS/v1/chat/completions" "$KEY" "${STYLED_BODY:-$BODY}" "${@:2}"
}

# Hits and misses alternate on one connection, and an idle time passes before each request.
wakes_after_idling() {
    upstream_sees 2 styled "$1" --sleep 300 -- 2 2
    keep odd
    upstream_sees 2 styled "$1" --sleep 300 -- 4
    looks_right 4
    keep all
    hit styled "$1" --sleep 300 -- 4
    same_as all
    hit styled "$1" --sleep 300 -- 2 2
    same_as odd
}

pipelines() {
    upstream_sees 2 styled "$1" -- 2 2
    upstream_sees 2 styled "$1" --pipeline -- 4
    looks_right 4
    keep all
    hit styled "$1" --pipeline -- 4
    same_as all
    hit styled "$1" -- 4
    same_as all
}

honours_small_reads() {
    upstream_sees 3 styled "$1" --ex --peek --read 5 --write 11 -- 3
    looks_right 3
    keep all
    hit styled "$1" --ex --peek --read 5 --write 11 -- 3
    same_as all
    hit styled "$1" --read 1 -- 3
    same_as all
}

replays_streams() {
    local STYLED_BODY=$STREAM_BODY
    upstream_sees 3 styled "$1" -- 3
    keep all
    hit styled "$1" --sleep 100 -- 3
    same_as all
}

# The server closes the idle connection while the program believes it to be in use: a hit needs no
# connection, and the miss behind it gets a new one.
survives_closes() {
    local TLS=$HASTY
    upstream_sees 2 styled "$1" -- 2 2
    keep odd
    hit styled "$1" --pause 300 -- 2 2
    same_as odd
    upstream_sees 2 styled "$1" --pause 300 -- 4
    looks_right 4
    keep all
    hit styled "$1" -- 4
    same_as all
}

@test "a request of 3 MB and an answer of 3 MB in every style" {
    local style request=$BATS_TEST_TMPDIR/request body=$BATS_TEST_TMPDIR/body
    {
        printf '{"model":"m","messages":[{"role":"user","content":"'
        head -c 3000000 /dev/zero | tr '\0' 'x'
        printf ' [[fault:big=3000]]"}]}'
    } >"$body"
    for style in blocking select poll epoll epoll-edge epoll-oneshot memory; do
        {
            printf 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n'
            printf 'Authorization: Bearer %s\r\nContent-Type: application/json\r\n' "$KEY-$style"
            printf 'Content-Length: %d\r\n\r\n' "$(stat -c %s "$body")"
            cat "$body"
        } >"$request"
        miss preloaded "$PROGRAMS/tls_client" --style "$style" --raw "$TLS/" - "$request"
        sed '1,/^\r$/d' "$OUT" >"$BATS_TEST_TMPDIR/first"
        hit preloaded "$PROGRAMS/tls_client" --style "$style" --read 9999 --write 4096 --raw \
            "$TLS/" - "$request"
        sed '1,/^\r$/d' "$OUT" | cmp - "$BATS_TEST_TMPDIR/first"
    done
}

@test "blocking socket BIO: hits and misses on one connection after 300 ms of idling" {
    wakes_after_idling blocking
}

@test "blocking socket BIO: pipelined requests in one SSL_write" {
    pipelines blocking
}

@test "blocking socket BIO: SSL_peek, the _ex twins, reads and writes of a few bytes" {
    honours_small_reads blocking
}

@test "blocking socket BIO: streams" {
    replays_streams blocking
}

@test "blocking socket BIO: a server that closes while hits are served" {
    survives_closes blocking
}

@test "non-blocking with select: hits and misses on one connection after 300 ms of idling" {
    wakes_after_idling select
}

@test "non-blocking with select: pipelined requests in one SSL_write" {
    pipelines select
}

@test "non-blocking with select: SSL_peek, the _ex twins, reads and writes of a few bytes" {
    honours_small_reads select
}

@test "non-blocking with select: streams" {
    replays_streams select
}

@test "non-blocking with select: a server that closes while hits are served" {
    survives_closes select
}

@test "non-blocking with poll: hits and misses on one connection after 300 ms of idling" {
    wakes_after_idling poll
}

@test "non-blocking with poll: pipelined requests in one SSL_write" {
    pipelines poll
}

@test "non-blocking with poll: SSL_peek, the _ex twins, reads and writes of a few bytes" {
    honours_small_reads poll
}

@test "non-blocking with poll: streams" {
    replays_streams poll
}

@test "non-blocking with poll: a server that closes while hits are served" {
    survives_closes poll
}

@test "epoll, level-triggered: hits and misses on one connection after 300 ms of idling" {
    wakes_after_idling epoll
}

@test "epoll, level-triggered: pipelined requests in one SSL_write" {
    pipelines epoll
}

@test "epoll, level-triggered: SSL_peek, the _ex twins, reads and writes of a few bytes" {
    honours_small_reads epoll
}

@test "epoll, level-triggered: streams" {
    replays_streams epoll
}

@test "epoll, level-triggered: a server that closes while hits are served" {
    survives_closes epoll
}

@test "epoll, edge-triggered: hits and misses on one connection after 300 ms of idling" {
    wakes_after_idling epoll-edge
}

@test "epoll, edge-triggered: pipelined requests in one SSL_write" {
    pipelines epoll-edge
}

@test "epoll, edge-triggered: SSL_peek, the _ex twins, reads and writes of a few bytes" {
    honours_small_reads epoll-edge
}

@test "epoll, edge-triggered: streams" {
    replays_streams epoll-edge
}

@test "epoll, edge-triggered: a server that closes while hits are served" {
    survives_closes epoll-edge
}

@test "epoll, one-shot: hits and misses on one connection after 300 ms of idling" {
    wakes_after_idling epoll-oneshot
}

@test "epoll, one-shot: pipelined requests in one SSL_write" {
    pipelines epoll-oneshot
}

@test "epoll, one-shot: SSL_peek, the _ex twins, reads and writes of a few bytes" {
    honours_small_reads epoll-oneshot
}

@test "epoll, one-shot: streams" {
    replays_streams epoll-oneshot
}

@test "epoll, one-shot: a server that closes while hits are served" {
    survives_closes epoll-oneshot
}

@test "memory BIO with epoll: hits and misses on one connection after 300 ms of idling" {
    wakes_after_idling memory
}

@test "memory BIO with epoll: pipelined requests in one SSL_write" {
    pipelines memory
}

@test "memory BIO with epoll: SSL_peek, the _ex twins, reads and writes of a few bytes" {
    honours_small_reads memory
}

@test "memory BIO with epoll: streams" {
    replays_streams memory
}

@test "memory BIO with epoll: a server that closes while hits are served" {
    survives_closes memory
}
