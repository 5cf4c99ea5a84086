/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns.h"

#include "dns_bench.h"

#include <stdlib.h>

#define LIMIT 5000
#define NAME  "_acme-challenge.a.example"

static const char *const dns_types[] = { "http-01", "dns-account-01", NULL };
static const char *const http_types[] = { "http-01", NULL };

/* What an instance was given: pairs of name and value. */
struct settings {
    const char *pairs[8];
};

static const char *get_option(struct acmecore_host_ctx *ctx, const char *name,
                              size_t index)
{
    const struct settings *settings = (const void *)ctx;

    for (size_t i = 0; settings->pairs[i]; i += 2) {
        if (!strcmp(settings->pairs[i], name) && index-- == 0)
            return settings->pairs[i + 1];
    }
    return NULL;
}

static enum ac_code new_dns(struct settings *settings, const struct ac_loaded *loaded,
                            struct ac_dns **ret_dns, struct ac_error *err)
{
    struct acmecore_host host = { .ctx = (void *)settings, .option = get_option };

    return ac_dns_new(&host, loaded, AC_DNS_PORT, ret_dns, err);
}

static enum ac_code make_batch(struct ac_batch *batch, struct ac_error *err)
{
    struct acmecore_challenge challenge = { .type = "dns-01",
                                            .identifier = "a.example",
                                            .token = "t",
                                            .key_authorization = "t.p",
                                            .record_name = NAME,
                                            .record_value = "v" };

    AC_TRY(ac_batch_add(batch, &challenge, err));
    challenge.record_name = challenge.record_value = NULL;
    return ac_batch_add(batch, &challenge, err);
}

AC_TEST(family_is_told_by_its_types)
{
    struct ac_loaded dns = { .solver.types = dns_types };
    struct ac_loaded http = { .solver.types = http_types };
    struct ac_loaded installer = { .solver.types = NULL };

    CU_ASSERT(ac_dns_is_for(&dns));
    CU_ASSERT_FALSE(ac_dns_is_for(&http));
    CU_ASSERT_FALSE(ac_dns_is_for(&installer));
}

AC_TEST(description_gains_what_the_plugin_does_not_declare)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *plugin = NULL;

    AC_REQUIRE_OK(ac_json_new(&plugin, &err, "{s:[{s:s}], s:b}", "options", "name",
                              "quorum", "has_probe", 0));
    AC_REQUIRE_OK(ac_dns_describe(plugin, &err));

    const struct ac_json *options = ac_json_get(plugin, "options");
    CU_ASSERT_EQUAL(ac_json_count(options), 4);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(options, 0), "name", ""),
                           "quorum");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(options, 1), "name", ""),
                           "resolver");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(options, 3), "fallback", ""),
                           "180");
    CU_ASSERT(ac_json_bool_or(plugin, "has_probe", false));
}

AC_TEST(options_are_checked)
{
    static struct settings cases[] = {
        { { "visibility", "sometimes" } }, { { "visibility", "wait:" } },
        { { "visibility", "wait:x" } },    { { "quorum", "0" } },
        { { "resolver", "[::1" } },        { { "visibility-timeout", "0" } },
    };
    struct ac_loaded loaded = { .solver.types = dns_types };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        AC_AUTO(ac_dns) *dns = NULL;
        AC_REQUIRE_CODE(new_dns(&cases[i], &loaded, &dns, &err), AC_E_USAGE);
        CU_ASSERT_PTR_NULL(dns);
    }
}

AC_TEST(options_that_are_right_are_taken)
{
    static struct settings cases[] = {
        { { NULL } },
        { { "visibility", "wait:30", "quorum", "majority" } },
        { { "visibility", "resolver", "resolver", "192.0.2.1", "resolver", "::1" } },
        { { "visibility", "off", "visibility-timeout", "86400" } },
    };
    struct ac_loaded loaded = { .solver.types = dns_types };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        AC_AUTO(ac_dns) *dns = NULL;
        AC_REQUIRE_OK(new_dns(&cases[i], &loaded, &dns, &err));
        CU_ASSERT_PTR_NOT_NULL(dns);
    }
}

