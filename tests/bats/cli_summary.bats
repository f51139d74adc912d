#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho run --summary`: the process that stands between is not to be noticed.
bats_require_minimum_version 1.5.0
load cli_helper

setup() {
    cli_setup
    FILE=$BATS_TEST_TMPDIR/file
}

teardown() {
    [ -z "${OURS:-}" ] || kill -KILL "$OURS" 2>/dev/null || true
}

# started COMMAND...: under `run --summary` in the background; $OURS is the process between. Bash
# lets background jobs ignore two signals.
started() {
    env --default-signal=INT,QUIT "$PREECHO" run --summary -- "$@" >"$FILE" 2>"$FILE.err" 3>&- &
    OURS=$!
    wait_for "$FILE" ready
}

# wait_for FILE TEXT: at most 10 s.
wait_for() {
    for _ in {1..200}; do
        grep -q "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    fail "no '$2' in $(cat "$1") $(cat "$1.err")"
}

# wait_state PID LETTER: until the kernel says that it is in that state.
wait_state() {
    for _ in {1..200}; do
        [[ $(cut -d' ' -f3 "/proc/$1/stat") == "$2" ]] && return
        sleep 0.05
    done
    fail "process $1: $(cat "/proc/$1/stat")"
}

@test "run --summary: exit status, output, input and arguments are the program's own" {
    run --separate-stderr "$PREECHO" run --summary -- sh -c 'cat; echo "$1"; exit 7' sh 'a  b' <<<in
    assert_failure 7
    assert_output $'in\na  b'
    assert_stderr_line '^preecho: 0 calls, 0 from the store; saved 0 s and \$0.00, spent \$0.00$'
}

@test "run --summary: a program that a signal ends ends us by the same" {
    local number
    for number in TERM INT KILL SEGV HUP; do
        run --separate-stderr /usr/bin/python3 -c '
import subprocess, sys
print(subprocess.run(sys.argv[1:]).returncode)' \
            "$PREECHO" run --summary -- sh -c "kill -$number \$\$"
        assert_output "-$(kill -l $number)"
        assert_stderr_line "calls"
    done
}

@test "run --summary: a program that is missing or cannot be run, without a summary" {
    run -127 --separate-stderr "$PREECHO" run --summary -- no-such-program
    assert_stderr_line "no-such-program: No such file"
    run -126 --separate-stderr "$PREECHO" run --summary -- /etc/passwd
    assert_stderr_line "/etc/passwd: "
}

@test "run --summary: signals reach the program, once each, with their number" {
    started bash -c 'for n in TERM INT HUP USR1 USR2 WINCH; do trap "echo $n" $n; done
        trap "echo QUIT; exit 5" QUIT
        echo ready; while :; do sleep 0.05; done'
    local number
    for number in TERM INT HUP USR1 USR2 WINCH; do
        kill -$number $OURS
        wait_for "$FILE" "^$number$"
    done
    kill -QUIT $OURS
    status=0
    wait $OURS || status=$?
    assert_equal "$status" 5
    OURS=
    assert_equal "$(xargs <"$FILE")" "ready TERM INT HUP USR1 USR2 WINCH QUIT"
    assert_equal "$(wc -l <"$FILE.err")" 1
}

@test "run --summary: a queued value comes along" {
    started /usr/bin/python3 -uc '
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
print("ready")
info = signal.sigwaitinfo([signal.SIGRTMIN])
print("code", info.si_code)'
    /usr/bin/python3 -c '
import ctypes, signal, sys
ctypes.CDLL(None).sigqueue(int(sys.argv[1]), int(signal.SIGRTMIN), ctypes.c_void_p(7))' $OURS
    wait_for "$FILE" "^code -1$"
    wait $OURS
    OURS=
}

