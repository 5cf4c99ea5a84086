#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh GOOD BAD: GOOD must pass in both modes, BAD must be found out in both.
set -u
good=$1
bad=$2
failures=0

expect()
{
    if ! printf '%s\n' "$output" | grep -q -- "$1"; then
        printf 'not found: %s\nin:\n%s\n' "$1" "$output"
        failures=$((failures + 1))
    fi
}

output=$("$good" 2>&1) || failures=$((failures + 1))
expect 'asserts  *12  *12  *12  *0'
output=$("$good" --torture 2>&1) || failures=$((failures + 1))
expect '^5 passed, 0 failed$'

output=$("$bad" 2>&1) && failures=$((failures + 1))
expect 'CU_ASSERT_EQUAL(1,2)'
expect 'the test asserts nothing'
output=$("$bad" --torture 2>&1) && failures=$((failures + 1))
expect 'leaks_when_an_allocation_fails, allocation 2: 1 allocations left over'
expect 'crashes_when_an_allocation_fails, allocation 1: '
expect 'names_another_reason.*, allocation 1: misleading() gives AC_OK (code'
expect '^2 passed, 3 failed$'

[ "$failures" -eq 0 ] && echo "harness: good passes, bad is found out"
exit "$((failures > 0))"
