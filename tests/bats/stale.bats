#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Entries that have expired: asked for anew, and served all the same when the upstream fails.

load helpers.bash
load clients.bash

FAILURES="429 500 502 503 504 529"

setup_file() {
    start_upstream
    start_nginx
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    export PREECHO_TTL=1h
}

teardown() {
    upstream_recovers
}

# The counters of the answers: hits, misses, stale ones, recordings.
counts() {
    stats '"\(.hits) \(.misses) \(.stale) \(.recorded)"'
}

@test "an entry is a hit until its time is over, then a miss whose answer replaces it" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "expires in $layer")
        miss ask "$layer" "$KEY" "$body"
        keep first
        later +59m hit ask "$layer" "$KEY" "$body"
        same_as first
        later +61m miss ask "$layer" "$KEY" "$body"
        differs_from first
        keep second
        later +61m hit ask "$layer" "$KEY" "$body"
        same_as second
        later +2h hit ask "$layer" "$KEY" "$body"
    done
    assert_equal "$(counts)" "6 4 0 4"
}

@test "a new answer is found although the expired one is in the database and it is not" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "merged in $layer")
        miss ask "$layer" "$KEY" "$body"
        "$PREECHO" merge --quiet
        later +2h miss ask "$layer" "$KEY" "$body"
        keep second
        later +2h hit ask "$layer" "$KEY" "$body"
        same_as second
        "$PREECHO" merge --quiet
        later +2h hit ask "$layer" "$KEY" "$body"
        same_as second
    done
}

@test "nothing expires by default" {
    local layer
    unset PREECHO_TTL
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "for ever in $layer")"
        later +4w hit ask "$layer" "$KEY" "$(chat "for ever in $layer")"
    done
}

@test "a failing upstream: the expired answer is served, asked once each time, and counted" {
    local layer body status number=0
    for layer in $LAYERS; do
        body=$(chat "fails in $layer")
        miss ask "$layer" "$KEY" "$body"
        keep first
        for status in $FAILURES; do
            upstream_fails "$status"
            later +2h miss ask "$layer" "$KEY" "$body"
            assert_equal "$STATUS" 0
            same_as first
            number=$((number + 1))
            assert_equal "$(stats .stale)" $number
        done
        upstream_recovers
        later +2h miss ask "$layer" "$KEY" "$body"
        differs_from first
        assert_equal "$STATUS" 0
    done
    assert_equal "$(counts)" "0 4 12 4"
    run "$PREECHO" stats
    assert_line "expired entries served when the provider failed: 12"
}

@test "a failing upstream: streams come as they were recorded" {
    local layer body status
    for layer in $LAYERS; do
        body=$(chat "a stream in $layer" '"stream":true')
        miss ask "$layer" "$KEY" "$body"
        keep first
        for status in 429 529; do
            upstream_fails "$status"
            later +2h miss ask "$layer" "$KEY" "$body"
            same_as first
        done
        upstream_recovers
    done
    assert_equal "$(stats .stale)" 4
}

@test "a failing upstream: Age and Cache-Status tell what happened" {
    local body head
    body=$(chat "marks")
    miss ask curl "$KEY" "$body"
    upstream_fails 503
    later +2h miss preloaded curl -sSi --http1.1 -H "Authorization: Bearer $KEY" \
        -H 'Content-Type: application/json' --data-binary "$body" "$TLS/v1/chat/completions"
    head=$(sed '/^\r$/q' "$OUT" | tr -d '\r')
    run cat <<<"$head"
    assert_line --index 0 "HTTP/1.1 200 OK"
    assert_line --regexp '^Age: 720[0-9]$'
    assert_line --regexp '^Cache-Status: preecho; fwd=stale; fwd-status=503; ttl=-360[0-9]$'
    refute_output --partial 503\ Service
}

@test "an upstream that says no: its answer is the answer" {
    local layer body status
    for layer in $LAYERS; do
        body=$(chat "refused in $layer")
        miss ask "$layer" "$KEY" "$body"
        keep first
        for status in 400 401 404; do
            upstream_fails "$status"
            later +2h miss ask "$layer" "$KEY" "$body"
            differs_from first
            run cat "$OUT"
            assert_output --partial error
        done
        upstream_recovers
    done
    assert_equal "$(counts)" "0 8 0 2"
}

