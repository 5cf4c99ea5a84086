/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_visible.h"

#include "dns_bench.h"

#include <stdio.h>

#define NAME   "_acme-challenge.example"
#define ONE    "value-1"
#define TWO    "value-2"
#define LIMIT  20000 /* of a test that waits for something to become visible */
#define HAS(v) NAME " 60 TXT " v

/* Server 0 is the resolver; the zone "example" is served by 1 and 2. */
#define ZONE                                                                           \
    { 0,                                                                               \
      "example",                                                                       \
      "NS",                                                                            \
      0,                                                                               \
      0,                                                                               \
      0,                                                                               \
      "example 60 NS ns1.example\nexample 60 NS ns2.example",                          \
      NULL },                                                                          \
        { 0,                                                                           \
          "ns1.example",                                                               \
          "A",                                                                         \
          0,                                                                           \
          0,                                                                           \
          0,                                                                           \
          "ns1.example 60 A " AC_DNS_SERVER_PREFIX "2",                                \
          NULL },                                                                      \
        { 0,                                                                           \
          "ns2.example",                                                               \
          "A",                                                                         \
          0,                                                                           \
          0,                                                                           \
          0,                                                                           \
          "ns2.example 60 A " AC_DNS_SERVER_PREFIX "3",                                \
          NULL },                                                                      \
    {                                                                                  \
        0, NULL, "AAAA", 0, 0, 0, NULL, NULL                                           \
    }

static int64_t fake_ms;
static int64_t fake_now(void)
{
    return fake_ms;
}

struct look {
    struct ac_dns_visible *visible;
    struct acmecore_challenge challenges[2];
    const struct acmecore_challenge *pointers[2];
    size_t count;
    struct ac_dns_verdict *verdicts;
};

static void look_done(struct look *look)
{
    ac_dns_verdicts_free(look->verdicts, look->count);
    ac_dns_visible_free(look->visible);
    ac_clock_fake(NULL, NULL);
}

static enum ac_code look_new(struct look *look, const struct dns_bench *bench,
                             const struct ac_dns_visible_settings *settings,
                             struct ac_error *err)
{
    struct ac_dns_visible_settings all = *settings;

    all.resolvers = bench->resolvers;
    all.port = ac_dns_server_port();
    look->count = 2;
    for (size_t i = 0; i < look->count; i++) {
        look->challenges[i] =
            (struct acmecore_challenge){ .type = "dns-01",
                                         .record_name = NAME,
                                         .record_value = i ? TWO : ONE,
                                         .record_zone = "example" };
        look->pointers[i] = &look->challenges[i];
    }
    return ac_dns_visible_new(&all, &look->visible, err);
}

/* Calls once. */
static enum ac_code call(struct look *look, struct ac_error *err)
{
    ac_dns_verdicts_free(AC_TAKE(look->verdicts), look->count);
    AC_TRY(ac_memory_new(look->count, sizeof *look->verdicts, &look->verdicts, err));
    return ac_dns_visible_probe(look->visible, look->pointers, look->count,
                                look->verdicts, ac_clock_after_ms(LIMIT), err);
}

static bool is_pending(const struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        if (look->verdicts[i].status == ACMECORE_PENDING)
            return true;
    }
    return false;
}

/* Calls until nothing is pending any more, as the engine does. */
static enum ac_code call_all(struct look *look, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(LIMIT);

    do {
        AC_TRY(call(look, err));
    } while (is_pending(look) && ac_clock_now_ms() < until_ms);
    return AC_OK;
}

#define LOOK(name) __attribute__((cleanup(look_done))) struct look name = { 0 }
#define BOTH       HAS(ONE) "\n" HAS(TWO)

AC_TEST(both_values_at_every_server_are_asked_for_once)
{
    static const struct ac_dns_rule rules[] = {
        ZONE, { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_AA, BOTH, NULL }
    };
    static const struct ac_dns_visible_settings settings = { .timeout_ms = 1000 };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    AC_REQUIRE_OK(call(&look, &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(look.verdicts[1].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_dns_server_count(1, NAME, "TXT"), 1);
    CU_ASSERT_EQUAL(ac_dns_server_count(2, NAME, "TXT"), 1);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), 0);
}

