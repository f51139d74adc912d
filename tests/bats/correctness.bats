#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What other caches of LLM answers got wrong, each as an acceptance test of the exact layer. Every
# test runs through libcurl and through libssl.

load helpers.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

# pixel COLOUR: a data URL; two colours differ in a few letters far inside.
image_chat() {
    printf '{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"%s"},%s]}]}' \
        "What is on it, $1?" \
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,iVBORw0KGgo$2\"}}"
}

@test "same messages, different tools / tool_choice / response_format / reasoning_effort / seed: miss" {
    local layer member tool='{"type":"function","function":{"name":"f","parameters":{}}}'
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "tools $layer")"
        for member in "\"tools\":[$tool]" "\"tools\":[$tool],\"tool_choice\":\"none\"" \
            '"response_format":{"type":"json_object"}' '"reasoning_effort":"low"' \
            '"reasoning_effort":"high"' '"seed":1' '"seed":2' '"seed":18446744073709551615' \
            '"seed":18446744073709551614' '"temperature":0.5' '"max_tokens":5' \
            '"member_of_next_year":true' '"user_defined":{"a":[1,2]}'; do
            miss ask "$layer" "$KEY" "$(chat "tools $layer" "$member")"
        done
        hit ask "$layer" "$KEY" "$(chat "tools $layer" '"reasoning_effort":"high"')"
    done
}

@test "same JSON, different member order: hit; different array order: miss" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "{\"model\":\"m\",\"seed\":7,\"messages\":[{\"role\":\"user\",\"content\":\"order $layer\"},{\"role\":\"user\",\"content\":\"b\"}]}"
        keep first
        hit ask "$layer" "$KEY" "{ \"messages\" : [ {\"content\":\"order $layer\",\"role\":\"user\"}, {\"content\":\"b\",\"role\":\"user\"} ], \"seed\":7, \"model\":\"m\" }"
        same_as first
        miss ask "$layer" "$KEY" "{\"model\":\"m\",\"seed\":7,\"messages\":[{\"role\":\"user\",\"content\":\"b\"},{\"role\":\"user\",\"content\":\"order $layer\"}]}"
    done
}

@test "the same text spelled with other JSON escapes and numbers: hit" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "caf\\u00e9 $layer \\/" '"temperature":0.50')"
        hit ask "$layer" "$KEY" "$(chat "café $layer /" '"temperature":5e-1')"
    done
}

@test "\"Fix A\" vs \"fix a\": miss" {
    local layer text
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "Fix A $layer")"
        for text in "fix a $layer" "Fix A  $layer" " Fix A $layer" "Fix A $layer "; do
            miss ask "$layer" "$KEY" "$(chat "$text")"
        done
        hit ask "$layer" "$KEY" "$(chat "Fix A $layer")"
    done
}

@test "two users, two API keys, same uid: no cross hit" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "users $layer")"
        keep first
        miss ask "$layer" "$KEY-b" "$(chat "users $layer")"
        differs_from first
        miss ask "$layer" - "$(chat "users $layer")"
        hit ask "$layer" "$KEY" "$(chat "users $layer")"
        same_as first
    done
}

@test "two users, same key, two uids: no cross hit" {
    [ "$(id -u)" -eq 0 ] || skip "only root can become another user"
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "uids $layer")"
    done
    # The other user gets even the store and the secret, as a copied home would give them.
    chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$UP"
    chown -R nobody "$PREECHO_STORE" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$HOME"
    rm -f "$PREECHO_LOG"
    install -m 755 "$BUILD"/libpreecho*.so "$PROGRAMS/tls_client" "$BATS_TEST_TMPDIR"
    for layer in $LAYERS; do
        miss as_nobody ask "$layer" "$KEY" "$(chat "uids $layer")"
        assert_equal "$STATUS" 0
        hit as_nobody ask "$layer" "$KEY" "$(chat "uids $layer")"
    done
}

# as_nobody ask …: the same with another uid.
as_nobody() {
    export -f ask preloaded
    setpriv --reuid nobody --clear-groups env BUILD="$BATS_TEST_TMPDIR" \
        PROGRAMS="$BATS_TEST_TMPDIR" bash -c '"$@"' bash "$@"
}

