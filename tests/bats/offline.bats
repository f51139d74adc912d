#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recorded once, answered without a network: no name is looked up and nothing is sent but on
# loopback, as strace sees it. The upstream is the only thing in a namespace of its own.

load helpers.bash
load clients.bash
load network.bash

setup_file() {
    start_networks
}

teardown_file() {
    stop_networks
}

setup() {
    need_networks
    fresh_store
}

# need_provider CLIENT: COMMAND, COUNT and bodies as for the other tests, and the provider's URL.
need_provider() {
    need_client "$1"
    URL=https://api.openai.com:443/v1/chat/completions
    if [ "$1" = node_anthropic ]; then
        URL=https://api.anthropic.com:443/v1/messages
        BODY=$(chat "$PROMPT" '"max_tokens":64')
        STREAM_BODY=$(chat "$PROMPT" '"max_tokens":64,"stream":true')
    fi
}

# client online|offline KEY BODY [COUNT [STEP]]
client() {
    "$1" "${COMMAND[@]}" "$URL" "${@:2}"
}

served_without_network() {
    local body
    need_provider "$1"
    for body in "$BODY" "$STREAM_BODY"; do
        upstream_sees "$COUNT" client online "$KEY" "$body" "$COUNT"
        looks_right "$COUNT"
        keep first
        hit client offline "$KEY" "$body" "$COUNT"
        same_as first
        stayed_at_home
        [ "$STATUS" -eq 0 ] || fail "exit status $STATUS: $(head -c 500 "$ERR")"
    done
}

# What programs say when they cannot reach a server, whatever they were doing at that moment.
FAILURES='unreachable|resol|connect|ENETUNREACH|EAI_AGAIN|errno|getaddrinfo|HTTP request failed'
FAILURES+='|could not be written|did not arrive whole|request [0-9] failed'

fails_without_network() {
    local start=$SECONDS
    need_provider "$1"
    miss client online "$KEY" "$BODY"
    keep first
    upstream_sees 0 client offline "$KEY" "$(chat "Never asked, $PROMPT" '"max_tokens":64')"
    [ $((SECONDS - start)) -lt 20 ] || fail "it took $((SECONDS - start)) s"
    ! grep -q 'Re [0-9a-f]' "$OUT" || fail "an answer from nowhere: $(cat "$OUT")"
    # s_client.sh is a pipe, whose status is that of its last command.
    [ "$1" = s_client ] || [ "$STATUS" -ne 0 ] || fail "exit status 0: $(cat "$OUT" "$ERR")"
    cat "$OUT" "$ERR" | grep -qiE "$FAILURES" || fail "no word of it: $(cat "$OUT" "$ERR")"
    hit client offline "$KEY" "$BODY"
    same_as first
    stayed_at_home
}

# Replay mode, hours after: hits as ever, what would be a miss is refused, and no name is looked up.
replayed() {
    local PRELOADS
    PRELOADS=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1):$BUILD/libpreecho.so
    need_provider "$1"
    miss client online "$KEY" "$BODY"
    keep first
    FAKETIME=+3h PREECHO_MODE=replay hit client offline "$KEY" "$BODY"
    same_as first
    stayed_at_home
    FAKETIME=+3h PREECHO_MODE=replay hit client offline "$KEY" "$(chat "Never asked, $PROMPT")"
    grep -q 'preecho: PREECHO_MODE=replay ' "$OUT" "$ERR" || fail "$(cat "$OUT" "$ERR")"
    stayed_at_home
}

# Requests 1, 3, 5 … are hits, the others misses.
MIXED=6

half_recorded() {
    local half=$((MIXED / 2))
    need_provider "$1"
    upstream_sees "$half" client online "$KEY" "$BODY" "$half" 2
    keep odd
    upstream_sees "$((MIXED - half))" client online "$KEY" "$BODY" "$MIXED"
    looks_right "$MIXED"
    keep all
    hit client online "$KEY" "$BODY" "$MIXED"
    same_as all
    hit client offline "$KEY" "$BODY" "$half" 2
    same_as odd
    stayed_at_home
}

