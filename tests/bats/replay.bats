#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# PREECHO_MODE=replay: only the store answers. What is not in it is refused in the provider's own
# error form, and nothing reaches the upstream.

load helpers.bash
load clients.bash
load network.bash

setup_file() {
    start_upstream
    ! unshare_command >/dev/null 2>&1 || start_network offline
}

teardown_file() {
    stop_networks
}

setup() {
    fresh_store
}

# replay COMMAND...: exactly as given, in replay mode; nothing reaches the upstream.
replay() {
    PREECHO_MODE=replay upstream_sees 0 "$@"
}

# refused COMMAND...: likewise, and the answer is an error; its text ends up in $MESSAGE.
refused() {
    replay "$@"
    MESSAGE=$(jq -r '[.. | strings | select(startswith("preecho: "))][0]' "$OUT") ||
        fail "no JSON: $(cat "$OUT") $(cat "$ERR")"
    [[ $MESSAGE == 'preecho: PREECHO_MODE=replay '* ]] || fail "no refusal: $(cat "$OUT")"
}

# status_of COMMAND...: the refusal's status line and fields in $OUT, by libcurl.
headers_of() {
    replay preloaded curl -sS -D - -o /dev/null --http1.1 "$@"
}

# says TEXT: the latest refusal's message has it.
says() {
    [[ $MESSAGE == *"$1"* ]] || fail "the message lacks '$1': $MESSAGE"
}

@test "what is recorded is served, what is not is refused, and auto mode goes on" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "known $layer")"
        keep first
        PREECHO_MODE=replay hit ask "$layer" "$KEY" "$(chat "known $layer")"
        same_as first
        refused ask "$layer" "$KEY" "$(chat "unknown $layer")"
        miss ask "$layer" "$KEY" "$(chat "unknown $layer")"
        hit ask "$layer" "$KEY" "$(chat "unknown $layer")"
    done
    run stats '[.hits, .misses, .recorded, .dropped, .dropped_by.replay] | map(tostring) | join(" ")'
    assert_output "4 6 4 2 2"
}

@test "a refusal: 504, JSON, not to be retried, no mark of a hit" {
    miss ask curl "$KEY" "$(chat one)"
    headers_of -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        -d "$(chat two)" "$TLS/v1/chat/completions"
    head -n 1 "$OUT" | grep -q '^HTTP/1.1 504 Gateway Timeout'
    grep -qi '^content-type: application/json' "$OUT"
    grep -qi '^x-should-retry: false' "$OUT"
    refute grep -qiE '^(age|cache-status|date):' "$OUT"
    printf 'POST %s HTTP/1.1\r\nHost: localhost:%s\r\nAuthorization: Bearer %s\r\n%s\r\n%s\r\n\r\n%s' \
        /v1/chat/completions "$TLS_PORT" "$KEY" 'Content-Type: application/json' \
        "Content-Length: $(chat two | wc -c)" "$(chat two)" >"$BATS_TEST_TMPDIR/raw"
    replay preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$BATS_TEST_TMPDIR/raw"
    grep -q not_recorded "$OUT"
}

@test "curl --fail sees the status, multi handles see it, too" {
    miss ask curl "$KEY" "$(chat one)"
    replay preloaded curl -sSf -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        -d "$(chat two)" "$TLS/v1/chat/completions"
    assert_equal "$STATUS" 22
    assert_equal "$(cat "$OUT")" ""
    grep -q '504' "$ERR"
    local client
    for client in curl_easy_client curl_multi_poll_client curl_multi_socket_client; do
        client_command "$client"
        replay run_client "$KEY" "$BODY" 2
        grep -q not_recorded "$OUT" || fail "$client: $(head -c 300 "$OUT") $(head -c 300 "$ERR")"
    done
}

