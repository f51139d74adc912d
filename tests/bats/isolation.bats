#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Nobody reads what belongs to somebody else: not from the files, not from another identity.

load helpers.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    KEY=sk-proj-Zq7Secret9Credential4Token1
    PROMPT='The launch code of the purple submarine'
}

# Records a few exchanges through both layers and folds half of them into the store.
record_some() {
    local layer
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "$PROMPT $layer")"
        keep "$layer"
        miss ask "$layer" "$KEY" "$(chat "$PROMPT $layer" '"stream":true')"
        keep "$layer-stream"
        [ "$layer" = tls ] || "$PREECHO" merge
    done
    WHERE=/v1/messages miss ask curl - "$(chat "$PROMPT" '"max_tokens":9')" "x-api-key: $KEY"
    WHERE="/v1beta/models/gemini:generateContent?key=$KEY" miss ask curl - \
        "{\"contents\":[{\"parts\":[{\"text\":\"$PROMPT\"}]}]}"
}

# The words of the recorded answers, one per line.
answer_words() {
    cat "$BATS_TEST_TMPDIR"/kept-* | grep -o 'Re [^"]*\|chatcmpl-[a-z0-9]*' | sort -u
}

@test "no credential bytes anywhere in the store file (grep): key, prompt, answer, plain, base64 and hex" {
    record_some
    answer_words >"$BATS_TEST_TMPDIR/words"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/words")" -ge 4 ]
    printf '%s\n' "$KEY" "Bearer $KEY" "$PROMPT" "${PROMPT#The }" >>"$BATS_TEST_TMPDIR/words"
    run "$PYTHON" "$BATS_TEST_DIRNAME/find_secrets.py" "$BATS_TEST_TMPDIR/words" \
        "$PREECHO_STORE" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" "$HOME" "$PREECHO_LOG"
    assert_success
    [ "${lines[0]%% *}" -ge 3 ] || fail "too few files were searched: $output"
}

@test "the search for secrets finds what is there" {
    printf '%s\n' "$KEY" >"$BATS_TEST_TMPDIR/words"
    mkdir "$BATS_TEST_TMPDIR/files"
    local -a forms=("x$KEY" "$(printf 'ab%s' "$KEY" | base64)" "$(printf '%s' "$KEY" | od -An -v -tx1 | tr -d ' \n')")
    local form
    for form in "${forms[@]}"; do
        printf '%s' "$form" >"$BATS_TEST_TMPDIR/files/one"
        run "$PYTHON" "$BATS_TEST_DIRNAME/find_secrets.py" "$BATS_TEST_TMPDIR/words" \
            "$BATS_TEST_TMPDIR/files"
        assert_failure
    done
}

@test "a copied store without the secret opens nothing" {
    local layer
    record_some
    cp -r "$PREECHO_STORE" "$BATS_TEST_TMPDIR/copy"
    export PREECHO_STORE=$BATS_TEST_TMPDIR/copy XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/elsewhere
    mkdir "$XDG_CONFIG_HOME"
    for layer in $LAYERS; do
        miss ask "$layer" "$KEY" "$(chat "$PROMPT $layer")"
        differs_from "$layer"
        miss ask "$layer" "$KEY" "$(chat "$PROMPT $layer" '"stream":true')"
        differs_from "$layer-stream"
    done
}

@test "a copied store with its secret opens" {
    local layer
    record_some
    cp -r "$PREECHO_STORE" "$BATS_TEST_TMPDIR/copy"
    export PREECHO_STORE=$BATS_TEST_TMPDIR/copy
    for layer in $LAYERS; do
        hit ask "$layer" "$KEY" "$(chat "$PROMPT $layer")"
        same_as "$layer"
    done
}

