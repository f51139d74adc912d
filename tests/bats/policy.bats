#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Rules from files, as programs feel them: libcurl, libssl, and an event loop of Python's.

load helpers.bash
load clients.bash

WAYS="curl tls asyncio"

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
}

teardown() {
    upstream_recovers
}

# rules: standard input as the user's file.
rules() {
    cat >"$CONFIG/preecho.conf"
}

# one WAY BODY: a request under preecho.
one() {
    case $1 in
    asyncio) preloaded "$PYTHON" "$CLIENTS/python_aiohttp.py" "$TLS/v1/chat/completions" "$KEY" "$2" ;;
    *) ask "$1" "$KEY" "$2" ;;
    esac
}

# The key of the entry that was recorded last.
newest() {
    "$PREECHO" ls --keys | head -n 1
}

@test "version: an edit retires what is older, and going back finds it again" {
    local way body
    for way in $WAYS; do
        body=$(chat "version by $way")
        rules <<<"version = 2026-11-a"
        miss one "$way" "$body"
        keep first
        hit one "$way" "$body"
        same_as first
        rules <<<"version = 2026-11-b"
        miss one "$way" "$body"
        differs_from first
        hit one "$way" "$body"
        rules <<<"version = 2026-11-a"
        hit one "$way" "$body"
        same_as first
        rules </dev/null
        miss one "$way" "$body"
    done
}

@test "version of one model leaves the others alone" {
    local way body other
    for way in $WAYS; do
        body=$(chat "one model by $way") other=${body/gpt-4o-mini/gpt-5}
        rules </dev/null
        miss one "$way" "$body"
        miss one "$way" "$other"
        rules <<<$'[match "model=gpt-4o*"]\nversion = b'
        miss one "$way" "$body"
        hit one "$way" "$body"
        hit one "$way" "$other"
    done
}

@test "version of one program: an equal request of another does not find its entries" {
    local body
    body=$(chat "one program")
    rules <<<$'version = a\n[match "program=curl"]\nversion = b'
    miss one asyncio "$body"
    miss one curl "$body"
    hit one curl "$body"
    miss one tls "$(chat "one program, again")"
    hit one asyncio "$body"
}

@test "ttl of one model" {
    local way body other
    rules <<<$'ttl = 7d\n[match "model=gpt-4o* localhost/v1/chat/*"]\nttl = 1h'
    for way in $WAYS; do
        body=$(chat "ttl by $way") other=${body/gpt-4o-mini/gpt-5}
        miss one "$way" "$body"
        miss one "$way" "$other"
        later +59m hit one "$way" "$body"
        later +61m miss one "$way" "$body"
        later +61m hit one "$way" "$other"
        later +8d miss one "$way" "$other"
    done
}

@test "the environment is the last word" {
    rules <<<$'[match "localhost"]\nttl = 1h\nmode = off'
    miss one curl "$(chat environment)"
    export PREECHO_MODE=auto PREECHO_TTL=2h
    miss one curl "$(chat environment)"
    later +90m hit one asyncio "$(chat environment)"
    later +121m miss one tls "$(chat environment)"
}

@test "mode off for one host, path or program" {
    local layer
    rules <<<$'[match "api.openai.com"]\nmode = off\n[match "/v1/embeddings"]\nmode = off'
    for layer in $LAYERS; do
        HOST=api.openai.com miss ask "$layer" "$KEY" "$(chat "off in $layer")"
        HOST=api.openai.com miss ask "$layer" "$KEY" "$(chat "off in $layer")"
        miss ask "$layer" "$KEY" "$(chat "off in $layer")"
        hit ask "$layer" "$KEY" "$(chat "off in $layer")"
        WHERE=/v1/embeddings miss ask "$layer" "$KEY" '{"model":"m","input":"x"}'
        WHERE=/v1/embeddings miss ask "$layer" "$KEY" '{"model":"m","input":"x"}'
    done
    assert_equal "$(stats .bypassed.off)" 8
    rules <<<$'[match "program=python3*"]\nmode = off'
    miss one asyncio "$(chat "off in curl")"
    hit one curl "$(chat "off in curl")"
    rules <<<$'mode = off\n[match "localhost"]\nmode = auto'
    hit one asyncio "$(chat "off in curl")"
}

