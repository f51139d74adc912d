# SPDX-License-Identifier: MIT
# Programs of ours that fill a store for a file's tests.

# build_seed NAME SOURCE: tests/bats/SOURCE with everything that it may need of the store and the
# dialects, as $BATS_FILE_TMPDIR/NAME.
build_seed() {
    # shellcheck disable=SC2046 # one word per file
    (cd "$BATS_TEST_DIRNAME/../.." && ${CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -I. -Ishim -Ishim/core \
        -Wa,-I"$BUILD" -pthread -o "$BATS_FILE_TMPDIR/$1" "tests/bats/$2" \
        $(printf '%s\n' store/*.c shim/core/api/*.c shim/core/keys.c) \
        -llmdb -lsodium -lzstd -ljansson -lz -lutf8proc)
}
