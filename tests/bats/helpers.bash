# SPDX-License-Identifier: MIT
# What the BATS files share: the upstream, a fresh store for every test, and the question that
# nearly every test asks: was the upstream asked, and did the program get the right bytes?

load /usr/lib/bats/bats-support/load.bash
load /usr/lib/bats/bats-assert/load.bash

PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${PREECHO_BUILD:-$PROJECT/build}
CLIENTS=$PROJECT/tests/clients
PROGRAMS=$BUILD/clients
PREECHO=$BUILD/preecho
PYTHON=/usr/bin/python3

# Starts the upstream of this file and tells every client which certificates to trust. The array
# UPSTREAM_WITHIN, where there is one, is the command that puts it elsewhere.
start_upstream() {
    UP=$BATS_FILE_TMPDIR/upstream
    "$PROJECT/tests/upstream/ca.sh" "$UP"
    "${UPSTREAM_WITHIN[@]}" "$PYTHON" "$PROJECT/tests/upstream/upstream.py" --dir "$UP" "$@" \
        >"$UP/output" 2>&1 3>&- &
    wait_until 10 test -s "$UP/ports"
    # shellcheck disable=SC1091
    . "$UP/ports"
    TLS=https://localhost:$TLS_PORT
    PLAIN=http://localhost:$PLAIN_PORT
    HASTY=https://localhost:$HASTY_PORT
    export UP TLS PLAIN HASTY UPSTREAM_PID TLS_PORT PLAIN_PORT
    export SSL_CERT_FILE=$UP/ca.pem CURL_CA_BUNDLE=$UP/ca.pem REQUESTS_CA_BUNDLE=$UP/ca.pem
    export NODE_EXTRA_CA_CERTS=$UP/ca.pem PERL_LWP_SSL_CA_FILE=$UP/ca.pem
    export NODE_PATH=$PROGRAMS/npm/node_modules PYTHONDONTWRITEBYTECODE=1
}

# Puts nginx in front for HTTP/2; $H2 is its address.
start_nginx() {
    "$PROJECT/tests/upstream/nginx.sh" "$UP" >"$UP/nginx.output" 2>&1 3>&- &
    NGINX_PID=$!
    wait_until 10 grep -q H2_PORT "$UP/ports"
    # shellcheck disable=SC1091
    . "$UP/ports"
    H2=https://localhost:$H2_PORT
    export NGINX_PID H2 H2_PORT
    wait_until 10 curl -s -o /dev/null "$H2/ready"
}

stop_upstream() {
    kill "$UPSTREAM_PID" ${NGINX_PID:+"$NGINX_PID"} 2>/dev/null || true
}

# wait_until SECONDS COMMAND...
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "gave up waiting for: $*"
        sleep 0.02
    done
}

# A store, a secret and a home that no other test has seen.
fresh_store() {
    export HOME=$BATS_TEST_TMPDIR/home
    export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
    export PREECHO_STORE=$BATS_TEST_TMPDIR/store PREECHO_LOG=$BATS_TEST_TMPDIR/preecho.log
    mkdir -p "$HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME"
    OUT=$BATS_TEST_TMPDIR/out
    ERR=$BATS_TEST_TMPDIR/err
    KEY=sk-test-$BATS_TEST_NUMBER-aaaaaaaaaaaaaaaa
}

# preloaded COMMAND...: runs an unmodified program under preecho. $PRELOAD_BEFORE may name a
# library that has to come first, a sanitizer's for a core that was built with it.
preloaded() {
    LD_PRELOAD=${PRELOAD_BEFORE:+$PRELOAD_BEFORE:}$BUILD/libpreecho.so "$@"
}

# upstream_fails FAULTS: every request suffers from them (tests/upstream/faults.py), until
# upstream_recovers.
upstream_fails() {
    printf '%s' "$1" >"$UP/faults.new"
    mv "$UP/faults.new" "$UP/faults"
}

upstream_recovers() {
    rm -f "$UP/faults"
}

