# SPDX-License-Identifier: MIT
# For tests of what reads the journal: records of every kind, and a terminal.

# Builds what seed_journal needs, once for a file.
journal_seed_build() {
    # shellcheck disable=SC2046 # one word per file
    (cd "$PROJECT" && cc -std=c11 -D_GNU_SOURCE -O1 -I. -o "$BATS_FILE_TMPDIR/journal_seed" \
        tests/bats/journal_seed.c tools/verdict.c \
        $(printf 'store/%s.c ' journal segment record files bytes memory reason) -lsodium)
}

# seed_journal LINE...: see journal_seed.c.
seed_journal() {
    printf '%s\n' "$@" | "$BATS_FILE_TMPDIR/journal_seed" "$PREECHO_STORE/journal"
}

# on_terminal ARGUMENT...: see terminal.py.
on_terminal() {
    "$PYTHON" "$PROJECT/tests/bats/terminal.py" "$@"
}

# processor_ticks PID: what the process has used so far, in hundredths of a second.
processor_ticks() {
    awk '{ print $14 + $15 }' "/proc/$1/stat"
}
