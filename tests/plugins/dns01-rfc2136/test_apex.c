/* SPDX-License-Identifier: Apache-2.0 */
#include "apex.h"

#include "talk.h"

#define NAME "_acme-challenge.www.a.b.test"

static struct talk talk;
static char zone_text[256];

static const struct dns_record soa_below_it[] = {
    { DNS_IN_AUTHORITY, "b.test", LDNS_RR_TYPE_SOA, "ns.b.test" },
    { 0 },
};
static const struct dns_record soa_of_a_b[] = {
    { DNS_IN_ANSWER, "a.b.test", LDNS_RR_TYPE_SOA, "ns.b.test" },
    { 0 },
};
static const struct dns_record alias_to_elsewhere[] = {
    { DNS_IN_ANSWER, NAME, LDNS_RR_TYPE_CNAME, "x.b.test" },
    { DNS_IN_AUTHORITY, "b.test", LDNS_RR_TYPE_SOA, "ns.b.test" },
    { 0 },
};
static const struct dns_record soa_of_a_stranger[] = {
    { DNS_IN_AUTHORITY, "other.test", LDNS_RR_TYPE_SOA, "ns.b.test" },
    { 0 },
};
static const struct dns_record referral[] = {
    { DNS_IN_AUTHORITY, "a.b.test", LDNS_RR_TYPE_NS, "ns.a.b.test" },
    { 0 },
};

/* The status; the zone is in zone_text. */
static int find(const struct dns_step *steps, size_t count)
{
    AUTO_NAME name = name_parse(NAME);
    AUTO_NAME zone = NULL;
    int status = ACMECORE_E_SYSTEM;

    zone_text[0] = '\0';
    if (!talk_listen(&talk, steps, count))
        return status;
    if (talk_open(&talk)) {
        status = apex_find(talk.session, name, &zone);
        if (zone)
            (void)snprintf(zone_text, sizeof zone_text, "%s", name_format(zone).text);
    }
    talk_close(&talk);
    return status;
}

AC_TEST(negative_answer_names_the_zone)
{
    static const struct dns_step steps[] = { { .rcode = 3, .records = soa_below_it } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(zone_text, "b.test");
    CU_ASSERT_EQUAL(talk.server.request_count, 1);
    CU_ASSERT_EQUAL(talk.server.requests[0].bytes[2] & 1, 0); /* RD */
}

AC_TEST(labels_are_climbed_until_a_zone_is_found)
{
    static const struct dns_step steps[] = { { .rcode = 0 },
                                             { .rcode = 3 },
                                             { .records = soa_of_a_b } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(zone_text, "a.b.test");
    CU_ASSERT_EQUAL(talk.server.request_count, 3);
}

AC_TEST(alias_does_not_name_the_zone)
{
    static const struct dns_step steps[] = { { .records = alias_to_elsewhere },
                                             { .records = soa_of_a_stranger },
                                             { .records = soa_of_a_b } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(zone_text, "a.b.test");
}

AC_TEST(referral_is_not_the_zone_above_it)
{
    static const struct dns_step steps[] = { { .is_not_authoritative = true,
                                               .records = referral } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_E_CONFIG);

    CU_ASSERT_TRUE(fake_host_failed_with(&talk.fake, "delegates the zone a.b.test"));
    CU_ASSERT_STRING_EQUAL(zone_text, "");
}

AC_TEST(answer_from_a_cache_is_not_believed)
{
    static const struct dns_step steps[] = { { .is_not_authoritative = true,
                                               .records = soa_below_it } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_E_CONFIG);

    CU_ASSERT_TRUE(
        fake_host_failed_with(&talk.fake, "is not authoritative for a zone"));
}

AC_TEST(name_without_a_zone_up_to_the_root_is_told)
{
    static const struct dns_step steps[] = { { .rcode = 3 } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(talk.server.request_count, 5);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&talk.fake, "is not authoritative for a zone"));
}

AC_TEST(refusal_asks_for_the_option)
{
    static const struct dns_step steps[] = { { .rcode = 5 } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_E_REFUSED);

    CU_ASSERT_TRUE(fake_host_failed_with(&talk.fake, "(REFUSED): set the option zone"));
}

AC_TEST(server_that_fails_is_told)
{
    static const struct dns_step steps[] = { { .act = DNS_CLOSE } };
    int status = find(TALK_STEPS(steps));

    AC_REQUIRE(status == ACMECORE_E_NETWORK);

    CU_ASSERT_TRUE(fake_host_failed_with(&talk.fake, "closes the connection"));
}

AC_SUITE("dns01-rfc2136/apex", AC_CASE(negative_answer_names_the_zone),
         AC_CASE(labels_are_climbed_until_a_zone_is_found),
         AC_CASE(alias_does_not_name_the_zone),
         AC_CASE(referral_is_not_the_zone_above_it),
         AC_CASE(answer_from_a_cache_is_not_believed),
         AC_CASE(name_without_a_zone_up_to_the_root_is_told),
         AC_CASE(refusal_asks_for_the_option), AC_CASE(server_that_fails_is_told))
