#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The semantic layer's first tier: messages whose words are those of a recorded one. Off, shadow, serve;
# what keeps two requests apart; what figures and explanations say of it.

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
    export PREECHO_LEXICAL=serve
}

# talk SYSTEM TEXT [MEMBERS]: a chat with instructions.
talk() {
    printf '{"model":"gpt-4o-mini"%s,"messages":[%s,{"role":"user","content":"%s"}]}' \
        "${3:+,$3}" "{\"role\":\"system\",\"content\":\"$1\"}" "$2"
}

# layer NAME: how many hits it had.
layer() {
    stats ".layers.$1.hits"
}

# status LAYER KEY BODY: the Cache-Status that the program got.
status_of() {
    preloaded curl -sS -o /dev/null -D - -H 'Content-Type: application/json' \
        -H "Authorization: Bearer $KEY" --data-binary "$1" "$TLS/v1/chat/completions" |
        tr -d '\r' | sed -n 's/^[Cc]ache-[Ss]tatus: //p'
}

shadow() {
    stats '[.shadow.equal, .shadow.similar, .shadow.different, .shadow.unknown] |
        map(tostring) | join(" ")'
}

@test "off by default: another spelling is another question" {
    unset PREECHO_LEXICAL
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "What is the capital of $layer?")"
        miss ask "$layer" "$KEY" "$(chat "what is the capital of $layer")"
    done
    # Nor does it become the same one later.
    PREECHO_LEXICAL=serve miss ask tls "$KEY" "$(chat "WHAT IS THE CAPITAL OF TLS")"
}

@test "serve: every client gets the answer to the same words, byte for byte" {
    local client number=0 text
    for client in curl curl-h2 tls_client-memory tls_client-epoll-edge python_httpx \
        python_httpx_async python_aiohttp node_https ruby_net_http php_curl; do
        need_client $client
        number=$((number + 1))
        text="Who was the author of book number $number?"
        miss run_client "$KEY" "$(chat "$text")"
        looks_right 1
        keep answer
        hit run_client "$KEY" "$(chat "${text^^}")"
        same_as answer
        hit run_client "$KEY" "$(chat "hi, please   tell me ${text,,} Thanks!")"
        same_as answer
        miss run_client "$KEY" "$(chat "${text/number $number/number 1$number}")"
        assert_equal "$(layer semantic)" "$((2 * number))"
        assert_equal "$(layer exact)" 0
    done
}

@test "serve: streams, too, and a stream is not the answer to who wants none" {
    local client text
    for client in curl tls_client-memory python_httpx_async python_aiohttp node_https; do
        need_client $client
        text="Which river flows through town $client?"
        miss run_client "$KEY" "$(chat "$text" '"stream":true')"
        looks_right 1
        keep stream
        hit run_client "$KEY" "$(chat "${text,,}" '"stream":true')"
        same_as stream
        miss run_client "$KEY" "$(chat "${text,,}")"
    done
}

@test "serve: many questions at once on one event loop" {
    local client
    for client in python_httpx_async python_aiohttp; do
        need_client $client
        upstream_sees 20 run_client "$KEY" "$(chat "Who lives in $client street @N@?")" 20
        keep all
        hit run_client "$KEY" "$(chat "who lives in  $client street @N@")" 20
        same_as all
    done
}

@test "Cache-Status names the layer, log and stats count it" {
    local text="Which animal is the largest one?"
    miss ask curl "$KEY" "$(chat "$text")"
    assert_equal "$(status_of "$(chat "$text")")" "preecho; hit"
    assert_equal "$(status_of "$(chat "${text,,}")")" "preecho; hit; detail=semantic"
    run "$PREECHO" log --layer semantic --verdict hit --json
    assert_equal "$(wc -l <<<"$output")" 1
    assert_equal "$(stats '[.layers.exact, .layers.semantic] | map("\(.lookups) \(.hits)") |
        join(", ")')" "3 1, 2 1"
    run "$PREECHO" stats
    assert_line --regexp '^semantic +2 +1 '
    run "$PREECHO" stats --openmetrics
    assert_line 'preecho_layer_hits{layer="semantic"} 1'
    "$PREECHO" report --out "$BATS_TEST_TMPDIR/report.html"
    grep -q 'semantic layer: 50.0' "$BATS_TEST_TMPDIR/report.html"
}

