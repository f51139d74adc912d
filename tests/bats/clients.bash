# SPDX-License-Identifier: MIT
# The promises that hold for every client, as functions; the files clients_*.bats call them with
# the name of a client. client_command says how each is started.

PROMPT='Which planet is the @N@th one?'
BODY=$(chat "$PROMPT")
STREAM_BODY=$(chat "$PROMPT" '"stream":true')

# client_command NAME: sets the array COMMAND, the address URL and COUNT, the number of requests
# in one run.
client_command() {
    local name=$1 base=$TLS
    COUNT=3
    case $name in
    curl) COMMAND=("$CLIENTS/curl.sh" --http1.1 --) ;;
    curl-compressed) COMMAND=("$CLIENTS/curl.sh" --http1.1 --compressed --) ;;
    curl-h2) COMMAND=("$CLIENTS/curl.sh" --http2 --) base=$H2 ;;
    curl-plain) COMMAND=("$CLIENTS/curl.sh" --) base=$PLAIN ;;
    *-h2) COMMAND=("$PROGRAMS/${name%-h2}") base=$H2 ;;
    curl_multi_poll*) COMMAND=("$PROGRAMS/$name") COUNT=50 ;;
    curl_multi_socket*) COMMAND=("$PROGRAMS/$name") COUNT=10 ;;
    curl_easy* | dlopen_client) COMMAND=("$PROGRAMS/$name") ;;
    threads_client) COMMAND=("$PROGRAMS/$name") COUNT=8 ;;
    fork_client) COMMAND=("$PROGRAMS/$name") ;;
    fork_client-daemon) COMMAND=("$PROGRAMS/fork_client" --daemon) ;;
    closeall_client) COMMAND=("$PROGRAMS/$name" "$BATS_TEST_TMPDIR/victim") ;;
    tls_client*) COMMAND=("$PROGRAMS/tls_client" --style "${name#tls_client-}") ;;
    python_httpx_async | python_aiohttp) COMMAND=("$PYTHON" "$CLIENTS/$name.py") COUNT=50 ;;
    python_*) COMMAND=("$PYTHON" "$CLIENTS/$name.py") ;;
    php_curl) COMMAND=(php "$CLIENTS/php_curl.php") COUNT=10 ;;
    php_streams) COMMAND=(php "$CLIENTS/php_streams.php") ;;
    ruby_net_http) COMMAND=(ruby "$CLIENTS/ruby_net_http.rb") ;;
    perl_lwp) COMMAND=(perl "$CLIENTS/perl_lwp.pl") ;;
    node_https | node_openai | node_anthropic) COMMAND=("$PROGRAMS/node" "$CLIENTS/$name.js") ;;
    s_client) COMMAND=("$CLIENTS/s_client.sh") ;;
    *) fail "no such client: $name" ;;
    esac
    URL=$base/v1/chat/completions
}

# Leaves a test out, with the reason, where a client cannot be had.
need_client() {
    case $1 in
    node_*)
        [ -x "$PROGRAMS/node" ] || skip "Debian's nodejs 18 is not to be had here"
        ;;
    esac
    case $1 in
    node_openai)
        [ -d "$NODE_PATH/openai" ] || skip "the npm package openai is not to be had here"
        ;;
    node_anthropic)
        [ -d "$NODE_PATH/@anthropic-ai/sdk" ] ||
            skip "the npm package @anthropic-ai/sdk is not to be had here"
        ;;
    esac
    client_command "$1"
    if [ "$1" = closeall_client ]; then
        seq 20000 >"$BATS_TEST_TMPDIR/victim"
    fi
}

# run_client KEY BODY [COUNT [STEP]] under preecho.
run_client() {
    preloaded "${COMMAND[@]}" "$URL" "$@"
}

