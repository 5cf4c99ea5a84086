/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_check.h"

#include "context.h"

/* How many of the five fail, once limited like that. */
static size_t count_failing(const char *how, size_t *ret_refused)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;
    const struct acmecore_request request = { .struct_size = sizeof request };
    const struct acmecore_command command = { .struct_size = sizeof command };

    if (context_begin(&c, 1000, &err) != AC_OK)
        return 99;
    ac_services_limit(&c.services, how);
    int results[] = {
        host->http(host->ctx, &request, NULL, NULL, NULL),
        host->run(host->ctx, &command, NULL, NULL, NULL),
        host->write_file(host->ctx, "relative", 0, "", 0),
        host->remove_file(host->ctx, "relative"),
        host->secret(host->ctx, "absent", take, &c),
    };
    size_t failing = 0;
    for (size_t i = 0; i < AC_COUNT(results); i++)
        failing += results[i] == ACMECORE_E_NETWORK;
    *ret_refused = c.services.refused_count;
    return failing;
}

AC_TEST(one_service_or_all_that_reach_out_can_fail)
{
    static const struct {
        const char *how;
        size_t failing, refused;
    } cases[] = {
        { "usual", 0, 0 },          { "hasty", 0, 0 },     { "failing", 4, 2 },
        { "no http", 1, 1 },        { "no run", 1, 1 },    { "no write_file", 1, 0 },
        { "no remove_file", 1, 0 }, { "no secret", 1, 0 },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        size_t refused = 0;

        CU_ASSERT_EQUAL(count_failing(cases[i].how, &refused), cases[i].failing);
        CU_ASSERT_EQUAL(refused, cases[i].refused);
    }
}

AC_TEST(what_fails_says_so)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    ac_services_limit(&c.services, "no secret");
    AC_REQUIRE(host->secret(host->ctx, "token", take, &c) == ACMECORE_E_NETWORK);

    CU_ASSERT_STRING_EQUAL(ac_services_reason(&c.services, 0, 1),
                           "secret fails in this check");
}

AC_SUITE("pluginhost/services_check",
         AC_CASE(one_service_or_all_that_reach_out_can_fail),
         AC_CASE(what_fails_says_so))