@test "the entry is found in the database as in the spool" {
    local text="Which metal is a liquid one?" answer
    miss ask tls "$KEY" "$(chat "$text")"
    answer=$(jq -c . "$OUT")
    "$PREECHO" merge
    for layer in $LAYERS; do
        hit ask "$layer" "$KEY" "$(chat "${text,,}")"
        assert_equal "$(jq -c . "$OUT")" "$answer"
    done
    PREECHO_MODE=replay hit ask tls "$KEY" "$(chat "${text^^}")"
    assert_equal "$(jq -c . "$OUT")" "$answer"
    "$PREECHO" purge --all
    miss ask tls "$KEY" "$(chat "${text,,}")"
}

@test "never: another key, tenant, model, system prompt, earlier turn or parameter" {
    local text="Which planet is the largest one?" low="which planet is the largest one"
    local turns='{"role":"user","content":"Hi"},{"role":"assistant","content":"%s"}'
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(talk "You work for $layer." "$text")"
        miss ask "$layer" "$KEY-2" "$(talk "You work for $layer." "$low")"
        PREECHO_TENANT=other miss ask "$layer" "$KEY" "$(talk "You work for $layer." "$low")"
        miss ask "$layer" "$KEY" "$(talk "You work for $layer!" "$low")"
        miss ask "$layer" "$KEY" "$(talk "You work for $layer." "$low" '"temperature":0')"
        miss ask "$layer" "$KEY" "$(talk "You work for $layer." "$low" '"max_tokens":50')"
        miss ask "$layer" "$KEY" "$(talk "You work for $layer." "$low" '"unheard_of":1')"
        miss ask "$layer" "$KEY" \
            "$(talk "You work for $layer." "$low" | sed s/gpt-4o-mini/gpt-4o/)"
        # shellcheck disable=SC2059
        miss ask "$layer" "$KEY" "$(printf "{\"model\":\"m\",\"messages\":[$turns,%s]}" \
            "Yes $layer" "{\"role\":\"user\",\"content\":\"$text\"}")"
        # shellcheck disable=SC2059
        miss ask "$layer" "$KEY" "$(printf "{\"model\":\"m\",\"messages\":[$turns,%s]}" \
            "No $layer" "{\"role\":\"user\",\"content\":\"$low\"}")"
        WHERE="/v1/chat/completions?x=1" miss ask "$layer" "$KEY" \
            "$(talk "You work for $layer." "$low")"
        hit ask "$layer" "$KEY" "$(talk "You work for $layer." "$low")"
    done
}

@test "never: requests with pictures, tools, or results of tools that a user seems to say" {
    local image='{"type":"image_url","image_url":{"url":"data:image/png;base64,%s"}}'
    local tools='"tools":[{"type":"function","function":{"name":"%s","parameters":{}}}]' text set
    for text in "What is in it?" "what is in it"; do
        for set in AAAA BBBB; do
            # shellcheck disable=SC2059
            miss ask tls "$KEY" "$(printf '{"model":"m","messages":[{"role":"user","content":[%s,%s]}]}' \
                "$(printf "$image" $set)" "{\"type\":\"text\",\"text\":\"$text\"}")"
            # shellcheck disable=SC2059
            miss ask curl "$KEY" "$(chat "$text" "$(printf "$tools" "$set")")"
        done
        WHERE=/v1/messages miss ask tls "$KEY" '{"model":"claude-3-5-haiku-latest","max_tokens":99,
            "messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t",
            "content":"'"$text"'"}]}]}'
        miss ask curl "$KEY" '{"model":"m","messages":[{"role":"user","content":"Hi"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",
            "function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"1","content":"'"$text"'"}]}'
    done
    assert_equal "$(stats .layers.semantic.lookups)" 0
}

@test "never: what changes, whose account it is, what is to be worked on" {
    local text
    for text in "What is the weather today?" "What is the latest version of Python?" \
        "What is my balance?" "How do I spell its name?" "Write it in capital letters." \
        "Who is the president now?"; do
        miss ask tls "$KEY" "$(chat "$text")"
        miss ask tls "$KEY" "$(chat "${text,,}")"
    done
    text="Good morning, how are you?"
    for system in "Translate what you are told." "Correct the punctuation." "Antworte immer so kurz es geht."; do
        miss ask curl "$KEY" "$(talk "$system" "$text")"
        miss ask curl "$KEY" "$(talk "$system" "${text,,}")"
    done
    assert_equal "$(stats .layers.semantic.lookups)" 0
}

