#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho export` and `preecho import`: one machine records with a key, another one replays from
# the cassette with a dummy key and without a network.
bats_require_minimum_version 1.5.0

load helpers.bash
load clients.bash
load network.bash

EX_USAGE=64 EX_DATAERR=65 EX_NOINPUT=66 EX_CANTCREAT=73 EX_CONFIG=78

setup_file() {
    start_networks
}

teardown_file() {
    stop_networks
}

setup() {
    fresh_store
    KEY=sk-proj-Zq7Secret9Credential4Token1
    CASSETTE=$BATS_TEST_TMPDIR/cassette.jsonl
    URL=https://api.openai.com:443/v1/chat/completions
}

preecho() {
    run --separate-stderr "$PREECHO" "$@"
}

# A machine that has nothing of the first one's but the cassette.
other_machine() {
    export HOME=$BATS_TEST_TMPDIR/other/home
    export XDG_CACHE_HOME=$HOME/cache XDG_CONFIG_HOME=$HOME/config
    export PREECHO_STORE=$HOME/store PREECHO_LOG=$HOME/log
    mkdir -p "$HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME"
}

ci() {
    other_machine
    export PREECHO_SCOPE=tenant PREECHO_TENANT=tests
}

# provider NAME: COMMAND for a client of the provider that is reached online alone.
provider() {
    local url=$URL
    need_networks
    need_client "$1"
    URL=$url
}

# recorded NAME BODY COUNT: the client asks online, and its answers are kept.
recorded() {
    provider "$1"
    upstream_sees "$3" online "${COMMAND[@]}" "$URL" "$KEY" "$2" "$3"
    looks_right "$3"
    keep "$1"
}

# replayed NAME BODY COUNT: the same bytes, from the cassette, by another key.
replayed() {
    provider "$1"
    PREECHO_MODE=replay hit offline "${COMMAND[@]}" "$URL" dummy "$2" "$3"
    same_as "$1"
    assert_equal "$STATUS" 0
    stayed_at_home
}

# A few entries: a chat, a stream, a vector, another dialect.
record_some() {
    export HOST=api.openai.com
    miss ask curl "$KEY" "$(chat "one planet")"
    miss ask tls "$KEY" "$(chat "two moons" '"stream":true')"
    WHERE=/v1/embeddings miss ask curl "$KEY" '{"model":"v","input":["a"]}'
    HOST=api.anthropic.com WHERE=/v1/messages miss ask tls - \
        "$(chat "three suns" '"max_tokens":9')" "x-api-key: $KEY" 'anthropic-version: 2023-06-01'
    unset HOST
}

# curl's network namespace is this one, so its answers come from the upstream there.
start_here() {
    # shellcheck disable=SC2034 # start_upstream's
    UPSTREAM_WITHIN=()
    # The file's upstream may be in another namespace.
    UP=$BATS_TEST_TMPDIR/upstream
    mkdir -p "$UP"
    BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR start_upstream
}

teardown() {
    [ "$UP" = "$BATS_FILE_TMPDIR/upstream" ] || kill "$UPSTREAM_PID" 2>/dev/null || true
}

