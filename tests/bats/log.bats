#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho log`: every call once, in order, whatever happens to the journal meanwhile.
bats_require_minimum_version 1.5.0
load helpers.bash
load clients.bash
load journal_helper.bash

setup_file() {
    journal_seed_build
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

teardown() {
    [ -z "${FOLLOWER:-}" ] || kill "$FOLLOWER" 2>/dev/null || true
}

# follow OPTION...: `log -f` into $FOLLOWED.
follow() {
    FOLLOWED=$BATS_TEST_TMPDIR/followed
    "$PREECHO" log -f "$@" >"$FOLLOWED" 2>"$BATS_TEST_TMPDIR/followed.err" 3>&- &
    FOLLOWER=$!
}

# follower_ends STATUS
follower_ends() {
    local status=0
    wait "$FOLLOWER" || status=$?
    FOLLOWER=
    assert_equal "$status" "$1"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/followed.err")" ""
}

followed_lines() {
    [ "$(wc -l <"$FOLLOWED")" -ge "$1" ]
}

# numbers: of the calls in $FOLLOWED as ranges: "0-9 0-4"
numbers() {
    jq -r .response_bytes "$FOLLOWED" | awk '
        NR > 1 && $1 != last + 1 { printf "%s-%s ", first, last; first = $1 }
        NR == 1 { first = $1 }
        { last = $1 }
        END { if (NR) print first "-" last }'
}

@test "log: one line a call, in 100 columns, whatever its texts hold" {
    seed_journal 'call' \
        'call verdict=bypass layer=none reason=h2 model= usage=unknown status=0 program=node' \
        'call verdict=miss model=claude-sonnet-4-5 dialect=anthropic host=api.anthropic.com in=123456 last=4100000' \
        'call verdict=miss reason=no-terminal-event model=unheard-of-model-with-a-very-long-name-indeed' \
        'call verdict=stale status=503 usage=estimated program=a-program-of-15'
    run --separate-stderr "$PREECHO" log
    assert_success
    assert_equal "$stderr" ""
    assert_equal "${#lines[@]}" 6
    assert_line --index 0 --regexp '^time +verdict +model +host +program +http +first +last +tokens +money$'
    assert_line --index 1 --regexp '^[0-9:]{8} +hit exact +gpt-4o-mini api.openai.com python3 +200 400us 1.2ms +1000\+200 +\+\$0.0003$'
    assert_line --index 2 --regexp ' bypass h2 +api.openai.com node +- 400us 1.2ms +- +-$'
    assert_line --index 3 --regexp ' miss +claude-son~ api.anthropic~ python3 +200 400us +4.1s +123k\+200 +-\$0.3734$'
    assert_line --index 4 --regexp ' miss no-termina~ unheard-of~ .* \?$'
    assert_line --index 5 --regexp ' stale exact .* a-prog~ +503 .*~1000\+200 +-$'
    run awk 'length > 100' <<<"$output"
    assert_output ""
}

@test "log: no control character comes out of a text, in either form" {
    seed_journal 'call model=a\x1b[31mred\x07\x0anext\x7f host=\xc2\x9b31m\x9b program=\xff\xfe\x01' \
        'call model=caf\xc3\xa9 tags=doc:\x1b]0;title'
    local form
    for form in "" --json; do
        "$PREECHO" log $form | tail -n 2 >"$OUT"
        assert_equal "$(wc -l <"$OUT")" 2
        run env LC_ALL=C grep -c '[^ -~]' "$OUT"
        assert_output 0
    done
    assert_equal "$("$PREECHO" log --json | jq -r .model | tail -n 1)" "café"
    assert_equal "$("$PREECHO" log --json | jq -r '.tags[0]' | tail -n 1 | xxd -p)" 646f633a1b5d303b7469746c650a
}

@test "log: a terminal's width is kept to, from 10 columns to 200" {
    seed_journal 'call' 'call verdict=bypass reason=unsupported-transfer'
    local width
    for width in 10 40 79 200; do
        run on_terminal --size ${width}x5 exit:0 screen -- "$PREECHO" log
        assert_success
        assert_line --index 2 --regexp '^[0-9]+:[0-9]+:.*\|$'
        assert_line --index 3 --regexp '^ +\|$'
    done
    assert_line --index 2 --partial " bypass unsupported-transfer "
}

@test "log --json: every member of a call" {
    seed_journal 'call time=1764248400123 tenant=7 tags=doc:42,test:a.py::b cached=10'
    run --separate-stderr "$PREECHO" log --json
    assert_success
    assert_equal "$(jq -c 'keys_unsorted' <<<"$output" | tr -dc '[:lower:],_' | tr ',' ' ')" \
        "time verdict layer reason model host port dialect operation program pid status recorded stream coalesced library lookup_seconds first_byte_seconds last_byte_seconds recorded_first_byte_seconds recorded_last_byte_seconds saved_seconds usage tokens_in tokens_out tokens_cached tokens_cache_write saved_dollars spent_dollars request_bytes response_bytes tenant key request tags"
    assert_equal "$(jq -c '[.time, .verdict, .layer, .reason, .status, .library, .usage]' <<<"$output")" \
        '["2025-11-27T13:00:00.123Z","hit","exact",null,200,"libssl","reported"]'
    assert_equal "$(jq -c '[.first_byte_seconds, .saved_seconds, .tokens_in, .tokens_cached, .spent_dollars]' <<<"$output")" \
        '[0.0004,2.5,1000,10,null]'
    assert_equal "$(jq -c '[.tenant, .key, .tags]' <<<"$output")" \
        '["07070707070707070707070707070707",null,["doc:42","test:a.py::b"]]'
    for name in $(jq -r keys[] <<<"$output"); do
        grep -q "^.Li $name\b" "$PROJECT/tools/man/log.1.in" || fail "the man page does not name $name"
    done
}

@test "log: each filter leaves what it should, and mistakes are told" {
    seed_journal 'call time=-7200 response=1' 'call time=-60 response=2 model=claude-x' \
        'call response=3 host=eu.example.com' 'call response=4 program=node' \
        'call response=5 verdict=miss reason=status' 'call response=6 verdict=bypass layer=none reason=h2' \
        'call response=7 tags=doc:42,doc:421 tenant=10' 'call response=8 tags=doc:421'
    found() {
        "$PREECHO" log --json "$@" | jq -r .response_bytes | xargs
    }
    assert_equal "$(found)" "1 2 3 4 5 6 7 8"
    assert_equal "$(found --since 1h)" "2 3 4 5 6 7 8"
    assert_equal "$(found --until 1h)" 1
    assert_equal "$(found --since 3h --until 1h)" 1
    assert_equal "$(found --since 2020-01-01 --until 2020-01-02T10:00)" ""
    assert_equal "$(found --model 'CLAUDE*')" 2
    assert_equal "$(found --host '*.example.com')" 3
    assert_equal "$(found --program node)" 4
    assert_equal "$(found --verdict miss)" 5
    assert_equal "$(found --reason h2)" 6
    assert_equal "$(found --layer none)" 6
    assert_equal "$(found --tag doc:42)" 7
    assert_equal "$(found --tag doc:421)" "7 8"
    assert_equal "$(found --tenant 0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A)" 7
    assert_equal "$(found --last 3)" "6 7 8"
    assert_equal "$(found --last 99)" "1 2 3 4 5 6 7 8"
    assert_equal "$(found --last 0)" ""
    assert_equal "$(found --last 2 --verdict hit)" "7 8"
    local line
    while read -r line; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr "$PREECHO" log $line
        assert_failure 64
        [[ $stderr == *"Try 'preecho help log'"* ]] || fail "$line: $stderr"
        assert_output ""
    done <<'END'
extra
--bogus
--last x
--last -1
--last 99999999999999999999999
--since yesterday
--until 5y
--verdict nope
--layer nope
--reason nope
-f --until 1h
END
}

@test "log: a journal that is missing, torn or unsafe" {
    run --separate-stderr "$PREECHO" log
    assert_success
    assert_output ""
    seed_journal 'call response=1' torn torn 'call response=2'
    run --separate-stderr "$PREECHO" log --json
    assert_success
    assert_equal "$(jq -r .response_bytes <<<"$output" | xargs)" "1 2"
    assert_equal "$stderr" "preecho: left out: records that killed programs have not finished: 2"
    chmod 666 "$PREECHO_STORE"/journal/*
    run --separate-stderr "$PREECHO" log
    assert_failure 77
    [[ $stderr == *chmod* ]]
}

@test "log: output that cannot be written is told, a reader that goes away is not" {
    seed_journal 'many 5000'
    run --separate-stderr bash -c "'$PREECHO' log >/dev/full"
    assert_failure 74
    run --separate-stderr bash -c "'$PREECHO' log | head -n 1; echo \${PIPESTATUS[0]}"
    assert_line --index 1 0
    assert_equal "$stderr" ""
}

@test "log -f: each call once and in order through rotation, folding and a new beginning" {
    rm -rf "$PREECHO_STORE"
    follow --json --last 0
    sleep 0.3
    seed_journal 'many 9000'
    wait_until 10 followed_lines 9000
    rm "$PREECHO_STORE"/journal/*1
    seed_journal 'many 5000'
    wait_until 10 followed_lines 14000
    rm -r "$PREECHO_STORE/journal"
    sleep 0.3
    seed_journal 'many 100'
    wait_until 10 followed_lines 14100
    rm -r "$PREECHO_STORE"
    seed_journal 'many 4500'
    wait_until 10 followed_lines 18600
    sleep 0.4
    kill -INT "$FOLLOWER"
    follower_ends 0
    assert_equal "$(numbers)" "0-8999 0-4999 0-99 0-4499"
}

@test "log -f: a dead writer's slot is passed, and what comes behind it is not lost" {
    seed_journal 'call response=1'
    follow --json
    wait_until 10 followed_lines 1
    seed_journal torn torn 'many 3'
    wait_until 10 followed_lines 4
    kill -TERM "$FOLLOWER"
    follower_ends 0
    assert_equal "$(numbers)" "1-1 0-2"
}

@test "log -f: begins with the latest ten, or with what was asked for" {
    seed_journal 'many 25' 'call time=-7200 response=77'
    follow --json
    wait_until 10 followed_lines 10
    seed_journal 'call response=100'
    wait_until 10 followed_lines 11
    kill -INT "$FOLLOWER"
    follower_ends 0
    assert_equal "$(numbers)" "16-24 77-77 100-100"
    follow --json --since 1h
    wait_until 10 followed_lines 26
    kill -INT "$FOLLOWER"
    follower_ends 0
    assert_equal "$(numbers)" "0-24 100-100"
}

@test "log -f: a closed pipe ends it, also when no call comes" {
    seed_journal 'many 3'
    run timeout 10 bash -c "'$PREECHO' log -f --json | head -n 1 | jq .response_bytes; echo \"\${PIPESTATUS[*]}\""
    assert_line --index 0 0
    assert_line --index 1 "0 0 0"
}

@test "log -f: takes next to no processor time while nothing happens" {
    seed_journal 'many 10'
    follow
    wait_until 10 followed_lines 11
    local before
    before=$(processor_ticks "$FOLLOWER")
    sleep 3
    [ $(($(processor_ticks "$FOLLOWER") - before)) -le 6 ]
    kill -INT "$FOLLOWER"
    follower_ends 0
}

@test "log -f: calls of an asyncio program and of Ruby as they happen" {
    follow --json --last 0
    wait_until 10 test -d "$PREECHO_STORE"
    local name total=0 run
    for name in python_httpx_async ruby_net_http; do
        need_client "$name"
        for run in miss hit; do
            capture run_client "$KEY-$name" "$BODY" 3
            looks_right 3
            total=$((total + 3))
            wait_until 10 followed_lines $total
            assert_equal "$(tail -n 3 "$FOLLOWED" | jq -r .verdict | sort | uniq -c | xargs)" "3 $run"
        done
        assert_equal "$(tail -n 3 "$FOLLOWED" | jq -r '[.program, .model, .host] | join(" ")' | sort -u)" \
            "$(sed 's/_.*//; s/python/python3/' <<<"$name") gpt-4o-mini localhost"
    done
    kill -INT "$FOLLOWER"
    follower_ends 0
    assert_equal "$(wc -l <"$FOLLOWED")" 12
}

@test "log --tenant: by the label that a program had, also while following" {
    seed_journal 'call tenant=9'
    follow --json --tenant search
    wait_until 10 test -d "$PREECHO_STORE"
    PREECHO_TENANT=search miss ask curl "$KEY" "$(chat 'Hello')"
    PREECHO_TENANT=other miss ask curl "$KEY" "$(chat 'Hello')"
    PREECHO_TENANT=search hit ask curl "$KEY" "$(chat 'Hello')"
    wait_until 10 followed_lines 2
    assert_equal "$(jq -r .verdict "$FOLLOWED" | xargs)" "miss hit"
    kill -INT "$FOLLOWER"
    follower_ends 0
    run --separate-stderr "$PREECHO" log --json --tenant search
    assert_equal "$(jq -r .verdict <<<"$output" | xargs)" "miss hit"
    run --separate-stderr "$PREECHO" log --json --tenant "$(jq -r .tenant <<<"$output" | head -n 1)"
    assert_equal "$(jq -r .verdict <<<"$output" | xargs)" "miss hit"
}
