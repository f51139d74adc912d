#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Vectors are kept one by one: what is known of a batch is served, and upstream is asked for the
# rest alone.

load helpers.bash
load clients.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    export WHERE=/v1/embeddings
}

# vectors INPUT [MEMBERS]: a request for them.
vectors() {
    printf '{"model":"e"%s,"input":%s}' "${2:+,$2}" "$1"
}

# What the last request to the upstream asked for.
sent() {
    tail -n 1 "$UP/requests.log" | jq -c .input
}

# vector N: that of the last answer, as it is spelled; and its place.
vector() {
    jq -c ".data[$1].embedding" "$OUT"
}

places() {
    jq -c '[.data[].index]' "$OUT"
}

tokens() {
    jq -c '[.usage.prompt_tokens, .usage.total_tokens]' "$OUT"
}

# One of many clients: run_client's COMMAND and URL.
embed_with() {
    need_client "$1"
    if [ "$1" = node_openai ]; then
        COMMAND=("$PROGRAMS/node" "$CLIENTS/node_openai_embeddings.js")
    fi
    URL=${URL%/chat/completions}/embeddings
}

# A batch of which the second is known, by one client.
batch_of_four() {
    local b a c batch
    embed_with "$1"
    batch=$(vectors '["A","B","A","C"]' "$2")
    miss run_client "$KEY" "$(vectors '"B"' "$2")"
    b=$(vector 0)
    miss run_client "$KEY" "$batch"
    assert_equal "$STATUS" 0
    assert_equal "$(sent)" '["A","C"]'
    assert_equal "$(places)" '[0,1,2,3]'
    assert_equal "$(tokens)" '[16,16]'
    a=$(vector 0) c=$(vector 3)
    assert_equal "$(vector 1)" "$b"
    assert_equal "$(vector 2)" "$a"
    refute [ "$a" = "$b" -o "$a" = "$c" ]
    keep batch
    hit run_client "$KEY" "$batch"
    same_as batch
    hit run_client "$KEY" "$(vectors '"A"' "$2")"
    assert_equal "$(vector 0)" "$a"
    hit run_client "$KEY" "$(vectors '["C"]' "$2")"
    assert_equal "$(vector 0)" "$c"
    hit run_client "$KEY" "$(vectors '["C","B"]' "$2")"
    assert_equal "$(vector 0)$(vector 1)$(places)" "${c}${b}[0,1]"
}

