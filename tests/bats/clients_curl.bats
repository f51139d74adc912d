#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs over libcurl: both flavours, HTTP/1.1, HTTP/2 and plain http, easy and multi.

load helpers.bash
load clients.bash

setup_file() {
    start_upstream
    start_nginx
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

# The program throws away what it got first, so some requests reach the upstream twice. Every
# answer is whole and belongs to its question, and in the end all come from the store.
changes_its_mind() {
    local body
    body=$(chat 'mind @N@ [[fault:pause=3]]' '"stream":true')
    URL=$TLS/v1/chat/completions
    capture preloaded "$PROGRAMS/$1" "$URL" "$KEY" "$body" 16
    looks_right 16
    keep first
    assert_equal "$(grep -c 'DONE' "$OUT")" 16
    hit preloaded "$PROGRAMS/$1" "$URL" "$KEY" "$body" 16
    same_as first
    assert_equal "$STATUS $(cat "$ERR")" "0 "
}

@test "curl, OpenSSL, HTTP/1.1: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl
}

@test "curl, OpenSSL, HTTP/1.1: a stream is replayed" {
    stream_is_replayed curl
}

@test "curl, OpenSSL, HTTP/1.1: a different credential is a miss" {
    other_credential_misses curl
}

@test "curl, OpenSSL, HTTP/1.1: an upstream error is not recorded" {
    error_is_not_recorded curl
}

@test "curl, OpenSSL, HTTP/1.1: hits and misses mixed in one run" {
    hits_and_misses_mix curl
}

@test "curl, OpenSSL, HTTP/1.1: exit status and stderr as without preecho" {
    behaves_as_without curl
}

@test "curl --compressed: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl-compressed
}

@test "curl --compressed: a stream is replayed" {
    stream_is_replayed curl-compressed
}

@test "curl --compressed: a different credential is a miss" {
    other_credential_misses curl-compressed
}

@test "curl --compressed: an upstream error is not recorded" {
    error_is_not_recorded curl-compressed
}

@test "curl --compressed: hits and misses mixed in one run" {
    hits_and_misses_mix curl-compressed
}

@test "curl --compressed: exit status and stderr as without preecho" {
    behaves_as_without curl-compressed
}

@test "curl, OpenSSL, HTTP/2: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl-h2
}

@test "curl, OpenSSL, HTTP/2: a stream is replayed" {
    stream_is_replayed curl-h2
}

@test "curl, OpenSSL, HTTP/2: a different credential is a miss" {
    other_credential_misses curl-h2
}

@test "curl, OpenSSL, HTTP/2: an upstream error is not recorded" {
    error_is_not_recorded curl-h2
}

@test "curl, OpenSSL, HTTP/2: hits and misses mixed in one run" {
    hits_and_misses_mix curl-h2
}

@test "curl, OpenSSL, HTTP/2: exit status and stderr as without preecho" {
    behaves_as_without curl-h2
}

@test "curl, plain http: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl-plain
}

@test "curl, plain http: a stream is replayed" {
    stream_is_replayed curl-plain
}

@test "curl, plain http: a different credential is a miss" {
    other_credential_misses curl-plain
}

@test "curl, plain http: an upstream error is not recorded" {
    error_is_not_recorded curl-plain
}

@test "curl, plain http: hits and misses mixed in one run" {
    hits_and_misses_mix curl-plain
}

@test "curl, plain http: exit status and stderr as without preecho" {
    behaves_as_without curl-plain
}

@test "libcurl easy, OpenSSL: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_easy_client
}

@test "libcurl easy, OpenSSL: a stream is replayed" {
    stream_is_replayed curl_easy_client
}

@test "libcurl easy, OpenSSL: a different credential is a miss" {
    other_credential_misses curl_easy_client
}

@test "libcurl easy, OpenSSL: an upstream error is not recorded" {
    error_is_not_recorded curl_easy_client
}

@test "libcurl easy, OpenSSL: hits and misses mixed in one run" {
    hits_and_misses_mix curl_easy_client
}

@test "libcurl easy, OpenSSL: exit status and stderr as without preecho" {
    behaves_as_without curl_easy_client
}

@test "libcurl easy, GnuTLS: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_easy_client_gnutls
}

@test "libcurl easy, GnuTLS: a stream is replayed" {
    stream_is_replayed curl_easy_client_gnutls
}

@test "libcurl easy, GnuTLS: a different credential is a miss" {
    other_credential_misses curl_easy_client_gnutls
}

@test "libcurl easy, GnuTLS: an upstream error is not recorded" {
    error_is_not_recorded curl_easy_client_gnutls
}

@test "libcurl easy, GnuTLS: hits and misses mixed in one run" {
    hits_and_misses_mix curl_easy_client_gnutls
}

@test "libcurl easy, GnuTLS: exit status and stderr as without preecho" {
    behaves_as_without curl_easy_client_gnutls
}

@test "libcurl easy, GnuTLS, HTTP/2: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_easy_client_gnutls-h2
}

@test "libcurl easy, GnuTLS, HTTP/2: a stream is replayed" {
    stream_is_replayed curl_easy_client_gnutls-h2
}

@test "libcurl easy, GnuTLS, HTTP/2: a different credential is a miss" {
    other_credential_misses curl_easy_client_gnutls-h2
}

@test "libcurl easy, GnuTLS, HTTP/2: an upstream error is not recorded" {
    error_is_not_recorded curl_easy_client_gnutls-h2
}

@test "libcurl easy, GnuTLS, HTTP/2: hits and misses mixed in one run" {
    hits_and_misses_mix curl_easy_client_gnutls-h2
}

@test "libcurl easy, GnuTLS, HTTP/2: exit status and stderr as without preecho" {
    behaves_as_without curl_easy_client_gnutls-h2
}

