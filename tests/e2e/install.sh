#!/bin/sh
# What "make install" puts in place: the command runs, a program builds against the library by pkg-config.
. "${srcdir:-.}/tests/e2e/lib.sh"
need pkg-config nm
[ -f Makefile ] || exit 77
nm "$u" 2>/dev/null | grep -q __asan_init && { echo "sanitizers: skipped"; exit 77; }

dest=$tmp/dest
value() { sed -n "s/^$1 = //p" Makefile; }
prefix=$(value prefix)
# Not the jobs of the make that runs this test.
MAKEFLAGS='' MFLAGS='' ${MAKE:-make} install DESTDIR="$dest" >"$tmp/log" 2>&1 || { tail -n 20 "$tmp/log"; fault "make install"; finish; }
"$dest$prefix/bin/uctriage" --version >"$tmp/out" || fault "the installed command"
exits 1 "$dest$prefix/bin/uctriage" -f json "$data/incident"
cp "$tmp/out" "$tmp/want"
find "$dest" -name 'uctriage.1*' | grep -q . || fault "no manual page installed"

export PKG_CONFIG_SYSROOT_DIR="$dest" PKG_CONFIG_PATH="$dest$prefix/lib/pkgconfig"
pkg-config --exists uctriage || fault "pkg-config does not find it"
[ "$(pkg-config --modversion uctriage)" = "$(value PACKAGE_VERSION)" ] || fault "version of the pkg-config file"
cc=$(value CC)
# Strictly the public header, as C11 and as C++
$cc -std=c11 -pedantic -Wall -Wextra -Werror $(pkg-config --cflags uctriage) -o "$tmp/consumer" \
    "$top/tests/e2e/consumer.c" $(pkg-config --libs uctriage) 2>"$tmp/err" || { cat "$tmp/err"; fault "consumer.c does not build"; }
echo '#include <uctriage.h>
int main() { uct_options o; uct_options_init(&o); return 0; }' >"$tmp/c.cc"
if command -v c++ >/dev/null 2>&1; then
    c++ -Wall -Wextra -Werror $(pkg-config --cflags uctriage) -fsyntax-only "$tmp/c.cc" 2>"$tmp/err" || { cat "$tmp/err"; fault "C++"; }
fi
LD_LIBRARY_PATH="$dest$prefix/lib" "$tmp/consumer" "$data/incident" >"$tmp/out"
[ $? -eq 1 ] || fault "exit code of the consumer"
same "$tmp/want" "$tmp/out" "the library's report and the command's"
# Nothing but uct_ names is exported.
nm -D --defined-only "$dest$prefix"/lib/libuctriage.so | awk '$3 !~ /^uct_/ && $2 ~ /[TDBR]/ { print; bad = 1 } END { exit bad }' ||
    fault "names without uct_ are exported"
MAKEFLAGS='' MFLAGS='' ${MAKE:-make} uninstall DESTDIR="$dest" >"$tmp/log" 2>&1 || fault "make uninstall"
[ -z "$(find "$dest" -type f)" ] || { find "$dest" -type f; fault "files are left after make uninstall"; }
finish
