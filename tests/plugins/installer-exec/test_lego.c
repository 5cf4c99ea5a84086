/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(hook_finds_the_names_of_today_and_of_lego_4)
{
    static const char *const wanted[][2] = {
        { "LEGO_HOOK_CERT_NAME", "www" },
        { "LEGO_HOOK_CERT_NAME_SANITIZED", "www" },
        { "LEGO_HOOK_CERT_DOMAINS", "example.com,*.example.com" },
        { "LEGO_HOOK_CERT_PATH", "/s/www/fullchain.pem" },
        { "LEGO_HOOK_CERT_KEY_PATH", "/s/www/privkey.pem" },
        { "LEGO_HOOK_ISSUER_CERT_PATH", "/s/www/chain.pem" },
        { "LEGO_CERT_DOMAIN", "example.com" },
        { "LEGO_CERT_PATH", "/s/www/fullchain.pem" },
        { "LEGO_CERT_KEY_PATH", "/s/www/privkey.pem" },
    };
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "lego", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(v.argv, "/hook|--first|");
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        CU_ASSERT_STRING_EQUAL(vector_env(&v, wanted[i][0]), wanted[i][1]);
}

AC_SUITE("installer-exec/lego", AC_CASE(hook_finds_the_names_of_today_and_of_lego_4))