@test "embedding batch [A,B,A,C] with B cached: upstream gets [A,C] once, indices 0..3 right, usage right" {
    local client rest
    for client in curl python_httpx_async python_httpx node_openai php_curl ruby_net_http \
        tls_client-memory curl_multi_poll_client; do
        for rest in '' '"encoding_format":"base64"' '"encoding_format":"float","dimensions":4'; do
            export PREECHO_STORE=$BATS_TEST_TMPDIR/$client${#rest}
            batch_of_four $client "$rest"
        done
    done
}

@test "embedding token arrays, base64, dimensions differ: no mixing between items" {
    local layer input rest
    for layer in $LAYERS; do
        for rest in '' '"encoding_format":"base64"' '"dimensions":4' "\"user-defined\":\"$layer\""; do
            miss ask "$layer" "$KEY-$layer" "$(vectors '["text","2",[1,2],[12],[1,2]]' "$rest")"
            assert_equal "$(sent)" '["text","2",[1,2],[12]]'
            for input in '"text"' '["text"]' '[1,2]' '[[1,2]]' '[12]' '"2"'; do
                hit ask "$layer" "$KEY-$layer" "$(vectors "$input" "$rest")"
            done
            miss ask "$layer" "$KEY-$layer" "$(vectors '["1","2"]' "$rest")"
            assert_equal "$(sent)" '["1"]'
        done
    done
}

@test "what upstream answers oddly is never completed: the program's own request is sent" {
    local layer fault base
    for layer in $LAYERS; do
        for fault in fewer reversed longer other-model html; do
            base=$layer-$fault
            miss ask "$layer" "$KEY" "$(vectors "[\"$base one\",\"$base two\"]")"
            upstream_sees 2 ask "$layer" "$KEY" \
                "$(vectors "[\"$base one\",\"$base three [[fault:$fault]]\",\"$base four\"]")"
            assert_equal "$(tail -n 2 "$UP/requests.log" | jq -c '.input | length' | tr '\n' ' ')" '2 3 '
            [ $fault = other-model ] || upstream_sees 2 ask "$layer" "$KEY" \
                "$(vectors "[\"$base one\",\"$base three [[fault:$fault]]\",\"$base four\"]")"
        done
    done
}

@test "an error reaches the program untouched, and nothing of it is stored" {
    local layer status body
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(vectors "[\"$layer one\",\"$layer two\"]")"
        for status in 400 401 429 500; do
            body=$(vectors "[\"$layer one\",\"$layer $status [[fault:$status,steady]]\"]")
            PREECHO_NEGATIVE_TTL=1h miss ask "$layer" "$KEY" "$body"
            assert_equal "$(jq -r '.error | type' "$OUT")" object
            PREECHO_NEGATIVE_TTL=1h miss ask "$layer" "$KEY" "$body"
        done
    done
}

@test "upstream returns fewer vectors than asked: nothing stored, response passed untouched" {
    local layer fault body
    for layer in $LAYERS; do
        for fault in fewer reversed longer; do
            body=$(vectors "[\"a $layer\",\"b $layer\",\"c [[fault:$fault,steady]]\"]")
            miss ask "$layer" "$KEY" "$body"
            keep first
            miss ask "$layer" "$KEY" "$body"
            same_as first
        done
    done
}

@test "modes: observe counts, refresh asks for all, replay serves and refuses, off leaves alone" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(vectors "[\"$layer 1\",\"$layer 2\"]")"
        PREECHO_MODE=observe miss ask "$layer" "$KEY" "$(vectors "[\"$layer 2\",\"$layer 1\"]")"
        assert_equal "$(sent)" "[\"$layer 2\",\"$layer 1\"]"
        PREECHO_MODE=observe miss ask "$layer" "$KEY" "$(vectors "[\"$layer 2\",\"$layer 9\"]")"
        assert_equal "$(sent)" "[\"$layer 2\",\"$layer 9\"]"
        PREECHO_MODE=replay hit ask "$layer" "$KEY" "$(vectors "[\"$layer 2\",\"$layer 1\"]")"
        assert_equal "$(places)" '[0,1]'
        PREECHO_MODE=replay hit ask "$layer" "$KEY" "$(vectors "[\"$layer 2\",\"$layer 3\"]")"
        assert_equal "$(jq -c '.data' "$OUT")" null
        PREECHO_EMBEDDING=off miss ask "$layer" "$KEY" "$(vectors "[\"$layer 2\",\"$layer 1\"]")"
        assert_equal "$(sent)" "[\"$layer 2\",\"$layer 1\"]"
        PREECHO_MODE=refresh miss ask "$layer" "$KEY" "$(vectors "[\"$layer 1\",\"$layer 2\"]")"
        assert_equal "$(sent)" "[\"$layer 1\",\"$layer 2\"]"
        keep fresh
        hit ask "$layer" "$KEY" "$(vectors "[\"$layer 1\",\"$layer 2\"]")"
        same_as fresh
    done
}

@test "ttl, version: what is over is asked for again, and only that" {
    export PREECHO_TTL=1h
    miss ask curl "$KEY" "$(vectors '["old","x"]')"
    later +30m miss ask curl "$KEY" "$(vectors '["new","old"]')"
    assert_equal "$(sent)" '["new"]'
    later +70m miss ask curl "$KEY" "$(vectors '["new","old","x"]')"
    assert_equal "$(sent)" '["old","x"]'
    PREECHO_VERSION=2 miss ask curl "$KEY" "$(vectors '["new","old"]')"
    assert_equal "$(sent)" '["new","old"]'
}

