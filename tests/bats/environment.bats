#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The environment variables, as a program under preecho feels them.

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

# Milliseconds that a command takes, in $TOOK.
timed() {
    local start
    start=$(date +%s%N)
    "$@"
    TOOK=$((($(date +%s%N) - start) / 1000000))
}

@test "PREECHO_MODE=off: nothing is served, nothing is recorded" {
    local layer
    for layer in $LAYERS; do
        PREECHO_MODE=off miss ask "$layer" "$KEY" "$(chat "off $layer")"
        miss ask "$layer" "$KEY" "$(chat "off $layer")"
        hit ask "$layer" "$KEY" "$(chat "off $layer")"
        PREECHO_MODE=off miss ask "$layer" "$KEY" "$(chat "off $layer")"
    done
}

# A value that makes no sense: the program runs untouched, the log and doctor say why.
nonsense() {
    local layer
    export "$1=$2"
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "nonsense $layer")"
        miss ask "$layer" "$KEY" "$(chat "nonsense $layer")"
        assert_equal "$STATUS" 0
        assert_equal "$(cat "$ERR")" ""
    done
    grep -q "$1" "$PREECHO_LOG" || fail "the log does not name $1: $(cat "$PREECHO_LOG")"
    run "$PREECHO" doctor
    assert_failure
    assert_output --partial "$1"
}

@test "PREECHO_MODE=nonsense: the program runs untouched, log and doctor say why" {
    nonsense PREECHO_MODE purple
}

@test "PREECHO_SCOPE=nonsense: the program runs untouched, log and doctor say why" {
    nonsense PREECHO_SCOPE everybody
}

@test "PREECHO_PACE=nonsense: the program runs untouched, log and doctor say why" {
    nonsense PREECHO_PACE slowly
}

@test "PREECHO_LOG_LEVEL=nonsense: the program runs untouched, log and doctor say why" {
    nonsense PREECHO_LOG_LEVEL loud
}

@test "PREECHO_STORE not absolute: the program runs untouched, log and doctor say why" {
    nonsense PREECHO_STORE relative/store
}

@test "PREECHO_PACE: a stream is served at once, or at the recorded pace" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "pace $layer [[fault:pause=240]]" '"stream":true')
        timed miss ask "$layer" "$KEY" "$body"
        [ "$TOOK" -ge 2400 ] || fail "the upstream took only $TOOK ms"
        timed hit ask "$layer" "$KEY" "$body"
        [ "$TOOK" -lt 1500 ] || fail "an instant hit took $TOOK ms"
        keep instant
        PREECHO_PACE=instant timed hit ask "$layer" "$KEY" "$body"
        [ "$TOOK" -lt 1500 ] || fail "an instant hit took $TOOK ms"
        PREECHO_PACE=recorded timed hit ask "$layer" "$KEY" "$body"
        [ "$TOOK" -ge 2000 ] || fail "a hit at the recorded pace took only $TOOK ms"
        same_as instant
    done
}

@test "PREECHO_LOG: nothing is written unless asked, and never a secret" {
    unset PREECHO_LOG
    miss ask curl "$KEY" "$(chat 'a secret prompt')"
    [ ! -e "$BATS_TEST_TMPDIR/preecho.log" ]
    export PREECHO_LOG=$BATS_TEST_TMPDIR/preecho.log PREECHO_LOG_LEVEL=debug
    hit ask curl "$KEY" "$(chat 'a secret prompt')"
    miss ask tls "$KEY" "$(chat 'another secret prompt')"
    touch "$PREECHO_LOG"
    refute grep -q -e "$KEY" -e 'secret prompt' -e '"Re ' "$PREECHO_LOG"
}

@test "PREECHO_LOG that cannot be written: the program is unaffected" {
    export PREECHO_LOG=$BATS_TEST_TMPDIR/no/such/directory/log
    miss ask curl "$KEY" "$(chat 'no log')"
    assert_equal "$STATUS $(cat "$ERR")" "0 "
    hit ask tls "$KEY" "$(chat 'no log')"
}

@test "no HOME and no XDG directories: the program is unaffected" {
    unset HOME XDG_CACHE_HOME XDG_CONFIG_HOME PREECHO_STORE
    local layer
    for layer in $LAYERS; do
        capture ask "$layer" "$KEY" "$(chat "homeless $layer")"
        assert_equal "$STATUS $(cat "$ERR")" "0 "
    done
}

@test "a hit says so: Cache-Status and Age" {
    miss preloaded curl -sSi -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        -d "$(chat marked)" "$TLS/v1/chat/completions"
    refute grep -qi '^cache-status:' "$OUT"
    hit preloaded curl -sSi -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        -d "$(chat marked)" "$TLS/v1/chat/completions"
    grep -qi '^cache-status: preecho; hit' "$OUT"
    grep -qi '^age: [0-9]' "$OUT"
    refute grep -qiE '^(set-cookie|x-ratelimit-[a-z-]*|content-encoding):' "$OUT"
}

@test "a gzip answer is served as each client can read it" {
    local body
    body=$(chat 'coded [[fault:steady]]')
    miss preloaded curl -sS --compressed -H "Authorization: Bearer $KEY" \
        -H 'Content-Type: application/json' -d "$body" "$TLS/v1/chat/completions"
    keep plain
    hit preloaded curl -sS -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        -d "$body" "$TLS/v1/chat/completions"
    same_as plain
    hit ask curl "$KEY" "$body" 'Accept-Encoding: gzip'
    same_as plain
}

@test "every content coding is recorded decoded" {
    local layer coding
    for coding in gzip deflate br zstd; do
        miss preloaded curl -sS --compressed -H "Authorization: Bearer $KEY" \
            -H 'Content-Type: application/json' -H "x-test-fault: $coding" \
            -d "$(chat "coding $coding")" "$TLS/v1/chat/completions"
        jq -e .id "$OUT" >/dev/null
        keep "$coding"
        hit ask curl "$KEY" "$(chat "coding $coding")"
        same_as "$coding"
        miss ask tls "$KEY" "$(chat "coded $coding")" "x-test-fault: $coding" 'Accept-Encoding: *'
        hit ask curl "$KEY" "$(chat "coded $coding")"
        jq -e .id "$OUT" >/dev/null
    done
}

@test "stats --json adds up" {
    local slow
    slow=$(chat 'one [[fault:delay=1000]]') # what a hit takes on a busy machine is not saved
    miss ask curl "$KEY" "$slow"
    hit ask curl "$KEY" "$slow"
    hit ask tls "$KEY" "$slow"
    miss ask tls "$KEY" "$(chat 'two [[fault:500]]')"
    WHERE=/v1/files miss ask tls "$KEY" "$(chat one)"
    WHERE=/v1/responses miss ask curl "$KEY" '{"model":"m","input":"x","previous_response_id":"r"}'
    run stats '[.hits, .misses, .recorded, .dropped, .layers.exact.hits,
        .layers.exact.misses, .bypassed.stateful, .store.entries] | map(tostring) | join(" ")'
    assert_output "2 2 1 1 2 2 1 1"
    run stats '.layers.exact | [.lookups == 4, .hit_rate == 0.5, .latency_saved_seconds > 0,
        .tokens_saved > 0] | all'
    assert_output true
    run stats '.requests >= 5 and .store.bytes > 0 and .store.spooled >= 0'
    assert_output true
}
