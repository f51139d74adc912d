#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Prompts with personal data or secrets in them: kept, kept for a short time, or not at all.

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

# One of each kind.
KINDS=(
    "e-mail|Write to anna.schmidt@example.com"
    "phone|Call +49 30 1234567 at once"
    "IBAN|Pay to DE89 3704 0044 0532 0130 00"
    "card|Charge 4111 1111 1111 1111"
    "SSN|The number is 123-45-6789"
    "IPv4|Who is 203.0.113.7"
    "secret|Use AKIAIOSFODNN7EXAMPLE"
)

entries() {
    "$PREECHO" ls --keys | wc -l
}

# One request of a client, its prompt is $1.
asks() {
    run_client "$KEY" "$(chat "$1")" 1
}

@test "cache, the default: answered like any other, and the kinds are noted" {
    local kind prompt key
    for kind in "${KINDS[@]}"; do
        prompt=${kind#*|} kind=${kind%%|*}
        miss ask curl "$KEY" "$(chat "$prompt")"
        keep first
        hit ask curl "$KEY" "$(chat "$prompt")"
        same_as first
        hit ask tls "$KEY" "$(chat "$prompt")"
        key=$("$PREECHO" ls --keys | head -n 1)
        run "$PREECHO" show "$key"
        assert_line --regexp "^sensitive +$kind\$"
        "$PREECHO" purge --all
    done
}

@test "ls --sensitive lists such entries alone, with their kinds" {
    miss ask curl "$KEY" "$(chat "Which planet is the third one?")"
    miss ask curl "$KEY" "$(chat "Mail anna@example.com or call +49 30 1234567")"
    run "$PREECHO" ls --sensitive
    assert_success
    assert_equal "${#lines[@]}" 2
    assert_line --regexp ': e-mail, phone$'
    run "$PREECHO" ls
    assert_equal "${#lines[@]}" 3
    refute_output --partial e-mail
}

@test "skip: nothing of it gets into the store, whichever program asks" {
    local name kind
    export PREECHO_PII=skip
    for name in curl python_aiohttp node_https ruby_net_http; do
        (need_client "$name") || continue
        client_command "$name"
        for kind in "${KINDS[@]}"; do
            miss asks "${kind#*|}"
            miss asks "${kind#*|}"
        done
        assert_equal "$(entries)" 0
    done
    assert_equal "$(stats .recorded)" 0
    [ "$(stats .dropped_by.sensitive)" -ge 28 ]
    printf '%s\n' "anna.schmidt" "4111 1111 1111 1111" >"$BATS_TEST_TMPDIR/words"
    run "$PYTHON" "$BATS_TEST_DIRNAME/find_secrets.py" "$BATS_TEST_TMPDIR/words" \
        "$PREECHO_STORE" "$XDG_CONFIG_HOME" "$PREECHO_LOG"
    assert_success
}

@test "skip: prompts without such data are cached as before, streams and embeddings too" {
    local name
    export PREECHO_PII=skip
    for name in curl python_aiohttp ruby_net_http; do
        second_run_is_served "$name"
        "$PREECHO" purge --all
    done
    stream_is_replayed python_aiohttp
    WHERE=/v1/embeddings miss ask curl "$KEY" '{"model":"m","input":["a planet","a moon"]}'
    WHERE=/v1/embeddings hit ask curl "$KEY" '{"model":"m","input":["a planet","a moon"]}'
    WHERE=/v1/embeddings miss ask curl "$KEY" '{"model":"m","input":["a planet","a@example.com"]}'
    WHERE=/v1/embeddings miss ask curl "$KEY" '{"model":"m","input":["a planet","a@example.com"]}'
}

@test "skip: an entry that was recorded before is not served" {
    local layer
    miss ask curl "$KEY" "$(chat "Write to anna@example.com")"
    keep first
    for layer in $LAYERS; do
        PREECHO_PII=skip miss ask "$layer" "$KEY" "$(chat "Write to anna@example.com")"
        differs_from first
    done
    assert_equal "$(entries)" 1
    hit ask curl "$KEY" "$(chat "Write to anna@example.com")"
    same_as first
}

@test "short: served for PREECHO_PII_TTL, an hour unless told otherwise" {
    local name
    export PREECHO_PII=short
    for name in curl python_aiohttp ruby_net_http; do
        client_command "$name"
        miss asks "Write to anna@example.com, says $name"
        later +59m hit asks "Write to anna@example.com, says $name"
        later +61m miss asks "Write to anna@example.com, says $name"
        miss asks "Write to nobody, says $name"
        later +61m hit asks "Write to nobody, says $name"
    done
    client_command python_aiohttp
    PREECHO_PII_TTL=1d miss asks "Write to bob@example.com"
    PREECHO_PII_TTL=1d later +23h hit asks "Write to bob@example.com"
    PREECHO_PII_TTL=1d later +25h miss asks "Write to bob@example.com"
}

@test "short: what was recorded so expires also for who does not ask for it" {
    PREECHO_PII=short miss ask curl "$KEY" "$(chat "Write to anna@example.com")"
    later +30m hit ask tls "$KEY" "$(chat "Write to anna@example.com")"
    later +61m miss ask tls "$KEY" "$(chat "Write to anna@example.com")"
}

@test "a tool's result, a system prompt and another dialect are looked through, too" {
    local body
    export PREECHO_PII=skip
    body='{"model":"m","messages":[{"role":"system","content":"You serve anna@example.com"},{"role":"user","content":"x"}]}'
    miss ask curl "$KEY" "$body"
    miss ask curl "$KEY" "$body"
    body='{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"\u0061nna@example.com"}]}]}'
    WHERE=/v1/messages miss ask tls - "$body" "x-api-key: $KEY"
    WHERE=/v1/messages miss ask tls - "$body" "x-api-key: $KEY"
    assert_equal "$(entries)" 0
}

@test "a rule says skip for one host and path, and short for a model" {
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    cat >"$XDG_CONFIG_HOME/preecho/preecho.conf" <<'END'
[match "localhost/v1/embeddings"]
pii = skip
[match "model=gpt-4o*"]
pii = short
pii_ttl = 10m
END
    WHERE=/v1/embeddings miss ask curl "$KEY" '{"model":"m","input":"anna@example.com"}'
    WHERE=/v1/embeddings miss ask curl "$KEY" '{"model":"m","input":"anna@example.com"}'
    WHERE=/v1/embeddings miss ask tls "$KEY" '{"model":"m","input":"nobody"}'
    WHERE=/v1/embeddings hit ask tls "$KEY" '{"model":"m","input":"nobody"}'
    need_client python_aiohttp_one
    miss asks "Write to anna@example.com"
    later +9m hit asks "Write to anna@example.com"
    later +11m miss asks "Write to anna@example.com"
    later +11m hit asks "Write to anna@example.com"
}

@test "a value that makes no sense switches preecho off and is told" {
    PREECHO_PII=maybe miss ask curl "$KEY" "$(chat "x")"
    PREECHO_PII=maybe miss ask curl "$KEY" "$(chat "x")"
    PREECHO_PII=maybe run "$PREECHO" doctor
    assert_output --partial "PREECHO_PII has none of its possible values"
}
