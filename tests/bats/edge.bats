#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# GET and HEAD as HTTP allows a private cache to answer them (RFC 9111), through real clients. What
# is decided how, statement by statement, is in tests/unit/test_edge.c.

load helpers.bash
load clients.bash

CLIENT_NAMES="curl curl-h2 python_get_httpx python_get_aiohttp node_get php_get"

setup_file() {
    start_upstream
    start_nginx
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    export PREECHO_EDGE=on
}

teardown() {
    upstream_recovers
    [ -z "${CACHE_PID:-}" ] || kill "$CACHE_PID" 2>/dev/null || true
}

# get CLIENT PATH [COUNT [NAME:VALUE...]]: so many GETs; status, Age, Cache-Status and body of each.
get() {
    local client=$1 path=$2 count=${3:-1} base=$TLS field options=() i text
    shift 2
    [ $# -eq 0 ] || shift
    case $client in
    curl | curl-h2)
        [ "$client" = curl ] || base=$H2
        for field; do
            options+=(-H "$field")
        done
        for ((i = 0; i < count; i++)); do
            text=$(preloaded curl -sS --max-time 20 "${options[@]}" "$base$path" \
                -w '\n%{http_code} %header{age} %header{cache-status}')
            printf '%s %s\n' "${text##*$'\n'}" "${text%$'\n'*}"
        done
        ;;
    node_get) preloaded "$PROGRAMS/node" "$CLIENTS/node_get.js" "$base$path" "$count" "$@" ;;
    php_get) preloaded php "$CLIENTS/php_get.php" "$base$path" "$count" "$@" ;;
    *) preloaded "$PYTHON" "$CLIENTS/$client.py" "$base$path" "$count" "$@" ;;
    esac
}

# available CLIENT: it can be had here.
available() {
    [ "$1" != node_get ] || [ -x "$PROGRAMS/node" ]
}

# The body of the last answer: from its first brace on.
body() {
    sed 's/^[^{]*//' "$OUT"
}

# headers_of N: the fields' names of the N-th last request at the upstream.
headers_of() {
    tail -n "$1" "$UP/requests.log" | head -n 1 | jq -r '.headers | map(ascii_downcase) | join(" ")'
}

@test "every client: a fresh answer is served, with Age and Cache-Status" {
    local client first
    for client in $CLIENT_NAMES; do
        available "$client" || continue
        miss get "$client" "/web/fresh-$client?control=max-age%3D600"
        first=$(body)
        hit get "$client" "/web/fresh-$client?control=max-age%3D600" 3
        assert_equal "$client: $(body | sort -u)" "$client: $first"
        run cat "$OUT"
        assert_line --index 0 --regexp '^200 [0-9] preecho; hit; detail=edge '
    done
}

@test "every client: an answer that must be asked for again is confirmed by 304 and served" {
    local client first
    for client in $CLIENT_NAMES; do
        available "$client" || continue
        miss get "$client" "/web/again-$client?control=no-cache&etag=one"
        first=$(body)
        miss get "$client" "/web/again-$client?control=no-cache&etag=one"
        assert_equal "$client: $(body)" "$client: $first"
        [[ $(headers_of 1) == *if-none-match* ]] || fail "$client: $(headers_of 1)"
        run cat "$OUT"
        assert_line --index 0 --regexp '^200 [0-9] preecho; fwd=stale; fwd-status=304; detail=edge '
        upstream_fails etag=two
        miss get "$client" "/web/again-$client?control=no-cache&etag=one"
        refute_equal "$client: $(body)" "$client: $first"
        upstream_recovers
    done
}

refute_equal() {
    [ "$1" != "$2" ] || fail "the same: $1"
}

@test "a confirmed answer is fresh again, with the fields that came (4.3.4)" {
    local layer path='/web/renewed?control=max-age%3D600&etag=one&dateless'
    for layer in curl python_get_aiohttp; do
        miss get "$layer" "$path&$layer"
        keep first
        hit get "$layer" "$path&$layer"
        upstream_fails news=fresh
        later +1h miss get "$layer" "$path&$layer"
        upstream_recovers
        later +1h hit get "$layer" "$path&$layer"
        assert_equal "$(body)" "$(sed 's/^[^{]*//' "$BATS_TEST_TMPDIR/kept-first")"
    done
    later +1h hit preloaded curl -sS -D - -o /dev/null "$TLS$path&curl"
    grep -qi '^x-news: fresh' "$OUT" || fail "$(cat "$OUT")"
}

