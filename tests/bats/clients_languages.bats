#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Ruby, Perl, PHP streams and Node.js.

load helpers.bash
load clients.bash

setup_file() {
    start_upstream
}

teardown_file() {
    stop_upstream
}

setup() {
    fresh_store
}

@test "Ruby net/http: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served ruby_net_http
}

@test "Ruby net/http: a stream is replayed" {
    stream_is_replayed ruby_net_http
}

@test "Ruby net/http: a different credential is a miss" {
    other_credential_misses ruby_net_http
}

@test "Ruby net/http: an upstream error is not recorded" {
    error_is_not_recorded ruby_net_http
}

@test "Ruby net/http: hits and misses mixed in one run" {
    hits_and_misses_mix ruby_net_http
}

@test "Ruby net/http: exit status and stderr as without preecho" {
    behaves_as_without ruby_net_http
}

@test "Perl LWP: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served perl_lwp
}

@test "Perl LWP: a stream is replayed" {
    stream_is_replayed perl_lwp
}

@test "Perl LWP: a different credential is a miss" {
    other_credential_misses perl_lwp
}

@test "Perl LWP: an upstream error is not recorded" {
    error_is_not_recorded perl_lwp
}

@test "Perl LWP: hits and misses mixed in one run" {
    hits_and_misses_mix perl_lwp
}

@test "Perl LWP: exit status and stderr as without preecho" {
    behaves_as_without perl_lwp
}

@test "PHP streams: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served php_streams
}

@test "PHP streams: a stream is replayed" {
    stream_is_replayed php_streams
}

@test "PHP streams: a different credential is a miss" {
    other_credential_misses php_streams
}

@test "PHP streams: an upstream error is not recorded" {
    error_is_not_recorded php_streams
}

@test "PHP streams: hits and misses mixed in one run" {
    hits_and_misses_mix php_streams
}

@test "PHP streams: exit status and stderr as without preecho" {
    behaves_as_without php_streams
}

@test "Node.js https: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served node_https
}

@test "Node.js https: a stream is replayed" {
    stream_is_replayed node_https
}

@test "Node.js https: a different credential is a miss" {
    other_credential_misses node_https
}

@test "Node.js https: an upstream error is not recorded" {
    error_is_not_recorded node_https
}

@test "Node.js https: hits and misses mixed in one run" {
    hits_and_misses_mix node_https
}

@test "Node.js https: exit status and stderr as without preecho" {
    behaves_as_without node_https
}

@test "Node.js, npm package openai: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served node_openai
}

@test "Node.js, npm package openai: a stream is replayed" {
    stream_is_replayed node_openai
}

@test "Node.js, npm package openai: a different credential is a miss" {
    other_credential_misses node_openai
}

@test "Node.js, npm package openai: an upstream error is not recorded" {
    error_is_not_recorded node_openai
}

@test "Node.js, npm package openai: hits and misses mixed in one run" {
    hits_and_misses_mix node_openai
}

@test "Node.js, npm package openai: exit status and stderr as without preecho" {
    behaves_as_without node_openai
}

@test "Ruby net/http: hits and misses with 300 ms of idling between them" {
    idles_between_requests ruby_net_http
}

@test "Perl LWP: hits and misses with 300 ms of idling between them" {
    idles_between_requests perl_lwp
}

@test "Node.js https: hits and misses with 300 ms of idling between them" {
    idles_between_requests node_https
}
