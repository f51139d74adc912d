#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs on libssl itself: the openssl command, dlsym, threads, fork, closed descriptors.

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

@test "openssl s_client: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served s_client
}

@test "openssl s_client: a stream is replayed" {
    stream_is_replayed s_client
}

@test "openssl s_client: a different credential is a miss" {
    other_credential_misses s_client
}

@test "openssl s_client: an upstream error is not recorded" {
    error_is_not_recorded s_client
}

@test "openssl s_client: hits and misses mixed in one run" {
    hits_and_misses_mix s_client
}

@test "openssl s_client: exit status and stderr as without preecho" {
    behaves_as_without s_client
}

@test "a program that dlopens libssl and uses dlsym: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served dlopen_client
}

@test "a program that dlopens libssl and uses dlsym: a stream is replayed" {
    stream_is_replayed dlopen_client
}

@test "a program that dlopens libssl and uses dlsym: a different credential is a miss" {
    other_credential_misses dlopen_client
}

@test "a program that dlopens libssl and uses dlsym: an upstream error is not recorded" {
    error_is_not_recorded dlopen_client
}

@test "a program that dlopens libssl and uses dlsym: hits and misses mixed in one run" {
    hits_and_misses_mix dlopen_client
}

@test "a program that dlopens libssl and uses dlsym: exit status and stderr as without preecho" {
    behaves_as_without dlopen_client
}

@test "two TLS threads: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served threads_client
}

@test "two TLS threads: a stream is replayed" {
    stream_is_replayed threads_client
}

@test "two TLS threads: a different credential is a miss" {
    other_credential_misses threads_client
}

@test "two TLS threads: an upstream error is not recorded" {
    error_is_not_recorded threads_client
}

@test "two TLS threads: hits and misses mixed in one run" {
    hits_and_misses_mix threads_client
}

@test "two TLS threads: exit status and stderr as without preecho" {
    behaves_as_without threads_client
}

@test "a program that forks after its first request: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served fork_client
}

@test "a program that forks after its first request: a stream is replayed" {
    stream_is_replayed fork_client
}

@test "a program that forks after its first request: a different credential is a miss" {
    other_credential_misses fork_client
}

@test "a program that forks after its first request: an upstream error is not recorded" {
    error_is_not_recorded fork_client
}

@test "a program that forks after its first request: hits and misses mixed in one run" {
    hits_and_misses_mix fork_client
}

@test "a program that forks after its first request: exit status and stderr as without preecho" {
    behaves_as_without fork_client
}

@test "a program that goes into the background: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served fork_client-daemon
}

@test "a program that goes into the background: a stream is replayed" {
    stream_is_replayed fork_client-daemon
}

@test "a program that goes into the background: a different credential is a miss" {
    other_credential_misses fork_client-daemon
}

@test "a program that goes into the background: an upstream error is not recorded" {
    error_is_not_recorded fork_client-daemon
}

@test "a program that goes into the background: hits and misses mixed in one run" {
    hits_and_misses_mix fork_client-daemon
}

@test "a program that goes into the background: exit status and stderr as without preecho" {
    behaves_as_without fork_client-daemon
}

@test "a program that closes every descriptor: first run recorded, second run identical to the byte, upstream untouched" {
    second_run_is_served closeall_client
}

@test "a program that closes every descriptor: a stream is replayed" {
    stream_is_replayed closeall_client
}

@test "a program that closes every descriptor: a different credential is a miss" {
    other_credential_misses closeall_client
}

@test "a program that closes every descriptor: an upstream error is not recorded" {
    error_is_not_recorded closeall_client
}

@test "a program that closes every descriptor: hits and misses mixed in one run" {
    hits_and_misses_mix closeall_client
}

@test "a program that closes every descriptor: exit status and stderr as without preecho" {
    behaves_as_without closeall_client
}

@test "two TLS threads that start at the same moment, 200 times: every request is served" {
    local i
    need_client threads_client
    upstream_sees 8 run_client "$KEY" "$BODY" 8
    keep first
    for i in $(seq 200); do
        hit run_client "$KEY" "$BODY" 8
        same_as first
    done
}
