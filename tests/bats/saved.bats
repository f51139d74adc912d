#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What real clients have saved: `preecho stats` and `run --summary` say what the answers add up to.
bats_require_minimum_version 1.5.0
load helpers.bash
load clients.bash

CLIENT_NAMES="python_aiohttp python_httpx curl ruby_net_http php_curl"

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

# Tokens in and out of all answers in $OUT, and what they cost: gpt-4o-mini's list price.
answers_add_up() {
    jq -rs '[.[] | select(type == "object") | .usage | select(.)] |
        [(map(.prompt_tokens) | add), (map(.completion_tokens) | add)] |
        "\(.[0]) \(.[1]) \(.[0] * 150000 + .[1] * 600000)"' "$OUT"
}

@test "stats: tokens and money that clients of several languages have saved and spent" {
    # A miss takes at least what upstream takes, as far as a bucket's width tells. What a hit
    # takes on a busy machine is nobody's promise.
    local name saved spent slow
    slow=$(chat "$PROMPT [[fault:delay=20]]")
    for name in $CLIENT_NAMES; do
        rm -rf "$PREECHO_STORE"
        need_client "$name"
        capture run_client "$KEY" "$slow" "$COUNT"
        looks_right "$COUNT"
        spent=$(answers_add_up)
        capture run_client "$KEY" "$slow" "$COUNT"
        looks_right "$COUNT"
        saved=$(answers_add_up)
        [[ $saved == *[1-9]*\ *[1-9]* && $saved == "$spent" ]] || fail "$name: $saved $spent"
        assert_equal "$name: $(stats '.layers.exact.saved | "\(.tokens_in) \(.tokens_out) \(.pico_dollars)"')" \
            "$name: $saved"
        assert_equal "$name: $(stats '.spent | "\(.tokens_in) \(.tokens_out) \(.pico_dollars)"')" \
            "$name: $spent"
        assert_equal "$name: $(stats '"\(.hits) \(.misses) \(.spent.estimated.tokens) \(.unpriced)"')" \
            "$name: $COUNT $COUNT 0 []"
        assert_equal "$name: $(stats '.latency | [.hits.calls, .misses.calls,
            (.hits.last_byte.median_seconds > 0), (.misses.last_byte.median_seconds > 0.01)] |
            map(tostring) | join(" ")')" "$name: $COUNT $COUNT true true"
        run "$PREECHO" stats --by model
        assert_line --regexp "^gpt-4o-mini +$((2 * COUNT)) +50.0 % "
    done
}

# The line that `run --summary` has said, without times.
summary() {
    sed -nE 's/^preecho: (.*saved) [^$]*and /\1 /p' "$ERR"
}

@test "run --summary: one line after the program: its own calls, and those of children that have ended" {
    local name
    for name in python_aiohttp ruby_net_http curl; do
        rm -rf "$PREECHO_STORE"
        need_client "$name"
        capture "$PREECHO" run --summary -- "${COMMAND[@]}" "$URL" "$KEY" "$BODY" "$COUNT"
        assert_equal "$STATUS" 0
        run summary
        assert_output --regexp "^$COUNT calls, 0 from the store; saved .*spent <?[$][0-9.]+$"
        capture run_client "$KEY" "$BODY" "$COUNT" # somebody else's
        capture "$PREECHO" run --summary -- sh -c '"$@"; "$@" >/dev/null; exit 3' sh \
            "${COMMAND[@]}" "$URL" "$KEY" "$BODY" "$COUNT"
        assert_equal "$STATUS" 3
        STATUS=0
        looks_right "$COUNT"
        assert_equal "$(wc -l <"$ERR")" 1
        run summary
        assert_output --regexp "^$((2 * COUNT)) calls, $((2 * COUNT)) from the store; saved .*spent [$]0.00$"
    done
    run "$PREECHO" stats --by tag
    refute_output --partial launch:
    run "$PREECHO" ls --tag launch:
    refute_output --partial gpt
}

@test "run --summary: a run within a run counts for both" {
    need_client curl
    capture "$PREECHO" run --summary -- sh -c \
        "\"\$@\"; '$PREECHO' run --summary -- \"\$@\"" sh "${COMMAND[@]}" "$URL" "$KEY" "$BODY" 3
    run summary
    assert_line --index 0 --regexp "^3 calls, 3 from the store; "
    assert_line --index 1 --regexp "^6 calls, 3 from the store; "
}

@test "run --summary: nothing was asked, or preecho is off" {
    capture "$PREECHO" run --summary -- true
    assert_equal "$STATUS $(summary)" '0 0 calls, 0 from the store; saved $0.00, spent $0.00'
    PREECHO_MODE=purple capture "$PREECHO" run --summary --quiet -- sh -c 'echo ran; exit 4'
    assert_equal "$STATUS $(cat "$OUT")" "4 ran"
}
