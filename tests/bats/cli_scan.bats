#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho doctor --scan`: a verdict for each program on PATH or below a directory.
bats_require_minimum_version 1.5.0
load cli_helper

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    echo 'int main(void) { return 0; }' >plain.c
    $CC -o plain plain.c
    $CC -static -o static plain.c
    # The real OpenSSL inside: with symbols, without, and without the names of its sources
    cat >tls.c <<'END'
#include <openssl/ssl.h>
int main(void) { return SSL_connect(SSL_new(SSL_CTX_new(TLS_client_method()))); }
END
    $CC -w -o shared tls.c -lssl -lcrypto
    $CC -w -o inside tls.c -l:libssl.a -l:libcrypto.a -ldl -pthread
    strip -o stripped inside
    sed 's,ssl/ssl_lib\.c,xxx/xxx_xxx.x,g' stripped >nameless && chmod +x nameless
    $CC -w -static -o static-tls tls.c -l:libssl.a -l:libcrypto.a -ldl -pthread 2>/dev/null
    echo 'const char *const text[] = {"../ssl/ssl_lib.cc", "c hs traffic"};
        int main(void) { return !text[0]; }' >boring.c
    $CC -o boring boring.c
    echo 'const char *const text[] = {"/x/rustls-0.23.1/src", "c hs traffic"};
        int main(void) { return !text[0]; }' >rust.c
    $CC -o rust rust.c
    echo 'const char *const text = "c hs traffic"; int main(void) { return !text; }' >own.c
    $CC -o own own.c
    echo 'const char *const text = "libhostfxr.so"; int main(void) { return !text; }' >net.c
    $CC -o net net.c
    echo 'int gnutls_init(void) { return 0; }' >gnutls.c
    mkdir -p lib
    $CC -shared -fPIC -Wl,-soname,libgnutls.so.30 -o lib/libgnutls.so.30 gnutls.c
    echo 'int gnutls_init(void); int main(void) { return gnutls_init(); }' >gnu.c
    $CC -o gnu gnu.c lib/libgnutls.so.30 "-Wl,-rpath,$PWD/lib"
}

setup() {
    cli_setup
    FILES=$BATS_FILE_TMPDIR
    DIR=$BATS_TEST_TMPDIR/dir
    mkdir -p "$DIR"
}

# put NAME FILE: FILE under that name in the directory that is scanned
put() {
    mkdir -p "$(dirname "$DIR/$1")"
    cp "$FILES/$2" "$DIR/$1"
}

# script NAME INTERPRETER: a script that leaves a trace if anybody runs it
script() {
    mkdir -p "$(dirname "$DIR/$1")"
    printf '#!%s\ntouch "%s/was-run"\n' "$2" "$BATS_TEST_TMPDIR" >"$DIR/$1"
    chmod +x "$DIR/$1"
}

scan() {
    run --separate-stderr timeout 60 "$PREECHO" doctor --scan "$@"
    assert_equal "$stderr" ""
    [ ! -e "$BATS_TEST_TMPDIR/was-run" ] || fail "a program was run"
}

# scan_on PATH ARGUMENT...
scan_on() {
    run --separate-stderr env PATH="$1" /usr/bin/timeout 60 "$PREECHO" doctor --scan "${@:2}"
    assert_equal "$stderr" ""
    [ ! -e "$BATS_TEST_TMPDIR/was-run" ] || fail "a program was run"
}

# row PATH: verdict, TLS, library and hooks of that program in the JSON of the last scan
row() {
    /usr/bin/python3 -c '
import json, sys
rows = [row for row in json.loads(sys.argv[1])["programs"] if row["path"] == sys.argv[2]]
for row in rows:
    print(row["reachable"], row["tls"], row["library"] or "-", ",".join(row["hooks"]) or "-",
          sep="|")
' "$output" "$1"
}

# value NAME: a figure of the last scan
value() {
    /usr/bin/python3 -c 'import json, sys
print(json.loads(sys.argv[1])[sys.argv[2]])' "$output" "$1"
}

