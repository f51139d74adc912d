#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# From end to end: a program under preecho asks a server by GET, `preecho serve` gives what was
# recorded, and nginx with a cache stands in front.
bats_require_minimum_version 1.5.0
load helpers.bash
load serve_helper.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
    CONFIG=$XDG_CONFIG_HOME/preecho
    mkdir -p "$CONFIG"
    chmod 700 "$CONFIG"
    SITE=localhost:$TLS_PORT
    rules <<'END'
[match "localhost/web/*"]
edge = on
[match "localhost/web/faq*"]
public = yes
cache_control = public, max-age=1
END
}

teardown() {
    serve_stop
    upstream_recovers
}

# record CLIENT TARGET [NAME:VALUE...]: the program asks once; $recorded is the body that it got.
record() {
    local client=$1 target=$2 field options=()
    shift 2
    if [ "$client" = curl ]; then
        for field; do
            options+=(-H "$field")
        done
        miss preloaded curl -sS --max-time 20 "${options[@]}" "$TLS$target"
    else
        miss preloaded "$PYTHON" "$CLIENTS/$client.py" "$TLS$target" 1 "$@"
    fi
    recorded=$(sed 's/^[^{]*//' "$OUT")
    [[ $recorded == "{"*"}" ]] || fail "$(cat "$OUT" "$ERR")"
}

# Asks until the answer is this one.
answers() {
    visit "${@:2}"
    [ "$body" = "$1" ]
}

