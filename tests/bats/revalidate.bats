#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Expired entries that are served at once while a helper process fetches a new answer.

load helpers.bash
load clients.bash

CLIENT_NAMES="curl curl_multi_socket_client python_httpx python_aiohttp node_https ruby_net_http
php_curl"

setup_file() {
    start_upstream
    start_nginx
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    export PREECHO_TTL=1h PREECHO_STALE_WHILE_REVALIDATE=1d
}

teardown() {
    upstream_recovers
}

# requests_reach N: the upstream has been asked so often by now.
requests_reach() {
    [ "$(requests)" -ge "$1" ]
}

# No helper of this test's is left.
no_helper() {
    ! pgrep -f "^$BUILD/preecho refresh" >/dev/null
}

# served_at_once COMMAND...: what comes is in $OUT before the upstream has answered, which is asked
# once more.
served_at_once() {
    local before
    before=$(requests)
    capture "$@"
    wait_until 20 requests_reach $((before + 1))
    wait_until 20 no_helper
    assert_equal "$(($(requests) - before))" 1
}

@test "every client gets the expired answer, and later the new one" {
    local name body
    for name in $CLIENT_NAMES; do
        client_command "$name"
        body=$(chat "revalidated for $name")
        miss run_client "$KEY" "$body" 1
        keep first
        served_at_once later +2h run_client "$KEY" "$body" 1
        same_as first
        assert_equal "$STATUS" 0
        later +2h hit run_client "$KEY" "$body" 1
        differs_from first
        keep second
        later +2h hit run_client "$KEY" "$body" 1
        same_as second
    done
    assert_equal "$(stats .revalidated)" "$(wc -w <<<"$CLIENT_NAMES")"
    assert_equal "$(stats .stale)" 0
}

@test "streams are revalidated" {
    local name body
    for name in curl python_aiohttp; do
        client_command "$name"
        body=$(chat "a stream for $name" '"stream":true')
        miss run_client "$KEY" "$body" 1
        keep first
        served_at_once later +2h run_client "$KEY" "$body" 1
        same_as first
        later +2h hit run_client "$KEY" "$body" 1
        differs_from first
    done
}

@test "the program does not wait for the new answer" {
    client_command python_httpx
    miss run_client "$KEY" "$(chat 'slow now')" 1
    upstream_fails delay=8000
    capture later +2h run_client "$KEY" "$(chat 'slow now')" 1
    assert_equal "$STATUS" 0
    # The helper still does.
    run pgrep -f "^$BUILD/preecho refresh"
    assert_success
    wait_until 20 no_helper
}

@test "the credential stands in no argument and in no file, only in sealed memory" {
    local helper name
    client_command python_aiohttp
    miss run_client "$KEY" "$(chat 'secret')" 1
    upstream_fails delay=8000
    capture later +2h run_client "$KEY" "$(chat 'secret')" 1
    wait_until 5 pgrep -f "^$BUILD/preecho refresh"
    helper=$(pgrep -f "^$BUILD/preecho refresh")
    for name in cmdline environ; do
        run grep -ac "$KEY" "/proc/$helper/$name"
        assert_output 0
    done
    assert_equal "$(tr '\0' ' ' <"/proc/$helper/cmdline")" "$BUILD/preecho refresh / "
    run grep -rlsF "$KEY" "$BATS_TEST_TMPDIR/store" "$XDG_CONFIG_HOME" "$HOME" /dev/shm
    assert_output ""
    wait_until 20 no_helper
}

@test "however many ask, one call is made" {
    local before i
    client_command python_httpx
    miss run_client "$KEY" "$(chat 'asked by many')" 1
    upstream_fails delay=1500
    before=$(requests)
    for i in {1..8}; do
        later +2h run_client "$KEY" "$(chat 'asked by many')" 1 >"$OUT.$i" 2>&1 3>&- &
    done
    # shellcheck disable=SC2046
    wait $(jobs -p | grep -v -e "$UPSTREAM_PID" -e "$NGINX_PID")
    for i in {1..8}; do
        cmp "$OUT.1" "$OUT.$i"
    done
    wait_until 20 no_helper
    assert_equal "$(($(requests) - before))" 1
}

@test "a refresh that fails leaves the expired answer, and is tried again" {
    local name
    for name in curl ruby_net_http; do
        client_command "$name"
        miss run_client "$KEY" "$(chat "fails for $name")" 1
        keep first
        upstream_fails 500
        served_at_once later +2h run_client "$KEY" "$(chat "fails for $name")" 1
        same_as first
        served_at_once later +2h run_client "$KEY" "$(chat "fails for $name")" 1
        same_as first
        upstream_recovers
        served_at_once later +2h run_client "$KEY" "$(chat "fails for $name")" 1
        later +2h hit run_client "$KEY" "$(chat "fails for $name")" 1
        differs_from first
    done
}

@test "beyond the window the program waits for its answer" {
    client_command python_httpx
    miss run_client "$KEY" "$(chat 'long ago')" 1
    keep first
    later +26h miss run_client "$KEY" "$(chat 'long ago')" 1
    differs_from first
    assert_equal "$(stats .revalidated)" 0
}

@test "mode record and a maximum age rule it out" {
    client_command curl
    miss run_client "$KEY" "$(chat 'not this')" 1
    keep first
    PREECHO_MAX_AGE=90m later +2h miss run_client "$KEY" "$(chat 'not this')" 1
    differs_from first
    later +2h miss run_client "$KEY" "$(chat 'nor this')" 1
    PREECHO_MODE=record later +4h miss run_client "$KEY" "$(chat 'nor this')" 1
}

@test "the answer says that it has expired" {
    miss ask openssl "$KEY" "$(chat 'dated')"
    capture later +2h preloaded curl -sS -D - -o /dev/null --http1.1 -H "Authorization: Bearer $KEY" \
        -H 'Content-Type: application/json' -d "$(chat 'dated')" "$TLS/v1/chat/completions"
    run cat "$OUT"
    assert_output --partial 'Cache-Status: preecho; hit; ttl=-36'
    assert_output --partial 'Age: 72'
    wait_until 20 no_helper
}

@test "settings of a project hold for its helper" {
    mkdir -p "$HOME/project"
    cd "$HOME/project"
    printf '[match "host=localhost"]\nversion = 1\n' >.preecho.conf
    "$PREECHO" trust .preecho.conf
    client_command python_httpx
    miss run_client "$KEY" "$(chat 'versioned')" 1
    keep first
    served_at_once later +2h run_client "$KEY" "$(chat 'versioned')" 1
    same_as first
    later +2h hit run_client "$KEY" "$(chat 'versioned')" 1
    differs_from first
}
