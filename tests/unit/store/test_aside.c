/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

#define GROUP AC_STORE_CERTIFICATES
#define ITEM  "state.json"

static int64_t some_utc(void)
{
    return 1800000000;
}

/* A store whose state.json of "www" has this text. */
static enum ac_code begin(const char *text, struct ac_store **ret_store,
                          struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO_TEXT char *path = NULL;

    ac_clock_fake(NULL, some_utc);
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    AC_TRY(ac_json_new(&document, err, "{}"));
    AC_TRY(ac_store_save(*ret_store, GROUP, "www", ITEM, document, err));
    AC_TRY(ac_store_path(*ret_store, GROUP, "www", ITEM, &path, err));
    return ac_test_write_file(path, text, strlen(text))
               ? AC_OK
               : ac_fail(err, AC_E_SYSTEM, "the test cannot write");
}

AC_TEST(damaged_document_is_kept_beside)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *path = NULL;
    char text[16];

    AC_REQUIRE_OK(begin("junk", &store, &err));
    AC_REQUIRE_OK(ac_store_make_way(store, GROUP, "www", ITEM, &path, &err));

    AC_REQUIRE(path != NULL);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(path, "/certs/www/state.json.damaged-20270115T080000Z"));
    AC_REQUIRE(ac_test_read_file(path, text, sizeof text) == 4);
    CU_ASSERT_STRING_EQUAL(text, "junk");
}

AC_TEST(good_or_missing_document_stays)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(begin("{\"schema\": 1}", &store, &err));
    AC_REQUIRE_OK(ac_store_make_way(store, GROUP, "www", ITEM, &path, &err));
    CU_ASSERT_PTR_NULL(path);
    AC_REQUIRE_OK(ac_store_make_way(store, GROUP, "other", ITEM, &path, &err));
    CU_ASSERT_PTR_NULL(path);
}

AC_TEST(document_of_a_newer_program_is_refused_and_stays)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_OK(begin("{\"schema\": 99}", &store, &err));
    AC_REQUIRE_CODE(ac_store_make_way(store, GROUP, "www", ITEM, &path, &err),
                    AC_E_STORE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "newer acmecore (schema 99"));
    AC_REQUIRE_OK(ac_store_read(store, GROUP, "www", ITEM, &bytes, &err));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&bytes), "{\"schema\": 99}");
}

AC_TEST(file_that_is_not_there_needs_no_keeping)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(begin("junk", &store, &err));
    AC_REQUIRE_OK(
        ac_store_keep_damaged(store, GROUP, "www", "order-key.pem", &path, &err));

    CU_ASSERT_PTR_NULL(path);
}

AC_SUITE("store/aside", AC_CASE(damaged_document_is_kept_beside),
         AC_CASE(good_or_missing_document_stays),
         AC_CASE(document_of_a_newer_program_is_refused_and_stays),
         AC_CASE(file_that_is_not_there_needs_no_keeping))
