#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Store full / read-only / corrupt / locked / not ours: the program is unaffected.

load helpers.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

teardown() {
    [ -z "${SMALL:-}" ] || umount "$SMALL" 2>/dev/null || true
}

# Both layers work as without preecho: right answers, empty stderr, status 0, every time.
host_is_unaffected() {
    local layer round
    for layer in $LAYERS; do
        for round in 1 2; do
            miss ask "$layer" "$KEY" "$(chat "trouble $layer $1 [[fault:steady]]")"
            assert_equal "$STATUS" 0
            assert_equal "$(cat "$ERR")" ""
            if [ "$round" -eq 1 ]; then
                keep "$layer"
            fi
            same_as "$layer"
        done
    done
}

as_root() {
    [ "$(id -u)" -eq 0 ] || skip "only root can $1"
}

@test "store full: program unaffected" {
    as_root "mount a small file system"
    SMALL=$BATS_TEST_TMPDIR/small
    mkdir "$SMALL"
    mount -t tmpfs -o size=64k,mode=700 tmpfs "$SMALL" 2>/dev/null ||
        skip "this machine does not let root mount a tmpfs"
    export PREECHO_STORE=$SMALL/store
    mkdir -m 700 "$PREECHO_STORE"
    dd if=/dev/zero of="$SMALL/filler" bs=1k 2>/dev/null || true
    host_is_unaffected full
    rm "$SMALL/filler"
    miss ask curl "$KEY" "$(chat 'room again')"
    hit ask curl "$KEY" "$(chat 'room again')"
    umount "$SMALL"
}

@test "store fills up while it is in use: program unaffected, earlier entries stay" {
    as_root "mount a small file system"
    SMALL=$BATS_TEST_TMPDIR/small
    mkdir "$SMALL"
    mount -t tmpfs -o size=640k,mode=700 tmpfs "$SMALL" 2>/dev/null ||
        skip "this machine does not let root mount a tmpfs"
    export PREECHO_STORE=$SMALL/store
    local i
    miss ask curl "$KEY" "$(chat 'early')"
    keep early
    for i in $(seq 12); do
        miss ask curl "$KEY" "$(chat "filling $i [[fault:big=200]]")"
        assert_equal "$STATUS" 0
        assert_equal "$(cat "$ERR")" ""
        jq -e . "$OUT" >/dev/null
    done
    hit ask curl "$KEY" "$(chat 'early')"
    same_as early
    umount "$SMALL"
}

@test "store read-only: program unaffected, old entries are still served" {
    as_root "mount a read-only file system"
    miss ask curl "$KEY" "$(chat 'before')"
    keep before
    "$PREECHO" merge
    mount --bind "$PREECHO_STORE" "$PREECHO_STORE" 2>/dev/null &&
        mount -o remount,ro,bind "$PREECHO_STORE" 2>/dev/null ||
        skip "this machine does not let root make a bind mount"
    SMALL=$PREECHO_STORE
    host_is_unaffected read-only
    capture ask curl "$KEY" "$(chat 'before')"
    assert_equal "$STATUS" 0
    umount "$PREECHO_STORE"
    hit ask tls "$KEY" "$(chat 'before')"
}

@test "store directory cannot be made: program unaffected" {
    : >"$BATS_TEST_TMPDIR/file"
    export PREECHO_STORE=$BATS_TEST_TMPDIR/file/store
    host_is_unaffected unmakeable
}

@test "store is a file: program unaffected" {
    : >"$PREECHO_STORE"
    host_is_unaffected file
}

@test "store owned by someone else: refused, program unaffected" {
    as_root "give files away"
    mkdir -m 700 "$PREECHO_STORE"
    chown nobody "$PREECHO_STORE"
    host_is_unaffected foreign
    assert_equal "$(find "$PREECHO_STORE" -type f)" ""
    run "$PREECHO" doctor
    assert_failure
    assert_output --partial own
}

@test "store writable by others: refused, program unaffected" {
    mkdir "$PREECHO_STORE"
    chmod 777 "$PREECHO_STORE"
    host_is_unaffected writable
    assert_equal "$(find "$PREECHO_STORE" -type f)" ""
    run "$PREECHO" doctor
    assert_failure
}

