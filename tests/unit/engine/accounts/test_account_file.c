/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_file.h"

#include "check.h"
#include "keys.h"

#include <string.h>
#include <unistd.h>

#define URL "https://ca.example/dir"

int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

/* account.json of an account with this status. */
static enum ac_code save(struct ac_store *store, const char *folder, const char *status,
                         struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_json_new(&document, err, "{s:s, s:s, s:s}", "directory", URL, "url",
                       "https://ca.example/1", "status", status));
    return ac_account_file_save(store, folder, document, err);
}

AC_TEST(accounts_of_one_ca_have_folders_of_their_own)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *bare = NULL;
    AC_AUTO_TEXT char *same = NULL;
    AC_AUTO_TEXT char *other = NULL;

    AC_REQUIRE_OK(ac_account_file_folder(URL, NULL, &bare, &err));
    AC_REQUIRE_OK(ac_account_file_folder(URL, AC_ACCOUNT_DEFAULT, &same, &err));
    AC_REQUIRE_OK(ac_account_file_folder(URL, "ops-2", &other, &err));

    CU_ASSERT_STRING_EQUAL(bare, same);
    CU_ASSERT_EQUAL(strncmp(other, bare, strlen(bare)), 0);
    CU_ASSERT_STRING_EQUAL(other + strlen(bare), "@ops-2");
}

AC_TEST(names_that_could_be_something_else_are_refused)
{
    static const char *const names[] = { "",    "a.b", "../x",    "a@b",
                                         "a/b", "a b", "\xC3\xA4" };
    char longest[AC_ACCOUNT_NAME_MAX + 2];
    struct ac_error err = { 0 };
    char *folder = NULL;

    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < AC_COUNT(names); i++)
        AC_REQUIRE_CODE(ac_account_file_folder(URL, names[i], &folder, &err),
                        AC_E_USAGE);
    AC_REQUIRE_CODE(ac_account_file_check_name(longest, &err), AC_E_USAGE);
    longest[AC_ACCOUNT_NAME_MAX] = '\0';
    AC_REQUIRE_OK(ac_account_file_check_name(longest, &err));

    CU_ASSERT_PTR_NULL(folder);
}

AC_TEST(document_of_another_ca_is_damaged)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_CODE(ac_account_file_load(store, "ca", URL, &document, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(save(store, "ca", "valid", &err));
    AC_REQUIRE_CODE(ac_account_file_load(store, "ca", URL "2", &document, &err),
                    AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "accounts/ca/account.json"));
    AC_REQUIRE_OK(ac_account_file_load(store, "ca", URL, &document, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(document, "url", ""),
                           "https://ca.example/1");
}

AC_TEST(deactivated_says_what_to_do)
{
    static const struct {
        const char *status, *advice;
    } cases[] = { { "deactivating", "account deactivate finishes" },
                  { "deactivated", "account register makes a new one" } };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        AC_AUTO(ac_json) *document = NULL;

        AC_REQUIRE_OK(save(store, "ca", cases[i].status, &err));
        AC_REQUIRE_OK(ac_account_file_load(store, "ca", URL, &document, &err));
        AC_REQUIRE_CODE(ac_account_file_check(document, &err), AC_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, cases[i].advice));
    }
}

AC_TEST(keys_are_made_once_and_damaged_ones_are_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_key) *again = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &err));
    AC_REQUIRE_CODE(ac_account_file_load_key(store, "ca", AC_ACCOUNT_KEY, &again, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(ac_account_file_create_key(store, "ca", AC_ACCOUNT_KEY, key, &err));
    CU_ASSERT(ac_account_file_has(store, "ca", AC_ACCOUNT_KEY));
    CU_ASSERT_FALSE(ac_account_file_has(store, "ca", AC_ACCOUNT_NEXT_KEY));
    AC_REQUIRE_OK(ac_account_file_load_key(store, "ca", AC_ACCOUNT_KEY, &again, &err));
    AC_REQUIRE_CODE(ac_account_file_create_key(store, "ca", AC_ACCOUNT_KEY, key, &err),
                    AC_E_STORE);

    AC_REQUIRE(ac_test_write_file(ac_test_path("state/accounts/ca/key.pem"), "x", 1));
    AC_AUTO(ac_key) *broken = NULL;
    AC_REQUIRE_CODE(
        ac_account_file_load_key(store, "ca", AC_ACCOUNT_KEY, &broken, &err),
        AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "accounts/ca/key.pem is damaged"));
}

AC_TEST(folders_are_set_aside_one_after_the_other)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *first = NULL;
    AC_AUTO_TEXT char *second = NULL;
    AC_AUTO_TEXT char *last = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(save(store, "ca", "valid", &err));
    AC_REQUIRE_CODE(ac_account_file_find_retired(store, "ca", &last, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(ac_account_file_retire(store, "ca", &first, &err));
    AC_REQUIRE_OK(save(store, "ca", "valid", &err));
    AC_REQUIRE_OK(save(store, "ca@x", "valid", &err));
    AC_REQUIRE_OK(ac_account_file_retire(store, "ca", &second, &err));
    AC_REQUIRE_OK(ac_account_file_find_retired(store, "ca", &last, &err));

    CU_ASSERT_STRING_EQUAL(first, "ca.retired-1");
    CU_ASSERT_STRING_EQUAL(second, "ca.retired-2");
    CU_ASSERT_STRING_EQUAL(last, second);
    CU_ASSERT(ac_account_file_is_retired(first));
    CU_ASSERT_FALSE(ac_account_file_is_retired("ca@x"));
    CU_ASSERT_FALSE(ac_account_file_is_retired("x.retired-123456789012"));
}

AC_SUITE("engine/account_file", AC_CASE(accounts_of_one_ca_have_folders_of_their_own),
         AC_CASE(names_that_could_be_something_else_are_refused),
         AC_CASE(document_of_another_ca_is_damaged),
         AC_CASE(deactivated_says_what_to_do),
         AC_CASE(keys_are_made_once_and_damaged_ones_are_named),
         AC_CASE(folders_are_set_aside_one_after_the_other))
