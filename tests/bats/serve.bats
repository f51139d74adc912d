#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `preecho serve` over recordings that cli_seed.c has made: what rules make public is given over HTTP
# as RFC 9110 wants it, nothing else is, and no client does harm; behind nginx, too.
bats_require_minimum_version 1.5.0
load cli_helper
load serve_helper

setup_file() {
    cli_seed_build
}

setup() {
    cli_setup
    mkdir -p "$CONFIG" "$HOME"
    chmod 700 "$CONFIG"
}

teardown() {
    serve_stop
}

wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "gave up waiting for: $*"
        sleep 0.05
    done
}

open_rule() {
    rules <<'END'
[match "a.example/open/*"]
public = yes
cache_control = public, max-age=60
END
}

# resident: kilobytes of memory of the server
resident() {
    awk '/^VmRSS/ { print $2 }' "/proc/$SERVE_PID/status"
}

@test "without a rule nothing is given, and it says so" {
    cli_seed get user a.example:443 /open/x 10 "" "Content-Type: text/plain" hello \
        entry user 1 gpt-4o a.example 10
    serve_start
    assert_equal "$(grep -c 'no rule says public = yes' "$SERVED.errors")" 1
    [[ $URL == http://127.0.0.1:* ]]
    assert_none /a.example/open/x
    assert_none /a.example/v1/chat/completions
    assert_none /
    assert_none /a.example
    assert_none /a.example/open/x -X POST --data x
    assert_none /a.example/open/x -X OPTIONS
}

@test "what is public is given with the rule's fields; all else is 404" {
    open_rule
    cli_seed get user a.example:443 /open/x?y=1 100 "" \
        "Content-Type: text/plain|Server: secret|Cache-Control: max-age=5|ETag: \"theirs\"" hello \
        get user a.example:443 /shut/x 10 "" "" shut \
        get user a.example:8443 /open/x 10 "" "" other-port \
        get user a.example:443 /open/private 10 "" "Cache-Control: private" private \
        get user a.example:443 /open/cookie 10 "Cookie: a=b" "Vary: Cookie" cookie
    serve_start
    assert_equal "$(cat "$SERVED.errors")" ""
    visit "/a.example/open/x?y=1"
    assert_equal "$status_code $body" "200 hello"
    assert_equal "$(field cache-control)" "public, max-age=60"
    assert_equal "$(field content-type)" text/plain
    assert_equal "$(field x-content-type-options)" nosniff
    assert_equal "$(field content-length)" 5
    [[ $(field age) -ge 100 && $(field age) -lt 130 ]]
    [[ $(field etag) =~ ^\"[0-9a-f]{32}\"$ ]]
    assert_equal "$(field server)$(field vary)$(field last-modified)" ""
    visit "/A.Example:443/open/x?y=1"
    assert_equal "$body" hello
    visit /a.example:8443/open/x
    assert_equal "$body" other-port
    assert_none /a.example/open/x
    assert_none "/a.example/open/x?y=2"
    assert_none "/a.example/open/x?y=1&"
    assert_none /a.example/shut/x
    assert_none /a.example/open/private
    assert_none /a.example/open/cookie
    assert_none /a.example/open/cookie -H "Cookie: a=b"
    assert_none "/b.example/open/x?y=1"
    assert_none "/a.example/open/x?y=1" -X POST --data x
    assert_none "/a.example/open/x?y=1" -X DELETE
}

@test "HEAD, conditional requests and ranges" {
    open_rule
    cli_seed get user a.example:443 /open/x 100 "" \
        "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT" 0123456789
    serve_start
    visit /a.example/open/x
    local etag modified
    etag=$(field etag) modified=$(field last-modified)
    assert_equal "$modified" "Sun, 06 Nov 1994 08:49:37 GMT"
    assert_equal "$(field accept-ranges)" bytes
    visit /a.example/open/x --head
    assert_equal "$status_code $(field content-length) $(field etag)" "200 10 $etag"
    visit /a.example/open/x -H "If-None-Match: $etag"
    assert_equal "$status_code $body" "304 "
    assert_equal "$(field etag) $(field cache-control)" "$etag public, max-age=60"
    [[ $(field content-length) == "" || $(field content-length) == 10 ]]
    visit /a.example/open/x -H "If-Modified-Since: $modified"
    assert_equal "$status_code" 304
    visit /a.example/open/x -H 'If-None-Match: "x"' -H "If-Modified-Since: $modified"
    assert_equal "$status_code $body" "200 0123456789"
    visit /a.example/open/x -H 'If-Match: "x"'
    assert_equal "$status_code $body $(field cache-control)" "412  no-store"
    visit /a.example/open/x -r 2-4
    assert_equal "$status_code $body $(field content-range)" "206 234 bytes 2-4/10"
    visit /a.example/open/x -r -3
    assert_equal "$status_code $body" "206 789"
    visit /a.example/open/x -r 10-
    assert_equal "$status_code $body $(field content-range)" "416  bytes */10"
    assert_equal "$(field cache-control)" no-store
    visit /a.example/open/x -r 2-4 -H "If-Range: $etag"
    assert_equal "$status_code $body" "206 234"
    visit /a.example/open/x -r 2-4 -H 'If-Range: "x"'
    assert_equal "$status_code $body" "200 0123456789"
    visit /a.example/open/x -r 1-2,4-5
    assert_equal "$status_code $body" "200 0123456789"
}

@test "Vary: the recording whose request was the same" {
    open_rule
    cli_seed get user a.example:443 /open/x 10 "Accept-Language: de" "Vary: Accept-Language" Antwort \
        get user a.example:443 /open/x 5 "Accept-Language: en" "Vary: accept-language" answer
    serve_start
    visit /a.example/open/x -H "Accept-Language: de"
    assert_equal "$body $(field vary)" "Antwort Accept-Language"
    local etag
    etag=$(field etag)
    visit /a.example/open/x -H "Accept-Language: en"
    assert_equal "$body $(field vary)" "answer accept-language"
    [ "$(field etag)" != "$etag" ]
    assert_none /a.example/open/x -H "Accept-Language: fr"
    assert_none /a.example/open/x
    visit /a.example/open/x -H "Accept-Language: en" -H "If-None-Match: $etag"
    assert_equal "$status_code" 200
}

@test "--public-host: by the Host field" {
    open_rule
    cli_seed get user a.example:443 /open/x 10 "" "" hello \
        get user a.example:8443 /open/x 10 "" "" port
    serve_start --public-host a.example --public-host port.example:1
    visit /open/x -H "Host: A.example:8000"
    assert_equal "$body" hello
    visit /a.example:8443/open/x
    assert_equal "$body" port
    assert_none /open/x
    assert_none /open/x -H "Host: port.example"
    assert_none /a.example/open/x -H "Host: a.example"
}

@test "purge, edited rules and expiry take effect at once, new recordings soon" {
    open_rule
    local key
    key=$(cli_seed get user a.example:443 /open/x 100 "" "" hello)
    SEED_TTL=50 cli_seed get user a.example:443 /open/expired 51 "" "" expired
    serve_start
    given /a.example/open/x
    assert_none /a.example/open/expired
    "$PREECHO" merge --quiet
    given /a.example/open/x
    { echo "ttl = 99s"; cat "$CONFIG/preecho.conf"; } | rules
    assert_none /a.example/open/x
    open_rule
    given /a.example/open/x
    { echo "version = 2"; cat "$CONFIG/preecho.conf"; } | rules
    assert_none /a.example/open/x
    open_rule
    wait_until 10 given /a.example/open/x
    rules <<<""
    assert_none /a.example/open/x
    { echo "bogus = 1"; cat "$CONFIG/preecho.conf"; } | rules
    assert_none /a.example/open/x
    wait_until 10 grep -q "bogus" "$SERVED.errors"
    open_rule
    wait_until 10 given /a.example/open/x
    "$PREECHO" purge --quiet --key "$key"
    assert_none /a.example/open/x
    cli_seed get user a.example:443 /open/new 1 "" "" new
    wait_until 10 given /a.example/open/new
    assert_equal "$body" new
    "$PREECHO" purge --quiet --all
    assert_none /a.example/open/new
}

@test "paths that mean two things lead nowhere" {
    rules <<<$'[match "a.example"]\npublic = no\n[match "a.example/open/*"]\npublic = yes'
    cli_seed get user a.example:443 /open/x 10 "" "" hello \
        get user a.example:443 /shut 10 "" "" shut \
        get user a.example:443 /open/../shut 10 "" "" shut \
        get user a.example:443 /open/%2e%2e/shut 10 "" "" shut \
        get user a.example:443 /open//shut 10 "" "" shut \
        get user a.example:443 "/open/..;/shut" 10 "" "" shut
    serve_start
    given /a.example/open/x
    local target
    for target in /a.example/open/../shut /a.example/open/%2e%2e/shut /a.example/open//shut \
        "/a.example/open/..;/shut" /a.example//open/x /a.example/open/%78 //a.example/open/x \
        /./a.example/open/x /a.example/./open/x /a.example%2fopen/x /a.example/open/x/ \
        /a.example/open/x%00 /a.example/open/x/../x /%61.example/open/x "/a.example/open/x?" \
        /a.example:443:443/open/x /user@a.example/open/x; do
        assert_none "$target"
    done
    run flood raw 'GET /a.example/open/x\0/../../shut HTTP/1.1\r\nHost: x\r\n\r\n'
    refute_output --partial shut
    run flood raw 'GET /a.example/open/x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'
    assert_output --partial "HTTP/1.1 400"
    run flood raw 'GET http://evil/a.example/shut HTTP/1.1\r\nHost: x\r\n\r\n'
    assert_output --partial "404"
}

@test "200 clients at once get their bytes, each recording in memory once" {
    open_rule
    cli_seed get user a.example:443 /open/large 10 "" "" @2000000 \
        get user a.example:443 /open/small 10 "" "" hello
    serve_start
    visit /a.example/open/small
    local before
    before=$(resident)
    run flood crowd 200 /a.example/open/large @2000000
    assert_success
    assert_output "200 whole"
    run flood crowd 200 /a.example/open/small hello
    assert_output "200 whole"
    # 200 copies were 400 MB
    [ "$(resident)" -lt $((before + 100000)) ] || fail "$before $(resident)"
    given /a.example/open/small
}

@test "pipelined requests are answered in order, on one connection" {
    open_rule
    cli_seed get user a.example:443 /open/1 10 "" "" one get user a.example:443 /open/2 10 "" "" two
    serve_start
    run flood pipeline 100 /a.example/open/1 /a.example/open/2 /a.example/shut
    assert_success
    assert_output "100 200 one, 100 200 two, 100 404"
}

@test "bad requests and floods of headers do no harm" {
    open_rule
    cli_seed get user a.example:443 /open/x 10 "" "" hello
    serve_start
    given /a.example/open/x
    local before
    before=$(resident)
    run flood bad
    assert_success
    run flood headers 50
    assert_success
    assert_output "no answer but an error"
    given /a.example/open/x
    [ "$(resident)" -lt $((before + 50000)) ] || fail "$before $(resident)"
}

@test "slow clients are shown the door, and others served meanwhile" {
    open_rule
    cli_seed get user a.example:443 /open/x 10 "" "" hello get user a.example:443 /open/large 10 "" "" @2000000
    # its clock runs 20 times as fast
    local library
    library=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1)
    LD_PRELOAD=$library FAKETIME="+0 x20" serve_start
    given /a.example/open/x
    run flood slow 300 /a.example/open/x /a.example/open/large
    assert_success
    assert_output "served meanwhile, 300 slow clients shown the door"
    given /a.example/open/x
}

@test "more connections than it takes: others wait, and are served when those go" {
    open_rule
    cli_seed get user a.example:443 /open/x 10 "" "" hello
    serve_start
    run flood idle 600 /a.example/open/x
    assert_success
    assert_output "served"
    given /a.example/open/x
}

@test "SIGTERM ends it with status 0, after the answers that are on their way" {
    open_rule
    cli_seed get user a.example:443 /open/large 10 "" "" @2000000
    serve_start
    flood last /a.example/open/large 2000000 "$SERVE_PID" >"$BATS_TEST_TMPDIR/last" 3>&-
    assert_equal "$(cat "$BATS_TEST_TMPDIR/last")" "whole"
    wait "$SERVE_PID"
    assert_equal "$(cat "$SERVED.errors")" ""
    serve_start
    kill -INT "$SERVE_PID"
    wait "$SERVE_PID"
}

@test "an address that is taken, and one that others reach" {
    serve_start
    preecho serve --listen "${URL#http://}"
    assert_failure $EX_UNAVAILABLE
    assert_stderr_line "cannot listen on .*: Address already in use; choose another with --listen"
    kill "$SERVE_PID"
    wait "$SERVE_PID"
    serve_start --listen 0.0.0.0:0
    grep -q "whoever reaches 0.0.0.0:[0-9]* can read what is public" "$SERVED.errors"
}

@test "behind nginx proxy_cache: cached, revalidated by ETag, told apart by Vary" {
    rules <<'END'
[match "a.example/open/*"]
public = yes
cache_control = max-age=1
END
    cli_seed get user a.example:443 /open/x 10 "" "Content-Type: text/plain" hello \
        get user a.example:443 /open/l 10 "Accept-Language: de" "Vary: Accept-Language" Antwort \
        get user a.example:443 /open/l 10 "Accept-Language: en" "Vary: Accept-Language" answer \
        get user a.example:443 /shut 10 "" "" shut
    serve_start --public-host a.example
    proxy_start a.example
    visit /open/x
    assert_equal "$status_code $body $(field x-cache)" "200 hello MISS"
    local etag
    etag=$(field etag)
    cached_as HIT /open/x
    # after its second nginx asks whether it still holds, and is told 304
    wait_until 10 cached_as REVALIDATED /open/x
    assert_equal "$status_code $body $(field x-upstream) $(field etag)" "200 hello 304 $etag"
    visit /open/x -H "If-None-Match: $etag"
    assert_equal "$status_code" 304
    # two languages, each cached for itself
    visit /open/l -H "Accept-Language: de"
    assert_equal "$body $(field x-cache)" "Antwort MISS"
    visit /open/l -H "Accept-Language: en"
    assert_equal "$body $(field x-cache)" "answer MISS"
    visit /open/l -H "Accept-Language: de"
    assert_equal "$body" Antwort
    visit /open/l -H "Accept-Language: en"
    assert_equal "$body" answer
    wait_until 10 cached_as REVALIDATED /open/l -H "Accept-Language: en"
    assert_equal "$body" answer
    # what is not public
    visit /shut
    assert_equal "$status_code $body" "404 "
    visit /a.example/open/x
    assert_equal "$status_code" 404
    # and what no longer is, as soon as nginx asks again
    "$PREECHO" purge --quiet --all
    gone() { visit /open/x && [ "$status_code" = 404 ]; }
    wait_until 10 gone
    assert_equal "$body" ""
}
