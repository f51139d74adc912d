#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The semantic layer's second tier: messages that an embedding model finds near a recorded one. Off,
# shadow, serve; certificates, guards, canaries; an endpoint that fails in every way that it can.
bats_require_minimum_version 1.5.0

load helpers.bash
load clients.bash
load embedder.bash

TALKERS="curl curl-h2 curl_easy_client curl_multi_poll_client curl_multi_socket_client
    tls_client-memory tls_client-epoll-edge python_httpx_async python_aiohttp node_https"

setup_file() {
    start_upstream
    start_nginx
    start_embedder
    build_certifier
}

teardown_file() {
    stop_embedder
    stop_upstream
}

setup() {
    fresh_store
    fresh_embedder
    upstream_recovers
    export PREECHO_SEMANTIC=serve PREECHO_SEMANTIC_CANARY=0%
}

# Two wordings that no guard keeps apart, and which the model finds near each other.
ways() {
    means way 1 "How do I get to *?"
    means way "${1:-0.97}" "How can I get to *?"
    means way "${1:-0.97}" "How could I get to *?"
}

# learn LAYER TEXT [MEMBERS]: recorded, and to be found by what it means.
learn() {
    miss ask "$1" "$KEY" "$(chat "$2" "${3:-}")"
    merge
}

# The same with a certificate from 0.9 on.
learn_certified() {
    learn "$@"
    certify_from 0.9
}

# The Cache-Status that a program gets for a body.
status_of() {
    preloaded curl -sS -o /dev/null -D - -H 'Content-Type: application/json' \
        -H "Authorization: Bearer $KEY" --data-binary "$1" "$TLS/v1/chat/completions" |
        tr -d '\r' | sed -n 's/^[Cc]ache-[Ss]tatus: //p'
}

# Why the latest call was what it was.
reason() {
    latest .reason
}

# -- off, shadow, serve -------------------------------------------------------------------------

@test "off: the endpoint is never asked" {
    unset PREECHO_SEMANTIC
    ways 1
    for layer in $LAYERS; do
        embedder_sees 0 learn "$layer" "How do I get to $layer?"
        embedder_sees 0 miss ask "$layer" "$KEY" "$(chat "How can I get to $layer?")"
    done
    # Nor can what was recorded meanwhile be found later.
    export PREECHO_SEMANTIC=serve
    certify_from 0.9
    embedder_sees 1 miss ask tls "$KEY" "$(chat "How could I get to tls?")"
}

@test "without an address or a model's name nobody is asked" {
    ways 1
    for setting in PREECHO_SEMANTIC_URL PREECHO_SEMANTIC_MODEL; do
        (
            unset "$setting"
            embedder_sees 0 miss ask curl "$KEY" "$(chat "How do I get to $setting?")"
        )
    done
    assert_equal "$(shadow .journal.embedding_failed)" 0
}

@test "shadow: every client's call goes upstream, gets its bytes, and is compared" {
    local client number=0
    export PREECHO_SEMANTIC=shadow
    ways
    upstream_fails "steady,says=By the road along the river."
    for client in $TALKERS; do
        need_client "$client"
        number=$((number + 1))
        embedder_sees 1 miss run_client "$KEY" "$(chat "How do I get to $client?")"
        merge
        capture "${COMMAND[@]}" "$URL" "$KEY" "$(chat "How can I get to $client?")"
        keep plain
        embedder_sees 1 miss run_client "$KEY" "$(chat "How can I get to $client?")"
        same_as plain
        assert_equal "$(shadow '.scopes[0] | [.class, .model, .allowed.samples, .allowed.equal]')" \
            "[\"compatible gpt-4o-mini\",\"$EMBEDDER_MODEL\",$number,$number]"
        # The same once more is a hit of the exact layer, for which nobody is asked.
        embedder_sees 0 hit run_client "$KEY" "$(chat "How can I get to $client?")"
        same_as plain
    done
    assert_equal "$(shadow '.scopes[0].similarity | map(select(.samples > 0) | .from)')" '[0.95]'
    assert_equal "$(stats .layers.semantic.hits)" 0
}

@test "serve: without a certificate nothing is served; what would have been is noted" {
    ways 1
    for layer in $LAYERS; do
        learn "$layer" "How do I get to $layer?"
        miss ask "$layer" "$KEY" "$(chat "How can I get to $layer?")"
    done
    assert_equal "$(shadow '.scopes[0] | [.allowed.samples, .canaries.samples]')" '[2,0]'
    assert_equal "$(status '.scopes[0].state')" '"none"'
}

