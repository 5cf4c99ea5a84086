/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/issue_wish.h"

#include "command_line.h"
#include "config/ca.h"
#include "fake_run.h"

#define DRY         "-d", "a.example", "--solver", "web", "--dry-run"
#define STAGING_URL "https://acme-staging-v02.api.letsencrypt.org/directory"
#define GOOGLE_URL  "https://dv.acme-v02.test-api.pki.goog/directory"

/* What a dry run makes of it is the test of rehearsal; here it fails. */
static void begin(void)
{
    fake_reset();
    fake_fail(AC_E_CHALLENGE, "no route");
}

AC_TEST(a_dry_run_asks_the_staging_ca_and_says_so)
{
    begin();
    CU_ASSERT_EQUAL(run_program(IN_STATE(DRY)), 4);

    CU_ASSERT_STRING_EQUAL(fake.asked_of, STAGING_URL);
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "dry run: asking Let's Encrypt, staging"));
}

AC_TEST(a_dry_run_asks_a_ca_without_a_staging_one_itself)
{
    begin();
    CU_ASSERT_EQUAL(run_program(IN_STATE(DRY, "--server", CA_URL)), 4);

    CU_ASSERT_STRING_EQUAL(fake.asked_of, CA_URL);
    CU_ASSERT_FALSE(ac_capture_has(ac_capture_err(), "in the place of"));
}

AC_TEST(each_further_ca_of_a_dry_run_is_asked_once)
{
    begin();
    CU_ASSERT_EQUAL(run_program(IN_STATE(DRY, "--server", "letsencrypt", "--server",
                                         "letsencrypt-staging", "--server", "google",
                                         "--server", CA_URL)),
                    4);

    CU_ASSERT_STRING_EQUAL(fake.asked_of, STAGING_URL " " GOOGLE_URL " " CA_URL);
}

AC_TEST(a_real_run_asks_the_real_ca)
{
    begin();
    CU_ASSERT_EQUAL(run_program(IN_STATE("-d", "a.example", "--solver", "web")), 4);

    CU_ASSERT_STRING_EQUAL(fake.asked_of, ac_ca_find("letsencrypt")->directory_url);
}

AC_SUITE("cli/issue_wish", AC_CASE(a_dry_run_asks_the_staging_ca_and_says_so),
         AC_CASE(a_dry_run_asks_a_ca_without_a_staging_one_itself),
         AC_CASE(each_further_ca_of_a_dry_run_is_asked_once),
         AC_CASE(a_real_run_asks_the_real_ca))
