#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho semantic`: certificates from samples that entries hold, reviews, canaries.
bats_require_minimum_version 1.5.0
load cli_helper

setup_file() {
    # shellcheck disable=SC2046 # one word per file
    (cd "$ROOT" && $CC -std=c11 -D_GNU_SOURCE -O1 -I. -Ishim -Ishim/core -Wa,-I"$BUILD" -pthread \
        -o "$BATS_FILE_TMPDIR/seed" tests/bats/semantic_seed.c \
        $(printf '%s\n' store/*.c shim/core/api/*.c) -llmdb -lsodium -lutf8proc -lzstd -ljansson -lz)
}

setup() {
    cli_setup
}

# samples FIRST COUNT SIMILARITY COMPARISON [canary]: 0 equal, 1 similar, 2 different, 3 unknown
samples() {
    "$BATS_FILE_TMPDIR/seed" "$STORE" "$CONFIG" add me embedder "$@"
}

# What a host would read: threshold in millionths, canaries, state (0 valid, 6 fallen); or none.
certificate() {
    "$BATS_FILE_TMPDIR/seed" "$STORE" "$CONFIG" certificate me embedder
}

# review ANSWERS: one line for each question, on a terminal
review() {
    run script -qec "stty cols 100; '$PREECHO' semantic review" /dev/null <<<"$1"
}

@test "semantic: bad arguments" {
    preecho semantic
    assert_failure $EX_USAGE
    preecho semantic frobnicate
    assert_failure $EX_USAGE
    preecho semantic status more
    assert_failure $EX_USAGE
    for share in 1 0% 100% x; do
        preecho semantic certify --max-wrong "$share"
        assert_failure $EX_USAGE
        # shellcheck disable=SC2154 # set by run
        [[ $stderr == *"'$share' is no share"*"Try 'preecho help"* ]] || fail "$stderr"
    done
    preecho semantic review
    assert_failure $EX_USAGE
    assert_stderr_line "run it in a terminal"
}

@test "semantic: without samples nothing is certified" {
    preecho semantic certify
    assert_failure 1
    assert_stderr_line "there are no samples yet"
    preecho semantic status
    assert_success
    assert_output "no certificates, no samples"
}

@test "semantic: enough right answers are certified, for one tenant and one model" {
    samples 0 60 0.95 0
    preecho merge
    preecho semantic certify --max-wrong 10% --dry-run
    assert_success
    assert_equal "$(certificate)" none
    preecho semantic certify --max-wrong 10%
    assert_success
    assert_line --regexp '^openai gpt-4o, embedded by embedder \(guards [0-9]+\), tenant [0-9a-f]{32}$'
    assert_line --regexp 'older half +30 hits, 0 wrong, 0 unknown: at most 9\.50 % wrong'
    assert_line --partial 'certified from 0.950 on'
    assert_equal "$(certificate)" "950000 0 0"
    assert_equal "$("$BATS_FILE_TMPDIR/seed" "$STORE" "$CONFIG" certificate you embedder)" none
    assert_equal "$("$BATS_FILE_TMPDIR/seed" "$STORE" "$CONFIG" certificate me other)" none
    preecho semantic status
    assert_success
    assert_line --regexp '^  certificate +valid$'
    assert_line --regexp '^  promise +from 0\.950 on at most 10 % wrong, with 95 % confidence$'
    assert_line --regexp '^  samples +60, of them 0 forbidden by guards$'
    # 30 hits prove 10 %, not 1 %: what was certified before stays
    preecho semantic certify
    assert_failure 1
    assert_line --partial 'the 299 hits that the older half needs'
    assert_equal "$(certificate)" "950000 0 0"
}

@test "semantic: what nobody knows counts as wrong; wrong answers withdraw a certificate" {
    samples 0 60 0.95 0
    preecho semantic certify --max-wrong 10%
    assert_success
    samples 200 60 0.96 3
    preecho semantic certify --max-wrong 10%
    assert_failure 1
    assert_line --partial 'more of the newer half is wrong'
    assert_equal "$(certificate)" none
}

@test "semantic: nothing is certified without a label" {
    samples 0 80 0.95 3
    preecho semantic certify --max-wrong 10%
    assert_failure 1
    assert_line --partial 'not known to be right, even at 0.950'
    assert_equal "$(certificate)" none
}

@test "semantic: reviews decide what is unknown" {
    samples 0 10 0.95 0
    samples 140 3 0.97 3
    samples 200 1 0.99 2
    preecho merge
    preecho semantic status
    assert_line --regexp 'answers +10 equal, 0 similar, 1 different, 3 unknown; 0 reviewed, 3 wait'
    review $'y\nn\nwhat\ns'
    assert_output --partial "old question 14"
    assert_output --partial "the new answer 14"
    assert_output --partial "similarity 0.970"
    assert_output --partial "2 of 3 reviewed"
    refute_output --partial "question 200"
    preecho semantic status
    assert_line --partial "2 reviewed, 1 wait"
    review $'q'
    assert_output --partial "0 of 1 reviewed"
    review $'y'
    assert_output --partial "1 of 1 reviewed"
    preecho semantic status
    refute_line --partial "wait"
    run script -qec "'$PREECHO' semantic review --all" /dev/null <<<q
    assert_output --partial "14 left, similarity 0.990"
}

@test "semantic: canaries that are wrong bring a certificate down" {
    samples 0 60 0.95 0
    preecho semantic certify --max-wrong 10%
    assert_success
    samples 1000 20 0.96 0 canary
    preecho merge
    assert_equal "$(certificate)" "950000 20 0"
    preecho semantic status
    assert_line --regexp '^  canaries +20 hits, 0 wrong, 0 unknown'
    samples 2000 16 0.96 2 canary
    preecho merge
    assert_equal "$(certificate)" "950000 36 6"
    preecho semantic status
    assert_line --partial "fallen: more canaries were wrong than is promised"
}

@test "semantic: a purge of everything takes certificates along" {
    samples 0 60 0.95 0
    samples 150 2 0.95 3
    preecho semantic certify --max-wrong 10%
    assert_success
    preecho purge --all
    assert_success
    assert_equal "$(certificate)" none
    preecho semantic status
    assert_output "no certificates, no samples"
}
