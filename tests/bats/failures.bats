#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A host that was recorded fails later: the program gets the error that it would have got without
# preecho. What the system or OpenSSL said is always the same. The library's words around it tell
# in which phase it happened, and since no program connects before its request is known to be a
# miss, some of them differ: known_difference holds each one.

load helpers.bash
load network.bash

setup_file() {
    unshare_command >/dev/null 2>&1 || return 0
    export UP=$BATS_FILE_TMPDIR/upstream
    start_network online
    "$PROJECT/tests/upstream/ca.sh" "$UP"
    "$PROJECT/tests/upstream/ca.sh" "$UP/other"
    export SSL_CERT_FILE=$UP/ca.pem REQUESTS_CA_BUNDLE=$UP/ca.pem NODE_EXTRA_CA_CERTS=$UP/ca.pem
    export NODE_PATH=$PROGRAMS/npm/node_modules PYTHONDONTWRITEBYTECODE=1
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/online.etc/pid" 2>/dev/null)" 2>/dev/null || true
}

setup() {
    need_networks
    fresh_store
    within online ip addr replace "$PROVIDER_ADDRESS/32" dev lo
    serve "$UP"
}

teardown() {
    no_server
    within online ip route del unreachable "$PROVIDER_ADDRESS" 2>/dev/null || true
}

# serve DIR [OPTION...]: an upstream at the provider's address; its process in $SERVER.
serve() {
    local WITHIN
    rm -f "$1/ports"
    within_command online
    "${WITHIN[@]}" "$PYTHON" "$PROJECT/tests/upstream/upstream.py" --dir "$1" --port 443 \
        --address "$PROVIDER_ADDRESS" "${@:2}" >"$1/output" 2>&1 3>&- &
    SERVER=$!
    wait_until 10 test -s "$1/ports"
}

no_server() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true
    [ -z "${SERVER:-}" ] || wait "$SERVER" || true
    SERVER=
}

# The ways to fail, each by its name.
refused() {
    no_server
}

network_unreachable() {
    within online ip addr del "$PROVIDER_ADDRESS/32" dev lo
}

host_unreachable() {
    within online ip addr del "$PROVIDER_ADDRESS/32" dev lo
    within online ip route add unreachable "$PROVIDER_ADDRESS"
}

other_authority() {
    no_server
    serve "$UP/other"
}

expired() {
    no_server
    serve "$UP" --certificate expired.pem
}

# Connections come about, and nobody ever says a word.
stalled() {
    local WITHIN
    no_server
    within_command online
    "${WITHIN[@]}" "$PYTHON" -c 'import signal, socket, sys
server = socket.create_server((sys.argv[1], 443), backlog=64)
print(flush=True)
signal.pause()' "$PROVIDER_ADDRESS" >"$BATS_TEST_TMPDIR/listens" 3>&- &
    SERVER=$!
    wait_until 10 test -s "$BATS_TEST_TMPDIR/listens"
}

# failing_command NAME: the client that prints its errors.
failing_command() {
    case $1 in
    https | openai)
        [ -x "$PROGRAMS/node" ] || skip "Debian's nodejs 18 is not to be had here"
        [ "$1" = https ] || [ -d "$NODE_PATH/openai" ] ||
            skip "the npm package openai is not to be had here"
        COMMAND=("$PROGRAMS/node" "$CLIENTS/failing_node.js" "$1")
        ;;
    ruby) COMMAND=(ruby "$CLIENTS/failing_ruby.rb") ;;
    *) COMMAND=("$PYTHON" "$CLIENTS/failing.py" "$1") ;;
    esac
    COMMAND+=(https://api.openai.com:443/v1/chat/completions "$KEY")
}

