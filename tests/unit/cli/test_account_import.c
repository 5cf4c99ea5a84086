/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "account_at.h"

#include <sys/stat.h>

/* A file with the key of the stored account. */
static const char *key_file(void)
{
    const char *path = ac_test_path("key.json");

    if (!ac_test_write_file(path, AC_KEYS_EC, strlen(AC_KEYS_EC))
        || chmod(path, 0600) != 0)
        return "";
    return path;
}

AC_TEST(import_says_what_came_of_it)
{
    static const struct {
        bool was_held, is_new;
        const char *result, *line;
    } cases[] = {
        { true, false, "held", "This key is held already; its account: " URL },
        { false, false, "found",
          "The CA knows this key; its account is held now: " URL },
        { false, true, "registered",
          "The CA did not know this key; a new account is registered with it: " URL },
    };
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err)); /* as the import leaves it */
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        fake.imported.was_held = cases[i].was_held;
        fake.imported.account.is_new = cases[i].is_new;
        CU_ASSERT_EQUAL(run_program(IN_STATE("account", "import", key_file(), AT_CA)),
                        0);
        CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), cases[i].line));
        CU_ASSERT_EQUAL(
            run_program(IN_STATE("account", "import", key_file(), AT_CA, "--json")), 0);
        AC_AUTO(ac_json) *document = printed();
        AC_REQUIRE(document != NULL);
        CU_ASSERT_STRING_EQUAL(text_of(document, "result"), cases[i].result);
        CU_ASSERT_STRING_EQUAL(text_of(document, "thumbprint"), THUMBPRINT);
    }
    CU_ASSERT_EQUAL(fake.imports, 2 * AC_COUNT(cases));
}

AC_TEST(import_reads_the_file_before_it_asks_anybody)
{
    have_account();
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("account", "import", ac_test_path("none"), AT_CA)), 2);
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "import", AT_CA)), 2);
    CU_ASSERT_PTR_NULL(fake.settings.store);
    CU_ASSERT_EQUAL(fake.imports, 0);
}

AC_TEST(import_fails_as_the_run_does)
{
    have_account();
    fake_fail(AC_E_NOTFOUND, "the CA knows no account of this key");
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "import", key_file(), AT_CA)), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "knows no account of this key"));
}

AC_SUITE("cli/account_import", AC_CASE(import_says_what_came_of_it),
         AC_CASE(import_reads_the_file_before_it_asks_anybody),
         AC_CASE(import_fails_as_the_run_does))