@test "only a time makes an answer fresh; rules may shorten it, not lengthen it" {
    miss get curl '/web/plain?etag=a'
    miss get curl '/web/plain?etag=a'
    PREECHO_TTL=10s later +1m miss get curl '/web/ttl?control=max-age%3D600&dateless'
    PREECHO_TTL=10s later +2m miss get curl '/web/ttl?control=max-age%3D600&dateless'
    miss get curl '/web/guess?changed=100000'
    PREECHO_EDGE=heuristic miss get curl '/web/guessed?changed=100000'
    PREECHO_EDGE=heuristic hit get curl '/web/guessed?changed=100000'
    PREECHO_EDGE=heuristic PREECHO_TTL=1h miss get curl '/web/ruled?x=1'
    PREECHO_EDGE=heuristic PREECHO_TTL=1h hit get curl '/web/ruled?x=1'
    PREECHO_EDGE=heuristic PREECHO_TTL=1h later +2h miss get curl '/web/ruled?x=1'
}

@test "what must not be kept is not, and counted with its reason" {
    local query client
    for client in curl python_get_aiohttp; do
        for query in control=no-store 'control=max-age%3D60&vary=*' \
            'control=max-age%3D60&status=500' 'control=max-age%3D60&status=302' x=nothing; do
            miss get "$client" "/web/not-kept?$query"
            miss get "$client" "/web/not-kept?$query"
        done
    done
    run stats '.dropped_by | [.["no-store"], .["no-freshness"], .status] | map(tostring) | join(" ")'
    assert_output '8 4 8'
}

@test "Vary: every variant is kept (4.1)" {
    local client path='/web/vary?control=max-age%3D60&vary=Accept-Language'
    for client in curl python_get_httpx; do
        miss get "$client" "$path&$client" 1 Accept-Language:de
        miss get "$client" "$path&$client" 1 Accept-Language:fr
        hit get "$client" "$path&$client" 1 Accept-Language:de
        grep -q '"language":"de"' "$OUT"
        hit get "$client" "$path&$client" 1 Accept-Language:fr
        grep -q '"language":"fr"' "$OUT"
        miss get "$client" "$path&$client"
    done
}

@test "credentials and cookies part answers from each other" {
    local client path='/web/whose?control=max-age%3D60'
    for client in curl python_get_aiohttp; do
        miss get "$client" "$path&$client" 1 'Authorization:Bearer one'
        miss get "$client" "$path&$client" 1 'Authorization:Bearer two'
        miss get "$client" "$path&$client" 1 'Cookie:session=1'
        miss get "$client" "$path&$client" 1 'Cookie:session=2'
        miss get "$client" "$path&$client" 1 'Private-Token:1'
        miss get "$client" "$path&$client"
        hit get "$client" "$path&$client" 1 'Authorization:Bearer one'
        hit get "$client" "$path&$client" 1 'Cookie:session=2'
        hit get "$client" "$path&$client"
    done
    run grep -rl 'session=1' "$PREECHO_STORE"
    assert_failure
}

@test "libcurl's own cookies: the request is left alone" {
    miss get curl '/web/jar?control=max-age%3D60'
    miss preloaded curl -sS -b name=value "$TLS/web/jar?control=max-age%3D60"
    miss preloaded curl -sS -c "$BATS_TEST_TMPDIR/jar" "$TLS/web/jar?control=max-age%3D60"
    run stats .bypassed.cookies
    assert_output 2
}

@test "the program's own condition: 304 out of the store (4.3.2)" {
    local client path='/web/own?control=max-age%3D60&etag=one'
    for client in curl python_get_aiohttp; do
        miss get "$client" "$path&$client"
        hit get "$client" "$path&$client" 1 'If-None-Match:"one"'
        grep -q '^304 ' "$OUT" || fail "$(cat "$OUT")"
        hit get "$client" "$path&$client" 1 'If-None-Match:"two"'
        grep -q '^200 ' "$OUT" || fail "$(cat "$OUT")"
    done
}