# known_difference CLIENT FAILURE: what the client may say instead, as a regular expression;
# nothing where it has to say the same.
known_difference() {
    case $1-$2 in
    # Python's ssl module says with a type of its own what a write meets.
    urllib-*refused | urllib-*unreachable)
        echo 'URLError: <urlopen error (Connection refused|Network is unreachable|No route to host)'
        ;;
    # urllib repeats Python's words, which name the call that timed out.
    urllib-stalled) echo 'URLError: <urlopen error The (write|read) operation timed out>' ;;
    # urllib3 takes that for an error of TLS.
    requests-*refused) echo 'SSLError: .*Connection refused' ;;
    requests-*unreachable) echo 'SSLError: .*(Network is unreachable|No route to host)' ;;
    # A time-out in connect is the pool's, one in write is the connection's.
    requests-stalled) echo "ConnectionError: \('Connection aborted.', TimeoutError" ;;
    # httpx names the phase in the type: ConnectError, WriteError, ReadError.
    httpx-stalled) echo '(Write|Read)Timeout: ' ;;
    httpx-*)
        echo '(Write|Read)Error: .*(refused|unreachable|No route|certificate verify failed)'
        ;;
    # The same over anyio, which keeps the system's words in the cause only.
    httpx_async-stalled) echo '(Write|Read)Timeout: ' ;;
    httpx_async-*) echo '(Write|Read)Error: ' ;;
    # aiohttp's connector names host and port, its connection does not.
    aiohttp-*refused | aiohttp-*unreachable) echo 'ClientOSError: \[Errno 1[01][0-9]\] ' ;;
    aiohttp-other_authority | aiohttp-expired) echo 'ClientOSError: .*certificate verify failed' ;;
    # libuv names the system call and, for connect, the address.
    https-other_authority | https-expired) echo 'Error: .*certificate verify failed' ;;
    https-*refused | https-*unreachable)
        echo 'Error: (read|write) E(CONNREFUSED|NETUNREACH|HOSTUNREACH)'
        ;;
    # net/http names the address where it connects; OpenSSL's binding names the call.
    ruby-*refused | ruby-*unreachable) echo 'Errno::E[A-Z]+: (Connection|Network|No route)' ;;
    ruby-other_authority | ruby-expired) echo 'OpenSSL::SSL::SSLError: .*certificate verify' ;;
    ruby-stalled) echo 'Net::(Write|Read)Timeout: ' ;;
    esac
}

# known_inner CLIENT FAILURE: what the system or OpenSSL says instead. Node.js lets OpenSSL verify
# and looks at the result itself, once; a certificate that is another one by then is refused by us.
known_inner() {
    case $1-$2 in
    https-other_authority | https-expired) echo EPROTO ;;
    openai-other_authority | openai-expired) echo ERR_SSL_CERTIFICATE_VERIFY_FAILED ;;
    esac
}

failure_of() {
    [ -s "$OUT" ] && jq -er ".failure.$1" "$OUT" || fail "no failure: $(cat "$OUT" "$ERR")"
}

# The library's words are those without preecho, or the known others.
says() {
    local wanted=$1 known=$2 said
    said=$(failure_of outer)
    [ "$said" != "$wanted" ] || return 0
    [ -n "$known" ] || assert_equal "$said" "$wanted"
    [[ $said =~ ^($known) ]] ||
        fail "without preecho: $wanted | with: $said | or else: $known"
}

# fails_alike CLIENT FAILURE: the client records an answer, the host breaks, and the next request
# fails with preecho as it does without.
fails_alike() {
    local body inner outer status start limit
    failing_command "$1"
    miss online "${COMMAND[@]}" "$(chat 'Before it broke')"
    jq -e .id "$OUT" >/dev/null || fail "no answer to begin with: $(cat "$OUT" "$ERR")"
    "$2"
    body=$(chat 'After it broke')
    export CLIENT_TIMEOUT=2
    start=$SECONDS
    capture within online timeout 20 "${COMMAND[@]}" "$body"
    limit=$((SECONDS - start + 6))
    inner=$(failure_of inner) outer=$(failure_of outer) status=$STATUS
    start=$SECONDS
    upstream_sees 0 online timeout 20 "${COMMAND[@]}" "$body"
    assert_equal "$(failure_of inner)" "$(known_inner "$1" "$2" | grep . || echo "$inner")"
    says "$outer" "$(known_difference "$1" "$2")"
    assert_equal "$STATUS" "$status"
    [ $((SECONDS - start)) -le "$limit" ] || fail "it took $((SECONDS - start)) s"
}

@test "Python urllib: a refused connection" {
    fails_alike urllib refused
}

@test "Python urllib: no route to the network" {
    fails_alike urllib network_unreachable
}

