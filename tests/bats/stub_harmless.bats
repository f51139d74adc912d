#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stub where it has nothing to do, or cannot: it must not be noticed.
bats_require_minimum_version 1.5.0
load stub_helper

setup_file() {
    stub_build
    copies_build
    program_build state state.c -pthread
    program_build early early.c -DPROGRAM
    $CC -O2 -fPIC -shared -DWHEN='"library"' -o "$DIR/libearly.so" "$SOURCE/early.c" \
        -L"$DIR" -lcopy1 -Wl,-rpath,"$DIR"
    $CC -O2 -fPIC -shared -DWHEN='"preload"' -o "$DIR/preearly.so" "$SOURCE/early.c" \
        -L"$DIR" -lcopy1 -Wl,-rpath,"$DIR"
    program_build early_library early.c -DPROGRAM -Wl,--no-as-needed -L"$DIR" -learly
}

setup() {
    stub_setup
}

@test "the stub's symbols and flags" {
    run "$ROOT/tests/lint/stub-symbols" "$STUB"
    assert_success
    assert_output ""
}

@test "errno passes through every hook, and through loading the core" {
    assert_same "$DIR/state" errno libc_errno
    assert_loaded
    assert_line "3 Invalid cross-device link"
}

@test "errno also with the WATCH hooks at work, and for a core that writes" {
    FAKE_CORE_MODE=watch assert_same "$DIR/state" errno libc_errno
    [ "$(calls '^write ')" -ge 1 ]
    [ "$(calls '^sendmsg libc.so.6$')" -eq 1 ]
    rm "$FAKE_CORE_LOG"
    FAKE_CORE_MODE='write' assert_same "$DIR/state" errno libc_errno
}

@test "an unread dlerror survives the hooks" {
    PREECHO_MODE=off assert_same "$DIR/state" dlerror
    assert_line --partial "/nothing/there.so: cannot open"
}

@test "fork, vfork with exec" {
    assert_same "$DIR/state" fork vfork
    FAKE_CORE_MODE=watch assert_same "$DIR/state" errno fork vfork
    assert_line "vforked"
}

@test "eight threads load the core once" {
    assert_same "$DIR/state" threads
    assert_line "sum 24000"
    assert_loaded
}

@test "a thread is cancelled inside a hook, and unwinds through it" {
    assert_same "$DIR/state" cancel
    assert_line "cleaned up"
}

@test "hooks called before the stub's constructor: program, library, preloaded library" {
    assert_same "$DIR/early"
    assert_same "$DIR/early_library"
    assert_line "library: 1 1 send -1 Bad file descriptor dlsym 1"
    for order in "$STUB:$DIR/preearly.so" "$DIR/preearly.so:$STUB"; do
        run env LD_PRELOAD="$order" "$DIR/early_library"
        assert_success
        assert_line "preload: 1 1 send -1 Bad file descriptor dlsym 1"
        assert_line "library: 1 1 send -1 Bad file descriptor dlsym 1"
        assert_line "program: 1 1 send -1 Bad file descriptor dlsym 1"
    done
}

@test "a program without any libc" {
    $CC -O2 -fPIC -shared -nostdlib -fno-stack-protector -o "$DIR/libbare.so" "$SOURCE/copy.c"
    $CC -O2 -fPIC -shared -nostdlib -fno-stack-protector -DLIBRARY -o "$DIR/libbarewrite.so" \
        "$SOURCE/bare.c"
    $CC -O2 -fPIE -pie -nostdlib -fno-stack-protector -o "$DIR/bare" "$SOURCE/bare.c" \
        -L"$DIR" -lbare -lbarewrite -Wl,-rpath,"$DIR"
    assert_same "$DIR/bare"
    assert_output bare
}

@test "a static program" {
    $CC -O2 -static -DPROGRAM -o "$DIR/static" "$SOURCE/early.c" "$SOURCE/copy.c" 2> /dev/null
    assert_same "$DIR/static"
    assert_output --partial "program: 1 1"
}