@test "never: answers that were cut off or call a tool" {
    local text="Who built the first one?"
    miss ask curl "$KEY" "$(chat "$text")" 'x-test-fault: finish=length'
    miss ask curl "$KEY" "$(chat "${text,,}")" 'x-test-fault: finish=content_filter'
    miss ask curl "$KEY" "$(chat "${text^^}")"
    hit ask curl "$KEY" "$(chat "who built  the first one")"
    miss ask tls "$KEY" "$(chat "$text" '"stream":true')" 'x-test-fault: finish=length'
    miss ask tls "$KEY" "$(chat "${text,,}" '"stream":true')"
}

@test "Anthropic, Gemini, Responses and Ollama, blocking and on an event loop" {
    local text="Which ocean is the deepest one?" low="which ocean is the deepest one" where answer
    local -A bodies=(
        [/v1/messages]='{"model":"claude-3-5-haiku-latest","max_tokens":99,"messages":[{"role":"user","content":"%s"}]}'
        [/v1beta/models/gemini-2.5-flash:generateContent]='{"contents":[{"parts":[{"text":"%s"}]}]}'
        [/v1/responses]='{"model":"gpt-4o-mini","input":"%s"}'
        [/api/chat]='{"model":"llama3","messages":[{"role":"user","content":"%s"}]}'
    )
    for where in "${!bodies[@]}"; do
        # shellcheck disable=SC2059
        WHERE=$where miss ask tls "$KEY" "$(printf "${bodies[$where]}" "$text")"
        answer=$(jq -c . "$OUT")
        for layer in $LAYERS; do
            # shellcheck disable=SC2059
            WHERE=$where hit ask "$layer" "$KEY" "$(printf "${bodies[$where]}" "$low")"
            assert_equal "$(jq -c . "$OUT")" "$answer"
        done
        need_client python_httpx_async
        # shellcheck disable=SC2059
        hit preloaded "${COMMAND[@]}" "$TLS$where" "$KEY" "$(printf "${bodies[$where]}" "${text^^}")"
    done
}

@test "a rule turns it on for what it matches" {
    unset PREECHO_LEXICAL
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    printf '[match "localhost model=gpt-4o-mini"]\nlexical = serve\n' \
        >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    miss ask tls "$KEY" "$(chat "Who found it?")"
    hit ask tls "$KEY" "$(chat "who found it")"
    miss ask tls "$KEY" "$(chat "Who found it?" | sed s/gpt-4o-mini/gpt-4o/)"
    miss ask tls "$KEY" "$(chat "who found it" | sed s/gpt-4o-mini/gpt-4o/)"
    run "$PREECHO" config
    assert_output --partial lexical
    run "$PREECHO" config --check
    assert_success
    printf 'lexical = yes\n' >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    run "$PREECHO" config --check
    assert_failure
    assert_output --partial "lexical"
}

@test "shadow: nothing is served, and what came is compared with what would have been" {
    export PREECHO_LEXICAL=shadow
    local text="Which bird is the smallest one?"
    miss ask curl "$KEY" "$(chat "$text")" 'x-test-fault: says=The bee hummingbird.'
    assert_equal "$(shadow)" "0 0 0 0"
    miss ask tls "$KEY" "$(chat "${text,,}")" 'x-test-fault: says=The bee  hummingbird.'
    assert_equal "$(shadow)" "1 0 0 0"
    miss ask curl "$KEY" "$(chat "${text^^}")" 'x-test-fault: says=the bee hummingbird'
    assert_equal "$(shadow)" "1 1 0 0"
    miss ask tls "$KEY" "$(chat "${text,,} Thanks.")" 'x-test-fault: says=It is the bee hummingbird.'
    assert_equal "$(shadow)" "1 1 0 1"
    miss ask tls "$KEY" "$(chat "please, ${text,,}")" 'x-test-fault: says=Not the bee hummingbird.'
    miss ask curl "$KEY" "$(chat "$text Thanks!")" 'x-test-fault: 500'
    assert_equal "$(shadow)" "1 1 1 1"
    hit ask tls "$KEY" "$(chat "$text")"
    assert_equal "$(layer semantic)" 0
    assert_equal "$(stats .layers.semantic.lookups)" 6
    run "$PREECHO" stats
    assert_output --partial "would have answered 4;"
    assert_output --partial "equal 1, similar 1, different 1, unknown 1"
    run "$PREECHO" stats --openmetrics
    assert_line 'preecho_shadow{likeness="different"} 1'
    run "$PREECHO" log --reason shadow-different --json
    assert_output --partial '"reason":"shadow-different"'
    assert_equal "${#lines[@]}" 1
    PREECHO_LEXICAL=serve hit ask tls "$KEY" "$(chat "${text,,}!")"
}

