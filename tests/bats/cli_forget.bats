#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho forget`: a tenant's key is destroyed, then its entries are removed; copies of the store
# that were made before open nothing of it.
bats_require_minimum_version 1.5.0
load cli_helper

setup_file() {
    cli_seed_build
}

setup() {
    cli_setup
}

# Two identities with the label team, one with other, one without; half of it merged. Sets KEYS.
seed_tenants() {
    SEED_TENANT=team SEED_TAGS=doc:1,doc:2 run cli_seed entry user-1 1 m h 10 entry user-2 2 m h 20
    assert_success
    KEYS=("${lines[@]}")
    "$PREECHO" merge --quiet
    SEED_TENANT=team SEED_TAGS=doc:1 run cli_seed entry user-1 3 m h 30
    KEYS+=("${lines[@]}")
    SEED_TENANT=other SEED_TAGS=doc:1 run cli_seed entry user-3 4 m h 40
    KEYS+=("${lines[@]}")
    run cli_seed entry user-4 5 m h 50
    KEYS+=("${lines[@]}")
}

# How many records of a kind the database has, by the first byte of their keys.
records() {
    mdb_dump -p "$STORE" | grep -c "^ $1" || true
}

@test "forget: by label, all identities behind it and nobody else" {
    seed_tenants
    preecho forget --tenant team --dry-run
    assert_success
    assert_output "3 entries of 2 identities would be forgotten"
    preecho ls --keys
    assert_equal "${#lines[@]}" 5
    preecho forget --tenant team
    assert_success
    assert_output "3 entries of 2 identities forgotten"
    preecho ls --keys
    assert_equal "${lines[*]}" "${KEYS[3]} ${KEYS[4]}"
    assert_equal "$(find "$CONFIG/salts" -type f | wc -l)" 2
    preecho show "${KEYS[3]}"
    assert_success
    assert_line --regexp '^tenant +[0-9a-f]{32} other$'
    preecho forget --tenant team
    assert_failure $EX_DATAERR
    assert_stderr_line "no tenant is called team"
}

@test "forget: nothing of a tenant is left in the database" {
    command -v mdb_dump >/dev/null || skip "mdb_dump(1) is not installed"
    seed_tenants
    "$PREECHO" merge --quiet
    assert_equal "$(records e) $(records a) $(records r) $(records u)" "5 5 5 5"
    assert_equal "$(records g)" 6
    preecho forget --tenant team
    assert_equal "$(records e) $(records a) $(records r) $(records u)" "2 2 2 2"
    assert_equal "$(records g) $(records d)" "1 0"
}

@test "forget: by id, one identity" {
    seed_tenants
    preecho show "${KEYS[0]}"
    local id
    id=$(sed -n 's/^tenant *\([0-9a-f]*\) team$/\1/p' <<<"$output")
    preecho forget --tenant "$id"
    assert_output "2 entries of 1 identity forgotten"
    preecho ls --keys
    assert_equal "${lines[*]}" "${KEYS[1]} ${KEYS[3]} ${KEYS[4]}"
}

@test "forget: a copy of the store made before opens nothing of the tenant" {
    seed_tenants
    cp -r "$STORE" "$BATS_TEST_TMPDIR/copy"
    preecho forget --tenant team
    export PREECHO_STORE=$BATS_TEST_TMPDIR/copy
    preecho ls
    assert_success
    assert_equal "$(grep -c unreadable <<<"$output")" 3
    preecho show "${KEYS[0]}"
    assert_failure $EX_DATAERR
    assert_stderr_line "salt"
    preecho show "${KEYS[3]}"
    assert_success
}

@test "forget: an entry that was left unreadable can be forgotten by its id" {
    seed_tenants
    preecho show "${KEYS[0]}"
    local id
    id=$(sed -n 's/^tenant *\([0-9a-f]*\) team$/\1/p' <<<"$output")
    rm "$CONFIG/salts/$id"
    preecho forget --tenant "$id"
    assert_output "2 entries of 1 identity forgotten"
}

@test "forget: needs a tenant" {
    for arguments in "" "--tenant" "--dry-run" "--tenant x y" "--bogus"; do
        # shellcheck disable=SC2086 # words
        preecho forget $arguments
        assert_failure $EX_USAGE
        assert_output ""
    done
    preecho forget --tenant ''
    assert_failure $EX_USAGE
}
