#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Misspelt words of the semantic layer's first tier: put right after what the tenant's own prompts teach.
# The store of these tests has real questions, recorded and merged; each test has a copy.

load helpers.bash
load clients.bash

QUESTIONS=$PROJECT/tests/semantic/questions.tsv
TYPIST=sk-test-typist-aaaaaaaaaaaaaaaa

setup_file() {
    start_upstream
    export PREECHO_LEXICAL=serve
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/config
    export HOME=$BATS_FILE_TMPDIR/home PREECHO_STORE=$BATS_FILE_TMPDIR/store
    mkdir -p "$HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME"
    to_bodies <"$QUESTIONS" >"$BATS_FILE_TMPDIR/bodies"
    send "$BATS_FILE_TMPDIR/bodies" >/dev/null
    wait_until 60 "$PREECHO" merge --quiet
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    export PREECHO_LEXICAL=serve
    cp -r "$BATS_FILE_TMPDIR/config/." "$XDG_CONFIG_HOME"
    cp -r "$BATS_FILE_TMPDIR/store" "$PREECHO_STORE"
    KEY=$TYPIST
}

to_bodies() {
    jq -Rc '{model: "gpt-4o-mini", messages: [{role: "user", content: .}]}'
}

# send FILE: its bodies from one event loop; prints each answer's Cache-Status.
send() {
    preloaded "$PYTHON" "$CLIENTS/python_lines.py" "$TLS/v1/chat/completions" "$TYPIST" "$1"
}

# How many tenants have a vocabulary in the database.
vocabularies() {
    mdb_dump "$PREECHO_STORE" | sed '1,/HEADER=END/d' | sed -n 'p;n' | grep -c '^ 6f'
}

RIGHT="How does business insurance help a customer?"
WRONG="how does business insruance help a customer"

@test "a misspelt word is put right: curl, libssl, Python and Node on event loops" {
    local client
    miss ask curl "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    for layer in $LAYERS; do
        hit ask "$layer" "$KEY" "$(chat "$RIGHT")"
        keep answer
        hit ask "$layer" "$KEY" "$(chat "$WRONG")"
        same_as answer
    done
    for client in python_httpx_async python_aiohttp node_https ruby_net_http; do
        need_client $client
        hit run_client "$KEY" "$(chat "$RIGHT")"
        keep "$client"
        hit run_client "$KEY" "$(chat "$WRONG")"
        same_as "$client"
        hit run_client "$KEY" "$(chat "Hi, ${WRONG/business/busniess}? Thanks!")"
        same_as "$client"
    done
    # It is found in the spool, too, and does not become an entry of its own.
    miss ask curl "$KEY" "$(chat "How does insurance help?")"
    hit ask curl "$KEY" "$(chat "How does insruance help?")"
    hit ask tls "$KEY" "$(chat "How does insruance help?")"
}

@test "never: three typos, another word, another order, quoted" {
    miss ask tls "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    miss ask tls "$KEY" "$(chat "How does busniess insruance help a cutsomer?")"
    miss ask tls "$KEY" "$(chat "How does business assurance help a customer?")"
    miss ask tls "$KEY" "$(chat "How does business insruance help a customer now?")"
    miss ask tls "$KEY" "$(chat "How does insruance business help a customer?")"
    miss ask tls "$KEY" "$(chat 'How does business \"insruance\" help a customer?')"
    miss ask tls "$KEY" "$(chat "How does business Insruance help a customer?")"
}

@test "never: another tenant's prompts, or none, teach anything" {
    local other=sk-test-other-aaaaaaaaaaaaaaaaa
    miss ask tls "$other" "$(chat "$RIGHT")"
    "$PREECHO" merge
    miss ask tls "$other" "$(chat "$WRONG")"
    PREECHO_TENANT=third miss ask curl "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    PREECHO_TENANT=third miss ask curl "$KEY" "$(chat "$WRONG")"
    rm -rf "$PREECHO_STORE"
    miss ask tls "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    miss ask tls "$KEY" "$(chat "$WRONG")"
}

