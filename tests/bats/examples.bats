#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every request of wire/examples, sent as it stands to an upstream that answers with the recorded
# response, byte for byte: served the second time, or not, as the index says.

load helpers.bash

EXAMPLES=$PROJECT/tests/wire/examples

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

# example_request NAME: the request in $REQUEST, with a field for the upstream behind the first line.
example_request() {
    REQUEST=$BATS_TEST_TMPDIR/$1.req
    "$PYTHON" -c 'import sys
head, rest = open(sys.argv[1], "rb").read().split(b"\r\n", 1)
number = sys.argv[2].split("-")[0].encode()
sys.stdout.buffer.write(head + b"\r\nx-test-fault: example=" + number + b"\r\n" + rest)' \
        "$EXAMPLES/$1.req.http" "$1" >"$REQUEST"
}

send_request() {
    preloaded "$PROGRAMS/tls_client" --raw "$TLS/" - "$REQUEST"
}

# The body of the last answer, without framing and coding.
body_of_answer() {
    "$PYTHON" "$BATS_TEST_DIRNAME/http_body.py" "$OUT"
}

# names CACHEABLE: the examples of that kind.
names() {
    awk -F '\t' -v wanted="$1" '$5 == wanted { print $1 }' "$EXAMPLES/INDEX.tsv"
}

own_store() {
    export PREECHO_STORE=$BATS_TEST_TMPDIR/store-$1
}

@test "every cacheable example is recorded and served with the same body" {
    local name count=0
    while read -r name; do
        own_store "$name"
        example_request "$name"
        miss send_request
        [ "$STATUS" -eq 0 ] || fail "$name: $(cat "$ERR")"
        body_of_answer >"$BATS_TEST_TMPDIR/first"
        hit send_request
        body_of_answer | cmp - "$BATS_TEST_TMPDIR/first" || fail "$name: another body"
        count=$((count + 1))
    done < <(names yes)
    [ "$count" -ge 35 ]
}

@test "the served body of every example is the decoded recording" {
    local name
    for name in 02-openai-chat-gzip 08-openai-responses 16-anthropic-messages 31-mistral-chat \
        18-anthropic-messages-2026 12-openai-embeddings-batch-base64; do
        own_store "$name"
        example_request "$name"
        miss send_request
        capture send_request
        body_of_answer | cmp - "$EXAMPLES/$name.res.decoded" || fail "$name: another body"
    done
}

@test "no example of an error is recorded" {
    local name
    while read -r name; do
        own_store "$name"
        example_request "$name"
        miss send_request
        body_of_answer >"$BATS_TEST_TMPDIR/first"
        miss send_request
        body_of_answer | cmp - "$BATS_TEST_TMPDIR/first" || fail "$name: another body"
        run stats '.store.entries'
        assert_output 0
    done < <(names never)
}

@test "a list of models that says neither how long it holds nor how to ask again is not kept" {
    example_request 13-openai-models
    miss send_request
    miss send_request
    run stats '.dropped_by["no-freshness"]'
    assert_output 2
}

@test "examples of the policy kind are answered rightly either way" {
    local name
    while read -r name; do
        own_store "$name"
        example_request "$name"
        miss send_request
        body_of_answer >"$BATS_TEST_TMPDIR/first"
        capture send_request
        body_of_answer | cmp - "$BATS_TEST_TMPDIR/first" || fail "$name: another body"
    done < <(names policy)
}

@test "the same question with other key order and coding (01, 02), sent chunked (46, 47): one entry" {
    example_request 01-openai-chat-curl
    miss send_request
    body_of_answer >"$BATS_TEST_TMPDIR/first"
    example_request 02-openai-chat-gzip
    sed -i '/^OpenAI-/d' "$REQUEST" # who pays is a part of the identity
    hit send_request
    body_of_answer | cmp - "$BATS_TEST_TMPDIR/first"
    example_request 46-expect-100-continue
    miss send_request
    body_of_answer >"$BATS_TEST_TMPDIR/first"
    example_request 47-chunked-request
    hit send_request
    body_of_answer | cmp - "$BATS_TEST_TMPDIR/first"
}

@test "an example answered for one key is not given to the key that would get 401 (03, 15)" {
    example_request 03-openai-chat-stream
    miss send_request
    sed -i 's/sk-proj-EXAMPLEEXAMPLEEXAMPLE0001/sk-proj-EXAMPLEEXAMPLEEXAMPLE0002/' "$REQUEST"
    miss send_request
}
