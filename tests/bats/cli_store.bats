#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho stats`, `ls`, `show`, `purge`, `merge` over a store that cli_seed.c has filled.
bats_require_minimum_version 1.5.0
load cli_helper

setup_file() {
    cli_seed_build
}

setup() {
    cli_setup
}

# Three entries: of two users, two models, two ages. Sets KEYS.
seed_three() {
    run cli_seed entry user-1 1 gpt-4o api.openai.com 10 \
        entry user-1 2 gpt-4o-mini api.openai.com 7200 \
        stream user-2 3 claude-x api.anthropic.com 864000
    assert_success
    KEYS=("${lines[@]}")
}

# json PATH...: values of the last output, "layers.exact.hits"; an object as its members
json() {
    /usr/bin/python3 -c '
import functools, json, sys
stats = json.loads(sys.argv[1])
for path in sys.argv[2:]:
    value = functools.reduce(lambda part, name: part[name], path.split("."), stats)
    pairs = value.items() if isinstance(value, dict) else ()
    print(*(f"{name}={number}" for name, number in pairs) if pairs else (value,))
' "$output" "$@" | xargs
}

@test "stats: an empty store has no figures and is no error" {
    preecho stats
    assert_success
    assert_line --partial "requests 0"
    preecho stats --json
    assert_success
    assert_equal "$(json requests layers.exact.hit_rate store.entries)" "0 0.0 0"
}

@test "stats --json: every figure of a known journal" {
    seed_three
    cli_seed hit 5 hit 6 hit 7 bypass 14 bypass 14 bypass 4 drop 20
    preecho stats --json
    assert_success
    assert_equal "$(json requests hits misses recorded dropped)" "10 3 4 3 1"
    assert_equal "$(json bypassed)" "stateful=1 h2=2"
    assert_equal "$(json dropped_by)" status=1
    assert_equal "$(json layers.exact.lookups layers.exact.hits layers.exact.misses)" "7 3 4"
    # a hit that took 1 ms for an answer that had taken 1501 ms, with 110 + n tokens
    assert_equal "$(json layers.exact.latency_saved_seconds)" 4.5
    assert_equal "$(json layers.exact.tokens_saved)" 348
    [[ $(json layers.exact.hit_rate) == 0.428571* ]]
    assert_equal "$(json store.entries store.spooled)" "3 3"
    [ "$(json store.bytes)" -gt 0 ]
    preecho merge
    preecho stats --json
    assert_equal "$(json store.entries store.spooled)" "3 0"
    assert_equal "$(json requests hits)" "10 3"
}

@test "stats: the table names rates and reasons, in 80 columns" {
    seed_three
    cli_seed hit 5 bypass 14 drop 20
    preecho stats
    assert_line --regexp '^exact +5 +1 +20.0 % +1.5 s +115 +-$'
    assert_line --regexp '^  h2 +1  HTTP/2 below libssl$'
    assert_line --regexp "^  status +1  the answer's status is not 2xx$"
    assert_line --partial "store    3 entries (3 of them in the spool)"
    run awk 'length > 80' <<<"$output"
    assert_output ""
}

@test "ls: newest first, before and after a merge, with filters" {
    seed_three
    for _ in 1 2; do
        preecho ls --keys
        assert_equal "${lines[*]}" "${KEYS[*]}"
        preecho ls --keys --model 'GPT*'
        assert_equal "${lines[*]}" "${KEYS[0]} ${KEYS[1]}"
        preecho ls --keys --host '*.anthropic.com'
        assert_output "${KEYS[2]}"
        preecho ls --keys --host '*.anthropic.com' --model 'gpt*'
        assert_output ""
        preecho ls
        assert_equal "${#lines[@]}" 4
        assert_line --index 1 --regexp "^${KEYS[0]:0:12} .* gpt-4o +api.openai.com chat"
        refute_output --partial prompt-in-the-clear
        preecho merge --quiet
        assert_success
        assert_output ""
    done
}

