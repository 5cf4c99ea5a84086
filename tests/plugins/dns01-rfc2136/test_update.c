/* SPDX-License-Identifier: Apache-2.0 */
#include "update.h"

#include "items.h"
#include "talk.h"

static struct talk talk;
static struct items items;

/* Updates so many names at a server with these steps; false when it did not start. */
static bool update(const struct dns_step *steps, size_t step_count, size_t count,
                   const bool *is_bad, bool is_removal)
{
    bool is_good = talk_listen(&talk, steps, step_count) && talk_open(&talk)
                   && items_make(&items, count, is_bad);

    if (is_good)
        update_zone(talk.session, items.pointers, count, is_removal);
    talk_close(&talk);
    items_drop(&items);
    return is_good;
}

AC_TEST(hundred_names_are_one_message)
{
    static const struct dns_step steps[] = { { .rcode = 0 } };
    bool is_good = update(TALK_STEPS(steps), 100, NULL, false);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(dns_update_count(&talk.server), 1);
    CU_ASSERT_EQUAL(message_get_u16(talk.server.requests[0].bytes + 8), 100);
    CU_ASSERT_EQUAL(items_with(&items, ACMECORE_OK), 100);
    CU_ASSERT_EQUAL(talk.fake.ctx.failure_count, 0);
}

AC_TEST(removal_is_one_message_and_nothing_is_read_back)
{
    static const struct dns_step steps[] = { { .rcode = 0 } };
    bool is_good = update(TALK_STEPS(steps), 100, NULL, true);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(talk.server.request_count, 1);
    CU_ASSERT_EQUAL(items_with(&items, ACMECORE_OK), 100);
}

AC_TEST(more_than_64_kilobytes_are_several_messages)
{
    static const struct dns_step steps[] = { { .rcode = 0 } };
    bool is_good = update(TALK_STEPS(steps), 2000, NULL, true);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(talk.server.request_count, 2);
    CU_ASSERT_TRUE(talk.server.requests[0].size > 60000);
    CU_ASSERT_EQUAL(items_with(&items, ACMECORE_OK), 2000);
}

AC_TEST(name_that_is_refused_is_found_and_the_others_get_through)
{
    static const struct dns_step steps[] = { { .is_from_refusing = true } };
    bool is_bad[100] = { [37] = true };
    bool is_good = update(TALK_STEPS(steps), 100, is_bad, true);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(items_with(&items, ACMECORE_OK), 99);
    CU_ASSERT_EQUAL(items.items[37].status, ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(talk.fake.ctx.failure_count, 1);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&talk.fake, "_acme-challenge.h0037bad.a.test in"));
    CU_ASSERT_TRUE(talk.server.request_count <= 10);
}

AC_TEST(several_refused_names_are_one_sentence)
{
    static const struct dns_step steps[] = { { .is_from_refusing = true } };
    bool is_bad[10] = { [1] = true, [3] = true, [5] = true, [6] = true, [9] = true };
    bool is_good = update(TALK_STEPS(steps), 10, is_bad, true);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(items_with(&items, ACMECORE_OK), 5);
    CU_ASSERT_EQUAL(talk.fake.ctx.failure_count, 1);
    CU_ASSERT_TRUE(fake_host_failed_with(&talk.fake,
                                         "h0001bad.a.test, _acme-challenge.h0003bad.a."
                                         "test and 3 more in the zone a.test"));
}

AC_TEST(server_that_refuses_all_is_not_asked_for_each)
{
    static const struct dns_step steps[] = { { .rcode = 5 } };
    bool is_good = update(TALK_STEPS(steps), 100, NULL, false);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(items_with(&items, ACMECORE_E_CONFIG), 100);
    CU_ASSERT_TRUE(talk.server.request_count <= 30);
    CU_ASSERT_EQUAL(talk.fake.ctx.failure_count, 1);
}

AC_TEST(failure_that_is_not_about_names_is_not_split)
{
    static const struct dns_step steps[] = { { .rcode = LDNS_RCODE_NOTAUTH } };
    bool is_good = update(TALK_STEPS(steps), 100, NULL, false);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(talk.server.request_count, 1);
    CU_ASSERT_EQUAL(items_with(&items, ACMECORE_E_CONFIG), 100);
    CU_ASSERT_TRUE(fake_host_failed_with(&talk.fake, "not authoritative for the zone"));
}

AC_TEST(no_item_is_no_message)
{
    static const struct dns_step steps[] = { { .rcode = 0 } };
    bool is_good = update(TALK_STEPS(steps), 0, NULL, false);

    AC_REQUIRE(is_good);

    CU_ASSERT_EQUAL(talk.server.request_count, 0);
}

AC_SUITE("dns01-rfc2136/update", AC_CASE(hundred_names_are_one_message),
         AC_CASE(removal_is_one_message_and_nothing_is_read_back),
         AC_CASE(more_than_64_kilobytes_are_several_messages),
         AC_CASE(name_that_is_refused_is_found_and_the_others_get_through),
         AC_CASE(several_refused_names_are_one_sentence),
         AC_CASE(server_that_refuses_all_is_not_asked_for_each),
         AC_CASE(failure_that_is_not_about_names_is_not_split),
         AC_CASE(no_item_is_no_message))
