/* SPDX-License-Identifier: Apache-2.0 */
#include "store/deployed.h"

#include "check.h"
#include "store/version.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

AC_TEST(link_is_made_turned_listed_and_removed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_words) found = { 0 };
    AC_AUTO(ac_words) left = { 0 };
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_CODE(ac_deployed_version(store, "www", "web", &number, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(ac_deployed_turn(store, "www", "web", 7, &err));
    AC_REQUIRE_OK(ac_deployed_turn(store, "www", "web", 8, &err));
    AC_REQUIRE_OK(ac_deployed_version(store, "www", "web", &number, &err));
    AC_REQUIRE_OK(ac_deployed_list(store, "www", &found, &err));
    AC_REQUIRE_OK(ac_deployed_remove(store, "www", "web", &err));
    AC_REQUIRE_OK(ac_deployed_remove(store, "www", "web", &err));
    AC_REQUIRE_OK(ac_deployed_list(store, "www", &left, &err));

    CU_ASSERT_EQUAL(number, 8);
    CU_ASSERT_EQUAL(found.count, 1);
    CU_ASSERT_EQUAL(left.count, 0);
}

AC_TEST(path_leads_through_the_link)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_deployed_path(store, "www", "web", "cert.pem", &path, &err));

    CU_ASSERT_STRING_EQUAL(path, ac_test_path("state/certs/www/deployed/web/cert.pem"));
}

AC_TEST(link_that_leads_astray_and_name_that_is_a_path_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_deployed_turn(store, "www", "web", 7, &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/deployed/web")) == 0);
    AC_REQUIRE(symlink("/etc", ac_test_path("state/certs/www/deployed/web")) == 0);

    AC_REQUIRE_CODE(ac_deployed_version(store, "www", "web", &number, &err),
                    AC_E_STORE);
    AC_REQUIRE_CODE(ac_deployed_turn(store, "www", "../../x", 1, &err), AC_E_USAGE);
}

/* Versions up to so many more than are kept. */
static enum ac_code add_many(struct ac_store *store, struct ac_error *err)
{
    for (int i = 0; i < AC_VERSIONS_KEPT + 3; i++) {
        AC_AUTO(ac_version) version = { 0 };
        unsigned number;

        AC_TRY(ac_version_put(&version, "cert.pem", false, "x", 1, err));
        AC_TRY(ac_version_add(store, "www", &version, &number, err));
        if (i == 0)
            AC_TRY(ac_deployed_turn(store, "www", "web", number, err));
    }
    return AC_OK;
}

AC_TEST(version_that_a_link_leads_to_is_never_removed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned *numbers = NULL;
    size_t count = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add_many(store, &err));
    AC_REQUIRE_OK(ac_version_list(store, "www", &numbers, &count, &err));
    unsigned first = numbers[0];
    free(numbers);

    CU_ASSERT_EQUAL(first, 1);
    CU_ASSERT_EQUAL(count, AC_VERSIONS_KEPT + 1);
}

AC_SUITE("store/deployed", AC_CASE(link_is_made_turned_listed_and_removed),
         AC_CASE(path_leads_through_the_link),
         AC_CASE(link_that_leads_astray_and_name_that_is_a_path_are_refused),
         AC_CASE(version_that_a_link_leads_to_is_never_removed))
