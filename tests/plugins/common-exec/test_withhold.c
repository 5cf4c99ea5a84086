/* SPDX-License-Identifier: Apache-2.0 */
#include "withhold.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static char shown[4096];

/* What is shown of a text, where the environment file has these words; they are laid
 * out as exec_words_add does, which would need memory. */
static const char *show(const char *const *words, bool is_cut, const char *text)
{
    static char bytes[4096];
    struct exec_words secrets = { .bytes = bytes };

    for (; words[secrets.count]; secrets.count++) {
        size_t size = strlen(words[secrets.count]) + 1;

        memcpy(bytes + secrets.size, words[secrets.count], size);
        secrets.size += size;
    }
    (void)snprintf(shown, sizeof shown, "%s", text);
    shown[exec_withhold(&secrets, is_cut, shown, strlen(shown))] = '\0';
    return shown;
}

AC_TEST(values_are_withheld_wherever_they_stand)
{
    static const char *const words[] = { "TOKEN=abcdef", "OTHER=geheim!", NULL };

    CU_ASSERT_STRING_EQUAL(show(words, false, "abcdef: no, xabcdefabcdefy, geheim!"),
                           "***: no, x******y, ***");
    CU_ASSERT_STRING_EQUAL(show(words, false, "abcde gehei"), "abcde gehei");
    CU_ASSERT_STRING_EQUAL(show(words, false, ""), "");
}

AC_TEST(longest_value_is_withheld_whole)
{
    static const char *const words[] = { "A=secret", "B=secret-of-b", NULL };

    CU_ASSERT_STRING_EQUAL(show(words, false, "it is secret-of-b!"), "it is ***!");
    CU_ASSERT_STRING_EQUAL(show(words, false, "it is secret-of-c"), "it is ***-of-c");
}

AC_TEST(what_is_short_or_in_every_environment_is_shown)
{
    static const char *const words[] = {
        "A=12345",      "B=", "HOME=/var/lib/acmecore", "PATH=/usr/bin:/bin",
        "LANG=C.UTF-8", NULL
    };
    static const char text[] = "12345 /var/lib/acmecore /usr/bin:/bin C.UTF-8";

    CU_ASSERT_STRING_EQUAL(show(words, true, text), text);
}

AC_TEST(value_that_is_cut_off_is_withheld)
{
    static const char *const words[] = { "TOKEN=0123456789", NULL };

    CU_ASSERT_STRING_EQUAL(show(words, true, "3456789 is bad"), "*** is bad");
    CU_ASSERT_STRING_EQUAL(show(words, false, "3456789 is bad"), "3456789 is bad");
    CU_ASSERT_STRING_EQUAL(show(words, false, "bad: 0123456"), "bad: ***");
    CU_ASSERT_STRING_EQUAL(show(words, true, "56789 bad: 01234"), "56789 bad: 01234");
}

AC_TEST(without_secrets_nothing_is_changed)
{
    char text[] = "text";

    CU_ASSERT_EQUAL(exec_withhold(NULL, true, text, 4), 4);
    CU_ASSERT_STRING_EQUAL(text, "text");
}

AC_SUITE("common-exec/withhold", AC_CASE(values_are_withheld_wherever_they_stand),
         AC_CASE(longest_value_is_withheld_whole),
         AC_CASE(what_is_short_or_in_every_environment_is_shown),
         AC_CASE(value_that_is_cut_off_is_withheld),
         AC_CASE(without_secrets_nothing_is_changed))