@test "the store, the secret and the salts are the user's alone" {
    record_some
    local entry
    while read -r entry; do
        case $(stat -c '%a' "$entry") in
        ?00) ;;
        *) fail "$(stat -c '%A %n' "$entry")" ;;
        esac
    done < <(find "$PREECHO_STORE" "$XDG_CONFIG_HOME/preecho")
    assert_equal "$(stat -c '%a %s' "$XDG_CONFIG_HOME/preecho/secret")" '600 32'
}

@test "without PREECHO_STORE the store lies in the cache directory" {
    unset PREECHO_STORE
    miss ask curl "$KEY" "$(chat "$PROMPT")"
    [ -d "$XDG_CACHE_HOME/preecho" ]
    hit ask tls "$KEY" "$(chat "$PROMPT")"
}

@test "PREECHO_SCOPE=tenant shares among credentials of one label only" {
    export PREECHO_SCOPE=tenant
    PREECHO_TENANT=ci miss ask curl "$KEY" "$(chat "$PROMPT")"
    PREECHO_TENANT=ci hit ask curl dummy "$(chat "$PROMPT")"
    PREECHO_TENANT=ci hit ask tls - "$(chat "$PROMPT")"
    PREECHO_TENANT=ci2 miss ask curl "$KEY" "$(chat "$PROMPT")"
    PREECHO_SCOPE=credential PREECHO_TENANT=ci miss ask curl "$KEY" "$(chat "$PROMPT")"
}

@test "PREECHO_SCOPE=user shares among the credentials of one user" {
    export PREECHO_SCOPE=user
    miss ask curl "$KEY" "$(chat "$PROMPT")"
    hit ask curl dummy "$(chat "$PROMPT")"
    PREECHO_SCOPE=credential miss ask curl "$KEY" "$(chat "$PROMPT")"
}

@test "another host, port or scheme is another entry" {
    miss ask curl "$KEY" "$(chat "$PROMPT")"
    TLS=https://127.0.0.1:$TLS_PORT miss ask curl "$KEY" "$(chat "$PROMPT")"
    TLS=http://localhost:$PLAIN_PORT miss ask curl "$KEY" "$(chat "$PROMPT")"
    TLS=https://127.0.0.1:$TLS_PORT hit ask curl "$KEY" "$(chat "$PROMPT")"
}

@test "another path or query is another entry" {
    WHERE=/v1/chat/completions miss ask curl "$KEY" "$(chat "$PROMPT")"
    WHERE=/v2/chat/completions miss ask curl "$KEY" "$(chat "$PROMPT")"
    WHERE='/v1/chat/completions?api-version=1' miss ask curl "$KEY" "$(chat "$PROMPT")"
    WHERE='/v1/chat/completions?api-version=2' miss ask curl "$KEY" "$(chat "$PROMPT")"
    WHERE='/v1/chat/completions?api-version=1' hit ask curl "$KEY" "$(chat "$PROMPT")"
}

@test "a short-lived token that is renewed keeps its entries, another subject's does not see them" {
    local issuer='"iss":"https://sts.example","aud":"x"' one two other
    one=$(token "{$issuer,\"sub\":\"alice\",\"iat\":1795000000,\"exp\":1795003600}" 1)
    two=$(token "{$issuer,\"sub\":\"alice\",\"iat\":1795003600,\"exp\":1795007200}" 2)
    other=$(token "{$issuer,\"sub\":\"bob\",\"iat\":1795000000,\"exp\":1795003600}" 1)
    miss ask curl "$one" "$(chat "$PROMPT")"
    hit ask curl "$two" "$(chat "$PROMPT")"
    hit ask tls "$two" "$(chat "$PROMPT")"
    miss ask curl "$other" "$(chat "$PROMPT")"
}

# token CLAIMS SIGNATURE: a JSON Web Token.
token() {
    printf '%s.%s.%s' "$(printf '{"alg":"RS256"}' | base64url)" "$(printf '%s' "$1" | base64url)" \
        "sig$2"
}

base64url() {
    base64 -w 0 | tr '+/' '-_' | tr -d =
}
