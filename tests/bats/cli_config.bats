#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho config`: values and where they come from, mistakes and what was meant.
bats_require_minimum_version 1.5.0
load cli_helper

setup() {
    cli_setup
    mkdir -p "$CONFIG"
    cd "$HOME"
}

rules() {
    cat >"$CONFIG/preecho.conf"
}

# assert_value KEY VALUE ORIGIN
assert_value() {
    grep -qxE "$1 +$2 +$3" <<<"$output" || fail "no $1 $2 $3 in: $output"
}

@test "every setting, its value and where it comes from" {
    rules <<<$'# comment\nttl = 7d\n[match "a"]\nttl = 1h'
    PREECHO_MAX_AGE=30d preecho config
    assert_success
    assert_value ttl 7d "$CONFIG/preecho.conf:2"
    assert_value max_age 30d PREECHO_MAX_AGE
    assert_value mode auto default
    assert_value store "$STORE" default
    assert_value log - default
    assert_line "# $CONFIG/preecho.conf: read"
    assert_line "# /etc/preecho.conf: not there"
    local name
    for name in $(sed -nE 's/^SETTING\([A-Z_]+, "([a-z_]+)".*/\1/p' "$ROOT/shim/core/settings.def"); do
        assert_line --regexp "^$name +[^ ]"
    done
}

@test "what holds for a request" {
    rules <<'END'
tag = a
ttl = 7d
[match "api.openai.com/v1/embeddings"]
ttl = forever
tag = b
[match "model=text-embedding-3*"]
version = x
[match "program=pytest"]
mode = refresh
[match "dialect=anthropic"]
ttl = 1s
END
    local file=$CONFIG/preecho.conf
    preecho config --url https://api.openai.com/v1/embeddings \
        --data '{"model":"text-embedding-3-small","input":"x"}'
    assert_success
    assert_line --regexp '^# recognised: openai embeddings text-embedding-3-small$'
    assert_value ttl forever "$file:4 \[match \"api.openai.com/v1/embeddings\"\]"
    assert_value version x "$file:7 \[match \"model=text-embedding-3\*\"\]"
    assert_value mode auto default
    assert_value tag a "$file:1"
    assert_value tag b "$file:5 .*"
    preecho config --program pytest --url https://api.openai.com:444/v1/chat/completions --data @- \
        <<<'{"model":"m","messages":[{"role":"user","content":"x"}]}'
    assert_success
    assert_value mode refresh "$file:9 \[match \"program=pytest\"\]"
    assert_value ttl 7d "$file:2"
    echo '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}]}' >body
    preecho config --method POST --url https://api.anthropic.com/v1/messages --data @body \
        --header 'anthropic-version: 2023-06-01' --header 'Content-Type: application/json'
    assert_value ttl 1s "$file:11 .*"
    preecho config --url https://api.openai.com/v1/files
    assert_success
    assert_line --regexp '^# not answered from the store '
}

@test "all mistakes, each with its line and what was meant" {
    cat >bad.conf <<'END'
tll = 5d
ttl = 5y
mode = auot
[match "modle=x"]
scope = user
nonsense
samples = 1001
max_size = 5X
store = here
hosts = a b
[match "a"]
mode = replay
ignore_text = (
END
    preecho config --check bad.conf
    assert_failure $EX_CONFIG
    assert_line --index 0 "bad.conf:1: tll is no setting; did you mean 'ttl'?"
    assert_line --index 1 "bad.conf:2: ttl is no length of time, like 15m or 7d"
    assert_line --index 2 "bad.conf:3: mode has none of its possible values; did you mean 'auto'?"
    assert_line --index 3 --regexp "^bad.conf:4: .*; did you mean 'model'\?$"
    assert_line --index 4 --regexp "^bad.conf:5: scope holds for a whole process"
    assert_line --index 5 --regexp "^bad.conf:6: this is neither"
    assert_line --index 6 "bad.conf:7: samples is no number from 1 to 1000"
    assert_line --index 7 --regexp "^bad.conf:8: max_size is no size"
    assert_line --index 8 --regexp "^bad.conf:9: store is no absolute path"
    assert_line --index 9 --regexp "^bad.conf:10: hosts is no list"
    assert_line --index 10 --regexp "^bad.conf:12: mode can be replay for a whole process only"
    assert_line --index 11 --regexp "^bad.conf:13: ignore_text is no regular expression"
    assert_equal "${#lines[@]}" 12
}

@test "--check: without a file those that apply, and the environment" {
    rules <<<'ttl = 7d'
    preecho config --check
    assert_success
    assert_output "no mistakes"
    rules <<<'ttl = 7 d'
    PREECHO_MODE=rplay preecho config --check
    assert_failure $EX_CONFIG
    assert_line --index 0 "$CONFIG/preecho.conf:1: ttl is no length of time, like 15m or 7d"
    assert_line --index 1 "PREECHO_MODE has none of its possible values; did you mean 'replay'?"
    preecho config
    assert_failure $EX_CONFIG
    preecho config --check "$HOME/absent"
    assert_failure $EX_NOINPUT
    preecho stats
    assert_failure $EX_CONFIG
    assert_stderr_line "preecho.conf:1: ttl is no length"
}

@test "a project's file may not say what concerns the store of all projects" {
    echo 'max_size = 1G' >.preecho.conf
    preecho config --check .preecho.conf
    assert_failure $EX_CONFIG
    assert_line --partial "other projects share"
    mv .preecho.conf some.conf
    preecho config --check some.conf
    assert_success
}

@test "arguments that make no sense" {
    local line
    while read -r line; do
        # shellcheck disable=SC2086 # words
        preecho config $line
        assert_equal "$line: $status" "$line: $EX_USAGE"
        [ -n "$stderr" ]
        refute_output --partial "ttl"
    done <<'END'
extra
--check a b
--check --url https://a/
--program x
--data x
--url nonsense
--url ftp://a/
--url https://
--url https://a:0/
--url https://me@a/
--url https://a/ --header nonsense
--bogus
END
    preecho config --url https://a/ --data @absent
    assert_failure $EX_NOINPUT
}