@test "a musl program: everything passes through" {
    command -v musl-gcc > /dev/null || skip "musl-tools is not installed"
    mkdir -p "$DIR/musl"
    for n in 1 2; do
        musl-gcc -O2 -fPIC -shared -DVALUE=$n -o "$DIR/musl/libcopy$n.so" "$SOURCE/copy.c"
        musl-gcc -O2 -fPIC -shared -o "$DIR/musl/plugin$n.so" "$SOURCE/caller.c" \
            -L"$DIR/musl" -lcopy$n -Wl,-rpath,"$DIR/musl"
    done
    musl-gcc -O2 -DPROGRAM -o "$DIR/musl/early" "$SOURCE/early.c" -L"$DIR/musl" -lcopy1 \
        -Wl,-rpath,"$DIR/musl"
    musl-gcc -O2 -o "$DIR/musl/lookup" "$SOURCE/lookup.c"
    musl-gcc -O2 -o "$DIR/musl/state" "$SOURCE/state.c" -L"$DIR/musl" -lcopy1 \
        -Wl,-rpath,"$DIR/musl"
    musl-gcc -O2 -DLINKED -o "$DIR/musl/linked" "$SOURCE/copies.c" -L"$DIR/musl" -lcopy1 \
        -Wl,-rpath,"$DIR/musl"
    assert_same "$DIR/musl/early"
    assert_output "program: 1 1 send -1 Bad file descriptor dlsym 1"
    assert_same "$DIR/musl/lookup" "$DIR/musl/libcopy1.so"
    assert_line "write 1, the same 1"
    assert_same "$DIR/musl/state" errno libc_errno dlerror fork vfork threads
    assert_same "$DIR/musl/linked" "$DIR/musl/plugin1.so"
    refute_loaded
}

@test "a program with AddressSanitizer, its runtime first" {
    # clang links its runtime into the program, where nothing can come before it.
    CC=gcc
    command -v $CC > /dev/null || skip "gcc is not installed"
    runtime=$($CC -print-file-name=libasan.so)
    [ -e "$runtime" ] || skip "gcc has no libasan"
    asan=$(readelf -dW "$(readlink -f "$runtime")" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
    program_build state_asan state.c -pthread -fsanitize=address
    run "$DIR/state_asan" errno libc_errno fork threads
    plain=$output
    run env LD_PRELOAD="$asan:$STUB" "$DIR/state_asan" errno libc_errno fork threads
    assert_success
    assert_equal "$output" "$plain"
    assert_loaded
}

@test "a set-uid program ignores us" {
    [ "$(id -u)" = 0 ] || skip "only root can make a set-uid copy for another user"
    program_build plain state.c -pthread
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR/.." "$DIR/stub"
    install -m 4755 "$DIR/plain" "$DIR/setuid"
    export FAKE_CORE_LOG=$BATS_FILE_TMPDIR/setuid.log
    : > "$FAKE_CORE_LOG"
    chmod 666 "$FAKE_CORE_LOG"
    run env LD_PRELOAD="$STUB" setpriv --reuid=65534 --clear-groups "$DIR/plain" errno
    assert_success
    assert_line "3 Invalid cross-device link"
    assert_loaded
    : > "$FAKE_CORE_LOG"
    run env LD_PRELOAD="$STUB" setpriv --reuid=65534 --clear-groups "$DIR/setuid" errno
    assert_success
    assert_line "3 Invalid cross-device link"
    refute_loaded
}

@test "a program that has nothing to do with us: the stub opens nothing" {
    command -v strace > /dev/null || skip "strace is not installed"
    strace -f -o "$BATS_TEST_TMPDIR/plain" /bin/true
    strace -f -E LD_PRELOAD="$STUB" -o "$BATS_TEST_TMPDIR/under" /bin/true
    run grep -c libpreecho "$BATS_TEST_TMPDIR/under"
    # Once in the environment of the tracer's exec is not printed; once opened by the loader.
    assert_output 1
    opens() { grep -c '^[0-9]* *open' "$1"; }
    assert_equal "$(opens "$BATS_TEST_TMPDIR/under")" $(($(opens "$BATS_TEST_TMPDIR/plain") + 1))
    # After the program is mapped no call is made that it does not make anyway.
    tail_of() { sed -n '/munmap/,$p' "$1" | sed 's/^[0-9]* *//; s/(.*//' | grep -v '^munmap'; }
    assert_equal "$(tail_of "$BATS_TEST_TMPDIR/under")" "$(tail_of "$BATS_TEST_TMPDIR/plain")"
}

@test "all symbols bound at start, in programs that use none of our libraries" {
    for program in /bin/true /bin/ls /bin/date /usr/bin/git; do
        LD_BIND_NOW=1 assert_same $program --version
    done
}
