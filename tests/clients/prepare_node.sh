#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's own Node.js 18, which is linked to the shared libssl, and the npm packages of SDKs.
# usage: prepare_node.sh DIR
#
# DIR/node runs it and DIR/npm/node_modules holds the packages. Where `node` is another build,
# Debian's packages are unpacked below DIR; the parts that they look for in /usr/share/nodejs
# are installed if they are missing and may be. Says on stderr why when something is not to be
# had, and leaves it out.
set -eu
mkdir -p "$1"
dir=$(cd "$1" && pwd)
sdks="openai@5.23.2 @anthropic-ai/sdk@0.65.0"
parts="node-cjs-module-lexer node-undici node-acorn node-busboy node-xtend"

is_debian_node() {
    "$1" --version 2>/dev/null | grep -q '^v18\.' || return 1
    library=$(ldd "$1" 2>/dev/null | sed -n 's/.*libnode[^ ]* => \([^ ]*\).*/\1/p')
    ldd "$library" 2>/dev/null | grep -q 'libssl\.so\.3'
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

unpack_node() {
    mkdir -p "$dir/debs"
    (cd "$dir/debs" && apt-get -qq download 'nodejs=18.*' libnode108) >/dev/null 2>&1 ||
        return 1
    for package in "$dir"/debs/*.deb; do
        dpkg -x "$package" "$dir/node18"
    done
    rm -r "$dir/debs"
    if [ ! -e /usr/share/nodejs/undici ]; then
        # shellcheck disable=SC2086 # package names are words
        as_root apt-get -qq install -y --no-install-recommends $parts >/dev/null 2>&1 ||
            return 1
    fi
}

write_starter() {
    library=$(dirname "$(find "$dir/node18/usr/lib" -name 'libnode.so.108' | head -n 1)")
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s/node18/usr/bin/node "$@"\n' \
        "$library" "$dir" >"$dir/node.new"
    chmod +x "$dir/node.new"
    "$dir/node.new" --version >/dev/null 2>&1 || return 1
    mv "$dir/node.new" "$dir/node"
}

if [ ! -x "$dir/node" ]; then
    if is_debian_node /usr/bin/node; then
        ln -s /usr/bin/node "$dir/node"
    elif ! { unpack_node && write_starter; }; then
        echo "Debian's nodejs 18 cannot be had here: its tests are left out" >&2
        exit 0
    fi
fi
for sdk in $sdks; do
    [ ! -e "$dir/npm/node_modules/${sdk%@*}" ] || continue
    npm install --silent --no-audit --no-fund --prefix "$dir/npm" "$sdk" >/dev/null 2>&1 ||
        echo "npm install $sdk failed: its tests are left out" >&2
done