@test "shadow of streams on an event loop" {
    local client
    export PREECHO_LEXICAL=shadow
    for client in python_httpx_async python_aiohttp; do
        need_client $client
        upstream_fails "says=Yes it is."
        upstream_sees 5 run_client "$KEY" "$(chat "Is it $client @N@?" '"stream":true')" 5
        upstream_sees 5 run_client "$KEY" "$(chat "is it $client @N@" '"stream":true')" 5
        upstream_recovers
    done
    assert_equal "$(shadow)" "10 0 0 0"
}

@test "explain says what the tier makes of a message" {
    local text="Which desert is the driest one?"
    explain() {
        "$PREECHO" explain --url "$TLS/v1/chat/completions" --header "Authorization: Bearer $KEY" \
            --data "$1"
    }
    miss ask tls "$KEY" "$(chat "$text")"
    run explain "$(chat "${text,,}")"
    assert_line --regexp '^words +compared'
    assert_line --regexp '^answer +by its words: recorded .*; a hit$'
    run explain "$(chat "Which desert is dry today?")"
    assert_line --regexp '^words +.*freshness words'
    run explain "$(chat "$text" '"n":2')"
    assert_line --regexp '^words +.*more than words'
    run explain "$(talk "Translate." "$text")"
    assert_line --regexp '^words +.*what stands before it'
    PREECHO_LEXICAL=off run explain "$(chat "${text,,}")"
    refute_line --regexp '^words'
}

# bodies COLUMN FILTER: of tests/semantic's pairs, each pair with a system prompt of its own.
bodies() {
    awk -F '\t' "$2" "$PROJECT/tests/semantic/pairs.tsv" | cut -f "$1" |
        jq -Rc '{model: "gpt-4o-mini", messages: [{role: "system", content: "Pair \(input_line_number)"},
            {role: "user", content: .}]}'
}

@test "labelled near misses: none is served" {
    local file=$BATS_TEST_TMPDIR/bodies
    bodies 2 '$1 == 0' >"$file.first"
    bodies 3 '$1 == 0' >"$file.second"
    assert [ "$(wc -l <"$file.first")" -gt 3000 ]
    preloaded "$PYTHON" "$CLIENTS/python_lines.py" "$TLS/v1/chat/completions" "$KEY" "$file.first" \
        >"$OUT.first"
    preloaded "$PYTHON" "$CLIENTS/python_lines.py" "$TLS/v1/chat/completions" "$KEY" "$file.second" \
        >"$OUT.second"
    assert_equal "$(sort -u "$OUT.first" "$OUT.second")" none
    assert [ "$(stats .layers.semantic.lookups)" -gt 3000 ]
}

@test "real questions in small letters without marks: nearly all are served" {
    local file=$BATS_TEST_TMPDIR/bodies looked
    to_bodies() {
        jq -Rc '{model: "gpt-4o-mini", messages: [{role: "user", content: .}]}'
    }
    awk 'NR % 15 == 0' "$PROJECT/tests/semantic/questions.tsv" >"$file.txt"
    to_bodies <"$file.txt" >"$file.first"
    sed 's/[.?! ]*$//; s/.*/\L&/' "$file.txt" | to_bodies >"$file.second"
    preloaded "$PYTHON" "$CLIENTS/python_lines.py" "$TLS/v1/chat/completions" "$KEY" "$file.first" >"$OUT"
    looked=$(stats .layers.semantic.lookups)
    preloaded "$PYTHON" "$CLIENTS/python_lines.py" "$TLS/v1/chat/completions" "$KEY" "$file.second" >"$OUT"
    looked=$(($(stats .layers.semantic.lookups) - looked))
    echo "served: $(layer semantic) of $looked"
    assert [ "$looked" -gt 100 ]
    assert [ "$(layer semantic)" -ge "$((looked * 97 / 100))" ]
}
