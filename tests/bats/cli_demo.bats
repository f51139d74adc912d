#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho demo`: comes out as it says, in time, and leaves nothing.
bats_require_minimum_version 1.5.0
load cli_helper

setup() {
    cli_setup
}

demo_directories() {
    find /tmp -maxdepth 1 -name 'preecho-demo-*' 2>/dev/null | sort
}

@test "demo: misses, hits, two users, a stream, no plain text, within 20 seconds" {
    local before start=$SECONDS
    before=$(demo_directories)
    preecho demo
    assert_success
    [ $((SECONDS - start)) -lt 20 ]
    assert_equal "$(grep -c ' run  *hit ' <<<"$output")" 3
    assert_equal "$(grep -c ' run  *miss ' <<<"$output")" 4
    assert_equal "$(grep -c ' none ' <<<"$output")" 3
    refute_output --partial WRONG
    refute_output --partial $'\e'
    assert_line --regexp '^exact +7 +3 +42.9 %'
    assert_equal "$(demo_directories)" "$before"
    [ ! -e "$STORE" ] && [ ! -e "$CONFIG" ]
}

@test "demo: without the core it says that nothing was a hit, and fails" {
    mkdir -p "$BATS_TEST_TMPDIR/build"
    cp "$PREECHO" "$BUILD/libpreecho.so" "$BATS_TEST_TMPDIR/build/"
    ln -s "$ROOT/tests" "$BATS_TEST_TMPDIR/tests"
    run --separate-stderr "$BATS_TEST_TMPDIR/build/preecho" demo
    assert_failure 70
    assert_line --partial WRONG
}

@test "demo: a signal ends it and leaves nothing" {
    local before directory
    before=$(demo_directories)
    "$PREECHO" demo >/dev/null 2>&1 3>&- &
    local demo=$!
    sleep 2
    directory=$(comm -13 <(echo "$before") <(demo_directories) | head -n1)
    [ -n "$directory" ]
    kill -TERM $demo
    wait $demo && status=0 || status=$?
    assert_equal "$status" 143
    [ ! -e "$directory" ]
    run pgrep -f "upstream.py --dir $directory"
    assert_failure
}