@test "show: request and response as text, by a unique prefix in any letter case" {
    seed_three
    for _ in 1 2; do
        preecho show "$(tr a-f A-F <<<"${KEYS[1]:0:16}")"
        assert_success
        assert_line "POST https://api.openai.com:443/v1/chat/completions"
        assert_line '{"messages":"prompt-in-the-clear 2"}'
        assert_line "HTTP/1.1 200 OK"
        assert_line --partial "The answer, ü"
        assert_line --regexp '^recorded .* \(2\.0 h ago\)$'
        preecho show --request "${KEYS[1]}"
        assert_output '{"messages":"prompt-in-the-clear 2"}'
        preecho merge
    done
}

@test "show: a body that is no text is shown in hexadecimal, and given as it is by --body" {
    seed_three
    preecho show "${KEYS[2]}"
    assert_line "00000000  00 01 02 62 79 74 65 73 ff                       ...bytes."
    "$PREECHO" show --body "${KEYS[2]}" >"$BATS_TEST_TMPDIR/body"
    printf '\0\1\2bytes\377' | cmp - "$BATS_TEST_TMPDIR/body"
}

@test "show: control characters do not reach a terminal" {
    command -v script >/dev/null || skip "script(1) is not installed"
    seed_three
    run script -qec "'$PREECHO' show ${KEYS[0]}" /dev/null
    assert_output --partial '\x1b[31mred'
    refute_output --partial $'\e[31m'
}