@test "the program's directives: no-cache, max-age, max-stale, only-if-cached, no-store, Range" {
    local client path='/web/asked?control=max-age%3D600&dateless'
    for client in curl python_get_aiohttp; do
        hit_with_504 get "$client" "$path&$client" 1 'Cache-Control:only-if-cached'
        miss get "$client" "$path&$client"
        hit get "$client" "$path&$client" 1 'Cache-Control:only-if-cached'
        later +5m miss get "$client" "$path&$client" 1 'Cache-Control:max-age=60'
        miss get "$client" "$path&$client" 1 'Cache-Control:no-cache'
        later +15m hit get "$client" "$path&$client" 1 'Cache-Control:max-stale'
        miss get "$client" "$path&$client" 1 'Cache-Control:no-store'
        miss get "$client" "$path&$client" 1 'Range:bytes=0-1'
    done
}

hit_with_504() {
    upstream_sees 0 "$@"
    grep -q '^504 ' "$OUT" || fail "no 504: $(cat "$OUT")"
}

@test "a failing upstream: an old answer, unless it must be confirmed (RFC 5861, 4)" {
    local client
    for client in curl python_get_aiohttp; do
        miss get "$client" "/web/fails-$client?control=max-age%3D60"
        keep first
        miss get "$client" "/web/strict-$client?control=max-age%3D60,must-revalidate"
        upstream_fails 503
        later +1h miss get "$client" "/web/fails-$client?control=max-age%3D60"
        assert_equal "$(body)" "$(sed 's/^[^{]*//' "$BATS_TEST_TMPDIR/kept-first")"
        grep -q 'fwd=stale; fwd-status=503' "$OUT" || fail "$(cat "$OUT")"
        later +1h miss get "$client" "/web/strict-$client?control=max-age%3D60,must-revalidate"
        grep -q '^503 ' "$OUT" || fail "$(cat "$OUT")"
        upstream_recovers
    done
}

requests_reach() {
    [ "$(requests)" -ge "$1" ]
}

@test "stale-while-revalidate: served at once, and a helper asks (RFC 5861, 3)" {
    local client before path='control=max-age%3D60,stale-while-revalidate%3D86400&etag=one&dateless'
    for client in curl python_get_aiohttp; do
        miss get "$client" "/web/meanwhile-$client?$path"
        keep first
        before=$(requests)
        capture later +1h get "$client" "/web/meanwhile-$client?$path"
        assert_equal "$(body)" "$(sed 's/^[^{]*//' "$BATS_TEST_TMPDIR/kept-first")"
        wait_until 20 requests_reach $((before + 1))
        [[ $(headers_of 1) == *if-none-match* ]] || fail "$(headers_of 1)"
        wait_until 20 no_helper
    done
}

# No helper of this test's is left.
no_helper() {
    ! pgrep -f "^$BUILD/preecho refresh" >/dev/null
}

@test "HEAD: answered by what a GET has brought, with its length" {
    local path='/web/head?control=max-age%3D60' program='import http.client, ssl, sys
client = http.client.HTTPSConnection("localhost", int(sys.argv[1]))
for method in ("HEAD", "GET", "HEAD", "GET"):
    client.request(method, sys.argv[2])
    answer = client.getresponse()
    print(method, answer.status, answer.getheader("content-length"), len(answer.read()))'
    upstream_sees 2 preloaded "$PYTHON" -c "$program" "$TLS_PORT" "$path"
    run cat "$OUT"
    assert_line --index 2 --regexp '^HEAD 200 [1-9][0-9]* 0$'
    assert_equal "$(sed -n 4p "$OUT" | cut -d' ' -f3)" "$(sed -n 3p "$OUT" | cut -d' ' -f3)"
    miss get curl "$path&curl"
    miss preloaded curl -sSI "$TLS$path&curl"
    miss preloaded curl -sS -I -X GET "$TLS$path&curl"
}

@test "by default only known hosts; off is off; a rule says where" {
    unset PREECHO_EDGE
    miss get curl '/web/where?control=max-age%3D60'
    miss get curl '/web/where?control=max-age%3D60'
    assert_equal "$(stats .requests)" 0
    PREECHO_HOSTS=localhost miss get curl '/web/where?control=max-age%3D60'
    PREECHO_HOSTS=localhost hit get curl '/web/where?control=max-age%3D60'
    PREECHO_EDGE=off PREECHO_HOSTS=localhost miss get curl '/web/where?control=max-age%3D60'
    mkdir -p "$XDG_CONFIG_HOME/preecho"
    printf '[match "localhost/web/ruled*"]\nedge = on\n' >"$XDG_CONFIG_HOME/preecho/preecho.conf"
    miss get curl '/web/ruled?control=max-age%3D60'
    hit get curl '/web/ruled?control=max-age%3D60'
    miss get curl '/web/other?control=max-age%3D60'
    miss get curl '/web/other?control=max-age%3D60'
}