# The right answers came: as many as there were requests, each of its own prompt.
looks_right() {
    local count
    [ "$STATUS" -eq 0 ] || fail "exit status $STATUS: $(head -c 500 "$ERR")"
    count=$(grep -c '\(content\|text\)": *"Re[ "]\|"content":"[^"]' "$OUT") || true
    [ "$count" -ge "$1" ] || fail "$count answers, not $1: $(head -c 500 "$OUT")"
}

second_run_is_served() {
    need_client "$1"
    upstream_sees "$COUNT" run_client "$KEY" "$BODY" "$COUNT"
    looks_right "$COUNT"
    keep first
    hit run_client "$KEY" "$BODY" "$COUNT"
    same_as first
    [ "$STATUS" -eq 0 ] || fail "exit status $STATUS of a hit"
}

stream_is_replayed() {
    need_client "$1"
    upstream_sees "$COUNT" run_client "$KEY" "$STREAM_BODY" "$COUNT"
    looks_right "$COUNT"
    keep first
    hit run_client "$KEY" "$STREAM_BODY" "$COUNT"
    same_as first
}

other_credential_misses() {
    need_client "$1"
    upstream_sees 2 run_client "$KEY" "$BODY" 2
    keep first
    upstream_sees 2 run_client "$KEY-other" "$BODY" 2
    looks_right 2
    differs_from first
    hit run_client "$KEY" "$BODY" 2
    same_as first
}

error_is_not_recorded() {
    need_client "$1"
    local body
    body=$(chat 'Fail [[fault:500,steady]]')
    miss run_client "$KEY" "$body"
    keep first
    miss run_client "$KEY" "$body"
    same_as first
}

hits_and_misses_mix() {
    need_client "$1"
    upstream_sees 3 run_client "$KEY" "$BODY" 3 2
    keep odd
    upstream_sees 3 run_client "$KEY" "$BODY" 6
    looks_right 6
    keep all
    hit run_client "$KEY" "$BODY" 6
    same_as all
    hit run_client "$KEY" "$BODY" 3 2
    same_as odd
}

# What a program printed to stderr, without addresses, thread ids and times.
stderr_without_addresses() {
    sed -E 's/0x[0-9a-f]+/0x/g; s/^[0-9A-F]{16}:error/error/; s/after [0-9]+ ms/after N ms/' "$ERR"
}

# compare_with_plain ADDRESS BODY RUNS: the program without preecho, then RUNS times under it:
# exit status and stderr are the same, and stdout where the upstream is steady.
compare_with_plain() {
    local address=$1 body=$2 runs=$3 status stderr i
    capture "${COMMAND[@]}" "$address" "$KEY" "$body"
    status=$STATUS
    keep stdout
    stderr=$(stderr_without_addresses)
    for ((i = 0; i < runs; i++)); do
        capture preloaded "${COMMAND[@]}" "$address" "$KEY" "$body"
        same_as stdout
        assert_equal "$STATUS" "$status"
        assert_equal "$(stderr_without_addresses)" "$stderr"
    done
}

# 300 ms pass between the requests on one connection: no session ticket wakes the program then.
idles_between_requests() {
    local connections
    need_client "$1"
    upstream_sees 2 run_client "$KEY" "$BODY" 2 2
    keep odd
    export CLIENT_PAUSE=300
    connections=$(wc -l <"$UP/connections.log")
    upstream_sees 3 run_client "$KEY" "$BODY" 5
    looks_right 5
    assert_equal "$(($(wc -l <"$UP/connections.log") - connections))" 1
    keep all
    hit run_client "$KEY" "$BODY" 5
    same_as all
}

behaves_as_without() {
    need_client "$1"
    compare_with_plain "$URL" "$(chat 'Be steady [[fault:steady]]')" 2
    compare_with_plain "$URL" "$(chat 'Fail [[fault:429,steady]]')" 1
    compare_with_plain "${URL/localhost:[0-9]*\/v1/localhost:1/v1}" "$(chat 'Nobody')" 1
}
