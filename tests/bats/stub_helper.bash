# SPDX-License-Identifier: MIT
# For the stub's tests: builds the small libraries and programs of tests/stub, and a copy of the
# stub beside a fake core that notes each call.
#
#   PREECHO_BUILD  where libpreecho.so is, if not in build/

load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
SOURCE=$ROOT/tests/stub
CC=${CC:-cc}

# The stub in a directory of its own with the fake core: $DIR/stub.
stub_build() {
    DIR=$BATS_FILE_TMPDIR
    mkdir -p "$DIR/stub"
    cp "${PREECHO_BUILD:-$ROOT/build}/libpreecho.so" "$DIR/stub/"
    $CC -std=c11 -D_GNU_SOURCE -O2 -fPIC -fvisibility=hidden -shared -I"$ROOT" -I"$ROOT/shim" \
        -o "$DIR/stub/libpreecho-core.so" "$SOURCE/fake_core.c"
}

# Two copies of a small libssl: one of version V1, one of V2, with the same symbols.
copies_build() {
    DIR=$BATS_FILE_TMPDIR
    for n in 1 2; do
        echo "V$n { global: *; };" > "$DIR/v$n.map"
        $CC -O2 -fPIC -shared -DVALUE=$n -Wl,--version-script="$DIR/v$n.map" \
            -Wl,-soname,libcopy$n.so -o "$DIR/libcopy$n.so" "$SOURCE/copy.c"
        $CC -O2 -fPIC -shared -o "$DIR/plugin$n.so" "$SOURCE/caller.c" \
            -L"$DIR" -lcopy$n -Wl,-rpath,"$DIR"
    done
}

# program NAME SOURCE [ARGUMENTS]: a program linked to the first copy.
program_build() {
    local name=$1 source=$2
    shift 2
    $CC -O2 -fexceptions -o "$DIR/$name" "$SOURCE/$source" "$@" \
        -Wl,--no-as-needed -L"$DIR" -lcopy1 -Wl,-rpath,"$DIR"
}

stub_setup() {
    DIR=$BATS_FILE_TMPDIR
    STUB=$DIR/stub/libpreecho.so
    export FAKE_CORE_LOG=$BATS_TEST_TMPDIR/log
}

# Runs a program under the stub, with stdout and stderr kept apart.
under() {
    run --separate-stderr env LD_PRELOAD="$STUB" "$@"
}

# The same output, error output and exit status with the stub and without.
assert_same() {
    local plain_output plain_status=0
    plain_output=$("$@" 2>&1) || plain_status=$?
    run env LD_PRELOAD="$STUB" "$@"
    assert_equal "$output" "$plain_output"
    assert_equal "$status" "$plain_status"
}

# How many lines of the log match a pattern.
calls() {
    [ -f "$FAKE_CORE_LOG" ] || { echo 0; return; }
    grep -c "$1" "$FAKE_CORE_LOG" || true
}

assert_calls() {
    assert_equal "$1: $(calls "$1")" "$1: $2"
}

# True when the core has been loaded.
assert_loaded() {
    assert_calls '^core ' 1
}

refute_loaded() {
    assert_calls '^core ' 0
}

# A certificate and `openssl s_server -www` on a free port: sets PORT and SERVER.
server_start() {
    DIR=$BATS_FILE_TMPDIR
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -batch \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$DIR/key.pem" -out "$DIR/cert.pem" 2> "$DIR/openssl.log"
    for _ in 1 2 3 4 5; do
        PORT=$((20000 + RANDOM % 10000))
        openssl s_server -www -accept "127.0.0.1:$PORT" -key "$DIR/key.pem" \
            -cert "$DIR/cert.pem" < /dev/null > "$DIR/server.log" 2>&1 3>&- &
        SERVER=$!
        for _ in $(seq 50); do
            curl -s -o /dev/null --cacert "$DIR/cert.pem" "https://localhost:$PORT/" && break 2
            kill -0 "$SERVER" 2> /dev/null || break
            sleep 0.1
        done
    done
    export PORT SERVER
}
