#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An installed copy is enough for programs outside the tree, in C and C++, through pkg-config and through CMake; they run
# without a daemon and say nothing, and with one their events arrive. The C program is the catalogue's own example.
# Usage: install.sh CMAKE BUILD SOURCE CC
set -euo pipefail
# shellcheck source=tests/tracepoints/record.sh
. "$(dirname "$0")/record.sh"

cmake=$1 build=$2 source=$3 cc=$4
need pkg-config pkg-config
need c++ g++

quietly() {
  "$@" >"$work/command.log" 2>&1 || fail "it failed: $*: $(tail -20 "$work/command.log")"
}

# Only what this area installs, so that the rest of the build need not be finished.
quietly "$cmake" --install "$build/tracepoints" --prefix "$work/prefix"
pc=$(find "$work/prefix" -name interleave.pc)
[ -n "$pc" ] || fail "no interleave.pc was installed"
library_dir=$(dirname "$(dirname "$pc")")
[ -z "$(find "$work/prefix" -name recorder_events.h)" ] || fail "a private header was installed"
# Moved, to see that nothing in it names the place it was installed to.
mv "$work/prefix" "$work/moved"
library_dir=${library_dir/$work\/prefix/$work/moved}
export PKG_CONFIG_PATH=$library_dir/pkgconfig

mkdir "$work/outside"
cd "$work/outside"
awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$source/docs/events.md" >example.c
[ -s example.c ] || fail "the catalogue has no example"
cat >example.cpp <<'END'
#include <interleave/events.h>
#include <interleave/pthread.h>
#include <interleave/trace.h>

int main()
{
	ilv_trace_phase_begin("from C++");
	return ilv_version()[0] == '\0';
}
END
read -ra flags <<<"$(pkg-config --cflags --libs interleave)"
read -ra compile_flags <<<"$(pkg-config --cflags interleave)"
read -ra sanitizers <<<"${ILV_TEST_SANITIZE:+-fsanitize=$ILV_TEST_SANITIZE}"
quietly "$cc" -Wall -Wextra -Wpedantic -Werror "${sanitizers[@]}" example.c -o c-program "${flags[@]}"
echo '#include <interleave/trace.h>' >strict.c
quietly "$cc" -std=c99 -Wall -Wextra -Wpedantic -Werror -c strict.c "${compile_flags[@]}"
quietly c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror "${sanitizers[@]}" example.cpp -o cpp-program "${flags[@]}"

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(outside C CXX)
find_package(interleave 0.1 REQUIRED)
add_executable(cmake-c example.c)
add_executable(cmake-cpp example.cpp)
target_link_libraries(cmake-c interleave::interleave)
target_link_libraries(cmake-cpp interleave::interleave)
END
quietly "$cmake" -S . -B build -G Ninja -DCMAKE_PREFIX_PATH="$work/moved" -DCMAKE_C_COMPILER="$cc" \
  -DCMAKE_C_FLAGS="${sanitizers[*]}" -DCMAKE_CXX_FLAGS="${sanitizers[*]}"
quietly "$cmake" --build build

export LD_LIBRARY_PATH=$library_dir
for program in ./c-program ./cpp-program build/cmake-c build/cmake-cpp; do
  ILV_IN_PRIVATE_PLACE=0 ILV_NO_SESSIOND=1 LTTNG_UST_REGISTER_TIMEOUT=0 "$source/tests/lib/with-sessiond.sh" \
    "$program" >out 2>&1 ||
    fail "$program fails where no daemon runs: $(cat out)"
  [ ! -s out ] || fail "$program is not silent: $(cat out)"

  name=$(basename "$program")
  status=$(record "$name" "$program")
  [ "$status" = 0 ] || fail "$program ended with $status: $(cat "$work/$name.err")"
  events "$name" >events
  case $name in
    *cpp*) grep -q '^phase_begin: .*name = "from C++"' events || fail "the event of $program did not arrive" ;;
    *)
      [ "$(grep -c '^thread_start: .*name = "worker", role = ( "job"' events)" = 2 ] ||
        fail "the threads of $program did not arrive"
      [ "$(grep -c '^lock_acquire: ' events)" = 2 ] || fail "the locks of $program did not arrive"
      ;;
  esac
done