@test "the TLS library is told, shared or built in, with and without symbols" {
    local name
    for name in plain static shared inside stripped nameless static-tls boring rust own net gnu; do
        put $name $name
    done
    scan --json "$DIR"
    assert_failure $EX_UNAVAILABLE
    assert_equal "$(row "$DIR/shared")" "yes|libssl|libssl.so.3|libssl"
    assert_equal "$(row "$DIR/inside")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/stripped")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/nameless")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/static-tls")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/boring")" "no|BoringSSL inside|-|-"
    assert_equal "$(row "$DIR/rust")" "no|rustls|-|-"
    assert_equal "$(row "$DIR/own")" "no|its own|-|-"
    assert_equal "$(row "$DIR/gnu")" "no|GnuTLS|-|-"
    assert_equal "$(row "$DIR/plain")$(row "$DIR/static")$(row "$DIR/net")" ""
    assert_equal "$(value reached) $(value not_reached) $(value without_tls)" "1 8 3"
    mkdir "$BATS_TEST_TMPDIR/other"
    put ../other/shared shared
    scan "$BATS_TEST_TMPDIR/other"
    assert_success
}

@test "Debian's programs, against what ldd and nm say" {
    scan --json
    local path tls found
    while read -r path tls; do
        [ -x "$path" ] || { echo "# $path is not installed" >&3; continue; }
        found=$(row "$path")
        [ "$found" ] || found=$(row "$(realpath "$path")")
        assert_equal "$path $found" "$path $tls"
    done <<'END'
/usr/bin/python3 yes|libssl|libssl.so.3|libssl
/usr/bin/ruby yes|libssl|libssl.so.3|libssl
/usr/bin/perl yes|libssl|libssl.so.3|libssl
/usr/bin/php yes|libssl|libssl.so.3|libcurl,libssl
/usr/bin/curl yes|libssl|libssl.so.3|libcurl,libssl
/usr/bin/openssl yes|libssl|libssl.so.3|libssl
/usr/bin/wget no|GnuTLS|-|-
/usr/bin/git yes|GnuTLS|-|libcurl
/usr/bin/promtool no|Go|-|-
END
    if ldd /usr/bin/node | grep -q libssl; then
        assert_equal "$(row /usr/bin/node)" "yes|libssl|libssl.so.3|libssl"
    elif nm -D --defined-only /usr/bin/node | grep -q ' SSL_read$'; then
        assert_equal "$(row /usr/bin/node)" "no|OpenSSL inside|-|-"
    fi
}

@test "PATH: known names, and elsewhere than in /usr/bin what has TLS; each file once" {
    put node inside
    put tool stripped
    put python3.11 shared
    put llm plain
    put quiet plain
    ln -s node "$DIR/nodejs"
    script claude "$DIR/node"
    script helper "$DIR/node"
    script notes /bin/sh
    scan_on $DIR --json
    assert_failure $EX_UNAVAILABLE
    assert_equal "$(row "$DIR/node")$(row "$DIR/nodejs")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/claude")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/tool")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/python3.11")" "yes|libssl|libssl.so.3|libssl"
    assert_equal "$(row "$DIR/llm")" "unknown|none|-|-"
    assert_equal "$(row "$DIR/quiet")$(row "$DIR/helper")$(row "$DIR/notes")" ""
    assert_equal "$(value further_scripts) $(value without_tls)" "1 2"
    scan_on $DIR:$DIR:relative::/no/such --json
    assert_equal "$(value not_reached)" 3
}

