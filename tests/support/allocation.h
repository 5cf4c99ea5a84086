/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of the code under test, counted, and one of them made to fail.
 * The linker sends malloc and its family here (--wrap, tests/CMakeLists.txt).
 */
#ifndef AC_TESTS_SUPPORT_ALLOCATION_H
#define AC_TESTS_SUPPORT_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

/* From here on allocations are counted, and the one with this number (from 1) fails. */
void ac_allocation_start(size_t fail_at);
void ac_allocation_stop(void);
/* What is made in between neither counts nor fails: it is the stage that a test needs,
 * not what it is about. */
void ac_allocation_pause(void);
void ac_allocation_resume(void);

/* Those made since the start and not freed. */
size_t ac_allocation_live(void);
bool ac_allocation_has_failed(void);

/* Jansson is a library of its own, which the linker does not reach. */
void ac_allocation_hook_jansson(void);

#endif
