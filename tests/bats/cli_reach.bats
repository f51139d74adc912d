#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Can a program be reached? `doctor -- PROGRAM` says why, `run` warns in one line.
bats_require_minimum_version 1.5.0
load cli_helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    echo 'int main(void) { return 0; }' >plain.c
    $CC -o plain plain.c
    $CC -static -o static plain.c
    $CC -static-pie -o static-pie plain.c
    # OpenSSL inside the executable: the name is defined, and no libssl is needed
    echo 'int SSL_read(void) { return 0; } int main(void) { return SSL_read(); }' >bundled.c
    $CC -o bundled bundled.c
    $CC -rdynamic -o exporting bundled.c && strip exporting
    echo 'const char *const file = "ssl/ssl_lib.c"; int main(void) { return !file; }' >stripped.c
    $CC -s -o stripped stripped.c
    echo 'const char *const file = "libssl.so.3"; int main(void) { return !file; }' >opener.c
    $CC -o opener opener.c
    # What Go's linker leaves: a note of type 4 by "Go"
    cat >go.c <<'END'
__attribute__((section(".note.go.buildid"), used, aligned(4))) static const struct {
    unsigned name_size, size, type;
    char name[4], text[4];
} note = {4, 4, 4, "Go\0", "id"};
int main(void) { return 0; }
END
    $CC -o go go.c
    # A library that needs a TLS library, found by RUNPATH alone
    echo 'int SSL_write(void) { return 0; }' >tls.c
    mkdir -p lib
    $CC -shared -fPIC -Wl,-soname,libssl.so.9 -o lib/libssl.so.9 tls.c
    echo 'int SSL_write(void); int call(void) { return SSL_write(); }' >middle.c
    $CC -shared -fPIC -Wl,-soname,libmiddle.so -o lib/libmiddle.so middle.c lib/libssl.so.9 '-Wl,-rpath,$ORIGIN'
    echo 'int call(void); int main(void) { return call(); }' >user.c
    $CC -o user user.c lib/libmiddle.so '-Wl,-rpath,$ORIGIN/lib'
    # A 32-bit program: the head is enough to tell
    { printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0'; head -c 64 /dev/zero; } >small
    chmod +x small
}

setup() {
    cli_setup
    DIR=$BATS_FILE_TMPDIR
}

# assert_reach YES|NO|UNKNOWN PROGRAM TEXT
assert_reach() {
    preecho doctor -- "$2"
    case $1 in
    YES) assert_success && assert_line --index 0 --partial ": can be reached: " ;;
    NO) assert_failure $EX_UNAVAILABLE && assert_line --index 0 --partial ": cannot be reached: " ;;
    UNKNOWN) assert_success && assert_line --index 0 --partial ": not known: " ;;
    esac
    assert_output --partial "$3"
    assert_equal "$stderr" ""
}

# assert_warns PROGRAM TEXT: run says so and runs it.
assert_warns() {
    preecho run -- "$1"
    assert_success
    assert_stderr_line "^preecho: .* cannot be reached: .*$2"
    preecho run --quiet -- "$1"
    assert_success
    assert_equal "$stderr" ""
}

@test "statically linked" {
    for program in static static-pie; do
        assert_reach NO "$DIR/$program" "statically linked"
        assert_warns "$DIR/$program" "statically linked"
    done
}

@test "OpenSSL built into the executable" {
    for program in bundled exporting stripped; do
        assert_reach NO "$DIR/$program" "has OpenSSL built into itself"
        assert_warns "$DIR/$program" "OpenSSL built into itself"
    done
}

@test "Go" {
    assert_reach NO "$DIR/go" "Go program"
    assert_warns "$DIR/go" "Go program"
}

@test "another word size, also when the file is cut anywhere" {
    assert_reach NO "$DIR/small" "another machine or word size"
    for size in 1 3 4 20 52 60; do
        head -c $size "$DIR/small" >"$BATS_TEST_TMPDIR/cut"
        preecho doctor -- "$BATS_TEST_TMPDIR/cut"
        [[ $status == 0 || $status == "$EX_UNAVAILABLE" ]]
    done
}

@test "a damaged program file is judged without harm" {
    local size offset
    size=$(stat -c %s "$DIR/user")
    for offset in $(seq 16 37 "$size"); do
        cp "$DIR/user" "$BATS_TEST_TMPDIR/damaged"
        printf '\377\377\377\377\377\377\377' |
            dd of="$BATS_TEST_TMPDIR/damaged" bs=1 seek="$offset" conv=notrunc status=none
        preecho doctor -- "$BATS_TEST_TMPDIR/damaged"
        [[ $status == 0 || $status == "$EX_UNAVAILABLE" ]] || fail "at $offset: $status $stderr"
        ((offset % 10)) || { truncate -s "$offset" "$BATS_TEST_TMPDIR/damaged"
            preecho doctor -- "$BATS_TEST_TMPDIR/damaged"
            [[ $status == 0 || $status == "$EX_UNAVAILABLE" ]] || fail "cut at $offset: $status"; }
    done
}

