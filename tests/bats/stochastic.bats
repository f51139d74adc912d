#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Answers that are drawn at random: kept once, skipped, asked for without chance, kept several times.

load helpers.bash
load clients.bash

setup_file() {
    start_upstream
    start_nginx
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    unset PYTEST_CURRENT_TEST
}

CLIENTS_OF_ALL_KINDS="curl curl-h2 curl-plain curl_multi_poll_client curl_multi_socket_client_gnutls
    python_pycurl python_httpx python_httpx_async python_aiohttp python_requests node_https
    ruby_net_http tls_client-memory tls_client-epoll-edge php_curl"

# cold BODY: as `zero` sends it, what the tests' bodies end up as.
cold() {
    printf '{"temperature":0,%s' "${1#\{}"
}

# logged FIELD [N]: what the upstream has noted of the last request, or of the N-th from the end.
logged() {
    tail -n "${2:-1}" "$UP/requests.log" | head -n 1 | jq -r ".$1"
}

digest() {
    printf '%s' "$1" | sha256sum | head -c 16
}

# lines_differ FILE: no two lines of it are the same.
lines_differ() {
    assert_equal "$(sort "$1" | uniq -d)" ""
}

# -- first, skip ---------------------------------------------------------------------------------

@test "first: one answer for all, by default" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "first in $layer" '"temperature":1.5')
        miss ask "$layer" "$KEY" "$body"
        keep first
        hit ask "$layer" "$KEY" "$body"
        same_as first
        PREECHO_STOCHASTIC=first hit ask "$layer" "$KEY" "$body"
        same_as first
    done
}

@test "skip: what is drawn goes upstream and is not recorded, what is not is served" {
    local client
    export PREECHO_STOCHASTIC=skip
    for client in curl python_httpx_async node_https ruby_net_http; do
        need_client $client
        upstream_sees 2 run_client "$KEY" "$BODY" 2
        looks_right 2
        upstream_sees 2 run_client "$KEY" "$BODY" 2
        upstream_sees 2 run_client "$KEY" "$(cold "$BODY")" 2
        hit run_client "$KEY" "$(cold "$BODY")" 2
        "$PREECHO" purge --all --quiet 2>/dev/null || "$PREECHO" purge --all
    done
    assert_equal "$(stats '[.bypassed.stochastic, .hits, .misses] | map(tostring) | join(" ")')" \
        "16 8 8"
    WHERE=/v1/embeddings miss ask tls "$KEY" '{"model":"m","input":"x"}'
    WHERE=/v1/embeddings hit ask tls "$KEY" '{"model":"m","input":"x"}'
}

@test "skip: what was recorded before is not served" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "before in $layer")
        miss ask "$layer" "$KEY" "$body"
        PREECHO_STOCHASTIC=skip miss ask "$layer" "$KEY" "$body"
        hit ask "$layer" "$KEY" "$body"
    done
}

# -- zero ----------------------------------------------------------------------------------------

# What upstream got in the last three requests; cookies, and with them the bytes, change.
seen() {
    tail -n 3 "$UP/requests.log" |
        jq -c '[(if .headers | index("Cookie") then null else .raw end), .body, .length, .headers]' |
        sort -t , -k 2 >"$BATS_TEST_TMPDIR/$1"
}

# The same program, its question with temperature 0, without preecho: byte for byte what it sends
# under preecho. Many requests at once are compared as a set.
zero_sends_the_other_request() {
    local body=$2
    need_client "$1"
    COUNT=3
    upstream_sees 3 run_client "$KEY" "$body" 3
    looks_right 3
    keep first
    seen zero
    upstream_sees 3 "${COMMAND[@]}" "$URL" "$KEY" "$(cold "$body")" 3
    seen plain
    assert grep -qv '^.null' "$BATS_TEST_TMPDIR/plain"
    run diff "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/zero"
    assert_success
}

@test "zero: upstream gets temperature 0, and nothing else has changed" {
    local client
    export PREECHO_STOCHASTIC=zero
    for client in $CLIENTS_OF_ALL_KINDS; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$client
        zero_sends_the_other_request $client "$BODY"
        hit run_client "$KEY" "$BODY" 3
        same_as first
        hit run_client "$KEY" "$(cold "$BODY")" 3
        same_as first
    done
}

@test "zero: streams" {
    local client
    export PREECHO_STOCHASTIC=zero
    for client in curl python_httpx_async python_httpx node_https tls_client-epoll; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$client
        zero_sends_the_other_request $client "$STREAM_BODY"
        hit run_client "$KEY" "$STREAM_BODY" 3
        same_as first
    done
}

