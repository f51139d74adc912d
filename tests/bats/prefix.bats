#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho prefix`: what the providers' prefix caches could have had, and what broke them.
bats_require_minimum_version 1.5.0

load helpers.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    # Times are kept in milliseconds: calls that follow each other at once would have no order.
    upstream_fails prefix-cache,delay=20
}

teardown() {
    upstream_recovers
}

AGENTS="asyncio ruby"

# agent_sees N WHICH TURNS [PLACE [SEED]]: a run of it, of which N calls reach the upstream.
agent_sees() {
    local command=("$PYTHON" "$CLIENTS/agent_asyncio.py")
    [ "$2" != ruby ] || command=(ruby "$CLIENTS/agent_ruby.rb")
    [ "$2" != node ] || command=("$PROGRAMS/node" "$CLIENTS/agent_node.js")
    upstream_sees "$1" preloaded "${command[@]}" "$TLS${WHERE:-/v1/chat/completions}" "$KEY" "${@:3}"
    assert_equal "$STATUS" 0
}

# agent WHICH TURNS [PLACE [SEED]]: a run of it, each turn a miss.
agent() {
    agent_sees "$2" "$@"
}

# figures FILTER [OPTION...]: out of the report.
figures() {
    "$PREECHO" prefix --json "${@:2}" | jq -r "$1"
}

# What the provider has told the program, in sum.
told() {
    jq -s 'map(.cached) | add' "$OUT"
}

# predicted N [FILTER]: what the provider reports is what was predicted, in N calls by an estimate.
predicted() {
    assert_equal "$(figures ".groups[] | ${2:-.} | [.tokens_predicted, .calls_predicted_about] |
        join(\" \")")" "$(figures ".groups[] | ${2:-.} | .tokens_cached") $1"
}

# predicted_exactly: by nothing but what the provider has told of earlier calls.
predicted_exactly() {
    predicted 0
    [ "$(figures '.groups[].tokens_predicted')" -gt 1024 ]
}

@test "a time stamp in the system prompt is told by place and cause" {
    local which offset=51
    for which in $AGENTS; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$which
        agent $which 5 system
        assert_equal "$(told)" 0
        [ $which = asyncio ] || offset=44
        assert_equal "$(figures '.losses[] | [.calls, .place.part, .place.pointer, .place.offset,
            .place.cause] | join(" ")')" "4 system /messages/0/content $offset timestamp"
        # All of it but the stamp and the latest question, in four of five calls.
        assert_equal "$(figures '.groups[] | .calls, .tokens_cached')" $'5\n0'
        assert_equal "$(figures '.groups[] |
            .tokens_lost > .tokens_in * 0.7 and .tokens_lost < .tokens_in * 0.8')" true
        # The difference between a million tokens of gpt-4o-mini and a million cached ones: 0.075.
        assert_equal "$(figures '.losses[] |
            (.dollars_lost - .tokens_lost * 0.075e-6) | fabs < 1e-12')" true
        "$PREECHO" show --request "$(figures '.losses[].key')" >"$BATS_TEST_TMPDIR/body"
        assert_equal "$(jq '.messages | length' "$BATS_TEST_TMPDIR/body")" 10
        assert_equal "$(figures '.system_prompts[] | [.versions, .calls] | join(" ")')" "5 5"
        figures '.system_prompts[].text' >"$BATS_TEST_TMPDIR/text"
        assert_equal "$(sed -n 2p "$BATS_TEST_TMPDIR/text")" "[...]"
        assert_equal "$(grep -c ^Rule "$BATS_TEST_TMPDIR/text")" 60
        run -0 "$PREECHO" prefix
        assert_line --regexp "^gpt-4o-mini .* 5 +0 +[0-9,]+ +0 +[0-9]+ +[0-9,]+ "
        assert_line --partial "parts at   /messages/0/content, byte $offset (system): a time stamp"
        assert_line --regexp '^   then  .*13:06:30'
        assert_line --regexp '^   now  .*13:07:11'
    done
}

