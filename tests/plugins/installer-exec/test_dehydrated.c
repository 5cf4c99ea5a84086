/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(deploy_cert_has_domain_paths_and_time)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "dehydrated", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(v.argv,
                           "/hook|--first|deploy_cert|example.com|/s/www/privkey.pem|"
                           "/s/www/cert.pem|/s/www/fullchain.pem|/s/www/chain.pem|"
                           "1900000000|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "altnames"), "example.com *.example.com");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "alias"), "www");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "COMMAND"), "sign_domain");
}

AC_TEST(certdir_is_the_folder_above_those_of_the_certificates)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "dehydrated", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTDIR"), "/state/live");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "BASEDIR"), "/state");
}

AC_TEST(folders_of_the_administrator_s_own_dehydrated_stay)
{
    VECTOR(v);

    exec_words_set(&v.extra, "BASEDIR", "/etc/dehydrated");
    exec_words_set(&v.extra, "CERTDIR", "/srv/certs");
    AC_REQUIRE(vector_write(&v, "dehydrated", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTDIR"), "/srv/certs");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "BASEDIR"), "/etc/dehydrated");
}

AC_TEST(sync_cert_has_paths_alone)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "dehydrated", PHASE_STAGE));

    CU_ASSERT_STRING_EQUAL(v.argv,
                           "/hook|--first|sync_cert|/s/www/privkey.pem|/s/www/cert.pem|"
                           "/s/www/fullchain.pem|/s/www/chain.pem|/s/www/cert.pem|");
}

AC_SUITE("installer-exec/dehydrated", AC_CASE(deploy_cert_has_domain_paths_and_time),
         AC_CASE(certdir_is_the_folder_above_those_of_the_certificates),
         AC_CASE(folders_of_the_administrator_s_own_dehydrated_stay),
         AC_CASE(sync_cert_has_paths_alone))
