/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "talk.h"

static struct talk talk;

/* Asks for an update with one record; what came of it. */
static struct reply ask(void)
{
    AUTO_NAME zone = name_parse("a.test");
    AUTO_NAME owner = name_parse("_acme-challenge.a.test");
    AUTO_PACKET packet = NULL;
    struct reply reply;

    message_update(&talk.session->request, 77, zone);
    message_add_txt(&talk.session->request, owner, 60, "v");
    reply = session_ask(talk.session, &packet);
    CU_ASSERT_EQUAL(reply.kind == REPLY_DONE, packet != NULL);
    return reply;
}

/* One server with these steps, one request, its reply. */
static struct reply ask_steps(const struct dns_step *steps, size_t count)
{
    struct reply reply = { .kind = REPLY_NO_MEMORY };

    if (!talk_listen(&talk, steps, count))
        return reply;
    if (talk_open(&talk))
        reply = ask();
    talk_close(&talk);
    return reply;
}

static struct reply ask_one(struct dns_step step)
{
    return ask_steps(&step, 1);
}

AC_TEST(signed_success_is_done)
{
    struct reply reply = ask_one((struct dns_step){ .rcode = 0 });

    AC_REQUIRE(reply.kind == REPLY_DONE);

    CU_ASSERT_STRING_EQUAL(reply.server, talk.server.text);
    CU_ASSERT_EQUAL(talk.server.request_count, 1);
    CU_ASSERT_FALSE(talk.server.requests[0].is_udp);
}

AC_TEST(success_that_is_not_signed_well_is_untrusted)
{
    static const enum dns_signature bad[] = { DNS_UNSIGNED, DNS_FORGED, DNS_STALE };

    for (size_t i = 0; i < 3; i++) {
        struct reply reply = ask_one((struct dns_step){ .signature = bad[i] });

        CU_ASSERT_TRUE(reply.kind == REPLY_UNTRUSTED || reply.kind == REPLY_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(talk.server.request_count, 1);
}

AC_TEST(refusals_are_not_asked_twice)
{
    struct reply refused = ask_one((struct dns_step){ .rcode = LDNS_RCODE_REFUSED });
    struct reply bad_key = ask_one((struct dns_step){ .rcode = LDNS_RCODE_NOTAUTH,
                                                      .signature = DNS_BARE,
                                                      .tsig_error = TSIG_BADKEY });
    struct reply bad_time = ask_one(
        (struct dns_step){ .rcode = LDNS_RCODE_NOTAUTH, .signature = DNS_BAD_TIME });

    AC_REQUIRE(bad_time.kind == REPLY_BAD_KEY);

    CU_ASSERT_EQUAL(refused.kind, REPLY_REFUSED);
    CU_ASSERT_EQUAL(refused.rcode, LDNS_RCODE_REFUSED);
    CU_ASSERT_EQUAL(bad_key.kind, REPLY_BAD_KEY);
    CU_ASSERT_EQUAL(bad_key.tsig.error, TSIG_BADKEY);
    CU_ASSERT_TRUE(bad_time.tsig.skew_s >= 3590 && bad_time.tsig.skew_s <= 3610);
    CU_ASSERT_EQUAL(talk.server.request_count, 1);
}

AC_TEST(server_that_always_closes_is_given_up)
{
    struct reply reply = ask_one((struct dns_step){ .act = DNS_CLOSE });

    AC_REQUIRE(reply.kind == REPLY_UNUSABLE);

    CU_ASSERT_EQUAL(talk.server.request_count, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.trail, "closes the connection"));
}

AC_TEST(servfail_of_the_only_server_stays_what_it_is)
{
    struct reply reply = ask_one((struct dns_step){ .rcode = 2 });

    AC_REQUIRE(reply.kind == REPLY_REFUSED);

    CU_ASSERT_EQUAL(reply.rcode, LDNS_RCODE_SERVFAIL);
    CU_ASSERT_EQUAL(talk.server.request_count, 1);
}

AC_TEST(silence_is_given_up_within_the_deadline)
{
    static const struct dns_step step = { .act = DNS_SILENCE };
    struct reply reply;

    AC_REQUIRE(talk_listen(&talk, &step, 1));
    AC_REQUIRE(talk_open(&talk));
    talk.fake.ctx.remaining_ms = 40;
    reply = ask();
    talk_close(&talk);

    CU_ASSERT_EQUAL(reply.kind, REPLY_UNUSABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.trail, "no answer within 1 s"));
}

