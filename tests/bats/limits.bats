#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The store's size limit, tenants' quotas, and a tenant that is forgotten, with programs running.

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

# What lies in the store, in bytes on disk, at most, while a command runs: sets MOST.
largest_while() {
    local pid size
    MOST=0
    "$@" 3>&- &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        size=$(du -s --block-size=1 "$PREECHO_STORE" 2>/dev/null | cut -f1)
        [ "${size:-0}" -le "$MOST" ] || MOST=$size
        sleep 0.05
    done
    wait "$pid"
}

fill() {
    preloaded "$PYTHON" "$CLIENTS/python_httpx_fill.py" "$TLS/v1/chat/completions" "$KEY" \
        "$(chat 'Number @N@: @TEXT@')" "$@"
}

# A text of 100 KB that compresses to half, another for each number.
long_text() {
    /usr/bin/python3 -c 'import random, sys; print(random.Random(sys.argv[1]).randbytes(50000).hex())' "$1"
}

@test "a run records three times the limit: never above it, what was used is still there" {
    local limit=$((16 << 20)) misses
    export PREECHO_MAX_SIZE=16M
    largest_while fill 1000
    [ "$MOST" -le $((limit * 11 / 10)) ] || fail "$MOST bytes, the limit is $limit"
    [ "$MOST" -gt $((limit / 2)) ] || fail "$MOST bytes only: nothing was tested"
    "$PREECHO" merge --quiet
    [ "$(stats .store.evicted)" -gt 400 ]
    assert_equal "$(stats .store.evicted_then_asked_for)" 0
    misses=$(requests)
    fill 100 10 # each tenth
    misses=$(($(requests) - misses))
    echo "# at most $((MOST * 100 / limit)) % of the limit, $misses of 100 lost," \
        "$(stats '.dropped_by.quota // 0') not recorded for want of room" >&3
    [ "$misses" -le 3 ] || fail "$misses of the valuable ones were lost"
    fill 300
    "$PREECHO" merge --quiet
    [ "$(stats .store.evicted_then_asked_for)" -gt 100 ]
}

@test "a full store that no merge can empty: programs are unaffected, and told about as quota" {
    local layer i
    export PREECHO_MAX_SIZE=16M
    mkdir -m 700 "$PREECHO_STORE"
    flock --no-fork "$PREECHO_STORE/merge.lock" sleep 100 3>&- &
    for i in $(seq 40); do
        layer=curl
        [ $((i % 2)) -eq 0 ] || layer=tls
        miss ask "$layer" "$KEY" "$(chat "Number $i $(long_text "$i")")"
        assert_equal "$STATUS $(cat "$ERR")" "0 "
    done
    [ "$(stats .dropped_by.quota)" -gt 5 ]
    [ "$(du -s --block-size=1 "$PREECHO_STORE/spool" | cut -f1)" -lt 2000000 ]
    hit ask curl "$KEY" "$(chat "Number 1 $(long_text 1)")"
    hit ask tls "$KEY" "$(chat "Number 2 $(long_text 2)")"
    kill %1
    "$PREECHO" merge --quiet
    miss ask curl "$KEY" "$(chat "Number 40 $(long_text 40)")"
    hit ask tls "$KEY" "$(chat "Number 40 $(long_text 40)")"
}

@test "a tenant over its quota loses its own entries, nobody else's" {
    local i
    for i in $(seq 6); do
        PREECHO_TENANT=modest miss ask curl "$KEY" "$(chat "modest $i")"
    done
    for i in $(seq 10); do
        PREECHO_TENANT=greedy miss ask tls "$KEY" "$(chat "Number $i $(long_text "$i")")"
    done
    PREECHO_QUOTA=300K "$PREECHO" merge --quiet
    assert_equal "$("$PREECHO" ls --keys | wc -l)" $((6 + 10 - $(stats .store.evicted)))
    [ "$(stats .store.evicted)" -ge 4 ]
    for i in $(seq 6); do
        PREECHO_TENANT=modest hit ask tls "$KEY" "$(chat "modest $i")"
    done
}

@test "forget: a program on asyncio misses within two seconds, others hit" {
    local body client before
    body=$(chat 'Who am I?')
    for PREECHO_TENANT in old new; do
        export PREECHO_TENANT
        miss ask curl "$KEY" "$body"
        keep "$PREECHO_TENANT"
    done
    cp -r "$PREECHO_STORE" "$BATS_TEST_TMPDIR/copy"
    PREECHO_TENANT=old preloaded "$PYTHON" "$CLIENTS/python_httpx_again.py" \
        "$TLS/v1/chat/completions" "$KEY" "$body" >"$OUT" 2>"$ERR" 3>&- &
    client=$!
    wait_until 20 grep -q asked "$OUT"
    before=$(requests)
    sleep 0.3
    assert_equal "$(requests)" "$before"
    run "$PREECHO" forget --tenant old
    assert_output "1 entry of 1 identity forgotten"
    wait "$client" || fail "still served: $(cat "$ERR")"
    assert_equal "$(requests)" $((before + 1))
    PREECHO_TENANT=new hit ask curl "$KEY" "$body"
    same_as new
    PREECHO_STORE=$BATS_TEST_TMPDIR/copy PREECHO_TENANT=old miss ask curl "$KEY" "$body"
    differs_from old
}