@test "mode replay of one program" {
    rules <<<$'[match "program=curl"]\nmode = replay'
    upstream_sees 0 one curl "$(chat replay)"
    run jq -r .error.message "$OUT"
    assert_output --partial "no recording answers this request; nothing was sent"
    miss one asyncio "$(chat replay)"
    hit one curl "$(chat replay)"
}

@test "mode refresh: each answer is asked for and recorded anew" {
    local way
    for way in $WAYS; do
        rules </dev/null
        miss one "$way" "$(chat "refresh by $way")"
        rules <<<$'[match "model=gpt-4o*"]\nmode = refresh'
        miss one "$way" "$(chat "refresh by $way")"
        miss one "$way" "$(chat "refresh by $way")"
        keep last
        rules </dev/null
        hit one "$way" "$(chat "refresh by $way")"
        same_as last
    done
}

@test "mode record: as auto, but nothing expired is served" {
    local way
    rules <<<$'mode = record\nttl = 1h'
    for way in $WAYS; do
        upstream_recovers
        miss one "$way" "$(chat "record by $way")"
        keep first
        hit one "$way" "$(chat "record by $way")"
        same_as first
        upstream_fails 503
        later +2h miss one "$way" "$(chat "record by $way")"
        differs_from first
    done
    assert_equal "$(stats .stale)" 0
}

@test "mode observe: nothing is served, what would have been is counted" {
    local way number=0
    for way in $WAYS; do
        rules </dev/null
        miss one "$way" "$(chat "observe by $way")"
        keep first
        rules <<<"mode = observe"
        miss one "$way" "$(chat "observe by $way")"
        differs_from first
        number=$((number + 1))
        assert_equal "$(stats .observed.requests)" "$number"
        miss one "$way" "$(chat "observe by $way, new")"
        rules </dev/null
        hit one "$way" "$(chat "observe by $way")"
        same_as first
        hit one "$way" "$(chat "observe by $way, new")"
    done
    assert_equal "$(stats .observed.requests)" "$number"
}

@test "max_age: nothing older is served, not even when the provider fails" {
    local way body
    rules <<<$'max_age = 1h'
    for way in $WAYS; do
        upstream_recovers
        body=$(chat "age by $way")
        miss one "$way" "$body"
        keep first
        later +59m hit one "$way" "$body"
        PREECHO_TTL=10m later +59m miss one "$way" "$(chat "age by $way, other")"
        upstream_fails 503
        PREECHO_TTL=10m later +50m miss one "$way" "$body"
        same_as first
        PREECHO_TTL=10m later +61m miss one "$way" "$body"
        differs_from first
        upstream_recovers
        later +61m miss one "$way" "$body"
        later +62m hit one "$way" "$body"
    done
}

@test "negative_ttl: refusals of the request itself, for a while" {
    local way status
    for way in $WAYS; do
        rules </dev/null
        miss one "$way" "$(chat "no by $way [[fault:400]]")"
        miss one "$way" "$(chat "no by $way [[fault:400]]")"
        rules <<<"negative_ttl = 5m"
        for status in 400 404 413 415 422; do
            miss one "$way" "$(chat "never by $way [[fault:$status]]")"
            keep refusal
            later +4m hit one "$way" "$(chat "never by $way [[fault:$status]]")"
            same_as refusal
            later +6m miss one "$way" "$(chat "never by $way [[fault:$status]]")"
        done
        for status in 401 403 408 429 500 503; do
            miss one "$way" "$(chat "not now by $way [[fault:$status]]")"
            miss one "$way" "$(chat "not now by $way [[fault:$status]]")"
        done
        rules </dev/null
        miss one "$way" "$(chat "never by $way [[fault:400]]")"
    done
}