AC_TEST(spent_deadline_is_late)
{
    static const struct dns_step step = { .act = DNS_SILENCE };
    struct reply reply;

    AC_REQUIRE(talk_listen(&talk, &step, 1));
    AC_REQUIRE(talk_open(&talk));
    talk.fake.ctx.remaining_ms = 0;
    reply = ask();
    talk_close(&talk);

    CU_ASSERT_EQUAL(reply.kind, REPLY_LATE);
}

/* The first server of two does what `first` says, the other one is good. */
static struct reply ask_two(const struct dns_step *first, struct dns_server *second)
{
    static const struct dns_step good = { .rcode = 0 };
    struct reply reply = { .kind = REPLY_NO_MEMORY };

    if (!talk_listen(&talk, first, 1) || !dns_start(second, &good, 1))
        return reply;
    fake_host_set(&talk.fake, "server", second->text);
    if (talk_open(&talk)) {
        talk.fake.ctx.remaining_ms = 2000;
        reply = ask();
        if (reply.kind == REPLY_DONE)
            reply = ask();
    }
    talk_close(&talk);
    dns_stop(second);
    return reply;
}

AC_TEST(next_server_is_asked_after_silence_once)
{
    static const struct dns_step silent = { .act = DNS_SILENCE };
    struct dns_server second;
    struct reply reply = ask_two(&silent, &second);

    AC_REQUIRE(reply.kind == REPLY_DONE);

    CU_ASSERT_EQUAL(talk.server.request_count, 1);
    CU_ASSERT_EQUAL(second.request_count, 2);
    CU_ASSERT_STRING_EQUAL(reply.server, second.text);
}

AC_TEST(next_server_is_asked_after_servfail_each_time)
{
    static const struct dns_step failing = { .rcode = 2 };
    struct dns_server second;
    struct reply reply = ask_two(&failing, &second);

    AC_REQUIRE(reply.kind == REPLY_DONE);

    CU_ASSERT_EQUAL(talk.server.request_count, 2);
    CU_ASSERT_EQUAL(second.request_count, 2);
}

AC_TEST(next_server_is_not_asked_after_a_refusal)
{
    static const struct dns_step refusing = { .rcode = 5 };
    static const struct dns_step lying = { .signature = DNS_FORGED };
    struct dns_server second;
    struct reply refused = ask_two(&refusing, &second);
    size_t asked = second.request_count;
    struct reply forged = ask_two(&lying, &second);

    AC_REQUIRE(forged.kind == REPLY_UNTRUSTED);

    CU_ASSERT_EQUAL(refused.kind, REPLY_REFUSED);
    CU_ASSERT_EQUAL(asked + second.request_count, 0);
}

AC_TEST(each_server_that_failed_is_told)
{
    static const struct dns_step failing = { .rcode = 2 };
    struct reply reply;

    AC_REQUIRE(talk_listen(&talk, &failing, 1));
    fake_host_set(&talk.fake, "server", "127.0.0.1:1");
    AC_REQUIRE(talk_open(&talk));
    reply = ask();
    talk_close(&talk);

    CU_ASSERT_EQUAL(reply.kind, REPLY_UNUSABLE);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(reply.trail, ": it answered SERVFAIL; 127.0.0.1:1: "));
}

AC_SUITE("dns01-rfc2136/session", AC_CASE(signed_success_is_done),
         AC_CASE(success_that_is_not_signed_well_is_untrusted),
         AC_CASE(refusals_are_not_asked_twice),
         AC_CASE(server_that_always_closes_is_given_up),
         AC_CASE(servfail_of_the_only_server_stays_what_it_is),
         AC_CASE(silence_is_given_up_within_the_deadline),
         AC_CASE(spent_deadline_is_late),
         AC_CASE(next_server_is_asked_after_silence_once),
         AC_CASE(next_server_is_asked_after_servfail_each_time),
         AC_CASE(next_server_is_not_asked_after_a_refusal),
         AC_CASE(each_server_that_failed_is_told))
