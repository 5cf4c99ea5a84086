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

/* Asks about both names, of a CA called "ca.example", and waits for the answer. */
static enum ac_code ask(struct ac_caa_pool *pool, struct ac_caa **ret_caa,
                        struct ac_error *err)
{
    AC_AUTO(ac_words) identities = { 0 };
    AC_AUTO(ac_words) resolvers = { 0 };
    int64_t until_ms = ac_clock_after_ms(LIMIT_MS);

    AC_TRY(ac_words_add(&identities, "ca.example", err));
    AC_TRY(ac_words_add(&resolvers, ac_dns_server_address(0), err));
    struct ac_caa_settings settings = { .pool = pool,
                                        .identities = &identities,
                                        .resolvers = &resolvers,
                                        .names = names,
                                        .name_count = AC_COUNT(names),
                                        .deadline_ms = until_ms };
    AC_TRY(ac_caa_begin(&settings, ret_caa, err));
    while (!ac_caa_is_done(*ret_caa) && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_caa_fds(*ret_caa, fds);
        (void)poll(fds, (nfds_t)count, ac_clock_left_ms(ac_caa_wake_at_ms(*ret_caa)));
        ac_caa_step(*ret_caa);
    }
    return ac_caa_result(*ret_caa, err);
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
         AC_CASE(host_that_is_not_there_is_an_error))
