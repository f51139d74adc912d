#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a provider's answers say about the model behind a name, and what a new one does to older
# answers.

load helpers.bash
load clients.bash

CLIENT_NAMES="curl python_aiohttp ruby_net_http"

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    export PREECHO_ON_MODEL_CHANGE=retire
}

# asks NAME PROMPT: the client's one request, at +TIME
asks() {
    client_command "$1"
    run_client "$KEY" "$(chat "$2")" 1
}

@test "a new fingerprint retires what was recorded before it was first seen" {
    local name
    for name in $CLIENT_NAMES; do
        fresh_store
        miss asks "$name" "first of $name"
        hit asks "$name" "first of $name"
        later +1m miss asks "$name" "another of $name [[fault:fingerprint=new]]"
        later +2m miss asks "$name" "first of $name"
        later +3m hit asks "$name" "first of $name"
        later +3m hit asks "$name" "another of $name [[fault:fingerprint=new]]"
        rm -rf "$PREECHO_STORE"
    done
}

@test "one that comes back retires nothing: providers answer by turns" {
    miss asks curl 'a'
    later +1m miss asks curl 'b [[fault:fingerprint=new]]'
    later +2m miss asks curl 'c'
    later +3m miss asks curl 'd [[fault:fingerprint=new]]'
    later +4m hit asks curl 'c'
    later +4m hit asks curl 'b [[fault:fingerprint=new]]'
}

@test "streams and a rule for one model" {
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    unset PREECHO_ON_MODEL_CHANGE
    printf '[match "model=gpt-4o*"]\non_model_change = retire\n' >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    client_command python_httpx_async
    miss run_client "$KEY" "$(chat 'streamed' '"stream":true')" 1
    later +1m miss run_client "$KEY" "$(chat 'new [[fault:fingerprint=new]]' '"stream":true')" 1
    later +2m miss run_client "$KEY" "$(chat 'streamed' '"stream":true')" 1
}

@test "by default older answers are kept" {
    unset PREECHO_ON_MODEL_CHANGE
    miss asks python_aiohttp 'kept'
    later +1m miss asks python_aiohttp 'other [[fault:fingerprint=new]]'
    later +2m hit asks python_aiohttp 'kept'
    [ ! -e "$PREECHO_STORE/models" ]
}
