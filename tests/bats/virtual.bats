#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Connections to a host that was recorded before: none is made until a request needs one, and the
# program cannot tell. ROUNDS says how long the load tests last (10; 100 for a full check).

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
    CHAT=$TLS/v1/chat/completions
}

connections() {
    wc -l <"$UP/connections.log"
}

# connects N COMMAND...: it makes N TLS connections to the upstream.
connects() {
    local wanted=$1 before
    before=$(connections)
    "${@:2}"
    assert_equal "$(($(connections) - before)) connections" "$wanted connections"
}

need_node() {
    [ -x "$PROGRAMS/node" ] || skip "Debian's nodejs 18 is not to be had here"
}

# bears_load COMMAND...: 200 requests on 50 connections at once, half of them hits.
bears_load() {
    local rounds=${ROUNDS:-10}
    upstream_sees 200 preloaded timeout 60 "$@" "$CHAT" "$KEY" first 1
    assert_equal "$(cat "$OUT" "$ERR")" "right 200 wrong 0 leaked 0"
    upstream_sees $((100 * rounds)) preloaded timeout $((60 + 3 * rounds)) "$@" "$CHAT" "$KEY" \
        second "$rounds"
    assert_equal "$(cat "$OUT" "$ERR")" "right $((200 * rounds)) wrong 0 leaked 0"
    connects 0 hit preloaded timeout $((60 + 3 * rounds)) "$@" "$CHAT" "$KEY" second "$rounds"
    assert_equal "$(cat "$OUT" "$ERR")" "right $((200 * rounds)) wrong 0 leaked 0"
}

@test "200 requests on 50 connections at once: asyncio" {
    bears_load "$PYTHON" "$CLIENTS/load_asyncio.py"
}

@test "200 requests on 50 connections at once: aiohttp" {
    bears_load "$PYTHON" "$CLIENTS/load_aiohttp.py"
}

@test "200 requests on 50 connections at once: Node.js https" {
    need_node
    bears_load "$PROGRAMS/node" "$CLIENTS/load_node.js"
}

@test "200 requests on 50 connections at once: Ruby threads" {
    bears_load ruby "$CLIENTS/load_ruby.rb"
}

@test "200 requests on 50 connections at once: epoll, level-triggered" {
    bears_load "$PROGRAMS/load_epoll" level
}

@test "200 requests on 50 connections at once: epoll, edge-triggered" {
    bears_load "$PROGRAMS/load_epoll" edge
}

@test "200 requests on 50 connections at once: epoll, one-shot" {
    bears_load "$PROGRAMS/load_epoll" oneshot
}

# styled STYLE COUNT [STEP]: 300 ms pass before each request.
styled() {
    preloaded "$PROGRAMS/tls_client" --style "$1" --sleep 300 "$CHAT" "$KEY" "$BODY" "${@:2}"
}

# A hit, a miss and a hit on a connection to a host that the process before has recorded.
idles_on_known_host() {
    upstream_sees 2 styled "$1" 2 2
    keep odd
    connects 0 hit styled "$1" 2 2
    same_as odd
    connects 1 upstream_sees 1 styled "$1" 3
    looks_right 3
    keep all
    assert_equal "$(documents "$OUT" 1 3)" "$(documents "$BATS_TEST_TMPDIR/kept-odd")"
    connects 0 hit styled "$1" 3
    same_as all
}

# The same with CLIENT_PAUSE, for the clients of the main list.
pauses_on_known_host() {
    need_client "$1"
    upstream_sees 2 run_client "$KEY" "$BODY" 2 2
    keep odd
    export CLIENT_PAUSE=300
    connects 0 hit run_client "$KEY" "$BODY" 2 2
    same_as odd
    connects 1 upstream_sees 1 run_client "$KEY" "$BODY" 3
    looks_right 3
    keep all
    connects 0 hit run_client "$KEY" "$BODY" 3
    same_as all
}

