# SPDX-License-Identifier: MIT
# For the tests of the `preecho` command: a store, a configuration and a home of their own.
#
#   PREECHO_BUILD  where the command and the libraries are, if not in build/

load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
load seed.bash

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${PREECHO_BUILD:-$ROOT/build}
PREECHO=$BUILD/preecho
CC=${CC:-cc}

# sysexits.h
# shellcheck disable=SC2034 # for the tests
EX_USAGE=64 EX_DATAERR=65 EX_NOINPUT=66 EX_UNAVAILABLE=69 EX_IOERR=74 EX_NOPERM=77 EX_CONFIG=78

cli_setup() {
    unset "${!PREECHO_@}" LD_PRELOAD
    PREECHO=$BUILD/preecho
    export HOME=$BATS_TEST_TMPDIR/home
    export XDG_CACHE_HOME=$HOME/cache XDG_CONFIG_HOME=$HOME/config
    STORE=$XDG_CACHE_HOME/preecho CONFIG=$XDG_CONFIG_HOME/preecho
    mkdir -p "$HOME"
}

preecho() {
    run --separate-stderr "$PREECHO" "$@"
}

# assert_stderr_line PATTERN: one line, and it matches.
assert_stderr_line() {
    # shellcheck disable=SC2154 # set by run
    [[ $(wc -l <<<"$stderr") == 1 && $stderr =~ $1 ]] || fail "stderr: $stderr"
}

# cli_seed ARG...: records entries and journal lines, see cli_seed.c.
cli_seed() {
    "$BATS_FILE_TMPDIR/seed" "$STORE" "$CONFIG" "$@"
}

cli_seed_build() {
    build_seed seed cli_seed.c
}
