/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include "check.h"
#include "hex.h"

#include <string.h>

static struct message request, answer;

/* The same message as an answer to itself. */
static void answer_with(unsigned flags)
{
    answer = request;
    message_set_u16(&answer, 2, (uint16_t)flags);
}

static enum message_match read_answer(ldns_pkt **ret_packet)
{
    return message_read(&request, answer.bytes, answer.size, ret_packet);
}

/* An answer with one TXT record of the strings in `rdata`, at the name that was asked.
 */
static void answer_with_txt(const char *rdata, uint16_t size)
{
    answer_with(0x8400);
    message_put(&answer, "\300\014\0\020\0\001\0\0\0\074", 10);
    message_put_u16(&answer, size);
    message_put(&answer, rdata, size);
    message_count(&answer, 6);
}

AC_TEST(add_is_what_the_vector_says)
{
    AUTO_NAME zone = name_parse("example.test");
    AUTO_NAME owner = name_parse("_acme-challenge.www.example.test");

    message_update(&request, 0x1234, zone);
    message_add_txt(&request, owner, 60, "v1");

    CU_ASSERT_TRUE(hex_is(
        request.bytes, request.size,
        "123428000001000000010000076578616d706c65047465737400000600010f5f61636d652d6368"
        "616c6c656e676503777777076578616d706c65047465737400001000010000003c000302763"
        "1"));
}

AC_TEST(exact_delete_is_what_the_vector_says)
{
    AUTO_NAME zone = name_parse("example.test");
    AUTO_NAME owner = name_parse("_acme-challenge.www.example.test");

    message_update(&request, 0x1235, zone);
    message_delete_txt(&request, owner, "v1");

    CU_ASSERT_TRUE(hex_is(
        request.bytes, request.size,
        "123528000001000000010000076578616d706c65047465737400000600010f5f61636d652d6368"
        "616c6c656e676503777777076578616d706c65047465737400001000fe00000000000302763"
        "1"));
}

AC_TEST(query_does_not_ask_for_recursion)
{
    AUTO_NAME name = name_parse("a.test");

    message_query(&request, 7, name, LDNS_RR_TYPE_TXT);

    CU_ASSERT_TRUE(hex_is(request.bytes, request.size,
                          "000700000001000000000000016104746573740000100001"));
}

AC_TEST(long_value_is_several_strings)
{
    AUTO_NAME zone = name_parse("test");
    char value[301];
    size_t before = 0;

    memset(value, 'x', 300);
    value[300] = '\0';
    message_update(&request, 1, zone);
    before = request.size;
    message_add_txt(&request, zone, 60, value);

    CU_ASSERT_EQUAL(request.size - before, message_txt_size(zone, value));
    CU_ASSERT_EQUAL(message_get_u16(request.bytes + before + 14), 302);
    CU_ASSERT_EQUAL(request.bytes[before + 16], 255);
    CU_ASSERT_EQUAL(request.bytes[before + 16 + 256], 45);
}

AC_TEST(record_that_does_not_fit_is_left_out_whole)
{
    AUTO_NAME zone = name_parse("example.test");
    size_t count = 0;

    message_update(&request, 1, zone);
    for (; !request.is_full && count < 70000; count++)
        message_add_txt(&request, zone, 60, "a value of some length");

    CU_ASSERT_TRUE(request.is_full);
    CU_ASSERT_TRUE(request.size <= MESSAGE_MAX);
    CU_ASSERT_EQUAL(message_get_u16(request.bytes + MESSAGE_AT_UPDATES), count - 1);
}

AC_TEST(name_is_lower_case_and_absolute)
{
    AUTO_NAME plain = name_parse("_ACME-challenge.Example.ORG");
    AUTO_NAME dotted = name_parse("_acme-challenge.example.org.");

    AC_REQUIRE(plain && dotted);

    CU_ASSERT_TRUE(name_is_equal(plain, dotted));
    CU_ASSERT_STRING_EQUAL(name_format(plain).text, "_acme-challenge.example.org");
}

AC_TEST(text_that_is_no_name_is_refused)
{
    char label[70];

    memset(label, 'a', sizeof label - 1);
    label[sizeof label - 1] = '\0';

    CU_ASSERT_PTR_NULL(name_parse(""));
    CU_ASSERT_PTR_NULL(name_parse("a..b"));
    CU_ASSERT_PTR_NULL(name_parse(label));
}

AC_TEST(name_is_in_its_zone_only)
{
    AUTO_NAME zone = name_parse("example.org");
    AUTO_NAME below = name_parse("a.b.example.org");
    AUTO_NAME beside = name_parse("a.badexample.org");

    CU_ASSERT_TRUE(name_is_in(zone, zone));
    CU_ASSERT_TRUE(name_is_in(below, zone));
    CU_ASSERT_FALSE(name_is_in(beside, zone));
    CU_ASSERT_FALSE(name_is_in(zone, below));
}

AC_TEST(name_of_control_characters_is_shown_without_them)
{
    AUTO_NAME name = name_parse("\\027[2J.test");

    AC_REQUIRE(name != NULL);

    CU_ASSERT_PTR_NULL(strchr(name_format(name).text, '\033'));
}

AC_TEST(answer_to_the_question_is_taken)
{
    AUTO_NAME name = name_parse("a.test");
    AUTO_PACKET packet = NULL;

    message_query(&request, 0x4242, name, LDNS_RR_TYPE_TXT);
    answer_with(0x8400);
    answer.bytes[13] = 'A'; /* in another case */

    CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_ANSWERS);
    CU_ASSERT_PTR_NOT_NULL(packet);
}