# Hits and misses in turns in one process that goes on after a failure.
fails_in_between() {
    URL=https://api.openai.com:443/v1/chat/completions
    COMMAND=("$@")
    upstream_sees 2 client online "$KEY" "$BODY" 2 2
    keep odd
    upstream_sees 0 client offline "$KEY" "$BODY" 5
    assert_equal "$STATUS" 7
    assert_equal "$(documents "$OUT" 1 3)" "$(documents "$BATS_TEST_TMPDIR/kept-odd")"
    documents "$OUT" 2 4 5 | jq -c .failure.inner >"$BATS_TEST_TMPDIR/failures"
    assert_equal "$(grep -ciE "$FAILURES" "$BATS_TEST_TMPDIR/failures")" 3
}

# The promises that follow are worth what this shows: a program that does look up a name and does
# connect is caught.
@test "the trace shows a program's DNS query and its connection" {
    TRACE=$BATS_TEST_TMPDIR/trace
    capture traced offline "" "$PYTHON" -c 'import socket
socket.create_connection(("api.openai.com", 443))'
    [ "$STATUS" -ne 0 ]
    dns_queries >"$OUT" || fail "no DNS query: $(cat "$TRACE")"
    capture traced online "" "$PYTHON" -c 'import socket
socket.create_connection(("api.openai.com", 443))'
    assert_equal "$STATUS" 0
    outside_sends >"$OUT" || fail "no connection: $(cat "$TRACE")"
    capture traced offline "" "$PYTHON" -c 'import socket
socket.socket(socket.AF_INET6).connect(("2001:db8::1", 443))'
    outside_sends >"$OUT" || fail "no connection by IPv6: $(cat "$TRACE")"
}

@test "a host that was never recorded fails as without preecho" {
    local failure
    capture within offline "$PYTHON" "$CLIENTS/python_urllib.py" \
        https://api.openai.com/v1/chat/completions "$KEY" "$BODY"
    failure="$STATUS $(tail -n 1 "$ERR")"
    upstream_sees 0 offline "$PYTHON" "$CLIENTS/python_urllib.py" \
        https://api.openai.com/v1/chat/completions "$KEY" "$BODY"
    assert_equal "$STATUS $(tail -n 1 "$ERR")" "$failure"
}

@test "another host at the address of a recorded one, and another port, are not taken for it" {
    miss online "$PYTHON" "$CLIENTS/python_urllib.py" \
        https://api.openai.com/v1/chat/completions "$KEY" "$(chat 'Here')"
    capture offline "$PYTHON" -c 'import socket
socket.create_connection(("api.openai.com", 444))'
    [ "$STATUS" -ne 0 ] || fail "connected to a port that was never recorded"
    capture offline "$PYTHON" -c 'import socket
socket.create_connection(("api.anthropic.com", 443))'
    [ "$STATUS" -ne 0 ] || fail "connected to a host that was never recorded"
    capture offline env PREECHO_MODE=off "$PYTHON" -c 'import socket
socket.create_connection(("api.openai.com", 443))'
    [ "$STATUS" -ne 0 ] || fail "connected although preecho is off"
}

@test "Python urllib: recorded once, then answered without a network" {
    served_without_network python_urllib
}

@test "Python requests: recorded once, then answered without a network" {
    served_without_network python_requests
}

@test "Python httpx: recorded once, then answered without a network" {
    served_without_network python_httpx
}

@test "Python httpx async, 50 at once: recorded once, then answered without a network" {
    served_without_network python_httpx_async
}

@test "Python aiohttp, 50 at once: recorded once, then answered without a network" {
    served_without_network python_aiohttp
}

@test "Ruby net/http: recorded once, then answered without a network" {
    served_without_network ruby_net_http
}

@test "Perl LWP: recorded once, then answered without a network" {
    served_without_network perl_lwp
}

@test "PHP streams: recorded once, then answered without a network" {
    served_without_network php_streams
}

@test "Node.js https: recorded once, then answered without a network" {
    served_without_network node_https
}

@test "Node.js, npm package openai: recorded once, then answered without a network" {
    served_without_network node_openai
}

@test "Node.js, npm package @anthropic-ai/sdk: recorded once, then answered without a network" {
    served_without_network node_anthropic
}

@test "openssl s_client: recorded once, then answered without a network" {
    served_without_network s_client
}

@test "a program that dlopens libssl: recorded once, then answered without a network" {
    served_without_network dlopen_client
}

@test "two TLS threads: recorded once, then answered without a network" {
    served_without_network threads_client
}

@test "a program that forks after its first request: recorded once, then answered without a network" {
    served_without_network fork_client
}

