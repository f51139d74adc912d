#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Do no harm: whatever the server answers and whatever the program sends passes through unchanged,
# byte for byte, in both directions.

load helpers.bash

setup_file() {
    start_upstream
    start_nginx
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    REQUEST=$BATS_TEST_TMPDIR/request
}

# raw_request BODY [FIELD...]: an HTTP request in the file $REQUEST.
raw_request() {
    local body=$1 field
    shift
    {
        printf 'POST %s HTTP/1.1\r\nhost: localhost:%s\r\nX-Odd:   kept  \r\n' \
            "${WHERE:-/v1/chat/completions}" "$TLS_PORT"
        printf 'Authorization: Bearer %s\r\nContent-Type: application/json\r\n' "$KEY"
        for field; do
            printf '%s\r\n' "$field"
        done
        printf 'Content-Length: %d\r\n\r\n%s' "$(printf '%s' "$body" | wc -c)" "$body"
    } >"$REQUEST"
}

# The digest of the last request, head and body, as it reached the upstream.
last_raw() {
    tail -n 1 "$UP/requests.log" | jq -r .raw
}

# The program sees the same bytes, status and stderr with preecho as without, and the upstream
# sees the same request.
passes_unchanged() {
    local status raw stderr options=("$@")
    capture "$PROGRAMS/tls_client" "${options[@]}" --raw "$TLS/" - "$REQUEST"
    keep without
    status=$STATUS stderr=$(cat "$ERR") raw=$(last_raw)
    miss preloaded "$PROGRAMS/tls_client" "${options[@]}" --raw "$TLS/" - "$REQUEST"
    same_as without
    assert_equal "$STATUS $(cat "$ERR")" "$status $stderr"
    assert_equal "$(last_raw)" "$raw"
}

@test "odd and broken answers reach the program unchanged" {
    local fault stream
    for stream in true false; do
        for fault in chunked chunk-ext chunk-ext-odd trailers tiny close-delimited close hints \
            fake-end odd-case split-head gzip deflate br zstd early-close cut-stream garbage \
            html empty error-200 429 500 529 no-terminal error-event big=300; do
            raw_request "$(chat "$fault $stream" "\"stream\":$stream")" \
                "x-test-fault: steady, $fault"
            passes_unchanged --style blocking
        done
    done
}

@test "the same for a program on memory BIOs and epoll" {
    local fault
    for fault in chunk-ext-odd trailers tiny close-delimited hints garbage early-close gzip 429 \
        big=300; do
        raw_request "$(chat "$fault memory" '"stream":true')" "x-test-fault: steady, $fault"
        passes_unchanged --style memory
    done
}

@test "a connection that breaks looks as it does without preecho" {
    local fault
    for fault in reset reset-first; do
        raw_request "$(chat "$fault")" "x-test-fault: steady, $fault"
        passes_unchanged --style blocking
        passes_unchanged --style epoll
    done
}

@test "requests written in single bytes reach the upstream unchanged" {
    raw_request "$(chat 'in pieces')" 'x-test-fault: steady'
    passes_unchanged --style blocking --write 1
    raw_request "$(chat 'in other pieces')" 'x-test-fault: steady'
    passes_unchanged --style epoll-edge --write 7
}

@test "a body that looks like a request line is never taken for one" {
    local inner
    raw_request "$(chat 'smuggled [[fault:steady]]')"
    inner=$(cat "$REQUEST")
    WHERE=/upload raw_request "$inner" 'x-test-fault: steady' # the body is a whole request
    before=$(requests)
    preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$REQUEST" >"$OUT" 2>"$ERR"
    assert_equal "$(($(requests) - before))" 1
    run stats .recorded
    assert_output 0
    miss ask tls "$KEY" "$(chat 'smuggled [[fault:steady]]')"
}

