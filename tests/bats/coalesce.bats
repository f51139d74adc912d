#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The same question from several programs, connections and threads at the same time: one call
# upstream. What is left over afterwards: nothing.

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
    CROWD=()
    LATE=$(chat 'Whose question is it? [[fault:delay=2000]]')
}

teardown() {
    upstream_recovers
    if [ ${#CROWD[@]} -gt 0 ]; then
        kill -9 "${CROWD[@]}" 2>/dev/null || true
    fi
}

# -- several processes -------------------------------------------------------------------------

# joins COMMAND...: one more of the crowd, under preecho; its bytes go to $OUT.N and $ERR.N, counted from 0.
joins() {
    (exec env LD_PRELOAD="${PRELOAD_BEFORE:+$PRELOAD_BEFORE:}$BUILD/libpreecho.so" "$@") \
        >"$OUT.${#CROWD[@]}" 2>"$ERR.${#CROWD[@]}" 3>&- &
    CROWD+=($!)
}

# client_joins NAME BODY: one request.
client_joins() {
    client_command "$1"
    joins "${COMMAND[@]}" "$URL" "$KEY" "$2"
}

# Waits for all; STATUSES are their exit statuses.
crowd_ends() {
    local pid status
    STATUSES=()
    for pid in "${CROWD[@]}"; do
        status=0
        wait "$pid" || status=$?
        STATUSES+=("$status")
    done
    CROWD=()
}

# one_answer N [FIRST]: files FIRST to N - 1 hold the same right answer, but for a line's end.
one_answer() {
    local i first=${2:-0} expected
    expected=$(cat "$OUT.$first")
    grep -q '"Re ' <<<"$expected" || fail "no answer: $expected $(cat "$ERR.$first")"
    for ((i = first; i < $1; i++)); do
        [ "$(cat "$OUT.$i")" = "$expected" ] ||
            fail "answer $i: $(cat "$OUT.$i" "$ERR.$i"), not $expected"
        [ "${STATUSES[i]}" -eq 0 ] || fail "exit status ${STATUSES[i]} of $i"
    done
}

# How many helpers wait on behalf of this test's programs.
followers() {
    local file count=0
    for file in $(grep -lzx follow /proc/[0-9]*/cmdline 2>/dev/null); do
        ! grep -qzxF "PREECHO_STORE=$PREECHO_STORE" "${file%/*}/environ" 2>/dev/null ||
            count=$((count + 1))
    done
    echo $count
}

followers_are() {
    [ "$(followers)" -eq "$1" ]
}

followers_reach() {
    [ "$(followers)" -ge "$1" ]
}

nothing_is_left() {
    wait_until 5 followers_are 0
    [ ! -s "$PREECHO_STORE/leases" ] || fail "something was written into the file of leases"
    run ls -A "$PREECHO_STORE"
    refute_output --partial 't-'
}

upstream_has_seen() {
    [ "$(requests)" -ge "$1" ]
}

# upstream_sees N, for a crowd that started when requests() said $BEFORE.
was_asked() {
    assert_equal "$(($(requests) - BEFORE)) requests" "$1 requests"
}

# The first of the crowd, whose request is at the upstream already.
leader() {
    BEFORE=$(requests)
    "$@"
    wait_until 10 upstream_has_seen $((BEFORE + 1))
}

# Likewise, but its answer takes a minute: nobody has that much patience.
late_leader() {
    upstream_fails delay=60000
    leader "$@"
    upstream_recovers
}

leader_is_killed() {
    kill -9 "${CROWD[0]}"
}

# 10 Python, 5 curl, 5 Ruby, but for the first |$1| of them.
crowd() {
    local name number=0
    for name in curl curl-compressed curl curl curl \
        ruby_net_http ruby_net_http ruby_net_http ruby_net_http ruby_net_http \
        python_httpx_async python_httpx_async python_httpx_async python_aiohttp python_aiohttp \
        python_requests python_requests python_httpx python_urllib python_pycurl; do
        number=$((number + 1))
        [ $number -le "$1" ] || client_joins "$name" "$LATE"
    done
}

@test "20 processes in three languages ask the same new question at once: one call, 20 equal answers" {
    BEFORE=$(requests)
    crowd 0
    crowd_ends
    one_answer 20
    was_asked 1
    nothing_is_left
    assert_equal "$(stats '"\(.hits) \(.misses) \(.recorded)"')" "19 1 1"
    [ "$(stats .coalesced)" -ge 4 ] || fail "only $(stats .coalesced) have waited"
    hit ask curl "$KEY" "$LATE"
}

@test "20 processes, to a host whose connections are virtual" {
    miss ask tls "$KEY" "$(chat 'Introduce yourself')"
    BEFORE=$(requests)
    crowd 0
    crowd_ends
    one_answer 20
    was_asked 1
    nothing_is_left
}

@test "20 processes, and the leader is killed after a second: two calls, 19 answers" {
    late_leader client_joins curl "$LATE"
    crowd 1
    sleep 1
    wait_until 20 followers_reach 3
    leader_is_killed
    crowd_ends
    assert_equal "${STATUSES[0]}" 137
    one_answer 20 1
    was_asked 2
    nothing_is_left
}

@test "the leader is killed: a connection of every kind takes over" {
    local name clients="curl tls_client-blocking tls_client-epoll-edge tls_client-memory
        python_httpx_async python_requests ruby_net_http curl_multi_poll_client
        curl_multi_socket_client perl_lwp php_streams"
    [ ! -x "$PROGRAMS/node" ] || clients+=" node_https"
    for name in $clients; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$name
        CROWD=()
        late_leader client_joins curl "$(chat "$name")"
        client_joins "$name" "$(chat "$name")"
        wait_until 20 followers_are 1
        leader_is_killed
        crowd_ends
        one_answer 2 1
        was_asked 2
        nothing_is_left
    done
}

@test "a client of every kind waits for a leader of another kind" {
    local name number=0 clients="curl curl-compressed tls_client-blocking tls_client-epoll-edge
        tls_client-memory python_httpx_async python_aiohttp python_requests python_pycurl
        ruby_net_http perl_lwp php_curl php_streams curl_multi_poll_client
        curl_multi_socket_client_gnutls curl_easy_client"
    [ ! -x "$PROGRAMS/node" ] || clients+=" node_https"
    leader client_joins tls_client-blocking "$(chat 'All of you [[fault:delay=5000]]')"
    for name in $clients; do
        client_joins "$name" "$(chat 'All of you [[fault:delay=5000]]')"
        number=$((number + 1))
    done
    crowd_ends
    one_answer $((number + 1))
    was_asked 1
    nothing_is_left
}

@test "a stream: the others get it when it is complete, piece by piece the same" {
    local body
    body=$(chat 'Flow [[fault:pause=100]]' '"stream":true')
    leader client_joins curl "$body"
    client_joins python_httpx_async "$body"
    client_joins curl "$body"
    client_joins ruby_net_http "$body"
    crowd_ends
    was_asked 1
    cmp "$OUT.0" "$OUT.1"
    cmp "$OUT.0" "$OUT.2"
    cmp "$OUT.0" "$OUT.3"
    nothing_is_left
}

# -- leaders that get no answer ------------------------------------------------------------------

# The seconds between the requests since |$BEFORE|, one a line.
distances() {
    tail -n +$((BEFORE + 1)) "$UP/requests.log" | jq -rs '[.[].time] | [.[1:], .[:-1]] | transpose | .[] | .[0] - .[1]'
}

@test "a leader that is refused: one follower after the other asks, each gets its own refusal" {
    local status distance body
    for status in 429 500; do
        CROWD=()
        body=$(chat "refused $status [[fault:$status,delay=400]]")
        BEFORE=$(requests)
        client_joins curl "$body"
        client_joins python_httpx_async "$body"
        client_joins ruby_net_http "$body"
        client_joins tls_client-blocking "$body"
        crowd_ends
        was_asked 4
        assert_equal "${STATUSES[*]}" "22 22 22 22"
        for i in 0 1 2 3; do
            grep -q error "$OUT.$i" || fail "no error: $(cat "$OUT.$i")"
        done
        run distances
        for distance in $output; do
            [ "${distance%.*}$(cut -c3 <<<"$distance")" -ge 4 ] || fail "asked at once: $output"
        done
    done
    assert_equal "$(stats '"\(.hits) \(.coalesced) \(.dropped_by.status)"')" "0 0 8"
    nothing_is_left
}

@test "a leader that is refused: one follower asks, the others get its answer" {
    local body
    body=$(chat 'Twice [[fault:delay=1000]]')
    upstream_fails 500
    leader client_joins curl "$body"
    upstream_recovers
    client_joins curl "$body"
    client_joins python_aiohttp "$body"
    client_joins ruby_net_http "$body"
    crowd_ends
    assert_equal "${STATUSES[0]}" 22
    one_answer 4 1
    was_asked 2
    nothing_is_left
}

@test "a leader that breaks off, or whose answer is cut: the next one asks" {
    local fault
    for fault in cut-stream reset; do
        CROWD=()
        upstream_fails "$fault,delay=500"
        leader client_joins curl "$(chat "$fault" '"stream":true')"
        upstream_recovers
        client_joins tls_client-blocking "$(chat "$fault" '"stream":true')"
        crowd_ends
        one_answer 2 1 || grep -q '"Re ' "$OUT.1" || fail "$(cat "$OUT.1")"
        was_asked 2
        nothing_is_left
    done
}

@test "the deadline: then each asks itself, unless an answer has come meanwhile" {
    local body
    body=$(chat 'Slow [[fault:delay=2000]]')
    export PREECHO_COALESCE_WAIT=1s
    late_leader client_joins curl "$body"
    client_joins curl "$body"
    client_joins python_httpx_async "$body"
    client_joins ruby_net_http "$body"
    client_joins tls_client-blocking "$body"
    wait "${CROWD[@]:1}"
    leader_is_killed
    assert_equal "$(cat "$OUT".? | grep -c '"Re ')" 4
    assert_equal "$(stats '.misses + .hits')" 4
    was_asked $((1 + $(stats .misses)))
    nothing_is_left
}

@test "a program's own limit of time ends its waiting, as it would end its call" {
    late_leader client_joins curl "$(chat 'Patience')"
    URL=$TLS/v1/chat/completions
    capture curl -sS --max-time 1 --data-binary "$(chat 'Impatience [[fault:delay=15000]]')" \
        -H 'Content-Type: application/json' "$URL"
    keep plain
    stderr=$(sed -E 's/after [0-9]+ /after N /' "$ERR")
    upstream_sees 0 preloaded curl -sS --max-time 1 -H 'Content-Type: application/json' \
        -H "Authorization: Bearer $KEY" \
        --data-binary "$(chat 'Patience')" "$URL"
    assert_equal "$STATUS $(sed -E 's/after [0-9]+ /after N /' "$ERR")" "28 $stderr"
    CLIENT_TIMEOUT=1 upstream_sees 0 preloaded "$PYTHON" "$CLIENTS/failing.py" httpx_async \
        "$URL" "$KEY" "$(chat 'Patience')"
    run cat "$OUT"
    assert_output --partial ReadTimeout
    nothing_is_left
    kill -0 "${CROWD[0]}" # the leader is still at it
}

@test "a follower that is killed takes its helper along" {
    late_leader client_joins curl "$(chat 'Gone')"
    client_joins curl "$(chat 'Gone')"
    client_joins python_httpx_async "$(chat 'Gone')"
    wait_until 10 followers_are 2
    kill -9 "${CROWD[1]}" "${CROWD[2]}"
    nothing_is_left
    kill -0 "${CROWD[0]}"
}

# -- one process ---------------------------------------------------------------------------------

@test "20 requests in one event loop: one call, and the loop goes on turning" {
    local library
    for library in httpx_async aiohttp; do
        upstream_sees 1 preloaded "$PYTHON" "$CLIENTS/crowd.py" $library \
            "$TLS/v1/chat/completions" "$KEY" "$(chat "$library [[fault:delay=2000,steady]]")" 20
        looks_right 20
        run tail -n 1 "$ERR"
        assert_output --regexp '^turns [0-9]+ leaked 0$'
        set -- $output
        [ "$2" -ge 40 ] || fail "the event loop turned $2 times in two seconds"
        nothing_is_left
    done
    assert_equal "$(stats '"\(.coalesced) \(.misses)"')" "38 2"
}

@test "20 threads of Python, 20 of Ruby: one call each" {
    upstream_sees 1 preloaded "$PYTHON" "$CLIENTS/crowd.py" threads \
        "$TLS/v1/chat/completions" "$KEY" "$LATE" 20
    looks_right 20
    run tail -n 1 "$ERR"
    assert_output "turns 0 leaked 0"
    upstream_sees 1 preloaded ruby "$CLIENTS/crowd_ruby.rb" \
        "$TLS/v1/chat/completions" "$KEY" "$(chat 'Threads [[fault:delay=1000]]')" 20
    looks_right 20
    nothing_is_left
}

@test "threads that block, in C" {
    need_client threads_client
    upstream_sees 1 run_client "$KEY" "$LATE" 8
    looks_right 8
    nothing_is_left
}

@test "20 requests at once in Node.js: one call" {
    need_client node_https
    upstream_sees 1 preloaded "$PROGRAMS/node" "$CLIENTS/crowd_node.js" "$URL" "$KEY" "$LATE" 20
    looks_right 20
    nothing_is_left
}

@test "libcurl's multi interface: one call, both flavours, perform and socket_action" {
    local client
    for client in curl_multi_poll_client curl_multi_poll_client_gnutls curl_multi_socket_client \
        curl_multi_socket_client_gnutls curl_multi_poll_client-h2; do
        need_client $client
        upstream_sees 1 run_client "$KEY" "$(chat "$client [[fault:delay=1000]]")" 10
        looks_right 10
        nothing_is_left
    done
    upstream_sees 1 preloaded "$PYTHON" "$CLIENTS/crowd.py" pycurl_multi \
        "$TLS/v1/chat/completions" "$KEY" "$LATE" 20
    looks_right 20
    run tail -n 1 "$ERR"
    assert_output --partial "leaked 0"
    nothing_is_left
}

@test "a thread that would wait for itself does not" {
    local start=$SECONDS
    upstream_sees 3 preloaded "$PYTHON" "$CLIENTS/crowd.py" nested \
        "$TLS/v1/chat/completions" "$KEY" "$(chat 'Me' '"stream":true')" 3
    looks_right 3
    [ $((SECONDS - start)) -lt 15 ]
    nothing_is_left
}

# -- what is not the same, or not wanted ----------------------------------------------------------

# The second of two has got an answer of its own while the first still waits for one.
both_ask() {
    wait "${CROWD[1]}"
    leader_is_killed
    grep -q '"Re ' "$OUT.1"
    was_asked 2
    CROWD=()
}

@test "another question, another credential, or another label: nobody waits" {
    late_leader client_joins curl "$(chat First)"
    client_joins tls_client-blocking "$(chat Second)"
    both_ask
    late_leader client_joins curl "$(chat Key)"
    KEY=$KEY-other client_joins curl "$(chat Key)"
    both_ask
    late_leader client_joins curl "$(chat Label)"
    PREECHO_TENANT=other client_joins curl "$(chat Label)"
    both_ask
}

@test "switched off, or in a mode that wants every call: nobody waits" {
    local setting
    for setting in PREECHO_COALESCE=off PREECHO_COALESCE_WAIT=0 PREECHO_MODE=refresh \
        PREECHO_MODE=observe; do
        export "${setting?}"
        late_leader client_joins curl "$(chat "$setting")"
        client_joins tls_client-blocking "$(chat "$setting")"
        both_ask
        unset "${setting%=*}"
    done
}

@test "an expired answer is renewed by one of those who ask for it" {
    local body
    export PREECHO_TTL=1h
    body=$(chat 'Old [[fault:delay=1500]]')
    miss ask curl "$KEY" "$body"
    keep old
    leader later +2h client_joins curl "$body"
    later +2h client_joins tls_client-blocking "$body"
    later +2h client_joins curl "$body"
    crowd_ends
    one_answer 3
    was_asked 1
    cp "$OUT.0" "$OUT"
    differs_from old
    nothing_is_left
}

@test "an expired answer stands in for each call that fails" {
    local body
    export PREECHO_TTL=1h
    body=$(chat 'Older [[fault:delay=500]]')
    miss ask curl "$KEY" "$body"
    keep old
    upstream_fails 503
    leader later +2h client_joins curl "$body"
    later +2h client_joins tls_client-blocking "$body"
    crowd_ends
    was_asked 2
    assert_equal "$(cat "$OUT.0")" "$(cat "$BATS_TEST_TMPDIR/kept-old")"
    assert_equal "$(cat "$OUT.1")" "$(cat "$BATS_TEST_TMPDIR/kept-old")"
    assert_equal "$(stats '"\(.stale) \(.coalesced)"')" "2 0"
    nothing_is_left
}
