#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Whose function is the real one: two copies of a library in one process, plugins, dlsym, callers
# that name nothing, objects that come and go.
bats_require_minimum_version 1.5.0
load stub_helper

setup_file() {
    stub_build
    copies_build
    program_build linked copies.c -DLINKED
    $CC -O2 -o "$DIR/copies" "$SOURCE/copies.c"
    $CC -O2 -o "$DIR/lookup" "$SOURCE/lookup.c"
    $CC -O2 -o "$DIR/reload" "$SOURCE/reload.c"
    $CC -O2 -fPIC -shared -o "$DIR/libfakecurl.so" "$SOURCE/fake_curl.c" -L"$DIR" -lcopy1 \
        -Wl,-rpath,"$DIR"
    program_build fake_curl_user fake_curl_user.c -L"$DIR" -lfakecurl
    $CC -O2 -fPIC -shared -o "$DIR/no_find_object.so" "$SOURCE/no_find_object.c"
}

setup() {
    stub_setup
    P1=$DIR/plugin1.so
    P2=$DIR/plugin2.so
}

@test "two copies, both behind RTLD_LOCAL: each plugin reaches its own" {
    assert_same "$DIR/copies" "$P1" "$P2"
    assert_line --partial "plugin 1 111 tail 1"
    assert_line --partial "plugin 2 222"
    [ "$(calls '^SSL_write libcopy1.so$')" -eq "$(calls '^SSL_write libcopy2.so$')" ]
    assert_calls '^SSL_write libcopy1.so$' 2
    # What the library calls of itself stays with it.
    assert_calls '^SSL_pending' 0
    assert_calls '^SSL_get_error' 0
    assert_calls HOOK 0
}

@test "two copies, the first linked to the main program" {
    run --separate-stderr env LD_PRELOAD="$STUB" "$DIR/linked" "$P2" "$P1"
    assert_success
    assert_line --index 0 "own 111"
    assert_line --index 1 --partial "plugin 1 222"
    assert_line --index 2 --partial "plugin 2 111"
    assert_line --index 3 "own 111"
    assert_calls '^SSL_connect libcopy1.so$' 4
    assert_calls '^SSL_connect libcopy2.so$' 2
    assert_calls HOOK 0
}

@test "two copies, opened globally, in either order" {
    assert_same "$DIR/copies" "global:$P1" "global:$P2"
    assert_same "$DIR/copies" "global:$P2" "$P1"
    assert_calls HOOK 0
}

@test "one copy: a call that was the last thing a function did goes to it" {
    under "$DIR/copies" "$P2"
    assert_success
    assert_line --index 0 "plugin 1 222 tail 2"
    assert_line --index 1 "plugin 1 222 tail 2"
    assert_calls '^SSL_free libcopy2.so$' 1
}

@test "RTLD_DEEPBIND: kept for files that do not concern us, cleared for those that do" {
    cp "$P1" "$DIR/plugin_openssl.so"
    under "$DIR/copies" "deep:$P1"
    assert_success
    refute_loaded
    under "$DIR/copies" "deep:$DIR/plugin_openssl.so"
    assert_success
    assert_line --index 0 "plugin 1 111 tail 1"
    assert_loaded
    rm "$FAKE_CORE_LOG"
    under env PREECHO_DEEPBIND=keep "$DIR/copies" "deep:$DIR/plugin_openssl.so"
    assert_success
    refute_loaded
}

@test "dlopen and dlsym: the hook for what is there, never for what is not" {
    assert_same "$DIR/lookup" "$DIR/libcopy1.so"
    assert_line "write 1, the same 1"
    assert_calls '^SSL_write libcopy1.so$' 1
    assert_calls HOOK 0
}

@test "dlopen and dlsym: a second copy keeps its own functions" {
    assert_same "$DIR/lookup" "$DIR/libcopy2.so" "$DIR/libcopy1.so"
    assert_line "write 2, the same 1"
    assert_line "write 1, the same 1"
    assert_calls '^SSL_write libcopy2.so$' 1
    assert_calls '^SSL_write libcopy1.so$' 0
}

@test "dlopen finds files by its caller's run path" {
    mkdir -p "$DIR/hidden"
    cp "$DIR/libcopy1.so" "$DIR/hidden/libelsewhere.so"
    $CC -O2 -o "$DIR/runpath" "$SOURCE/lookup.c" -Wl,-rpath,"$DIR/hidden",--enable-new-dtags
    assert_same "$DIR/runpath" libelsewhere.so
    assert_line "write 1, the same 1"
}

@test "objects that are closed, and others opened in their place" {
    assert_same "$DIR/reload" "$P1" "$P2"
    assert_output "111 222 111 222 111 222 111 222 "
    assert_same "$DIR/reload" "$P2" "$P1"
}

@test "libcurl's own calls pass; a callback's last call is the program's" {
    under "$DIR/fake_curl_user"
    assert_success
    assert_output "1 0 105"
    assert_calls '^SSL_connect' 1
    assert_calls '^curl_easy_perform libfakecurl.so$' 1
    assert_calls '^curl_easy_pause libfakecurl.so$' 1
}

@test "without _dl_find_object, as before glibc 2.35" {
    STUB=$DIR/no_find_object.so:$STUB
    assert_same "$DIR/copies" "$P1" "$P2"
    assert_same "$DIR/lookup" "$DIR/libcopy1.so" "$DIR/libcopy2.so"
    assert_same "$DIR/reload" "$P1" "$P2"
    under "$DIR/linked" "$P2" "$P1"
    assert_success
    assert_line --index 3 "own 111"
    assert_line --index 4 --partial "plugin 1 222"
    assert_calls HOOK 0
}
