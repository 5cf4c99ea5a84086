/* SPDX-License-Identifier: Apache-2.0 */
#include "config/ca.h"

#include <string.h>

#include "check.h"

AC_TEST(every_alias_is_found_by_name_and_by_url)
{
    size_t count = 0;

    for (const char *const *alias = ac_ca_aliases(); *alias != NULL; alias++, count++) {
        const struct ac_ca *ca = ac_ca_find(*alias);

        AC_REQUIRE(ca != NULL);
        CU_ASSERT_STRING_EQUAL(ca->alias, *alias);
        CU_ASSERT_PTR_EQUAL(ac_ca_by_url(ca->directory_url), ca);
        CU_ASSERT_NSTRING_EQUAL(ca->directory_url, "https://", strlen("https://"));
        CU_ASSERT_PTR_NOT_NULL(ca->title);
    }

    CU_ASSERT_EQUAL(count, 7);
}

AC_TEST(the_default_is_lets_encrypt)
{
    const struct ac_ca *ca = ac_ca_find(AC_CA_DEFAULT);

    AC_REQUIRE(ca != NULL);
    CU_ASSERT_STRING_EQUAL(ca->directory_url,
                           "https://acme-v02.api.letsencrypt.org/directory");
    CU_ASSERT_FALSE(ca->needs_eab);
}

AC_TEST(published_limits_are_known_and_others_are_zero)
{
    const struct ac_ca *ca = ac_ca_find("letsencrypt");
    const struct ac_ca *staging = ac_ca_find("letsencrypt-staging");
    const struct ac_ca *other = ac_ca_find("zerossl");

    AC_REQUIRE(ca != NULL);
    AC_REQUIRE(staging != NULL);
    AC_REQUIRE(other != NULL);
    CU_ASSERT_EQUAL(ca->limits.nonce_per_second, 20);
    CU_ASSERT_EQUAL(ca->limits.nonce_burst, 10);
    CU_ASSERT_EQUAL(ca->limits.order_per_second, 300);
    CU_ASSERT_EQUAL(ca->limits.other_per_second, 250);
    CU_ASSERT_EQUAL(staging->limits.order_per_second, 20);
    CU_ASSERT_EQUAL(staging->limits.order_burst, 40);
    CU_ASSERT_EQUAL(other->limits.other_per_second, 0);
    CU_ASSERT_TRUE(other->needs_eab);
}

AC_TEST(an_alias_and_a_url_become_a_url)
{
    struct ac_error err = { 0 };
    const char *own = "https://localhost:14000/dir";
    const char *url = NULL;

    AC_REQUIRE_OK(ac_ca_resolve("letsencrypt-staging", &url, &err));
    CU_ASSERT_STRING_EQUAL(url,
                           "https://acme-staging-v02.api.letsencrypt.org/directory");
    AC_REQUIRE_OK(ac_ca_resolve(own, &url, &err));
    CU_ASSERT_PTR_EQUAL(url, own);
}

AC_TEST(a_near_miss_is_told_the_nearest_alias)
{
    struct ac_error err = { 0 };
    const char *url = NULL;

    AC_REQUIRE_CODE(ac_ca_resolve("letsencript", &url, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(
        err.detail, "there is no CA \"letsencript\"; did you mean \"letsencrypt\"?");
    CU_ASSERT_PTR_NULL(url);
}

AC_TEST(a_word_like_none_is_told_all_aliases)
{
    struct ac_error err = { 0 };
    const char *url = NULL;

    AC_REQUIRE_CODE(ac_ca_resolve("a-ca-of-nobody\n", &url, &err), AC_E_USAGE);

    for (const char *const *alias = ac_ca_aliases(); *alias != NULL; alias++)
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, *alias));
    CU_ASSERT_PTR_NULL(strchr(err.detail, '\n'));
    AC_REQUIRE_CODE(ac_ca_resolve("", &url, &err), AC_E_USAGE);
}

AC_TEST(what_is_not_in_the_table_is_not_found)
{
    CU_ASSERT_PTR_NULL(ac_ca_find("LetsEncrypt"));
    CU_ASSERT_PTR_NULL(ac_ca_find(""));
    CU_ASSERT_PTR_NULL(ac_ca_by_url("https://ca.example/directory"));
    CU_ASSERT_PTR_NULL(ac_ca_by_url("letsencrypt"));
}

AC_TEST(a_ca_is_tried_out_at_its_staging_ca_and_a_staging_ca_at_itself)
{
    const struct ac_ca *real = ac_ca_find("letsencrypt");
    const struct ac_ca *staging = ac_ca_find("letsencrypt-staging");

    CU_ASSERT_PTR_EQUAL(ac_ca_staging(real->directory_url), staging);
    CU_ASSERT_PTR_EQUAL(ac_ca_staging(staging->directory_url), staging);
    CU_ASSERT_PTR_EQUAL(ac_ca_staging(ac_ca_find("google")->directory_url),
                        ac_ca_find("google-staging"));
    CU_ASSERT_PTR_NULL(ac_ca_staging(ac_ca_find("zerossl")->directory_url));
    CU_ASSERT_PTR_NULL(ac_ca_staging("https://ca.example/dir"));
}

AC_SUITE("config/ca",
         AC_CASE(a_ca_is_tried_out_at_its_staging_ca_and_a_staging_ca_at_itself),
         AC_CASE(every_alias_is_found_by_name_and_by_url),
         AC_CASE(the_default_is_lets_encrypt),
         AC_CASE(published_limits_are_known_and_others_are_zero),
         AC_CASE(an_alias_and_a_url_become_a_url),
         AC_CASE(a_near_miss_is_told_the_nearest_alias),
         AC_CASE(a_word_like_none_is_told_all_aliases),
         AC_CASE(what_is_not_in_the_table_is_not_found))