@test "curl_multi_socket_action, OpenSSL: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_multi_socket_client
}

@test "curl_multi_socket_action, OpenSSL: a stream is replayed" {
    stream_is_replayed curl_multi_socket_client
}

@test "curl_multi_socket_action, OpenSSL: a different credential is a miss" {
    other_credential_misses curl_multi_socket_client
}

@test "curl_multi_socket_action, OpenSSL: an upstream error is not recorded" {
    error_is_not_recorded curl_multi_socket_client
}

@test "curl_multi_socket_action, OpenSSL: hits and misses mixed in one run" {
    hits_and_misses_mix curl_multi_socket_client
}

@test "curl_multi_socket_action, OpenSSL: exit status and stderr as without preecho" {
    behaves_as_without curl_multi_socket_client
}

@test "curl_multi_socket_action, GnuTLS: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_multi_socket_client_gnutls
}

@test "curl_multi_socket_action, GnuTLS: a stream is replayed" {
    stream_is_replayed curl_multi_socket_client_gnutls
}

@test "curl_multi_socket_action, GnuTLS: a different credential is a miss" {
    other_credential_misses curl_multi_socket_client_gnutls
}

@test "curl_multi_socket_action, GnuTLS: an upstream error is not recorded" {
    error_is_not_recorded curl_multi_socket_client_gnutls
}

@test "curl_multi_socket_action, GnuTLS: hits and misses mixed in one run" {
    hits_and_misses_mix curl_multi_socket_client_gnutls
}

@test "curl_multi_socket_action, GnuTLS: exit status and stderr as without preecho" {
    behaves_as_without curl_multi_socket_client_gnutls
}

@test "curl_multi_poll with 50 transfers, OpenSSL: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_multi_poll_client
}

@test "curl_multi_poll with 50 transfers, OpenSSL: a stream is replayed" {
    stream_is_replayed curl_multi_poll_client
}

@test "curl_multi_poll with 50 transfers, OpenSSL: a different credential is a miss" {
    other_credential_misses curl_multi_poll_client
}

@test "curl_multi_poll with 50 transfers, OpenSSL: an upstream error is not recorded" {
    error_is_not_recorded curl_multi_poll_client
}

@test "curl_multi_poll with 50 transfers, OpenSSL: hits and misses mixed in one run" {
    hits_and_misses_mix curl_multi_poll_client
}

@test "curl_multi_poll with 50 transfers, OpenSSL: exit status and stderr as without preecho" {
    behaves_as_without curl_multi_poll_client
}

@test "curl_multi_poll with 50 transfers, GnuTLS: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_multi_poll_client_gnutls
}

@test "curl_multi_poll with 50 transfers, GnuTLS: a stream is replayed" {
    stream_is_replayed curl_multi_poll_client_gnutls
}

@test "curl_multi_poll with 50 transfers, GnuTLS: a different credential is a miss" {
    other_credential_misses curl_multi_poll_client_gnutls
}

@test "curl_multi_poll with 50 transfers, GnuTLS: an upstream error is not recorded" {
    error_is_not_recorded curl_multi_poll_client_gnutls
}

@test "curl_multi_poll with 50 transfers, GnuTLS: hits and misses mixed in one run" {
    hits_and_misses_mix curl_multi_poll_client_gnutls
}

@test "curl_multi_poll with 50 transfers, GnuTLS: exit status and stderr as without preecho" {
    behaves_as_without curl_multi_poll_client_gnutls
}

@test "curl_multi_poll, HTTP/2: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served curl_multi_poll_client-h2
}

@test "curl_multi_poll, HTTP/2: a stream is replayed" {
    stream_is_replayed curl_multi_poll_client-h2
}

@test "curl_multi_poll, HTTP/2: a different credential is a miss" {
    other_credential_misses curl_multi_poll_client-h2
}

@test "curl_multi_poll, HTTP/2: an upstream error is not recorded" {
    error_is_not_recorded curl_multi_poll_client-h2
}

@test "curl_multi_poll, HTTP/2: hits and misses mixed in one run" {
    hits_and_misses_mix curl_multi_poll_client-h2
}

@test "curl_multi_poll, HTTP/2: exit status and stderr as without preecho" {
    behaves_as_without curl_multi_poll_client-h2
}

@test "pycurl: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served python_pycurl
}

@test "pycurl: a stream is replayed" {
    stream_is_replayed python_pycurl
}

@test "pycurl: a different credential is a miss" {
    other_credential_misses python_pycurl
}

@test "pycurl: an upstream error is not recorded" {
    error_is_not_recorded python_pycurl
}

@test "pycurl: hits and misses mixed in one run" {
    hits_and_misses_mix python_pycurl
}

@test "pycurl: exit status and stderr as without preecho" {
    behaves_as_without python_pycurl
}

@test "PHP curl extension with curl_multi: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served php_curl
}

@test "PHP curl extension with curl_multi: a stream is replayed" {
    stream_is_replayed php_curl
}

@test "PHP curl extension with curl_multi: a different credential is a miss" {
    other_credential_misses php_curl
}

@test "PHP curl extension with curl_multi: an upstream error is not recorded" {
    error_is_not_recorded php_curl
}

@test "PHP curl extension with curl_multi: hits and misses mixed in one run" {
    hits_and_misses_mix php_curl
}

@test "PHP curl extension with curl_multi: exit status and stderr as without preecho" {
    behaves_as_without php_curl
}

@test "a multi handle's transfers are taken out and put back at any moment, OpenSSL" {
    changes_its_mind curl_multi_remove_client
}

@test "a multi handle's transfers are taken out and put back at any moment, GnuTLS" {
    changes_its_mind curl_multi_remove_client_gnutls
}