@test "concatenation-ambiguous tenants (\"a\"+\"bc\" vs \"ab\"+\"c\"): different key" {
    local layer body
    for layer in $LAYERS; do
        body=$(chat "tenants $layer")
        PREECHO_TENANT=a miss ask "$layer" bc "$body"
        PREECHO_TENANT=ab miss ask "$layer" c "$body"
        PREECHO_TENANT=abc miss ask "$layer" "" "$body"
        miss ask "$layer" abc "$body"
        PREECHO_TENANT=a hit ask "$layer" bc "$body"
        body=$(chat "organisations $layer")
        miss ask "$layer" "$KEY" "$body" 'OpenAI-Organization: a' 'OpenAI-Project: bc'
        miss ask "$layer" "$KEY" "$body" 'OpenAI-Organization: ab' 'OpenAI-Project: c'
        miss ask "$layer" "$KEY" "$body" 'OpenAI-Organization: abc'
        miss ask "$layer" "$KEY" "$body" 'OpenAI-Project: abc'
        hit ask "$layer" "$KEY" "$body" 'OpenAI-Project: bc' 'OpenAI-Organization: a'
    done
}

@test "embedding token arrays, base64, \`dimensions\` differ: no mixing" {
    local layer WHERE=/v1/embeddings input rest
    for layer in $LAYERS; do
        for input in '"text"' '[1,2]' '["1","2"]' '[12]'; do
            for rest in '' ',"encoding_format":"base64"' ',"encoding_format":"float"' \
                ',"dimensions":4' ',"dimensions":4,"encoding_format":"base64"'; do
                miss ask "$layer" "$KEY" "{\"model\":\"e-$layer\",\"input\":$input$rest}"
            done
        done
        # One text in a list is the same question.
        for input in '[1,2]' '[[1,2]]' '["text"]'; do
            hit ask "$layer" "$KEY" "{\"model\":\"e-$layer\",\"input\":$input,\"dimensions\":4}"
        done
    done
}

@test "upstream returns fewer vectors than asked: nothing stored, response passed untouched" {
    local layer WHERE=/v1/embeddings body
    for layer in $LAYERS; do
        body="{\"model\":\"e-$layer\",\"input\":[\"a\",\"b\",\"c [[fault:fewer,steady]]\"]}"
        miss ask "$layer" "$KEY" "$body"
        keep first
        assert_equal "$(jq '.data | length' "$OUT")" 2
        miss ask "$layer" "$KEY" "$body"
        same_as first
    done
}

@test "two processes / restart after an invalidation: entry stays invalid" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "purged $layer")"
        "$PREECHO" merge
        hit ask "$layer" "$KEY" "$(chat "purged $layer")"
        keep first
        "$PREECHO" purge --all
        miss ask "$layer" "$KEY" "$(chat "purged $layer")"
        differs_from first
        keep second
        hit ask "$layer" "$KEY" "$(chat "purged $layer")"
        same_as second
    done
}

# broken_stream PATH BODY-MEMBERS TERMINAL: a stream that ends without its terminal event.
broken_stream() {
    local layer fault
    WHERE=$1
    for layer in $LAYERS; do
        for fault in no-terminal cut-stream reset; do
            miss ask "$layer" "$KEY" "${2/@/$layer [[fault:$fault]]}"
            miss ask "$layer" "$KEY" "${2/@/$layer [[fault:$fault]]}"
        done
        miss ask "$layer" "$KEY" "${2/@/$layer whole}"
        keep whole
        hit ask "$layer" "$KEY" "${2/@/$layer whole}"
        same_as whole
    done
}

@test "SSE cut before [DONE]; RST: not stored" {
    broken_stream /v1/chat/completions "$(chat '@' '"stream":true')"
}

@test "SSE cut before message_stop; RST: not stored" {
    broken_stream /v1/messages "$(chat '@' '"stream":true,"max_tokens":9')"
}

@test "SSE cut before response.completed; RST: not stored" {
    broken_stream /v1/responses '{"model":"gpt-4o","stream":true,"input":"@"}'
}

@test "Gemini's SSE cut before finishReason; RST: not stored" {
    broken_stream '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse' \
        '{"contents":[{"role":"user","parts":[{"text":"@"}]}]}'
}

@test "Bedrock's event stream cut before metadata; RST: not stored" {
    broken_stream /model/us.claude-1%3A0/converse-stream \
        '{"messages":[{"role":"user","content":[{"text":"@"}]}]}'
}