AC_TEST(what_answers_something_else_is_strange)
{
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        { 0, 0x43 },  /* ID */
        { 2, 0x04 },  /* no response */
        { 2, 0xA8 },  /* opcode UPDATE */
        { 13, 'b' },  /* name */
        { 20, 0x06 }, /* type, at the end of "a.test" and a high byte */
        { 23, 0x03 }, /* class */
    };
    AUTO_NAME name = name_parse("a.test");

    message_query(&request, 0x4242, name, LDNS_RR_TYPE_TXT);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        AUTO_PACKET packet = NULL;

        answer_with(0x8400);
        answer.bytes[changes[i].at] = changes[i].value;
        CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_STRANGE);
        CU_ASSERT_PTR_NULL(packet);
    }
}

AC_TEST(error_without_question_answers_and_success_does_not)
{
    AUTO_NAME name = name_parse("a.test");
    AUTO_PACKET packet = NULL;

    message_query(&request, 1, name, LDNS_RR_TYPE_TXT);
    answer_with(0x8001);
    answer.size = MESSAGE_HEADER_SIZE;
    message_set_u16(&answer, 4, 0);
    CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_ANSWERS);
    packet_drop(&packet);

    message_set_u16(&answer, 2, 0x8000);
    CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_STRANGE);
}

AC_TEST(broken_answer_is_garbage)
{
    AUTO_NAME name = name_parse("a.test");
    AUTO_PACKET packet = NULL;

    message_query(&request, 1, name, LDNS_RR_TYPE_TXT);
    answer_with(0x8400);
    message_count(&answer, 6); /* a record that is not there */
    CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_GARBAGE);

    answer_with(0x8400);
    answer.bytes[12] = 0xC0; /* a name that points at itself */
    answer.bytes[13] = 0x0C;
    CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_GARBAGE);

    answer_with_txt("\100too short", 10);
    CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_GARBAGE);

    answer.size = MESSAGE_HEADER_SIZE - 1;
    CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_GARBAGE);
}

/* They must be there once at most (RFC 8945 §5.1, RFC 6891 §6.1.1), but a server
 * decides; that nothing of them stays behind, the leak checker of the ASan build says.
 */
AC_TEST(additional_records_more_than_once_are_left_unread)
{
    static const char *const records[] = {
        "\0\0\372\0\377\0\0\0\0\0\21" /* TSIG, of 17 bytes */
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "\0\0\51\4\320\0\0\0\0\0\6" /* OPT, of 6 bytes */
        "\0\12\0\2\0\5",
    };
    AUTO_NAME name = name_parse("a.test");

    message_query(&request, 1, name, LDNS_RR_TYPE_TXT);
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        AUTO_PACKET packet = NULL;
        size_t size = 11 + (size_t)records[i][10];

        answer_with(0x8400);
        for (size_t j = 0; j < 4; j++) {
            message_put(&answer, records[i], size);
            message_count(&answer, MESSAGE_AT_ADDITIONAL);
        }
        CU_ASSERT_EQUAL(read_answer(&packet), MESSAGE_ANSWERS);
        AC_REQUIRE(packet != NULL);
        CU_ASSERT_PTR_NULL(ldns_pkt_tsig(packet));
    }
}

AC_TEST(no_cut_of_an_answer_is_a_crash)
{
    AUTO_NAME name = name_parse("a.test");

    message_query(&request, 1, name, LDNS_RR_TYPE_TXT);
    answer_with_txt("\002v1\002v2", 6);
    for (size_t size = 0; size < answer.size; size++) {
        AUTO_PACKET packet = NULL;

        CU_ASSERT_NOT_EQUAL(message_read(&request, answer.bytes, size, &packet),
                            MESSAGE_ANSWERS);
    }
}

AC_TEST(value_is_found_across_strings)
{
    AUTO_NAME name = name_parse("a.test");
    AUTO_NAME other = name_parse("b.test");
    AUTO_PACKET packet = NULL;

    message_query(&request, 1, name, LDNS_RR_TYPE_TXT);
    answer_with_txt("\002v1\002v2", 6);
    AC_REQUIRE(read_answer(&packet) == MESSAGE_ANSWERS);

    CU_ASSERT_TRUE(message_has_txt(packet, name, "v1v2"));
    CU_ASSERT_FALSE(message_has_txt(packet, name, "v1"));
    CU_ASSERT_FALSE(message_has_txt(packet, name, "v1v2v3"));
    CU_ASSERT_FALSE(message_has_txt(packet, other, "v1v2"));
}

AC_TEST(ids_differ)
{
    uint16_t ids[8] = { 0 };
    unsigned differences = 0;

    for (size_t i = 0; i < 8; i++)
        AC_REQUIRE(message_new_id(&ids[i]));
    for (size_t i = 1; i < 8; i++)
        differences += ids[i] != ids[0];

    CU_ASSERT_TRUE(differences > 0);
}

AC_SUITE("dns01-rfc2136/message", AC_CASE(add_is_what_the_vector_says),
         AC_CASE(exact_delete_is_what_the_vector_says),
         AC_CASE(query_does_not_ask_for_recursion),
         AC_CASE(long_value_is_several_strings),
         AC_CASE(record_that_does_not_fit_is_left_out_whole),
         AC_CASE(name_is_lower_case_and_absolute),
         AC_CASE(text_that_is_no_name_is_refused), AC_CASE(name_is_in_its_zone_only),
         AC_CASE(name_of_control_characters_is_shown_without_them),
         AC_CASE(answer_to_the_question_is_taken),
         AC_CASE(what_answers_something_else_is_strange),
         AC_CASE(error_without_question_answers_and_success_does_not),
         AC_CASE(broken_answer_is_garbage),
         AC_CASE(additional_records_more_than_once_are_left_unread),
         AC_CASE(no_cut_of_an_answer_is_a_crash),
         AC_CASE(value_is_found_across_strings), AC_CASE(ids_differ))