@test "serve: with a certificate every client gets the recorded answer, byte for byte" {
    local client number=0
    ways
    for client in $TALKERS; do
        need_client "$client"
        number=$((number + 1))
        miss run_client "$KEY" "$(chat "How do I get to $client?")"
        looks_right 1
        keep answer
        merge
        [ "$number" -gt 1 ] || certify_from 0.9
        embedder_sees 1 hit run_client "$KEY" "$(chat "How can I get to $client?")"
        same_as answer
        assert_equal "$(stats .layers.semantic.hits)" "$number"
    done
    assert_equal "$(stats .layers.exact.hits)" 0
    assert_equal "$(status_of "$(chat "How can I get to curl?")")" "preecho; hit; detail=semantic"
}

@test "serve: streams, too, and a stream is not the answer to who wants none" {
    local client
    ways
    for client in curl tls_client-memory python_httpx_async python_aiohttp node_https; do
        need_client "$client"
        miss run_client "$KEY" "$(chat "How do I get to $client?" '"stream":true')"
        keep stream
        merge
        certify_from 0.9
        hit run_client "$KEY" "$(chat "How can I get to $client?" '"stream":true')"
        same_as stream
        miss run_client "$KEY" "$(chat "How can I get to $client?")"
    done
}

@test "serve: many at once on one event loop" {
    local client
    ways
    for client in python_httpx_async python_aiohttp curl_multi_poll_client \
        threads_client; do
        need_client "$client"
        upstream_sees 6 run_client "$KEY" "$(chat "How do I get to $client @N@?")" 6
        keep all
        merge
        certify_from 0.9
        hit run_client "$KEY" "$(chat "How can I get to $client @N@?")" 6
        same_as all
    done
}

@test "serve: a certificate's threshold holds, its class, and its model" {
    ways 0.93
    learn tls "How do I get to Rome?"
    certify_from 0.94
    miss ask tls "$KEY" "$(chat "How can I get to Rome?")"
    certify_from 0.92
    learn tls "How do I get to Bern?"
    hit ask tls "$KEY" "$(chat "How can I get to Bern?")"
    learn tls "How do I get to Oslo?" '"model":"gpt-4o"'
    PREECHO_SEMANTIC_MODEL=another miss ask tls "$KEY" "$(chat "How can I get to Oslo?")"
    assert_equal "$(reason)" embedding-model
}

# -- what keeps two requests apart ------------------------------------------------------------------

@test "guards: what changes an answer is never served, however near" {
    local pair left right count=0
    learn_certified tls "How do I get to Rome?"
    for pair in "Which bus goes to stop 12?|Which bus goes to stop 21?" \
        "Is the shop open on Sunday?|Is the shop not open on Sunday?" \
        "Where was Anna Berg born?|Where was Anna Holm born?" \
        "Who painted the old bridge?|When was the old bridge painted?" \
        "Should I buy gold coins?|Should I sell gold coins?" \
        "How do I fly from Rome to Bern?|How do I fly from Bern to Rome?" \
        "Is 5 \$ enough for lunch?|Is 5 € enough for lunch?" \
        "How long do I boil an egg?|How long do I boil a potato?"; do
        left=${pair%|*} right=${pair#*|} count=$((count + 1))
        means "pair $count" 1 "$left"
        means "pair $count" 1 "$right"
        learn tls "$left"
        miss ask tls "$KEY" "$(chat "$right")"
    done
    assert_equal "$(shadow '.scopes[0] | [.allowed.samples, .forbidden.samples]')" "[0,$count]"
    assert_equal "$(stats .layers.semantic.hits)" 0
}

# after BEFORE TEXT: a chat in which TEXT follows messages, of which one says BEFORE.
after() {
    jq -cn --arg before "$1" --arg text "$2" \
        '{model: "gpt-4o-mini", messages: [{role: "system", content: $before},
            {role: "user", content: $text}]}'
    jq -cn --arg before "$1" --arg text "$2" \
        '{model: "gpt-4o-mini", messages: [{role: "user", content: $before},
            {role: "assistant", content: "Well?"}, {role: "user", content: $text}]}'
}