@test "without it the report shows the reuse, as the provider counts it" {
    local which
    export AGENT_HOST=api.openai.com
    upstream_fails prefix-cache,delay=20,steady
    for which in $AGENTS; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$which
        agent $which 5 none
        assert_equal "$(figures '.losses | length')" 0
        assert_equal "$(figures '.system_prompts | length')" 0
        assert_equal "$(figures '.groups[].tokens_cached')" "$(told)"
        # What was possible, but for the provider's steps of 128, in four calls.
        run -0 figures '.groups[] | .tokens_possible - .tokens_cached | . >= 0 and . < 4 * 128'
        assert_output true
        run -0 figures '.groups[] | (.tokens_possible_in | add) == .tokens_possible and
            .tokens_possible_in.system > 5000 and .tokens_possible_in.turns > 100'
        assert_output true
        predicted_exactly
        agent $which 5 none 2
        # Only how long the rules are, which the first call of this run has in common, is not told.
        predicted 1
    done
}

@test "what a rule ignores is answered from the store, and counted" {
    local which
    for which in $AGENTS; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$which
        mkdir -p "$XDG_CONFIG_HOME/preecho"
        printf 'ignore_text = ^The time is .*$\nignore_text = ^Now: .*$\n' \
            >"$XDG_CONFIG_HOME/preecho/preecho.conf"
        agent $which 4 system
        AGENT_CLOCK=5000 agent_sees 0 $which 4 system
        assert_equal "$(figures '.groups[] | [.calls, .calls_served] | join(" ")')" "4 4"
        assert_equal "$(figures '.groups[] | .tokens_served == .tokens_in')" true
    done
}

@test "other causes" {
    local place cause part
    for place in uuid:uuid:system counter:counter:system billing:billing-header:system \
        middle:volatile:system tools:tool-order:tools members:member-order:tools; do
        IFS=: read -r place cause part <<<"$place"
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$place
        agent asyncio 3 "$place"
        assert_equal "$(figures '.losses[0].place | [.cause, .part] | join(" ")')" "$cause $part"
        # Both texts are shown, and the place is where they part.
        assert_equal "$(figures '.losses[0].place | .then != .now')" true
        "$PREECHO" show --request "$(figures '.losses[0].key')" >"$BATS_TEST_TMPDIR/now"
        "$PREECHO" show --request "$(figures '.losses[0].compared_with')" >"$BATS_TEST_TMPDIR/then"
        figures '.losses[0].place | [.pointer, .offset] | join(" ")' >"$BATS_TEST_TMPDIR/place"
        run -0 "$PYTHON" "$BATS_TEST_DIRNAME/parts.py" "$BATS_TEST_TMPDIR"
    done
    # Behind what was there before nothing is lost.
    export PREECHO_STORE=$BATS_TEST_TMPDIR/last
    agent asyncio 3 last
    assert_equal "$(figures '.losses | length')" 0
    assert_equal "$(figures '.groups[] | .tokens_possible > .tokens_in * 0.6')" true
}

@test "another tenant's requests never count, nor are they shown" {
    local ids
    agent asyncio 3 system
    KEY=$KEY-other agent ruby 1 system
    KEY=$KEY-other agent asyncio 1 system 2
    # The other one's only call of that prompt has nothing before it.
    assert_equal "$(figures '.groups | length')" 2
    ids=$(figures '.groups[] | .tenant')
    assert_equal "$(figures '.groups[1] | [.calls, .tokens_lost] | join(" ")')" "2 0"
    assert_equal "$(figures '.groups[1].tokens_possible < 64')" true
    assert_equal "$(figures '.losses | length' --tenant "$(tail -n 1 <<<"$ids")")" 0
    assert_equal "$(figures '.groups | length' --tenant "$(tail -n 1 <<<"$ids")")" 1
    "$PREECHO" prefix --tenant "$(tail -n 1 <<<"$ids")" >"$OUT"
    run ! grep -q "13:06" "$OUT"
    # What cannot be opened any more is neither compared nor shown.
    rm "$XDG_CONFIG_HOME/preecho/salts/$(head -n 1 <<<"$ids")"*
    assert_equal "$(figures '[(.groups | length), .unreadable] | join(" ")')" "1 3"
    run -0 "$PREECHO" prefix
    assert_line "3 entries cannot be opened and are left out"
    refute_output --partial "13:0"
}