@test "blocking socket BIO: recorded once, then answered without a network" {
    served_without_network tls_client-blocking
}

@test "non-blocking with select: recorded once, then answered without a network" {
    served_without_network tls_client-select
}

@test "non-blocking with poll: recorded once, then answered without a network" {
    served_without_network tls_client-poll
}

@test "epoll, level-triggered: recorded once, then answered without a network" {
    served_without_network tls_client-epoll
}

@test "epoll, edge-triggered: recorded once, then answered without a network" {
    served_without_network tls_client-epoll-edge
}

@test "epoll, one-shot: recorded once, then answered without a network" {
    served_without_network tls_client-epoll-oneshot
}

@test "memory BIO with epoll: recorded once, then answered without a network" {
    served_without_network tls_client-memory
}

@test "Python urllib: a miss without a network fails, and the hit behind it is served" {
    fails_without_network python_urllib
}

@test "Python requests: a miss without a network fails, and the hit behind it is served" {
    fails_without_network python_requests
}

@test "Python httpx: a miss without a network fails, and the hit behind it is served" {
    fails_without_network python_httpx
}

@test "Python httpx async, 50 at once: a miss without a network fails, and the hit behind it is served" {
    fails_without_network python_httpx_async
}

@test "Python aiohttp, 50 at once: a miss without a network fails, and the hit behind it is served" {
    fails_without_network python_aiohttp
}

@test "Ruby net/http: a miss without a network fails, and the hit behind it is served" {
    fails_without_network ruby_net_http
}

@test "Perl LWP: a miss without a network fails, and the hit behind it is served" {
    fails_without_network perl_lwp
}

@test "PHP streams: a miss without a network fails, and the hit behind it is served" {
    fails_without_network php_streams
}

@test "Node.js https: a miss without a network fails, and the hit behind it is served" {
    fails_without_network node_https
}

@test "Node.js, npm package openai: a miss without a network fails, and the hit behind it is served" {
    fails_without_network node_openai
}

@test "Node.js, npm package @anthropic-ai/sdk: a miss without a network fails, and the hit behind it is served" {
    fails_without_network node_anthropic
}

@test "openssl s_client: a miss without a network fails, and the hit behind it is served" {
    fails_without_network s_client
}

@test "a program that dlopens libssl: a miss without a network fails, and the hit behind it is served" {
    fails_without_network dlopen_client
}

@test "two TLS threads: a miss without a network fails, and the hit behind it is served" {
    fails_without_network threads_client
}

@test "a program that forks after its first request: a miss without a network fails, and the hit behind it is served" {
    fails_without_network fork_client
}

@test "blocking socket BIO: a miss without a network fails, and the hit behind it is served" {
    fails_without_network tls_client-blocking
}

@test "non-blocking with select: a miss without a network fails, and the hit behind it is served" {
    fails_without_network tls_client-select
}

@test "non-blocking with poll: a miss without a network fails, and the hit behind it is served" {
    fails_without_network tls_client-poll
}

@test "epoll, level-triggered: a miss without a network fails, and the hit behind it is served" {
    fails_without_network tls_client-epoll
}

@test "epoll, edge-triggered: a miss without a network fails, and the hit behind it is served" {
    fails_without_network tls_client-epoll-edge
}

@test "epoll, one-shot: a miss without a network fails, and the hit behind it is served" {
    fails_without_network tls_client-epoll-oneshot
}

@test "memory BIO with epoll: a miss without a network fails, and the hit behind it is served" {
    fails_without_network tls_client-memory
}

@test "Python urllib: half of its requests recorded" {
    half_recorded python_urllib
}

@test "Python requests: half of its requests recorded" {
    half_recorded python_requests
}

@test "Python httpx: half of its requests recorded" {
    half_recorded python_httpx
}

@test "Python httpx async, 50 at once: half of its requests recorded" {
    half_recorded python_httpx_async
}

@test "Python aiohttp, 50 at once: half of its requests recorded" {
    half_recorded python_aiohttp
}

@test "Ruby net/http: half of its requests recorded" {
    half_recorded ruby_net_http
}

@test "Perl LWP: half of its requests recorded" {
    half_recorded perl_lwp
}

@test "PHP streams: half of its requests recorded" {
    half_recorded php_streams
}

@test "Node.js https: half of its requests recorded" {
    half_recorded node_https
}

@test "Node.js, npm package openai: half of its requests recorded" {
    half_recorded node_openai
}