@test "the message names the nearest recording and the members that differ" {
    local layer key
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "far $layer" '"temperature":1,"seed":7,"top_p":0.5')"
        miss ask "$layer" "$KEY" "$(chat "near $layer" '"temperature":0')"
        refused ask "$layer" "$KEY" "$(chat "next $layer" '"temperature":0.5')"
        says '/messages/0/content is "next'
        says "recorded \"near $layer\""
        says '/temperature is 5e-1, recorded 0'
        says 'gpt-4o-mini, '
        key=$(sed -E 's/.*nearest recording is ([0-9a-f]{12}) .*/\1/' <<<"$MESSAGE")
        "$PREECHO" show "$key" | grep -q "near $layer"
        refused ask "$layer" "$KEY" "$(chat "near $layer" '"temperature":0,"n":2,"stop":"x"')"
        says '/n is 2, recorded absent'
        says '/stop is "x", recorded absent'
        refute grep -q '/messages' <<<"$MESSAGE"
    done
}

@test "another path, another host, another field: they are named" {
    local layer
    for layer in $LAYERS; do
        WHERE=/v1/messages
        miss ask "$layer" "$KEY" "$(chat "x $layer" '"max_tokens":9')" 'anthropic-version: 2023-06-01'
        refused ask "$layer" "$KEY" "$(chat "x $layer" '"max_tokens":9')" \
            'anthropic-version: 2026-10-21'
        says 'header anthropic-version is 2026-10-21, recorded 2023-06-01'
        WHERE=/proxy/v1/messages
        refused ask "$layer" "$KEY" "$(chat "x $layer" '"max_tokens":9')" \
            'anthropic-version: 2023-06-01'
        says 'path is /proxy/v1/messages, recorded /v1/messages'
    done
}

@test "long texts are told apart, and the message stays short" {
    local layer long
    long=$(printf 'word %.0s' {1..2000})
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "$layer $long one")"
        refused ask "$layer" "$KEY" "$(chat "$layer $long two")"
        says 'word  two"'
        says 'word  one"'
        [ "${#MESSAGE}" -lt 1200 ] || fail "${#MESSAGE} characters"
    done
}

@test "nothing recorded by this identity: said so, and no secret and no salt is made" {
    local layer
    for layer in $LAYERS; do
        refused ask "$layer" "$KEY" "$(chat "first $layer")"
        says 'Nothing at all is recorded'
        says PREECHO_SCOPE=tenant
    done
    run find "$XDG_CONFIG_HOME" -type f
    assert_output ""
    run find "$PREECHO_STORE/spool" -type f
    assert_output ""
    miss ask curl "$KEY" "$(chat known)"
    refused ask curl "$KEY-other" "$(chat known)"
    says 'Nothing at all is recorded'
    [ "$(find "$XDG_CONFIG_HOME" -path '*salts*' -type f | wc -l)" -eq 1 ]
}

@test "nothing is recorded in replay mode, no alias either" {
    local before
    miss ask tls "$KEY" "$(chat one)"
    before=$(ls "$PREECHO_STORE/spool")
    PREECHO_MODE=replay hit ask tls "$KEY" " $(chat one)"
    refused ask tls "$KEY" "$(chat two)"
    assert_equal "$(ls "$PREECHO_STORE/spool")" "$before"
}

# shape PATH BODY FILTER: the refusal has the dialect's form on both layers; $HOST may be set.
shape() {
    local layer
    for layer in $LAYERS; do
        WHERE=$1 refused ask "$layer" "$KEY" "$2"
        jq -e "$3" "$OUT" >/dev/null || fail "${HOST:-} $1: $(cat "$OUT")"
    done
}

