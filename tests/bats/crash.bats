#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# kill -9 at any moment: no corrupt entry, no wrong answer, no lost earlier entry.

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

# How many of the last run's numbers are there under this name: counted WHAT
counted() {
    jq -r ".$1" "$OUT"
}

@test "the host killed 200 times while it records: no corrupt entry, no wrong answer, no lost earlier entry" {
    capture "$PYTHON" "$BATS_TEST_DIRNAME/kill_hosts.py" --kills 200 --url "$TLS/v1/chat/completions" \
        --preload "$BUILD/libpreecho.so" --client "$PROGRAMS/tls_client" --log "$UP/requests.log"
    [ "$STATUS" -eq 0 ] || fail "$(cat "$ERR")"
    echo "# $(cat "$OUT")" >&3
    assert_equal "$(counted kills)" 200
    assert_equal "$(counted lost)" 0
    assert_equal "$(counted wrong)" 0
    run "$PREECHO" doctor
    assert_success
    "$PREECHO" merge
    run stats '.store.entries >= 5'
    assert_output true
    assert_equal "$(stats .store.spooled)" 0
}

@test "the merge killed again and again: no lost entry" {
    local i
    for i in 1 2 3 4 5 6; do
        miss ask curl "$KEY" "$(chat "entry $i")"
        keep "$i"
        timeout -s KILL "0.00$i" "$PREECHO" merge >/dev/null 2>&1 || true
    done
    for i in 1 2 3 4 5 6; do
        hit ask tls "$KEY" "$(chat "entry $i")"
        truncate -s -1 "$OUT" # tls_client adds a line feed
        same_as "$i"
        timeout -s KILL 0.004 "$PREECHO" merge >/dev/null 2>&1 || true
    done
    "$PREECHO" merge
    run "$PREECHO" doctor
    assert_success
    for i in 1 2 3 4 5 6; do
        hit ask curl "$KEY" "$(chat "entry $i")"
        same_as "$i"
    done
}

@test "what a killed host leaves behind in the spool is cleared away" {
    printf 'half a recording' >"$BATS_TEST_TMPDIR/half"
    miss ask curl "$KEY" "$(chat 'whole')"
    local file spool
    file=$(find "$PREECHO_STORE/spool" -type f | head -n 1)
    spool=$(dirname "$file")
    head -c 100 "$file" >"$spool/$(basename "$file" | tr 'a-f0-9' 'b-f0-9a')"
    chmod 600 "$spool"/*
    miss ask curl "$KEY" "$(chat 'another')"
    "$PREECHO" merge
    hit ask curl "$KEY" "$(chat 'whole')"
    hit ask curl "$KEY" "$(chat 'another')"
    assert_equal "$(stats .store.spooled)" 0
}

@test "many processes record and read at once while the merger runs: every answer right" {
    local i pids=()
    for i in $(seq 12); do
        preloaded "$PROGRAMS/tls_client" "$TLS/v1/chat/completions" "$KEY" \
            "$(chat 'shared @N@ [[fault:steady]]')" 20 >"$BATS_TEST_TMPDIR/out-$i" \
            2>>"$BATS_TEST_TMPDIR/errors" 3>&- &
        pids+=($!)
    done
    for i in 1 2 3 4 5 6 7 8; do
        "$PREECHO" merge
    done
    wait "${pids[@]}"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/errors")" ""
    for i in $(seq 2 12); do
        cmp "$BATS_TEST_TMPDIR/out-1" "$BATS_TEST_TMPDIR/out-$i"
    done
    "$PREECHO" merge
    assert_equal "$(stats .store.entries)" 20
    run "$PREECHO" doctor
    assert_success
}
