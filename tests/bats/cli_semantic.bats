#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho semantic`: certificates from samples that entries hold, reviews, canaries.
bats_require_minimum_version 1.5.0
load cli_helper

setup_file() {
    build_seed seed semantic_seed.c
}

setup() {
    cli_setup
}

# samples FIRST COUNT SIMILARITY COMPARISON [canary|GUARD]: 0 equal, 1 similar, 2 different,
# 3 unknown
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
    assert_output "semantic = off: nobody is asked, semantic_url and semantic_model are needed
no certificates, no samples"
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
    assert_line "no certificates, no samples"
}

@test "semantic: shadow tells what would have been served, and what came" {
    samples 0 30 0.97 0
    samples 100 4 0.93 1
    samples 200 2 0.991 2
    samples 300 3 0.52 3
    samples 400 5 0.99 2 3
    samples 500 1 0.98 0 9
    samples 600 2 0.96 0 canary
    preecho merge
    preecho semantic shadow --top 1
    assert_success
    assert_line --regexp '^openai gpt-4o, embedded by embedder \(guards [0-9]+\), tenant [0-9a-f]{32}$'
    assert_line --regexp '^ +calls +equal +similar +different +unknown$'
    assert_line --regexp '^  would have been served +39 +30 +4 +2 +3$'
    assert_line --regexp '^    similarity 0\.95 to 1\.00 +32 +30 +0 +2 +0$'
    assert_line --regexp '^    similarity 0\.90 to 0\.95 +4 +0 +4 +0 +0$'
    assert_line --regexp '^    similarity 0\.50 to 0\.55 +3 +0 +0 +0 +3$'
    assert_line --regexp '^  forbidden by guards +6 +1 +0 +5 +0$'
    assert_line --regexp '^    a number +5 +0 +0 +5 +0$'
    assert_line --regexp '^    an opposite +1 +1 +0 +0 +0$'
    assert_line --regexp '^  canaries +2 +2 +0 +0 +0$'
    # one pair of the five that nobody calls right, the most similar of them
    assert_line --regexp '^similarity 0\.991, different$'
    assert_line --regexp '^old question 20[01] +\| new question 20[01]$'
    assert_line --regexp '^the old answer 20[01] +\| the new answer 20[01]$'
    assert_line --partial '4 more whose answers are different or unknown'
    refute_output --partial 'question 400'
    refute_output --partial 'journal:'
    preecho semantic shadow --top x
    assert_failure $EX_USAGE
    assert_output ""
}

@test "semantic: shadow and status as JSON" {
    samples 0 30 0.97 0
    samples 200 2 0.991 2
    samples 300 1 1 3
    samples 400 5 0.99 2 3
    preecho semantic shadow --json
    assert_success
    assert_equal "$(jq -c '.scopes[0] | [.class, .model, .guards > 0, .allowed, .reviewed, .open]' \
        <<<"$output")" \
        '["openai gpt-4o","embedder",true,{"samples":33,"equal":30,"similar":0,"different":2,"unknown":1},0,1]'
    assert_equal "$(jq -c '[.scopes[0].similarity[] | select(.samples > 0) | .from, .samples]' \
        <<<"$output")" '[0.95,33]'
    assert_equal "$(jq -c '.scopes[0].guards_of | map([.guard, .samples, .different])' \
        <<<"$output")" '[["a number",5,5]]'
    assert_equal "$(jq -c '[.risky, (.riskiest | length)], [.riskiest[0] | .similarity,
        .comparison, .canary, .reviewed, .stored.answer, .came.question]' <<<"$output")" \
        '[3,3]
[1,"unknown",false,false,"the old answer 300","new question 300"]'
    assert_equal "$(jq -r '.riskiest[0].key' <<<"$output" | tr -d '0-9a-f\n' | wc -c)" 0
    preecho semantic status --json
    assert_success
    assert_equal "$(jq -c '.scopes[0] | [.state, .certificate, .forbidden, .open]' <<<"$output")" \
        '["none",null,5,1]'
    assert_equal "$(jq -c '.journal' <<<"$output")" \
        '{"hits":0,"shadow":{"equal":0,"similar":0,"different":0,"unknown":0},"embedding_failed":0,"embedding_failed_by":{}}'
}

