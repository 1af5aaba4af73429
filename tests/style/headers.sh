#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every header compiles alone, and the installed ones as C++ too.
# shellcheck source=tests/style/common.sh
. "$(dirname "$0")/common.sh"

failed=0
generated=${ILV_BUILD:?}/generated
libraries=$(pkg-config --cflags libpq libuv jansson libxml-2.0 2>/dev/null || true)
while read -r header; do
  # shellcheck disable=SC2086
  cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -Itracepoints/include -I"$generated" $libraries \
    -fsyntax-only -x c -include "$header" /dev/null || failed=1
done < <(sources '*.h' | grep -v 'tracepoints/src/provider\.h')

if command -v c++ >/dev/null; then
  for header in tracepoints/include/interleave/*.h; do
    c++ -std=c++11 -Wall -Wextra -Werror -Itracepoints/include -fsyntax-only -x c++ \
      -include "$header" /dev/null || failed=1
  done
fi
exit $failed
