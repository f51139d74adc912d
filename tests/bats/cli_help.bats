#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho help`, `version`, usage errors, output that cannot be written, completion, man pages.
bats_require_minimum_version 1.5.0
load cli_helper

setup() {
    cli_setup
}

@test "help lists every command, version prints one line" {
    preecho help
    assert_success
    for name in run env stats report prefix log top ls show explain purge forget semantic export import serve merge config trust \
        doctor demo version help; do
        assert_line --regexp "^  $name +[a-z]"
    done
    preecho version
    assert_output --regexp '^preecho [0-9]+\.[0-9]+\.[0-9]+$'
    preecho --version
    assert_output --regexp '^preecho [0-9]'
    preecho --help
    assert_success
}

@test "help explains each command, as COMMAND --help does" {
    for name in $("$PREECHO" help --words); do
        preecho help "$name"
        assert_success
        assert_line --index 0 --regexp "^Usage: preecho $name"
        local help=$output
        preecho "$name" --help
        assert_success
        assert_equal "$output" "$help"
    done
}

@test "arguments that make no sense are EX_USAGE and name the help" {
    local line
    while read -r line; do
        # shellcheck disable=SC2086 # words
        preecho $line
        assert_equal "$line: $status" "$line: $EX_USAGE"
        [[ $stderr == *"Try 'preecho help"* || -z $line ]] || fail "$line: $stderr"
        assert_output ""
    done <<'END'

bogus
--bogus
run
run --bogus true
env extra
stats --bogus
stats extra
report
report --out
report --out x extra
report --out x --since 5
ls extra
prefix extra
prefix --top
prefix --top many
prefix --since yesterday
prefix --verdict hit
log extra
log --last
log --verdict nope
top extra
top --by host
top --interval 0
top --since yesterday
ls --host
show
show --bogus
show one two
show xyz
purge
purge --all --host x
purge --older-than 5
purge --older-than 5y
purge --older-than -5d
purge --older-than 99999999999999999999d
purge --key zz
purge --tag
purge --all --tag x
forget
forget --tenant
forget --dry-run
serve extra
serve --listen
serve --listen 8317
serve --listen example.com:80
serve --listen 127.0.0.1:65536
serve --listen ::1:80
serve --public-host a,b
serve --public-host http://a
merge extra
doctor one two
doctor --json
doctor --bogus
demo extra
version extra
help bogus
help one two
END
}

@test "output that cannot be written is EX_IOERR" {
    run --separate-stderr bash -c "'$PREECHO' help >/dev/full"
    assert_failure $EX_IOERR
    assert_stderr_line "No space left on device"
    run --separate-stderr bash -c "'$PREECHO' help >&-"
    assert_failure $EX_IOERR
    run --separate-stderr bash -c "trap '' PIPE; { sleep 0.2; '$PREECHO' help; echo \$? >&2; } | true"
    assert_equal "${stderr##*$'\n'}" "$EX_IOERR"
}

@test "a closed pipe ends the command as it ends any other" {
    run --separate-stderr bash -c "{ sleep 0.2; '$PREECHO' help; echo \$? >&2; } | true"
    assert_equal "$stderr" 141
}

@test "bash completes commands and options" {
    cat >"$BATS_TEST_TMPDIR/complete" <<'END'
source "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_preecho
printf '%s\n' "${COMPREPLY[@]}"
END
    run bash "$BATS_TEST_TMPDIR/complete" "$ROOT/tools/completion.bash" "$PREECHO" pu
    assert_output purge
    run bash "$BATS_TEST_TMPDIR/complete" "$ROOT/tools/completion.bash" "$PREECHO" purge --
    assert_line --older-than
    assert_line --all
    run bash "$BATS_TEST_TMPDIR/complete" "$ROOT/tools/completion.bash" "$PREECHO" doctor --
    assert_line --scan
    run bash "$BATS_TEST_TMPDIR/complete" "$ROOT/tools/completion.bash" "$PREECHO" doctor --scan /et
    assert_output /etc
    run bash "$BATS_TEST_TMPDIR/complete" "$ROOT/tools/completion.bash" "$PREECHO" help ver
    assert_output version
}

@test "every command and file format has a man page, and they are sound" {
    local out=$BATS_TEST_TMPDIR/man name page
    "$ROOT/tools/man/build" "$out"
    for name in $("$PREECHO" help --words); do
        [ -s "$out/preecho-$name.1" ]
        grep -q "preecho-$name" "$out/preecho.1"
    done
    [ -s "$out/preecho.conf.5" ]
    [ -s "$out/preecho-store.5" ] && [ -s "$out/preecho-journal.5" ]
    for page in "$out"/*; do
        run grep -n '@[A-Z]*@' "$page"
        assert_output ""
        if command -v mandoc >/dev/null; then
            run mandoc -T lint -W warning "$page"
            assert_output ""
        else
            run --separate-stderr man --warnings -l "$page"
            assert_equal "$stderr" ""
        fi
    done
}

@test "every setting stands in preecho(1) and the README" {
    local name number=0
    for name in $(grep -oh '"PREECHO_[A-Z_]*"' "$ROOT"/shim/core/settings.def | tr -d '"' | sort -u); do
        grep -q "Ev $name\b" "$ROOT/tools/man/preecho.1.in" || fail "$name"
        grep -q "\`$name\`" "$ROOT/README.md" || fail "$name"
        number=$((number + 1))
    done
    [ $number -gt 20 ]
    for name in $(sed -nE 's/^SETTING\([A-Z_]+, "([a-z_]+)".*/\1/p' "$ROOT/shim/core/settings.def"); do
        grep -q "\`$name\`" "$ROOT/README.md" || fail "$name"
        grep -q "^.It Ic $name\$" "$BUILD/man/preecho.conf.5" || fail "$name"
    done
}
