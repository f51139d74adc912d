#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho doctor`: the set-up. (Programs: cli_reach.bats)
bats_require_minimum_version 1.5.0
load cli_helper

setup_file() {
    cli_seed_build
}

setup() {
    cli_setup
}

# assert_problem TEXT: a line that begins with ! and holds it
assert_problem() {
    assert_line --regexp "^! .*$1"
}

@test "all is well, before and after the first recording" {
    preecho doctor
    assert_success
    refute_line --regexp '^!'
    [ ! -e "$STORE" ] && [ ! -e "$CONFIG" ]
    cli_seed entry u 1 m h 1
    preecho doctor
    assert_success
    refute_line --regexp '^!'
    assert_line --regexp '^ok +store +1 entries open'
    assert_line --regexp '^ok +library .*libssl'
    assert_line --regexp '^ok +library .*libcurl.*OpenSSL'
}

@test "a part that is missing or does not load" {
    cp "$PREECHO" "$BUILD/libpreecho.so" "$BATS_TEST_TMPDIR/"
    run --separate-stderr "$BATS_TEST_TMPDIR/preecho" doctor
    assert_failure $EX_UNAVAILABLE
    assert_problem "libpreecho-core.so lies neither"
    echo "no library" >"$BATS_TEST_TMPDIR/libpreecho-core.so"
    run --separate-stderr "$BATS_TEST_TMPDIR/preecho" doctor
    assert_failure $EX_UNAVAILABLE
    assert_problem "install what it needs"
}

@test "settings that make no sense" {
    local setting
    for setting in PREECHO_MODE=bogus PREECHO_SCOPE=bogus PREECHO_PACE=1 PREECHO_LOG_LEVEL=loud \
        PREECHO_STORE=relative PREECHO_LOG=relative; do
        run --separate-stderr env "$setting" "$PREECHO" doctor
        assert_failure $EX_CONFIG
        assert_problem "${setting%%=*}.*switched off until"
    done
    PREECHO_STOER=/tmp preecho doctor
    assert_success
    assert_line --regexp '^- .*PREECHO_STOER is none'
    PREECHO_MODE=off preecho doctor
    assert_success
    assert_line --regexp '^- .*switched off by PREECHO_MODE'
    PREECHO_MODE=replay preecho doctor
    assert_success
    assert_line --regexp '^- .*replay mode'
}

@test "a secret or store that is open to others, or missing" {
    cli_seed entry u 1 m h 1
    chmod 644 "$CONFIG/secret"
    preecho doctor
    assert_failure
    assert_problem "secret"
    chmod 600 "$CONFIG/secret"
    chmod 770 "$STORE"
    preecho doctor
    assert_failure $EX_NOPERM
    chmod 700 "$STORE"
    mv "$CONFIG/salts" "$CONFIG/away"
    preecho doctor
    assert_line --partial "tenants whose salt is not there"
}

@test "damaged entries and a damaged database are found" {
    cli_seed entry u 1 m h 1 entry u 2 m h 1
    local file
    file=$(find "$STORE/spool" -name 'e-*' | head -n1)
    printf X | dd of="$file" bs=1 seek=200 conv=notrunc status=none
    preecho doctor
    assert_failure $EX_DATAERR
    assert_problem "1 entries are damaged"
    preecho merge
    preecho doctor
    assert_success
    head -c 3000 /dev/zero | dd of="$STORE/data.mdb" bs=1 conv=notrunc status=none
    preecho doctor
    assert_failure
    assert_line --regexp '^!'
}