AC_TEST(places_of_a_batch_are_found)
{
    static const struct ac_dns_rule rules[] = { { AC_DNS_ANY, NAME, "SOA", 0,
                                                  AC_DNS_NXDOMAIN, 0, NULL,
                                                  "example 60 SOA ns.example 60" } };
    struct ac_loaded loaded = { .solver.types = dns_types };
    DNS_BENCH(bench);
    AC_AUTO(ac_dns) *dns = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_dns_place *places = NULL;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    struct settings settings = { { "resolver", ac_dns_server_address(0) } };
    AC_REQUIRE_OK(new_dns(&settings, &loaded, &dns, &err));
    AC_REQUIRE_OK(make_batch(&batch, &err));
    AC_REQUIRE_OK(
        ac_dns_find_places(dns, &batch, ac_clock_after_ms(LIMIT), &places, &err));

    CU_ASSERT_STRING_EQUAL(places[0].zone, "example");
    CU_ASSERT_STRING_EQUAL(places[0].name, NAME);
    CU_ASSERT_EQUAL(places[1].status, ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(places[1].name, "");
    free(places);
}

AC_TEST(name_is_taken_as_it_is_when_the_look_is_off)
{
    static const struct {
        const char *visibility;
        int status;
    } cases[] = { { "off", ACMECORE_OK }, { "authoritative", ACMECORE_E_REFUSED } };
    struct ac_loaded loaded = { .solver.types = dns_types };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        DNS_BENCH(bench);
        AC_AUTO(ac_dns) *dns = NULL;
        AC_AUTO(ac_batch) batch = { 0 };
        struct ac_dns_place *places = NULL;
        AC_REQUIRE_OK(dns_bench_start(&bench, NULL, 0, &err)); /* all REFUSED */
        struct settings settings = { { "resolver", ac_dns_server_address(0),
                                       "visibility", cases[i].visibility } };
        AC_REQUIRE_OK(new_dns(&settings, &loaded, &dns, &err));
        AC_REQUIRE_OK(make_batch(&batch, &err));
        AC_REQUIRE_OK(
            ac_dns_find_places(dns, &batch, ac_clock_after_ms(LIMIT), &places, &err));
        CU_ASSERT_EQUAL(places[0].status, cases[i].status);
        CU_ASSERT_STRING_EQUAL(places[0].name, NAME);
        CU_ASSERT_STRING_EQUAL(places[0].zone, "");
        free(places);
    }
}

AC_TEST(plugin_that_declares_visibility_looks_for_itself)
{
    static const struct acmecore_option own = { .name = "visibility",
                                                .type = ACMECORE_OPTION_TEXT };
    struct ac_loaded loaded = {
        .solver.types = dns_types,
        .plugin = { .option_count = 1, .option_size = sizeof own, .options = &own }
    };
    static struct settings settings = { { "visibility", "as the plugin likes",
                                          "resolver", "192.0.2.1" } };
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns) *dns = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_dns_verdict verdicts[2] = { 0 };

    AC_REQUIRE_OK(new_dns(&settings, &loaded, &dns, &err));
    AC_REQUIRE_OK(make_batch(&batch, &err));
    AC_REQUIRE_OK(ac_dns_probe(dns, &batch, verdicts, ac_clock_after_ms(LIMIT), &err));

    CU_ASSERT_EQUAL(verdicts[0].status, ACMECORE_OK);
    CU_ASSERT_FALSE(verdicts[0].is_ours);
}

AC_TEST(reason_has_the_report_and_fits)
{
    static struct settings settings = { { "resolver", "192.0.2.1" } };
    struct ac_loaded loaded = { .solver.types = dns_types };
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns) *dns = NULL;
    struct ac_dns_verdict verdict = { .status = ACMECORE_E_TIMEOUT };
    AC_AUTO(ac_words) lines = { 0 };
    char buffer[AC_MESSAGE_DETAIL_MAX];

    AC_REQUIRE_OK(new_dns(&settings, &loaded, &dns, &err));
    for (int i = 0; i < 100; i++)
        AC_REQUIRE_OK(ac_words_add(&lines, "ns1.example (192.0.2.1): no answer", &err));
    verdict.report = lines;
    (void)ac_dns_reason(dns, &verdict, buffer);

    CU_ASSERT_PTR_NOT_NULL(strstr(buffer, "after 180 s: ns1.example (192.0.2.1)"));
    verdict.status = ACMECORE_PENDING;
    CU_ASSERT_STRING_EQUAL(ac_dns_reason(dns, &verdict, buffer), "");
}

AC_SUITE("pluginhost/dns", AC_CASE(family_is_told_by_its_types),
         AC_CASE(description_gains_what_the_plugin_does_not_declare),
         AC_CASE(options_are_checked), AC_CASE(options_that_are_right_are_taken),
         AC_CASE(places_of_a_batch_are_found),
         AC_CASE(name_is_taken_as_it_is_when_the_look_is_off),
         AC_CASE(plugin_that_declares_visibility_looks_for_itself),
         AC_CASE(reason_has_the_report_and_fits))
