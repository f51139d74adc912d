#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Progress bars of long work: on a terminal alone, wiped at the end, never torn by messages.
# The clock runs 1,000 times as fast, so that little work takes long.
bats_require_minimum_version 1.5.0
load cli_helper

ENTRIES=1500

# One store for all tests, spooled and merged, and a cassette of it.
setup_file() {
    cli_seed_build
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR cli_setup
    local number words=()
    for ((number = 0; number < ENTRIES; number++)); do
        words+=(entry user "$number" model api.openai.com "$number")
    done
    cli_seed "${words[@]}" >/dev/null
    cp -r "$HOME" "$BATS_FILE_TMPDIR/spooled"
    "$PREECHO" merge >/dev/null
    cp -r "$HOME" "$BATS_FILE_TMPDIR/merged"
    /usr/bin/python3 - $ENTRIES >"$BATS_FILE_TMPDIR/cassette.jsonl" <<'END'
import json, sys
for number in range(int(sys.argv[1])):
    print(json.dumps({
        "preecho": 1, "about": {"recorded": "2026-01-02T03:04:05.000Z"},
        "request": {"method": "POST", "scheme": "https", "host": "api.openai.com", "port": 443,
            "target": "/v1/chat/completions", "headers": [], "body": json.dumps({
                "model": "gpt-4o", "messages": [{"role": "user", "content": f"Q {number}"}]})},
        "response": {"status": 200, "http": "1.1", "phrase": "OK", "chunked": False,
            "headers": [["Content-Type", "application/json"]], "close_delimited": False,
            "first_byte_us": 1000, "last_byte_us": 2000, "pieces": [],
            "body": json.dumps({"id": "1", "object": "chat.completion", "model": "gpt-4o",
                "choices": [{"index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": "Answer."}}]})}}))
END
}

# with STATE: the store is "spooled" or "merged" or "fresh".
with() {
    cli_setup
    rm -rf "$HOME"
    if [ "$1" = fresh ]; then mkdir "$HOME"; else cp -r "$BATS_FILE_TMPDIR/$1" "$HOME"; fi
    export TERM=xterm PREECHO_SCOPE=tenant PREECHO_TENANT=tests
}

# on_terminal [--stderr-only] COLUMNS ARGUMENT...: what the terminal got is in $stderr
on_terminal() {
    local option=()
    [ "$1" = --stderr-only ] && option=("$1") && shift
    run --separate-stderr env FAKETIME="+0 x1000" \
        "$BATS_TEST_DIRNAME/raw_terminal.py" "${option[@]}" "$1" env \
        LD_PRELOAD="$(echo /usr/lib/*/faketime/libfaketimeMT.so.1)" "$PREECHO" "${@:2}"
}

# assert_bars WHAT COLUMNS: there are some, none too wide, and the last one is wiped.
assert_bars() {
    printf %s "$stderr" >"$BATS_TEST_TMPDIR/seen"
    /usr/bin/python3 - "$1" "$2" "$BATS_TEST_TMPDIR/seen" <<'END' || fail "${stderr:0:3000}"
import ast, re, sys
what, columns, seen = sys.argv[1], int(sys.argv[2]), ast.literal_eval(open(sys.argv[3]).read())
bars = re.findall(r"\r(%s[^\r\n\x1b]*)\x1b\[K" % what, seen)
assert len(bars) >= 2, "no bars"
assert all(len(bar) < columns for bar in bars), max(bars, key=len)
if columns >= 80:
    assert any(re.search(r"\[#+ +\] +\d+ %  \S+( \S+)?  \S+( \S+)?/s  \S+ \S+ left", bar)
               for bar in bars), bars
percents = [int(found) for bar in bars for found in re.findall(r"(\d+) %", bar)]
assert percents == sorted(percents) and 0 <= percents[0] and percents[-1] <= 100, percents
assert percents[0] < 50, percents
behind = seen[seen.rindex(bars[-1]) + len(bars[-1]):]
assert behind.startswith("\x1b[K\r\x1b[K"), behind
assert columns != 80 or what == "checking" or "\x1b" not in behind[7:], behind
END
}

