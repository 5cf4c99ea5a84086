/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_query.h"

#include "dns_bench.h"

#define NAME   "a.example"
#define LIMIT  10000
#define TXT(v) NAME " 60 TXT " v

static void queries_done(struct ac_dns_query *query)
{
    ac_dns_queries_done(query, 1);
}
#define QUERY(bench)                                                                   \
    __attribute__((cleanup(queries_done))) struct ac_dns_query query = {               \
        .name = NAME,                                                                  \
        .type = AC_DNS_TXT,                                                            \
        .servers = (bench).resolvers.items,                                            \
        .server_count = (bench).resolvers.count                                        \
    }

static enum ac_code ask(struct dns_bench *bench, struct ac_dns_query *query,
                        struct ac_error *err)
{
    query->server_count = bench->resolvers.count;
    return ac_dns_ask(query, 1, ac_clock_after_ms(LIMIT), err);
}

AC_TEST(answer_comes_over_udp)
{
    static const struct ac_dns_rule rules[] = { { AC_DNS_ANY, NAME, "TXT", 0, 0,
                                                  AC_DNS_AA, TXT("value"), NULL } };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    AC_REQUIRE(query.outcome == AC_DNS_ANSWERED && query.answer.count == 1);
    CU_ASSERT_STRING_EQUAL(query.answer.records[0].data, "value");
    CU_ASSERT(query.answer.is_authoritative);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), 1);
    CU_ASSERT_STRING_EQUAL(ac_dns_outcome_text(&query), "NOERROR");
}

AC_TEST(cut_answer_is_fetched_over_tcp_in_any_pieces)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_TC | AC_DNS_PIECES, TXT("long"), NULL }
    };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    AC_REQUIRE(query.outcome == AC_DNS_ANSWERED && query.answer.count == 1);
    CU_ASSERT_STRING_EQUAL(query.answer.records[0].data, "long");
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), 2);
}

AC_TEST(answer_that_is_cut_over_tcp_too_says_nothing)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_TC | AC_DNS_TC_EVER, TXT("long"), NULL }
    };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_GARBLED);
    CU_ASSERT_EQUAL(query.answer.count, 0);
}

AC_TEST(server_that_hangs_up_is_not_reachable)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_TC | AC_DNS_HANG_UP, NULL, NULL }
    };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_UNREACHABLE);
    CU_ASSERT_STRING_EQUAL(ac_dns_outcome_text(&query), "not reachable");
}

AC_TEST(guessed_answer_with_another_id_is_passed_over)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_WRONG_ID, TXT("true"), NULL }
    };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_ANSWERED);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), 1);
}

AC_TEST(answer_to_another_question_counts_for_nothing)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_WRONG_QUESTION, TXT("other"), NULL }
    };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_GARBLED);
    CU_ASSERT_EQUAL(query.answer.count, 0);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), AC_DNS_TRIES_SERVER);
}

AC_TEST(lost_packet_costs_one_more_question)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "TXT", 1, 0, AC_DNS_DROP, NULL, NULL },
        { AC_DNS_ANY, NAME, "TXT", 0, 0, 0, TXT("late"), NULL },
    };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_ANSWERED);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), 2);
}

AC_TEST(silent_server_is_given_up)
{
    static const struct ac_dns_rule rules[] = { { AC_DNS_ANY, NAME, "TXT", 0, 0,
                                                  AC_DNS_DROP, NULL, NULL } };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_SILENT);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "TXT"), AC_DNS_TRIES_SERVER);
    CU_ASSERT_STRING_EQUAL(ac_dns_outcome_text(&query), "no answer");
}

AC_TEST(next_server_is_asked_when_one_fails)
{
    static const struct ac_dns_rule rules[] = {
        { 0, NAME, "TXT", 0, AC_DNS_SERVFAIL, 0, NULL, NULL },
        { 1, NAME, "TXT", 0, 0, 0, TXT("second"), NULL },
    };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(
        ac_dns_resolvers_add(&bench.resolvers, ac_dns_server_address(1), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.answer.rcode, AC_DNS_NOERROR);
    CU_ASSERT_EQUAL(query.server, 1);
}

AC_TEST(refusal_of_all_is_the_answer)
{
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, NULL, 0, &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_ANSWERED);
    CU_ASSERT_EQUAL(query.answer.rcode, AC_DNS_REFUSED);
    CU_ASSERT_EQUAL(ac_dns_server_count(AC_DNS_ANY, NULL, NULL), 1);
}