@test "ignore: members that do not belong to the key" {
    local way
    for way in $WAYS; do
        rules </dev/null
        miss one "$way" "$(chat "ignore by $way" '"trace":{"id":1}')"
        rules <<<$'[match "localhost"]\nignore = /trace/id\nignore = /messages/*/stamp'
        miss one "$way" "$(chat "ignore by $way" '"trace":{"id":1}')"
        keep first
        hit one "$way" "$(chat "ignore by $way" '"trace":{"id":2}')"
        same_as first
        hit one "$way" "$(chat "ignore by $way" '"trace":{"id":2}')"
        miss one "$way" "$(chat "ignore by $way" '"trace":{"id":2,"x":1}')"
        hit one "$way" "$(chat "ignore by $way\",\"stamp\":\"now" '"trace":{"id":3}')"
        same_as first
        rules </dev/null
        miss one "$way" "$(chat "ignore by $way" '"trace":{"id":2}')"
    done
}

@test "ignore_text: parts of texts that do not belong to the key" {
    local way
    rules <<<'ignore_text = ^Today is .*$'
    for way in $WAYS; do
        miss one "$way" "$(chat "Be brief.\\nToday is Monday.\\nText by $way")"
        keep first
        hit one "$way" "$(chat "Be brief.\\nToday is \\u0054uesday, late.\\nText by $way")"
        same_as first
        miss one "$way" "$(chat "Be brief.\\n\\nText by $way")"
        miss one "$way" "$(chat "Be brief.\\n/\\nText by $way")"
        miss one "$way" "$(chat "Be brief.\\nToday is Monday.\\nText by another")"
        "$PREECHO" purge --all
    done
}

@test "an entry remembers what was ignored, and that it was not" {
    rules <<<$'ignore = /trace\nignore_text = [0-9]{4}-[0-9]{2}-[0-9]{2}'
    miss one curl "$(chat "on 2026-11-27" '"trace":1')"
    run "$PREECHO" show "$(newest)"
    assert_line "ignored    /trace"
    assert_line "ignored    [0-9]{4}-[0-9]{2}-[0-9]{2}"
    miss one asyncio "$(chat "on no day")"
    run "$PREECHO" show "$(newest)"
    refute_line --partial ignored
}

@test "tags: what is known anyway, and what rules find" {
    mkdir -p "$BATS_TEST_TMPDIR/repo/.git" "$BATS_TEST_TMPDIR/repo/deep"
    cd "$BATS_TEST_TMPDIR/repo/deep"
    rules <<'END'
tag = team blue
tag = doc:\1 from body:/trace/doc matching ^doc-([0-9]+)$
tag = host \0 from header:host matching ^local
[match "localhost/v1/chat/*"]
tag = path \0 from path
[match "elsewhere"]
tag = never
END
    export GITHUB_RUN_ID=4711 PYTEST_CURRENT_TEST='t/a.py::b[x] (call)' PREECHO_TENANT=me
    for way in $WAYS; do
        miss one "$way" "$(chat "tags by $way" '"trace":{"doc":"doc-42"}')"
        run "$PREECHO" show "$(newest)"
        assert_line --regexp '^tag +program:(curl|python3|tls_client)$'
        assert_line "tag        host:localhost"
        assert_line "tag        model:gpt-4o-mini"
        assert_line "tag        tenant:me"
        assert_line "tag        repo:$BATS_TEST_TMPDIR/repo"
        assert_line "tag        test:t/a.py::b[x]"
        assert_line "tag        run:4711"
        assert_line "tag        team blue"
        assert_line "tag        doc:42"
        assert_line "tag        host local"
        assert_line "tag        path /v1/chat/completions"
        refute_line --partial never
    done
}

@test "a test that a program names while it runs" {
    cat >"$BATS_TEST_TMPDIR/named.py" <<'END'
import os, sys, urllib.request
os.environ["PYTEST_CURRENT_TEST"] = "late.py::test (setup)"
url, key, body = sys.argv[1:]
request = urllib.request.Request(url, body.encode(), {"Authorization": "Bearer " + key,
                                                      "Content-Type": "application/json"})
print(urllib.request.urlopen(request).read())
END
    miss preloaded "$PYTHON" "$BATS_TEST_TMPDIR/named.py" "$TLS/v1/chat/completions" "$KEY" \
        "$(chat named)"
    run "$PREECHO" show "$(newest)"
    assert_line "tag        test:late.py::test"
}

