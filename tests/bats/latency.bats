#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the journal says of the time that programs waited, what calls took, and for whom they were
# made. Read by a reader of its own (journal.py), not by preecho.

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

# calls FILTER: what jq makes of the array of all records.
calls() {
    "$PYTHON" "$BATS_TEST_DIRNAME/journal.py" "$PREECHO_STORE/journal" | jq -s -c "$1"
}

# holds FILTER: it is true of them.
holds() {
    local answer
    answer=$(calls "$1")
    [ "$answer" = true ] ||
        fail "$1 is $answer of $(calls .)"
}

# Of calls that upstream answers after 300 ms; a hit may take long on a busy machine, but not as
# long as that. $2: the level.
misses_take_what_upstream_takes_and_hits_do_not() {
    need_client "$1"
    upstream_sees 3 run_client "$KEY" "$(chat 'Slowly, the @N@th [[fault:delay=300]]')" 3
    hit run_client "$KEY" "$(chat 'Slowly, the @N@th [[fault:delay=300]]')" 3
    holds 'map(.verdict) == ["miss", "miss", "miss", "hit", "hit", "hit"]'
    holds 'all(.level == '"$2"')'
    holds '.[:3] | all(.first >= 300000 and .last >= .first and .last < 3000000)'
    holds '.[3:] | all(.last < 150000 and .first <= .last and .lookup <= .first)'
    holds 'group_by(.key) | all(.[1].recorded_first == .[0].first and
                                .[1].recorded_last == .[0].last and
                                .[0].recorded_first == 0)'
}

@test "blocking libssl: a miss takes what the provider takes, a hit does not (python urllib)" {
    misses_take_what_upstream_takes_and_hits_do_not python_urllib 1
}

@test "libssl under asyncio: likewise (httpx)" {
    misses_take_what_upstream_takes_and_hits_do_not python_httpx_async 1
}

@test "libcurl: likewise (curl)" {
    misses_take_what_upstream_takes_and_hits_do_not curl 2
}

@test "a multi handle of libcurl: likewise" {
    misses_take_what_upstream_takes_and_hits_do_not curl_multi_poll_client 2
}

# The first byte comes after 300 ms, the last one some pauses later.
stream_has_two_times() {
    need_client "$1"
    local body
    body=$(chat 'Piece by piece [[fault:delay=300,pause=50]]' '"stream":true')
    upstream_sees 1 run_client "$KEY" "$body" 1
    hit run_client "$KEY" "$body" 1
    holds 'map(.verdict) == ["miss", "hit"] and all(.stream)'
    holds '.[0] | .first >= 300000 and .last >= .first + 100000'
    holds '.[1].recorded_first == .[0].first and .[1].recorded_last == .[0].last'
    holds '.[1].last < 150000'
    # Nobody has asked for `usage`: both know the same estimate.
    holds 'all(.estimated and (.known | not) and .in > 5 and .out > 0)'
    holds '.[0].in == .[1].in and .[0].out == .[1].out'
}

@test "a stream's first and last byte, libssl under asyncio" {
    stream_has_two_times python_httpx_async
}

@test "a stream's first and last byte, blocking libssl" {
    stream_has_two_times python_urllib
}

@test "a stream's first and last byte, libcurl" {
    stream_has_two_times curl
}

@test "who waits for another's answer has waited as long" {
    local body first second
    body=$(chat 'Both at once [[fault:delay=1000]]')
    client_command python_urllib
    preloaded "${COMMAND[@]}" "$URL" "$KEY" "$body" 1 >"$OUT.1" 2>&1 3>&- &
    first=$!
    sleep 0.3
    preloaded "${COMMAND[@]}" "$URL" "$KEY" "$body" 1 >"$OUT.2" 2>&1 3>&- &
    second=$!
    wait "$first" "$second"
    holds 'map(select(.coalesced)) | length == 1 and
           all(.first > 100000 and .first < 1000000 and .recorded_first >= 1000000)'
}

@test "what is estimated is marked in show and ls" {
    need_client curl
    upstream_sees 1 run_client "$KEY" "$STREAM_BODY" 1
    run "$PREECHO" show "$(calls '.[0].key[:12]' | tr -d '"')"
    assert_success
    assert_line --regexp '^tokens +[0-9]+ in \(0 of them cached\), [0-9]+ out, estimated'
    run "$PREECHO" ls
    assert_success
    assert_output --regexp ' ~[0-9]+\+[0-9]+ '
    upstream_sees 1 run_client "$KEY" "$BODY" 1
    run "$PREECHO" show "$(calls '.[-1].key[:12]' | tr -d '"')"
    assert_success
    refute_output --partial estimated
    assert_line --regexp '^tokens +[0-9]+ in'
}

@test "calls carry the tags of rules and of the test they belong to, hits their own" {
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    printf 'tag = feature:\\1 from header:x-feature matching ^(.*)$\n' \
        >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    local layer
    for layer in $LAYERS; do
        PYTEST_CURRENT_TEST='t.py::one (call)' upstream_sees 1 \
            ask "$layer" "$KEY-$layer" "$BODY" 'X-Feature: search'
        PYTEST_CURRENT_TEST='t.py::two (call)' hit \
            ask "$layer" "$KEY-$layer" "$BODY" 'X-Feature: chat'
    done
    holds '[.[] | .tags | map(select(startswith("feature:") or startswith("test:")))] ==
           [["feature:search", "test:t.py::one"], ["feature:chat", "test:t.py::two"],
            ["feature:search", "test:t.py::one"], ["feature:chat", "test:t.py::two"]]'
    holds 'group_by(.level) | all(.[0].request == .[1].request) and
           .[0][0].request != .[1][0].request'
}

@test "a repeated call that is not looked up is told to be the same, and its input estimated" {
    local layer live
    live=$(chat 'What is new?' '"web_search_options":{"search_context_size":"low"}')
    for layer in $LAYERS; do
        upstream_sees 1 ask "$layer" "$KEY" "$live"
        upstream_sees 1 ask "$layer" "$KEY" "$live"
    done
    holds 'length == 4 and all(.verdict == "bypass" and .estimated and .in == 3 and .out == 0)'
    holds 'group_by(.level) | all(.[0].request == .[1].request)'
    holds 'all(.request != "0000000000000000")'
}