@test "what a program has fetched is given, and nobody else asks for it" {
    local client seen
    for client in curl python_get_aiohttp python_get_httpx; do
        record $client "/web/faq/$client?control=max-age%3D600&etag=theirs"
    done
    serve_start
    seen=$(requests)
    for client in curl python_get_aiohttp python_get_httpx; do
        visit "/$SITE/web/faq/$client?control=max-age%3D600&etag=theirs"
        assert_equal "$status_code" 200
        assert_equal "$(jq -r .path <<<"$body")" "/web/faq/$client"
        assert_equal "$(field cache-control)" "public, max-age=1"
        assert_equal "$(field content-type)" application/json
        [[ $(field etag) =~ ^\"[0-9a-f]{32}\"$ ]]
        [ "$(field age)" -lt 60 ]
    done
    assert_equal "$body" "$recorded"
    assert_equal "$(requests)" "$seen"
}

@test "nginx in front: revalidation by ETag, and variants by Vary" {
    local target='/web/faq/1?control=max-age%3D600&vary=Accept-Language' german english etag seen
    record curl "$target" Accept-Language:de
    german=$recorded
    record curl "$target" Accept-Language:en
    english=$recorded
    serve_start --public-host "$SITE"
    proxy_start "$SITE"
    seen=$(requests)
    visit "$target" -H "Accept-Language: de"
    assert_equal "$status_code $body $(field x-cache) $(field vary)" "200 $german MISS Accept-Language"
    etag=$(field etag)
    visit "$target" -H "Accept-Language: en"
    assert_equal "$status_code $body $(field x-cache)" "200 $english MISS"
    # its second is over: nginx asks whether it still holds
    wait_until 10 cached_as REVALIDATED "$target" -H "Accept-Language: de"
    assert_equal "$status_code $body $(field x-upstream) $(field etag)" "200 $german 304 $etag"
    wait_until 10 cached_as HIT "$target" -H "Accept-Language: de"
    assert_equal "$body" "$german"
    wait_until 10 cached_as REVALIDATED "$target" -H "Accept-Language: en"
    assert_equal "$body $(field x-upstream)" "$english 304"
    visit "$target" -H "Accept-Language: de" -H "If-None-Match: $etag"
    assert_equal "$status_code" 304
    visit "$target" -H "Accept-Language: de" -r 0-4
    assert_equal "$status_code $body" "206 ${german:0:5}"
    visit "$target" -H "Accept-Language: fr"
    assert_equal "$status_code" 404
    assert_equal "$(requests)" "$seen"
}

@test "the program fetches something newer: given soon, through nginx as well" {
    local target='/web/faq/news?control=max-age%3D600&etag=one' old etag
    record curl "$target"
    old=$recorded
    serve_start --public-host "$SITE"
    proxy_start "$SITE"
    visit "$target"
    assert_equal "$body" "$old"
    etag=$(field etag)
    upstream_fails etag=two
    record curl "$target" Cache-Control:no-cache
    [ "$recorded" != "$old" ]
    wait_until 10 answers "$recorded" "$target"
    [ "$(field etag)" != "$etag" ]
    visit "$target" -H "If-None-Match: $etag"
    assert_equal "$status_code" 200
}

@test "purge, edited rules and writing to the address take effect at once" {
    local target='/web/faq/1?control=max-age%3D600'
    record curl "$target"
    serve_start
    given "/$SITE$target"
    "$PREECHO" purge --quiet --host localhost
    assert_none "/$SITE$target"
    record curl "$target"
    wait_until 10 given "/$SITE$target"
    assert_equal "$body" "$recorded"
    capture preloaded curl -sS --max-time 20 --data x=y "$TLS$target"
    assert_none "/$SITE$target"
    record curl "$target"
    wait_until 10 given "/$SITE$target"
    rules <<<$'[match "localhost/web/*"]\nedge = on'
    assert_none "/$SITE$target"
}

@test "what is not public is 404, like what was never recorded" {
    local target seen
    record curl '/web/shut?control=max-age%3D600'
    record curl '/web/faq/private?control=private,max-age%3D600'
    record curl '/web/faq/cookie?control=max-age%3D600' Cookie:session=1
    record curl '/web/faq/token?control=max-age%3D600' Private-Token:1
    record curl '/web/faq/language?control=max-age%3D600&vary=Accept-Language' Accept-Language:de
    miss preloaded curl -sS --max-time 20 "$TLS/web/faq/none?control=no-store"
    miss preloaded curl -sS --max-time 20 -k "$TLS/web/faq/unverified?control=max-age%3D600"
    miss ask curl "$KEY" "$(chat 'Which planet is the first one?')"
    record curl '/web/faq/open?control=max-age%3D600'
    serve_start --public-host "$SITE"
    seen=$(requests)
    given "/$SITE/web/faq/open?control=max-age%3D600"
    for target in '/web/shut?control=max-age%3D600' \
        '/web/faq/private?control=private,max-age%3D600' \
        '/web/faq/cookie?control=max-age%3D600' '/web/faq/token?control=max-age%3D600' \
        '/web/faq/language?control=max-age%3D600&vary=Accept-Language' \
        '/web/faq/none?control=no-store' '/web/faq/unverified?control=max-age%3D600' \
        /v1/chat/completions /web/faq/never; do
        assert_none "/$SITE$target"
        assert_none "/$SITE$target" -H Cookie:session=1 -H Private-Token:1
    done
    assert_none "/$SITE/web/faq/open?control=max-age%3D600" -X DELETE
    proxy_start "$SITE"
    visit '/web/shut?control=max-age%3D600'
    assert_equal "$status_code $body" "404 "
    assert_equal "$(requests)" "$seen"
}

@test "200 clients through nginx, and floods, while a program records" {
    local target='/web/faq/crowd?control=max-age%3D600' direct through
    record curl "$target"
    serve_start --public-host "$SITE"
    direct=$URL
    proxy_start "$SITE"
    through=$URL
    run flood crowd 200 "$target" "$recorded"
    assert_output "200 whole"
    URL=$direct
    run flood crowd 200 "/$SITE$target" "$recorded"
    assert_output "200 whole"
    flood headers 50 >"$BATS_TEST_TMPDIR/flood" 3>&- &
    record python_get_aiohttp "$target&other"
    wait $!
    assert_equal "$(cat "$BATS_TEST_TMPDIR/flood")" "no answer but an error"
    wait_until 10 answers "$recorded" "/$SITE$target&other"
    URL=$through
    wait_until 10 answers "$recorded" "$target&other"
}
