#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a certificate authority and a server certificate for loopback on the spot.
# usage: ca.sh DIR      writes DIR/ca.pem, DIR/server.pem, DIR/server.key, and DIR/expired.pem, a
#                       certificate of the same key whose days are over
set -eu
dir=$1
mkdir -p "$dir"
names="DNS:localhost,IP:127.0.0.1,IP:::1,DNS:api.openai.com,DNS:api.anthropic.com"
names="$names,DNS:generativelanguage.googleapis.com,DNS:api.cohere.com,DNS:api.mistral.ai"
names="$names,DNS:*.openai.azure.com,DNS:bedrock-runtime.us-east-1.amazonaws.com"

new_key() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null
}

new_key "$dir/ca.key"
openssl req -x509 -new -key "$dir/ca.key" -days 30 -subj "/CN=preecho test CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=keyCertSign" \
    -out "$dir/ca.pem"
new_key "$dir/server.key"
openssl req -new -key "$dir/server.key" -subj "/CN=localhost" -out "$dir/server.csr"
printf '%s\n' "subjectAltName=$names" "basicConstraints=CA:FALSE" \
    "extendedKeyUsage=serverAuth" >"$dir/server.ext"

# certify DAYS NAME
certify() {
    openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
        -CAcreateserial -days "$1" -extfile "$dir/server.ext" -out "$dir/$2" 2>/dev/null
}

certify 30 server.pem
certify -1 expired.pem
rm -f "$dir/server.csr" "$dir/server.ext" "$dir/ca.key" "$dir/ca.srl"