@test "semantic: status measures the wrong-answer rate, and says when a certificate is over" {
    local library
    samples 0 60 0.95 0
    preecho semantic certify --max-wrong 10%
    preecho semantic status
    assert_success
    assert_line --partial 'wrong-answer rate per hit not yet: no canary has come'
    assert_line --regexp '^  holds +[0-9-]{10} to [0-9-]{10}: 0 days old, (29|30) left$'
    samples 1000 19 0.96 0 canary
    samples 1100 1 0.96 2 canary
    preecho merge
    preecho semantic status
    assert_success
    # 1 of 20: exact binomial bound of 95 %
    assert_line --partial 'wrong-answer rate per hit 5.00 %, at most 21.61 % with 95 % confidence'
    assert_line --regexp '^  bound +[0-9.]+ %: above 10 % the certificate falls$'
    preecho semantic status --json
    assert_equal "$(jq -c '.scopes[0] | [.state, .certificate.canaries.hits,
        .certificate.canaries.wrong, .certificate.canaries.wrong_rate,
        (.certificate.canaries.wrong_rate_upper_95 * 10000 | round),
        .certificate.threshold, .certificate.max_wrong]' <<<"$output")" \
        '["valid",20,1,0.05,2161,0.95,0.1]'
    library=$(echo /usr/lib/*/faketime/libfaketime.so.1)
    FAKETIME=+31d LD_PRELOAD=$library preecho semantic status
    assert_failure 1
    assert_line --regexp '^  certificate +expired: certify anew$'
    assert_line --regexp '31 days old, 0 left$'
    FAKETIME=+31d LD_PRELOAD=$library preecho semantic status --json
    assert_failure 1
    assert_equal "$(jq -r '.scopes[0].state' <<<"$output")" expired
}

@test "semantic: a review of what is unknown permits what was refused without" {
    samples 0 60 0.95 3
    preecho semantic certify --max-wrong 10%
    assert_failure 1
    assert_equal "$(certificate)" none
    review "$(yes y | head -n 60)"
    assert_output --partial "60 of 60 reviewed"
    preecho semantic certify --max-wrong 10%
    assert_success
    assert_equal "$(certificate)" "950000 0 0"
}

@test "semantic: status tells who is asked, and what is of another model" {
    export PREECHO_SEMANTIC=shadow PREECHO_SEMANTIC_MODEL=embedder
    export PREECHO_SEMANTIC_URL=http://127.0.0.1:8080
    samples 0 60 0.95 0
    preecho semantic certify --max-wrong 10%
    preecho semantic status
    assert_success
    assert_line 'semantic = shadow: embedder at http://127.0.0.1:8080/v1/embeddings'
    assert_line --regexp '^  certificate +valid$'
    PREECHO_SEMANTIC_MODEL=newer preecho semantic status
    assert_success
    assert_line --regexp '^  certificate +of another model than semantic_model names: nothing is served$'
    PREECHO_SEMANTIC_MODEL=newer preecho semantic status --json
    assert_equal "$(jq -r '.scopes[0].state' <<<"$output")" other-model
}

@test "semantic: what is served by words alone needs no certificate" {
    "$BATS_FILE_TMPDIR/seed" "$STORE" "$CONFIG" add me lexical 0 60 1 0
    preecho semantic certify --max-wrong 10%
    assert_failure 1
    assert_stderr_line "there are no samples yet"
    preecho semantic status
    assert_success
    assert_line --regexp '^openai gpt-4o, by words alone \(version [0-9]+\), tenant '
    assert_line --regexp '^  certificate +not needed: served where lexical = serve$'
    preecho semantic shadow
    assert_line --regexp '^  would have been served +60 +60 +0 +0 +0$'
}
