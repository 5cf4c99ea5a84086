/* SPDX-License-Identifier: Apache-2.0 */
#include "readback.h"

#include "items.h"
#include "talk.h"

#define OWNER "_acme-challenge.h0000.a.test"

static struct talk talk;
static struct items items;

/* What the reply to one accepted item becomes when the server answers with `records`.
 */
static enum reply_kind read_records(const struct dns_record *records,
                                    bool is_not_authoritative)
{
    struct dns_step steps[] = { { .records = records,
                                  .is_not_authoritative = is_not_authoritative } };
    enum reply_kind kind = REPLY_NO_MEMORY;

    items.count = 0;
    if (talk_listen(&talk, steps, 1) && talk_open(&talk)
        && items_make(&items, 1, NULL)) {
        AUTO_PACKET packet = NULL;

        /* Something was asked before, so that the server is known. */
        message_query(&talk.session->request, 1, items.items[0].name, LDNS_RR_TYPE_SOA);
        (void)session_ask(talk.session, &packet);
        readback(talk.session, items.pointers, 1);
        kind = items.items[0].reply.kind;
    }
    talk_close(&talk);
    items_drop(&items);
    return kind;
}

AC_TEST(record_that_is_served_is_done)
{
    static const struct dns_record records[] = {
        { DNS_IN_ANSWER, OWNER, LDNS_RR_TYPE_TXT, "other" },
        { DNS_IN_ANSWER, OWNER, LDNS_RR_TYPE_TXT, "v" },
        { 0 },
    };
    enum reply_kind kind = read_records(records, false);

    CU_ASSERT_EQUAL(kind, REPLY_DONE);
    CU_ASSERT_FALSE(fake_host_logged(&talk.fake, "readback.missing"));
}

AC_TEST(alias_is_found_even_when_its_target_has_the_value)
{
    static const struct dns_record records[] = {
        { DNS_IN_ANSWER, OWNER, LDNS_RR_TYPE_CNAME, "www.a.test" },
        { DNS_IN_ANSWER, "www.a.test", LDNS_RR_TYPE_TXT, "v" },
        { 0 },
    };
    enum reply_kind kind = read_records(records, false);

    AC_REQUIRE(kind != REPLY_NO_MEMORY);

    CU_ASSERT_TRUE(kind == REPLY_ALIAS || ac_check_is_torture());
}

AC_TEST(delegation_is_found)
{
    static const struct dns_record records[] = {
        { DNS_IN_AUTHORITY, "h0000.a.test", LDNS_RR_TYPE_NS, "ns.elsewhere.test" },
        { 0 },
    };
    enum reply_kind kind = read_records(records, true);

    AC_REQUIRE(kind != REPLY_NO_MEMORY);

    CU_ASSERT_TRUE(kind == REPLY_DELEGATED || ac_check_is_torture());
    CU_ASSERT_TRUE(ac_check_is_torture()
                   || !strcmp(items.items[0].reply.other.text, "h0000.a.test"));
}

AC_TEST(child_zone_on_the_same_server_is_found)
{
    static const struct dns_record records[] = {
        { DNS_IN_AUTHORITY, "h0000.a.test", LDNS_RR_TYPE_SOA, "ns.a.test" },
        { 0 },
    };
    enum reply_kind kind = read_records(records, false);

    AC_REQUIRE(kind != REPLY_NO_MEMORY);

    CU_ASSERT_TRUE(kind == REPLY_DELEGATED || ac_check_is_torture());
}

AC_TEST(record_that_is_missing_is_no_failure_yet)
{
    static const struct dns_record own_soa[] = {
        { DNS_IN_AUTHORITY, "a.test", LDNS_RR_TYPE_SOA, "ns.a.test" },
        { 0 },
    };
    static const struct dns_record strange_ns[] = {
        { DNS_IN_AUTHORITY, "x.a.test", LDNS_RR_TYPE_NS, "ns.a.test" },
        { 0 },
    };

    CU_ASSERT_EQUAL(read_records(own_soa, false), REPLY_DONE);
    CU_ASSERT_TRUE(fake_host_logged(&talk.fake, "readback.missing records=1"));
    CU_ASSERT_EQUAL(read_records(strange_ns, true), REPLY_DONE);
    CU_ASSERT_EQUAL(read_records(NULL, false), REPLY_DONE);
}

/* What a removal that was refused becomes when the server answers with `records`. */
static enum reply_kind read_absence(const struct dns_record *records,
                                    bool is_not_authoritative)
{
    struct dns_step steps[] = { { .records = records,
                                  .is_not_authoritative = is_not_authoritative } };
    enum reply_kind kind = REPLY_NO_MEMORY;

    items.count = 0;
    if (talk_listen(&talk, steps, 1) && talk_open(&talk)
        && items_make(&items, 1, NULL)) {
        AUTO_PACKET packet = NULL;

        message_query(&talk.session->request, 1, items.items[0].name, LDNS_RR_TYPE_SOA);
        (void)session_ask(talk.session, &packet);
        items.items[0].reply.kind = REPLY_REFUSED;
        readback_absent(talk.session, items.pointers, 1);
        kind = items.items[0].reply.kind;
    }
    talk_close(&talk);
    items_drop(&items);
    return kind;
}

AC_TEST(refused_removal_of_what_is_not_there_is_done)
{
    static const struct dns_record other[] = {
        { DNS_IN_ANSWER, OWNER, LDNS_RR_TYPE_TXT, "other" },
        { 0 },
    };
    static const struct dns_record same[] = {
        { DNS_IN_ANSWER, OWNER, LDNS_RR_TYPE_TXT, "v" },
        { 0 },
    };
    enum reply_kind absent = read_absence(other, false);
    enum reply_kind empty = read_absence(NULL, false);
    enum reply_kind present = read_absence(same, false);
    enum reply_kind unknown = read_absence(NULL, true);

    AC_REQUIRE(!ac_check_is_torture());

    CU_ASSERT_EQUAL(absent, REPLY_DONE);
    CU_ASSERT_EQUAL(empty, REPLY_DONE);
    CU_ASSERT_EQUAL(present, REPLY_REFUSED);
    CU_ASSERT_EQUAL(unknown, REPLY_REFUSED);
}

AC_SUITE("dns01-rfc2136/readback",
         AC_CASE(refused_removal_of_what_is_not_there_is_done),
         AC_CASE(record_that_is_served_is_done),
         AC_CASE(alias_is_found_even_when_its_target_has_the_value),
         AC_CASE(delegation_is_found), AC_CASE(child_zone_on_the_same_server_is_found),
         AC_CASE(record_that_is_missing_is_no_failure_yet))