# The server closes what is idle for 150 ms: between a miss and the next one always.
outlives_closes() {
    local TLS=$HASTY
    need_client "$1"
    upstream_sees 3 run_client "$KEY" "$BODY" 3 2
    keep odd
    export CLIENT_PAUSE=300
    connects 0 hit run_client "$KEY" "$BODY" 3 2
    same_as odd
    upstream_sees 3 run_client "$KEY" "$BODY" 6
    looks_right 6
    assert_equal "$(documents "$OUT" 1 3 5)" "$(documents "$BATS_TEST_TMPDIR/kept-odd")"
    keep all
    connects 0 hit run_client "$KEY" "$BODY" 6
    same_as all
}

@test "blocking socket BIO: a hit, a miss and a hit with 300 ms of idling on a known host" {
    idles_on_known_host blocking
}

@test "non-blocking with select: a hit, a miss and a hit with 300 ms of idling on a known host" {
    idles_on_known_host select
}

@test "non-blocking with poll: a hit, a miss and a hit with 300 ms of idling on a known host" {
    idles_on_known_host poll
}

@test "epoll, level-triggered: a hit, a miss and a hit with 300 ms of idling on a known host" {
    idles_on_known_host epoll
}

@test "epoll, edge-triggered: a hit, a miss and a hit with 300 ms of idling on a known host" {
    idles_on_known_host epoll-edge
}

@test "epoll, one-shot: a hit, a miss and a hit with 300 ms of idling on a known host" {
    idles_on_known_host epoll-oneshot
}

@test "memory BIO with epoll: a hit, a miss and a hit with 300 ms of idling on a known host" {
    idles_on_known_host memory
}

@test "Python requests: a hit, a miss and a hit with 300 ms of idling on a known host" {
    pauses_on_known_host python_requests
}

@test "Python httpx: a hit, a miss and a hit with 300 ms of idling on a known host" {
    pauses_on_known_host python_httpx
}

@test "Python aiohttp on one connection: a hit, a miss and a hit with 300 ms of idling on a known host" {
    pauses_on_known_host python_aiohttp_one
}

@test "Ruby net/http: a hit, a miss and a hit with 300 ms of idling on a known host" {
    pauses_on_known_host ruby_net_http
}

@test "Perl LWP: a hit, a miss and a hit with 300 ms of idling on a known host" {
    pauses_on_known_host perl_lwp
}

@test "Node.js https: a hit, a miss and a hit with 300 ms of idling on a known host" {
    pauses_on_known_host node_https
}

@test "Python requests: a server that closes idle connections of a known host" {
    outlives_closes python_requests
}

@test "Python httpx: a server that closes idle connections of a known host" {
    outlives_closes python_httpx
}

@test "Python aiohttp on one connection: a server that closes idle connections of a known host" {
    outlives_closes python_aiohttp_one
}

@test "Ruby net/http: a server that closes idle connections of a known host" {
    outlives_closes ruby_net_http
}

@test "Perl LWP: a server that closes idle connections of a known host" {
    outlives_closes perl_lwp
}

@test "Node.js https: a server that closes idle connections of a known host" {
    outlives_closes node_https
}

# Records an answer, so that the host is known.
know_host() {
    miss preloaded "$PYTHON" "$CLIENTS/python_urllib.py" "$CHAT" "$KEY" "$(chat 'Known')"
    [ "$STATUS" -eq 0 ]
}

# fetches COMMAND...: twice a GET that is no LLM call, on connections of their own.
fetches() {
    local i
    know_host
    for i in 1 2; do
        connects 1 miss preloaded timeout 20 "$@" "$TLS/v1/models"
        assert_equal "$STATUS" 0
        jq -e '.data | length > 0' "$OUT" >/dev/null || fail "no list: $(cat "$OUT" "$ERR")"
    done
}

@test "a request to a known host that is no LLM call: Python urllib" {
    fetches "$PYTHON" -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())'
}

@test "a request to a known host that is no LLM call: Python httpx" {
    fetches "$PYTHON" -c 'import httpx, sys
sys.stdout.buffer.write(httpx.get(sys.argv[1]).content)'
}