@test "only the hour before counts, and only the same model and host" {
    local body
    upstream_recovers
    agent asyncio 1 none 1
    later +40m agent asyncio 1 none 2
    assert_equal "$(figures '.groups[].tokens_possible > 1500')" true
    later +105m agent asyncio 1 none 3
    assert_equal "$(figures '.groups[].tokens_possible > 1500 * 2')" false
    later +105m agent ruby 1 none
    body=$("$PREECHO" show --request "$("$PREECHO" ls --keys | tail -n 1)")
    later +105m miss ask tls "$KEY" "${body/gpt-4o-mini/gpt-4o}"
    assert_equal "$(figures '.groups[] | select(.model == "gpt-4o") | .tokens_possible')" 0
    # The hour before is compared with, also where it is not counted.
    run -0 figures '.groups[] | select(.model == "gpt-4o-mini") | [.calls, .tokens_possible > 1500] |
        map(tostring) | join(" ")' --since "$(date -u -d '+20 min' +%FT%TZ)" \
        --until "$(date -u -d '+60 min' +%FT%TZ)"
    assert_output "1 true"
}

@test "prefixes that are too short for the provider count nothing" {
    upstream_recovers
    local body='{"model":"gpt-4o","messages":[{"role":"system","content":"@ '
    body+=$(printf 'A rule of %s words that says nothing. ' $(seq 30))'"},{"role":"user","content":"q"}]}'
    HOST=api.openai.com miss ask curl "$KEY" "${body/@/1}"
    HOST=api.openai.com miss ask tls "$KEY" "${body/@/2}"
    assert_equal "$(figures '.groups[] | [.minimum_tokens, .tokens_possible, .tokens_lost] |
        join(" ")')" "1024 0 0"
    miss ask curl "$KEY" "${body/@/1}"
    miss ask tls "$KEY" "${body/@/2}"
    assert_equal "$(figures '.groups[] | select(.host == "localhost") |
        [.minimum_tokens, .tokens_lost > 250] | map(tostring) | join(" ")')" "0 true"
}

@test "conditions, and stores with nothing to tell" {
    run -0 "$PREECHO" prefix
    assert_output "no recorded call has a prompt and is like that"
    assert_equal "$(figures '[.groups, .losses, .system_prompts] | map(length) | add')" 0
    agent asyncio 3 system
    assert_equal "$(figures '.groups | length' --model 'claude*')" 0
    assert_equal "$(figures '.groups[].calls' --model 'GPT*' --host 'local*')" 3
    assert_equal "$(figures '.groups[].calls' --program 'python*')" 3
    assert_equal "$(figures '.groups | length' --program curl)" 0
    assert_equal "$(figures '.groups[].calls' --tag host:localhost)" 3
    assert_equal "$(figures '.groups | length' --tag host:elsewhere)" 0
    assert_equal "$(figures '.groups | length' --until 1h)" 0
    assert_equal "$(figures '[.losses, .losses_all] | tojson' --top 0)" "[[],1]"
    WHERE=/v1/embeddings miss ask tls "$KEY" '{"model":"m","input":"x"}'
    assert_equal "$(figures '.groups | length')" 1
}

@test "report: input, cached, predicted and possible by model and tenant" {
    local name page=$BATS_TEST_TMPDIR/page
    export AGENT_HOST=api.openai.com
    agent asyncio 3 none
    KEY=$KEY-other agent ruby 2 none
    "$PREECHO" report --out "$page"
    assert_equal "$(grep -c '<figure id="reuse">' "$page")" 1
    for name in tokens_in tokens_cached tokens_predicted tokens_possible; do
        while read -r figure; do
            sed -n '/id="reuse"/,/<\/figure>/p' "$page" | grep -qF ">$(grouped "$figure")<" ||
                fail "$name $figure is not in the page"
        done <<<"$(figures ".groups[].$name")"
    done
}

# -- what is added ---------------------------------------------------------------------------------

# rule TEXT: the user's file.
rule() {
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    printf '%s\n' "$1" >"$XDG_CONFIG_HOME/preecho/preecho.conf"
}

# marks N: what the last N requests have said to the provider's cache, one a line.
marks() {
    tail -n "$1" "$UP/requests.log" | jq -c .marks
}