@test "set-uid and set-gid" {
    [ "$(id -u)" = 0 ] || skip "only root can make a set-uid program of another user"
    local user=65534
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
    setpriv --reuid $user --regid $user --clear-groups test -x "$PREECHO" ||
        skip "another user cannot run $PREECHO"
    for mode in 4755 2755; do
        install -m $mode "$DIR/plain" "$BATS_TEST_TMPDIR/gaining"
        setpriv --reuid $user --regid $user --clear-groups test -x "$BATS_TEST_TMPDIR/gaining" ||
            skip "another user cannot reach $BATS_TEST_TMPDIR"
        run --separate-stderr setpriv --reuid $user --regid $user --clear-groups \
            "$PREECHO" run -- "$BATS_TEST_TMPDIR/gaining"
        assert_success
        assert_stderr_line "set-[ug]id"
    done
}

@test "file capabilities" {
    [ "$(id -u)" = 0 ] || skip "only root can give a file capabilities"
    command -v setcap >/dev/null || skip "setcap is not installed"
    install "$DIR/plain" "$BATS_TEST_TMPDIR/capable"
    setcap cap_net_raw+ep "$BATS_TEST_TMPDIR/capable" || skip "no capabilities on this file system"
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
    setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$BATS_TEST_TMPDIR/capable" ||
        skip "another user cannot reach $BATS_TEST_TMPDIR"
    run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$PREECHO" doctor -- "$BATS_TEST_TMPDIR/capable"
    assert_failure $EX_UNAVAILABLE
    assert_output --partial "file capabilities"
}

@test "a program without TLS is not known, and run says nothing" {
    assert_reach UNKNOWN "$DIR/plain" "no libssl and no libcurl"
    preecho run -- "$DIR/plain"
    assert_equal "$stderr" ""
    assert_reach UNKNOWN sh "it is a shell"
}

@test "libssl through another library, found by its RUNPATH" {
    assert_reach YES "$DIR/user" "it links libssl.so.9"
    rm -rf "$BATS_TEST_TMPDIR/moved" && cp -r "$DIR" "$BATS_TEST_TMPDIR/moved"
    assert_reach YES "$BATS_TEST_TMPDIR/moved/user" "$BATS_TEST_TMPDIR/moved/lib/libssl.so.9"
}

@test "a library that is missing is named" {
    cp "$DIR/user" "$BATS_TEST_TMPDIR/user"
    assert_reach UNKNOWN "$BATS_TEST_TMPDIR/user" "asks for"
    LD_LIBRARY_PATH=$DIR/lib assert_reach YES "$BATS_TEST_TMPDIR/user" "it links libssl.so.9"
}

@test "a program that names libssl to load it later" {
    assert_reach YES "$DIR/opener" "by name at run time"
}

@test "scripts are judged by their interpreter" {
    local script=$BATS_TEST_TMPDIR/script
    for line in "$DIR/static" "/usr/bin/env -S $DIR/static -x" "/usr/bin/env A=1 $DIR/static"; do
        printf '#! %s\n' "$line" >"$script"
        chmod +x "$script"
        assert_reach NO "$script" "is a script, run by $DIR/static"
    done
    printf '#!/no/such/interpreter\n' >"$script"
    preecho doctor -- "$script"
    assert_failure $EX_NOINPUT
    printf '#!%s\n' "$script" >"$script"
    preecho doctor -- "$script"
    assert_failure $EX_NOINPUT
    printf 'echo no first line\n' >"$script"
    assert_reach UNKNOWN "$script" "neither a script nor an ELF program"
}

@test "curl and Debian's interpreters" {
    assert_reach YES curl "(with OpenSSL)"
    local program text
    while read -r program text; do
        [ -x "$program" ] || { echo "# $program is not installed" >&3; continue; }
        assert_reach YES "$program" "$text"
    done <<'END'
/usr/bin/python3 through Python's _ssl
/usr/bin/ruby through Ruby's openssl
/usr/bin/openssl it links libssl
END
}

@test "a program that is not there" {
    preecho doctor -- no-such-program
    assert_failure $EX_NOINPUT
    assert_stderr_line "no-such-program: No such file"
}