@test "never: another key, tenant, model or parameter" {
    ways 1
    learn_certified tls "How do I get to Rome?" '"temperature":0'
    miss ask tls "$KEY-2" "$(chat "How can I get to Rome?" '"temperature":0')"
    PREECHO_TENANT=other miss ask tls "$KEY" "$(chat "How can I get to Rome?" '"temperature":0')"
    miss ask tls "$KEY" "$(chat "How can I get to Rome?" '"temperature":0,"max_tokens":5')"
    miss ask tls "$KEY" "$(chat "How can I get to Rome?" '"temperature":1')"
    miss ask tls "$KEY" "$(chat "How can I get to Rome?" '"temperature":0' | sed s/4o-mini/4o/)"
    hit ask curl "$KEY" "$(chat "How could I get to Rome?" '"temperature":0')"
}

@test "never: another system prompt, or other turns before" {
    local one other
    ways 1
    learn_certified tls "How do I get to Rome?"
    for number in 1 2; do
        one=$(after "You are a guide." "How do I get to Bern?" | sed -n "${number}p")
        miss ask tls "$KEY" "$one"
        merge
        other=${one/How do I/How can I}
        miss ask tls "$KEY" "${other/guide/pilot}"
        hit ask tls "$KEY" "$other"
    done
}

@test "never: what was purged, or is too old" {
    ways 1
    learn_certified tls "How do I get to Rome?"
    learn tls "How do I get to Bern?"
    "$PREECHO" purge --key "$("$PREECHO" log --json | tail -n 1 | jq -r .key)"
    miss ask curl "$KEY" "$(chat "How can I get to Bern?")"
    PREECHO_TTL=1h learn tls "How do I get to Oslo?"
    PREECHO_TTL=1h later +2h miss ask tls "$KEY" "$(chat "How can I get to Oslo?")"
    PREECHO_MODE=refresh miss ask tls "$KEY" "$(chat "How can I get to Rome?")"
    hit ask curl "$KEY" "$(chat "How could I get to Rome?")"
    "$PREECHO" purge --all
    miss ask curl "$KEY" "$(chat "How can I get to Rome?")"
}

# ineligible WORD: bodies in which "How WORD I get to Bern?" is not all that is said, one per line.
ineligible() {
    local text="How $1 I get to Bern?" bytes name role
    local calls='{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}'
    for bytes in aGk= aGo=; do
        jq -cn --arg text "$text" --arg url "data:image/png;base64,$bytes" \
            '{model: "gpt-4o-mini", messages: [{role: "user", content: [{type: "text", text: $text},
                {type: "image_url", image_url: {url: $url}}]}]}'
    done
    for name in one two; do
        jq -cn --arg text "$text" --arg name "$name" \
            '{model: "gpt-4o-mini", tools: [{type: "function", function: {name: $name}}],
                messages: [{role: "user", content: $text}]}'
    done
    for role in tool user; do
        jq -cn --arg text "$text" --arg role "$role" --argjson calls "$calls" \
            '{model: "gpt-4o-mini", messages: [{role: "user", content: "Hi"}, $calls,
                {role: $role, tool_call_id: "a", content: $text}]}'
    done
}

@test "never: pictures, tools, results of tools; nobody is even asked" {
    local word body
    ways 1
    learn_certified curl "How do I get to Rome?"
    for word in "do" can; do
        while read -r body; do
            embedder_sees 0 miss ask curl "$KEY" "$body"
        done < <(ineligible "$word")
        merge
    done
    assert_equal "$(stats .layers.semantic.hits)" 0
    embedder_sees 1 hit ask curl "$KEY" "$(chat "How can I get to Rome?")"
}

# result WORD: the same as the result of a tool, which Anthropic's dialect puts into the user's mouth.
result() {
    jq -cn --arg text "How $1 I get to Bern?" \
        '{model: "claude-sonnet-4-5", max_tokens: 100, messages: [{role: "user", content: "Hi"},
            {role: "assistant", content: [{type: "tool_use", id: "a", name: "f", input: {}}]},
            {role: "user", content: [{type: "tool_result", tool_use_id: "a", content: $text}]}]}'
}

