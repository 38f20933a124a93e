#!/bin/sh
# Fails, naming it, when one of the given files needs a library that a device may not have, or when
# the shared one shows more than the functions of its header.
set -eu
for file in "$@"; do
    needed=$(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    test -n "$needed" || { echo "$file needs nothing: is it what it should be?"; exit 1; }
    for library in $needed; do
        case $library in
            libcrypto.so.* | libssl.so.* | libsecp256k1.so.* | libstdc++.so.* | libm.so.* | libgcc_s.so.* | libc.so.*) ;;
            ld-linux*) ;;
            libasan.so.* | libubsan.so.* | libtsan.so.*) ;; # of a build with checks
            *) echo "$file needs $library"; exit 1 ;;
        esac
    done
done
shown=$(nm -D --defined-only "$1" | awk '{ print $3 }' | grep -v '^mlr_' || true)
test -z "$shown" || { echo "$1 shows $shown"; exit 1; }
test "$(nm -D --defined-only "$1" | grep -c ' T mlr_')" -ge 20 || { echo "$1 lacks its functions"; exit 1; }
