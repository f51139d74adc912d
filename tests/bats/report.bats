#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho report`: what programs did stands in the page with the right figures; the page is opened
# in headless Chromium, offline, and looked at as a reader would.
bats_require_minimum_version 1.5.0
load helpers.bash
load clients.bash

setup_file() {
    "$PROJECT/tests/screenshots/build" "$BATS_FILE_TMPDIR"
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    PAGE=$BATS_TEST_TMPDIR/report.html
}

teardown() {
    [ -z "${SMALL:-}" ] || umount "$SMALL" 2>/dev/null || true
}

report() {
    run --separate-stderr "$PREECHO" report --out "$PAGE" "$@"
}

# history KIND [N]: calls that nobody has made, see tests/screenshots/history.c.
history_of() {
    "$BATS_FILE_TMPDIR/history" "$PREECHO_STORE" "$XDG_CONFIG_HOME/preecho" "$@"
}

# The page is sound in a browser; what that saw goes to $SEEN as JSON.
looks_sound() {
    SEEN=$BATS_TEST_TMPDIR/seen.json
    "$PROJECT/tests/screenshots/browser.py" check "$PAGE" >"$SEEN" ||
        fail "$(head -c 3000 "$SEEN")"
}

seen() {
    jq -r "$1" "$SEEN"
}

# tile NAME: the figure below this heading of the page's head
tile() {
    "$PYTHON" -c '
import html, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
found = re.search("<dt>" + sys.argv[2] + "</dt><dd class=\"figure\">(.*?)</dd>", page)
print(html.unescape(found.group(1)))' "$PAGE" "$1"
}

# rows ID: the table of this figure, cells between bars
rows() {
    "$PYTHON" -c '
import html, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
figure = re.search("<figure id=\"" + sys.argv[2] + "\".*?</figure>", page, re.S).group(0)
for row in re.findall("<tr.*?</tr>", figure.split("<tbody")[1], re.S):
    cells = re.findall("<t[hd].*?>(.*?)</t[hd]>", row, re.S)
    print("|".join(html.unescape(re.sub("<.*?>", "", cell)) for cell in cells))' "$PAGE" "$1"
}

@test "report: calls of asyncio and of curl stand in it, to the token and the cent" {
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    # a dollar for every token
    printf 'localhost * 1000000 1000000 1000000 1000000\n' >"$XDG_CONFIG_HOME/preecho/prices.tsv"
    need_client python_aiohttp
    upstream_sees 4 run_client "$KEY" "$BODY" 4
    tokens=$(jq -s 'map(.usage.total_tokens) | add' <"$OUT")
    upstream_sees 2 run_client "$KEY" "$BODY" 6
    all=$(jq -s 'map(.usage.total_tokens) | add' <"$OUT")
    miss ask curl "$KEY" "$(chat 'Of curl')"
    curl=$(jq .usage.total_tokens <"$OUT")
    hit ask curl "$KEY" "$(chat 'Of curl')"
    for _ in 1 2 3; do
        miss ask curl "$KEY" "$(chat 'Again [[fault:500,steady]]')"
    done
    report
    assert_success
    assert_equal "$output$stderr" ""
    assert_equal "$(stat -c %a "$PAGE")" 600
    assert_equal "$(tile calls)" 15
    assert_equal "$(tile 'answered from the store')" 5
    assert_equal "$(tile 'tokens saved' | tr -d ,)" $((tokens + curl))
    assert_equal "$(tile 'money saved' | tr -d ,)" "\$$((tokens + curl)).00"
    assert_equal "$(tile 'money spent' | tr -d ,)" "\$$((all + curl)).00"
    grep -q "exact layer: 33.3 % of 15 look-ups" "$PAGE"
    assert_equal "$(rows money | tr -d ,)" \
        "gpt-4o-mini|\$$((tokens + curl)).00|\$$((all + curl)).00"
    run rows percentiles
    assert_line --regexp '^hits, first byte\|5\|[0-9.]+.?[mµ]?s\|'
    assert_line --regexp '^misses, last byte\|10\|'
    run rows repeated
    assert_output "gpt-4o-mini|localhost|curl|3|0|-|status: the answer's status is not 2xx"
    looks_sound
    assert_equal "$(seen .plots.rates)" "$(rows rates | wc -l)" # 2 if an hour has just ended
    assert_equal "$(seen .plots.money)" 2
    assert_equal "$(seen .repeated)" 1
    grep -rqF "$KEY" "$PAGE" && fail "a credential"
    grep -qF "Which planet" "$PAGE" && fail "a prompt"
    true
}

@test "report: an empty store and a single call make sound pages" {
    report
    assert_success
    grep -q "The journal knows of no call" "$PAGE"
    looks_sound
    assert_equal "$(seen '.plots | length')" 0
    history_of spread 1
    report --force
    assert_success
    looks_sound
    assert_equal "$(seen .plots.rates)" 1
    assert_equal "$(tile calls)" 1
}