@test "never: the result of a tool in Anthropic's dialect; but a message there" {
    local word body='{"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"%s"}]}'
    export WHERE=/v1/messages
    ways 1
    for word in "do" can; do
        embedder_sees 0 miss ask tls "$KEY" "$(result "$word")"
        merge
    done
    # shellcheck disable=SC2059 # a format
    miss ask tls "$KEY" "$(printf "$body" "How do I get to Rome?")"
    merge
    certify_from 0.9
    # shellcheck disable=SC2059
    hit ask tls "$KEY" "$(printf "$body" "How can I get to Rome?")"
}

@test "never: an answer that calls tools, or that did not end well" {
    ways 1
    learn_certified tls "How do I get to Rome?"
    miss ask tls "$KEY" "$(chat "How do I get to Bern? [[fault:finish=length]]")"
    merge
    miss ask tls "$KEY" "$(chat "How can I get to Bern? [[fault:finish=length]]")"
    assert_equal "$(stats .layers.semantic.hits)" 0
}

@test "never: what a rule keeps out of the store; nobody is asked" {
    local mail="How do I get to the one who has jane.doe@example.org for an address?"
    ways 1
    PREECHO_PII=skip embedder_sees 0 miss ask tls "$KEY" "$(chat "$mail")"
    PREECHO_MODE=off embedder_sees 0 miss ask tls "$KEY" "$(chat "How do I get to Rome?")"
    PREECHO_MODE=observe embedder_sees 0 miss ask curl "$KEY" "$(chat "How do I get to Rome?")"
    PREECHO_MODE=replay embedder_sees 0 upstream_sees 0 ask curl "$KEY" "$(chat "How do I get to Oslo?")"
    PREECHO_STOCHASTIC=skip embedder_sees 0 miss ask tls "$KEY" \
        "$(chat "How do I get to Bern?" '"temperature":1')"
}

@test "a rule may ask for one model's calls alone" {
    unset PREECHO_SEMANTIC
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    printf '[match "model=gpt-4o-mini"]\nsemantic = shadow\n' >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    embedder_sees 1 miss ask tls "$KEY" "$(chat "How do I get to Rome?")"
    embedder_sees 0 miss ask tls "$KEY" "$(chat "How do I get to Rome?" | sed s/4o-mini/4o/)"
    run "$PREECHO" semantic status
    assert_line --regexp "^semantic = off where no rule says otherwise: $EMBEDDER_MODEL at "
}

@test "both tiers: equal words need no embedding" {
    export PREECHO_LEXICAL=serve
    ways 1
    learn_certified tls "How do I get to Rome?"
    embedder_sees 0 hit ask tls "$KEY" "$(chat "how do i get to rome")"
    embedder_sees 1 hit ask tls "$KEY" "$(chat "How can I get to Rome?")"
    export PREECHO_LEXICAL=shadow PREECHO_SEMANTIC=shadow
    miss ask tls "$KEY" "$(chat "HOW DO I GET TO ROME")"
    assert_equal "$(shadow '[.scopes[] | .model] | sort')" '["lexical"]'
}

# -- an endpoint that fails ---------------------------------------------------------------------------

# fails_with REASON FAULTS: the call goes upstream all the same, and is counted.
fails_with() {
    local layer before after
    FAILED=$((${FAILED:-0} + 1))
    layer=$([ $((FAILED % 2)) = 0 ] && echo curl || echo tls)
    embedder_recovers
    [ -z "$2" ] || embedder_fails "$2"
    before=$(shadow ".journal.embedding_failed_by[\"$1\"] // 0")
    miss ask "$layer" "$KEY" "$(chat "How can I get to place $FAILED?")"
    looks_right 1
    assert_equal "$(reason)" "$1"
    after=$(shadow ".journal.embedding_failed_by[\"$1\"] // 0")
    assert_equal "$((after - before))" 1
    # It is recorded, and the exact layer has it.
    embedder_sees 0 hit ask "$layer" "$KEY" "$(chat "How can I get to place $FAILED?")"
}

@test "an endpoint that fails: the call goes upstream, with the reason" {
    local fault
    for fault in garbage html no-json no-data two text huge zero base64 truncated oversized \
        "garbage,delay=50"; do
        fails_with embedding-unreadable "$fault"
    done
    for fault in status=500 status=429 status=301 status=204; do
        fails_with embedding-refused "$fault"
    done
    fails_with embedding-model "model=another"
    fails_with embedding-down close
    PREECHO_SEMANTIC_DIMENSIONS=32 fails_with embedding-dimensions ""
    PREECHO_SEMANTIC_URL=http://127.0.0.1:1/v1/embeddings fails_with embedding-down ""
    PREECHO_SEMANTIC_URL=http://127.0.0.1:$EMBEDDER_PORT/elsewhere fails_with embedding-refused ""
}