@test "Cohere's stream cut before message-end; RST: not stored" {
    HOST=api.cohere.com broken_stream /v2/chat "$(chat '@' '"stream":true')"
}

@test "Ollama's NDJSON cut before done; RST: not stored" {
    broken_stream /api/chat "$(chat '@')"
}

@test "client abort: not stored" {
    local body
    body=$(chat "aborted" '"stream":true,"x":"[[fault:pause=30]]"')
    upstream_sees 1 preloaded "$PROGRAMS/tls_client" --abort "$TLS/v1/chat/completions" "$KEY" "$body"
    miss ask tls "$KEY" "$body"
    body=$(chat "aborted by curl" '"stream":true,"x":"[[fault:pause=30]]"')
    upstream_sees 1 preloaded timeout 0.15 curl -sS -H "Authorization: Bearer $KEY" \
        -H 'Content-Type: application/json' -d "$body" "$TLS/v1/chat/completions"
    miss ask curl "$KEY" "$body"
    hit ask curl "$KEY" "$body"
}

# never_stored PATH BODY FAULT...: each fault twice through each layer, always upstream.
never_stored() {
    local layer fault
    WHERE=$1
    for layer in $LAYERS; do
        for fault in "${@:3}"; do
            miss ask "$layer" "$KEY" "${2/@/$layer [[fault:$fault]]}"
            miss ask "$layer" "$KEY" "${2/@/$layer [[fault:$fault]]}"
        done
    done
}

@test "200 with {\"error\":…}: not stored" {
    never_stored /v1/chat/completions "$(chat '@')" error-200 html
    never_stored /v1/messages "$(chat '@' '"max_tokens":9')" error-200
    never_stored /v1beta/models/gemini-2.5-flash:generateContent \
        '{"contents":[{"parts":[{"text":"@"}]}]}' error-200
    never_stored /api/chat "$(chat '@' '"stream":false')" error-200
}

@test "SSE \`event: error\`: not stored" {
    never_stored /v1/chat/completions "$(chat '@' '"stream":true')" error-event
    never_stored /openai/v1/chat/completions "$(chat '@' '"stream":true')" error-event
    never_stored /v1/messages "$(chat '@' '"stream":true,"max_tokens":9')" error-event
    never_stored /v1/responses '{"model":"m","stream":true,"input":"@"}' error-event
    HOST=api.cohere.com never_stored /v2/chat "$(chat '@' '"stream":true')" error-event
    never_stored /api/chat "$(chat '@')" error-event
    HOST=bedrock-runtime.us-east-1.amazonaws.com never_stored /model/m/converse-stream \
        '{"messages":[{"role":"user","content":[{"text":"@"}]}]}' error-event
}

@test "empty content: not stored" {
    never_stored /v1/chat/completions "$(chat '@')" empty
    never_stored /v1/chat/completions "$(chat '@' '"stream":true')" empty
    never_stored /v1/messages "$(chat '@' '"max_tokens":9')" empty
    never_stored /v1beta/models/gemini-2.5-flash:generateContent \
        '{"contents":[{"parts":[{"text":"@"}]}]}' empty
}

@test "429/5xx: not stored" {
    never_stored /v1/chat/completions "$(chat '@')" 400 401 403 404 429 500 503 529
    never_stored /v1/messages "$(chat '@' '"max_tokens":9')" 429 529
    never_stored /model/m/converse '{"messages":[{"role":"user","content":[{"text":"@"}]}]}' 429
}

@test "an error is not stored for the same request that succeeds later" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "later $layer")" 'x-test-fault: 503'
        miss ask "$layer" "$KEY" "$(chat "later $layer")"
        keep good
        hit ask "$layer" "$KEY" "$(chat "later $layer")" 'x-test-fault: 503'
        same_as good
    done
}

# framed_oddly BODY FAULT...: recorded whole and served with the same bytes.
framed_oddly() {
    local layer fault
    for layer in $LAYERS; do
        for fault in "${@:2}"; do
            miss ask "$layer" "$KEY" "${1/@/$layer $fault}" "x-test-fault: $fault"
            assert_equal "$STATUS" 0
            keep first
            hit ask "$layer" "$KEY" "${1/@/$layer $fault}" "x-test-fault: $fault"
            same_as first
        done
    done
}