@test "beyond the limit, or without one, a failure is a failure" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "too old in $layer")
        miss ask "$layer" "$KEY" "$body"
        keep first
        upstream_fails 503
        later +24h miss ask "$layer" "$KEY" "$body"
        same_as first
        later +26h miss ask "$layer" "$KEY" "$body"
        differs_from first
        PREECHO_STALE_IF_ERROR=2d later +26h miss ask "$layer" "$KEY" "$body"
        same_as first
        PREECHO_STALE_IF_ERROR=0 later +2h miss ask "$layer" "$KEY" "$body"
        differs_from first
        upstream_recovers
    done
    assert_equal "$(stats .stale)" 4
}

@test "an upstream that breaks the connection: the expired answer is served" {
    local layer body fault
    for layer in $LAYERS; do
        body=$(chat "breaks in $layer")
        miss ask "$layer" "$KEY" "$body"
        keep first
        for fault in reset-first 503,early-close 503,reset 503,close 503,close-delimited \
            503,close-after 503,split-head 503,tiny 503,chunked 503,hints 503,trailers,chunked; do
            upstream_fails "$fault"
            later +2h miss ask "$layer" "$KEY" "$body"
            same_as first
            assert_equal "$STATUS" 0
        done
        upstream_recovers
    done
    assert_equal "$(stats .stale)" 22
}

@test "an upstream that breaks the connection, and programs that read it in various ways" {
    local client fault
    for client in tls_client-epoll-edge tls_client-memory python_httpx_async ruby_net_http \
        node_https; do
        need_client $client
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$client
        upstream_sees 3 run_client "$KEY" "$BODY" 3
        keep all
        for fault in reset-first 503,early-close 503,close; do
            # An event loop that reads its socket itself never asks libssl again behind a reset.
            case $client-$fault in
            *async-reset* | node*-reset*) continue ;;
            esac
            upstream_fails "$fault"
            later +2h upstream_sees 3 run_client "$KEY" "$BODY" 3
            same_as all
        done
        upstream_recovers
    done
}

@test "libssl: the 100 Continue that was answered here, in front of a failure" {
    local body fault
    body=$(chat "expecting")
    miss ask tls "$KEY" "$body" 'Expect: 100-continue'
    keep first
    for fault in 503 503,hints 503,split-head,tiny 503,no-100; do
        upstream_fails "$fault"
        later +2h miss ask tls "$KEY" "$body" 'Expect: 100-continue'
        same_as first
    done
    upstream_fails hints
    later +2h miss ask tls "$KEY" "$body" 'Expect: 100-continue'
    differs_from first
}

@test "an upstream that cannot be reached: the expired answer is served through libcurl" {
    local body
    body=$(chat "nobody there")
    TLS=https://localhost:1
    # Recorded for a port where nobody listens, by way of another one.
    miss preloaded curl -sS --http1.1 --connect-to "localhost:1:localhost:$TLS_PORT" \
        -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        --data-binary "$body" "$TLS/v1/chat/completions"
    keep first
    later +2h upstream_sees 0 ask curl "$KEY" "$body"
    same_as first
    assert_equal "$STATUS $(stats .stale)" "0 1"
    PREECHO_STALE_IF_ERROR=0 later +2h upstream_sees 0 ask curl "$KEY" "$body"
    assert_equal "$STATUS" 7
}

@test "a server that cannot prove its name is an error, stale or not" {
    local body
    body=$(chat "who is it")
    miss ask curl "$KEY" "$body"
    CURL_CA_BUNDLE=/dev/null later +2h upstream_sees 0 ask curl "$KEY" "$body"
    [ "$STATUS" -ne 0 ]
    assert_equal "$(stats .stale)" 0
}