@test "an endpoint that does not come to an end: the deadline holds" {
    local fault
    export PREECHO_SEMANTIC_DEADLINE=200
    for fault in never delay=60000 drip; do
        fails_with embedding-late "$fault"
    done
}

@test "an endpoint that speaks HTTP otherwise is understood" {
    local fault
    ways 1
    learn_certified tls "How do I get to Rome?"
    for fault in chunked http10 interim chunked,interim; do
        embedder_recovers
        embedder_fails "$fault"
        learn tls "How do I get to $fault?"
        hit ask curl "$KEY" "$(chat "How can I get to $fault?")"
    done
    assert_equal "$(shadow .journal.embedding_failed)" 0
}

@test "an endpoint whose vectors change their size: nothing matches, until they are as before" {
    ways 1
    learn_certified tls "How do I get to Rome?"
    embedder_fails dimensions=32
    miss ask tls "$KEY" "$(chat "How can I get to Rome?")"
    merge
    embedder_recovers
    learn tls "How do I get to Bern?"
    hit ask tls "$KEY" "$(chat "How can I get to Bern?")"
    embedder_fails dimensions=5000
    miss ask tls "$KEY" "$(chat "How can I get to Bern now?")"
    assert_equal "$(reason)" embedding-unreadable
}

@test "a message that is too long for an embedding goes upstream" {
    local text
    text="How do I get to $(printf 'somewhere %.0s' {1..1000})?"
    embedder_sees 0 miss ask tls "$KEY" "$(chat "$text")"
    assert_equal "$(reason)" embedding-text
    embedder_sees 0 miss ask curl "$KEY" "$(chat "$text!")"
}

@test "an endpoint that comes back is asked again" {
    ways 1
    learn_certified tls "How do I get to Rome?"
    embedder_fails close
    miss ask tls "$KEY" "$(chat "How can I get to Rome?")"
    embedder_recovers
    learn tls "How do I get to Bern?"
    hit ask tls "$KEY" "$(chat "How can I get to Bern?")"
}

# -- how it is asked ----------------------------------------------------------------------------------

@test "it is asked as OpenAI has it, and no hook of ours sees that" {
    local body
    learn curl 'How do I get to \"Rome\" \u00fc?'
    learn tls "How do I get to Bern?"
    body=$(tail -n 2 "$EMBED/asked.log" | head -n 1)
    assert_equal "$(jq -c '[.method, .path, .text, .model, .members]' <<<"$body")" \
        "[\"POST\",\"/v1/embeddings\",\"How do I get to \\\"Rome\\\" ü?\",\"$EMBEDDER_MODEL\",[\"encoding_format\",\"input\",\"model\"]]"
    # Neither key nor anything else of the program's request.
    assert_equal "$(jq -c '.headers | keys' <<<"$body")" \
        '["accept","connection","content-length","content-type","host"]'
    assert_equal "$(jq -r '.headers.host' <<<"$body")" "127.0.0.1:$EMBEDDER_PORT"
    assert_equal "$("$PREECHO" log --json | jq -r .operation | sort | uniq -c | tr -s ' ')" " 2 chat"
}

@test "an address of another machine is not asked unless that is permitted" {
    local reason
    reason=$(strace -o /dev/null true 2>&1) || skip "no strace here: $reason"
    export PREECHO_SEMANTIC_URL=http://192.0.2.1:8080/v1/embeddings
    miss strace -f -e trace=network -o "$BATS_TEST_TMPDIR/calls" \
        env LD_PRELOAD="$BUILD/libpreecho.so" "$PROGRAMS/tls_client" \
        "$TLS/v1/chat/completions" "$KEY" "$(chat "How do I get to Rome?")"
    grep -q 'connect(' "$BATS_TEST_TMPDIR/calls"
    refute grep -F 192.0.2.1 "$BATS_TEST_TMPDIR/calls"
    run "$PREECHO" config --check
    assert_failure
    assert_output --partial "PREECHO_SEMANTIC_URL is another machine's, which has to be permitted"
}

