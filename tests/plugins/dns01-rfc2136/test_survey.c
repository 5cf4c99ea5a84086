/* SPDX-License-Identifier: Apache-2.0 */
#include "survey.h"

#include "talk.h"

static struct talk talk;

/* A survey asks who answered last. */
static void ask(void)
{
    AUTO_NAME zone = name_parse("a.test");
    AUTO_PACKET packet = NULL;

    message_update(&talk.session->request, 77, zone);
    (void)session_ask(talk.session, &packet);
}

static void take_names(void *arg, size_t index, const ldns_pkt *packet)
{
    size_t *counts = arg;

    CU_ASSERT_PTR_NOT_NULL(packet);
    counts[index]++;
}

/* How many of 20 questions were answered; each at most once. */
static size_t ask_twenty(void)
{
    const ldns_rdf *names[20];
    size_t counts[20] = { 0 };
    size_t sum = 0;
    AUTO_NAME name = name_parse("_acme-challenge.a.test");

    for (size_t i = 0; i < 20; i++)
        names[i] = name;
    survey_txt(talk.session, names, 20, take_names, counts);
    for (size_t i = 0; i < 20; i++) {
        CU_ASSERT_TRUE(counts[i] <= 1);
        sum += counts[i];
    }
    return sum;
}

AC_TEST(connection_is_used_for_all_questions)
{
    static const struct dns_step steps[] = { { .rcode = 0 }, { .rcode = 3 } };
    size_t answered = 0;

    AC_REQUIRE(talk_listen(&talk, TALK_STEPS(steps)));
    AC_REQUIRE(talk_open(&talk));
    ask();
    answered = ask_twenty();
    talk_close(&talk);

    CU_ASSERT_EQUAL(answered, 20);
    CU_ASSERT_EQUAL(talk.server.request_count, 21);
    CU_ASSERT_EQUAL(talk.server.connection_count, 1);
}

AC_TEST(questions_go_by_udp_when_that_is_the_protocol)
{
    static const struct dns_step steps[] = { { .rcode = 0 } };
    size_t answered = 0;

    AC_REQUIRE(talk_listen(&talk, TALK_STEPS(steps)));
    fake_host_set(&talk.fake, "protocol", "udp");
    AC_REQUIRE(talk_open(&talk));
    ask();
    answered = ask_twenty();
    talk_close(&talk);

    CU_ASSERT_EQUAL(answered, 20);
    CU_ASSERT_EQUAL(talk.server.connection_count, 0);
}

AC_TEST(question_that_is_not_answered_well_is_not_taken)
{
    static const struct dns_step forged[] = { { .rcode = 0 },
                                              { .signature = DNS_FORGED } };
    static const struct dns_step refused[] = { { .rcode = 0 }, { .rcode = 5 } };
    static const struct dns_step garbage[] = { { .rcode = 0 }, { .act = DNS_GARBAGE } };
    static const struct dns_step closed[] = { { .rcode = 0 }, { .act = DNS_CLOSE } };
    static const struct {
        const struct dns_step *steps;
    } all[] = { { forged }, { refused }, { garbage }, { closed } };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        AC_REQUIRE(talk_listen(&talk, all[i].steps, 2));
        AC_REQUIRE(talk_open(&talk));
        talk.fake.ctx.remaining_ms = 100;
        ask();
        CU_ASSERT_EQUAL(ask_twenty(), 0);
        talk_close(&talk);
    }
}

AC_SUITE("dns01-rfc2136/survey", AC_CASE(connection_is_used_for_all_questions),
         AC_CASE(questions_go_by_udp_when_that_is_the_protocol),
         AC_CASE(question_that_is_not_answered_well_is_not_taken))