@test "a file with a mistake: the program is not disturbed, and is told why on request" {
    local way body
    rules <<<$'ttl = 1h\nmdoe = off'
    body=$(chat 'steady [[fault:steady]]')
    for way in $WAYS; do
        capture env -u LD_PRELOAD curl -sS -H "Authorization: Bearer $KEY" \
            -H 'Content-Type: application/json' --data-binary "$body" "$TLS/v1/chat/completions"
        keep plain
        upstream_sees 1 one "$way" "$body"
        [ "$way" = curl ] && same_as plain
        assert_equal "$STATUS $(cat "$ERR")" "0 "
        upstream_sees 1 one "$way" "$body"
    done
    grep -q "switched off: $CONFIG/preecho.conf:2: mdoe is no setting; did you mean 'mode'?" \
        "$PREECHO_LOG"
    [ ! -e "$PREECHO_STORE" ]
    run "$PREECHO" run -- true
    assert_output --partial "switched off: $CONFIG/preecho.conf:2: mdoe is no setting"
    run "$PREECHO" doctor
    assert_failure 78
    assert_output --partial "preecho.conf:2: mdoe is no setting; did you mean 'mode'?"
    rules <<<"log = $BATS_TEST_TMPDIR/other.log"
    chmod g+w "$CONFIG/preecho.conf"
    miss one curl "$body"
    miss one asyncio "$body"
    run "$PREECHO" run -- true
    assert_output --partial "preecho.conf: can be written by others"
}

@test "a project's file counts when the user trusts it, and only as it was then" {
    local way
    mkdir -p "$BATS_TEST_TMPDIR/project/.git" "$BATS_TEST_TMPDIR/project/sub"
    cd "$BATS_TEST_TMPDIR/project/sub"
    echo 'mode = off' >../.preecho.conf
    for way in $WAYS; do
        miss one "$way" "$(chat "project by $way")"
        hit one "$way" "$(chat "project by $way")"
    done
    run "$PREECHO" trust
    assert_success
    assert_line --partial "mode = off"
    for way in $WAYS; do
        miss one "$way" "$(chat "project by $way")"
    done
    echo 'tenant = evil' >>../.preecho.conf
    for way in $WAYS; do
        hit one "$way" "$(chat "project by $way")"
    done
    "$PREECHO" trust
    "$PREECHO" trust --remove
    hit one asyncio "$(chat "project by asyncio")"
}

# within_etc COMMAND...: with a copy of /etc in its place.
within_etc() {
    local options=-m
    [ "$(id -u)" -eq 0 ] || options=-rm
    # shellcheck disable=SC2016 # the inner shell's variables
    unshare $options sh -ec 'mount --bind "$0" /etc; exec "$@"' "$BATS_TEST_TMPDIR/etc" "$@"
}

@test "/etc/preecho.conf: root's, and the first of the files" {
    unshare -m true 2>/dev/null || unshare -rm true 2>/dev/null || skip "no mount namespaces here"
    cp -r /etc "$BATS_TEST_TMPDIR/etc" 2>/dev/null || true
    local etc=$BATS_TEST_TMPDIR/etc/preecho.conf
    printf 'ttl = 1h\nmax_age = 2h\n' >"$etc"
    chmod 644 "$etc"
    rules <<<'max_age = 3h'
    run within_etc "$PREECHO" config
    assert_line --regexp '^ttl +1h +/etc/preecho.conf:1$'
    assert_line --regexp "^max_age +3h +$CONFIG/preecho.conf:1\$"
    echo 'mode = off' >"$etc"
    miss within_etc env LD_PRELOAD="$BUILD/libpreecho.so" curl -sS --http1.1 \
        -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
        --data-binary "$(chat etc)" "$TLS/v1/chat/completions"
    miss one asyncio "$(chat etc)"
    chmod o+w "$etc"
    run within_etc "$PREECHO" config
    assert_failure 78
    assert_output "/etc/preecho.conf: can be written by others; chmod go-w helps"
}
