/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/told.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

#define NAME "www"
#define NOW  1735790400

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

AC_TEST(what_is_saved_is_loaded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_told_list) saved = { 0 };
    AC_AUTO(ac_told_list) loaded = { 0 };
    struct ac_told *told;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_told_get(&saved, "ops", &told, &err));
    told->version = 3;
    told->failed_at = NOW;
    told->failures = 2;
    AC_REQUIRE_OK(ac_told_get(&saved, "/bin/tell", &told, &err));
    told->expiring_at = NOW + 1;
    told->revoked_at = NOW + 2;
    AC_REQUIRE_OK(ac_told_save(&saved, store, NAME, &err));
    AC_REQUIRE_OK(ac_told_load(store, NAME, &loaded, &err));

    AC_REQUIRE(loaded.count == 2);
    AC_REQUIRE_OK(ac_told_get(&loaded, "ops", &told, &err));
    CU_ASSERT_TRUE(told->version == 3 && told->failed_at == NOW && told->failures == 2
                   && told->expiring_at == 0 && told->revoked_at == 0);
    AC_REQUIRE_OK(ac_told_get(&loaded, "/bin/tell", &told, &err));
    CU_ASSERT_TRUE(told->expiring_at == NOW + 1 && told->revoked_at == NOW + 2);
}

AC_TEST(nothing_was_told_where_nothing_is_noted_or_it_is_damaged)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_told_list) list = { 0 };
    AC_AUTO(ac_told_list) told = { 0 };
    AC_AUTO_TEXT char *path = NULL;
    struct ac_told *one;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_told_load(store, NAME, &list, &err));
    CU_ASSERT_EQUAL(list.count, 0);
    AC_REQUIRE_OK(ac_told_get(&told, "ops", &one, &err));
    AC_REQUIRE_OK(ac_told_save(&told, store, NAME, &err));
    AC_REQUIRE_OK(
        ac_store_path(store, AC_STORE_CERTIFICATES, NAME, "told.json", &path, &err));
    AC_REQUIRE(ac_test_write_file(path, "{", 1));
    AC_REQUIRE_OK(ac_told_load(store, NAME, &list, &err));
    CU_ASSERT_EQUAL(list.count, 0);
    AC_REQUIRE_OK(ac_told_save(&told, store, NAME, &err)); /* it is set aside */
    AC_REQUIRE_OK(ac_told_load(store, NAME, &list, &err));

    CU_ASSERT_EQUAL(list.count, 1);
}

AC_TEST(odd_members_were_not_told)
{
    static const char text[] =
        "{\"schema\":1,\"told\":[{\"notifier\":\"ops\",\"version\":-4,"
        "\"failed_at\":7,\"expiring_at\":\"yesterday\"},{\"version\":1},7]}";
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_told_list) empty = { 0 };
    AC_AUTO(ac_told_list) list = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_told_save(&empty, store, NAME, &err));
    AC_REQUIRE_OK(
        ac_store_path(store, AC_STORE_CERTIFICATES, NAME, "told.json", &path, &err));
    AC_REQUIRE(ac_test_write_file(path, text, sizeof text - 1));
    AC_REQUIRE_OK(ac_told_load(store, NAME, &list, &err));

    AC_REQUIRE(list.count == 1);
    CU_ASSERT_TRUE(list.items[0].version == 0 && list.items[0].failed_at == 0
                   && list.items[0].expiring_at == 0);
}

AC_TEST(oldest_of_too_many_is_forgotten)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_told_list) list = { 0 };
    struct ac_told *told;
    char name[16];

    AC_REQUIRE(!ac_check_is_torture());
    for (int i = 0; i <= AC_TOLD_MAX; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        AC_REQUIRE_OK(ac_told_get(&list, name, &told, &err));
    }

    CU_ASSERT_EQUAL(list.count, AC_TOLD_MAX);
    CU_ASSERT_STRING_EQUAL(list.items[0].notifier, "n1");
}

AC_SUITE("engine/told", AC_CASE(what_is_saved_is_loaded),
         AC_CASE(nothing_was_told_where_nothing_is_noted_or_it_is_damaged),
         AC_CASE(odd_members_were_not_told), AC_CASE(oldest_of_too_many_is_forgotten))