@test "Node.js, npm package @anthropic-ai/sdk: half of its requests recorded" {
    half_recorded node_anthropic
}

@test "openssl s_client: half of its requests recorded" {
    half_recorded s_client
}

@test "a program that dlopens libssl: half of its requests recorded" {
    half_recorded dlopen_client
}

@test "two TLS threads: half of its requests recorded" {
    half_recorded threads_client
}

@test "a program that forks after its first request: half of its requests recorded" {
    half_recorded fork_client
}

@test "Python urllib: hits and failing misses in turns in one process, without a network" {
    fails_in_between "$PYTHON" "$CLIENTS/failing.py" urllib
}

@test "Python requests: hits and failing misses in turns in one process, without a network" {
    fails_in_between "$PYTHON" "$CLIENTS/failing.py" requests
}

@test "Python httpx: hits and failing misses in turns in one process, without a network" {
    fails_in_between "$PYTHON" "$CLIENTS/failing.py" httpx
}

@test "Python httpx async: hits and failing misses in turns in one process, without a network" {
    fails_in_between "$PYTHON" "$CLIENTS/failing.py" httpx_async
}

@test "Python aiohttp: hits and failing misses in turns in one process, without a network" {
    fails_in_between "$PYTHON" "$CLIENTS/failing.py" aiohttp
}

@test "Node.js https: hits and failing misses in turns in one process, without a network" {
    need_client node_https
    fails_in_between "${COMMAND[0]}" "$CLIENTS/failing_node.js" https
}

@test "npm package openai: hits and failing misses in turns in one process, without a network" {
    need_client node_openai
    fails_in_between "${COMMAND[0]}" "$CLIENTS/failing_node.js" openai
}

@test "Ruby net/http: hits and failing misses in turns in one process, without a network" {
    fails_in_between ruby "$CLIENTS/failing_ruby.rb"
}

@test "Python httpx: hits and refusals in replay mode, hours after the recording" {
    replayed python_httpx
}

@test "Python aiohttp: hits and refusals in replay mode, hours after the recording" {
    replayed python_aiohttp
}

@test "Node.js https: hits and refusals in replay mode, hours after the recording" {
    replayed node_https
}

@test "Ruby net/http: hits and refusals in replay mode, hours after the recording" {
    replayed ruby_net_http
}

# A namespace of its own, in which not even loopback is up.
dark() {
    offline "$(command -v unshare)" -n "$@"
}

served_without_loopback() {
    need_provider "$1"
    upstream_sees 2 client online "$KEY" "$BODY" 2
    keep first
    hit client dark "$KEY" "$BODY" 2
    same_as first
    stayed_at_home
}

@test "Python requests: served where not even loopback is up" {
    served_without_loopback python_requests
}

@test "Python aiohttp: served where not even loopback is up" {
    served_without_loopback python_aiohttp_one
}

@test "Ruby net/http: served where not even loopback is up" {
    served_without_loopback ruby_net_http
}

@test "Node.js https: served where not even loopback is up" {
    served_without_loopback node_https
}

@test "memory BIO with epoll: served where not even loopback is up" {
    served_without_loopback tls_client-memory
}

# A recorded host's address for those who ask by gethostbyname(3) and its kin.
@test "gethostbyname in Python, Perl and PHP: a recorded host's address, and an unknown one's failure" {
    need_provider python_urllib
    miss client online "$KEY" "$BODY"
    capture offline "$PYTHON" -c 'import socket, ssl
print(socket.gethostbyname_ex("API.openai.com")[::2])
try: print(socket.gethostbyname_ex("api.example"))
except socket.gaierror: print("none")
except socket.herror: print("none")'
    assert_equal "$(cat "$OUT")" "('API.openai.com', ['$PROVIDER_ADDRESS'])"$'\n'none
    capture offline perl -MNet::SSLeay -e 'print join ".", unpack "C4", gethostbyname "api.openai.com"'
    assert_equal "$(cat "$OUT")" "$PROVIDER_ADDRESS"
    [ ! -s "$TRACE" ] || stayed_at_home # nothing at all is fine, too
    capture offline php -r 'echo gethostbyname("api.openai.com");'
    assert_equal "$(cat "$OUT")" "$PROVIDER_ADDRESS"
    [ ! -s "$TRACE" ] || stayed_at_home # nothing at all is fine, too
}