@test "another credential, model, host or organisation: nothing is shared" {
    local batch
    miss ask tls "$KEY" "$(vectors '["A","B"]')"
    batch=$(vectors '["B","A"]')
    hit ask tls "$KEY" "$batch"
    miss ask tls "$KEY-other" "$batch"
    miss ask tls "$KEY" "$batch" 'OpenAI-Organization: a'
    miss ask tls "$KEY" "${batch/\"e\"/\"f\"}"
    HOST=api.openai.com miss ask tls "$KEY" "$batch"
}

@test "signed requests and ignored parts are kept as a whole" {
    miss ask tls "$KEY" "$(vectors '["A","B"]')" 'Content-Digest: sha-256=:x:'
    miss ask tls "$KEY" "$(vectors '["B","A"]')" 'Content-Digest: sha-256=:x:'
    assert_equal "$(sent)" '["B","A"]'
}

@test "stats tell the layers apart; the answer says what it is made of" {
    miss ask curl "$KEY" "$(vectors '["A","B"]')"
    hit ask curl "$KEY" "$(vectors '["A","B"]')"
    hit ask curl "$KEY" "$(vectors '["B","A"]')"
    assert_equal "$(stats '[.layers | to_entries[] | "\(.key) \(.value.hits)"] | join(", ")')" \
        "exact 1, embedding 1, edge 0"
    COMMAND=(curl -sS --http1.1 -i -H 'Content-Type: application/json' -H "Authorization: Bearer $KEY" \
        --data-binary "$(vectors '["B","new"]')" "$TLS$WHERE")
    miss preloaded "${COMMAND[@]}"
    assert grep -qi '^cache-status: preecho; fwd=partial' "$OUT"
    hit preloaded "${COMMAND[@]}"
    assert grep -qi '^cache-status: preecho; hit' "$OUT"
}

@test "purged by tag, forgotten, exported and imported like other entries" {
    PREECHO_TENANT=t PREECHO_SCOPE=tenant miss ask curl "$KEY" "$(vectors '["A","B"]')"
    "$PREECHO" export --out "$BATS_TEST_TMPDIR/cassette"
    "$PREECHO" purge --all
    PREECHO_TENANT=t PREECHO_SCOPE=tenant miss ask curl "$KEY" "$(vectors '["B","A"]')"
    rm -r "$PREECHO_STORE" "$XDG_CONFIG_HOME"
    PREECHO_TENANT=t PREECHO_SCOPE=tenant "$PREECHO" import "$BATS_TEST_TMPDIR/cassette"
    PREECHO_TENANT=t PREECHO_SCOPE=tenant hit ask curl "$KEY" "$(vectors '["B","A"]')"
}

@test "export --layer embedding: a corpus' vectors travel to another deployment" {
    local cassette=$BATS_TEST_TMPDIR/vectors.jsonl a b
    export WHERE=/v1/embeddings PREECHO_TENANT=t PREECHO_SCOPE=tenant
    miss ask curl "$KEY" "$(vectors '["A","B","A"]')"
    a=$(vector 0) b=$(vector 1)
    miss ask curl "$KEY" "$(vectors '["B","C"]' '"encoding_format":"base64"')"
    WHERE=/v1/chat/completions miss ask curl "$KEY" "$(chat 'no vector')"
    miss ask curl "$KEY" "$(vectors '"D"')"
    "$PREECHO" export --layer embedding --out "$cassette"
    assert_equal "$(jq -c '.request.body | fromjson | .input' "$cassette" | sort | tr '\n' ' ')" \
        '["A"] ["B"] ["B"] ["C"] ["D"] '
    rm -r "$PREECHO_STORE" "$XDG_CONFIG_HOME"
    "$PREECHO" import "$cassette"
    assert_equal "$("$PREECHO" ls --keys | wc -l)" 5
    PREECHO_MODE=replay hit ask curl "$KEY" "$(vectors '["B","D","A","B"]')"
    assert_equal "$(vector 0)$(vector 2)$(vector 3)$(places)" "$b$a$b[0,1,2,3]"
    run "$PREECHO" export --layer semantic --out -
    assert_failure 64
    "$PREECHO" purge --tag layer:embedding
    miss ask curl "$KEY" "$(vectors '["A","B","A"]')"
}
