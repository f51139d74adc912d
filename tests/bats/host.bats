#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a program can see of itself is as without preecho: descriptors, children, threads, signals,
# environment, and what happens to its files.

load helpers.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

# self_portrait KEY COUNT: a Python program that makes requests and then looks at itself.
self_portrait() {
    "$PYTHON" "$BATS_TEST_DIRNAME/self_portrait.py" "$TLS/v1/chat/completions" "$@"
}

@test "descriptors, children, threads, signals, environment, locale, limits are as without preecho" {
    capture self_portrait "$KEY" 3
    assert_equal "$STATUS" 0
    keep portrait
    upstream_sees 3 preloaded self_portrait "$KEY" 3
    same_as portrait
    upstream_sees 0 preloaded self_portrait "$KEY" 3
    same_as portrait
}

@test "a merge that is started by a program is no child that the program can notice" {
    capture self_portrait "$KEY-plain" 300
    assert_equal "$STATUS" 0
    keep portrait
    upstream_sees 300 preloaded self_portrait "$KEY" 300
    same_as portrait
    wait_until 10 test "$(find "$PREECHO_STORE/spool" -type f | wc -l)" -lt 250
    upstream_sees 0 preloaded self_portrait "$KEY" 300
    same_as portrait
}

@test "a program that closes every descriptor: the files it then opens are untouched" {
    local victim=$BATS_TEST_TMPDIR/victim
    seq 20000 >"$victim"
    cp "$victim" "$victim.copy"
    upstream_sees 4 preloaded "$PROGRAMS/closeall_client" "$victim" "$TLS/v1/chat/completions" \
        "$KEY" "$(chat 'n @N@')" 4
    assert_equal "$STATUS" 0
    keep first
    cmp "$victim" "$victim.copy"
    "$PREECHO" merge
    hit preloaded "$PROGRAMS/closeall_client" "$victim" "$TLS/v1/chat/completions" \
        "$KEY" "$(chat 'n @N@')" 4
    same_as first
    upstream_sees 2 preloaded "$PROGRAMS/closeall_client" "$victim" "$TLS/v1/chat/completions" \
        "$KEY" "$(chat 'n @N@')" 6
    cmp "$victim" "$victim.copy"
    run "$PREECHO" doctor
    assert_success
}

@test "standard descriptors closed: nothing of preecho stands in for them" {
    local body
    body=$(chat 'closed')
    miss bash -c '"$@" <&- 2>&-' bash env LD_PRELOAD="$BUILD/libpreecho.so" \
        "$PROGRAMS/tls_client" "$TLS/v1/chat/completions" "$KEY" "$body"
    keep first
    hit bash -c '"$@" <&- 2>&-' bash env LD_PRELOAD="$BUILD/libpreecho.so" \
        "$PROGRAMS/tls_client" "$TLS/v1/chat/completions" "$KEY" "$body"
    same_as first
    bash -c '"$@" <&- >&- 2>&-' bash env LD_PRELOAD="$BUILD/libpreecho.so" \
        "$PROGRAMS/tls_client" "$TLS/v1/chat/completions" "$KEY" "$(chat 'all closed')" || true
    run "$PREECHO" doctor
    assert_success
}

@test "few descriptors allowed: the program works as without preecho" {
    local limit status
    for limit in 7 8 9 10 12 16; do
        capture bash -c 'ulimit -n "$0"; exec "$@"' "$limit" "$PROGRAMS/tls_client" \
            --style epoll "$TLS/v1/chat/completions" "$KEY" "$(chat "few $limit [[fault:steady]]")"
        status=$STATUS
        keep without
        for _ in 1 2; do
            capture bash -c 'ulimit -n "$0"; exec "$@"' "$limit" \
                env LD_PRELOAD="$BUILD/libpreecho.so" "$PROGRAMS/tls_client" --style epoll \
                "$TLS/v1/chat/completions" "$KEY" "$(chat "few $limit [[fault:steady]]")"
            assert_equal "$STATUS" "$status"
            same_as without
        done
    done
}

@test "umask 0: the store is still the user's alone" {
    (
        umask 0
        miss ask curl "$KEY" "$(chat 'umask')"
        miss ask tls "$KEY" "$(chat 'umask too')"
    )
    assert_equal "$(find "$PREECHO_STORE" "$XDG_CONFIG_HOME/preecho" -perm /077)" ""
}

@test "umask 777: the program is unaffected" {
    touch "$OUT" "$ERR"
    (
        umask 777
        miss ask curl "$KEY" "$(chat 'umask')"
        assert_equal "$STATUS" 0
    )
}

@test "a chroot, another directory, a file system that is gone: the program is unaffected" {
    mkdir "$BATS_TEST_TMPDIR/gone"
    cd "$BATS_TEST_TMPDIR/gone"
    rmdir "$BATS_TEST_TMPDIR/gone"
    miss ask tls "$KEY" "$(chat 'nowhere')"
    assert_equal "$STATUS" 0
    hit ask tls "$KEY" "$(chat 'nowhere')"
}

@test "AddressSanitizer in the program: no report" {
    command -v gcc >/dev/null || skip "no gcc"
    local program=$BATS_TEST_TMPDIR/checked asan
    asan=$(gcc -print-file-name=libasan.so)
    [ -e "$asan" ] || skip "gcc has no libasan"
    gcc -std=c11 -g -fsanitize=address -o "$program" "$CLIENTS"/{tls_client,session,client,response}.c \
        -lssl -lcrypto
    miss env LD_PRELOAD="$asan:$BUILD/libpreecho.so" ASAN_OPTIONS=detect_leaks=0 \
        "$program" --style epoll "$TLS/v1/chat/completions" "$KEY" "$(chat 'asan')"
    assert_equal "$STATUS $(cat "$ERR")" "0 "
    hit env LD_PRELOAD="$asan:$BUILD/libpreecho.so" ASAN_OPTIONS=detect_leaks=0 \
        "$program" --style epoll "$TLS/v1/chat/completions" "$KEY" "$(chat 'asan')"
    assert_equal "$STATUS $(cat "$ERR")" "0 "
}

@test "descriptors do not pile up over 300 hits and misses on one connection" {
    local body
    body=$(chat 'pile @N@')
    upstream_sees 150 preloaded "$PROGRAMS/tls_client" --style epoll "$TLS/v1/chat/completions" \
        "$KEY" "$body" 150 2
    upstream_sees 150 bash -c 'ulimit -n 24; exec "$@"' bash \
        env LD_PRELOAD="$BUILD/libpreecho.so" "$PROGRAMS/tls_client" --style epoll \
        "$TLS/v1/chat/completions" "$KEY" "$body" 300
    assert_equal "$STATUS" 0
}