@test "the table: what matters first, what to do, a sum, in 80 columns" {
    put claude boring
    put node inside
    put python3 shared
    put a/long/directory/that/no/table/would/ever/have/room/for/in/its/columns/gemini rust
    put llm plain
    ln -s /usr/bin/env "$DIR/env"
    scan "$DIR"
    assert_failure $EX_UNAVAILABLE
    run sed -n '/^[a-z?]/s/ .*//p; /^$/q' <<<"$output"
    assert_equal "${lines[*]}" "no no no yes ?"
    scan "$DIR"
    assert_line --index 1 --regexp '^no .*/gemini +rustls +-$'
    assert_line --index 2 --regexp '^no .*/claude +BoringSSL inside +-$'
    assert_line --regexp '^yes .*/python3 +libssl.so.3 +libssl$'
    assert_line --partial "Debian's own package nodejs uses the shared"
    assert_line "5 programs: 1 can be reached, 3 cannot, 1 not known."
    run awk 'length > 80' <<<"$output"
    assert_output ""
    HOME=$BATS_TEST_TMPDIR scan "$DIR"
    assert_line --regexp '^yes   ~/dir/python3 '
}

@test "a Python is told with the packages that bring their own TLS" {
    local site=$DIR/env/lib/python3.11/site-packages python
    python=$(realpath /usr/bin/python3)
    mkdir -p "$DIR/env/bin" "$site"/{grpc/_cython,cryptography/hazmat/bindings,curl_cffi,x.libs}
    ln -s "$python" "$DIR/env/bin/python"
    $CC -shared -fPIC -o "$site/grpc/_cython/cygrpc.cpython-311.so" "$FILES/boring.c"
    $CC -shared -fPIC -o "$site/cryptography/hazmat/bindings/_rust.abi3.so" "$FILES/boring.c"
    $CC -shared -fPIC -o "$site/curl_cffi/_wrapper.abi3.so" "$FILES/plain.c"
    cp "$FILES/plain" "$site/x.libs/libssl-81ffa89e.so.3"
    script env/bin/aider "$DIR/env/bin/python"
    scan "$DIR"
    assert_line --regexp '^part .*/env/bin/aider +libssl.so.3 +libssl$'
    assert_line --regexp '^part .*/env/bin/python +libssl.so.3 +libssl$'
    assert_line "      grpc: BoringSSL inside"
    refute_output --partial curl_cffi
    refute_output --partial pyOpenSSL
    assert_line --partial 'transport="rest"'
    # pyOpenSSL is what makes cryptography's TLS matter
    mkdir "$site/OpenSSL" && touch "$site/OpenSSL/SSL.py"
    preecho doctor -- "$DIR/env/bin/aider"
    assert_success
    assert_line --index 0 --partial "can be reached"
    assert_line --regexp "out of reach: grpc: $site/grpc/_cython/cygrpc.*: BoringSSL inside"
    assert_line --regexp "out of reach: pyOpenSSL: "
    assert_line --partial "a package brings $site/x.libs/libssl-81ffa89e.so.3"
}

@test "a script of npm is told with the programs that it brings" {
    local modules=$DIR/lib/node_modules package
    package=$modules/@openai/codex
    put bin/node shared
    script lib/node_modules/@openai/codex/bin/codex.js "$DIR/bin/node"
    echo '{}' >"$package/package.json"
    put lib/node_modules/@openai/codex-linux-x64/vendor/codex static-tls
    put lib/node_modules/@openai/codex-linux-x64/vendor/rg static
    ln -s ../lib/node_modules/@openai/codex/bin/codex.js "$DIR/bin/codex"
    scan_on $DIR/bin --json
    assert_equal "$(row "$DIR/bin/node")" "yes|libssl|libssl.so.3|libssl"
    assert_equal "$(row "$DIR/bin/codex")" "unknown|libssl|libssl.so.3|libssl"
    assert_output --partial "vendor/codex: OpenSSL inside"
    assert_output --partial "The package brings a program with TLS inside"
    refute_output --partial vendor/rg
    rm "$modules/@openai/codex-linux-x64/vendor/codex"
    scan_on $DIR/bin --json
    assert_success
    assert_equal "$(row "$DIR/bin/codex")" "yes|libssl|libssl.so.3|libssl"
}

