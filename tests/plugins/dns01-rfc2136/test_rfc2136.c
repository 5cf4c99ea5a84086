/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table, with a name server of the test. */
#include "talk.h"

#define ZONE_A "a.test"

static struct talk talk;
static void *self;
static int results[4];

static const struct dns_step good[] = { { .rcode = 0 } };

static struct acmecore_challenge challenge(const char *name, const char *value,
                                           const char *zone)
{
    return (struct acmecore_challenge){ .struct_size =
                                            sizeof(struct acmecore_challenge),
                                        .type = "dns-01",
                                        .identifier = "a.test",
                                        .token = "token",
                                        .key_authorization = "token.thumb",
                                        .record_name = name,
                                        .record_value = value,
                                        .record_zone = zone };
}

static bool open_plugin(const struct dns_step *steps, size_t count)
{
    self = NULL;
    memset(results, 0, sizeof results);
    return talk_listen(&talk, steps, count)
           && acmecore_plugin.open(&talk.fake.host, &self) == ACMECORE_OK;
}

static void close_plugin(void)
{
    acmecore_plugin.close(self);
    dns_stop(&talk.server);
}

static int run(acmecore_batch *operation, const struct acmecore_challenge *list,
               size_t count)
{
    const struct acmecore_challenge *pointers[4] = { NULL };

    for (size_t i = 0; i < count; i++)
        pointers[i] = &list[i];
    return operation(self, pointers, count, results);
}

static int present(const struct acmecore_challenge *list, size_t count)
{
    return run(acmecore_plugin.ops.solver->present, list, count);
}

static int cleanup(const struct acmecore_challenge *list, size_t count)
{
    return run(acmecore_plugin.ops.solver->cleanup, list, count);
}

AC_TEST(two_values_at_one_name_are_one_update)
{
    struct acmecore_challenge both[] = {
        challenge("_acme-challenge.a.test", "v1", ZONE_A),
        challenge("_acme-challenge.a.test", "v2", ZONE_A),
    };
    int presented = 0, cleaned = 0;

    AC_REQUIRE(open_plugin(TALK_STEPS(good)));
    presented = present(both, 2);
    cleaned = cleanup(both, 2);
    close_plugin();
    AC_REQUIRE(presented == ACMECORE_OK && cleaned == ACMECORE_OK);

    CU_ASSERT_EQUAL(dns_update_count(&talk.server), 2);
    CU_ASSERT_EQUAL(talk.server.request_count, 3); /* and one question for the name */
    CU_ASSERT_EQUAL(message_get_u16(talk.server.requests[0].bytes + 8), 2);
    CU_ASSERT_STRING_EQUAL(talk.fake.ctx.stranger, "");
}

AC_TEST(each_zone_has_its_update)
{
    struct acmecore_challenge mixed[] = {
        challenge("_acme-challenge.b.test", "v", "b.test"),
        challenge("_acme-challenge.a.test", "v", ZONE_A),
        challenge("_acme-challenge.www.b.test", "v", "b.test"),
        challenge("_acme-challenge.WWW.A.test.", "v", "A.TEST."),
    };
    int status = 0;

    AC_REQUIRE(open_plugin(TALK_STEPS(good)));
    status = cleanup(mixed, 4);
    close_plugin();
    AC_REQUIRE(status == ACMECORE_OK);

    CU_ASSERT_EQUAL(talk.server.request_count, 2);
    CU_ASSERT_EQUAL(message_get_u16(talk.server.requests[0].bytes + 8), 2);
    CU_ASSERT_EQUAL(message_get_u16(talk.server.requests[1].bytes + 8), 2);
}

AC_TEST(zone_of_the_options_wins)
{
    struct acmecore_challenge one = challenge("_acme-challenge.www.a.test", "v", "x");
    int status = 0;

    AC_REQUIRE(talk_listen(&talk, TALK_STEPS(good)));
    fake_host_set(&talk.fake, "zone", ZONE_A);
    AC_REQUIRE(acmecore_plugin.open(&talk.fake.host, &self) == ACMECORE_OK);
    status = cleanup(&one, 1);
    close_plugin();
    AC_REQUIRE(status == ACMECORE_OK);

    CU_ASSERT_EQUAL(memcmp(talk.server.requests[0].bytes + 12, "\1a\4test", 8), 0);
}

AC_TEST(zone_is_asked_for_when_nobody_knows_it)
{
    static const struct dns_record soa[] = {
        { DNS_IN_AUTHORITY, "a.test", LDNS_RR_TYPE_SOA, "ns.a.test" },
        { 0 },
    };
    static const struct dns_step steps[] = { { .rcode = 3, .records = soa },
                                             { .rcode = 0 } };
    struct acmecore_challenge one = challenge("_acme-challenge.www.a.test", "v", NULL);
    int status = 0;

    AC_REQUIRE(open_plugin(TALK_STEPS(steps)));
    status = cleanup(&one, 1);
    close_plugin();
    AC_REQUIRE(status == ACMECORE_OK);

    CU_ASSERT_EQUAL(dns_opcode(&talk.server, 0), 0);
    CU_ASSERT_EQUAL(dns_opcode(&talk.server, 1), 5);
    CU_ASSERT_EQUAL(memcmp(talk.server.requests[1].bytes + 12, "\1a\4test", 8), 0);
}

