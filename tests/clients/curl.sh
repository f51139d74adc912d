#!/bin/sh
# SPDX-License-Identifier: MIT
# The curl command, one process for all requests.
# usage: curl.sh [CURL-OPTION...] -- URL KEY BODY [COUNT [STEP]]
# Options hold no blanks. KEY is the Bearer token, `-` for none; BODY may be @FILE for curl.
set -eu
options=
while [ "$1" != -- ]; do
    options="$options $1"
    shift
done
shift
url=$1 key=$2 body=$3 count=${4:-1} step=${5:-1}
set --
index=0
while [ "$index" -lt "$count" ]; do
    [ "$index" -eq 0 ] || set -- "$@" --next
    data=$body
    case $body in
    *@N@*) data=$(printf '%s' "$body" | sed "s/@N@/$((1 + index * step))/g") ;;
    esac
    # shellcheck disable=SC2086 # the options are words
    set -- "$@" -sS --max-time 20 --fail-with-body -w '\n' $options \
        -H 'Content-Type: application/json' --data-binary "$data" "$url"
    [ "$key" = - ] || set -- "$@" -H "Authorization: Bearer $key"
    index=$((index + 1))
done
exec curl "$@"
