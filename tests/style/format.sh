#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-format has nothing to change. LTTng's provider headers are tables of macros, which it cannot lay out.
# shellcheck source=tests/style/common.sh
. "$(dirname "$0")/common.sh"
need clang-format clang-format

sources '*.c' '*.h' | grep -v 'tracepoints/src/provider\.h' | xargs clang-format --dry-run -Werror
