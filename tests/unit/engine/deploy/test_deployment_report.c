/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deployment_report.h"

#include "check.h"

AC_TEST(document_says_what_is_live_and_what_failed)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    struct ac_state_deployment *deployment;

    (void)ac_fail(&why, AC_E_PLUGIN, "no");
    AC_REQUIRE_OK(ac_state_have_deployment(&state, "web", &deployment, &err));
    ac_deployment_note_proof(deployment, 6, 1735790400);
    AC_REQUIRE_OK(
        ac_deployment_note_failure(deployment, 7, &why, 1735790400, 86400, &err));
    AC_REQUIRE_OK(ac_json_new(&document, &err, "{}"));
    AC_REQUIRE_OK(ac_deployments_to_json(&state, 7, document, &err));

    const struct ac_json *one = ac_json_at(ac_json_get(document, "deployments"), 0);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(one, "status", ""), "failed");
    CU_ASSERT_EQUAL(ac_json_number_or(one, "live_version", 0), 6);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(one, "live_at", ""), "2025-01-02T04:00:00Z");
    CU_ASSERT_EQUAL(ac_json_number_or(one, "failures", 0), 1);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(one, "message", ""), "no");
}

AC_TEST(certificate_without_installers_says_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE_OK(ac_json_new(&document, &err, "{}"));
    AC_REQUIRE_OK(ac_deployments_to_json(&state, 7, document, &err));

    CU_ASSERT_EQUAL(ac_json_count(document), 0);
}

AC_SUITE("engine/deploy/deployment_report",
         AC_CASE(document_says_what_is_live_and_what_failed),
         AC_CASE(certificate_without_installers_says_nothing))
