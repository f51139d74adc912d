#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Vectors that came together wait in one file for the merge: found, listed, purged, forgotten,
# limited, damaged and killed like entries that wait alone.

load helpers.bash
load clients.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    export WHERE=/v1/embeddings
}

# texts WORD FIRST LAST [STEP]: a list of them.
texts() {
    seq -f "\"$1 %g\"" -s , "$2" "${4:-1}" "$3"
}

# vectors LIST [MEMBERS]: a request for them.
vectors() {
    printf '{"model":"e"%s,"input":[%s]}' "${2:+,$2}" "$1"
}

# asked_for LIST [KEY]: one request for them.
asked_for() {
    ask "${LAYER:-curl}" "${2:-$KEY}" "$(vectors "$1")"
}

# vector N: that of the last answer.
vector() {
    jq -c ".data[$1].embedding" "$OUT"
}

# What the last request to the upstream asked for.
sent() {
    tail -n 1 "$UP/requests.log" | jq -c .input
}

# How many files wait: of batches, of entries alone.
waiting() {
    find "$PREECHO_STORE/spool" -type f -printf '%f\n' | cut -c1 | grep -c "$1" || true
}

# The twenty of all_known are there, in any company.
all_known() {
    LAYER=$1
    hit asked_for "$(texts t 1 20)"
    assert_equal "$(jq -c .data "$OUT")" "$ALL"
    hit asked_for "$(texts t 20 2 -3)"
    assert_equal "$(jq -c '[.data[].embedding]' "$OUT")" \
        "$(jq -c '[range(19; 0; -3) as $i | .[$i].embedding]' <<<"$ALL")"
    hit asked_for '"t 7"'
    assert_equal "$(vector 0)" "$(jq -c '.[6].embedding' <<<"$ALL")"
}

@test "twenty vectors wait in one file and are found in any company, before and after the merge" {
    local client layer
    for client in curl python_httpx_async ruby_net_http; do
        export PREECHO_STORE=$BATS_TEST_TMPDIR/$client
        need_client $client
        URL=${URL%/chat/completions}/embeddings
        miss run_client "$KEY" "$(vectors "$(texts t 1 20)")"
        ALL=$(jq -c .data "$OUT")
        assert_equal "$(waiting b) $(waiting e)" "1 1"
        hit run_client "$KEY" "$(vectors "$(texts t 1 20)")"
        hit run_client "$KEY" "$(vectors '"t 20","t 3"')"
        assert_equal "$(vector 1)" "$(jq -c '.[2].embedding' <<<"$ALL")"
        for layer in $LAYERS; do
            all_known $layer
        done
        miss run_client "$KEY" "$(vectors '"t 4","new 1","t 5","new 2"')"
        assert_equal "$(sent)" '["new 1","new 2"]'
        assert_equal "$(vector 2)" "$(jq -c '.[4].embedding' <<<"$ALL")"
        assert_equal "$(stats '.store | [.entries, .spooled] | tojson')" '[23,23]'
        "$PREECHO" merge --quiet
        assert_equal "$(waiting .)" 0
        assert_equal "$(stats '.store | [.entries, .spooled] | tojson')" '[23,0]'
        for layer in $LAYERS; do
            all_known $layer
        done
    done
}

@test "what has expired and was fetched anew is found before the merge" {
    local layer
    export PREECHO_TTL=1h
    for layer in $LAYERS; do
        export LAYER=$layer PREECHO_STORE=$BATS_TEST_TMPDIR/$layer
        miss asked_for "$(texts t 1 20)"
        "$PREECHO" merge --quiet
        hit asked_for "$(texts t 20 1 -1)"
        miss later +2h asked_for "$(texts t 1 20)"
        ALL=$(jq -c .data "$OUT")
        hit later +2h asked_for "$(texts t 1 20)"
        hit later +2h asked_for "$(texts t 20 1 -1)"
        assert_equal "$(vector 0)" "$(jq -c '.[19].embedding' <<<"$ALL")"
        hit later +2h asked_for '"t 7"'
        assert_equal "$(vector 0)" "$(jq -c '.[6].embedding' <<<"$ALL")"
        miss later +4h asked_for "$(texts t 5 7)"
    done
}

@test "an answer out of order to a long list is not kept" {
    local layer
    for layer in $LAYERS; do
        LAYER=$layer
        miss asked_for "$(texts t 1 20),\"[[fault:reversed]]\""
        assert_equal "$(jq '.data[0].index' "$OUT")" 20
        [ ! -e "$PREECHO_STORE/spool" ] || assert_equal "$(waiting .)" 0
        assert_equal "$(stats '.dropped_by | keys | join(" ")')" unreadable-answer
    done
}

