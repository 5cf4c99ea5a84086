/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#define ALTERNATE "Link: <https://ca.test/certificate/2>;rel=\"alternate\"\n"
#define CHAIN     "Content-Type: application/pem-certificate-chain\n"
/* The issuer of the last certificate of a whole chain (tests/support/pki.c). */
#define TOP "Test Root"

/* What a run that prefers this chain keeps. */
static enum ac_code run(const char *links, const char *preferred, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    stage.ca.links = links;
    AC_TRY(stage_want("http", &wanted, err));
    if (preferred)
        AC_TRY(ac_memory_copy_text(preferred, &wanted.preferred_chain, err));
    stage.error = (struct ac_error){ 0 };
    stage.warning[0] = '\0';
    return stage_run_with(&wanted, err);
}

static void begin(void)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
}

/* How many certificates are in the chain that was stored last. */
static size_t stored_count(void)
{
    static char bytes[65536];
    size_t count = 0;

    if (ac_test_read_file(
            ac_test_path("state/certs/" STAGE_CERT "/current/fullchain.pem"), bytes,
            sizeof bytes)
        <= 0)
        return 0;
    for (const char *at = bytes; (at = strstr(at, "-----BEGIN CERT")) != NULL; at++)
        count++;
    return count;
}

AC_TEST(chain_that_is_preferred_is_kept)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin();
    AC_REQUIRE_OK(run(ALTERNATE, TOP, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/certificate/"), 2);
    CU_ASSERT_EQUAL(stored_count(), 2);
    CU_ASSERT_EQUAL(stage.warnings, 0);
}

AC_TEST(others_are_not_fetched_when_the_cas_own_will_do)
{
    static const char *const preferred[] = { NULL, "Test Intermediate 1" };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(preferred); i++) {
        struct ac_error err = { 0 };

        begin();
        AC_REQUIRE_OK(run(ALTERNATE, preferred[i], &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage_requests("/certificate/"), 1);
        CU_ASSERT_EQUAL(stored_count(), 1);
        CU_ASSERT_EQUAL(stage.warnings, 0);
    }
}

AC_TEST(chain_that_nobody_offers_is_warned_of_with_what_is)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin();
    AC_REQUIRE_OK(run(ALTERNATE, "Nobody", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stored_count(), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "no chain with \"Nobody\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, TOP));
}

AC_TEST(links_that_cannot_be_used_are_passed_over)
{
    static const char *const links[] = {
        "Link: <http://ca.test/certificate/9>;rel=\"alternate\"\n" ALTERNATE,
        "Link: <javascript:alert(1)>;rel=\"alternate\"\n" ALTERNATE,
        "Link: <>;rel=alternate\n" ALTERNATE,
        "Link: <https://ca.test/index>;rel=\"index\", "
        "<https://ca.test/certificate/2>;rel=\"x alternate\"\n",
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(links); i++) {
        struct ac_error err = { 0 };

        begin();
        AC_REQUIRE_OK(run(links[i], TOP, &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stored_count(), 2);
    }
}

AC_TEST(number_of_chains_that_are_fetched_is_bounded)
{
    struct ac_error err = { 0 };
    const char *links = "";

    AC_REQUIRE(!ac_check_is_torture());
    begin();
    for (int i = 2; i < 40; i++) {
        links = stage_text(
            "%sLink: <https://ca.test/certificate/%d>;rel=\"alternate\"\n", links, i);
    }
    AC_REQUIRE_OK(run(links, "Nobody", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/certificate/"), 1 + AC_ISSUE_ALTERNATES_MAX);
}

/* A.9: each is checked as the CA's own. */
AC_TEST(chain_of_another_certificate_or_none_is_passed_over)
{
    static const struct fake_rule rules[] = {
        { .url = "/certificate/2", .times = 99, .body = "<html>" },
        { .url = "/certificate/2", .times = 99, .status = 404, .body = "" },
        { .url = "/certificate/2", .times = 99, .body = "", .headers = CHAIN },
        { .url = "/certificate/2", .times = 99, .failure = AC_E_NETWORK },
        { .url = "/certificate/2", .times = 99, .is_silent = true },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(rules); i++) {
        struct ac_error err = { 0 };

        begin();
        fake_ca_rule(rules[i]);
        AC_REQUIRE_OK(run(ALTERNATE, TOP, &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stored_count(), 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "its default is kept"));
        CU_ASSERT(stage_elapsed_ms() < 5000 + AC_ISSUE_CHOICE_MS);
    }
}

AC_TEST(alternate_with_a_foreign_leaf_is_passed_over)
{
    static char foreign[65536];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin();
    AC_REQUIRE_OK(run(NULL, NULL, &err));
    (void)snprintf(foreign, sizeof foreign, "%s", stage.chain);
    begin();
    fake_ca_rule((struct fake_rule){
        .url = "/certificate/2", .times = 9, .headers = CHAIN, .body = foreign });
    AC_REQUIRE_OK(run(ALTERNATE, TOP, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(strlen(foreign) > 0);
    CU_ASSERT_EQUAL(stored_count(), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "its default is kept"));
}

AC_SUITE("engine/issue_chain", AC_CASE(chain_that_is_preferred_is_kept),
         AC_CASE(others_are_not_fetched_when_the_cas_own_will_do),
         AC_CASE(chain_that_nobody_offers_is_warned_of_with_what_is),
         AC_CASE(links_that_cannot_be_used_are_passed_over),
         AC_CASE(number_of_chains_that_are_fetched_is_bounded),
         AC_CASE(chain_of_another_certificate_or_none_is_passed_over),
         AC_CASE(alternate_with_a_foreign_leaf_is_passed_over))
