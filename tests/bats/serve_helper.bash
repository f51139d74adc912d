# SPDX-License-Identifier: MIT
# `preecho serve` and nginx in front of it, for the tests of both. They need $PREECHO, wait_until()
# and the configuration's directory $CONFIG.

# rules: the user's file becomes standard input.
rules() {
    cat >"$CONFIG/preecho.conf.new"
    mv "$CONFIG/preecho.conf.new" "$CONFIG/preecho.conf"
}

# serve_start ARG...: the server, at $URL. Its words go to $SERVED.
serve_start() {
    SERVED=$BATS_TEST_TMPDIR/served
    "$PREECHO" serve --listen 127.0.0.1:0 "$@" >"$SERVED" 2>"$SERVED.errors" 3>&- &
    SERVE_PID=$!
    wait_until 10 grep -q "^serving " "$SERVED"
    URL=$(sed -n 's|^serving \(http://[^/]*\)/$|\1|p' "$SERVED")
}

# Ends what serve_start and proxy_start have started.
serve_stop() {
    local pid
    for pid in $SERVE_PID $PROXY_PID; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}

# visit TARGET [OPTION...]: $status_code, $head (field names in lower case) and $body of the answer.
visit() {
    local target=$1 dump=$BATS_TEST_TMPDIR/head
    shift
    body=$(curl -sS --max-time 20 --path-as-is -D "$dump" "$@" "$URL$target")
    status_code=$(awk 'NR == 1 { print $2 }' "$dump")
    head=$(tr -d '\r' <"$dump" | awk -F ': ' '{ sub(/^[^:]*/, tolower($1)) } NR > 1 && $0')
}

# field NAME: of the answer.
field() {
    sed -n "s/^$1: //p" <<<"$head"
}

# assert_none TARGET [OPTION...]: 404, and no more.
assert_none() {
    visit "$@"
    assert_equal "$1: $status_code" "$1: 404"
    assert_equal "$body" ""
    assert_equal "$(field cache-control)" no-store
    assert_equal "$(grep -vE '^(date|cache-control|content-length|connection):' <<<"$head")" ""
}

# given TARGET: it is, at the moment.
given() {
    visit "$1"
    [ "$status_code" = 200 ]
}

# flood COMMAND ARG...: see serve_flood.py.
flood() {
    /usr/bin/python3 "$BATS_TEST_DIRNAME/serve_flood.py" "${URL#http://}" "$@"
}

# proxy_start HOST: nginx with a cache of its own before the server, to which it says this HOST; $URL is its
# address from now on.
proxy_start() {
    PROXY_DIR=$BATS_TEST_TMPDIR/proxy
    mkdir "$PROXY_DIR"
    PROXY_PORT=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
    cat >"$PROXY_DIR/nginx.conf" <<END
$([ "$(id -u)" -ne 0 ] || echo "user root;")
daemon off;
master_process off;
pid $PROXY_DIR/pid;
error_log $PROXY_DIR/errors warn;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path $PROXY_DIR/body;
    proxy_temp_path $PROXY_DIR/temporary;
    fastcgi_temp_path $PROXY_DIR/fastcgi;
    uwsgi_temp_path $PROXY_DIR/uwsgi;
    scgi_temp_path $PROXY_DIR/scgi;
    proxy_cache_path $PROXY_DIR/cache keys_zone=public:1m;
    server {
        listen 127.0.0.1:$PROXY_PORT;
        location / {
            proxy_pass $URL;
            proxy_set_header Host $1;
            proxy_cache public;
            proxy_cache_revalidate on;
            add_header X-Cache \$upstream_cache_status always;
            add_header X-Upstream \$upstream_status always;
        }
    }
}
END
    PATH=$PATH:/usr/sbin setpriv --pdeathsig TERM nginx -p "$PROXY_DIR" -e "$PROXY_DIR/errors" \
        -c "$PROXY_DIR/nginx.conf" >"$PROXY_DIR/output" 2>&1 3>&- &
    PROXY_PID=$!
    URL=http://127.0.0.1:$PROXY_PORT
    wait_until 10 curl -s -o /dev/null "$URL/"
}

# Asks until nginx says this of its cache.
cached_as() {
    visit "${@:2}"
    [ "$(field x-cache)" = "$1" ]
}