@test "one of them is listed, shown and purged, the others stay; then all" {
    local key
    miss asked_for "$(texts t 1 20)"
    assert_equal "$("$PREECHO" ls --keys | wc -l)" 21
    assert_equal "$("$PREECHO" ls --keys --tag layer:embedding | wc -l)" 20
    for key in $("$PREECHO" ls --keys --tag layer:embedding); do
        [ "$("$PREECHO" show --request "$key" | tail -n 1 | jq -r '.input[0]')" != 't 7' ] || break
    done
    "$PREECHO" purge --key "$key"
    run "$PREECHO" show "$key"
    assert_failure
    assert_equal "$("$PREECHO" ls --keys | wc -l)" 20
    hit asked_for "$(texts t 1 6)"
    miss asked_for "$(texts t 5 9)"
    assert_equal "$(sent)" '["t 7"]'
    miss asked_for "$(texts u 1 20)"
    assert_equal "$(waiting b)" 2
    "$PREECHO" purge --tag layer:embedding
    assert_equal "$(waiting b)" 0
    miss asked_for "$(texts t 1 20)"
    "$PREECHO" purge --all
    assert_equal "$(waiting .)" 0
    assert_equal "$(stats .store.entries)" 0
    miss asked_for "$(texts t 1 20)"
}

