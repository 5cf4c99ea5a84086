/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

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

AC_TEST(lost_answer_is_asked_for_again)
{
    static const struct dns_step closed[] = { { .act = DNS_CLOSE }, { .rcode = 0 } };
    static const struct dns_step cut[] = { { .act = DNS_CUT }, { .rcode = 0 } };
    struct reply after_close = ask_steps(TALK_STEPS(closed));
    struct reply after_cut = ask_steps(TALK_STEPS(cut));

    AC_REQUIRE(after_cut.kind == REPLY_DONE);

    CU_ASSERT_EQUAL(after_close.kind, REPLY_DONE);
    CU_ASSERT_EQUAL(talk.server.request_count, 2);
    CU_ASSERT_EQUAL(talk.server.requests[0].size, talk.server.requests[1].size);
}

AC_TEST(garbage_is_no_answer)
{
    struct reply reply = ask_one((struct dns_step){ .act = DNS_GARBAGE });

    AC_REQUIRE(reply.kind == REPLY_UNUSABLE);

    CU_ASSERT_PTR_NOT_NULL(strstr(reply.trail, "what it sends is no answer"));
}

AC_TEST(answer_that_is_cut_by_tcp_is_no_answer)
{
    struct reply reply = ask_one((struct dns_step){ .is_cut_by_tcp = true });

    AC_REQUIRE(reply.kind == REPLY_UNUSABLE);

    CU_ASSERT_PTR_NOT_NULL(strstr(reply.trail, "what it sends is no answer"));
}

AC_TEST(udp_goes_on_by_tcp_when_it_is_cut)
{
    static const struct dns_step step = { .is_cut = true };
    struct reply reply;

    AC_REQUIRE(talk_listen(&talk, &step, 1));
    fake_host_set(&talk.fake, "protocol", "udp");
    AC_REQUIRE(talk_open(&talk));
    reply = ask();
    talk_close(&talk);

    CU_ASSERT_EQUAL(reply.kind, REPLY_DONE);
    CU_ASSERT_EQUAL(talk.server.request_count, 2);
    CU_ASSERT_TRUE(talk.server.requests[0].is_udp);
    CU_ASSERT_FALSE(talk.server.requests[1].is_udp);
}

AC_TEST(udp_waits_for_the_right_answer)
{
    static const enum dns_act acts[] = { DNS_OTHER_ID, DNS_OTHER_QUESTION, DNS_ECHO,
                                         DNS_GARBAGE };

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        struct dns_step steps[] = { { .act = acts[i] }, { .rcode = 0 } };
        struct reply reply;

        AC_REQUIRE(talk_listen(&talk, steps, 2));
        fake_host_set(&talk.fake, "protocol", "udp");
        AC_REQUIRE(talk_open(&talk));
        talk.fake.ctx.remaining_ms = 1500; /* it is sent again after one second */
        reply = ask();
        talk_close(&talk);
        CU_ASSERT_EQUAL(reply.kind, REPLY_DONE);
        CU_ASSERT_EQUAL(talk.server.request_count, 2);
    }
}

AC_TEST(stranger_by_tcp_is_not_believed)
{
    static const struct dns_step step = { .act = DNS_OTHER_ID };
    struct reply reply;

    AC_REQUIRE(talk_listen(&talk, &step, 1));
    AC_REQUIRE(talk_open(&talk));
    talk.fake.ctx.remaining_ms = 30;
    reply = ask();
    talk_close(&talk);

    CU_ASSERT_EQUAL(reply.kind, REPLY_UNUSABLE);
}

AC_TEST(request_without_key_is_not_signed)
{
    static const struct dns_step step = { .rcode = 0 };
    struct reply reply;

    AC_REQUIRE(talk_listen(&talk, &step, 1));
    fake_host_unset(&talk.fake, "tsig-key-file");
    AC_REQUIRE(talk_open(&talk));
    reply = ask();
    talk_close(&talk);

    CU_ASSERT_EQUAL(reply.kind, REPLY_DONE);
    CU_ASSERT_EQUAL(message_get_u16(talk.server.requests[0].bytes + 10), 0);
}

AC_SUITE("dns01-rfc2136/exchange", AC_CASE(lost_answer_is_asked_for_again),
         AC_CASE(garbage_is_no_answer), AC_CASE(answer_that_is_cut_by_tcp_is_no_answer),
         AC_CASE(udp_goes_on_by_tcp_when_it_is_cut),
         AC_CASE(udp_waits_for_the_right_answer),
         AC_CASE(stranger_by_tcp_is_not_believed),
         AC_CASE(request_without_key_is_not_signed))