@test "chunk extensions: stored and served" {
    framed_oddly "$(chat '@')" chunk-ext "chunk-ext, tiny"
    framed_oddly "$(chat '@' '"stream":true')" chunk-ext "chunk-ext, tiny"
}

@test "trailers: stored and served" {
    framed_oddly "$(chat '@')" trailers "trailers, chunk-ext"
    framed_oddly "$(chat '@' '"stream":true')" trailers
}

@test "\`0\\r\\n\\r\\n\` inside payload: stored and served" {
    framed_oddly "$(chat '@')" fake-end "fake-end, chunked" "fake-end, chunked, tiny"
    framed_oddly "$(chat '@' '"stream":true')" fake-end "fake-end, chunk-ext, trailers"
}

@test "headers split across reads: stored and served" {
    framed_oddly "$(chat '@')" split-head "split-head, tiny"
    framed_oddly "$(chat '@' '"stream":true')" split-head
}

@test "odd header case: stored and served" {
    framed_oddly "$(chat '@')" odd-case "odd-case, chunked"
    framed_oddly "$(chat '@' '"stream":true')" odd-case
}

@test "interim responses, the end of the connection as the end of the body: stored and served" {
    framed_oddly "$(chat '@')" hints close-delimited close close-after
    framed_oddly "$(chat '@' '"stream":true')" hints close-delimited close close-after
}

@test "different image, same text: miss" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(image_chat "$layer" AAAA)"
        miss ask "$layer" "$KEY" "$(image_chat "$layer" AAAB)"
        hit ask "$layer" "$KEY" "$(image_chat "$layer" AAAA)"
    done
}

@test "reasoning, tool-call ids, logprobs survive replay byte-for-byte" {
    local layer stream members tool='{"type":"function","function":{"name":"f","parameters":{}}}'
    for layer in $LAYERS; do
        for stream in true false; do
            for members in '"reasoning_effort":"high"' "\"tools\":[$tool]" '"logprobs":true'; do
                members="\"stream\":$stream,$members"
                miss ask "$layer" "$KEY" "$(chat "survive $layer" "$members")"
                keep first
                hit ask "$layer" "$KEY" "$(chat "survive $layer" "$members")"
                same_as first
            done
        done
        WHERE=/v1/messages
        members='"max_tokens":9,"stream":true,"thinking":{"type":"enabled"},"tools":[{"name":"f"}]'
        miss ask "$layer" "$KEY" "$(chat "survive $layer" "$members")"
        keep first
        hit ask "$layer" "$KEY" "$(chat "survive $layer" "$members")"
        same_as first
        unset WHERE
    done
}

# signed LAYER DAY SIGNATURE TEXT: a Bedrock request as an AWS SDK signs it; $AKID is the key's id.
signed() {
    local scope=${AKID:-AKIDEXAMPLE}/$2/us-east-1/bedrock/aws4_request
    WHERE=/model/us.claude-1%3A0/converse ask "$1" - \
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"$4\"}]}]}" \
        "X-Amz-Date: $2T101530Z" "X-Amz-Security-Token: $3" "amz-sdk-invocation-id: $3" \
        "Authorization: AWS4-HMAC-SHA256 Credential=$scope, SignedHeaders=host;x-amz-date, Signature=$3"
}

@test "SigV4 date/signature differ: hit; body differs: miss" {
    local layer
    for layer in $LAYERS; do
        miss signed "$layer" 20261120 aaaa0001 "sigv4 $layer"
        keep first
        hit signed "$layer" 20261120 bbbb0002 "sigv4 $layer"
        same_as first
        hit signed "$layer" 20261121 cccc0003 "sigv4 $layer"
        same_as first
        miss signed "$layer" 20261120 aaaa0001 "sigv4 $layer other"
        AKID=AKIDOTHER miss signed "$layer" 20261120 aaaa0001 "sigv4 $layer"
    done
}