@test "run --summary: ignored and blocked signals stay so for the program" {
    run --separate-stderr /usr/bin/python3 -c '
import signal, subprocess, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
def state(arguments):
    text = subprocess.Popen(arguments + ["grep", "^Sig[BI]", "/proc/self/status"],
                            stdout=subprocess.PIPE, restore_signals=False).communicate()[0]
    return text
assert state([]) == state(sys.argv[1:]), (state([]), state(sys.argv[1:]))
print("same")' "$PREECHO" run --summary --
    assert_output same
}

@test "run --summary: stopping and going on, as a shell does it" {
    started bash -c 'echo ready; while :; do sleep 0.05; done'
    local program
    program=$(pgrep -P $OURS)
    kill -STOP "$program"
    wait_state $OURS T
    kill -CONT $OURS
    wait_state "$program" S
    wait_state $OURS S
    kill -TERM $OURS
    status=0
    wait $OURS || status=$?
    OURS=
    assert_equal "$status" 143
}

@test "run --summary: who kills us kills the program" {
    started bash -c 'echo ready $$; exec sleep 60'
    local program
    program=$(sed -n 's/ready //p' "$FILE")
    kill -KILL $OURS
    for _ in {1..100}; do
        [ -e "/proc/$program" ] || return 0
        sleep 0.05
    done
    kill -KILL "$program"
    fail "the program lives"
}

@test "run --summary: at a terminal Ctrl-C, Ctrl-Z and fg do what they do without it" {
    cat >"$BATS_TEST_TMPDIR/waits.py" <<'END'
import signal, sys
words = {signal.SIGINT: "got-it", signal.SIGCONT: "goes-on"}
signals = {signal.SIGQUIT, *words}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("ready", flush=True)
while (number := signal.sigwait(signals)) != signal.SIGQUIT:
    print(words[number], flush=True)
sys.exit(9)
END
    run /usr/bin/python3 - "$PREECHO" "$BATS_TEST_TMPDIR/waits.py" <<'END'
import os, pty, re, select, sys, time
preecho, waits = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["PS1"] = "prompt> "
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
seen = ""
def expect(text, seconds=20):
    global seen
    end = time.time() + seconds
    while not re.search(text, seen):
        if time.time() > end or not select.select([terminal], [], [], 0.5)[0] and time.time() > end:
            sys.exit(f"no {text!r} in {seen!r}")
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
    seen = seen[re.search(text, seen).end():]
def say(text):
    os.write(terminal, text.encode())
expect("prompt> ")
say(f"{preecho} run --summary -- /usr/bin/python3 {waits}\n")
expect("ready")
say("\x03")
expect("got-it")
say("\x1a")
expect("Stopped")
expect("prompt> ")
say("fg\n")
expect("goes-on") # the shell names the job before it hands the terminal over
say("\x03")
expect("got-it")
say("\x1c")
expect("calls, 0 from the store")
expect("prompt> ")
say("echo status $?\n")
expect("status 9")
say("exit\n")
os.waitpid(pid, 0)
print("as without it")
END
    assert_output "as without it"
}

@test "run --summary: the program's files are closed when it closes them; nothing is open that was not" {
    run --separate-stderr bash -c "{ exec '$PREECHO' run --summary -- bash -c 'exec >&-; sleep 1; touch $FILE'; } |
        { cat; [ -e $FILE ] && echo late || echo early; }"
    assert_output early
    run bash -c "'$PREECHO' run --summary -- bash -c 'echo /proc/\$\$/fd/*' 3>&- 2>/dev/null"
    local preloaded=$output
    run bash -c "bash -c 'echo /proc/\$\$/fd/*' 3>&- 2>/dev/null"
    assert_equal "$(tr -d 0-9 <<<"$preloaded")" "$(tr -d 0-9 <<<"$output")"
    run bash -c "'$PREECHO' run --summary -- bash -c '[[ -e /proc/self/fd/0 || -e /proc/self/fd/1 || -e /proc/self/fd/2 ]]; exit \$?' <&- >&- 2>&-"
    assert_failure 1
}
