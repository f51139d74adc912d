#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho stats` over journals whose figures known_journal.py computes independently.
bats_require_minimum_version 1.5.0
load cli_helper

CALLS=10000

setup_file() {
    cli_seed_build
}

setup() {
    cli_setup
    export TZ=UTC
    (umask 077 && mkdir -p "$STORE" "$CONFIG")
}

known() {
    /usr/bin/python3 "$BATS_TEST_DIRNAME/known_journal.py" "$1" "$STORE" "${@:2}"
}

# check_known SEED CALLS [BY [SINCE UNTIL]]: `stats --json` gives just what that journal holds.
check_known() {
    local span=()
    [ $# -lt 5 ] || span=(--since "$(moment "$4")" --until "$(moment "$5")")
    preecho stats --json ${3:+--by "$3"} "${span[@]}"
    assert_success
    run known check "$@" <<<"$output"
    assert_success
}

moment() {
    date -u -d "@$1" +%FT%TZ
}

# The last output stays within 80 columns, as characters.
assert_narrow() {
    run /usr/bin/python3 -c 'import sys
print(*(line for line in sys.stdin.read().split("\n") if len(line) > 80), sep="\n", end="")' \
        <<<"$output"
    assert_output ""
}

@test "stats --json: 10,000 calls agree with an independent computation, to the token and the last digit" {
    known write figures $CALLS
    check_known figures $CALLS
    preecho stats --json
    run jq -r '"\(.torn) \(.requests)"' <<<"$output"
    assert_output "3 $CALLS"
}

@test "stats --json --by: so do the figures of every group" {
    known write groups $CALLS
    for by in model host program tenant tag day test; do
        check_known groups $CALLS $by
    done
    TZ=Asia/Tokyo check_known groups $CALLS day
}

@test "stats --since --until: so do those of a span of time" {
    known write span $CALLS
    check_known span $CALLS day 1795100000 1795400000
    check_known span $CALLS model 1795000000 1795000001
}

@test "stats: the comparison itself notices other figures" {
    known write figures 500
    preecho stats --json
    run known check others 500 <<<"$output"
    assert_failure
    preecho stats --json
    sed 's/"pico_dollars": 1/"pico_dollars": 2/' <<<"$output" >"$BATS_TEST_TMPDIR/wrong"
    run known check figures 500 <"$BATS_TEST_TMPDIR/wrong"
    assert_failure
}

@test "stats: prices of one's own come first, and give a price to what had none" {
    known write prices 2000
    cat >"$CONFIG/prices.tsv" <<'END'
# ours
localhost            llama-*      0.1  -     -  0.2
llm.example.com      *            7    0.07  9  11   # the gateway's
openai               gpt-4o       3    1.5   -  12
*                    claude-*     -    -     -  -
openai               text-emb*    1    -     -  0    0.5
END
    export PRICES=$CONFIG/prices.tsv
    check_known prices 2000
    check_known prices 2000 model
    # A directory of settings elsewhere counts likewise.
    mkdir -p "$HOME/elsewhere"
    mv "$CONFIG" "$HOME/elsewhere/"
    PRICES=$HOME/elsewhere/preecho/prices.tsv XDG_CONFIG_HOME=$HOME/elsewhere check_known prices 2000
}

@test "stats: a table of prices with a mistake is told with its line and does not count" {
    known write figures 100
    printf 'openai gpt-4o 1 - - 1\nopenai gpt-4o-mini 1,5 - - 1\n' >"$CONFIG/prices.tsv"
    preecho stats --json
    assert_success
    assert_stderr_line "prices.tsv, line 2: expected PROVIDER|HOST MODEL INPUT"
    run known check figures 100 <<<"$output"
    assert_success
    printf 'openai gpt-4o 1 - - 1\n' >"$CONFIG/prices.tsv"
    chmod 666 "$CONFIG/prices.tsv"
    preecho stats --json
    assert_success
    assert_stderr_line "prices.tsv does not count: make it yours"
}

@test "stats: the table and every --by fit 80 columns, whatever the numbers" {
    cli_seed hit 5 bypass 6 bypass 33 drop 20
    preecho stats
    assert_narrow
    for write in "write wide 3000" large; do
        rm -rf "$STORE/journal"
        # shellcheck disable=SC2086 # words
        known $write
        preecho stats
        assert_line --regexp "^exact .*\\$"
        assert_narrow
        for by in model host program tenant tag day test; do
            preecho stats --by $by
            assert_success
            assert_line --regexp "^$by +calls"
            assert_narrow
        done
    done
}

@test "stats: what is estimated, unknown or has no price is said" {
    known write figures 1000
    preecho stats
    assert_line --regexp '^exact .* ~[0-9,]+ +~\$[0-9.]+$'
    assert_line --regexp '^spent +~\$[0-9.]+ for [0-9]+ calls with ~[0-9,.M ]+ tokens in, ~'
    assert_line --regexp '^provider cache +[0-9,]+ of the tokens in, [0-9,]+ written to it; saved \$'
    assert_line --regexp '^tokens unknown +[0-9]+ calls whose answers have not said$'
    assert_line --regexp '^no price known +[0-9]+ calls, [0-9,]+ tokens: '
    preecho stats --by model
    assert_line --regexp '^house-model +[0-9]+ +[0-9.]+ % +- +- '
}

@test "stats: names from the journal cannot drive a terminal, nor break JSON and metrics" {
    /usr/bin/python3 - "$BATS_TEST_DIRNAME" "$STORE" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import known_journal
calls = known_journal.make_calls("names", 50)
for call in calls:
    call.update(model='a"b\\c\x1b[31m\n\xff', tags=["\x1b]0;x\x07"], usage="reported")
known_journal.write(sys.argv[2], calls)
END
    for by in model tag; do
        run script -qec "stty cols 200; '$PREECHO' stats --by $by; '$PREECHO' stats" /dev/null
        assert_success
        [[ $output != *$'\x1b'* ]] || fail "an escape reached the terminal"
    done
    preecho stats --by model --json
    run jq -e '.groups | length > 0' <<<"$output"
    assert_success
    preecho stats --openmetrics
    run promtool check metrics <<<"$output"
    assert_success
}

@test "stats --openmetrics: promtool and a parser of OpenMetrics understand it; the sums are right" {
    known write figures 3000
    preecho stats --json
    local json=$output
    preecho stats --openmetrics
    assert_success
    local metrics=$output
    run promtool check metrics <<<"$metrics"
    assert_success
    assert_output ""
    run /usr/bin/python3 - "$json" 3<<<"$metrics" <<'END'
import json, os, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = os.fdopen(3).read()
stats = json.loads(sys.argv[1])
values = {}
for family in text_string_to_metric_families(text):
    assert family.documentation, family.name
    for sample in family.samples:
        values[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
def value(name, **labels):
    return values["preecho_" + name, tuple(sorted(labels.items()))]
def total(name):
    return sum(v for (n, _), v in values.items() if n == "preecho_" + name)
def near(a, b):
    assert abs(a - b) <= 1e-9 * abs(b), (a, b)
exact = stats["layers"]["exact"]
assert value("requests", verdict="hit") == stats["hits"]
assert total("requests") == stats["requests"] == total("model_requests")
assert total("bypassed") == sum(stats["bypassed"].values())
assert value("not_recorded", reason="replay") == stats["dropped_by"]["replay"]
near(value("layer_saved_dollars", layer="exact"), exact["saved"]["dollars"])
near(total("model_saved_dollars"), exact["saved"]["dollars"])
near(total("model_spent_dollars"), stats["spent"]["dollars"])
near(value("layer_saved_seconds", layer="exact"), exact["latency_saved_seconds"])
near(total("model_provider_cache_saved_dollars"), stats["provider_cache"]["saved"]["dollars"])
assert total("model_tokens_in") == stats["spent"]["tokens_in"]
assert value("first_byte_seconds_count", verdict="hit") == stats["hits"]
assert value("last_byte_seconds_bucket", verdict="miss", le="+Inf") == stats["latency"]["misses"]["calls"]
print("right")
END
    assert_output right
}

@test "stats: wishes that make no sense are refused with a sentence" {
    local wish
    while read -r wish; do
        # shellcheck disable=SC2086 # words
        preecho stats $wish
        assert_failure $EX_USAGE
        assert_output ""
        assert_stderr_line "^preecho: "
    done <<'END'
--by colour
--since yesterday
--until 2026-13-01
--since 1d --until 2d
--json --openmetrics
--openmetrics --by model
--openmetrics --since 1d
--reset --json
--reset --by day
--reset --since 1d
--yes
--reset
END
}

@test "stats --reset: forgets the figures when told so, and nothing else" {
    cli_seed entry user-1 1 gpt-4o api.openai.com 10 hit 5
    preecho stats --reset --yes
    assert_success
    assert_output ""
    preecho stats --json
    run jq -r '"\(.requests) \(.hits) \(.store.entries)"' <<<"$output"
    assert_output "0 0 1"
    cli_seed hit 5
    preecho stats --json
    run jq -r '"\(.requests) \(.hits)"' <<<"$output"
    assert_output "1 1"
}

@test "stats --reset: asks at a terminal" {
    cli_seed hit 5
    for answer in n "" x; do
        run script -qec "'$PREECHO' stats --reset" /dev/null <<<"$answer"
        assert_failure 1
        assert_output --partial "Forget all figures?"
        assert_output --partial "nothing was forgotten"
        run jq .requests < <("$PREECHO" stats --json)
        assert_output 1
    done
    run script -qec "'$PREECHO' stats --reset" /dev/null <<<yes
    assert_success
    run jq .requests < <("$PREECHO" stats --json)
    assert_output 0
}

@test "stats --by tenant: labels where an entry tells them, else ids" {
    cli_seed hit 1
    SEED_TENANT=search cli_seed entry user-1 1 gpt-4o api.openai.com 10 hit 5 hit 6
    cli_seed entry user-2 2 gpt-4o api.openai.com 10
    preecho stats --by tenant --json
    run jq -r '.groups[] | "\(.name | length) \(.label) \(.requests) \(.hits)"' <<<"$output"
    assert_line --index 0 "32 search 3 2"
    assert_line "0 null 1 1"
    assert_line "32 null 1 0"
    preecho stats --by tenant
    assert_line --regexp '^search +3 +2 +66.7 %'
    assert_line --regexp '^- +1 +1 +100.0 %'
    assert_line --regexp '^[0-9a-f]{32}$'
    preecho merge --quiet
    preecho stats --by tenant
    assert_line --regexp '^search +3 +2 +66.7 %'
}