AC_TEST(host_before_the_field_of_the_zone_is_served)
{
    struct acmecore_challenge one = challenge("_acme-challenge.a.test", "v", "wild");
    static const struct dns_step steps[] = { { .rcode = 5 } };
    int status = 0;

    one.struct_size = offsetof(struct acmecore_challenge, record_zone);
    AC_REQUIRE(open_plugin(TALK_STEPS(steps)));
    status = cleanup(&one, 1);
    close_plugin();
    AC_REQUIRE(status == ACMECORE_E_REFUSED);

    CU_ASSERT_EQUAL(dns_opcode(&talk.server, 0), 0);
}

AC_TEST(name_outside_its_zone_fails_alone)
{
    struct acmecore_challenge two[] = {
        challenge("_acme-challenge.b.test", "v", ZONE_A),
        challenge("_acme-challenge.a.test", "v", ZONE_A),
    };
    int status = 0;

    AC_REQUIRE(open_plugin(TALK_STEPS(good)));
    status = present(two, 2);
    close_plugin();
    AC_REQUIRE(status == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(results[0], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    CU_ASSERT_TRUE(fake_host_failed_with(&talk.fake, "is not in the zone a.test"));
}

AC_TEST(challenge_that_makes_no_record_is_refused_and_not_cleaned_up)
{
    char value[MESSAGE_TXT_MAX + 2];
    struct acmecore_challenge bad[] = {
        challenge(NULL, "v", ZONE_A),
        challenge("_acme-challenge.a.test", NULL, ZONE_A),
        challenge("_acme-challenge.a.test", "", ZONE_A),
        challenge("_acme-challenge.a.test", value, ZONE_A),
    };

    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    AC_REQUIRE(open_plugin(TALK_STEPS(good)));

    CU_ASSERT_NOT_EQUAL(present(bad, 4), ACMECORE_OK);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_NOT_EQUAL(results[i], ACMECORE_OK);
    (void)cleanup(bad, 4);
    close_plugin();
    CU_ASSERT_EQUAL(talk.server.request_count, 0);
}

AC_TEST(empty_batch_is_success)
{
    AC_REQUIRE(open_plugin(TALK_STEPS(good)));

    CU_ASSERT_EQUAL(present(NULL, 0), ACMECORE_OK);
    CU_ASSERT_EQUAL(cleanup(NULL, 0), ACMECORE_OK);
    close_plugin();
    CU_ASSERT_EQUAL(talk.server.request_count, 0);
}

AC_TEST(spent_deadline_sends_nothing)
{
    struct acmecore_challenge one = challenge("_acme-challenge.a.test", "v", ZONE_A);
    int presented = 0, cleaned = 0;

    AC_REQUIRE(open_plugin(TALK_STEPS(good)));
    talk.fake.ctx.remaining_ms = 0;
    presented = present(&one, 1);
    cleaned = cleanup(&one, 1);
    close_plugin();
    AC_REQUIRE(presented != ACMECORE_E_SYSTEM && cleaned != ACMECORE_E_SYSTEM);

    CU_ASSERT_EQUAL(presented, ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(cleaned, ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(talk.server.request_count, 0);
}

AC_TEST(failures_of_the_server_reach_the_host)
{
    static const struct dns_step steps[] = {
        { .rcode = 9, .signature = DNS_BARE, .tsig_error = TSIG_BADSIG }
    };
    struct acmecore_challenge one = challenge("_acme-challenge.a.test", "v", ZONE_A);
    int status = 0;

    AC_REQUIRE(open_plugin(TALK_STEPS(steps)));
    status = present(&one, 1);
    close_plugin();
    AC_REQUIRE(status == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(results[0], ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&talk.fake, "(BADSIG)"));
    CU_ASSERT_FALSE(fake_host_failed_with(&talk.fake, DNS_SECRET));
    CU_ASSERT_FALSE(fake_host_logged(&talk.fake, DNS_SECRET));
}

AC_TEST(wrong_settings_do_not_open)
{
    void *instance = NULL;

    AC_REQUIRE(fake_host_start(&talk.fake, &acmecore_plugin));

    CU_ASSERT_NOT_EQUAL(acmecore_plugin.open(&talk.fake.host, &instance), ACMECORE_OK);
    CU_ASSERT_PTR_NULL(instance);
}

AC_SUITE("dns01-rfc2136/rfc2136", AC_CASE(two_values_at_one_name_are_one_update),
         AC_CASE(each_zone_has_its_update), AC_CASE(zone_of_the_options_wins),
         AC_CASE(zone_is_asked_for_when_nobody_knows_it),
         AC_CASE(host_before_the_field_of_the_zone_is_served),
         AC_CASE(name_outside_its_zone_fails_alone),
         AC_CASE(challenge_that_makes_no_record_is_refused_and_not_cleaned_up),
         AC_CASE(empty_batch_is_success), AC_CASE(spent_deadline_sends_nothing),
         AC_CASE(failures_of_the_server_reach_the_host),
         AC_CASE(wrong_settings_do_not_open))
