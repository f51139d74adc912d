#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho top` on terminals of several sizes, and where there is none.
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
    unset NO_COLOR
}

# Twelve hits, three misses, a bypass and a failure, of two programs.
seed_day() {
    seed_journal 'many 10' 'many 3 verdict=miss' 'call model=claude-sonnet-4-5 dialect=anthropic program=node' \
        'call model=unheard-of program=node' 'call verdict=bypass layer=none reason=h2 model= usage=unknown' \
        'call verdict=stale status=503'
}

@test "top: 80 x 24 shows totals, models, calls and keys, and quits" {
    seed_day
    run on_terminal 'see:^calls 17 ' 'see:^q quit' screen key:q exit:0 clean -- "$PREECHO" top
    assert_success
    assert_equal "${#lines[@]}" 24
    assert_line --index 0 --regexp '^calls 17  hits 12  hit rate 75.0 %  since [0-9-]+ [0-9:]+ +\|$'
    assert_line --index 1 --regexp '^saved 30.0 s and \$0.008700  spent \$0.000810  calls without a price 1 +\|$'
    assert_line --index 3 --regexp '^model +calls +hits +hit rate +time saved +saved +spent\|$'
    assert_line --index 4 --regexp '^gpt-4o-mini +14 +10 +71.4 % +25.0 s +\$0.002700 +\$0.000810\|$'
    assert_line --regexp '^unheard-of +1 +1 +100.0 % +2.5 s +\? +\?\|$'
    assert_line --index 9 --regexp '^time +verdict +model +program +http +last +tokens +money\|$'
    assert_line --index 10 --regexp '^[0-9:]{8} stale exact +gpt-4o-mini +python3 +503 '
    assert_line --index 11 --regexp ' bypass h2 '
    assert_line --index 23 --regexp '^q quit  p pause  m by program +\|$'
}

@test "top: keys switch to programs and pause; calls appear as they are made" {
    seed_day
    seed_later() {
        printf "echo '%s' | '%s' '%s'" "$1" "$BATS_FILE_TMPDIR/journal_seed" "$PREECHO_STORE/journal"
    }
    run on_terminal 'see:^calls 17 ' key:m 'see:^program .*spent' 'see:^node +2 +2' \
        "run:$(seed_later 'call program=ruby')" 'see:^calls 18 ' 'see:^ruby +1 +1' \
        key:p 'see:paused' "run:$(seed_later 'many 5 program=ruby')" \
        key:m 'see:^model' 'see:^calls 18 ' key:p 'see:^calls 23 ' 'gone:paused' key:q exit:0 clean \
        -- "$PREECHO" top
    assert_success
}

@test "top: other sizes, from 10 x 3 to 200 x 60, and a terminal that changes" {
    seed_day
    local size
    for size in 120x40 40x10 10x3 20x6 200x60 1x1; do
        run on_terminal --size "$size" "see:$([ $size = 1x1 ] || echo '[a-z0-9]')" screen key:q exit:0 clean -- "$PREECHO" top
        assert_success
        assert_equal "${#lines[@]}" "${size#*x}"
        [ "${#lines[0]}" -eq $((${size%x*} + 1)) ]
    done
    run on_terminal 'see:^q quit' size:120x40 'see:(?s)api.openai.com.*^q quit' screen size:40x10 'see:(?s)sin~$.*^q quit' \
        'see:^q quit' screen size:10x3 'gone:q quit' size:80x24 'see:^q quit' 'see:^model' key:q exit:0 clean \
        -- "$PREECHO" top
    assert_success
    assert_equal "${#lines[@]}" 50
    assert_line --index 39 --regexp '^q quit .{100,}\|$'
    assert_line --index 49 --regexp '^q quit  p pause  m by program +\|$'
    assert_line --index 40 --regexp '^calls 17  hits 12  hit rate 75.0 %  sin~\|$'
}

@test "top: signals and a key leave the terminal as it was" {
    seed_day
    local how
    for how in key:q signal:INT signal:TERM signal:HUP $'key:\x03'; do
        run on_terminal 'see:^q quit' "$how" exit:0 clean -- "$PREECHO" top
        assert_success
    done
    run on_terminal --term xterm-256color 'see:q quit' key:q exit:0 clean -- "$PREECHO" top
    assert_success
}

@test "top: an unsafe journal ends it with a message on a clean terminal" {
    seed_day
    chmod 666 "$PREECHO_STORE"/journal/*
    run on_terminal exit:77 clean screen -- "$PREECHO" top
    assert_success
    assert_output --partial "chmod 700"
}

@test "top: colours, unless NO_COLOR is set" {
    seed_day
    run on_terminal 'see:^q quit' ansi key:q exit:0 -- "$PREECHO" top
    assert_output --partial $'\x1b[0;32m'
    NO_COLOR=1 run on_terminal 'see:^q quit' ansi key:q exit:0 -- "$PREECHO" top
    refute_output --regexp $'\x1b\\[0;3'
}

@test "top: no control character of a call reaches the terminal" {
    seed_journal 'call model=\x1b]0;title\x07\x1b[2J program=\xc2\x9b2J'
    run on_terminal 'see:^q quit' screen key:q exit:0 clean -- "$PREECHO" top
    assert_line --partial '?]0;title??[2J'
}

@test "top: lines of text where there is no terminal, where it is dumb, and with --plain" {
    seed_day
    local expected='calls 17  hits 12  hit rate 75.0 %  saved 30.0 s and \$0.008700  spent \$0.000810'
    run --separate-stderr bash -c "'$PREECHO' top --interval 1 | head -n 2; echo \${PIPESTATUS[0]}"
    assert_line --index 0 --regexp "^$expected"
    assert_line --index 1 --regexp "^$expected"
    assert_line --index 2 0
    assert_equal "$stderr" ""
    local term
    for term in dumb no-such-terminal ''; do
        run on_terminal --term "$term" "see:$expected" signal:INT exit:0 clean -- "$PREECHO" top
        assert_success
    done
    run on_terminal "see:$expected" signal:TERM exit:0 clean -- "$PREECHO" top --plain
    assert_success
    run --separate-stderr bash -c "'$PREECHO' top >/dev/full"
    assert_failure 74
}

@test "top: takes next to no processor time while nothing happens" {
    seed_day
    run on_terminal 'see:^q quit' 'run:sleep 1; for i in 1 2; do
        for pid in $(pgrep -f "^'"$PREECHO"' top$"); do awk "{ print \$14 + \$15 }" /proc/$pid/stat; done; sleep 3
        done >'"$OUT" key:q exit:0 clean -- "$PREECHO" top
    assert_success
    assert_equal "$(wc -l <"$OUT")" 2
    [ $(($(tail -n 1 "$OUT") - $(head -n 1 "$OUT"))) -le 9 ]
}

@test "top: real calls of an asyncio program and of Ruby" {
    need_client ruby_net_http
    capture run_client "$KEY" "$BODY" 3
    need_client python_httpx_async
    capture run_client "$KEY" "$BODY" 3
    run on_terminal 'see:^calls 6  hits 3  hit rate 50.0 %' 'see:^python3 +3 +3' 'see:^ruby +3 +0' \
        'see: hit exact +gpt-4o-mini' 'see: miss +gpt-4o-mini' key:q exit:0 clean \
        -- "$PREECHO" top --by program
    assert_success
}

@test "the libraries in a host do not know of ncurses" {
    run ldd "$BUILD/libpreecho-core.so"
    refute_output --regexp 'curses|tinfo'
    run readelf -d "$BUILD/libpreecho.so"
    refute_output --partial NEEDED
}