@test "while one call waits for its embedding, others on the loop go on" {
    local library
    ways 1
    learn curl "How do I get to Rome?"
    embedder_fails never "How do I get to the slow place?"
    export PREECHO_SEMANTIC_DEADLINE=3000
    for library in httpx aiohttp; do
        capture preloaded "$PYTHON" "$CLIENTS/python_order.py" "$library" \
            "$TLS/v1/chat/completions" "$KEY" "$(chat "How do I get to the slow place?")" \
            "$(chat "How do I get to Rome?")" "$(chat "How do I get to Rome?")"
        assert_equal "$STATUS" 0
        assert_equal "$(tail -n 1 "$OUT")" "1 200"
        assert_equal "$(sort "$OUT" | tr '\n' ,)" "1 200,2 200,3 200,"
        "$PREECHO" purge --all
        learn curl "How do I get to Rome?"
    done
}

@test "while one transfer of libcurl waits for its embedding, others go on" {
    ways 1
    learn curl "How do I get to Rome?"
    embedder_fails never "How do I get to the slow place?"
    capture preloaded curl -sS --http1.1 --max-time 20 -Z --parallel-immediate -o /dev/null \
        -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
        -w 'slow %{http_code}\n' --data-binary "$(chat "How do I get to the slow place?")" \
        "$TLS/v1/chat/completions" --next --http1.1 --max-time 20 -o /dev/null \
        -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
        -w 'fast %{http_code}\n' --data-binary "$(chat "How do I get to Rome?")" \
        "$TLS/v1/chat/completions"
    assert_equal "$(cat "$OUT")" $'fast 200\nslow 200'
}

was_asked() {
    [ "$(asked)" -gt "$1" ]
}

# The process that asks the endpoint, the latest one.
asker() {
    local port
    port=$(tail -n 1 "$EMBED/asked.log" | jq .port)
    ss -tnpH "sport = :$port" | sed -n 's/.*pid=\([0-9]*\).*/\1/p'
}

# kill_asker WHO: child or parent of the two processes. Too slow a machine finds nobody: the deadline has
# done it then.
kill_asker() {
    local pid
    pid=$(asker)
    [ "$1" = child ] || pid=$(ps -o ppid= -p "${pid:-0}" | tr -d ' ')
    if [[ $(tr '\0' ' ' <"/proc/${pid:-none}/cmdline") == *"preecho embed"* ]]; then
        kill -9 "$pid"
    fi
} 2>/dev/null

@test "a helper that is killed: the call goes upstream" {
    local before who client number=0 pid
    ss -tnpH >/dev/null || skip "no ss here"
    export PREECHO_SEMANTIC_DEADLINE=3000
    embedder_fails never
    for client in curl tls_client-blocking tls_client-epoll-edge python_httpx_async; do
        need_client "$client"
        for who in child parent; do
            number=$((number + 1))
            before=$(asked)
            run_client "$KEY" "$(chat "How do I get to place $number?")" >"$OUT" 2>"$ERR" 3>&- &
            pid=$!
            wait_until 10 was_asked "$before"
            kill_asker "$who"
            STATUS=0
            wait "$pid" || STATUS=$?
            looks_right 1
            [[ $(reason) == embedding-@(helper|late) ]] || fail "$who $client: $(reason)"
        done
    done
}

# -- certificates and canaries --------------------------------------------------------------------------

@test "shadow calls earn a certificate, which then serves" {
    local number
    export PREECHO_SEMANTIC=shadow
    need_client python_httpx
    ways
    upstream_fails "says=By the road along the river."
    upstream_sees 70 run_client "$KEY" "$(chat "How do I get to town @N@?")" 70
    merge
    upstream_sees 70 run_client "$KEY" "$(chat "How can I get to town @N@?")" 70
    assert_equal "$(shadow '.scopes[0].allowed | [.samples, .equal]')" '[70,70]'
    run "$PREECHO" semantic certify
    assert_failure 1
    assert_line --partial "the 299 hits that the older half needs"
    run "$PREECHO" semantic certify --max-wrong 10%
    assert_success
    assert_line --regexp 'certified from 0\.9(65|70) on'
    upstream_recovers
    miss run_client "$KEY" "$(chat "How could I get to town 2?")"
    export PREECHO_SEMANTIC=serve
    hit run_client "$KEY" "$(chat "How could I get to town @N@?")" 3 20
    assert_equal "$(status '.scopes[0].state')" '"valid"'
}