@test "every dialect's error form" {
    local converse='{"messages":[{"role":"user","content":[{"text":"x"}]}]}'
    local generate='{"contents":[{"parts":[{"text":"x"}]}]}'
    local openai='.error | .message and .type and has("param") and .code'
    shape /v1/chat/completions "$(chat x)" "$openai"
    shape /v1/chat/completions "$(chat x '"stream":true')" "$openai"
    shape /v1/responses '{"model":"m","input":"x"}' "$openai"
    shape /v1/messages "$(chat x '"max_tokens":9')" \
        '.type == "error" and .error.type == "timeout_error" and .error.message'
    shape /v1/messages "$(chat x '"max_tokens":9,"stream":true')" '.type == "error"'
    shape /v1beta/models/gemini-2.5-flash:generateContent "$generate" \
        '.error | .code == 504 and .status == "DEADLINE_EXCEEDED" and .message'
    shape '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse' "$generate" '.error.code == 504'
    shape /v1beta/models/gemini-2.5-flash:streamGenerateContent "$generate" '.[0].error.code == 504'
    shape /model/us.claude-1%3A0/converse "$converse" 'keys == ["message"]'
    shape /api/chat "$(chat x)" '.error | type == "string"'
    HOST=api.openai.com shape /v1/embeddings '{"model":"m","input":"x"}' "$openai"
    HOST=api.anthropic.com shape /v1/complete '{"model":"m","prompt":"x"}' '.type == "error"'
    HOST=api.mistral.ai shape /v1/chat/completions "$(chat x)" '.object == "error" and .message'
    HOST=api.cohere.com shape /v2/chat "$(chat x)" 'keys == ["message"]'
    LAYERS=curl HOST=api.voyageai.com shape /v1/embeddings '{"model":"m","input":"x"}' '.detail'
    LAYERS=curl HOST=openrouter.ai shape /api/v1/chat/completions "$(chat x)" '.error.code == 504'
    HOST=bedrock-runtime.us-east-1.amazonaws.com shape /model/m/converse "$converse" '.message'
    shape /generate '{"inputs":"x"}' '.error and .error_type'
}

@test "Bedrock's error names its kind in a field" {
    headers_of -H 'Content-Type: application/json' -H "Authorization: Bearer $KEY" \
        -d '{"messages":[{"role":"user","content":[{"text":"x"}]}]}' \
        "$TLS/model/us.claude-1%3A0/converse"
    grep -qi '^x-amzn-errortype: ' "$OUT"
}

@test "calls that are never recorded are refused with the reason" {
    local layer WHERE=/v1/responses
    for layer in $LAYERS; do
        refused ask "$layer" "$KEY" '{"model":"m","input":"x","previous_response_id":"r"}'
        says '(stateful)'
        refused ask "$layer" "$KEY" '{"model":"m","input":"x","tools":[{"type":"web_search"}]}'
        says '(live-tools)'
        WHERE=/v1/chat/completions refused ask "$layer" "$KEY" "$(chat x)" 'Cache-Control: no-cache'
        says '(no-cache)'
    done
    run stats '[.bypassed.replay, .hits, .misses] | map(tostring) | join(" ")'
    assert_output "6 0 0"
}

@test "other requests to a host in PREECHO_HOSTS are refused, to other hosts they go out" {
    local layer
    for layer in $LAYERS; do
        WHERE=/upload PREECHO_MODE=replay miss ask "$layer" "$KEY" '{"a":1}'
        WHERE=/upload PREECHO_HOSTS=localhost refused ask "$layer" "$KEY" '{"a":1}'
        WHERE=/upload PREECHO_HOSTS=localhost:$TLS_PORT refused ask "$layer" "$KEY" '{"a":1}'
        WHERE=/upload PREECHO_HOSTS=localhost:1 PREECHO_MODE=replay miss ask "$layer" "$KEY" '{"a":1}'
        HOST=api.openai.com WHERE=/v1/files refused ask "$layer" "$KEY" '{"a":1}'
    done
    PREECHO_MODE=replay miss preloaded curl -sS "$TLS/v1/models"
    PREECHO_HOSTS=localhost refused preloaded curl -sS "$TLS/v1/models"
    PREECHO_HOSTS=localhost refused preloaded curl -sS -X DELETE "$TLS/v1/models/x"
    PREECHO_HOSTS=localhost replay preloaded curl -sSI "$TLS/v1/models"
    head -n 1 "$OUT" | grep -q ' 504 '
}

