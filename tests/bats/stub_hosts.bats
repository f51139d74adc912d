#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stub in real programs: each reaches the core through the copy of the library that it uses,
# behaves as without us, and its second hooking layer is told apart from the first.
bats_require_minimum_version 1.5.0
load stub_helper

setup_file() {
    stub_build
    server_start
}

teardown_file() {
    kill "$SERVER"
}

setup() {
    stub_setup
    URL=https://localhost:$PORT/
    CERT=$DIR/cert.pem
}

@test "curl: libcurl's hooks see the transfer, and libssl's do not see it again" {
    under curl -sf --cacert "$CERT" "$URL"
    assert_success
    assert_output --partial "s_server"
    assert_equal "$stderr" ""
    assert_loaded
    assert_calls '^curl_easy_perform libcurl.so.4$' 1
    assert_calls '^curl_easy_cleanup libcurl.so.4$' 1
    assert_calls '^SSL_' 0
    assert_calls HOOK 0
}

@test "Python's ssl module: libssl arrives by RTLD_LOCAL" {
    under /usr/bin/python3 -c '
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
print(len(urllib.request.urlopen(sys.argv[1], context=context).read()) > 100)' "$URL" "$CERT"
    assert_success
    assert_output True
    assert_equal "$stderr" ""
    assert_loaded
    assert_calls '^SSL_write_ex libssl.so.3$' 1
    [ "$(calls '^SSL_read_ex libssl.so.3$')" -ge 1 ]
    assert_calls HOOK 0
}

@test "PHP streams: the main program itself is linked to libssl" {
    under php -n -r '
$context = stream_context_create(["ssl" => ["cafile" => $argv[2]]]);
echo strlen(file_get_contents($argv[1], false, $context)) > 100 ? "read" : "failed";' "$URL" "$CERT"
    assert_success
    assert_output read
    [ "$(calls '^SSL_write libssl.so.3$')" -ge 1 ]
    [ "$(calls '^SSL_read libssl.so.3$')" -ge 1 ]
    assert_calls HOOK 0
}

php_curl='
$handle = curl_init($argv[1]);
curl_setopt_array($handle, [CURLOPT_RETURNTRANSFER => true, CURLOPT_CAINFO => $argv[2]]);
echo strlen(curl_exec($handle)) > 100 ? "read" : curl_error($handle);'

@test "PHP's curl extension, which PHP opens with RTLD_DEEPBIND" {
    under php -r "$php_curl" "$URL" "$CERT"
    assert_success
    assert_output read
    assert_calls '^curl_easy_perform libcurl.so.4$' 1
    assert_calls '^SSL_' 0
}

@test "PHP's curl extension with PREECHO_DEEPBIND=keep is left alone" {
    under env PREECHO_DEEPBIND=keep php -r "$php_curl" "$URL" "$CERT"
    assert_success
    assert_output read
    assert_calls '^curl_' 0
}

@test "openssl s_client, Perl and Ruby" {
    under sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -quiet -connect 127.0.0.1:$PORT"
    assert_output --partial "s_server"
    [ "$(calls '^SSL_write libssl.so.3$')" -ge 1 ]
    under perl -MIO::Socket::SSL -e '
my $s = IO::Socket::SSL->new(PeerAddr => "127.0.0.1:$ARGV[0]", SSL_verify_mode => 0) or die;
print $s "GET / HTTP/1.0\r\n\r\n"; print <$s>;' "$PORT"
    assert_output --partial "s_server"
    under ruby -ropenssl -rnet/http -e '
puts Net::HTTP.start("localhost", ARGV[0], use_ssl: true, ca_file: ARGV[1]) { |h| h.get("/").code }' \
        "$PORT" "$CERT"
    assert_output 200
    assert_calls HOOK 0
}

@test "PREECHO_MODE=off: no core, nothing else changes" {
    under env PREECHO_MODE=off curl -sf --cacert "$CERT" "$URL"
    assert_success
    assert_output --partial "s_server"
    refute_loaded
}

@test "a core that is missing, broken, refuses or is another version: silently passed by" {
    for mode in refuse old; do
        under env FAKE_CORE_MODE=$mode curl -sf --cacert "$CERT" "$URL"
        assert_success
        assert_equal "$stderr" ""
        assert_calls '^curl_' 0
    done
    mkdir "$BATS_TEST_TMPDIR/alone"
    cp "$STUB" "$BATS_TEST_TMPDIR/alone/"
    STUB=$BATS_TEST_TMPDIR/alone/libpreecho.so
    under curl -sf --cacert "$CERT" "$URL"
    assert_success
    assert_equal "$stderr" ""
    echo "no library" > "$BATS_TEST_TMPDIR/alone/libpreecho-core.so"
    under curl -sf --cacert "$CERT" "$URL"
    assert_success
    assert_equal "$stderr" ""
}

@test "jemalloc, tcmalloc and an older glibc's loader beside the stub" {
    $CC -O2 -fPIC -shared -o "$DIR/no_find_object.so" "$SOURCE/no_find_object.c"
    for other in libjemalloc.so.2 libtcmalloc_minimal.so.4 "$DIR/no_find_object.so"; do
        for order in "$STUB:$other" "$other:$STUB"; do
            rm -f "$FAKE_CORE_LOG"
            run --separate-stderr env LD_PRELOAD="$order" curl -sf --cacert "$CERT" "$URL"
            assert_success
            assert_output --partial "s_server"
            assert_equal "$stderr" ""
            assert_calls '^curl_easy_perform libcurl.so.4$' 1
            assert_calls '^SSL_' 0
        done
    done
}

@test "all symbols bound at start" {
    under env LD_BIND_NOW=1 curl -sf --cacert "$CERT" "$URL"
    assert_success
    assert_calls '^curl_easy_perform libcurl.so.4$' 1
}