@test "replay mode serves what is kept, whatever its age" {
    miss get python_get_aiohttp '/web/replayed?control=max-age%3D60'
    PREECHO_MODE=replay later +1h hit get python_get_aiohttp '/web/replayed?control=max-age%3D60'
    PREECHO_HOSTS=localhost PREECHO_MODE=replay hit_with_504 get curl '/web/unknown?control=max-age%3D60'
}

@test "a redirection that libcurl has followed is not kept under the first address" {
    local path='/web/hop?control=max-age%3D60&status=302&location=/web/goal?control=max-age%253D60'
    upstream_sees 2 preloaded curl -sSL "$TLS$path"
    upstream_sees 2 preloaded curl -sSL "$TLS$path"
    miss get curl "$path"
    grep -q '^302 ' "$OUT" || fail "$(cat "$OUT")"
}

@test "stats and log name the layer" {
    miss get curl '/web/named?control=max-age%3D60'
    hit get curl '/web/named?control=max-age%3D60'
    assert_equal "$(stats '.layers.edge | "\(.lookups) \(.hits)"')" '2 1'
    assert_equal "$(stats '.layers.exact.lookups')" 0
    run "$PREECHO" log
    assert_line --partial 'hit edge'
}

@test "what is written to is asked for anew, in every variant (4.4)" {
    local client method path='control=max-age%3D600&vary=Accept-Language'
    for client in curl python_get_aiohttp; do
        for method in PUT POST DELETE PATCH; do
            miss get "$client" "/web/$method-$client?$path" 1 Accept-Language:de
            miss get "$client" "/web/$method-$client?$path" 1 Accept-Language:fr
            upstream_fails 400
            miss preloaded curl -sS -X "$method" "$TLS/web/$method-$client?$path"
            upstream_recovers
            hit get "$client" "/web/$method-$client?$path" 1 Accept-Language:de
            miss write "$client" "$method" "$TLS/web/$method-$client?$path"
            miss get "$client" "/web/$method-$client?$path" 1 Accept-Language:de
            miss get "$client" "/web/$method-$client?$path" 1 Accept-Language:fr
            hit get "$client" "/web/$method-$client?$path" 1 Accept-Language:de
        done
    done
}

# write CLIENT METHOD URL
write() {
    case $1 in
    curl) preloaded curl -sS -X "$2" "$3" ;;
    *) preloaded "$PYTHON" -c 'import httpx, sys
print(httpx.request(*sys.argv[1:]).status_code)' "$2" "$3" ;;
    esac
}

@test "ls and show: an answer, and an address that was written to" {
    local key
    miss get curl '/web/shown?control=max-age%3D60'
    key=$("$PREECHO" ls --keys)
    run "$PREECHO" show "$key"
    assert_success
    assert_line 'operation  http edge'
    assert_line --partial '/web/shown?control=max-age%3D60'
    assert_line --regexp '^\{"n":'
    refute_line --regexp '^(model|tokens|00000000)'
    assert_equal "$("$PREECHO" show --request "$key")" ''
    miss preloaded curl -sS -X PUT "$TLS/web/shown?control=max-age%3D60"
    run "$PREECHO" ls
    assert_line --partial ' edge, written to'
    key=$("$PREECHO" ls --keys | head -n 1)
    run "$PREECHO" show "$key"
    assert_line 'operation  http edge, written to'
    assert_line '(none: the address was written to, and older answers hold no more)'
    refute_line --partial 'HTTP/1.1 0'
}

@test "cassettes have no part in it" {
    miss get curl '/web/exported?control=max-age%3D600'
    run "$PREECHO" export --quiet --out -
    assert_output 'preecho: no entry is like that; nothing is written'
}

@test "explain tells of a GET like of any other request" {
    miss get curl '/web/explained?control=max-age%3D600&etag=one'
    run "$PREECHO" explain --method GET --url "$TLS/web/explained?control=max-age%3D600&etag=one" \
        --header 'Accept: */*'
    assert_success
    assert_line --regexp '^recognised http edge'
    assert_line --regexp '^answer     recorded .* ago; a hit$'
    run "$PREECHO" explain --method GET --url "$TLS/web/explained?control=max-age%3D600&etag=one" \
        --header 'Cache-Control: no-store'
    assert_line --regexp '^answer     never from the store: .* \(no-store\)$'
}

