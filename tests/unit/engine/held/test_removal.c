/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/removal.h"

#include "holding.h"

#include <string.h>
#include <unistd.h>

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static bool is_there(const char *below)
{
    char name[128];

    (void)snprintf(name, sizeof name, "state/%s", below);
    return ac_file_exists(ac_test_path(name));
}

AC_TEST(deleted_one_leaves_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_removal_delete(store, "www", &err));

    CU_ASSERT_FALSE(is_there("certs/www"));
    CU_ASSERT_FALSE(is_there("deleted/www"));
    AC_REQUIRE_CODE(ac_removal_delete(store, "www", &err), AC_E_NOTFOUND);
}

AC_TEST(rest_of_a_run_that_was_killed_is_removed_with_the_next)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(
        ac_file_make_folders(ac_test_path("state/deleted/www/versions"), 0700, &err));
    AC_REQUIRE_OK(ac_removal_delete(store, "www", &err));

    CU_ASSERT_FALSE(is_there("deleted/www"));
}

AC_TEST(rest_of_a_removal_is_swept_unless_it_goes_on)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_removal_sweep(store, &err));
    AC_REQUIRE_OK(
        ac_file_make_folders(ac_test_path("state/deleted/www/versions"), 0700, &err));
    AC_REQUIRE_OK(
        ac_file_make_folders(ac_test_path("state/deleted/old/versions"), 0700, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_OK(ac_removal_sweep(store, &err));

    CU_ASSERT_TRUE(is_there("deleted/www"));
    CU_ASSERT_FALSE(is_there("deleted/old"));
    CU_ASSERT_TRUE(is_there("certs/www/current"));
}

AC_TEST(archived_one_keeps_its_files_under_a_name_that_is_free)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *first = NULL;
    AC_AUTO_TEXT char *second = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_removal_archive(store, "www", &first, &err));
    AC_REQUIRE_OK(hold(store, usual_names, &err));
    AC_REQUIRE_OK(ac_removal_archive(store, "www", &second, &err));

    CU_ASSERT_STRING_EQUAL(first, ac_test_path("state/archive/www"));
    CU_ASSERT_STRING_EQUAL(second, ac_test_path("state/archive/www:2"));
    CU_ASSERT_TRUE(is_there("archive/www/current/privkey.pem"));
    CU_ASSERT_FALSE(is_there("certs/www"));
}

AC_TEST(one_that_a_run_works_on_stays)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_CODE(ac_removal_delete(store, "www", &err), AC_E_LOCKED);

    CU_ASSERT_TRUE(is_there("certs/www/current"));
}

AC_SUITE("engine/removal", AC_CASE(deleted_one_leaves_nothing),
         AC_CASE(rest_of_a_run_that_was_killed_is_removed_with_the_next),
         AC_CASE(rest_of_a_removal_is_swept_unless_it_goes_on),
         AC_CASE(archived_one_keeps_its_files_under_a_name_that_is_free),
         AC_CASE(one_that_a_run_works_on_stays))
