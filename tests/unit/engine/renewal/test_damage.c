/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/damage.h"

#include "holding.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static enum ac_code find(const struct ac_store *store, char **damage, bool *is_damaged,
                         struct ac_error *err)
{
    AC_TRY(ac_damage_find_files(store, "www", 1, damage, is_damaged, err));
    return ac_damage_find_wish(store, "www", true, damage, err);
}

static enum ac_code remember(struct ac_store *store, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(make_wanted("example.org", &wanted, err));
    return ac_wanted_save(&wanted, store, err);
}

AC_TEST(what_is_whole_is_not_damaged)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *damage = NULL;
    bool is_damaged = true;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(remember(store, &err));
    AC_REQUIRE_OK(find(store, &damage, &is_damaged, &err));

    CU_ASSERT_FALSE(is_damaged);
    CU_ASSERT_PTR_NULL(damage);
}

AC_TEST(file_that_is_gone_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *damage = NULL;
    bool is_damaged = false;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(remember(store, &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/current/privkey.pem")) == 0);
    AC_REQUIRE_OK(find(store, &damage, &is_damaged, &err));

    CU_ASSERT_TRUE(is_damaged);
    AC_REQUIRE(damage != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(damage, "current/privkey.pem is missing"));
}

AC_TEST(folder_that_cannot_be_looked_into_is_told_and_is_no_file_that_is_gone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *damage = NULL;
    bool is_damaged = true;
    struct rlimit before;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    struct rlimit none = { .rlim_cur = 0, .rlim_max = before.rlim_max };
    AC_REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    enum ac_code code =
        ac_damage_find_files(store, "www", 1, &damage, &is_damaged, &err);
    AC_REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    AC_REQUIRE_OK(code);

    CU_ASSERT_FALSE(is_damaged);
    AC_REQUIRE(damage != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(damage, "cannot list"));
}

AC_TEST(wish_that_cannot_be_read_is_named_and_no_damage_of_what_is_served)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *damage = NULL;
    bool is_damaged = true;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/certificate.json"), "{", 1));
    AC_REQUIRE_OK(find(store, &damage, &is_damaged, &err));

    CU_ASSERT_FALSE(is_damaged);
    AC_REQUIRE(damage != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(damage, "certificate.json is damaged"));
}

AC_TEST(glance_sees_a_wish_that_is_empty_or_gone_and_no_more)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *none = NULL;
    AC_AUTO_TEXT char *damage = NULL;
    const char *path = "state/certs/www/certificate.json";

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(path), "{", 1));
    AC_REQUIRE_OK(ac_damage_find_wish(store, "www", false, &none, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(path), "", 0));
    AC_REQUIRE_OK(ac_damage_find_wish(store, "www", false, &damage, &err));

    CU_ASSERT_PTR_NULL(none);
    CU_ASSERT_PTR_NOT_NULL(damage);
}

AC_TEST(first_damage_is_the_one_that_is_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *damage = NULL;
    struct ac_error first = { 0 };
    struct ac_error second = { 0 };

    (void)ac_fail(&first, AC_E_STORE, "a is gone");
    (void)ac_fail(&second, AC_E_STORE, "b is gone");
    AC_REQUIRE_OK(ac_damage_note("www", &first, &damage, &err));
    AC_REQUIRE_OK(ac_damage_note("www", &second, &damage, &err));

    CU_ASSERT_STRING_EQUAL(damage, "a is gone");
}

AC_SUITE("engine/renewal/damage", AC_CASE(what_is_whole_is_not_damaged),
         AC_CASE(file_that_is_gone_is_named),
         AC_CASE(folder_that_cannot_be_looked_into_is_told_and_is_no_file_that_is_gone),
         AC_CASE(wish_that_cannot_be_read_is_named_and_no_damage_of_what_is_served),
         AC_CASE(glance_sees_a_wish_that_is_empty_or_gone_and_no_more),
         AC_CASE(first_damage_is_the_one_that_is_kept))