# A cache that many rely on, in front of the same upstream; $CACHE is its address.
start_cache() {
    local dir=$BATS_TEST_TMPDIR/nginx port
    mkdir -p "$dir"
    port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
    {
        [ "$(id -u)" -ne 0 ] || echo 'user root;'
        printf 'daemon off; master_process off; pid %s/pid; error_log %s/errors;
events {}
http {
    access_log off;
    proxy_temp_path %s/proxy; client_body_temp_path %s/body; fastcgi_temp_path %s/f;
    uwsgi_temp_path %s/u; scgi_temp_path %s/s;
    proxy_cache_path %s/cache keys_zone=all:1m;
    server {
        listen 127.0.0.1:%s;
        location / {
            proxy_pass http://127.0.0.1:%s; proxy_http_version 1.1; proxy_cache all;
            proxy_cache_revalidate on; proxy_cache_convert_head off; if_modified_since before;
            proxy_cache_key $request_method$uri$is_args$args;
        }
    }
}\n' "$dir" "$dir" "$dir" "$dir" "$dir" "$dir" "$dir" "$dir" "$port" "$PLAIN_PORT"
    } >"$dir/conf"
    PATH=$PATH:/usr/sbin nginx -p "$dir" -e "$dir/errors" -c "$dir/conf" >"$dir/output" 2>&1 3>&- &
    CACHE_PID=$!
    CACHE=http://127.0.0.1:$port
    wait_until 10 curl -s -o /dev/null "$CACHE/ready"
}

# asked_twice COMMAND...: how many of two such GETs reach the upstream, and whether the bodies differ.
asked_twice() {
    local before
    before=$(requests)
    "$@" >"$BATS_TEST_TMPDIR/a"
    "$@" >"$BATS_TEST_TMPDIR/b"
    cmp -s "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b" && before=$((before + 100))
    echo $(($(requests) - before))
}

@test "where nginx' proxy_cache implements the same, both ask the upstream as often" {
    local query theirs ours
    start_cache
    for query in control=max-age%3D60 control=no-store control=no-cache control=max-age%3D0 expires=60 \
        expires=-60 expires=never 'control=max-age%3D60&expires=-60' 'control=max-age%3D60&vary=Accept' \
        'control=max-age%3D60&vary=*' 'control=max-age%3D60&status=404' 'control=max-age%3D60&status=410' \
        x=1 control=max-age%3D60,must-revalidate control=foo,max-age%3D60 control=max-age%3Dx; do
        theirs=$(asked_twice curl -sS "$CACHE/web/nginx?$query")
        ours=$(asked_twice preloaded curl -sS "$PLAIN/web/nginx?$query")
        echo "$query $theirs $ours" >>"$BATS_TEST_TMPDIR/all"
        assert_equal "$query $ours" "$query $theirs"
    done
    grep -q ' -99 ' "$BATS_TEST_TMPDIR/all" && grep -q ' 2 ' "$BATS_TEST_TMPDIR/all"
}

# status_of BASE-AND-PATH FIELD: of a GET with that field.
status_of() {
    curl -sS -o /dev/null -w '%{http_code}' -H "$2" "$1"
}

@test "where nginx' proxy_cache implements the same, both answer a program's condition alike" {
    local field path='/web/asked?control=max-age%3D60&etag=one&changed=864000' theirs ours
    start_cache
    curl -sS -o /dev/null "$CACHE$path"
    miss preloaded curl -sS -o /dev/null "$PLAIN$path"
    for field in 'If-None-Match: "one"' 'If-None-Match: W/"one"' 'If-None-Match: "two"' \
        'If-None-Match: "two", "one"' 'If-None-Match: *' 'If-None-Match: "two", W/"one"' \
        'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT' 'If-Modified-Since: yesterday' \
        "If-Modified-Since: $(LC_ALL=C date -u '+%a, %d %b %Y %T GMT')"; do
        theirs=$(status_of "$CACHE$path" "$field")
        ours=$(preloaded status_of "$PLAIN$path" "$field")
        echo "$field $theirs" >>"$BATS_TEST_TMPDIR/all"
        assert_equal "$field $ours" "$field $theirs"
    done
    assert_equal "$(grep -c ' 304$' "$BATS_TEST_TMPDIR/all")" 6
    run stats .hits
    assert_output 9
}
