#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho run` and `preecho env`: the program stays what it is.
bats_require_minimum_version 1.5.0
load cli_helper

setup() {
    cli_setup
    STUB=$(realpath "$BUILD/libpreecho.so")
}

@test "run: the program's exit status, also by a signal" {
    preecho run -- sh -c 'exit 7'
    assert_failure 7
    preecho run sh -c 'kill -TERM $$'
    assert_failure 143
}

@test "run: no process stands between" {
    run --separate-stderr bash -c "'$PREECHO' run -- sh -c 'echo \$\$' & wait; echo \$!"
    assert_equal "${lines[0]}" "${lines[1]}"
}

@test "run: standard output and error are the program's own" {
    preecho run -- sh -c 'echo out; echo error >&2; cat' <<<"in"
    assert_output $'out\nin'
    assert_equal "$stderr" error
}

@test "run: the stub goes to the end of LD_PRELOAD, once" {
    preecho run -- printenv LD_PRELOAD
    assert_output "$STUB"
    preecho run -- "$PREECHO" run -- printenv LD_PRELOAD
    assert_output "$STUB"
    LD_PRELOAD=libc.so.6 run --separate-stderr "$PREECHO" run -- printenv LD_PRELOAD
    assert_output "libc.so.6:$STUB"
    LD_PRELOAD="libc.so.6 libm.so.6" run --separate-stderr "$PREECHO" run -- printenv LD_PRELOAD
    assert_output "libc.so.6:libm.so.6:$STUB"
}

@test "run: descriptors that are closed stay closed, and no other is open" {
    run bash -c "'$PREECHO' run -- bash -c '[[ -e /proc/self/fd/0 || -e /proc/self/fd/1 ]]; exit \$?' <&- >&-"
    assert_failure 1
    run bash -c "'$PREECHO' run -- bash -c 'echo /proc/\$\$/fd/*' 3>&-"
    local preloaded=$output
    run bash -c "bash -c 'echo /proc/\$\$/fd/*' 3>&-"
    assert_equal "$(tr -d 0-9 <<<"$preloaded")" "$(tr -d 0-9 <<<"$output")"
}

@test "run: a program that is missing or cannot be run, as env(1) tells it" {
    run -127 --separate-stderr "$PREECHO" run -- no-such-program
    assert_stderr_line "no-such-program: No such file"
    preecho run -- /etc/passwd
    assert_failure 126
    run -127 --separate-stderr "$PREECHO" run -- ""
}

@test "run: one line when a setting makes no sense; the program runs" {
    PREECHO_MODE=bogus preecho run -- echo ran
    assert_success
    assert_output ran
    assert_stderr_line "^preecho: switched off: .*PREECHO_MODE"
}

@test "run: without its stub the program runs all the same" {
    cp "$PREECHO" "$BATS_TEST_TMPDIR/preecho"
    run --separate-stderr "$BATS_TEST_TMPDIR/preecho" run -- echo ran
    assert_success
    assert_output ran
    assert_stderr_line "libpreecho.so lies neither"
    run --separate-stderr "$BATS_TEST_TMPDIR/preecho" env
    assert_failure $EX_UNAVAILABLE
}

@test "run: a path that LD_PRELOAD cannot name is told" {
    mkdir "$BATS_TEST_TMPDIR/a b"
    cp "$PREECHO" "$STUB" "$BATS_TEST_TMPDIR/a b/"
    run --separate-stderr "$BATS_TEST_TMPDIR/a b/preecho" run -- echo ran
    assert_output ran
    assert_stderr_line "blank or a colon"
}

@test "run: the installed layout" {
    local prefix=$BATS_TEST_TMPDIR/usr
    mkdir -p "$prefix/bin" "$prefix/lib/preecho"
    cp "$PREECHO" "$prefix/bin/"
    cp "$STUB" "$prefix/lib/preecho/"
    run --separate-stderr "$prefix/bin/preecho" run -- printenv LD_PRELOAD
    assert_output "$prefix/lib/preecho/libpreecho.so"
    ln -s "$prefix/bin/preecho" "$BATS_TEST_TMPDIR/link"
    run --separate-stderr "$BATS_TEST_TMPDIR/link" run -- printenv LD_PRELOAD
    assert_output "$prefix/lib/preecho/libpreecho.so"
}

@test "env: what a shell evals, and --off undoes it" {
    run sh -c "LD_PRELOAD=libc.so.6; eval \"\$('$PREECHO' env)\"; printenv LD_PRELOAD;
        eval \"\$('$PREECHO' env --off)\"; echo \$LD_PRELOAD"
    assert_line --index 0 "$STUB"
    assert_equal "${#lines[@]}" 1
    run sh -c "export LD_PRELOAD=libc.so.6; eval \"\$('$PREECHO' env)\"; printenv LD_PRELOAD;
        eval \"\$('$PREECHO' env --off)\"; printenv LD_PRELOAD"
    assert_line --index 0 "libc.so.6:$STUB"
    assert_line --index 1 "libc.so.6"
}

@test "env: a quote in the path" {
    mkdir "$BATS_TEST_TMPDIR/it's"
    cp "$PREECHO" "$STUB" "$BATS_TEST_TMPDIR/it's/"
    run sh -c "eval \"\$(\"$BATS_TEST_TMPDIR/it's/preecho\" env)\"; printenv LD_PRELOAD"
    assert_output "$BATS_TEST_TMPDIR/it's/libpreecho.so"
}
