#!/usr/bin/env bash
# Puts ONNX Runtime 1.21 into .cache/onnxruntime: include/ for the compiler, lib/libonnxruntime.so.1
# for dlopen. Debian 13 has a package; older releases get the library out of the npm package
# onnxruntime-node and the headers out of Debian 13's libonnxruntime-dev, which is unpacked and
# never installed. Runs again in a moment when all is there; an interrupted run leaves no half of it.
set -euo pipefail

readonly version=1.21.0
readonly npm_sha512_base64=NeaCX6WW2L8cRCSqy3bInlo5ojjQqu2fD3D+9W5qb5irwxhEyWKXeH2vZ8W9r6VxaMPUan+4/7NDwZMtouZxEw==
readonly deb_version=1.21.0+dfsg-1
readonly deb_sha256_amd64=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
readonly stamp="onnxruntime $version layout 1"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root target=$root/.cache/onnxruntime work=$root/.cache/onnxruntime.part

fail() {
    printf 'fetch_onnxruntime: %s\n' "$*" >&2
    exit 1
}

complete() {
    [ "$(cat "$target/stamp" 2>/dev/null)" = "$stamp" ] && [ -e "$target/lib/libonnxruntime.so.1" ] &&
        [ -e "$target/include/onnxruntime_cxx_api.h" ]
}

# The machine's own package: links to it, so that its security updates reach us.
from_system() {
    local library
    [ -e /usr/include/onnxruntime/onnxruntime_cxx_api.h ] || return 1
    library=$(ldconfig -p | awk '$1 == "libonnxruntime.so.1" || $1 ~ /^libonnxruntime\.so\.1\./ { print $NF; exit }')
    [ -n "$library" ] || return 1
    mkdir -p "$work/new/lib"
    ln -sfn /usr/include/onnxruntime "$work/new/include"
    ln -sfn "$library" "$work/new/lib/libonnxruntime.so.1"
}

# npm calls the machines otherwise than Debian does.
npm_arch() {
    case $(dpkg --print-architecture) in
        amd64) echo x64 ;;
        arm64) echo arm64 ;;
        *) fail "onnxruntime-node has no library for $(dpkg --print-architecture); install ONNX Runtime $version" \
            "by hand and pass -DONNXRUNTIME_ROOT=DIR to cmake" ;;
    esac
}

right_tarball() {
    local want got
    [ -s "$1" ] || return 1
    want=$(printf %s "$npm_sha512_base64" | base64 -d | od -An -v -tx1 | tr -d ' \n')
    got=$(sha512sum "$1")
    [ "${got%% *}" = "$want" ]
}

fetch_library() {
    local tarball=$work/onnxruntime-node-$version.tgz arch member
    arch=$(npm_arch)
    if ! right_tarball "$tarball"; then
        rm -f "$tarball"
        echo "onnxruntime: npm package onnxruntime-node@$version (80 MB)"
        (cd "$work" && npm pack --silent --ignore-scripts "onnxruntime-node@$version" >/dev/null) ||
            fail "npm could not fetch onnxruntime-node@$version"
        right_tarball "$tarball" || fail "onnxruntime-node@$version is not the package we pinned (sha512 differs)"
    fi
    mkdir -p "$work/new/lib"
    member=$(tar -tzf "$tarball" | grep -E "^package/bin/napi-v[0-9]+/linux/$arch/libonnxruntime\.so\.1$") ||
        fail "no library for $arch in the npm package"
    tar -xzf "$tarball" -O "$member" >"$work/new/lib/libonnxruntime.so.1"
}

# The machine's own Debian mirrors, each with the suite exchanged; no host is named here.
trixie_sources() {
    # shellcheck disable=SC2016  # apt fills these in
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk '$3 == "main" && $2 !~ /-/ { print $1 }' | sort -u
}

# An apt that knows only that mirror and writes only below our folder.
private_apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o APT::Default-Release= \
        -o Dir::State::lists="$work/apt/lists" -o Dir::State::status="$work/apt/status" \
        -o Dir::Cache="$work/apt/cache" -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 "$@"
}

download_headers() {
    local source keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=''
    [ ! -e "$keyring" ] || signed="[signed-by=$keyring] "
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
    : >"$work/apt/status"
    while read -r source; do
        echo "deb $signed$source trixie main" >"$work/apt/sources.list"
        if private_apt update 2>"$work/apt/log" &&
            (cd "$work" && { private_apt download "libonnxruntime-dev=$deb_version" 2>>"$work/apt/log" ||
                private_apt download 'libonnxruntime-dev=1.21.*' 2>>"$work/apt/log"; }); then
            return 0
        fi
    done < <(trixie_sources)
    [ ! -s "$work/apt/log" ] || cat "$work/apt/log" >&2
    fail "none of this machine's Debian mirrors gave libonnxruntime-dev $deb_version from Debian 13"
}

fetch_headers() {
    local deb sum
    echo "onnxruntime: headers from Debian 13's libonnxruntime-dev"
    rm -f "$work"/libonnxruntime-dev_*.deb
    download_headers
    deb=$(echo "$work"/libonnxruntime-dev_*.deb)
    sum=$(sha256sum "$deb")
    # Our own pin is for one file; another architecture or a later revision stands on apt's signature.
    case $(basename "$deb") in
        libonnxruntime-dev_"$deb_version"_amd64.deb)
            [ "${sum%% *}" = "$deb_sha256_amd64" ] || fail "libonnxruntime-dev is not the package we pinned (sha256 differs)" ;;
        *) echo "onnxruntime: $(basename "$deb") checked by apt's signature only" ;;
    esac
    rm -rf "$work/deb"
    dpkg-deb -x "$deb" "$work/deb"
    mv "$work/deb/usr/include/onnxruntime" "$work/new/include"
}

complete && exit 0
mkdir -p "$work"
exec 9>"$root/.cache/onnxruntime.lock"
flock 9
complete && exit 0
rm -rf "$work/new"
if ! from_system; then
    command -v npm >/dev/null || fail "npm is missing (run ./dev setup)"
    fetch_library
    fetch_headers
fi
printf '%s\n' "$stamp" >"$work/new/stamp"
rm -rf "$target"
mv "$work/new" "$target"
rm -rf "$work"
echo "onnxruntime: $version is in .cache/onnxruntime"