@test "a failed answer is not recorded, nor the stale one anew" {
    local layer body before
    for layer in $LAYERS; do
        body=$(chat "once in $layer")
        miss ask "$layer" "$KEY" "$body"
        before=$("$PREECHO" ls --keys)
        upstream_fails 500
        later +2h miss ask "$layer" "$KEY" "$body"
        later +2h miss ask "$layer" "$KEY" "$body"
        upstream_recovers
        assert_equal "$("$PREECHO" ls --keys)" "$before"
        later +2h miss ask "$layer" "$KEY" "$body"
        later +2h hit ask "$layer" "$KEY" "$body"
    done
}

@test "TTL of nothing: each answer is asked for anew, and stands in for a failure" {
    local layer
    export PREECHO_TTL=0
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "at once in $layer")"
        miss ask "$layer" "$KEY" "$(chat "at once in $layer")"
        keep second
        upstream_fails 503
        miss ask "$layer" "$KEY" "$(chat "at once in $layer")"
        same_as second
        upstream_recovers
    done
}

# Four requests, on one connection as far as the client does so: recorded, expired while the upstream
# fails, expired while it does not, and fresh again.
client_gets_stale_answers() {
    need_client "$1"
    upstream_sees 4 run_client "$KEY" "$BODY" 4
    looks_right 4
    keep all
    upstream_fails 503
    later +2h upstream_sees 4 run_client "$KEY" "$BODY" 4
    same_as all
    assert_equal "$STATUS $(stats .stale)" "0 4"
    upstream_recovers
    later +2h upstream_sees 4 run_client "$KEY" "$BODY" 4
    looks_right 4
    differs_from all
    later +2h hit run_client "$KEY" "$BODY" 4
}

client_streams_stale_answers() {
    local BODY=$STREAM_BODY
    client_gets_stale_answers "$1"
}

# Fresh, expired and new ones in turn, on one connection, and the upstream is there again.
client_mixes() {
    local body
    need_client "$1"
    body=$(chat 'Which one is the @N@th? [[fault:delay=5]]')
    upstream_sees 2 run_client "$KEY" "$body" 2 2
    keep odd
    later +30m upstream_sees 1 run_client "$KEY" "$body" 2
    later +70m upstream_sees 4 run_client "$KEY" "$body" 5
    looks_right 5
    later +70m hit run_client "$KEY" "$body" 5
    assert_equal "$(stats .stale)" 0
}

for_each_client() {
    local client
    for client in "${@:2}"; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$1-$client
        "$1" "$client"
    done
}

@test "libcurl's easy interface, both flavours, HTTP/1.1 and HTTP/2" {
    for_each_client client_gets_stale_answers curl-compressed curl-h2 curl-plain \
        curl_easy_client_gnutls
    for_each_client client_mixes curl
}

@test "libcurl's multi interface: perform, poll, socket_action" {
    for_each_client client_gets_stale_answers curl_multi_poll_client \
        curl_multi_socket_client_gnutls
    for_each_client client_streams_stale_answers curl_multi_socket_client
    for_each_client client_mixes curl_multi_socket_client
}

# What a hit and a stale answer show alike; the rest tells of the cache and of the connection.
without_marks() {
    grep -viE '^(header|write) 1\*[0-9]+: (age|cache-status):|^nextheader (age|cache-status):' |
        grep -vE '^info (HEADER_SIZE|ACTIVESOCKET):'
}

