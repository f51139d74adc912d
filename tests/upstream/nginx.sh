#!/bin/sh
# SPDX-License-Identifier: MIT
# Puts Debian's nginx in front of a running upstream for TLS and HTTP/2.
# usage: nginx.sh DIR     DIR is the upstream's; DIR/ports gets a line H2_PORT=…
# nginx replaces this shell: the caller stops it by the process id, and it ends with the caller.
set -eu
dir=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC1091 # written by the upstream
. "$dir/ports"

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

H2_PORT=$(free_port)
sed -e "s|@DIR@|$dir|g" -e "s|@PLAIN_PORT@|$PLAIN_PORT|" -e "s|@H2_PORT@|$H2_PORT|" \
    "$here/nginx.conf.in" >"$dir/nginx.conf"
[ "$(id -u)" -ne 0 ] || echo "user root;" >>"$dir/nginx.conf"
echo "H2_PORT=$H2_PORT" >>"$dir/ports"
PATH=$PATH:/usr/sbin
exec setpriv --pdeathsig TERM nginx -p "$dir" -e "$dir/nginx-error.log" -c "$dir/nginx.conf"