@test "merge, purge, export, import show how far they are" {
    with spooled
    on_terminal 80 merge
    assert_success
    assert_bars merging 80
    [[ $stderr == *"entries moved from the spool"* ]]
    with merged
    on_terminal 80 export --out "$BATS_TEST_TMPDIR/out.jsonl"
    assert_bars exporting 80
    with merged
    on_terminal 80 purge --host '*.openai.com'
    assert_success
    assert_bars purging 80
    [[ $stderr == *"1,500 entries removed"* ]]
    with fresh
    on_terminal 80 import "$BATS_FILE_TMPDIR/cassette.jsonl"
    assert_success
    assert_bars checking 80
    assert_bars importing 80
    [[ $stderr == *"1,500 entries imported"* ]]
}

@test "report shows how far it is" {
    make -s -C "$ROOT" B="$BUILD" "$BUILD/bench/journal_fill" >/dev/null
    with fresh
    preecho merge >/dev/null
    "$BUILD/bench/journal_fill" "$STORE" 4
    on_terminal 80 report --out "$BATS_TEST_TMPDIR/report.html"
    assert_success
    assert_bars reporting 80
}

@test "a terminal of any width" {
    for columns in 20 40 200; do
        with spooled
        on_terminal $columns merge
        assert_success
        assert_bars merging $columns
    done
}

@test "standard output may be a pipe: it gets the result and nothing else" {
    with spooled
    on_terminal --stderr-only 80 merge
    assert_success
    assert_bars merging 80
    assert_output --partial "1,500  entries moved from the spool"
    refute_output --partial $'\r'
    refute_output --partial merging
}

@test "no bar in a pipe, on a terminal that cannot, with --quiet, or for short work" {
    local library
    library=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1)
    with spooled
    run --separate-stderr env FAKETIME="+0 x1000" LD_PRELOAD="$library" "$PREECHO" merge
    assert_success
    assert_equal "$stderr" ""
    refute_output --partial merging
    for terminal in dumb ""; do
        with spooled
        TERM=$terminal on_terminal 80 merge
        assert_success
        [[ $stderr != *merging* && $stderr != *"\x1b"* && $stderr == *1,500* ]] || fail "$stderr"
    done
    with spooled
    on_terminal 80 merge --quiet
    assert_success
    assert_equal "$stderr" "''"
    with merged
    on_terminal 80 export --quiet --force --out "$BATS_TEST_TMPDIR/out.jsonl"
    [[ $stderr != *exporting* && $stderr != *written* ]] || fail "$stderr"
    on_terminal 80 purge --quiet --older-than 1s
    assert_equal "$stderr" "''"
    with fresh
    on_terminal 80 import --quiet "$BATS_FILE_TMPDIR/cassette.jsonl"
    assert_equal "$stderr" "''"
    with fresh
    run --separate-stderr "$BATS_TEST_DIRNAME/raw_terminal.py" 80 "$PREECHO" merge
    [[ $stderr != *merging* && $stderr != *"\x1b"* ]] || fail "$stderr"
}

@test "messages come in lines of their own" {
    local cassette=$BATS_TEST_TMPDIR/bad.jsonl
    with fresh
    sed '750s/.*/no line of a cassette/' "$BATS_FILE_TMPDIR/cassette.jsonl" >"$cassette"
    on_terminal 80 import --keep-going "$cassette"
    assert_failure $EX_DATAERR
    assert_bars importing 80
    /usr/bin/python3 - "$BATS_TEST_TMPDIR/seen" <<'END' || fail "$stderr"
import ast, sys
seen = ast.literal_eval(open(sys.argv[1]).read())
at = seen.index("preecho: ")
before, message = seen[:at], seen[at:seen.index("\r\n", at)]
assert "bad.jsonl:750: " in message and "\x1b" not in message, message
assert before.endswith("\r\x1b[K"), before[-40:]
assert "importing" in seen[at:], "the bar does not come back"
END
}
