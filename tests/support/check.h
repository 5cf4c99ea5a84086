/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The harness of every unit test: CUnit, and the same tests again with the first,
 * second, ... nth allocation failing.
 *
 *     AC_TEST(empty_text_has_size_zero)
 *     {
 *         struct ac_error err = { 0 };
 *         AC_AUTO(ac_text) text = { 0 };
 *
 *         AC_REQUIRE_OK(ac_text_append(&text, "", &err));
 *
 *         CU_ASSERT_EQUAL(text.size, 0);
 *     }
 *
 *     AC_SUITE("base/text", AC_CASE(empty_text_has_size_zero))
 *
 * A program without options runs all tests and ends with CUnit's summary; a test that
 * asserts nothing is a failure. Options: --torture, --list, --only NAME, and --at N
 * (with --torture --only: the nth allocation fails, in this process, for a debugger).
 *
 * In torture mode each test runs once for each allocation that it makes, in a process
 * of its own. What CU_ASSERT_* and AC_REQUIRE say is not counted there; a crash, a
 * hang, an allocation that is left over, and a code other than AC_E_NOMEM are failures.
 * Only allocations of our own code and of Jansson are counted and made to fail.
 */
#ifndef AC_TESTS_SUPPORT_CHECK_H
#define AC_TESTS_SUPPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <CUnit/CUnit.h>

#include "base/error.h"

struct ac_case {
    const char *name;
    void (*run)(void);
};

#define AC_TEST(name) static void name(void)
#define AC_CASE(test)                                                                  \
    {                                                                                  \
        .name = #test, .run = (test)                                                   \
    }

/* Makes main(). Comes last in the file. */
#define AC_SUITE(suite, ...)                                                           \
    int main(int argc, char **argv)                                                    \
    {                                                                                  \
        static const struct ac_case cases[] = { __VA_ARGS__ };                         \
                                                                                       \
        return ac_check_main(suite, cases, sizeof(cases) / sizeof(cases[0]), argc,     \
                             argv);                                                    \
    }

#ifndef __clang_analyzer__
#define AC_CHECK_TRUE_ ac_check_true
#define AC_CHECK_CODE_ ac_check_code
#else /* it looks at one file at a time and must see what lets a test go on */
#define AC_CHECK_TRUE_(condition, ...)  (condition)
#define AC_CHECK_CODE_(code, want, ...) ((code) == (want))
#endif

/* These leave the test by return, so that AC_AUTO cleans up. */
#define AC_REQUIRE(condition)                                                          \
    do {                                                                               \
        if (!AC_CHECK_TRUE_((condition), #condition, __FILE__, __LINE__))              \
            return;                                                                    \
    } while (0)

#define AC_REQUIRE_OK(call) AC_REQUIRE_CODE(call, AC_OK)

/* Torture mode takes AC_E_NOMEM instead of the wanted code, and leaves the test. */
#define AC_REQUIRE_CODE(call, want)                                                    \
    do {                                                                               \
        if (!AC_CHECK_CODE_((int)(call), (int)(want), #call " gives " #want, __FILE__, \
                            __LINE__))                                                 \
            return;                                                                    \
    } while (0)

/* For tests that would take too long with every allocation failing. */
bool ac_check_is_torture(void);

/*
 * A folder of this test alone, mode 0700, removed after it. NULL when it cannot be
 * made. The path holds until the test ends.
 */
const char *ac_test_folder(void);

/* "<folder of the test>/<name>"; one of eight buffers that are used in turn. */
const char *ac_test_path(const char *name);

/* Writes a new file or replaces one, mode 0600; false when that fails. */
bool ac_test_write_file(const char *path, const void *data, size_t size);

/*
 * Reads up to size - 1 bytes and ends them with NUL. The number of bytes, or -1 when
 * the file cannot be read or is longer.
 */
ssize_t ac_test_read_file(const char *path, char *buffer, size_t size);

/* Behind the macros. */
int ac_check_main(const char *suite, const struct ac_case *cases, size_t case_count,
                  int argc, char **argv);
bool ac_check_true(bool condition, const char *text, const char *file, int line);
bool ac_check_code(int code, int want, const char *text, const char *file, int line);

#endif