@test "mark: one key for what begins alike, the same answers, the program's own entries" {
    local which keys plain
    export AGENT_HOST=api.openai.com
    upstream_fails prefix-cache,steady
    for which in $AGENTS; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$which
        rule ''
        agent $which 3 none
        assert_equal "$(marks 3 | sort -u)" "{}"
        jq -r .text "$OUT" >"$BATS_TEST_TMPDIR/texts"
        plain=$("$PREECHO" ls --keys | sort)
        "$PREECHO" purge --all --quiet
        rule $'[match "api.openai.com"]\nprompt_cache = mark'
        agent $which 3 none 2
        keys=$(marks 3 | sort -u)
        assert_equal "$(jq -r '.prompt_cache_key | length' <<<"$keys")" 32
        agent $which 3 none
        assert_equal "$(marks 3 | sort -u)" "$keys"
        assert_equal "$(jq -r .text "$OUT")" "$(cat "$BATS_TEST_TMPDIR/texts")"
        keep marked
        # Nothing of it is in the store, nor in the keys; hits are what they were.
        agent_sees 0 $which 3 none
        same_as marked
        run -1 diff <("$PREECHO" ls --keys | sort) - <<<"$plain"
        refute_output --regexp '^>'
        "$PREECHO" ls --keys | while read -r key; do
            run ! grep -q prompt_cache_key <("$PREECHO" show "$key")
        done
        run -0 "$PREECHO" explain
        assert_line "adds       prompt_cache_key to a miss, for the provider's prefix cache"
        assert_line --regexp '^added      prompt_cache_key, when it went upstream .* ago$'
        run -0 "$PREECHO" log --tag added:prompt_cache_key --json
        assert_equal "${#lines[@]}" 6
        assert_equal "$("$PREECHO" log --verdict hit --json | jq -c .tags | grep -c added)" 0
        predicted 1
    done
    # Another prompt, another identity: another key.
    assert_equal "$(grep -o '"prompt_cache_key": *"[^"]*"' "$UP/requests.log" | sort -u | wc -l)" 2
    KEY=$KEY-other agent asyncio 1 none
    assert_equal "$(grep -o '"prompt_cache_key": *"[^"]*"' "$UP/requests.log" | sort -u | wc -l)" 3
}

# 12345 as 12,345
grouped() {
    LC_ALL=C sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"
}

# marked_agent WHICH TURNS: without the mark, and with it: what was foretold is what came.
marked_agent() {
    local foretold
    rule ''
    agent "$1" "$2" none
    assert_equal "$(told)" 0
    assert_equal "$(figures '.groups[] | [.tokens_predicted, .calls_marked_about] | join(" ")')" "0 0"
    foretold=$(figures '.groups[].tokens_marked')
    if [ "$foretold" -gt 0 ]; then
        run -0 "$PREECHO" prefix
        assert_line --regexp "^prompt_cache = mark: .*claude.* would have had $(grouped "$foretold") tokens cached"
    fi
    jq -r .text "$OUT" >"$BATS_TEST_TMPDIR/texts"
    "$PREECHO" ls --keys | sort >"$BATS_TEST_TMPDIR/keys"
    "$PREECHO" purge --all --quiet
    rule $'[match "'"$AGENT_HOST"$'"]\nprompt_cache = mark'
    agent "$1" "$2" none
    assert_equal "$(jq -r .text "$OUT")" "$(cat "$BATS_TEST_TMPDIR/texts")"
    assert_equal "$("$PREECHO" ls --keys | sort)" "$(cat "$BATS_TEST_TMPDIR/keys")"
    assert_equal "$(told)" "$foretold"
    assert_equal "$(figures '.groups[].tokens_cached')" "$(told)"
    predicted 0
    run ! grep -qE 'cache_control|cachePoint' <("$PREECHO" ls --keys | while read -r key; do
        "$PREECHO" show --request "$key"
    done)
}

@test "mark: breakpoints behind what Anthropic has seen twice, the same answers, the tokens predicted" {
    local which turns
    export AGENT_HOST=api.anthropic.com WHERE=/v1/messages
    upstream_fails prefix-cache,delay=20,steady
    [ ! -x "$PROGRAMS/node" ] || AGENTS+=" node"
    for which in $AGENTS; do
        # One call more each time: the sums agree, so each call does.
        for turns in 2 3 4 5; do
            export KEY=key-$which-$turns PREECHO_STORE=$BATS_TEST_TMPDIR/$which-$turns
            marked_agent $which $turns
        done
        # Once it is new, then it is written, then read; the turns follow one behind.
        assert_equal "$(marks 5 | jq -c '.breakpoints // 0' | paste -sd ' ')" "0 2 2 2 2"
        assert_equal "$(jq -c '.cached > 1500' "$OUT" | paste -sd ' ')" "false false true true true"
        agent_sees 0 $which 5 none
        run -0 "$PREECHO" log --tag added:cache_control --json
        assert_equal "${#lines[@]}" 4
        # Another run begins alike; its process has to see it first.
        agent $which 5 none 2
        assert_equal "$(jq -c '.cached > 1500' "$OUT" | paste -sd ' ')" "false true true true true"
        run -0 figures '.groups[] | .tokens_predicted - .tokens_cached | fabs < 16'
        assert_output true
        assert_equal "$(figures '.groups[].calls_predicted_about')" 1
    done
    # A time stamp in front, and nothing of that is left.
    [[ $AGENTS == *node ]] || skip "Debian's nodejs 18 is not to be had here"
    agent node 3 system
    assert_equal "$(told)" 0
    assert_equal "$(figures '.losses[0].place | [.cause, .pointer] | join(" ")')" "timestamp /system"
}

@test "own breakpoints: 20 blocks are looked at backwards, and what is read is predicted" {
    # What the provider documents holds for this upstream without us, too.
    local blocks body
    export HOST=api.anthropic.com WHERE=/v1/messages
    for blocks in 19 20; do
        body=$(jq -nc --argjson n $blocks '{model: "claude-sonnet-4-5", max_tokens: 9, messages: [
            {role: "user", content: [{type: "text", text: ("long words " * 1200),
                cache_control: {type: "ephemeral"}}]}]}')
        upstream_sees 1 ask curl "key-$blocks" "$body"
        assert_equal "$(jq .usage.cache_read_input_tokens "$OUT")" 0
        [ "$(jq .usage.cache_creation_input_tokens "$OUT")" -gt 1024 ]
        body=$(jq -c --argjson n $blocks '.messages[0].content = [{type: "text",
            text: .messages[0].content[0].text}] + [range($n) | {type: "text", text: "b\(.)"}] |
            .messages[0].content[-1].cache_control = {type: "ephemeral"}' <<<"$body")
        upstream_sees 1 ask curl "key-$blocks" "$body"
        assert_equal "$(jq '.usage.cache_read_input_tokens > 1024' "$OUT")" \
            "$([ $blocks = 19 ] && echo true || echo false)"
    done
    # The program's own breakpoints: predicted all the same.
    assert_equal "$(figures '[.groups[] | .tokens_predicted == .tokens_cached] | unique | tojson')" \
        "[true]"
}

