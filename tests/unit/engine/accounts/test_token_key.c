/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/token_key.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "token.h"

#define URL "pkcs11:token=acme;object=leaf?" AC_TOKEN_TEST_MODULE

int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code begin(const char *pin, struct ac_store **ret_store,
                          struct ac_error *err)
{
    if (!ac_token_test_begin("acme")
        || !ac_token_test_import("acme", "p256", "leaf", "A1")
        || !ac_test_write_file(ac_test_path("pin"), pin, strlen(pin)))
        return ac_fail(err, AC_E_SYSTEM, "no token");
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

static enum ac_code load(struct ac_store *store, const char *source,
                         const char *pin_file, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    return ac_token_key_load(store, source, pin_file, "--key", &key, err);
}

AC_TEST(a_file_has_a_key)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_CODE(load(store, ac_test_path("none.pem"), NULL, &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(strncmp(err.detail, "--key /", 7), 0);
    AC_REQUIRE(ac_test_write_file(ac_test_path("k.pem"), "no key", 6));
    AC_REQUIRE_CODE(load(store, ac_test_path("k.pem"), NULL, &err), AC_E_USAGE);
    AC_REQUIRE(chmod(ac_test_path("k.pem"), 0644) == 0);
    AC_REQUIRE_CODE(load(store, ac_test_path("k.pem"), NULL, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "chmod 600"));
}

AC_TEST(the_right_pin_opens_and_leaves_no_note)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(begin(AC_TOKEN_TEST_PIN "\n", &store, &err));
    AC_REQUIRE_OK(load(store, URL, ac_test_path("pin"), &err));
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("state/tokens")));
    ac_token_test_end();
}

AC_TEST(a_missing_pin_file_is_told_and_no_pin_is_asked_for)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(begin("9999", &store, &err));
    AC_REQUIRE_CODE(load(store, URL, ac_test_path("nothing"), &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--pin-file"));
    AC_REQUIRE_CODE(load(store, URL, NULL, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "wants a PIN"));
    ac_token_test_end();
}

AC_TEST(a_refused_pin_is_not_tried_again_before_its_file_changes)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(begin("9999", &store, &err));
    AC_REQUIRE_CODE(load(store, URL, ac_test_path("pin"), &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "tried once"));
    AC_REQUIRE_CODE(load(store, URL, ac_test_path("pin"), &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "not tried again"));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "9999"));
    AC_REQUIRE(ac_test_write_file(ac_test_path("pin"), AC_TOKEN_TEST_PIN "\n", 5));
    AC_REQUIRE_OK(load(store, URL, ac_test_path("pin"), &err));
    ac_token_test_end();
}

AC_SUITE("engine/token_key", AC_CASE(a_file_has_a_key),
         AC_CASE(the_right_pin_opens_and_leaves_no_note),
         AC_CASE(a_missing_pin_file_is_told_and_no_pin_is_asked_for),
         AC_CASE(a_refused_pin_is_not_tried_again_before_its_file_changes))
