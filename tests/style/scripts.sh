#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Our scripts pass shellcheck.
# shellcheck source=tests/style/common.sh
. "$(dirname "$0")/common.sh"
need shellcheck shellcheck

sources '*.sh' '.ci/run' | xargs shellcheck -x --severity=warning
