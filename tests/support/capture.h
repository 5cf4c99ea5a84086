/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a piece of code writes to standard output and standard error.
 *
 *     ac_capture_start();
 *     code = ac_report_print("hello\n", &err);
 *     ac_capture_stop();
 *     AC_REQUIRE_OK(code);
 *     CU_ASSERT_STRING_EQUAL(ac_capture_out(), "hello\n");
 *
 * Nothing may leave the test between the two.
 */
#ifndef AC_TESTS_SUPPORT_CAPTURE_H
#define AC_TESTS_SUPPORT_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#define AC_CAPTURE_MAX (256u * 1024u)

void ac_capture_start(void);
/* The same with this file ("/dev/full") in the place of standard output. */
void ac_capture_start_into(const char *path);
void ac_capture_stop(void);

/* Of the last capture, until the next one. */
const char *ac_capture_out(void);
const char *ac_capture_err(void);
/* How often `text` is in what was captured; NULL has it 0 times. */
size_t ac_capture_count(const char *captured, const char *text);
bool ac_capture_has(const char *captured, const char *text);

#endif