@test "secret readable by others: refused, program unaffected" {
    miss ask curl "$KEY" "$(chat 'before')"
    chmod 644 "$XDG_CONFIG_HOME/preecho/secret"
    host_is_unaffected secret
    run "$PREECHO" doctor
    assert_failure
}

@test "secret cut short: program unaffected" {
    miss ask curl "$KEY" "$(chat 'before')"
    head -c 7 "$XDG_CONFIG_HOME/preecho/secret" >"$BATS_TEST_TMPDIR/short"
    cat "$BATS_TEST_TMPDIR/short" >"$XDG_CONFIG_HOME/preecho/secret"
    host_is_unaffected secret
}

@test "store corrupt, every file overwritten with noise: program unaffected" {
    local file size
    miss ask curl "$KEY" "$(chat 'before')"
    "$PREECHO" merge
    miss ask curl "$KEY" "$(chat 'spooled')"
    while read -r file; do
        size=$(stat -c %s "$file")
        head -c "$size" /dev/urandom | dd of="$file" conv=notrunc 2>/dev/null
    done < <(find "$PREECHO_STORE" -type f)
    miss ask curl "$KEY" "$(chat 'before')"
    miss ask curl "$KEY" "$(chat 'spooled')"
    assert_equal "$STATUS" 0
    assert_equal "$(cat "$ERR")" ""
    run "$PREECHO" doctor
    assert_failure
}

@test "store corrupt, a few bytes here and there: never a wrong answer" {
    local file i size
    for i in 1 2 3 4; do
        miss ask curl "$KEY" "$(chat "number $i [[fault:steady]]")"
        keep "$i"
        [ "$i" -ne 2 ] || "$PREECHO" merge
    done
    while read -r file; do
        size=$(stat -c %s "$file")
        for i in 1 2 3 4 5 6 7 8 9; do
            printf '\377' | dd of="$file" bs=1 seek=$((size * i / 10)) conv=notrunc 2>/dev/null
        done
    done < <(find "$PREECHO_STORE" -type f -size +0)
    for i in 1 2 3 4; do
        capture ask curl "$KEY" "$(chat "number $i [[fault:steady]]")"
        assert_equal "$STATUS" 0
        same_as "$i"
    done
}

@test "store cut short: program unaffected" {
    local file
    miss ask curl "$KEY" "$(chat 'before')"
    "$PREECHO" merge
    miss ask curl "$KEY" "$(chat 'spooled')"
    while read -r file; do
        truncate -s $(($(stat -c %s "$file") / 2)) "$file"
    done < <(find "$PREECHO_STORE" -type f)
    capture ask curl "$KEY" "$(chat 'before')"
    assert_equal "$STATUS" 0
    capture ask tls "$KEY" "$(chat 'spooled')"
    assert_equal "$STATUS" 0
    assert_equal "$(cat "$ERR")" ""
}

@test "store locked by a merge that does not end: program unaffected" {
    local file
    miss ask curl "$KEY" "$(chat 'before')"
    keep before
    "$PREECHO" merge
    while read -r file; do
        flock -x "$file" sleep 30 3>&- &
    done < <(find "$PREECHO_STORE" -type f)
    hit ask curl "$KEY" "$(chat 'before')"
    same_as before
    miss ask curl "$KEY" "$(chat 'while locked')"
    keep locked
    hit ask tls "$KEY" "$(chat 'before')"
    hit ask curl "$KEY" "$(chat 'while locked')"
    same_as locked
    kill $(jobs -p)
}

@test "store removed while a program runs: program unaffected" {
    local body
    body=$(chat 'number @N@ [[fault:delay=150]]')
    preloaded "$PROGRAMS/tls_client" "$TLS/v1/chat/completions" "$KEY" "$body" 6 >"$OUT" 2>"$ERR" 3>&- &
    sleep 0.4
    rm -rf "$PREECHO_STORE"
    wait $!
    assert_equal "$(grep -c '"Re ' "$OUT")" 6
    assert_equal "$(cat "$ERR")" ""
}
