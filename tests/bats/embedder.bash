# SPDX-License-Identifier: MIT
# The test embedding endpoint (tests/upstream/embedder.py), which the semantic layer asks; and what makes
# certificates without the calls that would earn one.

load seed.bash

EMBEDDER_MODEL=test-embedder

# start_embedder [OPTION...] for the tests of this file.
start_embedder() {
    EMBED=$BATS_FILE_TMPDIR/embedder
    mkdir -p "$EMBED"
    "$PYTHON" "$PROJECT/tests/upstream/embedder.py" --dir "$EMBED" --model "$EMBEDDER_MODEL" \
        "$@" >"$EMBED/output" 2>&1 3>&- &
    wait_until 10 test -s "$EMBED/port"
    # shellcheck disable=SC1091
    . "$EMBED/port"
    export EMBED EMBEDDER_PORT EMBEDDER_PID
}

stop_embedder() {
    kill "$EMBEDDER_PID" 2>/dev/null || true
}

# Forgets what texts mean and which faults there were; programs that start from now on may ask it.
fresh_embedder() {
    rm -f "$EMBED/meanings" "$EMBED/faults"
    export PREECHO_SEMANTIC_URL=http://127.0.0.1:$EMBEDDER_PORT/v1/embeddings
    export PREECHO_SEMANTIC_MODEL=$EMBEDDER_MODEL PREECHO_SEMANTIC_DEADLINE=10000
}

# means MEANING COSINE TEXT: see embedder.py.
means() {
    printf '%s\t%s\t%s\n' "$@" >>"$EMBED/meanings"
}

# embedder_fails FAULTS [TEXT]: besides the faults that there are, until embedder_recovers.
embedder_fails() {
    printf '%s%s\n' "$1" "${2:+$'\t'$2}" >>"$EMBED/faults"
}

embedder_recovers() {
    rm -f "$EMBED/faults"
}

# How many texts it was asked for.
asked() {
    if [ -e "$EMBED/asked.log" ]; then
        wc -l <"$EMBED/asked.log"
    else
        echo 0
    fi
}

# embedder_sees N COMMAND...: it is asked for exactly N texts meanwhile.
embedder_sees() {
    local wanted=$1 before
    before=$(asked)
    shift
    "$@"
    assert_equal "$(($(asked) - before))" "$wanted"
}

# build_certifier: the program for certify_from.
build_certifier() {
    build_seed certifier semantic_seed.c
}

# latest FILTER: out of the journal's line of the latest call.
latest() {
    "$PREECHO" log --json | tail -n 1 | jq -r "$1"
}

# certify_from COSINE [DAYS]: whoever has made the latest call may be served from there on, for calls of
# its class, with 1 % wrong at most; so many days ago.
certify_from() {
    "$BATS_FILE_TMPDIR/certifier" "$PREECHO_STORE" "$XDG_CONFIG_HOME/preecho" grant \
        "$(latest .tenant)" "$EMBEDDER_MODEL" "$(latest '"\(.dialect) \(.model)"')" "$1" "${2:-0}"
}

merge() {
    "$PREECHO" merge --quiet
}

# shadow FILTER: out of what `preecho semantic shadow --json` says of everything merged.
shadow() {
    merge
    "$PREECHO" semantic shadow --json | jq -c "$1"
}

# status FILTER: the same of `preecho semantic status --json`, which may say 1.
status() {
    local status=0
    merge
    "$PREECHO" semantic status --json >"$BATS_TEST_TMPDIR/status" || status=$?
    [ "$status" -le 1 ] || fail "exit status $status of preecho semantic status"
    jq -c "$1" "$BATS_TEST_TMPDIR/status"
}
