#!/bin/sh
# SPDX-License-Identifier: MIT
# `openssl s_client`: select and a socket BIO; prints the answer's body as it came, chunks and
# all. One process for each request.
# usage: s_client.sh URL KEY BODY [COUNT [STEP]]
set -eu
url=$1 key=$2 body=$3 count=${4:-1} step=${5:-1}
place=${url#https://}
host=${place%%/*}
path=/${place#*/}
index=0
while [ "$index" -lt "$count" ]; do
    number=$((1 + index * step))
    data=$(printf '%s' "$body" | sed "s/@N@/$number/g")
    size=$(printf '%s' "$data" | wc -c)
    printf 'POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%s\r\n%s\r\n%s\r\n\r\n%s' \
        "$path" "$host" "$key" 'Content-Type: application/json' 'Connection: close' \
        "Content-Length: $size" "$data" |
        openssl s_client -quiet -verify_quiet -CAfile "$SSL_CERT_FILE" \
            -servername "${host%:*}" -connect "$host" | sed '1,/^\r$/d'
    echo
    index=$((index + 1))
done
