/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_dns.h"

#include "dns_bench.h"

#include <sys/socket.h>

#define LIMIT 5000
#define NAME  "_acme-challenge.a.example"
#define CHALLENGE                                                                      \
    "{\"challenges\":[{\"type\":\"dns-01\",\"identifier\":\"a.example\",\"token\":"    \
    "\"t\",\"key_authorization\":\"t.p\",\"record_name\":\"" NAME "\","                \
    "\"record_value\":\"v\"}]}"

static const char *const types[] = { "dns-01", NULL };

/* An open session of a dns solver, whose resolver is server 0. */
struct bench {
    struct dns_bench servers;
    struct ac_session session;
    struct ac_channel *channel;
    struct ac_channel *core;
};

static void bench_done(struct bench *bench)
{
    ac_dns_free(bench->session.dns);
    ac_services_done(&bench->session.services);
    ac_channel_free(bench->channel);
    ac_channel_free(bench->core);
    dns_bench_done(&bench->servers);
}

static enum ac_code open_channels(struct bench *bench, struct ac_error *err)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ac_fail(err, AC_E_SYSTEM, "socketpair");
    AC_AUTO_FD int first = ends[0];
    AC_AUTO_FD int second = ends[1];
    AC_TRY(ac_channel_new(&first, &bench->channel, err));
    return ac_channel_new(&second, &bench->core, err);
}

static enum ac_code bench_new(struct bench *bench, const struct ac_dns_rule *rules,
                              size_t count, struct ac_error *err)
{
    AC_AUTO(ac_message) open = { 0 };

    AC_TRY(dns_bench_start(&bench->servers, rules, count, err));
    AC_TRY(open_channels(bench, err));
    AC_TRY(ac_json_new(&open.json, err, "{s:{s:[s], s:[s], s:[s]}, s:[]}", "options",
                       "resolver", ac_dns_server_address(0), "visibility", "resolver",
                       "visibility-timeout", "1", "secrets"));
    AC_TRY(ac_services_init(&bench->session.services, bench->channel, NULL, err));
    AC_TRY(ac_services_configure(&bench->session.services, &open, err));
    bench->session.loaded.solver.types = types;
    bench->session.is_open = true;
    return ac_dns_new(&bench->session.services.host, &bench->session.loaded,
                      AC_DNS_PORT, &bench->session.dns, err);
}
#define BENCH(name) __attribute__((cleanup(bench_done))) struct bench name = { 0 }

static enum ac_code locate(struct bench *bench, struct ac_json **ret_results,
                           struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_parse(CHALLENGE, strlen(CHALLENGE), &json, err));
    return ac_session_locate(&bench->session, json, ac_clock_after_ms(LIMIT),
                             ret_results, err);
}

AC_TEST(place_is_told_with_its_zone)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "SOA", 0, 3, 0, NULL, "example 60 SOA ns.example 60" }
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *results = NULL;
    BENCH(bench);

    AC_REQUIRE_OK(bench_new(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, &results, &err));

    const struct ac_json *first = ac_json_at(results, 0);
    CU_ASSERT_EQUAL(ac_json_number_or(first, "status", -1), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(first, "name", ""), NAME);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(first, "zone", ""), "example");
}

AC_TEST(failure_to_locate_has_its_reason)
{
    static const struct {
        struct ac_dns_rule rule;
        int status;
        const char *word;
    } cases[] = {
        { { AC_DNS_ANY, NAME, "SOA", 0, 2, 0, NULL, NULL },
          ACMECORE_E_REFUSED,
          "SERVFAIL" },
        { { AC_DNS_ANY, NAME, "SOA", 0, 0, 0, NAME " 60 CNAME a/b.test",
            "test 60 SOA a.test 60" },
          ACMECORE_E_CONFIG,
          "odd characters" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_json) *results = NULL;
        BENCH(bench);
        AC_REQUIRE_OK(bench_new(&bench, &cases[i].rule, 1, &err));
        AC_REQUIRE_OK(locate(&bench, &results, &err));
        const struct ac_json *first = ac_json_at(results, 0);
        CU_ASSERT_EQUAL(ac_json_number_or(first, "status", 0), cases[i].status);
        CU_ASSERT_PTR_NOT_NULL(
            strstr(ac_json_text_or(first, "detail", ""), cases[i].word));
    }
}

#define PERSIST "_validation-persist.a.example"
#define PERSISTENT                                                                     \
    "{\"challenges\":[{\"type\":\"dns-persist-01\",\"identifier\":\"a.example\","      \
    "\"record_name\":\"" PERSIST "\",\"record_value\":\"v\"}]}"