# later TIME COMMAND...: what `preloaded` starts has a wall clock that is ahead by TIME (+2h, +3d).
later() {
    local library
    library=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1)
    FAKETIME=$1 PRELOAD_BEFORE=${PRELOAD_BEFORE:+$PRELOAD_BEFORE:}$library "${@:2}"
}

# How many requests have reached the upstream.
requests() {
    wc -l <"$UP/requests.log"
}

# capture COMMAND...: bytes to $OUT and $ERR, exit status to $STATUS; never fails.
capture() {
    STATUS=0
    "$@" >"$OUT" 2>"$ERR" || STATUS=$?
}

# upstream_sees N COMMAND...: the command runs with its output in $OUT and $ERR, and exactly N
# requests reach the upstream.
upstream_sees() {
    local wanted=$1 before after
    shift
    before=$(requests)
    capture "$@"
    after=$(requests)
    [ $((after - before)) -eq "$wanted" ] || {
        batslib_print_kv_single 10 command "$*" wanted "$wanted" seen $((after - before)) \
            status "$STATUS" stderr "$(head -c 600 "$ERR")" \
            log "$(tail -n 5 "$PREECHO_LOG" 2>/dev/null)" |
            batslib_decorate "requests at the upstream" | fail
    }
}

hit() {
    upstream_sees 0 "$@"
    [ -s "$OUT" ] || fail "a hit without a byte: $* ($(cat "$ERR"))"
}

miss() {
    upstream_sees 1 "$@"
}

# Keeps the bytes of the last answer under a name, and compares later ones with it.
keep() {
    cp "$OUT" "$BATS_TEST_TMPDIR/kept-$1"
}

same_as() {
    cmp "$BATS_TEST_TMPDIR/kept-$1" "$OUT" || {
        batslib_print_kv_multi expected "$(head -c 800 "$BATS_TEST_TMPDIR/kept-$1")" \
            actual "$(head -c 800 "$OUT")" stderr "$(head -c 300 "$ERR")" |
            batslib_decorate "answers differ" | fail
    }
}

# documents FILE [N...]: its JSON documents, or these of them, each on one line.
documents() {
    local number file=$1
    shift
    for number in "${@:-1,\$}"; do
        jq -c . "$file" | sed -n "${number}p"
    done
}

differs_from() {
    ! cmp -s "$BATS_TEST_TMPDIR/kept-$1" "$OUT" || fail "the same answer as $1: $(cat "$OUT")"
}

# chat TEXT [MEMBERS]: the body of an OpenAI chat request.
chat() {
    printf '{"model":"gpt-4o-mini"%s,"messages":[{"role":"user","content":"%s"}]}' \
        "${2:+,$2}" "$1"
}

# ask LAYER KEY BODY [FIELD...]: one request under preecho through libcurl (curl) or libssl
# (tls). $WHERE is the path, by default OpenAI's chat; $HOST a provider's name instead of
# localhost. KEY `-` sends no Authorization.
ask() {
    local layer=$1 key=$2 body=$3 path=${WHERE:-/v1/chat/completions}
    local base=${HOST:+https://$HOST} field options=()
    base=${base:-$TLS}
    shift 3
    if [ "$layer" = curl ]; then
        for field; do
            options+=(-H "$field")
        done
        [ "$key" = - ] || options+=(-H "Authorization: Bearer $key")
        [ -z "${HOST:-}" ] || options+=(--connect-to "$HOST:443:localhost:$TLS_PORT")
        preloaded curl -sS --http1.1 --max-time 20 -H 'Content-Type: application/json' \
            "${options[@]}" --data-binary "$body" "$base$path"
    else
        for field; do
            options+=(--field "$field")
        done
        [ -z "${HOST:-}" ] || options+=(--host "$HOST")
        preloaded "$PROGRAMS/tls_client" "${options[@]}" "$TLS$path" "$key" "$body"
    fi
}

LAYERS="curl tls"

# A number out of `preecho stats --json`: stats .hits
stats() {
    "$PREECHO" stats --json | jq -r "$1"
}
