#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck has nothing to say about our scripts.
# shellcheck source=tests/style/common.sh
. "$(dirname "$0")/common.sh"
need shellcheck shellcheck

sources '*.sh' '.ci/run' | xargs shellcheck -x --severity=warning