@test "behind a version manager's shim stand the programs that it may start" {
    put versions/3.12/bin/python3 shared
    put versions/3.13/bin/python3 inside
    script shims/python3 /bin/sh
    script shims/node /bin/sh
    scan_on $DIR/shims --json
    assert_equal "$(row "$DIR/versions/3.12/bin/python3")" "yes|libssl|libssl.so.3|libssl"
    assert_equal "$(row "$DIR/versions/3.13/bin/python3")" "no|OpenSSL inside|-|-"
    assert_equal "$(row "$DIR/shims/python3")" ""
    assert_equal "$(row "$DIR/shims/node")" "unknown|none|-|-"
    assert_equal "$(value shims)" 1
}

@test "other interpreters, where their builds keep what they use" {
    local tls=$FILES/shared.so
    $CC -shared -fPIC -w -o "$tls" "$FILES/tls.c" -lssl -lcrypto
    put bin/pypy3.9 plain
    put bin/lua5.4 plain
    put bin/Rscript plain
    script lib/R/bin/R /bin/sh
    mkdir -p "$DIR"/lib/{pypy3.9,R/modules,x86_64-linux-gnu/lua/5.4}
    cp "$tls" "$DIR/lib/pypy3.9/_pypy_openssl.pypy39-pp73-x86_64-linux-gnu.so"
    cp "$tls" "$DIR/lib/x86_64-linux-gnu/lua/5.4/ssl.so"
    cp "$tls" "$DIR/lib/R/modules/internet.so"
    scan --json "$DIR"
    assert_success
    local name
    for name in bin/pypy3.9 bin/lua5.4 bin/Rscript lib/R/bin/R; do
        assert_equal "$name $(row "$DIR/$name")" "$name yes|libssl|libssl.so.3|libssl"
    done
}

@test "odd files do no harm and keep nobody" {
    put good shared
    cp "$FILES/stripped" "$DIR/huge" && truncate -s 1T "$DIR/huge"
    printf '\177ELF' >"$DIR/head"
    head -c 5000 "$FILES/shared" >"$DIR/cut"
    head -c 4096 /dev/urandom >"$DIR/noise"
    : >"$DIR/empty"
    mkfifo "$DIR/python3"
    ln -s loop "$DIR/loop" && ln -s /no/such/file "$DIR/dangling" && ln -s . "$DIR/self"
    printf '#!%s/script\n' "$DIR" >"$DIR/script"
    script missing /no/such/interpreter
    put $'odd\n\033[31mname' stripped
    put $'not-utf8-\377' stripped
    chmod -R +x "$DIR"
    scan "$DIR"
    assert_failure $EX_UNAVAILABLE
    assert_line --regexp '^yes .*/good '
    assert_line --regexp '^no .*/huge +OpenSSL inside'
    assert_line --partial "2 files cannot be read"
    [[ $output != *$'\033'* ]] || fail "an escape sequence"
    scan --json "$DIR"
    assert_equal "$(value reached) $(value not_reached)" "1 3"
    scan_on $DIR
    assert_failure $EX_UNAVAILABLE
}

@test "set-uid and unreadable programs are judged as this user meets them" {
    [ "$(id -u)" = 0 ] || skip "only root can become another user"
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
    setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$PREECHO" ||
        skip "another user cannot run $PREECHO"
    put curl shared && chmod 4755 "$DIR/curl"
    put secret shared && chmod 711 "$DIR/secret"
    mkdir -m 700 "$DIR/closed" && put closed/wget shared
    run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$PREECHO" doctor --scan --json "$DIR"
    assert_failure $EX_UNAVAILABLE
    assert_equal "$(row "$DIR/curl")" "no|libssl|-|-"
    assert_output --partial "it is set-uid"
    assert_equal "$(row "$DIR/secret")" ""
    assert_equal "$(value unreadable)" 1
}

@test "a directory that is not there, a file in its place, nothing at all" {
    scan_fails() {
        preecho doctor --scan "$1"
        assert_failure $EX_NOINPUT
        assert_stderr_line "$2"
    }
    scan_fails "$DIR/none" "No such file"
    scan_fails "$FILES/plain" "Not a directory"
    scan "$DIR"
    assert_success
    assert_line "0 programs: 0 can be reached, 0 cannot, 0 not known."
}