looks_like_a_hit() {
    local way=$1 url=$2/v1/chat/completions program=$PROGRAMS/$3 fault
    shift 3
    export PREECHO_STORE=$BATS_TEST_TMPDIR/$way-${program##*/}-${url//[^0-9]/}
    preloaded "$program" "$way" "$url" "$KEY" "$@" >/dev/null 2>&1
    hit preloaded "$program" "$way" "$url" "$KEY" "$@"
    without_marks <"$OUT" >"$BATS_TEST_TMPDIR/hit"
    for fault in 503 reset-first 529,chunked,hints; do
        upstream_fails "$fault"
        capture later +2h preloaded "$program" "$way" "$url" "$KEY" "$@"
        without_marks <"$OUT" >"$BATS_TEST_TMPDIR/stale"
        run diff -U 4 "$BATS_TEST_TMPDIR/hit" "$BATS_TEST_TMPDIR/stale"
        case $fault in
        *hints*) refute_output --regexp '^-[a-z]' ;; # they are shown, like any response before the last
        *) assert_output "" ;;
        esac
    done
    upstream_recovers
    [ "$(stats .stale)" -ge $((3 * $#)) ]
}

@test "libcurl: every callback and every info as with a hit" {
    local way scenarios="plain header-option accept-encoding stream stream-trailers chunked pause
        copypostfields readfunction http11 header-api"
    for way in easy poll socket; do
        # shellcheck disable=SC2086 # names are words
        looks_like_a_hit $way "$TLS" difference $scenarios
    done
    looks_like_a_hit easy "$TLS" difference expect
}

@test "libcurl: transfers taken out of a multi handle half-way" {
    local body=$BATS_TEST_TMPDIR/body
    body=$(chat 'mind @N@ [[fault:pause=3]]' '"stream":true')
    capture preloaded "$PROGRAMS/curl_multi_poll_client" "$TLS/v1/chat/completions" "$KEY" "$body" 16
    keep all
    upstream_fails 503
    capture later +2h preloaded "$PROGRAMS/curl_multi_remove_client" "$TLS/v1/chat/completions" \
        "$KEY" "$body" 16
    looks_right 16
    assert_equal "$(grep -c DONE "$OUT")" 16
    [ "$(stats .stale)" -ge 16 ]
}

@test "libssl in every style of I/O" {
    local style clients=()
    for style in blocking select poll epoll epoll-edge epoll-oneshot memory; do
        clients+=("tls_client-$style")
    done
    for_each_client client_gets_stale_answers "${clients[@]}"
    for_each_client client_streams_stale_answers tls_client-blocking tls_client-epoll-edge \
        tls_client-memory
    for_each_client client_mixes tls_client-select tls_client-epoll-edge tls_client-memory
}

# styled STYLE OPTION...
styled() {
    preloaded "$PROGRAMS/tls_client" --style "$1" "${@:2}" "$TLS/v1/chat/completions" "$KEY" \
        "$BODY" 4
}

@test "libssl: pipelined requests, idle times, small reads" {
    local style fault
    upstream_sees 4 styled blocking
    keep all
    for style in epoll-edge memory; do
        for fault in 503 429,tiny,delay=50 500,split-head,chunked; do
            upstream_fails "$fault"
            later +2h upstream_sees 4 styled $style --pipeline
            same_as all
            later +2h upstream_sees 4 styled $style --sleep 200
            same_as all
            later +2h upstream_sees 4 styled $style --ex --peek --read 5 --write 11
            same_as all
        done
    done
    assert_equal "$(stats .stale)" 72
}

@test "libssl: the connection is used again behind a failure, and left behind a broken one" {
    local style before
    for style in blocking select epoll-edge memory; do
        upstream_sees 4 styled $style
        keep all
        upstream_fails 503
        before=$(wc -l <"$UP/connections.log")
        later +2h upstream_sees 4 styled $style
        same_as all
        assert_equal $(($(wc -l <"$UP/connections.log") - before)) 1
        upstream_fails 503,close
        later +2h upstream_sees 4 styled $style
        same_as all
        upstream_recovers
        later +9h upstream_sees 4 styled $style
        export PREECHO_STORE=$BATS_TEST_TMPDIR/store-$style
    done
}

@test "Python: httpx, requests, asyncio with httpx and aiohttp" {
    for_each_client client_gets_stale_answers python_httpx python_requests python_aiohttp
    for_each_client client_streams_stale_answers python_httpx_async
    for_each_client client_mixes python_httpx_async
}

@test "Python: pycurl" {
    for_each_client client_gets_stale_answers python_pycurl
}

@test "Ruby" {
    for_each_client client_streams_stale_answers ruby_net_http
    for_each_client client_mixes ruby_net_http
}

@test "Perl and PHP" {
    for_each_client client_gets_stale_answers perl_lwp php_streams php_curl
}

@test "Node.js" {
    for_each_client client_streams_stale_answers node_https
    for_each_client client_mixes node_https
}