@test "what was recorded misspelt is found as it was written, whatever is learnt later" {
    local text="How does insruance help a business?" empty=$BATS_TEST_TMPDIR/empty
    PREECHO_STORE=$empty miss ask tls "$KEY" "$(chat "$text")"
    PREECHO_STORE=$empty hit ask tls "$KEY" "$(chat "${text,,}")"
    miss ask tls "$KEY" "$(chat "$text")"
    hit ask curl "$KEY" "$(chat "${text,,}")"
    "$PREECHO" merge
    hit ask tls "$KEY" "$(chat "${text^^}")"
    # The right one is another question, and the misspelt one keeps its own answer.
    miss ask tls "$KEY" "$(chat "${text/insru/insur}")"
    "$PREECHO" merge
    hit ask curl "$KEY" "$(chat "${text^^}")"
}

@test "off: nothing is put right; shadow: it is compared" {
    miss ask tls "$KEY" "$(chat "$RIGHT")" 'x-test-fault: says=India.'
    "$PREECHO" merge
    PREECHO_LEXICAL=off miss ask tls "$KEY" "$(chat "$WRONG?")"
    PREECHO_LEXICAL=shadow miss ask curl "$KEY" "$(chat "$WRONG")" 'x-test-fault: says=India.'
    assert_equal "$(stats .shadow.equal)" 1
}

@test "explain tells that words were put right" {
    miss ask tls "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    run "$PREECHO" explain --url "$TLS/v1/chat/completions" --header "Authorization: Bearer $KEY" \
        --data "$(chat "$WRONG")"
    assert_line --regexp '^answer +by its words, misspelt ones put right: recorded .*; a hit$'
    PREECHO_LEXICAL=shadow run "$PREECHO" explain --url "$TLS/v1/chat/completions" \
        --header "Authorization: Bearer $KEY" --data "$(chat "$WRONG")"
    assert_line --regexp '^answer +a miss; lexical = serve would answer by its words, misspelt'
}

@test "a copy of the store shows no word; purge --all and forget take them all" {
    run grep -rlaE 'insu(r)ance|transf(e)r' "$PREECHO_STORE"
    assert_failure 1
    miss ask tls "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    hit ask tls "$KEY" "$(chat "$WRONG")"
    "$PREECHO" purge --all
    miss ask tls "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    miss ask tls "$KEY" "$(chat "$WRONG")"
    miss ask tls "$KEY-2" "$(chat "$RIGHT")"
    "$PREECHO" merge
    assert_equal "$(vocabularies)" 2
    "$PREECHO" forget --tenant "$("$PREECHO" show "$("$PREECHO" ls --keys | head -n 1)" |
        sed -n 's/^tenant *\([0-9a-f]*\).*/\1/p')"
    assert_equal "$(vocabularies)" 1
}

@test "purged one by one: what they have taught stays" {
    miss ask tls "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    "$PREECHO" purge --key "$("$PREECHO" ls --keys | head -n 1)"
    miss ask tls "$KEY" "$(chat "$RIGHT")"
    "$PREECHO" merge
    hit ask tls "$KEY" "$(chat "$WRONG")"
}

# misspelt: of each line the third and fourth letter of its first longer word are exchanged.
misspelt() {
    sed -nE 's/(^|.* )([a-z]{2})([a-z])([a-z])([a-z]{3,})( .*|$)/\1\2\4\3\5\6/p'
}

@test "real questions with a typo: some are served, and labelled near misses never" {
    local file=$BATS_TEST_TMPDIR/bodies hits
    misspelt <"$QUESTIONS" | awk 'NR % 5 == 0' | to_bodies >"$file"
    send "$file" >"$OUT"
    hits=$(grep -c semantic "$OUT")
    echo "served: $hits of $(wc -l <"$file")"
    assert [ "$hits" -gt 50 ]
    awk -F '\t' '$1 == 0 {print $2; print $3}' "$PROJECT/tests/semantic/pairs.tsv" |
        awk 'NR % 8 < 2' |
        jq -Rc '{model: "gpt-4o-mini", messages: [{role: "system", content:
            "Pair \((input_line_number - 1) / 2 | floor)"}, {role: "user", content: .}]}' >"$file"
    assert [ "$(wc -l <"$file")" -gt 1500 ]
    sed -n 'p;n' "$file" >"$file.first"
    sed -n 'n;p' "$file" >"$file.second"
    send "$file.first" >"$OUT"
    wait_until 60 "$PREECHO" merge --quiet
    send "$file.second" >>"$OUT"
    assert_equal "$(sort -u "$OUT")" none
}