@test "canary: what would be served goes upstream, is counted, and wrong answers end it" {
    local number
    ways
    export PREECHO_SEMANTIC_CANARY=100%
    upstream_fails "says=By the road along the river."
    learn_certified tls "How do I get to Rome?"
    for number in 1 2 3; do
        learn tls "How do I get to place $number?"
        miss ask tls "$KEY" "$(chat "How can I get to place $number?")"
    done
    assert_equal "$(shadow '.scopes[0] | [.canaries.samples, .canaries.equal, .allowed.samples]')" \
        '[3,3,0]'
    assert_equal "$(status '.scopes[0] | [.state, .certificate.canaries.hits,
        .certificate.canaries.wrong, .certificate.canaries.wrong_rate]')" '["valid",3,0,0]'
    for number in 4 5; do
        upstream_fails "says=By the road along the river."
        learn tls "How do I get to place $number?"
        upstream_fails "says=Not at all."
        miss ask tls "$KEY" "$(chat "How can I get to place $number?")"
    done
    assert_equal "$(status '.scopes[0] | [.state, .certificate.canaries.wrong]')" '["fallen",2]'
    run "$PREECHO" semantic status
    assert_failure 1
    assert_line --partial "fallen: more canaries were wrong than is promised"
    assert_line --partial "wrong-answer rate per hit 40.00 %"
    # Serving has stopped: what follows is noted as in shadow.
    export PREECHO_SEMANTIC_CANARY=0%
    upstream_recovers
    learn tls "How do I get to place 6?"
    miss ask tls "$KEY" "$(chat "How can I get to place 6?")"
    assert_equal "$(shadow '.scopes[0] | [.canaries.samples, .allowed.samples]')" '[5,1]'
}

@test "who would serve and has no certificate says so in the log, once" {
    ways
    export PREECHO_LOG=$BATS_TEST_TMPDIR/log PREECHO_SEMANTIC=serve
    learn curl "How do I get to Rome?"
    miss ask tls "$KEY" "$(chat "How can I get to Rome?")"
    assert_equal "$(grep -c 'semantic: .*nothing is served; certificate: none' "$PREECHO_LOG")" 1
}

@test "a certificate expires after 30 days" {
    ways
    learn tls "How do I get to Rome?"
    certify_from 0.9 5
    later +24d hit ask tls "$KEY" "$(chat "How can I get to Rome?")"
    later +26d miss ask tls "$KEY" "$(chat "How can I get to Rome?")"
    assert_equal "$(shadow '.scopes[0] | [.allowed.samples, .canaries.samples]')" '[1,0]'
}

@test "explain tells what the model made of a request" {
    export PREECHO_SEMANTIC=shadow
    ways
    learn tls "How do I get to Rome?"
    miss ask tls "$KEY" "$(chat "How can I get to Rome?")"
    run "$PREECHO" explain
    assert_success
    assert_line --regexp "^meaning +would have been served the answer of [0-9a-f]{12}, similarity 0\.9[67][0-9] \($EMBEDDER_MODEL\); what came compares as (different|unknown)$"
    merge
    run "$PREECHO" explain
    assert_line --partial "what came compares as"
    means "way Rome" 1 "How do I not get to Rome?"
    miss ask tls "$KEY" "$(chat "How do I not get to Rome?")"
    run "$PREECHO" explain
    assert_line --regexp "^meaning +not served the answer of [0-9a-f]{12}, .*; forbidden by a negation; "
    export PREECHO_SEMANTIC=serve
    certify_from 0.9
    learn tls "How do I get to Bern?"
    hit ask tls "$KEY" "$(chat "How can I get to Bern?")"
    run "$PREECHO" explain
    assert_line --partial "answered from the store, by the semantic layer"
}

@test "doctor asks the embedding model for a vector" {
    run "$PREECHO" doctor
    assert_line --regexp "^ok  semantic +$EMBEDDER_MODEL at 127.0.0.1:[0-9]+ answers with vectors of"
    embedder_fails status=500
    run "$PREECHO" doctor
    assert_failure
    assert_line --regexp '^!   semantic +no vector from .*: refused; calls go to their providers'
    PREECHO_SEMANTIC_URL='' PREECHO_SEMANTIC=serve run "$PREECHO" doctor
    assert_failure
    assert_line --regexp '^!   semantic +semantic is on, but nobody is asked: set semantic_url'
}
