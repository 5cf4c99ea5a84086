/* SPDX-License-Identifier: Apache-2.0 */
#include "host/caa.h"

#include "base/clock.h"
#include "check.h"
#include "dns_server.h"

#include <string.h>

#define LIMIT_MS 20000

static void server_stop(const bool *is_up)
{
    if (*is_up)
        ac_dns_server_stop();
}

static const struct ac_caa_name names[] = {
    { "a.example", "dns-01", false },
    { "b.test", NULL, true },
};

/* Asks about both names, of a CA called "ca.example". */
static enum ac_code begin(struct ac_caa_pool *pool, struct ac_caa **ret_caa,
                          struct ac_error *err)
{
    AC_AUTO(ac_words) identities = { 0 };
    AC_AUTO(ac_words) resolvers = { 0 };

    AC_TRY(ac_words_add(&identities, "ca.example", err));
    AC_TRY(ac_words_add(&resolvers, ac_dns_server_address(0), err));
    struct ac_caa_settings settings = { .pool = pool,
                                        .identities = &identities,
                                        .resolvers = &resolvers,
                                        .names = names,
                                        .name_count = AC_COUNT(names),
                                        .deadline_ms = ac_clock_after_ms(LIMIT_MS) };
    return ac_caa_begin(&settings, ret_caa, err);
}

static enum ac_code wait_for(struct ac_caa *caa, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(LIMIT_MS);

    while (!ac_caa_is_done(caa) && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_caa_fds(caa, fds);
        (void)poll(fds, (nfds_t)count, ac_clock_left_ms(ac_caa_wake_at_ms(caa)));
        ac_caa_step(caa);
    }
    return ac_caa_result(caa, err);
}

static enum ac_code ask(struct ac_caa_pool *pool, struct ac_caa **ret_caa,
                        struct ac_error *err)
{
    AC_TRY(begin(pool, ret_caa, err));
    return wait_for(*ret_caa, err);
}

AC_TEST(finding_is_that_of_its_name)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "b.test", "CAA", 0, 0, 0, "b.test 60 CAA 0 issue other.example",
          NULL },
        { AC_DNS_ANY, NULL, "CAA", 0, 3, 0, NULL, NULL },
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    AC_AUTO(ac_caa) *caa = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    __attribute__((cleanup(server_stop))) bool is_up =
        ac_dns_server_start(rules, AC_COUNT(rules));
    AC_REQUIRE(is_up);
    AC_REQUIRE_OK(ac_caa_pool_new(AC_TEST_PLUGIN_HOST, &pool, &err));
    AC_REQUIRE_OK(ask(pool, &caa, &err));

    CU_ASSERT_PTR_NULL(ac_caa_finding(caa, 0));
    AC_REQUIRE(ac_caa_finding(caa, 1) != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_caa_finding(caa, 1), "ca.example"));
}

AC_TEST(host_that_dies_is_an_error)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    AC_AUTO(ac_caa) *caa = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_caa_pool_new("/bin/false", &pool, &err));
    AC_REQUIRE_CODE(ask(pool, &caa, &err), AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "exit code 1"));
    CU_ASSERT_PTR_NULL(ac_caa_finding(caa, 0));
}

/* Nothing more comes from there that would wake it. */
AC_TEST(what_ends_in_the_step_of_another_wakes_the_loop)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    AC_AUTO(ac_caa) *first = NULL;
    AC_AUTO(ac_caa) *second = NULL;
    AC_AUTO(ac_caa) *third = NULL;
    AC_AUTO(ac_caa) *fourth = NULL;
    AC_AUTO(ac_caa) *fifth = NULL; /* asks the same as the first */

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_caa_pool_new("/bin/false", &pool, &err));
    AC_REQUIRE_OK(begin(pool, &first, &err));
    AC_REQUIRE_OK(begin(pool, &second, &err));
    AC_REQUIRE_OK(begin(pool, &third, &err));
    AC_REQUIRE_OK(begin(pool, &fourth, &err));
    AC_REQUIRE_OK(begin(pool, &fifth, &err));
    AC_REQUIRE_CODE(wait_for(fifth, &err), AC_E_PLUGIN);

    bool was_done = ac_caa_is_done(first);
    int64_t wake_at_ms = ac_caa_wake_at_ms(first);
    ac_caa_step(first);

    CU_ASSERT_FALSE(was_done);
    CU_ASSERT(wake_at_ms <= ac_clock_now_ms());
    CU_ASSERT_TRUE(ac_caa_is_done(first));
}

AC_TEST(host_that_is_not_there_is_an_error)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    AC_AUTO(ac_caa) *caa = NULL;

    AC_REQUIRE_OK(ac_caa_pool_new("/nonexistent/host", &pool, &err));
    AC_REQUIRE_CODE(ask(pool, &caa, &err), AC_E_SYSTEM);

    CU_ASSERT_PTR_NULL(caa);
}

AC_SUITE("host/caa", AC_CASE(finding_is_that_of_its_name),
         AC_CASE(host_that_dies_is_an_error),
         AC_CASE(what_ends_in_the_step_of_another_wakes_the_loop),
         AC_CASE(host_that_is_not_there_is_an_error))