@test "a laptop records, CI replays: curl, asyncio, Ruby, Node.js, streams byte for byte" {
    local name clients=(curl python_aiohttp_one python_httpx_async ruby_net_http)
    if [ -d "$NODE_PATH/openai" ] && [ -x "$PROGRAMS/node" ]; then
        clients+=(node_openai)
    fi
    for name in "${clients[@]}"; do
        recorded "$name" "${BODY/planet/planet of $name}" 2
        keep "$name-plain"
        recorded "$name" "${STREAM_BODY/planet/planet of $name}" 2
    done
    preecho export --out "$CASSETTE"
    assert_success
    assert_equal "$(wc -l <"$CASSETTE")" $((4 * ${#clients[@]}))
    rm -r "$PREECHO_STORE" "$XDG_CONFIG_HOME"
    ci
    preecho import "$CASSETTE"
    assert_output "$((4 * ${#clients[@]})) entries imported"
    assert_success
    for name in "${clients[@]}"; do
        replayed "$name" "${STREAM_BODY/planet/planet of $name}" 2
        cp "$BATS_TEST_TMPDIR/kept-$name-plain" "$BATS_TEST_TMPDIR/kept-$name"
        replayed "$name" "${BODY/planet/planet of $name}" 2
    done
}

@test "what is written otherwise but means the same is found, what differs is refused" {
    start_here
    HOST=api.openai.com miss ask curl "$KEY" "$(chat "one" '"temperature":0.50')"
    keep first
    "$PREECHO" export --out "$CASSETTE"
    ci
    "$PREECHO" import "$CASSETTE"
    export PREECHO_MODE=replay HOST=api.openai.com
    hit ask curl dummy '{"messages":[{"content":"one","role":"user"}], "temperature":5e-1, "model":"gpt-4o-mini"}'
    same_as first
    hit ask curl dummy "$(chat "one" '"temperature":0.4')"
    grep -q 'not_recorded' "$OUT"
    PREECHO_TENANT=others hit ask curl dummy "$(chat "one" '"temperature":0.50')"
    grep -q 'not_recorded' "$OUT"
}

@test "a cassette: one sorted JSON object a line, readable bodies, times, no credential" {
    start_here
    record_some
    WHERE="/v1beta/models/gemini:generateContent?key=$KEY" HOST=generativelanguage.googleapis.com \
        miss ask curl - '{"contents":[{"parts":[{"text":"four stars"}]}]}'
    preecho export --out "$CASSETTE"
    assert_success
    assert_equal "$(stat -c %a "$CASSETTE")" 600
    assert_equal "$(wc -l <"$CASSETTE")" 5
    assert_equal "$(jq -c . "$CASSETTE")" "$(jq -cS . "$CASSETTE")"
    assert_equal "$(jq -r '.preecho' "$CASSETTE" | sort -u)" 1
    jq -e -s '[.[].about.recorded] == ([.[].about.recorded] | sort)' "$CASSETTE"
    jq -e -s '.[0] | .request.host == "api.openai.com" and .request.scheme == "https" and
        (.request.body | fromjson | .messages[0].content) == "one planet" and
        (.response.body | fromjson | .choices[0].message.content | startswith("Re ")) and
        .about.operation == "chat" and .about.program == "curl" and .about.tokens.in > 0' "$CASSETTE"
    jq -e -s '.[1] | .about.stream and (.response.pieces | length) > 3 and
        ([.response.pieces[][0]] | add) == (.response.body | utf8bytelength)' "$CASSETTE"
    printf '%s\n' "$KEY" "Bearer $KEY" >"$BATS_TEST_TMPDIR/words"
    run "$PYTHON" "$BATS_TEST_DIRNAME/find_secrets.py" "$BATS_TEST_TMPDIR/words" "$CASSETTE"
    assert_success
}

@test "the same entries give the same bytes, from another store, too" {
    start_here
    record_some
    "$PREECHO" export --out "$CASSETTE"
    "$PREECHO" merge --quiet
    "$PREECHO" export --out "$CASSETTE.merged"
    cmp "$CASSETTE" "$CASSETTE.merged"
    ci
    preecho import "$CASSETTE"
    assert_output "4 entries imported"
    "$PREECHO" export --out "$CASSETTE.second"
    cmp "$CASSETTE" "$CASSETTE.second"
    preecho import "$CASSETTE"
    assert_success
    assert_equal "$("$PREECHO" ls --keys | wc -l)" 4
}

@test "a directory: one file for each host, and imported as a whole" {
    local directory=$BATS_TEST_TMPDIR/cassettes
    start_here
    record_some
    miss ask curl "$KEY" "$(chat "five comets")"
    mkdir "$directory"
    preecho export --out "$directory"
    assert_success
    assert_equal "$(cd "$directory" && echo *)" \
        "api.anthropic.com.jsonl api.openai.com.jsonl localhost_$TLS_PORT.jsonl"
    echo "no cassette" >"$directory/README"
    ci
    preecho import "$directory"
    assert_output "5 entries imported"
    PREECHO_MODE=replay hit ask curl dummy "$(chat "five comets")"
}

@test "filters; nothing matches; nothing is overwritten without --force, and never by half" {
    start_here
    record_some
    preecho export --out "$CASSETTE" --host '*.anthropic.com'
    assert_success
    assert_equal "$(wc -l <"$CASSETTE")" 1
    preecho export --out "$CASSETTE"
    assert_failure $EX_CANTCREAT
    # shellcheck disable=SC2154 # set by run
    [[ $stderr == *"exists; give --force"* ]] || fail "$stderr"
    assert_equal "$(wc -l <"$CASSETTE")" 1
    preecho export --out "$CASSETTE" --force --model 'gpt-*'
    assert_success
    assert_equal "$(wc -l <"$CASSETTE")" 3
    preecho export --out "$CASSETTE.none" --host nobody.example
    assert_failure $EX_DATAERR
    assert [ ! -e "$CASSETTE.none" ]
    preecho export --out /nonexistent/cassette
    assert_failure $EX_CANTCREAT
    preecho export --out - --host '*.anthropic.com'
    assert_equal "$(jq -r .about.dialect <<<"$output")" anthropic
    run --separate-stderr bash -c "'$PREECHO' export --out - >/dev/full"
    assert_failure 74
    assert_equal "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'cassette*' | wc -l)" 1
}

@test "export warns of what the prompts hold" {
    start_here
    miss ask curl "$KEY" "$(chat "one planet")"
    preecho export --out "$CASSETTE"
    [[ $stderr == *"1 entry written, prompts and answers in the clear"* ]] || fail "$stderr"
    assert_equal "$(wc -l <<<"$stderr")" 1
    miss ask curl "$KEY" "$(chat "mail anna@example.com or bob@example.com")"
    miss ask curl "$KEY" "$(chat "mail anna@example.com, use AKIAIOSFODNN7EXAMPLE")"
    preecho export --out "$CASSETTE" --force
    [[ $stderr == *"2 prompts hold e-mail (2), secret (1)"* ]] || fail "$stderr"
    jq -e -s '.[2].about.sensitive == ["e-mail","secret"]' "$CASSETTE"
    preecho export --out - --sensitive
    assert_equal "$(wc -l <<<"$output")" 2
}

@test "identity: the label, this user, or who sends the key; never nobody" {
    start_here
    miss ask curl "$KEY" "$(chat "one planet")"
    keep first
    WHERE=/v1/messages HOST=api.anthropic.com miss ask curl - "$(chat "x" '"max_tokens":9')" \
        "x-api-key: $KEY" 'anthropic-version: 2023-06-01'
    keep second
    "$PREECHO" export --out "$CASSETTE"
    other_machine
    preecho import "$CASSETTE"
    assert_failure $EX_CONFIG
    [[ $stderr == *"PREECHO_SCOPE=tenant"*"--credential-env OPENAI_API_KEY"* ]] || fail "$stderr"
    assert [ ! -e "$PREECHO_STORE" ]
    preecho import --credential-env UNSET_VARIABLE "$CASSETTE"
    assert_failure $EX_USAGE
    THEIR_KEY=$KEY-new preecho import --credential-env THEIR_KEY "$CASSETTE"
    assert_success
    hit ask curl "$KEY-new" "$(chat "one planet")"
    same_as first
    WHERE=/v1/messages HOST=api.anthropic.com hit ask curl - "$(chat "x" '"max_tokens":9')" \
        "x-api-key: $KEY-new" 'anthropic-version: 2023-06-01'
    same_as second
    miss ask curl "$KEY" "$(chat "one planet")"
    miss ask curl "$KEY-new" "$(chat "one planet")" 'OpenAI-Organization: org-1'
    THEIR_KEY="Authorization: Bearer other" preecho import --credential-env THEIR_KEY \
        --header 'OpenAI-Organization: org-2' "$CASSETTE"
    assert_success
    hit ask curl other "$(chat "one planet")" 'OpenAI-Organization: org-2'
    same_as first
    PREECHO_SCOPE=user preecho import "$CASSETTE"
    assert_success
    PREECHO_SCOPE=user hit ask curl any "$(chat "one planet")"
    same_as first
}

@test "what was not verified stays apart in a cassette, too" {
    start_here
    miss preloaded curl -sSk -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        -d "$(chat "one planet")" "$TLS/v1/chat/completions"
    "$PREECHO" export --out "$CASSETTE"
    jq -e '.request.verified == false' "$CASSETTE"
    ci
    "$PREECHO" import "$CASSETTE"
    hit preloaded curl -sSk -H "Authorization: Bearer dummy" -H 'Content-Type: application/json' \
        -d "$(chat "one planet")" "$TLS/v1/chat/completions"
    miss ask curl dummy "$(chat "one planet")"
}

@test "a bad line: file and line are told, and nothing is imported, unless the others shall be" {
    start_here
    record_some
    "$PREECHO" export --out "$CASSETTE"
    ci
    { head -n 2 "$CASSETTE" && echo "{\"preecho\":1" && echo && tail -n 2 "$CASSETTE"; } >"$CASSETTE.bad"
    preecho import "$CASSETTE" "$CASSETTE.bad"
    assert_failure $EX_DATAERR
    [[ $stderr == *"cassette.jsonl.bad:3: "*"nothing is imported"* ]] || fail "$stderr"
    assert_output ""
    assert [ ! -e "$PREECHO_STORE" ]
    preecho import --keep-going "$CASSETTE.bad"
    assert_failure $EX_DATAERR
    assert_output "4 entries imported"
    [[ $stderr == *"cassette.jsonl.bad:3: "* ]] || fail "$stderr"
    preecho import "$BATS_TEST_TMPDIR/none"
    assert_failure $EX_NOINPUT
    mkdir "$BATS_TEST_TMPDIR/empty"
    preecho import "$BATS_TEST_TMPDIR/empty"
    assert_failure $EX_NOINPUT
}

# refuses FILTER TEXT: the first entry, changed by jq, is refused with that text.
refuses() {
    head -n 1 "$CASSETTE" | jq -c "$1" >"$CASSETTE.changed"
    preecho import "$CASSETTE.changed"
    assert_failure $EX_DATAERR
    [[ $stderr == *"$2"* ]] || fail "$1: $stderr"
}

@test "what no program could have recorded is refused" {
    start_here
    record_some
    "$PREECHO" export --out "$CASSETTE"
    ci
    refuses '.preecho = 2' 'a version that this preecho does not know'
    refuses '.request.target = "/v1/files"' 'never answered from the store'
    refuses '.request.body = "x"' 'never answered from the store'
    refuses '.response.status = 500' 'never kept'
    refuses '.response.body = "{\"error\":{\"message\":\"x\"}}" | .response.pieces = []' 'never kept'
    refuses '.response.body |= .[0:20] | .response.pieces = []' 'never kept'
    refuses '.response.headers += [["x", "a\r\nSet-Cookie: b"]]' 'control characters'
    refuses '.response.pieces += [[1, 1]]' 'pieces'
    refuses '.about.programm = "x"' 'programm'
    assert [ ! -e "$PREECHO_STORE" ]
}

@test "with PREECHO_PII=skip such entries are left out" {
    start_here
    miss ask curl "$KEY" "$(chat "one planet")"
    miss ask curl "$KEY" "$(chat "mail anna@example.com")"
    "$PREECHO" export --out "$CASSETTE"
    ci
    PREECHO_PII=skip preecho import "$CASSETTE"
    assert_success
    assert_line --index 0 "1 entry imported"
    assert_line --index 1 --partial "1 left out"
    assert_equal "$("$PREECHO" ls --keys | wc -l)" 1
}

@test "samples come back in their order" {
    start_here
    export PREECHO_STOCHASTIC=samples PREECHO_SAMPLES=3
    client_command python_aiohttp_one
    upstream_sees 3 run_client "$KEY" "$(chat "roll a die")" 3
    keep first
    assert_equal "$(sort -u <<<"$(jq -r .id "$OUT")" | wc -l)" 3
    "$PREECHO" export --out "$CASSETTE"
    assert_equal "$(jq -r '.about.sample // 0' "$CASSETTE" | sort | xargs)" "0 1 2"
    ci
    "$PREECHO" import "$CASSETTE"
    for _ in 1 2; do
        PREECHO_MODE=replay hit run_client dummy "$(chat "roll a die")" 3
        same_as first
    done
}

@test "rules of the importing side shape the keys: version and ignore" {
    start_here
    miss ask curl "$KEY" "$(chat "one planet" '"seed":1')"
    keep first
    "$PREECHO" export --out "$CASSETTE"
    ci
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    printf '%s\n' '[match "localhost"]' 'version = 2' 'ignore = /seed' \
        >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    preecho import "$CASSETTE"
    assert_success
    PREECHO_MODE=replay hit ask curl dummy "$(chat "one planet" '"seed":2')"
    same_as first
    run "$PREECHO" show "$("$PREECHO" ls --keys)"
    assert_output --partial "/seed"
    printf '%s\n' '[match "localhost"]' 'version = 3' >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    PREECHO_MODE=replay hit ask curl dummy "$(chat "one planet" '"seed":1')"
    grep -q not_recorded "$OUT"
}

@test "tags go along, but not this machine's directories" {
    start_here
    cd "$BATS_TEST_TMPDIR"
    git init -q repository
    cd repository
    PYTEST_CURRENT_TEST='test_x.py::test_y (call)' miss ask curl "$KEY" "$(chat "one planet")"
    "$PREECHO" export --out "$CASSETTE"
    jq -e '.about.tags | index("test:test_x.py::test_y") and index("program:curl")' "$CASSETTE"
    refute grep -q "repo:" "$CASSETTE"
    preecho export --out - --tag test:test_x.py::test_y
    assert_equal "$(wc -l <<<"$output")" 1
    preecho export --out - --tag test:another
    assert_failure $EX_DATAERR
    ci
    "$PREECHO" import "$CASSETTE"
    run "$PREECHO" show "$("$PREECHO" ls --keys)"
    assert_output --partial "test:test_x.py::test_y"
    assert_output --partial "tenant:tests"
}

@test "arguments that make no sense are EX_USAGE" {
    local line
    while read -r line; do
        # shellcheck disable=SC2086 # words
        preecho $line
        assert_equal "$line: $status" "$line: $EX_USAGE"
    done <<'END'
export
export --out
export --out x extra
export --bogus
import
import --header
import --header nonsense x
import --credential-env NOT_SET_ANYWHERE x
import --bogus x
END
}