# raw REQUEST [ARGUMENT...]: bytes through libssl; $PREECHO_HOSTS names the upstream.
raw() {
    printf '%b' "$1" >"$BATS_TEST_TMPDIR/raw"
    shift
    PREECHO_HOSTS=localhost replay preloaded "$PROGRAMS/tls_client" "$@" \
        --raw "$TLS/" - "$BATS_TEST_TMPDIR/raw"
}

# post PATH BODY [FIELD...]: an HTTP/1.1 request as text for printf %b.
post() {
    local path=$1 body=$2 field
    shift 2
    printf 'POST %s HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\n' "$path"
    for field; do
        printf '%s\\r\\n' "$field"
    done
    printf 'Content-Length: %d\\r\\n\\r\\n%s' "${#body}" "$body"
}

# answers N: the last output holds so many refusals.
answers() {
    local count
    count=$(grep -c '^HTTP/1.1 504' "$OUT") || true
    assert_equal "$count" "$1"
}

@test "framing: chunks, Expect, HEAD, pipelined requests, HTTP/1.0, Connection: close" {
    local chunked='POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'
    raw "${chunked}3\r\nabc\r\n0\r\n\r\n"
    answers 1
    raw "$(post /v1/chat/completions "$(chat x)" 'Connection: close')"
    answers 1
    grep -qi '^connection: close' "$OUT"
    raw 'GET /v1/models HTTP/1.0\r\nHost: localhost\r\n\r\n'
    answers 1
    grep -qi '^connection: close' "$OUT"
    raw "$(post /v1/chat/completions "$(chat x)" 'Expect: 100-continue')"
    grep -q '^HTTP/1.1 100' "$OUT"
    raw 'HEAD /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    answers 1
    refute grep -q preecho: "$OUT"
    raw 'CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n'
    answers 1
}

@test "one connection: hits, refusals and requests to elsewhere in their order" {
    local style
    miss ask tls "$KEY" "$(chat "Which planet is the 1th one?")"
    for style in blocking select poll epoll epoll-edge memory; do
        client_command "tls_client-$style"
        replay run_client "$KEY" "$BODY" 3
        [ "$(grep -c '"content": *"Re \|"content":"Re ' "$OUT")" -eq 1 ] ||
            fail "$style: $(head -c 900 "$OUT")"
        [ "$(grep -c not_recorded "$OUT")" -eq 2 ] || fail "$style: $(head -c 900 "$OUT")"
        PREECHO_MODE=replay upstream_sees 0 preloaded "${COMMAND[@]}" --pipeline "$URL" "$KEY" "$BODY" 3
        [ "$(grep -c not_recorded "$OUT")" -eq 2 ] || fail "$style: $(head -c 900 "$OUT")"
    done
}