@test "mark: Claude at Vertex, Azure and Bedrock, signed requests left alone" {
    local place
    upstream_fails prefix-cache,delay=20,steady
    local model=us.anthropic.claude-sonnet-4-5-20250929-v1%3A0
    for place in \
        europe-west1-aiplatform.googleapis.com:/v1/projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4-5:rawPredict \
        r.services.ai.azure.com:/anthropic/v1/messages \
        bedrock-runtime.eu-west-1.amazonaws.com:/model/$model/invoke \
        bedrock-runtime.eu-west-1.amazonaws.com:/model/$model/converse; do
        export AGENT_HOST=${place%%:*} WHERE=${place#*:} PREECHO_STORE=$BATS_TEST_TMPDIR/${#place}
        export KEY=key-${#place}
        marked_agent asyncio 4
        assert_equal "$(jq -c '.cached > 1500' "$OUT" | paste -sd ' ')" "false false true true"
    done
    # Three breakpoints: behind the tools, too.
    assert_equal "$(marks 1)" '{"breakpoints":3}'
    run -0 "$PREECHO" log --tag added:cachePoint --json
    assert_equal "${#lines[@]}" 3
    # What is signed goes out as it was signed.
    AGENT_SIGNED=1 KEY=AKIDEXAMPLE agent asyncio 3 none
    assert_equal "$(marks 3 | sort -u)" "{}"
    assert_equal "$(tail -n 3 "$UP/requests.log" | jq -c .signed | sort -u)" true
    assert_equal "$(told)" 0
}

# Three questions in one process: breakpoints are for what it has asked before.
@test "mark: libcurl and Bedrock's Converse" {
    local body bodies=() i
    upstream_fails prefix-cache,delay=20,steady
    rule $'[match "bedrock*"]\nprompt_cache = mark'
    for i in 1 2 3; do
        bodies+=("$(jq -nc --arg q "Which of them, $i?" '{system: [{text: ("Some rules. " * 600)}],
            messages: [{role: "user", content: [{text: $q}]}], inferenceConfig: {temperature: 0}}')")
    done
    three() {
        local host=bedrock-runtime.eu-west-1.amazonaws.com options=(-sSk --http1.1) command=(curl) i
        options+=(--connect-to "$host:443:localhost:$TLS_PORT" -H "Authorization: Bearer $KEY"
            -H 'Content-Type: application/json')
        for i in 0 1 2; do
            [ $i = 0 ] || command+=(--next)
            command+=("${options[@]}" --data-binary "${bodies[i]}"
                "https://$host/model/anthropic.claude-sonnet-4-5-v1/converse")
        done
        preloaded "${command[@]}"
    }
    upstream_sees 3 three
    assert_equal "$(marks 3 | jq -c '.breakpoints // 0' | paste -sd ' ')" "0 1 1"
    assert_equal "$(jq -c '.usage.cacheReadInputTokens > 1024' "$OUT" | paste -sd ' ')" \
        "false false true"
    # How long the rules are was told when they were written.
    predicted_exactly
}

@test "mark: what says it itself, is signed, or would show it is left alone" {
    local layer body
    rule $'[match "api.openai.com"]\nprompt_cache = mark'
    export HOST=api.openai.com
    for layer in $LAYERS; do
        miss ask $layer "$KEY" "$(chat "plain in $layer")"
        assert_equal "$(marks 1 | jq length)" 1
        miss ask $layer "$KEY" "$(chat "own in $layer" '"prompt_cache_key":"mine"')"
        assert_equal "$(marks 1)" '{"prompt_cache_key":"mine"}'
        miss ask $layer "$KEY" "$(chat "signed in $layer")" "Content-Digest: sha-256=:x:"
        assert_equal "$(marks 1)" '{}'
        WHERE=/v1/responses miss ask $layer "$KEY" "{\"model\":\"m\",\"input\":\"$layer\"}"
        assert_equal "$(marks 1)" '{}'
        WHERE=/v1/embeddings miss ask $layer "$KEY" "{\"model\":\"m\",\"input\":\"$layer\"}"
        assert_equal "$(marks 1)" '{}'
        HOST='' miss ask $layer "$KEY" "$(chat "elsewhere in $layer")"
        assert_equal "$(marks 1)" '{}'
    done
    PREECHO_MODE=observe miss ask curl "$KEY" "$(chat "plain in curl")"
    assert_equal "$(marks 1)" '{}'
}

@test "salt: one for each identity, on servers that are no provider's" {
    local layer first
    rule $'[match "localhost"]\nprompt_cache = salt\n[match "api.openai.com"]\nprompt_cache = salt'
    miss ask curl "$KEY" "$(chat one)"
    first=$(marks 1)
    assert_equal "$(jq -r '.cache_salt | length' <<<"$first")" 64
    for layer in $LAYERS; do
        miss ask $layer "$KEY" "$(chat "two in $layer")"
        assert_equal "$(marks 1)" "$first"
        hit ask $layer "$KEY" "$(chat "two in $layer")"
        miss ask $layer "$KEY-other" "$(chat "two in $layer")"
        run ! test "$(marks 1)" = "$first"
        miss ask $layer "$KEY" "$(chat "own in $layer" '"cache_salt":"mine"')"
        assert_equal "$(marks 1)" '{"cache_salt":"mine"}'
        HOST=api.openai.com miss ask $layer "$KEY" "$(chat "three in $layer")"
        assert_equal "$(marks 1)" '{}'
    done
    run -0 "$PREECHO" log --tag added:cache_salt --json
    assert_equal "${#lines[@]}" 5
}

@test "mark and stochastic = zero together" {
    local layer
    rule $'stochastic = zero\n[match "api.openai.com"]\nprompt_cache = mark'
    for layer in $LAYERS; do
        HOST=api.openai.com miss ask $layer "$KEY" "$(chat "zero in $layer")"
        assert_equal "$(marks 1 | jq length)" 1
        HOST=api.openai.com hit ask $layer "$KEY" "$(chat "zero in $layer" '"temperature":0')"
    done
}