@test "a request to a known host that is no LLM call: Python aiohttp" {
    fetches "$PYTHON" -c 'import aiohttp, asyncio, sys
async def main():
    async with aiohttp.ClientSession() as session:
        async with session.get(sys.argv[1]) as answer:
            print(await answer.text())
asyncio.run(main())'
}

@test "a request to a known host that is no LLM call: Ruby net/http" {
    fetches ruby -rnet/http -e 'puts Net::HTTP.get(URI(ARGV[0]))'
}

@test "a request to a known host that is no LLM call: Node.js https" {
    need_node
    fetches "$PROGRAMS/node" -e "require('https').get(process.argv[1], (answer) => {
        answer.pipe(process.stdout);
    })"
}

@test "a miss behind a request that is no LLM call, and a hit, on one connection" {
    local program='import http.client, sys
client = http.client.HTTPSConnection("localhost", int(sys.argv[1]))
headers = {"Authorization": "Bearer " + sys.argv[2], "Content-Type": "application/json"}
for text in sys.argv[3:]:
    client.request("GET", "/v1/models")
    client.getresponse().read()
    client.request("POST", "/v1/chat/completions", text.encode(), headers)
    print(client.getresponse().read().decode())'
    know_host
    keep known
    connects 1 upstream_sees 3 preloaded "$PYTHON" -c "$program" "$TLS_PORT" "$KEY" \
        "$(chat 'Known')" "$(chat 'Unknown')"
    assert_equal "$(documents "$OUT" 1)" "$(documents "$BATS_TEST_TMPDIR/kept-known")"
    looks_right 2
}

# knows_answers COMMAND...: what the program asks after its handshake has the same answers without
# preecho, on a connection that is recorded, and on one that does not exist.
knows_answers() {
    local body
    body=$(chat 'Questions')
    capture "$@" "$CHAT" "$KEY" "$body"
    [ "$STATUS" -eq 0 ] || fail "$(cat "$ERR")"
    cp "$ERR" "$BATS_TEST_TMPDIR/questions"
    connects 1 miss preloaded "$@" "$CHAT" "$KEY" "$body"
    keep answer
    assert_equal "$(cat "$ERR")" "$(cat "$BATS_TEST_TMPDIR/questions")"
    connects 0 hit preloaded "$@" "$CHAT" "$KEY" "$body"
    same_as answer
    assert_equal "$(cat "$ERR")" "$(cat "$BATS_TEST_TMPDIR/questions")"
    connects 1 miss preloaded "$@" "$CHAT" "$KEY" "$(chat 'Questions before a miss')"
    assert_equal "$(cat "$ERR")" "$(cat "$BATS_TEST_TMPDIR/questions")"
}

@test "questions after the handshake: Python ssl" {
    knows_answers "$PYTHON" "$CLIENTS/questions.py" blocking
    assert grep -q '^version: TLSv1' "$ERR"
}

@test "questions after the handshake: Python asyncio" {
    knows_answers "$PYTHON" "$CLIENTS/questions.py" asyncio
    assert grep -q '^version: TLSv1' "$ERR"
}

@test "questions after the handshake: Node.js tls" {
    need_node
    knows_answers "$PROGRAMS/node" "$CLIENTS/questions.js"
    assert grep -q '^protocol: "TLSv1' "$ERR"
}

@test "questions after the handshake: Ruby openssl" {
    knows_answers ruby "$CLIENTS/questions.rb"
    assert grep -q '^verified: 0' "$ERR"
}