@test "zero: the SDKs of OpenAI and Anthropic" {
    local client body
    export PREECHO_STOCHASTIC=zero
    body=$(chat "$PROMPT" '"max_tokens":9')
    for client in node_openai node_anthropic; do
        need_client $client
        [ $client = node_openai ] || URL=$TLS
        upstream_sees "$COUNT" run_client "$KEY" "$body" "$COUNT"
        looks_right "$COUNT"
        keep first
        hit run_client "$KEY" "$body" "$COUNT"
        same_as first
    done
    assert_equal "$(stats .recorded)" 6
}

@test "zero: the answer is shared with those who ask with temperature 0, and with nobody else" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "shared in $layer" '"temperature":0.9')
        PREECHO_STOCHASTIC=zero miss ask "$layer" "$KEY" "$body"
        keep zero
        assert_equal "$(logged body)" "$(digest "${body/0.9/0}")"
        hit ask "$layer" "$KEY" "${body/0.9/0.0}"
        same_as zero
        PREECHO_STOCHASTIC=skip hit ask "$layer" "$KEY" "${body/0.9/0e5}"
        same_as zero
        PREECHO_STOCHASTIC=zero hit ask "$layer" "$KEY" "$(chat "shared in $layer")"
        same_as zero
        miss ask "$layer" "$KEY" "$body"
        differs_from zero
        keep drawn
        hit ask "$layer" "$KEY" "$body"
        same_as drawn
        PREECHO_STOCHASTIC=zero hit ask "$layer" "$KEY" "$body"
        same_as zero
    done
}