@test "report: a week with merges has a mark for each day and each model" {
    PREECHO_BUILD=$BUILD "$PROJECT/tests/screenshots/fill" 7
    report
    assert_success
    looks_sound
    # hours until there are too many of them, so more marks than days
    [ "$(seen .plots.rates)" -ge 7 ]
    assert_equal "$(seen .plots.size)" 7
    assert_equal "$(seen .plots.money)" 10 # five priced models, saved and spent
    [ "$(seen .plots.first)" -gt 10 ] && [ "$(seen .plots.last)" -gt 10 ]
    [ "$(seen .plots.prefix)" -gt 7 ]
    assert_equal "$(rows size | wc -l)" 7
    grep -q "No price is known for <b>our-own-finetune-2</b>" "$PAGE"
    # an estimate is said to be one
    grep -q 'of it estimated' "$PAGE"
    # what repeats is told with its reason, the dearest first
    run rows repeated
    assert_line --regexp '^claude-sonnet-4-5\|api.anthropic.com\|review\|[0-9]+\|[0-9,]+\|(about )?\$[0-9.]+\|[a-z0-9-]+: '
}

@test "report: the look through the browser sees what it is meant to see" {
    history_of spread 3
    report
    sed -i -e 's/<meta http-equiv[^>]*>//' -e 's/class="about"/style="color:#999"/' \
        -e 's|<h1>|<script>console.log("noise")</script><img src="http://127.0.0.1:9/x.png"><h1>|' \
        -e 's|<footer>|<footer id="rates"><p style="width:2000px;text-align:right">far</p>|' \
        -e 's|class="axis" x="-64" y="-14"|class="axis" x="-64" y="12"|' \
        -e '0,/<circle class="mark" cx="[0-9.]*%"/s//<circle class="mark" cx="140%"/' "$PAGE"
    run "$PROJECT/tests/screenshots/browser.py" check "$PAGE"
    assert_failure 1
    local wrong
    for wrong in contrast console: request: "leaves the window: far" "overlap: look-ups" \
        "rates: a mark is not in the picture" "id twice: rates" "should not be there"; do
        assert_output --partial "$wrong"
    done
}

@test "report: 400 days, and 60 models whose names are made to break it" {
    history_of spread 400
    report
    looks_sound
    [ "$(seen .plots.rates)" -ge 50 ] && [ "$(seen .plots.rates)" -le 64 ]
    history_of models 60
    report --force
    looks_sound
    assert_equal "$(seen .plots.money)" 24
    run grep -cE '<script|<img|<b on|<i>|style=.position' "$PAGE"
    assert_output 0
    grep -q '&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;' "$PAGE"
    "$PYTHON" -c 'import sys; open(sys.argv[1], encoding="utf-8").read()' "$PAGE"
}

@test "report: --since and --until leave out what is outside" {
    history_of spread 10
    report --since 5d --until 1d
    assert_success
    assert_equal "$(tile calls)" 4
    report --force --since 2001-01-01 --until 2002-01-01
    assert_success
    grep -q "The journal knows of no call" "$PAGE"
    report --since yesterday
    assert_failure 64
    assert_regex "$stderr" '2026-11-27'
}

@test "report: refuses to replace a file, and what cannot be written leaves none" {
    history_of spread 2
    echo mine >"$PAGE"
    report
    assert_failure 73
    assert_regex "$stderr" 'give --force to replace it'
    assert_equal "$(cat "$PAGE")" mine
    report --force
    assert_success
    run --separate-stderr "$PREECHO" report --out "$BATS_TEST_TMPDIR/none/report.html"
    assert_failure 73
    run --separate-stderr "$PREECHO" report
    assert_failure 64
    run --separate-stderr bash -c "'$PREECHO' report --out - >/dev/full"
    assert_failure 74
    "$PREECHO" report --out - | cmp - "$PAGE"
}

@test "report: a full disk is told, and leaves no half page" {
    [ "$(id -u)" -eq 0 ] || skip "only root can mount a small file system"
    SMALL=$BATS_TEST_TMPDIR/small
    mkdir "$SMALL"
    mount -t tmpfs -o size=8k tmpfs "$SMALL" 2>/dev/null || {
        SMALL=
        skip "this machine does not let root mount a tmpfs"
    }
    history_of spread 30
    run --separate-stderr "$PREECHO" report --out "$SMALL/report.html"
    assert_failure 73
    assert_regex "$stderr" 'cannot be written: No space left on device'
    assert_equal "$(ls -A "$SMALL")" ""
}

@test "report: a user's table of prices with a mistake is named, and does not count" {
    history_of spread 1
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    echo 'openai gpt-4o many' >"$XDG_CONFIG_HOME/preecho/prices.tsv"
    report
    assert_success
    assert_regex "$stderr" 'prices.tsv, line 1'
    [ -s "$PAGE" ]
}

# Two processors for two seconds; on a busy machine the clock would tell about the others.
@test "report: a million records take less than four seconds of a processor" {
    history_of calls 1000000
    TIMEFORMAT='%U %S'
    local spent
    spent=$({ time "$PREECHO" report --out "$PAGE"; } 2>&1)
    assert_equal "$(tile calls)" 1,000,000
    awk '{ exit $1 + $2 > 4 }' <<<"$spent" || fail "user and system seconds: $spent"
}