# distrusts NAME COMMAND...: with another authority the recorded answer is refused as the server is.
distrusts() {
    local body status inner
    body=$(chat 'Trust')
    miss preloaded "$@" "$CHAT" "$KEY" "$body"
    hit preloaded "$@" "$CHAT" "$KEY" "$body"
    keep answer
    "$PROJECT/tests/upstream/ca.sh" "$BATS_TEST_TMPDIR/other"
    local SSL_CERT_FILE=$BATS_TEST_TMPDIR/other/ca.pem
    local REQUESTS_CA_BUNDLE=$SSL_CERT_FILE NODE_EXTRA_CA_CERTS=$SSL_CERT_FILE
    capture "$@" "$CHAT" "$KEY" "$body"
    status=$STATUS inner=$(jq -e .failure.inner "$OUT")
    upstream_sees 0 preloaded timeout 20 "$@" "$CHAT" "$KEY" "$body"
    ! cmp -s "$OUT" "$BATS_TEST_TMPDIR/kept-answer" || fail "the recorded answer was served"
    assert_equal "$STATUS $(jq -e .failure.inner "$OUT")" "$status $inner"
}

@test "a program that trusts another authority: Python urllib" {
    distrusts "$PYTHON" "$CLIENTS/failing.py" urllib
}

@test "a program that trusts another authority: Python requests" {
    distrusts "$PYTHON" "$CLIENTS/failing.py" requests
}

@test "a program that trusts another authority: Python httpx" {
    distrusts "$PYTHON" "$CLIENTS/failing.py" httpx
}

@test "a program that trusts another authority: Python aiohttp" {
    distrusts "$PYTHON" "$CLIENTS/failing.py" aiohttp
}

@test "a program that trusts another authority: Node.js https" {
    need_node
    distrusts "$PROGRAMS/node" "$CLIENTS/failing_node.js" https
}

@test "a program that trusts another authority: Ruby net/http" {
    distrusts ruby "$CLIENTS/failing_ruby.rb"
}

@test "options of the socket, set before and after connect, are there before and after a miss" {
    local program=("$PROGRAMS/options_client" "$CHAT" "$KEY" "$BODY")
    capture "${program[@]}" 3
    assert_equal "$STATUS" 0
    cp "$ERR" "$BATS_TEST_TMPDIR/options"
    assert_equal "$(sort -u "$ERR" | wc -l)" 1
    upstream_sees 2 preloaded "${program[@]}" 2 2
    upstream_sees 1 preloaded "${program[@]}" 3
    looks_right 3
    assert_equal "$(cat "$ERR")" "$(cat "$BATS_TEST_TMPDIR/options")"
    connects 0 hit preloaded "${program[@]}" 3
    assert_equal "$(cat "$ERR")" "$(cat "$BATS_TEST_TMPDIR/options")"
}

@test "connections to a known host that are never used leave no descriptor behind" {
    local upstream
    know_host
    upstream=$(find "/proc/$UPSTREAM_PID/fd" | wc -l)
    upstream_sees 0 preloaded timeout 60 "$PYTHON" "$CLIENTS/unused.py" "$TLS" 200
    assert_equal "$(cat "$OUT" "$ERR")" "leaked 0"
    wait_until 5 few_descriptors "$upstream"
}

# few_descriptors N: the upstream has no more than that.
few_descriptors() {
    [ "$(find "/proc/$UPSTREAM_PID/fd" | wc -l)" -le "$1" ]
}

# speaks_raw HOW: who does not speak TLS by OpenSSL reaches the server itself, here nginx, which
# has words for each of them.
speaks_raw() {
    local CHAT=$H2/v1/chat/completions
    know_host
    capture timeout 20 "$PYTHON" "$CLIENTS/raw.py" "$1" localhost "$H2_PORT"
    keep raw
    upstream_sees 0 preloaded timeout 20 "$PYTHON" "$CLIENTS/raw.py" "$1" localhost "$H2_PORT"
    same_as raw
}

@test "plain bytes to a known host reach the server" {
    speaks_raw plain
    assert_equal "$(head -c 24 "$OUT")" "$(printf 'HTTP/1.1 400' | od -An -tx1 | tr -d ' \n')"
}

@test "a ClientHello made by hand reaches the server, which refuses it" {
    speaks_raw refused
    assert_equal "$(cat "$OUT")" 15030300020228
}

@test "a ClientHello made by hand reaches the server, which takes it" {
    speaks_raw hello
    assert_equal "$(cat "$OUT")" 1602
}