@test "a request that is never finished, and bytes that are no HTTP: nothing is sent" {
    raw 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{"mo'
    answers 1
    raw 'POST /v1/chat/comp'
    answers 0
    raw 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    answers 0
    raw "$(post /x '{}')NONSENSE\r\n\r\nmore"
    answers 1
}

# each_client TEXT NAME...: the client's requests are refused, each once, and it shows TEXT.
each_client() {
    local text=$1 client
    shift
    for client; do
        need_client "$client"
        replay run_client "$KEY" "$BODY" 2
        grep -q "$text" "$OUT" "$ERR" || fail "$client: $(head -c 600 "$OUT") $(head -c 600 "$ERR")"
    done
}

@test "Python, Ruby, Perl, PHP: see the refusal" {
    each_client 'not_recorded\|504' python_httpx python_httpx_async python_aiohttp python_requests \
        python_urllib ruby_net_http perl_lwp php_curl php_streams
}

@test "Node.js and the openai package: the refusal is not retried" {
    need_client node_openai
    replay run_client "$KEY" "$BODY" 1
    grep -q 504 "$OUT" "$ERR" || fail "$(head -c 600 "$OUT") $(head -c 600 "$ERR")"
    run stats '[.requests, .dropped_by.replay] | map(tostring) | join(" ")'
    assert_output "1 1"
    replay run_client "$KEY" "$STREAM_BODY" 1
    run stats .requests
    assert_output 2
}

# never_recorded CLIENT: a provider that nobody has asked before refuses, and no name is looked up,
# nothing sent.
never_recorded() {
    need_networks
    need_client "$1"
    PREECHO_MODE=replay upstream_sees 0 offline "${COMMAND[@]}" \
        https://api.openai.com:443/v1/chat/completions "$KEY" "$BODY" 2
    grep -q 'preecho: PREECHO_MODE=replay ' "$OUT" "$ERR" ||
        fail "no refusal: $(head -c 600 "$OUT") $(head -c 600 "$ERR")"
    assert_equal "$STATUS" 22 # a status that is none of success
    stayed_at_home
}

@test "Python httpx: a provider that was never asked is refused without a network" {
    never_recorded python_httpx
}

@test "Python httpx async: a provider that was never asked is refused without a network" {
    never_recorded python_httpx_async
}

@test "Python aiohttp: a provider that was never asked is refused without a network" {
    never_recorded python_aiohttp
}

@test "Python requests: a provider that was never asked is refused without a network" {
    never_recorded python_requests
}

@test "Node.js https: a provider that was never asked is refused without a network" {
    never_recorded node_https
}

@test "Ruby net/http: a provider that was never asked is refused without a network" {
    never_recorded ruby_net_http
}

@test "Perl LWP: a provider that was never asked is refused without a network" {
    never_recorded perl_lwp
}

@test "PHP streams: a provider that was never asked is refused without a network" {
    never_recorded php_streams
}

@test "curl: a provider that was never asked is refused without a network" {
    never_recorded curl
}

@test "five ways to wait: a provider that was never asked is refused without a network" {
    local style
    for style in blocking select poll epoll memory; do
        never_recorded "tls_client-$style"
    done
}

# connected COMMAND...: Python, without a network, with `plain` connected to a provider that was
# never asked, and `tls` upon it.
connected() {
    need_networks
    PREECHO_MODE=replay capture offline "$PYTHON" -c 'import socket, ssl, threading, time
plain = socket.create_connection(("api.openai.com", 443))
def tls(*protocols):
    context = ssl.create_default_context()
    context.set_alpn_protocols(protocols)
    return context.wrap_socket(plain, server_hostname="api.openai.com")
'"$1"
    stayed_at_home
}

@test "who does not speak TLS by libssl, or only HTTP/2, is refused the connection" {
    connected 'plain.sendall(b"POST /v1/chat/completions HTTP/1.1\r\n")'
    grep -q ConnectionRefusedError "$ERR" || fail "$(cat "$OUT" "$ERR")"
    connected 'plain.recv(1)'
    grep -q ConnectionRefusedError "$ERR" || fail "$(cat "$OUT" "$ERR")"
    connected 'tls("h2")'
    grep -q ConnectionRefusedError "$ERR" || fail "$(cat "$OUT" "$ERR")"
}

@test "who reads before it asks waits for nothing, and no longer than it wants to" {
    connected 'secured = tls()
threading.Timer(0.3, socket.socket.shutdown, (secured, socket.SHUT_RDWR)).start()
start = time.monotonic()
print(secured.read(1), 0.2 < time.monotonic() - start < 5)'
    assert_equal "$(cat "$OUT" "$ERR")" "b'' True"
    connected 'plain.settimeout(0.3)
try:
    tls().read(1)
except TimeoutError:
    print("timed out")'
    assert_equal "$(cat "$OUT" "$ERR")" "timed out"
}

@test "the names of known hosts are answered, of one family, both, or with a canonical name" {
    need_networks
    PREECHO_MODE=replay capture offline "$PYTHON" -c 'import socket, ssl
name = "api.openai.com"
print(socket.gethostbyname(name), socket.gethostbyname_ex(name.upper())[2])
print(*(found[4][0] for found in socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)))
print(socket.getaddrinfo(name, 443, socket.AF_INET6, socket.SOCK_STREAM)[0][4][0])
print(socket.getaddrinfo(name, "https", type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)[0][3:])'
    assert_equal "$(cat "$OUT" "$ERR")" "192.0.2.1 ['192.0.2.1']
192.0.2.1 2001:db8::1
2001:db8::1
('api.openai.com', ('192.0.2.1', 443))"
    stayed_at_home
}

