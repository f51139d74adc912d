# SPDX-License-Identifier: MIT
# Two network namespaces for a file's tests. `online` holds the upstream under the names of two
# providers, at an address that exists nowhere else; `offline` holds nothing but loopback. In both a
# DNS query would go to 203.0.113.53, and `traced` shows every system call that could send it.

PROVIDER_ADDRESS=203.0.113.10
PRELOADS=${PRELOAD_BEFORE:+$PRELOAD_BEFORE:}$BUILD/libpreecho.so
PROVIDERS="api.openai.com api.anthropic.com"

# Prints how to make a namespace as this user; fails with the reason on stderr where it may not.
unshare_command() {
    local options=-nm
    [ "$(id -u)" -eq 0 ] || options=-rnm
    unshare "$options" true || return 1
    echo "unshare $options"
}

# Leaves the file's tests out where no namespace can be made, or nobody may trace.
need_networks() {
    local reason
    reason=$(unshare_command 2>&1 >/dev/null) || skip "no network namespaces here: $reason"
    reason=$(strace -o /dev/null true 2>&1) || skip "no strace here: $reason"
}

# The files that a look-up of a name reads, as $BATS_FILE_TMPDIR/NAME.etc/.
write_etc() {
    local etc=$BATS_FILE_TMPDIR/$1.etc name
    mkdir -p "$etc"
    echo "nameserver 203.0.113.53" >"$etc/resolv.conf"
    echo "hosts: files dns" >"$etc/nsswitch.conf"
    echo "127.0.0.1 localhost" >"$etc/hosts"
    [ "$1" = online ] || return 0
    for name in $PROVIDERS; do
        echo "$PROVIDER_ADDRESS $name" >>"$etc/hosts"
    done
}

# start_network NAME: a process that keeps a namespace for as long as this shell lives.
start_network() {
    local etc=$BATS_FILE_TMPDIR/$1.etc
    write_etc "$1"
    # shellcheck disable=SC2016,SC2046 # the inner shell's variables; options are words
    $(unshare_command) sh -ec '
        ip link set lo up
        [ "$2" = offline ] || ip addr add "$3/32" dev lo
        for file in hosts resolv.conf nsswitch.conf; do
            mount --bind "$1/$file" "/etc/$file"
        done
        echo $$ >"$1/pid.new"
        mv "$1/pid.new" "$1/pid"
        exec setpriv --pdeathsig KILL sleep infinity' \
        sh "$etc" "$1" "$PROVIDER_ADDRESS" 3>&- &
    wait_until 10 test -s "$etc/pid"
}

# within_command NAME: sets WITHIN, the command that runs another one in that namespace and
# becomes it.
within_command() {
    WITHIN=(nsenter --target "$(cat "$BATS_FILE_TMPDIR/$1.etc/pid")" --net --mount)
    [ "$(id -u)" -eq 0 ] || WITHIN+=(--user --preserve-credentials)
}

# within NAME COMMAND...
within() {
    local WITHIN
    within_command "$1"
    "${WITHIN[@]}" "${@:2}"
}

# The upstream on port 443 of the online namespace. Nothing where the tests are left out anyway.
start_networks() {
    unshare_command >/dev/null 2>&1 || return 0
    start_network online
    start_network offline
    within_command online
    UPSTREAM_WITHIN=("${WITHIN[@]}")
    start_upstream --address "$PROVIDER_ADDRESS" --port 443
}

stop_networks() {
    local name
    for name in online offline; do
        kill "$(cat "$BATS_FILE_TMPDIR/$name.etc/pid" 2>/dev/null)" 2>/dev/null || true
    done
    stop_upstream
}

# online COMMAND...: under preecho beside the upstream.
online() {
    within online env "LD_PRELOAD=$PRELOADS" "$@"
}

# traced NAME PRELOAD COMMAND...: in that namespace, at most 20 s; the network's system calls in
# $TRACE. Only the command is preloaded, not strace.
traced() {
    within "$1" timeout -k 1 20 strace -f -qq -e trace=network -s 64 -o "$TRACE" \
        -E "LD_PRELOAD=$2" "${@:3}"
}

# offline COMMAND...: under preecho, without a network, traced.
offline() {
    TRACE=$BATS_TEST_TMPDIR/trace
    traced offline "$PRELOADS" "$@"
}

# System calls with which a program reaches an address, as strace prints them.
SENDS='(connect|sendto|sendmsg|sendmmsg)\('

dns_queries() {
    grep -E "$SENDS.*(sin6?_port=htons\\((53|853|5353|5355)\\)|systemd/resolve)" "$TRACE"
}

# What went to an address that is not loopback's.
outside_sends() {
    grep -E "$SENDS.*(inet_addr|inet_pton)\\(" "$TRACE" |
        grep -vE 'inet_addr\("127\.[0-9.]+"\)|AF_INET6, "(::1|::ffff:127\.[0-9.]+)"'
}

# The last traced command asked for no name and sent nothing anywhere but to loopback.
stayed_at_home() {
    [ -s "$TRACE" ] || fail "an empty trace"
    ! dns_queries || fail "DNS was asked"
    ! outside_sends || fail "the program reached beyond loopback"
}
