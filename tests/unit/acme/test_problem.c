/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/problem.h"
#include "check.h"
#include "document.h"

static enum ac_code answer(long status, const char *body, struct ac_problem **problem,
                           struct ac_error *err)
{
    return ac_problem_from_answer(status, body, strlen(body), problem, err);
}

AC_TEST(compound_problem_of_the_rfc_is_read)
{
    struct ac_error err = { 0 };
    char text[DOCUMENT_MAX];
    AC_AUTO(ac_problem) *problem = NULL;
    AC_REQUIRE_OK(document_read("rfc8555/problem-compound.json", text, &err));

    AC_REQUIRE_OK(answer(403, text, &problem, &err));

    CU_ASSERT(ac_problem_is(problem, "malformed"));
    CU_ASSERT_EQUAL(problem->status, 403);
    AC_REQUIRE(problem->subproblem_count == 2);
    CU_ASSERT(ac_problem_is(&problem->subproblems[1], "rejectedIdentifier"));
    CU_ASSERT_STRING_EQUAL(problem->subproblems[1].identifier, "example.net");
    AC_REQUIRE_CODE(ac_problem_fail(problem, 0, &err), AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "Some of the identifiers requested were rejected; "
                           "_example.org: Invalid underscore in DNS name "
                           "\"_example.org\"; example.net: This CA will not issue for "
                           "\"example.net\"");
    CU_ASSERT_STRING_EQUAL(err.problem, "malformed");
}

AC_TEST(instance_is_to_be_visited)
{
    struct ac_error err = { 0 };
    char text[DOCUMENT_MAX];
    AC_AUTO(ac_problem) *problem = NULL;
    AC_REQUIRE_OK(document_read("rfc8555/problem-terms.json", text, &err));

    AC_REQUIRE_OK(answer(403, text, &problem, &err));
    AC_REQUIRE_CODE(ac_problem_fail(problem, 0, &err), AC_E_PROBLEM);

    CU_ASSERT_STRING_EQUAL(problem->instance,
                           "https://example.com/acme/agreement/?token=W8Ih3PswD-8");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, problem->instance));
}

AC_TEST(any_body_is_taken)
{
    static const char *const bodies[] = {
        "",
        "<html>Service Unavailable</html>",
        "[]",
        "null",
        "7",
        "{",
        "{}",
        "{\"type\":7,\"detail\":[],\"status\":\"x\",\"subproblems\":{}}",
        "{\"type\":\"about:blank\"}",
        "{\"subproblems\":[]}",
        "{\"a\":1,\"a\":2}",
    };

    for (size_t i = 0; i < AC_COUNT(bodies); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_problem) *problem = NULL;
        AC_REQUIRE_OK(answer(418, bodies[i], &problem, &err));
        CU_ASSERT_STRING_EQUAL(problem->type, "");
        CU_ASSERT_STRING_EQUAL(problem->detail, "");
        CU_ASSERT_EQUAL(problem->status, 418);
        AC_REQUIRE_CODE(ac_problem_fail(problem, 0, &err), AC_E_PROBLEM);
        CU_ASSERT_STRING_EQUAL(err.detail,
                               "the CA answered with status 418 and gave no reason");
    }
}

AC_TEST(odd_subproblems_do_no_harm)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_problem) *problem = NULL;

    AC_REQUIRE_OK(
        answer(400,
               "{\"type\":\"x:y\",\"subproblems\":[7,null,{\"identifier\":\"a\"},"
               "{\"subproblems\":[{}]}]}",
               &problem, &err));

    AC_REQUIRE(problem->subproblem_count == 4);
    CU_ASSERT_PTR_NULL(problem->subproblems[2].identifier);
    CU_ASSERT_EQUAL(problem->subproblems[3].subproblem_count, 0);
    CU_ASSERT_STRING_EQUAL(problem->type, "x:y");
}

