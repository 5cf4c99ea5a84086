/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/renewal/crl_reach.h"

#define KNOWN "https://acme-v02.api.letsencrypt.org/directory"

AC_TEST(private_ca_may_publish_anywhere)
{
    static const struct ac_authority_place places[] = {
        { .directory_url = "https://ca.corp.example/dir", .ca_file = "/etc/corp.pem" },
        { .directory_url = "https://10.1.2.3/dir" },
        { .directory_url = "https://localhost:14000/dir" },
        { .directory_url = "http://ca.example/dir", .can_use_plain_http = true },
    };

    for (size_t i = 0; i < AC_COUNT(places); i++)
        CU_ASSERT_EQUAL(ac_crl_reach_of(&places[i]), AC_CRL_ANYWHERE);
}

AC_TEST(known_ca_is_public_and_of_others_nobody_can_tell)
{
    const struct ac_authority_place known = { .directory_url = KNOWN };
    const struct ac_authority_place other = { .directory_url = "https://ca.example/d" };

    CU_ASSERT_EQUAL(ac_crl_reach_of(&known), AC_CRL_PUBLIC_ONLY);
    CU_ASSERT_EQUAL(ac_crl_reach_of(&other), AC_CRL_NOT_BY_NAME);
}

AC_TEST(public_ca_does_not_send_us_home)
{
    struct ac_error err = { 0 };

    CU_ASSERT_EQUAL(
        ac_crl_reach_check(AC_CRL_NOT_BY_NAME, "http://169.254.169.254/latest", &err),
        AC_E_INVALID);
    CU_ASSERT_EQUAL(ac_crl_reach_check(AC_CRL_PUBLIC_ONLY, "http://[::1]:9200/", &err),
                    AC_E_INVALID);
    CU_ASSERT_EQUAL(ac_crl_reach_check(AC_CRL_NOT_BY_NAME, "http://c.example/1", &err),
                    AC_OK);
    CU_ASSERT_EQUAL(ac_crl_reach_check(AC_CRL_ANYWHERE, "http://10.0.0.1/1", &err),
                    AC_OK);
}

AC_SUITE("engine/crl_reach", AC_CASE(private_ca_may_publish_anywhere),
         AC_CASE(known_ca_is_public_and_of_others_nobody_can_tell),
         AC_CASE(public_ca_does_not_send_us_home))