@test "requests that are no LLM calls pass, and their answers" {
    local path
    for path in / /v1/models /v1/files /bytes/0 /bytes/1 /bytes/70000; do
        miss preloaded curl -sS --http1.1 "$TLS$path"
        miss preloaded curl -sS --http1.1 "$TLS$path"
        assert_equal "$STATUS" 0
        miss preloaded "$PYTHON" -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "$TLS$path"
        assert_equal "$STATUS" 0
        case $path in
        /bytes/*) assert_equal "$(stat -c %s "$OUT")" "${path#/bytes/}" ;;
        esac
    done
    miss preloaded curl -sSI --http1.1 "$TLS/head"
    assert_equal "$STATUS" 0
}

@test "a download of 64 MiB arrives whole" {
    miss preloaded "$PYTHON" -c 'import sys, urllib.request
body = urllib.request.urlopen(sys.argv[1]).read()
print(len(body), body.count(0))' "$TLS/bytes/67108864"
    assert_equal "$(cat "$OUT")" "67108864 67108864"
}

@test "an upload of 8 MiB arrives whole" {
    head -c 8388608 /dev/urandom >"$BATS_TEST_TMPDIR/big"
    miss preloaded curl -sS --http1.1 --data-binary "@$BATS_TEST_TMPDIR/big" "$TLS/upload"
    assert_equal "$(tail -n 1 "$UP/requests.log" | jq -r '.length, .body' | xargs)" \
        "8388608 $(sha256sum <"$BATS_TEST_TMPDIR/big" | head -c 16)"
    miss preloaded "$PYTHON" -c 'import sys, urllib.request
urllib.request.urlopen(sys.argv[1], open(sys.argv[2], "rb").read())' \
        "$TLS/upload" "$BATS_TEST_TMPDIR/big"
    assert_equal "$(tail -n 1 "$UP/requests.log" | jq -r .body)" \
        "$(sha256sum <"$BATS_TEST_TMPDIR/big" | head -c 16)"
}

# large_chat: a chat body of more than 1 MiB, for which curl sends Expect: 100-continue.
large_chat() {
    printf '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"%s"}]}' \
        "$(head -c 1200000 /dev/zero | tr '\0' 'a')" >"$BATS_TEST_TMPDIR/large"
}

@test "Expect: 100-continue: answered while holding, hits and misses, no second of waiting" {
    large_chat
    local start command=(preloaded curl -sS --http1.1 -H "Authorization: Bearer $KEY"
        -H 'Content-Type: application/json' -H 'Expect: 100-continue'
        --data-binary "@$BATS_TEST_TMPDIR/large" "$TLS/v1/chat/completions")
    start=$(date +%s%N)
    miss "${command[@]}"
    keep first
    hit "${command[@]}"
    same_as first
    [ $((($(date +%s%N) - start) / 1000000)) -lt 1500 ]
    WHERE=/v1/chat/completions raw_request "$(chat expecting)" 'Expect: 100-continue' \
        'x-test-fault: steady'
    miss preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$REQUEST"
    hit preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$REQUEST"
    grep -q '"Re ' "$OUT"
}

@test "an answer reaches the program as it arrives, not when it is complete" {
    local body first whole
    body=$(chat 'slow [[fault:pause=60]]' '"stream":true')
    read -r first whole < <(preloaded curl -sS -o /dev/null -w '%{time_starttransfer} %{time_total}\n' \
        -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d "$body" \
        "$TLS/v1/chat/completions")
    "$PYTHON" -c "assert $first < 0.4 < 0.6 < $whole, ($first, $whole)"
    body=$(chat 'slow too [[fault:pause=60]]' '"stream":true')
    read -r first whole < <(preloaded "$PYTHON" -c 'import sys, time, httpx
start, first = time.time(), None
with httpx.stream("POST", sys.argv[1], content=sys.argv[2].encode(), headers={
        "Authorization": "Bearer k", "Content-Type": "application/json"}) as response:
    for piece in response.iter_raw():
        first = first or time.time() - start
print(first, time.time() - start)' "$TLS/v1/chat/completions" "$body")
    "$PYTHON" -c "assert $first < 0.4 < 0.6 < $whole, ($first, $whole)"
}

@test "a server that is not trusted is refused as without preecho" {
    local name
    "$PROJECT/tests/upstream/ca.sh" "$BATS_TEST_TMPDIR/other"
    miss ask tls "$KEY" "$(chat trust)"
    export SSL_CERT_FILE=$BATS_TEST_TMPDIR/other/ca.pem
    export CURL_CA_BUNDLE=$SSL_CERT_FILE
    capture "$PROGRAMS/tls_client" "$TLS/v1/chat/completions" "$KEY" "$(chat distrust)"
    name="$STATUS $(cat "$ERR")"
    upstream_sees 0 ask tls "$KEY" "$(chat distrust)"
    assert_equal "$STATUS $(cat "$ERR")" "$name"
    upstream_sees 0 ask curl "$KEY" "$(chat distrust)"
    assert_equal "$STATUS" 60
}

@test "HTTP/2 below libssl passes and is counted" {
    export PREECHO_HOSTS=localhost
    run preloaded negotiated h2
    assert_output h2
    run stats .bypassed.h2
    assert_output 1
}

@test "HTTP/2 of Node.js, which writes before its handshake is over, passes and is counted" {
    [ -x "$PROGRAMS/node" ] || skip "Debian's nodejs 18 is not to be had here"
    local round
    export PREECHO_HOSTS=localhost
    for round in 1 2; do
        miss preloaded "$PROGRAMS/node" "$CLIENTS/node_http2.js" "$H2/v1/chat/completions" \
            "$KEY" "$(chat 'two')"
        assert_equal "$STATUS" 0
        jq -e .id "$OUT" >/dev/null
    done
    run stats .bypassed.h2
    assert_output 2
}

# negotiated PROTOCOL...: what a Python program gets that offers these protocols.
negotiated() {
    "$PYTHON" -c 'import socket, ssl, sys
context = ssl.create_default_context()
context.set_alpn_protocols(sys.argv[2:])
with socket.create_connection(("localhost", int(sys.argv[1]))) as raw:
    with context.wrap_socket(raw, server_hostname="localhost") as tls:
        tls.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        tls.read(1)
        print(tls.selected_alpn_protocol())' "$H2_PORT" "$@"
}

@test "on known hosts h2 is not offered where HTTP/1.1 is offered too" {
    assert_equal "$(preloaded negotiated h2 http/1.1)" h2
    PREECHO_HOSTS=elsewhere.example assert_equal "$(preloaded negotiated h2 http/1.1)" h2
    export PREECHO_HOSTS=localhost
    assert_equal "$(preloaded negotiated h2 http/1.1)" http/1.1
    assert_equal "$(preloaded negotiated h2)" h2
    assert_equal "$(negotiated h2 http/1.1)" h2
}

@test "a websocket upgrade passes" {
    raw_request "$(chat up)" 'Connection: Upgrade' 'Upgrade: websocket' 'x-test-fault: steady'
    passes_unchanged --style blocking
    passes_unchanged --style epoll
}