@test "a program that says nothing to a known host hears nothing" {
    speaks_raw silent
    assert grep -q 'TimeoutError' "$OUT"
}

# over_ipv6 COMMAND...: recorded and served at ::1.
over_ipv6() {
    local at="https://[::1]:$TLS_PORT/v1/chat/completions"
    "$PYTHON" -c 'import socket, sys
socket.create_connection(("::1", int(sys.argv[1]))).close()' "$TLS_PORT" 2>"$ERR" ||
        skip "no IPv6 here: $(tail -n 1 "$ERR")"
    upstream_sees 2 preloaded "$@" "$at" "$KEY" "$BODY" 2 2
    keep odd
    connects 0 hit preloaded "$@" "$at" "$KEY" "$BODY" 2 2
    same_as odd
    upstream_sees 1 preloaded "$@" "$at" "$KEY" "$BODY" 3
    looks_right 3
    assert_equal "$(documents "$OUT" 1 3)" "$(documents "$BATS_TEST_TMPDIR/kept-odd")"
}

@test "IPv6: Python httpx" {
    over_ipv6 "$PYTHON" "$CLIENTS/python_httpx.py"
}

@test "IPv6: Python aiohttp" {
    over_ipv6 "$PYTHON" "$CLIENTS/python_aiohttp_one.py"
}

@test "IPv6: Ruby net/http" {
    over_ipv6 ruby "$CLIENTS/ruby_net_http.rb"
}

@test "PREECHO_CONNECT=real: a hit on a connection that exists" {
    miss ask tls "$KEY" "$(chat real)"
    connects 1 eval "PREECHO_CONNECT=real hit ask tls '$KEY' '$(chat real)'"
    connects 0 hit ask tls "$KEY" "$(chat real)"
}

@test "a program that verifies certificates by its own callback meets the server" {
    miss preloaded "$PROGRAMS/tls_client" "$CHAT" "$KEY" "$BODY"
    keep first
    connects 1 hit preloaded "$PROGRAMS/tls_client" --own-verify "$CHAT" "$KEY" "$BODY"
    same_as first
    connects 0 hit preloaded "$PROGRAMS/tls_client" "$CHAT" "$KEY" "$BODY"
}

# The event loop is not blocked meanwhile, and comes back when the connection is there.
waits_for_connection() {
    local relayed=$BATS_TEST_TMPDIR/relay relay at start
    "$PYTHON" "$PROJECT/tests/upstream/relay.py" "$TLS_PORT" >"$relayed" 2>&1 3>&- &
    relay=$!
    wait_until 10 test -s "$relayed"
    at=https://127.0.0.1:$(head -n 1 "$relayed")/v1/chat/completions
    miss preloaded "$@" "$at" "$KEY" "$(chat 'quick')"
    assert_equal "$STATUS" 0
    kill -USR1 "$relay"
    wait_until 5 grep -q full "$relayed"
    start=$(date +%s%N)
    miss preloaded timeout 20 "$@" "$at" "$KEY" "$(chat 'slow')"
    kill "$relay"
    assert_equal "$STATUS" 0
    assert_equal "$(jq -r .object "$OUT")" chat.completion
    [ $((($(date +%s%N) - start) / 1000000)) -ge 500 ] || fail "it did not have to wait"
}

@test "a connection that takes a second: Python httpx async" {
    waits_for_connection "$PYTHON" "$CLIENTS/python_httpx_async.py"
}

@test "a connection that takes a second: Python aiohttp" {
    waits_for_connection "$PYTHON" "$CLIENTS/python_aiohttp_one.py"
}

@test "a connection that takes a second: Node.js https" {
    need_node
    waits_for_connection "$PROGRAMS/node" "$CLIENTS/node_https.js"
}

@test "a connection that takes a second: Ruby net/http" {
    waits_for_connection ruby "$CLIENTS/ruby_net_http.rb"
}

@test "a connection that takes a second: epoll, edge-triggered" {
    waits_for_connection "$PROGRAMS/tls_client" --style epoll-edge
}