@test "show: no such entry, an ambiguous key, an entry of a destroyed tenant" {
    seed_three
    preecho show "${KEYS[0]:0:16}0000000000000000"
    assert_failure $EX_DATAERR
    assert_stderr_line "no entry has a key"
    # 17 keys: two of them share their first digit
    # shellcheck disable=SC2046 # words
    cli_seed $(for i in $(seq 17); do echo "entry u $i m h 5"; done) >/dev/null
    local digit
    digit=$("$PREECHO" ls --keys | cut -c1 | sort | uniq -d | head -n1)
    preecho show "$digit"
    assert_failure $EX_DATAERR
    assert_stderr_line "give more of its digits"
    rm "$CONFIG"/salts/*
    preecho show "${KEYS[0]}"
    assert_failure $EX_DATAERR
    assert_stderr_line "salt"
    preecho ls
    assert_success
    assert_output --partial "unreadable"
}

@test "purge: by key, host, model, age, and everything" {
    seed_three
    preecho purge --older-than 3h
    assert_output "1 entry removed"
    preecho purge --host '*.openai.com' --model claude-x
    assert_output "0 entries removed"
    preecho merge
    preecho purge --key "${KEYS[0]:0:20}"
    assert_output "1 entry removed"
    preecho ls --keys
    assert_output "${KEYS[1]}"
    preecho purge --model 'gpt-4o-*'
    assert_output "1 entry removed"
    seed_three
    preecho merge
    cli_seed entry user-1 9 m h 1
    preecho purge --all
    assert_output "4 entries removed"
    preecho ls
    assert_output ""
    preecho stats --json
    assert_equal "$(json store.entries)" 0
    assert_equal "$(json recorded)" 7
}

@test "ls, purge --tag: exact text, every one of several, spooled and merged, with other conditions" {
    local round
    for round in 1 2; do
        SEED_TAGS=doc:42,model:a run cli_seed entry user-1 1 gpt-4o h 10
        local first=$output
        SEED_TAGS=doc:42,model:b run cli_seed entry user-2 2 claude-x h 20
        local second=$output
        SEED_TAGS=doc:421,model:a run cli_seed entry user-1 3 gpt-4o h 30
        local third=$output
        run cli_seed entry user-1 4 gpt-4o h 40
        [ "$round" -eq 1 ] || "$PREECHO" merge --quiet
        preecho ls --keys --tag doc:42
        assert_equal "${lines[*]}" "$first $second"
        preecho ls --keys --tag doc:42 --tag model:b
        assert_output "$second"
        preecho ls --keys --tag doc:42 --model 'gpt*'
        assert_output "$first"
        preecho ls --keys --tag doc:4
        assert_output ""
        preecho show "$second"
        assert_line --regexp '^tag +doc:42$'
        preecho purge --tag doc:42 --tag model:a --model claude-x
        assert_output "0 entries removed"
        preecho purge --tag doc:42
        assert_output "2 entries removed"
        preecho ls --keys --tag model:a
        assert_output "$third"
        preecho purge --all
        assert_output "2 entries removed"
    done
}

@test "purge --tag: an entry that was recorded again with other tags has those" {
    SEED_TAGS=doc:1,doc:2 cli_seed entry user-1 1 m h 10
    "$PREECHO" merge --quiet
    SEED_TAGS=doc:2,doc:3 cli_seed entry user-1 1 m h 10
    preecho ls --keys --tag doc:1
    assert_output ""
    "$PREECHO" merge --quiet
    preecho ls --keys --tag doc:1
    assert_output ""
    preecho purge --tag doc:1
    assert_output "0 entries removed"
    preecho purge --tag doc:3
    assert_output "1 entry removed"
}

@test "purge --tag: reads in proportion to what it removes, not to what is there" {
    command -v strace >/dev/null || skip "strace(1) is not installed"
    local count calls=()
    make -s -C "$ROOT" B="$BUILD" "$BUILD/bench/crowd" >/dev/null
    for count in 1000 "${CROWD:-20000}"; do
        "$BUILD/bench/crowd" "$STORE-$count" "$CONFIG" fill "$count" 100
        PREECHO_STORE=$STORE-$count run strace -f -o "$BATS_TEST_TMPDIR/trace" \
            -e trace=pread64,pwrite64 "$PREECHO" purge --tag doc:1
        assert_output "100 entries removed"
        calls+=("$(wc -l <"$BATS_TEST_TMPDIR/trace")")
    done
    [ "${calls[1]}" -lt 150 ] || fail "system calls: ${calls[*]}"
    PREECHO_STORE=$STORE-$count run "$PREECHO" ls --keys --tag doc:2
    assert_equal "${#lines[@]}" 100
}

@test "purge: what is removed is gone from the files" {
    seed_three
    preecho merge
    preecho purge --all
    run grep -rlF preechoE "$STORE"
    assert_output ""
}

@test "purge: a key must be unique, so that a digit too few removes nothing else" {
    # shellcheck disable=SC2046 # words
    cli_seed $(for i in $(seq 17); do echo "entry u $i m h 5"; done) >/dev/null
    local digit
    digit=$("$PREECHO" ls --keys | cut -c1 | sort | uniq -d | head -n1)
    preecho purge --key "$digit"
    assert_failure $EX_DATAERR
    assert_stderr_line "more than one key"
    preecho purge --key 0123456789abcdef0123456789abcdef
    assert_failure $EX_DATAERR
    assert_stderr_line "no entry has a key"
    preecho ls --keys
    assert_equal "${#lines[@]}" 17
}

@test "merge: moves the spool; a second one at the same time is told, or silent" {
    seed_three
    preecho merge
    assert_success
    assert_line --regexp '^ +3  entries moved'
    preecho merge
    assert_line --regexp '^ +0  entries moved'
    exec 9>>"$STORE/merge.lock"
    flock 9
    preecho merge
    assert_failure 75
    assert_stderr_line "try again"
    preecho merge --quiet
    assert_success
    exec 9>&-
}

@test "a store that others may write to is refused, with what to do" {
    seed_three
    chmod 777 "$STORE"
    for command in stats ls "show 00" "purge --all" merge; do
        # shellcheck disable=SC2086 # words
        preecho $command
        assert_failure $EX_NOPERM
        assert_stderr_line "chmod 700"
    done
    preecho doctor
    assert_failure $EX_NOPERM
    assert_line --regexp '^! '
}

@test "a setting that makes no sense is EX_CONFIG" {
    PREECHO_SCOPE=bogus preecho stats
    assert_failure $EX_CONFIG
    assert_stderr_line "PREECHO_SCOPE"
    PREECHO_STORE=relative preecho ls
    assert_failure $EX_CONFIG
    run --separate-stderr env -u HOME -u XDG_CACHE_HOME -u XDG_CONFIG_HOME "$PREECHO" ls
    assert_failure $EX_CONFIG
}

@test "a full disk under standard output is EX_IOERR, and nothing is lost" {
    seed_three
    run --separate-stderr bash -c "'$PREECHO' ls >/dev/full"
    assert_failure $EX_IOERR
    run --separate-stderr bash -c "'$PREECHO' stats --json >/dev/full"
    assert_failure $EX_IOERR
    run --separate-stderr bash -c "'$PREECHO' merge >&-"
    assert_failure $EX_IOERR
    preecho ls --keys
    assert_equal "${#lines[@]}" 3
}
