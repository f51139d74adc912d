#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho trust`: projects' files.
bats_require_minimum_version 1.5.0
load cli_helper

setup() {
    cli_setup
    mkdir -p "$HOME/repo/.git" "$HOME/repo/deep"
    FILE=$HOME/repo/.preecho.conf
    echo 'ttl = 1h' >"$FILE"
    cd "$HOME/repo/deep"
}

# The state of the project's file as `preecho config` tells it.
state() {
    "$PREECHO" config | sed -n "s|^# $FILE: ||p"
}

@test "trusted is the content that was shown" {
    [[ $(state) == "ignored: not trusted"* ]]
    preecho trust
    assert_success
    assert_line "  $FILE:1: ttl = 1h"
    assert_line "trusted: $FILE"
    assert_equal "$(state)" read
    run stat -c %a "$CONFIG/trusted"
    assert_output 600
    preecho trust ../.preecho.conf
    assert_line "already trusted: $FILE"
    assert_equal "$(wc -l <"$CONFIG/trusted")" 1
    echo 'ttl = 2h' >"$FILE"
    [[ $(state) == "ignored: not trusted"* ]]
    preecho doctor
    assert_line --regexp "^- +settings +$FILE: ignored: not trusted"
    preecho trust "$FILE"
    assert_line "trusted: $FILE"
    assert_equal "$(wc -l <"$CONFIG/trusted")" 1
    assert_equal "$(state)" read
}

@test "--remove, and files of several projects" {
    preecho trust
    mkdir -p "$HOME/other"
    echo 'mode = observe' >"$HOME/other/.preecho.conf"
    preecho trust "$HOME/other/.preecho.conf"
    assert_success
    assert_equal "$(wc -l <"$CONFIG/trusted")" 2
    preecho trust --remove
    assert_output "no longer trusted: $FILE"
    [[ $(state) == "ignored: not trusted"* ]]
    preecho trust --remove "$FILE"
    assert_output "was not trusted: $FILE"
    run cat "$CONFIG/trusted"
    assert_output --partial "$HOME/other/.preecho.conf"
    (cd "$HOME/other" && "$PREECHO" config | grep -q '^mode  *observe')
}

@test "a copy at another place, and one with the same name, are not trusted" {
    preecho trust
    mkdir -p "$HOME/copy/.git"
    cp "$FILE" "$HOME/copy/"
    cd "$HOME/copy"
    run "$PREECHO" config
    assert_line --regexp "^# $HOME/copy/.preecho.conf: ignored: not trusted"
}

@test "what cannot be trusted" {
    rm "$FILE"
    preecho trust
    assert_failure $EX_NOINPUT
    assert_stderr_line "there is no .preecho.conf here"
    preecho trust "$HOME/nowhere/x"
    assert_failure $EX_NOINPUT
    preecho trust "$HOME/absent"
    assert_failure $EX_NOINPUT
    echo 'tll = 1h' >"$FILE"
    preecho trust
    assert_failure $EX_CONFIG
    assert_stderr_line ":1: tll is no setting"
    echo 'ttl = 1h' >"$FILE"
    chmod g+w "$FILE"
    preecho trust
    assert_failure $EX_NOPERM
    [[ $(state) == "ignored: not this user's"* ]]
    [ ! -e "$CONFIG/trusted" ]
}

@test "a list that others can write to is not believed" {
    preecho trust
    assert_equal "$(state)" read
    chmod 666 "$CONFIG/trusted"
    [[ $(state) == "ignored: not trusted"* ]]
    preecho trust
    assert_failure $EX_NOPERM
}

@test "arguments that make no sense" {
    preecho trust a b
    assert_failure $EX_USAGE
    preecho trust --bogus
    assert_failure $EX_USAGE
}