@test "Python urllib: an unreachable host" {
    fails_alike urllib host_unreachable
}

@test "Python urllib: a certificate of another authority" {
    fails_alike urllib other_authority
}

@test "Python urllib: an expired certificate" {
    fails_alike urllib expired
}

@test "Python urllib: a server that accepts and stalls" {
    fails_alike urllib stalled
}

@test "Python requests: a refused connection" {
    fails_alike requests refused
}

@test "Python requests: no route to the network" {
    fails_alike requests network_unreachable
}

@test "Python requests: an unreachable host" {
    fails_alike requests host_unreachable
}

@test "Python requests: a certificate of another authority" {
    fails_alike requests other_authority
}

@test "Python requests: an expired certificate" {
    fails_alike requests expired
}

@test "Python requests: a server that accepts and stalls" {
    fails_alike requests stalled
}

@test "Python httpx: a refused connection" {
    fails_alike httpx refused
}

@test "Python httpx: no route to the network" {
    fails_alike httpx network_unreachable
}

@test "Python httpx: an unreachable host" {
    fails_alike httpx host_unreachable
}

@test "Python httpx: a certificate of another authority" {
    fails_alike httpx other_authority
}

@test "Python httpx: an expired certificate" {
    fails_alike httpx expired
}

@test "Python httpx: a server that accepts and stalls" {
    fails_alike httpx stalled
}

@test "Python httpx async: a refused connection" {
    fails_alike httpx_async refused
}

@test "Python httpx async: no route to the network" {
    fails_alike httpx_async network_unreachable
}

@test "Python httpx async: an unreachable host" {
    fails_alike httpx_async host_unreachable
}

@test "Python httpx async: a certificate of another authority" {
    fails_alike httpx_async other_authority
}

@test "Python httpx async: an expired certificate" {
    fails_alike httpx_async expired
}

@test "Python httpx async: a server that accepts and stalls" {
    fails_alike httpx_async stalled
}

@test "Python aiohttp: a refused connection" {
    fails_alike aiohttp refused
}

@test "Python aiohttp: no route to the network" {
    fails_alike aiohttp network_unreachable
}

@test "Python aiohttp: an unreachable host" {
    fails_alike aiohttp host_unreachable
}

@test "Python aiohttp: a certificate of another authority" {
    fails_alike aiohttp other_authority
}

@test "Python aiohttp: an expired certificate" {
    fails_alike aiohttp expired
}

@test "Python aiohttp: a server that accepts and stalls" {
    fails_alike aiohttp stalled
}

@test "Node.js https: a refused connection" {
    fails_alike https refused
}

@test "Node.js https: no route to the network" {
    fails_alike https network_unreachable
}

@test "Node.js https: an unreachable host" {
    fails_alike https host_unreachable
}

@test "Node.js https: a certificate of another authority" {
    fails_alike https other_authority
}

@test "Node.js https: an expired certificate" {
    fails_alike https expired
}

@test "Node.js https: a server that accepts and stalls" {
    fails_alike https stalled
}

@test "Node.js, npm package openai: a refused connection" {
    fails_alike openai refused
}

@test "Node.js, npm package openai: no route to the network" {
    fails_alike openai network_unreachable
}

@test "Node.js, npm package openai: an unreachable host" {
    fails_alike openai host_unreachable
}

@test "Node.js, npm package openai: a certificate of another authority" {
    fails_alike openai other_authority
}

@test "Node.js, npm package openai: an expired certificate" {
    fails_alike openai expired
}

@test "Node.js, npm package openai: a server that accepts and stalls" {
    fails_alike openai stalled
}

@test "Ruby net/http: a refused connection" {
    fails_alike ruby refused
}

@test "Ruby net/http: no route to the network" {
    fails_alike ruby network_unreachable
}

@test "Ruby net/http: an unreachable host" {
    fails_alike ruby host_unreachable
}

@test "Ruby net/http: a certificate of another authority" {
    fails_alike ruby other_authority
}

@test "Ruby net/http: an expired certificate" {
    fails_alike ruby expired
}

@test "Ruby net/http: a server that accepts and stalls" {
    fails_alike ruby stalled
}