AC_TEST(code_follows_type_and_status)
{
    static const struct {
        long status;
        const char *body;
        enum ac_code code;
    } cases[] = {
        { 429, "", AC_E_RATE_LIMITED },
        { 400, "{\"type\":\"urn:ietf:params:acme:error:rateLimited\"}",
          AC_E_RATE_LIMITED },
        { 500, "", AC_E_NETWORK },
        { 503, "<html>", AC_E_NETWORK },
        { 500, "{\"type\":\"urn:ietf:params:acme:error:serverInternal\"}",
          AC_E_PROBLEM },
        { 404, "", AC_E_PROBLEM },
        { 400, "{\"type\":\"urn:acme:error:caa\"}", AC_E_PROBLEM },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_problem) *problem = NULL;
        AC_REQUIRE_OK(answer(cases[i].status, cases[i].body, &problem, &err));
        AC_REQUIRE_CODE(ac_problem_fail(problem, 9, &err), cases[i].code);
        CU_ASSERT_EQUAL(err.http_status, cases[i].status);
        CU_ASSERT_EQUAL(err.retry_after, 9);
    }
}

AC_TEST(text_of_the_ca_is_made_fit_to_show)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_problem) *problem = NULL;

    AC_REQUIRE_OK(
        answer(400,
               "{\"type\":\"a\\u001bb\",\"detail\":\"\\u001b[2Jhello\\u202e\","
               "\"instance\":\"x\\ny\"}",
               &problem, &err));

    CU_ASSERT_PTR_NULL(strchr(problem->type, '\033'));
    CU_ASSERT_PTR_NULL(strchr(problem->detail, '\033'));
    CU_ASSERT_PTR_NULL(strstr(problem->detail, "\xe2\x80\xae"));
    CU_ASSERT_PTR_NULL(strchr(problem->instance, '\n'));
}

AC_TEST(algorithms_of_a_refused_signature_are_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_problem) *problem = NULL;

    AC_REQUIRE_OK(
        answer(400,
               "{\"type\":\"urn:ietf:params:acme:error:badSignatureAlgorithm\","
               "\"algorithms\":[\"RS256\",7,\"ES256\"]}",
               &problem, &err));

    AC_REQUIRE(problem->algorithms.count == 2);
    CU_ASSERT_STRING_EQUAL(problem->algorithms.items[1], "ES256");
}

AC_TEST(problem_survives_the_way_to_json_and_back)
{
    struct ac_error err = { 0 };
    char text[DOCUMENT_MAX];
    AC_AUTO(ac_problem) *problem = NULL;
    AC_AUTO(ac_json) *json = NULL;
    AC_REQUIRE_OK(document_read("rfc8555/problem-compound.json", text, &err));
    AC_REQUIRE_OK(answer(403, text, &problem, &err));

    AC_REQUIRE_OK(ac_problem_to_json(problem, &json, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "type", ""), "malformed");
    CU_ASSERT_EQUAL(ac_json_number_or(json, "status", 0), 403);
    const struct ac_json *second = ac_json_at(ac_json_get(json, "subproblems"), 1);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(second, "identifier", ""), "example.net");
}

AC_TEST(no_problem_is_none)
{
    struct ac_error err = { 0 };
    struct ac_problem *problem = NULL;

    AC_REQUIRE_OK(ac_problem_from_json(NULL, &problem, &err));

    CU_ASSERT_PTR_NULL(problem);
    CU_ASSERT_FALSE(ac_problem_is(NULL, "caa"));
}

AC_TEST(long_detail_is_cut_at_the_size_of_an_error)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_problem) *problem = NULL;
    char body[4096] = "{\"detail\":\"";
    size_t start = strlen(body);
    memset(body + start, 'd', 3000);
    (void)snprintf(body + start + 3000, sizeof(body) - start - 3000, "\"}");

    AC_REQUIRE_OK(answer(400, body, &problem, &err));
    AC_REQUIRE_CODE(ac_problem_fail(problem, 0, &err), AC_E_PROBLEM);

    CU_ASSERT(strlen(problem->detail) <= AC_PROBLEM_TEXT_MAX);
    CU_ASSERT(strlen(err.detail) < AC_ERROR_DETAIL_SIZE);
    CU_ASSERT(strlen(err.detail) > AC_ERROR_DETAIL_SIZE / 2);
}

AC_SUITE("acme/problem", AC_CASE(compound_problem_of_the_rfc_is_read),
         AC_CASE(instance_is_to_be_visited), AC_CASE(any_body_is_taken),
         AC_CASE(odd_subproblems_do_no_harm), AC_CASE(code_follows_type_and_status),
         AC_CASE(text_of_the_ca_is_made_fit_to_show),
         AC_CASE(algorithms_of_a_refused_signature_are_kept),
         AC_CASE(problem_survives_the_way_to_json_and_back),
         AC_CASE(no_problem_is_none),
         AC_CASE(long_detail_is_cut_at_the_size_of_an_error))