AC_TEST(secondary_that_lags_is_waited_for)
{
    static const struct ac_dns_rule rules[] = {
        ZONE,
        { 1, NAME, "TXT", 0, 0, AC_DNS_AA, BOTH, NULL },
        { 2, NAME, "TXT", 2, AC_DNS_NXDOMAIN, AC_DNS_AA, NULL, NULL },
        { 2, NAME, "TXT", 1, 0, AC_DNS_AA, HAS(ONE), NULL },
        { 2, NAME, "TXT", 0, 0, AC_DNS_AA, BOTH, NULL },
    };
    static const struct ac_dns_visible_settings settings = { .timeout_ms = LIMIT };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    AC_REQUIRE_OK(call_all(&look, &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(look.verdicts[1].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_dns_server_count(1, NAME, "TXT"), 1);
    CU_ASSERT_EQUAL(ac_dns_server_count(2, NAME, "TXT"), 4);
}

AC_TEST(timeout_reports_each_server)
{
    static const struct ac_dns_rule rules[] = {
        ZONE,
        { 1, NAME, "TXT", 0, 0, AC_DNS_AA, BOTH, NULL },
        { 2, NAME, "TXT", 0, AC_DNS_REFUSED, 0, NULL, NULL },
    };
    static const struct ac_dns_visible_settings settings = { .timeout_ms = 100 };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    AC_REQUIRE_OK(call_all(&look, &err));

    AC_REQUIRE(look.verdicts[0].status == ACMECORE_E_TIMEOUT);
    AC_REQUIRE(look.verdicts[0].report.count == 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(look.verdicts[0].report.items[0], "ns2.example"));
    CU_ASSERT_PTR_NOT_NULL(strstr(look.verdicts[0].report.items[0], "REFUSED"));
    CU_ASSERT_PTR_NOT_NULL(strstr(look.verdicts[0].report.items[1], "has it"));
}

AC_TEST(dead_server_is_left_out_by_quorum)
{
    static const struct ac_dns_rule rules[] = {
        ZONE,
        { 1, NAME, "TXT", 0, 0, AC_DNS_AA, BOTH, NULL },
        { 2, NAME, "TXT", 0, 0, AC_DNS_DROP, NULL, NULL },
    };
    static const struct ac_dns_visible_settings settings = {
        .timeout_ms = LIMIT, .quorum = { .rule = AC_DNS_QUORUM_NUMBER, .number = 1 }
    };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    AC_REQUIRE_OK(call(&look, &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(look.verdicts[1].status, ACMECORE_OK);
}

AC_TEST(record_is_located_when_nobody_has)
{
    static const struct ac_dns_rule rules[] = {
        ZONE,
        { 0, "_acme-challenge.test", "SOA", 0, 0, 0,
          "_acme-challenge.test 60 CNAME " NAME, "example 60 SOA ns1.example 60" },
        { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_AA, HAS(ONE), NULL },
    };
    static const struct ac_dns_visible_settings settings = { .timeout_ms = 1000 };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    look.count = 1;
    look.challenges[0].record_zone = NULL;
    look.challenges[0].record_name = "_acme-challenge.test";
    AC_REQUIRE_OK(call(&look, &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_dns_server_count(1, NAME, "TXT"), 1);
}

AC_TEST(zone_that_cannot_be_found_is_in_the_report)
{
    static const struct ac_dns_rule rules[] = { { AC_DNS_ANY, NULL, NULL, 0,
                                                  AC_DNS_SERVFAIL, 0, NULL, NULL } };
    static const struct ac_dns_visible_settings settings = { .timeout_ms = 0 };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    look.challenges[1].record_zone = NULL;
    look.challenges[1].record_name = "_acme-challenge.other.test";
    AC_REQUIRE_OK(call(&look, &err));

    AC_REQUIRE(look.verdicts[0].report.count == 1
               && look.verdicts[1].report.count == 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(look.verdicts[0].report.items[0], "SERVFAIL"));
    CU_ASSERT_PTR_NOT_NULL(strstr(look.verdicts[1].report.items[0], "SERVFAIL"));
}

AC_TEST(resolver_is_left_alone_while_it_remembers)
{
    static const struct ac_dns_rule rules[] = {
        { 0, NAME, "TXT", 1, AC_DNS_NXDOMAIN, 0, NULL,
          "example 900 SOA ns1.example 30" },
        { 0, NAME, "TXT", 0, 0, 0, BOTH, NULL },
    };
    static const struct ac_dns_visible_settings settings = { .mode = AC_DNS_RESOLVER,
                                                             .timeout_ms = 100000 };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    AC_REQUIRE_OK(call(&look, &err));
    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_PENDING);
    AC_REQUIRE_OK(call(&look, &err));
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), 1);

    fake_ms = ac_clock_now_ms() + 30000;
    ac_clock_fake(fake_now, NULL);
    AC_REQUIRE_OK(call(&look, &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), 2);
}

AC_TEST(plain_wait_ends_when_its_time_is_over)
{
    static const struct ac_dns_visible_settings settings = { .mode = AC_DNS_WAIT,
                                                             .wait_ms = 5000 };
    DNS_BENCH(bench);
    LOOK(look);

    fake_ms = 1000;
    ac_clock_fake(fake_now, NULL);
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    AC_REQUIRE_OK(call(&look, &err));
    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_PENDING);
    fake_ms += 5000;
    AC_REQUIRE_OK(call(&look, &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_OK);
}

AC_TEST(nothing_is_asked_when_it_is_off_or_there_is_no_record)
{
    static const struct ac_dns_visible_settings off = { .mode = AC_DNS_OFF };
    static const struct ac_dns_visible_settings on = { .timeout_ms = 0 };
    DNS_BENCH(bench);
    LOOK(look);
    LOOK(other);

    AC_REQUIRE_OK(dns_bench_start(&bench, NULL, 0, &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &off, &err));
    AC_REQUIRE_OK(call(&look, &err));
    AC_REQUIRE_OK(look_new(&other, &bench, &on, &err));
    other.challenges[0].type = "http-01";
    other.challenges[1].record_name = NULL;
    AC_REQUIRE_OK(call(&other, &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(other.verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_EQUAL(other.verdicts[1].status, ACMECORE_OK);
    CU_ASSERT_FALSE(other.verdicts[0].is_ours);
    CU_ASSERT_EQUAL(ac_dns_server_count(AC_DNS_ANY, NULL, NULL), 0);
}

AC_TEST(what_the_caller_calls_failed_is_not_looked_at)
{
    static const struct ac_dns_visible_settings settings = { .timeout_ms = 0 };
    DNS_BENCH(bench);
    LOOK(look);

    AC_REQUIRE_OK(dns_bench_start(&bench, NULL, 0, &err));
    AC_REQUIRE_OK(look_new(&look, &bench, &settings, &err));
    AC_REQUIRE_OK(ac_memory_new(2, sizeof *look.verdicts, &look.verdicts, &err));
    look.verdicts[0].status = ACMECORE_PENDING;
    look.verdicts[1].status = ACMECORE_E_REFUSED;
    AC_REQUIRE_OK(ac_dns_visible_probe(look.visible, look.pointers, 2, look.verdicts,
                                       ac_clock_after_ms(LIMIT), &err));

    CU_ASSERT_EQUAL(look.verdicts[0].status, ACMECORE_PENDING);
    CU_ASSERT_EQUAL(look.verdicts[1].status, ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(ac_dns_server_count(AC_DNS_ANY, NULL, NULL), 0);
}

AC_SUITE("pluginhost/dns_visible",
         AC_CASE(both_values_at_every_server_are_asked_for_once),
         AC_CASE(secondary_that_lags_is_waited_for),
         AC_CASE(timeout_reports_each_server),
         AC_CASE(dead_server_is_left_out_by_quorum),
         AC_CASE(record_is_located_when_nobody_has),
         AC_CASE(zone_that_cannot_be_found_is_in_the_report),
         AC_CASE(resolver_is_left_alone_while_it_remembers),
         AC_CASE(plain_wait_ends_when_its_time_is_over),
         AC_CASE(nothing_is_asked_when_it_is_off_or_there_is_no_record),
         AC_CASE(what_the_caller_calls_failed_is_not_looked_at))
