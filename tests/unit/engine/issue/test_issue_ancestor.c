/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static enum ac_code run_below(const char *ancestor, bool in_advance,
                              struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    stage.code = AC_OK;
    AC_TRY(stage_want("http", &wanted, err));
    AC_TRY(ac_words_add(&wanted.ancestors, ancestor, err));
    wanted.preauthorizes = in_advance;
    AC_TRY(stage_run_with(&wanted, err));
    stage.store = NULL;
    if (stage.code == AC_E_NOMEM || stage.is_out_of_memory)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    return AC_OK;
}

static bool was_sent(const char *url, const char *text)
{
    for (size_t i = 0; i < fake_ca.request_count; i++) {
        if (strcmp(fake_ca.requests[i].url, url) == 0
            && strstr(fake_ca.requests[i].payload, text))
            return true;
    }
    return false;
}

AC_TEST(domain_above_is_proven_in_the_place_of_the_name)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1, .knows_ancestors = true });
    AC_REQUIRE_OK(run_below("test", false, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(was_sent(FAKE_ORDER_URL, "\"ancestorDomain\":\"test\""));
    CU_ASSERT_EQUAL(fake_solvers_did("present test"), 1);
}

AC_TEST(ca_that_does_not_know_it_is_not_told_of_it)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_below("test", false, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_FALSE(was_sent(FAKE_ORDER_URL, "ancestorDomain"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "knows no ancestor domains"));
}

AC_TEST(domain_that_is_not_above_is_none)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .knows_ancestors = true });
    AC_REQUIRE_OK(run_below("other.example", false, &err));

    CU_ASSERT_EQUAL(stage.code,
                    AC_E_PROTOCOL); /* the CA asks for "test" all the same */
    CU_ASSERT_FALSE(was_sent(FAKE_ORDER_URL, "ancestorDomain"));
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 0);
}

AC_TEST(one_proof_in_advance_serves_all_names_below)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2,
                                    .knows_ancestors = true,
                                    .authorizes_in_advance = true,
                                    .valid_names = 0 });
    AC_REQUIRE_OK(run_below("test", true, &err));

    CU_ASSERT_EQUAL(stage.advances, 1);
    CU_ASSERT(was_sent("https://ca.test/new-authz", "\"subdomainAuthAllowed\":true"));
    CU_ASSERT(was_sent("https://ca.test/new-authz", "\"value\":\"test\""));
}

AC_SUITE("engine/issue_ancestor",
         AC_CASE(domain_above_is_proven_in_the_place_of_the_name),
         AC_CASE(ca_that_does_not_know_it_is_not_told_of_it),
         AC_CASE(domain_that_is_not_above_is_none),
         AC_CASE(one_proof_in_advance_serves_all_names_below))