AC_TEST(records_that_are_there_are_told_for_those_that_stay)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, PERSIST, "SOA", 0, 0, 0, NULL, "example 60 SOA ns.example 60" },
        { AC_DNS_ANY, PERSIST, "TXT", 1, 0, 0, PERSIST " 60 TXT a.example; b=|c",
          NULL },
        { AC_DNS_ANY, PERSIST, "TXT", 0, 2, 0, NULL, NULL }
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *known = NULL;
    AC_AUTO(ac_json) *unknown = NULL;
    BENCH(bench);

    AC_REQUIRE_OK(ac_json_parse(PERSISTENT, strlen(PERSISTENT), &json, &err));
    AC_REQUIRE_OK(bench_new(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ac_session_locate(&bench.session, json, ac_clock_after_ms(LIMIT),
                                    &known, &err));
    AC_REQUIRE_OK(ac_session_locate(&bench.session, json, ac_clock_after_ms(LIMIT),
                                    &unknown, &err));

    const struct ac_json *values = ac_json_get(ac_json_at(known, 0), "values");
    AC_REQUIRE(ac_json_count(values) == 1);
    CU_ASSERT_STRING_EQUAL(ac_json_as_text(ac_json_at(values, 0)), "a.example; b=c");
    CU_ASSERT_PTR_NULL(ac_json_get(ac_json_at(unknown, 0), "values"));
}

AC_TEST(locate_needs_an_open_dns_solver)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *results = NULL;
    struct bench bench = { .session.is_open = true };

    AC_REQUIRE_CODE(locate(&bench, &results, &err), AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(results);
}

AC_TEST(look_changes_what_is_not_visible)
{
    static const struct ac_dns_rule rules[] = { { AC_DNS_ANY, NAME, "TXT", 0, 3, 0,
                                                  NULL, NULL } };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_dns_verdict *verdicts = NULL;
    int results[] = { ACMECORE_OK };
    BENCH(bench);

    AC_REQUIRE_OK(bench_new(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ac_json_parse(CHALLENGE, strlen(CHALLENGE), &json, &err));
    AC_REQUIRE_OK(ac_batch_from_json(ac_json_get(json, "challenges"), &batch, &err));
    AC_REQUIRE_OK(ac_session_look(&bench.session, &batch, results,
                                  ac_clock_after_ms(LIMIT), &verdicts, &err));

    CU_ASSERT_EQUAL(results[0], ACMECORE_PENDING);
    CU_ASSERT(verdicts[0].is_ours);
    ac_dns_verdicts_free(verdicts, 1);
}

/* What is found about one name, or how the message fails. */
static enum ac_code ask_caa(const char *names, struct ac_json **ret_findings,
                            struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_TRY(ac_memory_format(&text, err,
                            "{\"identities\":[\"ca.example\"],\"resolvers\":[\"%s\"],"
                            "\"names\":%s}",
                            ac_dns_server_address(0), names));
    AC_TRY(ac_json_parse(text, strlen(text), &json, err));
    return ac_session_caa(json, ac_clock_after_ms(LIMIT), ret_findings, err);
}

AC_TEST(findings_name_their_index)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "b.example", "CAA", 0, 0, 0, "b.example 60 CAA 0 issue ;", NULL },
        { AC_DNS_ANY, NULL, "CAA", 0, 3, 0, NULL, NULL },
    };
    DNS_BENCH(bench);
    AC_AUTO(ac_json) *findings = NULL;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask_caa("[{\"name\":\"a.example\"},{\"name\":\"b.example\"}]",
                          &findings, &err));

    AC_REQUIRE(ac_json_count(findings) == 1);
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_at(findings, 0), "index", -1), 1);
}

AC_TEST(names_of_a_caa_question_are_checked)
{
    static const char *const bad[] = { "{}", "[{}]", "[{\"name\":\"\"}]",
                                       "[{\"name\":\"A b\"}]", "[7]" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(bad); i++) {
        AC_AUTO(ac_json) *findings = NULL;
        AC_REQUIRE_CODE(ask_caa(bad[i], &findings, &err), AC_E_INVALID);
        CU_ASSERT_PTR_NULL(findings);
    }
}

AC_SUITE("pluginhost/session_dns", AC_CASE(place_is_told_with_its_zone),
         AC_CASE(failure_to_locate_has_its_reason),
         AC_CASE(records_that_are_there_are_told_for_those_that_stay),
         AC_CASE(locate_needs_an_open_dns_solver),
         AC_CASE(look_changes_what_is_not_visible), AC_CASE(findings_name_their_index),
         AC_CASE(names_of_a_caa_question_are_checked))