@test "zero: every dialect's own place" {
    local layer where body expected
    export PREECHO_STOCHASTIC=zero
    while IFS=$'\t' read -r where body expected; do
        for layer in $LAYERS; do
            export PREECHO_STORE=$BATS_TEST_TMPDIR/store-$layer
            WHERE=$where miss ask "$layer" "$KEY" "$body"
            assert_equal "$(logged body)" "$(digest "$expected")"
            assert_equal "$(logged length)" "${#expected}"
            WHERE=$where hit ask "$layer" "$KEY" "$body"
            WHERE=$where hit ask "$layer" "$KEY" "$expected"
        done
    done <<'END'
/v1/messages	{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}	{"temperature":0,"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}
/v1beta/models/g:generateContent	{"contents":[{"parts":[{"text":"x"}]}]}	{"generationConfig":{"temperature":0},"contents":[{"parts":[{"text":"x"}]}]}
/api/chat	{"model":"m","options":{"seed":1},"messages":[{"role":"user","content":"x"}]}	{"model":"m","options":{"temperature":0,"seed":1},"messages":[{"role":"user","content":"x"}]}
/model/m/converse	{"messages":[{"role":"user","content":[{"text":"x"}]}]}	{"inferenceConfig":{"temperature":0},"messages":[{"role":"user","content":[{"text":"x"}]}]}
/v1/responses	{"model":"m","input":"x"}	{"temperature":0,"model":"m","input":"x"}
END
}

@test "zero: what is not drawn, and what is no LLM call, goes out as it is" {
    local layer body
    export PREECHO_STOCHASTIC=zero
    for layer in $LAYERS; do
        body=$(cold "$(chat "as it is in $layer")")
        miss ask "$layer" "$KEY" "$body"
        assert_equal "$(logged body)" "$(digest "$body")"
        body="{\"model\":\"m\",\"input\":\"$layer\"}"
        WHERE=/v1/embeddings miss ask "$layer" "$KEY" "$body"
        assert_equal "$(logged body)" "$(digest "$body")"
        WHERE=/other miss ask "$layer" "$KEY" "$(chat x)"
        assert_equal "$(logged body)" "$(digest "$(chat x)")"
    done
}

@test "zero: signed requests and models without a temperature are left alone" {
    local layer body field
    export PREECHO_STOCHASTIC=zero
    for layer in $LAYERS; do
        for field in 'Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==' 'X-Amz-Content-Sha256: 0'; do
            body=$(chat "signed in $layer")
            miss ask "$layer" "$KEY" "$body" "$field"
            assert_equal "$(logged body)" "$(digest "$body")"
            miss ask "$layer" "$KEY" "$body" "$field"
        done
        body='{"model":"o3","messages":[{"role":"user","content":"x"}]}'
        miss ask "$layer" "$KEY" "$body"
        assert_equal "$(logged body)" "$(digest "$body")"
    done
    assert_equal "$(stats .bypassed.stochastic)" 10
}

@test "zero: a request in chunks goes out with its length" {
    local rest='del":"gpt-4o","messages":[{"role":"user","content":"chunks"}]}  '
    local expected="{\"temperature\":0,\"mo$rest"
    export PREECHO_STOCHASTIC=zero
    printf '%s\r\n' 'POST /v1/chat/completions HTTP/1.1' 'Host: localhost' \
        'Transfer-Encoding: chunked' 'X-After: 1' '' 4 '{"mo' "$(printf '%x;a=b' ${#rest})" "$rest" \
        0 'X-Trailer: 1' '' >"$BATS_TEST_TMPDIR/chunks"
    miss preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$BATS_TEST_TMPDIR/chunks"
    assert_equal "$STATUS" 0
    assert_equal "$(logged body)" "$(digest "$expected")"
    assert_equal "$(logged length) $(logged 'headers | join(" ")')" \
        "${#expected} Host Content-Length X-After"
    hit preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$BATS_TEST_TMPDIR/chunks"
}

@test "zero: Expect: 100-continue, asked below libssl and by libcurl" {
    local body
    export PREECHO_STOCHASTIC=zero
    body=$(chat "expects")
    printf 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n%s' \
        "${#body}" "$body" >"$BATS_TEST_TMPDIR/expect"
    miss preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$BATS_TEST_TMPDIR/expect"
    assert_equal "$STATUS" 0
    assert_equal "$(logged body)" "$(digest "$(cold "$body")")"
    assert_equal "$(grep -c '^HTTP/1.1 100' "$OUT")" 1
    assert_equal "$(grep -c '^HTTP/1.1 200' "$OUT")" 1
    body=$(chat "expects of curl")
    miss ask curl "$KEY" "$body" 'Expect: 100-continue'
    assert_equal "$(logged body)" "$(digest "$(cold "$body")")"
    hit ask curl "$KEY" "$body"
}

@test "zero: pipelined requests, and several on one connection" {
    local connections
    export PREECHO_STOCHASTIC=zero
    upstream_sees 5 preloaded "$PROGRAMS/tls_client" --pipeline "$TLS/v1/chat/completions" \
        "$KEY" "$BODY" 5
    looks_right 5
    keep all
    assert_equal "$(logged body)" "$(digest "$(cold "${BODY/@N@/5}")")"
    assert_equal "$(logged body 5)" "$(digest "$(cold "${BODY/@N@/1}")")"
    hit preloaded "$PROGRAMS/tls_client" --pipeline "$TLS/v1/chat/completions" "$KEY" "$BODY" 5
    same_as all
    connections=$(wc -l <"$UP/connections.log")
    upstream_sees 3 preloaded "$PROGRAMS/tls_client" --write 11 "$TLS/v1/chat/completions" "$KEY" \
        "$BODY" 8
    looks_right 8
    assert_equal "$(($(wc -l <"$UP/connections.log") - connections))" 1
}

@test "zero: what a program has set on a curl handle it finds again" {
    local flavour how body first second
    export PREECHO_STOCHASTIC=zero
    for flavour in "" _gnutls; do
        for how in fields copy length read chunked upload upload-length dup change get; do
            body=$(chat "again $how$flavour")
            upstream_sees 2 preloaded "$PROGRAMS/curl_again_client$flavour" $how \
                "$TLS/v1/chat/completions" "$TLS/other" "$KEY" "$body"
            assert_equal "$how $STATUS $(cat "$ERR")" "$how 0 "
            first=$(digest "$(cold "$body")") second=$(digest "$body")
            [ $how != change ] || second=$(digest '{"changed":1}')
            [ $how != get ] || second=$(digest '')
            assert_equal "$how $(logged body 2) $(logged body)" "$how $first $second"
            assert_equal "$how $(logged method 2) $(logged method)" \
                "$how POST $([ $how = get ] && echo GET || echo POST)"
            upstream_sees 1 preloaded "$PROGRAMS/curl_again_client$flavour" $how \
                "$TLS/v1/chat/completions" "$TLS/other" "$KEY" "$body"
            assert_equal "$how $(logged body)" "$how $second"
        done
    done
}

@test "zero: a virtual connection is made for the changed request" {
    export PREECHO_STOCHASTIC=zero
    miss ask tls "$KEY" "$(chat "known now")"
    for style in blocking memory epoll; do
        miss preloaded "$PROGRAMS/tls_client" --style $style "$TLS/v1/chat/completions" "$KEY" \
            "$(chat "virtual $style")"
        looks_right 1
        assert_equal "$(logged body)" "$(digest "$(cold "$(chat "virtual $style")")")"
    done
}

@test "zero: an expired answer stands in for a failing upstream" {
    local layer body
    export PREECHO_STOCHASTIC=zero PREECHO_TTL=1h
    for layer in $LAYERS; do
        body=$(chat "stale in $layer")
        miss ask "$layer" "$KEY" "$body"
        keep first
        upstream_fails 503
        later +2h miss ask "$layer" "$KEY" "$body"
        upstream_recovers
        same_as first
        assert_equal "$(logged body)" "$(digest "$(cold "$body")")"
        later +2h miss ask "$layer" "$KEY" "$body"
        differs_from first
    done
}

@test "zero: an error of upstream's is the program's" {
    local layer body
    export PREECHO_STOCHASTIC=zero
    for layer in $LAYERS; do
        body=$(chat "refused in $layer [[fault:400]]")
        miss ask "$layer" "$KEY" "$body"
        run cat "$OUT"
        assert_output --partial '"error"'
        miss ask "$layer" "$KEY" "$body"
    done
}

@test "zero: replay mode finds what was recorded with temperature 0" {
    local layer body
    export PREECHO_STOCHASTIC=zero
    for layer in $LAYERS; do
        body=$(chat "replayed in $layer")
        miss ask "$layer" "$KEY" "$(cold "$body")"
        keep first
        PREECHO_MODE=replay hit ask "$layer" "$KEY" "$body"
        same_as first
    done
}

# -- samples -------------------------------------------------------------------------------------

@test "samples: each ask its own answer, and the same ones in the same order for everybody after" {
    local client body
    export PREECHO_STOCHASTIC=samples PREECHO_SAMPLES=3
    body=$(chat "again and again")
    for client in python_httpx ruby_net_http node_https python_pycurl tls_client-memory curl \
        curl_easy_client; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$client
        need_client $client
        upstream_sees 3 run_client "$KEY" "$body" 3
        looks_right 3
        sed '/^$/d' "$OUT" | grep -o 'Re [^"]*' >"$BATS_TEST_TMPDIR/texts"
        assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/texts")" 3
        lines_differ "$BATS_TEST_TMPDIR/texts"
        keep three
        hit run_client "$KEY" "$body" 3
        same_as three
        "$PREECHO" merge --quiet
        hit run_client "$KEY" "$body" 3
        same_as three
        hit run_client "$KEY" "$body" 7
        grep -o 'Re [^"]*' "$OUT" >"$BATS_TEST_TMPDIR/seven"
        cat "$BATS_TEST_TMPDIR"/texts{,,} | head -n 7 | diff - "$BATS_TEST_TMPDIR/seven"
        PREECHO_MODE=replay hit run_client "$KEY" "$body" 3
        same_as three
        # What others keep is the first.
        PREECHO_STOCHASTIC=first hit run_client "$KEY" "$body" 2
        grep -o 'Re [^"]*' "$OUT" >"$BATS_TEST_TMPDIR/two"
        assert_equal "$(uniq "$BATS_TEST_TMPDIR/two")" "$(head -n 1 "$BATS_TEST_TMPDIR/texts")"
    done
}

@test "samples: asked at once" {
    local client body
    export PREECHO_STOCHASTIC=samples PREECHO_SAMPLES=5
    body=$(chat "at once")
    for client in python_aiohttp python_httpx_async curl_multi_poll_client threads_client; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$client
        need_client $client
        upstream_sees 5 run_client "$KEY" "$body" 5
        looks_right 5
        grep -o 'Re [^"]*' "$OUT" | sort >"$BATS_TEST_TMPDIR/first"
        lines_differ "$BATS_TEST_TMPDIR/first"
        hit run_client "$KEY" "$body" 5
        grep -o 'Re [^"]*' "$OUT" | sort | diff "$BATS_TEST_TMPDIR/first" -
    done
}

@test "samples: an event loop that asks one thing after the other" {
    local ask
    export PREECHO_STOCHASTIC=samples
    ask=("$PYTHON" "$CLIENTS/python_tests.py" "$TLS/v1/chat/completions" "$KEY" "$(chat "awaited")")
    upstream_sees 3 preloaded "${ask[@]}" - - -
    keep three
    grep -o 'Re [^"]*' "$OUT" >"$BATS_TEST_TMPDIR/texts"
    lines_differ "$BATS_TEST_TMPDIR/texts"
    hit preloaded "${ask[@]}" - - -
    same_as three
    hit preloaded "${ask[@]}" - - - - - -
    cat "$BATS_TEST_TMPDIR/kept-three" "$BATS_TEST_TMPDIR/kept-three" | cmp - "$OUT"
}

@test "samples: streams, missing ones, other numbers of them" {
    local client
    for client in python_httpx node_https; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$client PREECHO_STOCHASTIC=samples PREECHO_SAMPLES=3
        need_client $client
        STREAM_BODY=$(chat "a stream" '"stream":true')
        upstream_sees 1 run_client "$KEY" "$STREAM_BODY" 1
        keep one
        upstream_sees 2 run_client "$KEY" "$STREAM_BODY" 3
        cmp -n "$(wc -c <"$BATS_TEST_TMPDIR/kept-one")" "$OUT" "$BATS_TEST_TMPDIR/kept-one"
        keep three
        hit run_client "$KEY" "$STREAM_BODY" 3
        same_as three
        PREECHO_SAMPLES=1 hit run_client "$KEY" "$STREAM_BODY" 1
        same_as one
        PREECHO_SAMPLES=5 upstream_sees 2 run_client "$KEY" "$STREAM_BODY" 5
    done
}

@test "samples: what is not drawn has one answer, and is not counted" {
    local body
    export PREECHO_STOCHASTIC=samples
    need_client python_httpx
    body=$(cold "$(chat "one answer")")
    upstream_sees 1 run_client "$KEY" "$body" 3
    URL=$TLS/v1/embeddings upstream_sees 1 run_client "$KEY" '{"model":"m","input":"x"}' 3
}

@test "samples: an error leaves its place to the next ask" {
    local body
    export PREECHO_STOCHASTIC=samples
    need_client python_httpx
    body=$(chat "fails first")
    upstream_fails 500
    upstream_sees 2 run_client "$KEY" "$body" 2
    upstream_recovers
    upstream_sees 3 run_client "$KEY" "$body" 3
    keep three
    hit run_client "$KEY" "$body" 3
    same_as three
}

@test "samples: replay mode refuses what is missing" {
    local body
    export PREECHO_STOCHASTIC=samples
    need_client ruby_net_http
    body=$(chat "two are there")
    upstream_sees 2 run_client "$KEY" "$body" 2
    PREECHO_MODE=replay hit run_client "$KEY" "$body" 3
    assert_equal "$STATUS" 22
    assert_equal "$(grep -c 'preecho' "$OUT")" 1
}

@test "samples: within a test of pytest counting starts anew" {
    local body ask
    export PREECHO_STOCHASTIC=samples
    body=$(chat "tested")
    ask=("$PYTHON" "$CLIENTS/python_tests.py" "$TLS/v1/chat/completions" "$KEY" "$body")
    upstream_sees 3 preloaded "${ask[@]}" one one one
    keep three
    hit preloaded "${ask[@]}" one one one
    same_as three
    grep -o 'Re [^"]*' "$OUT" >"$BATS_TEST_TMPDIR/texts"
    lines_differ "$BATS_TEST_TMPDIR/texts"
    hit preloaded "${ask[@]}" one two one two three - - one
    grep -o 'Re [^"]*' "$OUT" >"$BATS_TEST_TMPDIR/got"
    local number expected=()
    for number in 1 1 2 2 1 1 2 3; do
        expected+=("$(sed -n "${number}p" "$BATS_TEST_TMPDIR/texts")")
    done
    assert_equal "$(cat "$BATS_TEST_TMPDIR/got")" "$(printf '%s\n' "${expected[@]}")"
}

# -- n, seed -------------------------------------------------------------------------------------

@test "n and seed are kept apart, whatever the rule" {
    local layer rule
    for rule in first zero samples; do
        export PREECHO_STOCHASTIC=$rule PREECHO_STORE=$BATS_TEST_TMPDIR/$rule
        for layer in $LAYERS; do
            miss ask "$layer" "$KEY" "$(chat "n $layer" '"n":2')"
            keep two
            miss ask "$layer" "$KEY" "$(chat "n $layer" '"n":3')"
            miss ask "$layer" "$KEY" "$(chat "n $layer" '"n":2,"seed":1')"
            miss ask "$layer" "$KEY" "$(chat "n $layer" '"n":2,"seed":2')"
            hit ask "$layer" "$KEY" "$(chat "n $layer" '"n":2')"
            same_as two
            assert_equal "$(jq '.choices | length' "$OUT")" 2
        done
    done
}