@test "the certificate shown for a host names it, however long its name is" {
    local label size name
    need_networks
    label=$(printf 'x%.0s' {1..49})
    for size in 1 2 4; do
        name=$(printf "$label.%.0s" $(seq "$size"))example
        PREECHO_HOSTS=$name PREECHO_MODE=replay capture offline "$PYTHON" -c 'import socket, ssl, sys
name = sys.argv[1]
plain = socket.create_connection((name, 443))
secured = ssl.create_default_context().wrap_socket(plain, server_hostname=name)
print(secured.getpeercert()["subjectAltName"] == (("DNS", name),), *secured.cipher(), secured.version())
sys.stdout.buffer.write(secured.getpeercert(True))' "$name"
        assert_equal "$(head -n 1 "$OUT")" "True TLS_AES_256_GCM_SHA384 TLSv1.3 256 TLSv1.3"
        tail -n +2 "$OUT" >"$BATS_TEST_TMPDIR/der"
        openssl x509 -inform DER -in "$BATS_TEST_TMPDIR/der" -outform DER |
            cmp - "$BATS_TEST_TMPDIR/der"
        openssl asn1parse -inform DER -in "$BATS_TEST_TMPDIR/der" >/dev/null
    done
}

@test "another name behind a recorded host's address is another host" {
    miss ask tls "$KEY" "$(chat recorded)"
    PREECHO_MODE=replay miss preloaded "$PYTHON" -c 'import socket, ssl, sys
context = ssl._create_unverified_context()
plain = socket.create_connection(("localhost", int(sys.argv[1])))
with context.wrap_socket(plain, server_hostname=sys.argv[2]) as secured:
    secured.sendall(f"GET /v1/models HTTP/1.1\r\nHost: {sys.argv[2]}\r\n\r\n".encode())
    print(secured.recv(12))' "$TLS_PORT" elsewhere.example
    grep -q 'HTTP/1.1' "$OUT" || fail "$(cat "$OUT" "$ERR")"
}

connections() {
    wc -l <"$UP/connections.log"
}

@test "a recorded host: other requests are refused, and no connection is made" {
    local before
    miss ask tls "$KEY" "$(chat recorded)"
    before=$(connections)
    PREECHO_MODE=replay hit ask tls "$KEY" "$(chat recorded)"
    WHERE=/upload refused ask tls "$KEY" '{"a":1}'
    raw 'POST /v1/chat/comp'
    answers 0
    assert_equal "$(connections)" "$before"
    WHERE=/upload refused ask curl "$KEY" '{"a":1}'
}

@test "a recorded certificate that has expired: the connection is refused, none is made" {
    local before
    miss ask tls "$KEY" "$(chat recorded)"
    before=$(connections)
    PREECHO_MODE=replay later +30y upstream_sees 0 ask tls "$KEY" "$(chat recorded)"
    [ "$STATUS" -ne 0 ]
    ! grep -q 'Re ' "$OUT" || fail "$(cat "$OUT")"
    assert_equal "$(connections)" "$before"
}

@test "nothing expires: there is nobody who could renew it" {
    local layer
    export PREECHO_TTL=1h PREECHO_STALE_IF_ERROR=0
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "old $layer")"
        keep first
        PREECHO_MODE=replay later +3d hit ask "$layer" "$KEY" "$(chat "old $layer")"
        same_as first
    done
    run stats '[.hits, .misses, .stale] | map(tostring) | join(" ")'
    assert_output "2 2 0"
}
