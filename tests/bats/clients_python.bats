#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Python's HTTP clients on the interpreter's own libssl binding.

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

@test "Python urllib: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served python_urllib
}

@test "Python urllib: a stream is replayed" {
    stream_is_replayed python_urllib
}

@test "Python urllib: a different credential is a miss" {
    other_credential_misses python_urllib
}

@test "Python urllib: an upstream error is not recorded" {
    error_is_not_recorded python_urllib
}

@test "Python urllib: hits and misses mixed in one run" {
    hits_and_misses_mix python_urllib
}

@test "Python urllib: exit status and stderr as without preecho" {
    behaves_as_without python_urllib
}

@test "Python requests: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served python_requests
}

@test "Python requests: a stream is replayed" {
    stream_is_replayed python_requests
}

@test "Python requests: a different credential is a miss" {
    other_credential_misses python_requests
}

@test "Python requests: an upstream error is not recorded" {
    error_is_not_recorded python_requests
}

@test "Python requests: hits and misses mixed in one run" {
    hits_and_misses_mix python_requests
}

@test "Python requests: exit status and stderr as without preecho" {
    behaves_as_without python_requests
}

@test "Python httpx: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served python_httpx
}

@test "Python httpx: a stream is replayed" {
    stream_is_replayed python_httpx
}

@test "Python httpx: a different credential is a miss" {
    other_credential_misses python_httpx
}

@test "Python httpx: an upstream error is not recorded" {
    error_is_not_recorded python_httpx
}

@test "Python httpx: hits and misses mixed in one run" {
    hits_and_misses_mix python_httpx
}

@test "Python httpx: exit status and stderr as without preecho" {
    behaves_as_without python_httpx
}

@test "Python httpx async, 50 at once: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served python_httpx_async
}

@test "Python httpx async, 50 at once: a stream is replayed" {
    stream_is_replayed python_httpx_async
}

@test "Python httpx async, 50 at once: a different credential is a miss" {
    other_credential_misses python_httpx_async
}

@test "Python httpx async, 50 at once: an upstream error is not recorded" {
    error_is_not_recorded python_httpx_async
}

@test "Python httpx async, 50 at once: hits and misses mixed in one run" {
    hits_and_misses_mix python_httpx_async
}

@test "Python httpx async, 50 at once: exit status and stderr as without preecho" {
    behaves_as_without python_httpx_async
}

@test "Python aiohttp, 50 at once: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served python_aiohttp
}

@test "Python aiohttp, 50 at once: a stream is replayed" {
    stream_is_replayed python_aiohttp
}

@test "Python aiohttp, 50 at once: a different credential is a miss" {
    other_credential_misses python_aiohttp
}

@test "Python aiohttp, 50 at once: an upstream error is not recorded" {
    error_is_not_recorded python_aiohttp
}

@test "Python aiohttp, 50 at once: hits and misses mixed in one run" {
    hits_and_misses_mix python_aiohttp
}

@test "Python aiohttp, 50 at once: exit status and stderr as without preecho" {
    behaves_as_without python_aiohttp
}

@test "Python requests: hits and misses with 300 ms of idling between them" {
    idles_between_requests python_requests
}

@test "Python httpx: hits and misses with 300 ms of idling between them" {
    idles_between_requests python_httpx
}

@test "Python aiohttp on one connection: hits and misses with 300 ms of idling between them" {
    idles_between_requests python_aiohttp_one
}