AC_TEST(server_from_before_edns_is_asked_without)
{
    static const struct ac_dns_rule rules[] = { { AC_DNS_ANY, NAME, "TXT", 0, 0,
                                                  AC_DNS_OLD, TXT("old"), NULL } };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.answer.rcode, AC_DNS_NOERROR);
    CU_ASSERT_EQUAL(query.answer.count, 1);
}

AC_TEST(closed_port_is_not_waited_for)
{
    struct ac_dns_resolvers nobody = { 0 };
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, NULL, 0, &err));
    AC_REQUIRE_OK(ac_dns_resolvers_add(&nobody, "127.0.77.200:9", &err));
    query.servers = nobody.items;
    int64_t began_ms = ac_clock_now_ms();
    AC_REQUIRE_OK(ask(&bench, &query, &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_UNREACHABLE);
    CU_ASSERT(ac_clock_now_ms() - began_ms < AC_DNS_FIRST_MS);
}

AC_TEST(more_questions_than_places_are_all_asked)
{
    enum {
        COUNT = AC_DNS_FLIGHTS_MAX * 3
    };
    static struct ac_dns_query queries[COUNT];
    static const struct ac_dns_rule rules[] = { { AC_DNS_ANY, NAME, "TXT", 0, 0, 0,
                                                  TXT("x"), NULL } };
    DNS_BENCH(bench);
    size_t answered = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    for (size_t i = 0; i < COUNT; i++) {
        queries[i] = (struct ac_dns_query){ .name = NAME,
                                            .type = AC_DNS_TXT,
                                            .is_recursive = true,
                                            .servers = bench.resolvers.items,
                                            .server_count = 1 };
    }
    AC_REQUIRE_OK(ac_dns_ask(queries, COUNT, ac_clock_after_ms(LIMIT), &err));
    for (size_t i = 0; i < COUNT; i++)
        answered += queries[i].outcome == AC_DNS_ANSWERED;
    ac_dns_queries_done(queries, COUNT);

    CU_ASSERT_EQUAL(answered, COUNT);
}

AC_TEST(passed_deadline_leaves_questions_unasked)
{
    DNS_BENCH(bench);
    QUERY(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, NULL, 0, &err));
    AC_REQUIRE_OK(ac_dns_ask(&query, 1, ac_clock_now_ms(), &err));

    CU_ASSERT_EQUAL(query.outcome, AC_DNS_UNASKED);
    CU_ASSERT_EQUAL(ac_dns_server_count(AC_DNS_ANY, NULL, NULL), 0);
}

AC_TEST(addresses_are_written_with_a_port_of_their_own_only)
{
    struct ac_dns_record ipv4 = { .type = AC_DNS_A,
                                  .data = (char[]){ "\x7F\0\0\1" },
                                  .data_size = 4 };
    struct ac_dns_record ipv6 = { .type = AC_DNS_AAAA,
                                  .data = (char[17]){ 0 },
                                  .data_size = 16 };
    struct ac_dns_record cut = { .type = AC_DNS_A,
                                 .data = (char[]){ "\x7F" },
                                 .data_size = 1 };
    struct ac_dns_address address;
    char text[AC_DNS_ADDRESS_SIZE];

    CU_ASSERT_FALSE(ac_dns_address_of(&cut, AC_DNS_PORT, &address));
    AC_REQUIRE(ac_dns_address_of(&ipv4, AC_DNS_PORT, &address));
    CU_ASSERT_STRING_EQUAL(ac_dns_address_text(&address, text), "127.0.0.1");
    AC_REQUIRE(ac_dns_address_of(&ipv6, 5353, &address));
    CU_ASSERT_STRING_EQUAL(ac_dns_address_text(&address, text), "[::]:5353");
}

AC_SUITE("pluginhost/dns_query", AC_CASE(answer_comes_over_udp),
         AC_CASE(answer_that_is_cut_over_tcp_too_says_nothing),
         AC_CASE(cut_answer_is_fetched_over_tcp_in_any_pieces),
         AC_CASE(server_that_hangs_up_is_not_reachable),
         AC_CASE(guessed_answer_with_another_id_is_passed_over),
         AC_CASE(answer_to_another_question_counts_for_nothing),
         AC_CASE(lost_packet_costs_one_more_question),
         AC_CASE(silent_server_is_given_up),
         AC_CASE(next_server_is_asked_when_one_fails),
         AC_CASE(refusal_of_all_is_the_answer),
         AC_CASE(server_from_before_edns_is_asked_without),
         AC_CASE(closed_port_is_not_waited_for),
         AC_CASE(more_questions_than_places_are_all_asked),
         AC_CASE(passed_deadline_leaves_questions_unasked),
         AC_CASE(addresses_are_written_with_a_port_of_their_own_only))
