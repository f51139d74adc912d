#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho explain`: what becomes of a request, and why.

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
    client_command python_httpx_async
}

# explain BODY [OPTION...]
explain() {
    run "$PREECHO" explain --url "$TLS/v1/chat/completions" \
        --header "Authorization: Bearer $KEY" --header 'Content-Type: application/json' \
        --data "$1" "${@:2}"
}

@test "a recorded request is a hit, with its identity and its key" {
    local key
    miss run_client "$KEY" "$(chat 'explained')" 1
    "$PREECHO" merge --quiet
    key=$("$PREECHO" ls --keys)
    explain "$(chat 'explained')"
    assert_success
    assert_line "request    POST https://localhost:$TLS_PORT/v1/chat/completions"
    assert_line 'recognised compatible chat gpt-4o-mini'
    assert_line --regexp '^identity   [0-9a-f]{32}, scope credential$'
    assert_line "key        $key"
    assert_line --regexp '^answer     recorded .* ago; a hit$'
    refute_line --regexp '^nearest'
    refute_output --partial "$KEY"
}

@test "what the dialect leaves out of the key is named" {
    run "$PREECHO" explain --url https://api.openai.com/v1/chat/completions --data "$(chat 'x')"
    assert_success
    assert_line 'recognised openai chat gpt-4o-mini'
    assert_line 'ignored    /user (cannot change the answer)'
    assert_line 'ignored    /prompt_cache_key (cannot change the answer)'
}

@test "what differs from the nearest recording is named" {
    client_command curl
    miss run_client "$KEY" "$(chat 'Which planet?' '"temperature":0')" 1
    explain "$(chat 'Which moon?' '"temperature":0.5')"
    assert_success
    assert_line 'answer     not recorded; a miss'
    assert_line --regexp '^nearest    [0-9a-f]{12} \('
    assert_line 'differs    /messages/0/content is "Which moon?", recorded "Which planet?"'
    assert_line 'differs    /temperature is 5e-1, recorded 0'
}

@test "another credential is another identity" {
    client_command ruby_net_http
    miss run_client "$KEY" "$(chat 'explained')" 1
    KEY=$KEY-other explain "$(chat 'explained')"
    assert_success
    assert_line 'identity   one that has recorded nothing, scope credential'
    assert_line 'answer     not recorded; a miss'
}

@test "a request that is never answered has its reason" {
    explain "$(chat 'x' '"previous_response_id":"r"')"
    assert_success
    assert_line --regexp '^answer     never from the store: .* \(stateful\)$'
    run "$PREECHO" explain --url https://example.org/ --method GET
    assert_success
    assert_line 'recognised as nothing that preecho knows; it is left alone'
}

@test "rules that hold stand there with their place, and decide" {
    local file=$XDG_CONFIG_HOME/preecho/preecho.conf
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    printf 'ttl = 1h\n[match "model=gpt-4o*"]\nversion = 7\nignore = /metadata\nignore_text = [0-9]+\n' \
        >"$file"
    miss run_client "$KEY" "$(chat 'at 10')" 1
    explain "$(chat 'at 11' '"metadata":{"a":"b"}')"
    assert_success
    assert_line "rule       ttl = 1h ($file:1)"
    assert_line "rule       version = 7 ($file:3 [match \"model=gpt-4o*\"])"
    assert_line --regexp '^ignored    .*\[0-9\]\+ \(a rule\)$'
    assert_line --regexp '^answer     recorded .* ago; a hit$'
    PREECHO_MAX_AGE=0 explain "$(chat 'at 12')"
    assert_line "rule       max_age = 0 (PREECHO_MAX_AGE)"
    PREECHO_MODE=observe explain "$(chat 'at 12')"
    assert_line --partial 'mode observe serves nothing'
    PREECHO_MODE=refresh explain "$(chat 'at 12')"
    assert_line --partial 'mode refresh always calls'
}

@test "a request that is asked with temperature 0 is looked up as such" {
    export PREECHO_STOCHASTIC=zero
    miss run_client "$KEY" "$(chat 'drawn' '"temperature":0.7')" 1
    explain "$(chat 'drawn' '"temperature":0.9')"
    assert_success
    assert_line 'recognised compatible chat gpt-4o-mini, asked with temperature 0'
    assert_line --regexp '^answer     recorded .* ago; a hit$'
}

@test "an expired entry" {
    miss run_client "$KEY" "$(chat 'old')" 1
    PREECHO_TTL=0 explain "$(chat 'old')"
    assert_line --regexp '^answer     recorded .* ago; expired .* ago$'
}

@test "without a request it is about the latest one" {
    run "$PREECHO" explain
    assert_failure 65
    assert_output --partial 'no request has been seen yet'
    miss run_client "$KEY" "$(chat 'the first')" 1
    miss run_client "$KEY" "$(chat 'the second')" 1
    run "$PREECHO" explain
    assert_success
    assert_line --regexp '^asked      .* by python3.* \(process [0-9]+\): a miss; sent to the provider and recorded$'
    assert_line --regexp '^answer     recorded .* ago; a hit$'
    assert_line --regexp '^nearest '
    assert_line 'differs    /messages/0/content is "the second", recorded "the first"'
    hit run_client "$KEY" "$(chat 'the second')" 1
    run "$PREECHO" explain
    assert_line --partial 'answered from the store'
    miss run_client "$KEY" "$(chat 'x [[fault:500]]')" 1
    run "$PREECHO" explain
    assert_success
    assert_line "because    the answer's status is not 2xx (status)"
    assert_line --partial 'Its text is not in the store.'
}

@test "usage and settings" {
    run "$PREECHO" explain --data x
    assert_failure 64
    run "$PREECHO" explain extra
    assert_failure 64
    PREECHO_TTL=soon run "$PREECHO" explain
    assert_failure 78
}