@test "purged before the merge: the merge brings nothing back" {
    miss asked_for "$(texts t 1 20)"
    cp -r "$PREECHO_STORE/spool" "$BATS_TEST_TMPDIR/spool"
    "$PREECHO" merge --quiet
    cp -p "$BATS_TEST_TMPDIR"/spool/* "$PREECHO_STORE/spool/" # killed behind its commit
    assert_equal "$("$PREECHO" ls --keys | wc -l)" 21
    "$PREECHO" purge --all
    "$PREECHO" merge --quiet
    assert_equal "$(stats .store.entries)" 0
    miss asked_for "$(texts t 1 20)"
}

@test "forget: one tenant's vectors out of the files, nobody else's" {
    local tenant
    for tenant in old new; do
        PREECHO_TENANT=$tenant miss asked_for "$(texts t 1 20)"
    done
    assert_equal "$(waiting b)" 2
    run "$PREECHO" forget --tenant old
    assert_output "21 entries of 1 identity forgotten"
    assert_equal "$(waiting b)" 1
    PREECHO_TENANT=new hit asked_for "$(texts t 2 19)"
    "$PREECHO" merge --quiet
    PREECHO_TENANT=new hit asked_for "$(texts t 1 20)"
    PREECHO_TENANT=old miss asked_for "$(texts t 3 18)"
}

@test "exported whole and imported elsewhere: the batch is the same bytes, others of its vectors are hits" {
    local state cassette=$BATS_TEST_TMPDIR/all.jsonl
    export PREECHO_TENANT=t PREECHO_SCOPE=tenant
    miss asked_for "$(texts t 1 20)"
    keep all
    ALL=$(jq -c .data "$OUT")
    for state in waiting merged; do
        "$PREECHO" export --force --out "$cassette.$state"
        assert_equal "$(wc -l <"$cassette.$state")" 21
        "$PREECHO" merge --quiet
    done
    cmp "$cassette.waiting" "$cassette.merged"
    rm -r "$PREECHO_STORE" "$XDG_CONFIG_HOME"
    "$PREECHO" import "$cassette.merged"
    hit asked_for "$(texts t 1 20)"
    same_as all
    all_known tls
    miss asked_for '"t 4","new"'
    assert_equal "$(sent)" '["new"]'
}

@test "a full store that no merge can empty: programs are unaffected, the first vectors stay" {
    local i layer large='"dimensions":1024'
    export PREECHO_MAX_SIZE=16M
    mkdir -m 700 "$PREECHO_STORE"
    flock --no-fork "$PREECHO_STORE/merge.lock" sleep 300 3>&- &
    for i in $(seq 16); do
        layer=curl
        [ $((i % 2)) -eq 0 ] || layer=tls
        miss ask $layer "$KEY" "$(vectors "$(texts "t$i" 1 40)" "$large")"
        assert_equal "$STATUS $(cat "$ERR")" "0 "
    done
    [ "$(stats .dropped_by.quota)" -gt 2 ]
    [ "$(du -s --block-size=1 "$PREECHO_STORE/spool" | cut -f1)" -lt 2000000 ]
    hit ask curl "$KEY" "$(vectors "$(texts t1 1 40)" "$large")"
    hit ask tls "$KEY" "$(vectors "$(texts t2 40 1 -1)" "$large")"
    kill %1
    "$PREECHO" merge --quiet
    miss ask curl "$KEY" "$(vectors "$(texts t16 1 40)" "$large")"
    hit ask tls "$KEY" "$(vectors "$(texts t16 40 1 -2)" "$large")"
    hit ask curl "$KEY" "$(vectors "$(texts t1 1 40)" "$large")"
}

@test "the host killed 100 times while it records vectors: none lost, none wrong" {
    capture "$PYTHON" "$BATS_TEST_DIRNAME/kill_hosts.py" --kills 100 --url "$TLS/v1/embeddings" --texts 20 \
        --preload "$BUILD/libpreecho.so" --client "$PROGRAMS/tls_client" --log "$UP/requests.log"
    [ "$STATUS" -eq 0 ] || fail "$(cat "$ERR")"
    echo "# $(cat "$OUT")" >&3
    assert_equal "$(jq -c '[.kills, .lost, .wrong]' "$OUT")" '[100,0,0]'
    run "$PREECHO" doctor
    assert_success
    "$PREECHO" merge
    assert_equal "$(stats .store.spooled)" 0
}

@test "the merge killed again and again: no lost vector" {
    local i
    for i in 1 2 3 4 5 6; do
        miss asked_for "$(texts "t$i" 1 20)"
        keep "$i"
        timeout -s KILL "0.00$i" "$PREECHO" merge >/dev/null 2>&1 || true
    done
    for i in 1 2 3 4 5 6; do
        hit asked_for "$(texts "t$i" 1 20)"
        same_as "$i"
        hit asked_for "$(texts "t$i" 20 1 -2)"
        timeout -s KILL "0.0$i" "$PREECHO" merge >/dev/null 2>&1 || true
    done
    "$PREECHO" merge
    run "$PREECHO" doctor
    assert_success
    for i in 1 2 3 4 5 6; do
        hit asked_for "$(texts "t$i" 1 20)"
        same_as "$i"
    done
    assert_equal "$(stats .store.entries)" $((6 * 21))
}

@test "many processes record and read vectors while the merger runs: every answer right" {
    local i pids=()
    for i in $(seq 8); do
        preloaded "$PROGRAMS/tls_client" "$TLS$WHERE" "$KEY" \
            "$(vectors "$(texts 'a @N@' 1 20),$(texts 'b @N@' "$i" 20)")" 10 \
            >"$BATS_TEST_TMPDIR/out-$i" 2>>"$BATS_TEST_TMPDIR/errors" 3>&- &
        pids+=($!)
    done
    for i in 1 2 3 4 5 6; do
        "$PREECHO" merge --quiet
    done
    wait "${pids[@]}"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/errors")" ""
    # The last number of each is the upstream's whim.
    for i in $(seq 2 8); do
        cmp <(jq -c '.data[:20][].embedding[:-1], .data[-1].embedding[:-1]' "$BATS_TEST_TMPDIR/out-1") \
            <(jq -c '.data[:20][].embedding[:-1], .data[-1].embedding[:-1]' "$BATS_TEST_TMPDIR/out-$i")
    done
    "$PREECHO" merge --quiet
    run "$PREECHO" doctor
    assert_success
    hit asked_for "$(texts 'b 3' 20 1 -1),$(texts 'a 10' 1 20)"
}

@test "a byte that changes in the file: that vector is asked for again, no other" {
    local file
    miss asked_for "$(texts t 1 20)"
    run "$PREECHO" doctor
    assert_success
    assert_line --regexp '^ok +store +21 entries open, 21 of all wait'
    file=$(find "$PREECHO_STORE/spool" -name 'b-*')
    cp -p "$file" "$BATS_TEST_TMPDIR/whole"
    printf X | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 1)) conv=notrunc status=none
    run "$PREECHO" doctor
    assert_failure 65
    assert_line --regexp '^! .*1 entries are damaged'
    miss asked_for "$(texts t 20 1 -1)"
    assert_equal "$(sent | jq length)" 1
    "$PREECHO" purge --all
    cp -p "$BATS_TEST_TMPDIR/whole" "$file"
    truncate -s 500 "$file"
    miss asked_for "$(texts t 20 1 -1)"
    "$PREECHO" merge --quiet
    run "$PREECHO" doctor
    assert_success
    hit asked_for "$(texts t 1 20)"
}