# upload LAYER BOUNDARY: a multipart body.
upload() {
    local url=$TLS/v1/audio/transcriptions type="multipart/form-data; boundary=$2"
    if [ "$1" = curl ]; then
        preloaded curl -sS -H "Content-Type: $type" -H "Authorization: Bearer $KEY" \
            --data-binary "--$2--" "$url"
    else
        printf 'POST %s HTTP/1.1\r\nHost: localhost:%s\r\nContent-Type: %s\r\n%s\r\n\r\n--%s--' \
            /v1/audio/transcriptions "$TLS_PORT" "$type" "Content-Length: $((${#2} + 4))" "$2" \
            >"$BATS_TEST_TMPDIR/upload"
        preloaded "$PROGRAMS/tls_client" --raw "$url" - "$BATS_TEST_TMPDIR/upload"
    fi
}

@test "multipart boundary differs, or not: never answered from the store" {
    local layer boundary
    for layer in $LAYERS; do
        for boundary in one one two; do
            miss upload "$layer" "$boundary"
            assert_equal "$STATUS" 0
        done
    done
}

@test "headers that vary from send to send: hit" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "varying $layer")" 'x-stainless-retry-count: 0' \
            'traceparent: 00-aaaa-bbbb-01' 'User-Agent: one/1' 'Cookie: __cf_bm=1'
        hit ask "$layer" "$KEY" "$(chat "varying $layer")" 'x-stainless-retry-count: 1' \
            'traceparent: 00-cccc-dddd-01' 'User-Agent: two/2' 'x-request-id: 7'
    done
}

@test "headers that change the answer: miss" {
    local layer WHERE=/v1/messages body
    for layer in $LAYERS; do
        body=$(chat "versions $layer" '"max_tokens":9')
        miss ask "$layer" "$KEY" "$body" 'anthropic-version: 2023-06-01'
        miss ask "$layer" "$KEY" "$body" 'anthropic-version: 2026-10-21'
        miss ask "$layer" "$KEY" "$body" 'anthropic-version: 2023-06-01' 'anthropic-beta: a'
        hit ask "$layer" "$KEY" "$body" 'anthropic-version: 2026-10-21'
    done
}

@test "a request that asks for a fresh answer gets one" {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "fresh $layer")"
        miss ask "$layer" "$KEY" "$(chat "fresh $layer")" 'Cache-Control: no-cache'
        miss ask "$layer" "$KEY" "$(chat "fresh $layer")" 'Cache-Control: no-store'
        hit ask "$layer" "$KEY" "$(chat "fresh $layer")"
    done
}

@test "requests without one clear meaning are never answered from the store" {
    local layer body
    for layer in $LAYERS; do
        for body in '{"model":"a","model":"b","messages":[{"role":"user","content":"x"}]}' \
            '{"model":"a","messages":[{"role":"user","content":"x","content":"y"}]}' \
            '{"model":"a","messages":[{"role":"user","content":"x"}]' \
            '{"model":"a","messages":[{"role":"user","content":"x"}]} {}' '[]' 'nonsense' '{}' \
            '{"model":"a","messages":"x"'; do
            miss ask "$layer" "$KEY" "$body"
            miss ask "$layer" "$KEY" "$body"
        done
        miss ask "$layer" "$KEY" "$(chat "packed $layer")" 'Content-Encoding: gzip'
        miss ask "$layer" "$KEY" "$(chat "packed $layer")" 'Content-Encoding: gzip'
    done
}

@test "stateful calls and live tools: never answered from the store" {
    local layer WHERE=/v1/responses member
    for layer in $LAYERS; do
        for member in '"previous_response_id":"resp_1"' '"conversation":"conv_1"' \
            '"background":true' '"tools":[{"type":"web_search"}]'; do
            miss ask "$layer" "$KEY" "{\"model\":\"m\",\"store\":false,\"input\":\"$layer\",$member}"
            miss ask "$layer" "$KEY" "{\"model\":\"m\",\"store\":false,\"input\":\"$layer\",$member}"
        done
    done
}

@test "what libcurl recorded is served below libssl, and the other way round" {
    miss ask curl "$KEY" "$(chat 'shared one')"
    keep first
    hit ask tls "$KEY" "$(chat 'shared one')"
    tail -c 1 "$OUT" | cmp - <(printf '\n') # tls_client adds a line feed
    head -c -1 "$OUT" | cmp - "$BATS_TEST_TMPDIR/kept-first"
    miss ask tls "$KEY" "$(chat 'shared two' '"stream":true')"
    head -c -1 "$OUT" >"$BATS_TEST_TMPDIR/kept-second"
    hit ask curl "$KEY" "$(chat 'shared two' '"stream":true')"
    same_as second
}
