/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_message.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#define ID          0x1234
#define COUNT_AT    6 /* of answers; of authorities two further */
#define AUTHORITIES 8
#define OWNER       "\xC0\x0C" /* the name of the question */
#define IN          "\x00\x01"
#define TTL         "\x00\x00\x00\x3C"

/* A reply in the making: the question turned round, and records behind it. */
struct reply {
    unsigned char bytes[70000];
    size_t size;
};
static struct reply reply;

static const struct ac_dns_wire question = { .name = "_acme-challenge.example.org",
                                             .type = AC_DNS_TXT,
                                             .id = ID };

static enum ac_code begin(struct ac_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0;

    AC_TRY(ac_dns_message_write(&question, &bytes, &size, err));
    memcpy(reply.bytes, bytes, size);
    reply.size = size;
    reply.bytes[2] |= 0x84; /* QR, AA */
    free(bytes);
    return AC_OK;
}

static void add(size_t count_at, const char *record, size_t size)
{
    memcpy(reply.bytes + reply.size, record, size);
    reply.size += size;
    reply.bytes[count_at + 1]++;
}
#define ADD(count_at, record) add(count_at, record, sizeof(record) - 1)

static enum ac_code read_reply(struct ac_dns_answer *answer, struct ac_error *err)
{
    return ac_dns_message_read(&question, reply.bytes, reply.size, answer, err);
}

AC_TEST(question_has_id_name_type_and_edns)
{
    struct ac_error err = { 0 };
    struct ac_dns_wire wire = question;
    unsigned char *bytes = NULL;
    size_t size = 0;

    wire.is_recursive = true;
    wire.has_edns = true;
    AC_REQUIRE_OK(ac_dns_message_write(&wire, &bytes, &size, &err));

    CU_ASSERT_EQUAL(bytes[0], 0x12);
    CU_ASSERT_EQUAL(bytes[1], 0x34);
    CU_ASSERT_EQUAL(bytes[2], 0x01); /* RD */
    CU_ASSERT_EQUAL(bytes[5], 1);    /* one question */
    CU_ASSERT_EQUAL(bytes[11], 1);   /* OPT */
    CU_ASSERT_EQUAL(memcmp(bytes + 12,
                           "\x0F_acme-challenge\x07"
                           "example\x03org\x00\x00\x10",
                           31),
                    0);
    CU_ASSERT_EQUAL(bytes[size - 8] << 8 | bytes[size - 7], AC_DNS_UDP_SIZE);
    free(bytes);
}

AC_TEST(name_that_no_question_can_carry_is_refused)
{
    static const char *const names[] = {
        "a..example",
        "a234567890123456789012345678901234567890123456789012345678901234.example",
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(names); i++) {
        struct ac_dns_wire wire = { .name = names[i], .type = AC_DNS_A };
        unsigned char *bytes = NULL;
        size_t size = 0;
        CU_ASSERT_EQUAL(ac_dns_message_write(&wire, &bytes, &size, &err), AC_E_INVALID);
    }
}

AC_TEST(strings_of_one_txt_record_are_one_value)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE_OK(begin(&err));
    ADD(COUNT_AT, OWNER "\x00\x10" IN TTL "\x00\x08"
                        "\x03"
                        "abc"
                        "\x03"
                        "def");
    AC_REQUIRE_OK(read_reply(&answer, &err));

    AC_REQUIRE(answer.count == 1);
    CU_ASSERT(answer.is_authoritative);
    CU_ASSERT_EQUAL(answer.rcode, AC_DNS_NOERROR);
    CU_ASSERT_STRING_EQUAL(answer.records[0].owner, question.name);
    CU_ASSERT_STRING_EQUAL(answer.records[0].data, "abcdef");
    CU_ASSERT_EQUAL(answer.records[0].data_size, 6);
    CU_ASSERT_EQUAL(answer.records[0].ttl, 60);
}

AC_TEST(names_are_lower_case_and_odd_bytes_escaped)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE_OK(begin(&err));
    ADD(COUNT_AT, OWNER "\x00\x05" IN TTL "\x00\x0B"
                        "\x06"
                        "A.b\x00\xFF"
                        "C"
                        "\x02"
                        "Xy"
                        "\x00");
    AC_REQUIRE_OK(read_reply(&answer, &err));

    AC_REQUIRE(answer.count == 1);
    CU_ASSERT_STRING_EQUAL(answer.records[0].name, "a\\046b\\000\\255c.xy");
    CU_ASSERT_PTR_EQUAL(ac_dns_find(&answer, AC_DNS_CNAME, question.name),
                        &answer.records[0]);
}

AC_TEST(soa_address_and_caa_are_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE_OK(begin(&err));
    ADD(COUNT_AT, OWNER "\x00\x01" IN TTL "\x00\x04"
                        "\x7F\x00\x00\x01");
    ADD(COUNT_AT, OWNER "\x01\x01" IN TTL "\x00\x0B"
                        "\x80\x05"
                        "Issue"
                        "a.ca");
    ADD(AUTHORITIES, "\x00\x00\x06" IN TTL "\x00\x1A"
                     "\x01n\x00\x01h\x00"
                     "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x1E");
    AC_REQUIRE_OK(read_reply(&answer, &err));

    AC_REQUIRE(answer.count == 3);
    CU_ASSERT_EQUAL(answer.records[0].data_size, 4);
    CU_ASSERT_STRING_EQUAL(answer.records[1].tag, "issue");
    CU_ASSERT_STRING_EQUAL(answer.records[1].data, "a.ca");
    CU_ASSERT_EQUAL(answer.records[1].flags, 0x80);
    CU_ASSERT(answer.records[2].is_authority);
    CU_ASSERT_STRING_EQUAL(answer.records[2].owner, ".");
    CU_ASSERT_EQUAL(answer.records[2].minimum, 30);
    CU_ASSERT_EQUAL(ac_dns_negative_ttl(&answer), 30);
}

AC_TEST(another_id_question_or_type_is_no_answer)
{
    static const struct {
        size_t at;
        unsigned char flip;
    } wrong[] = {
        { 0, 1 },    /* ID */
        { 2, 0x80 }, /* a question */
        { 2, 0x08 }, /* an opcode */
        { 14, 2 },   /* name */
        { 42, 1 },   /* type */
        { 44, 2 },   /* class */
    };
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(begin(&err));
    for (size_t i = 0; i < AC_COUNT(wrong); i++) {
        AC_AUTO(ac_dns_answer) answer = { 0 };
        reply.bytes[wrong[i].at] ^= wrong[i].flip;
        CU_ASSERT_EQUAL(read_reply(&answer, &err), AC_E_INVALID);
        reply.bytes[wrong[i].at] ^= wrong[i].flip;
    }
}

AC_TEST(question_in_other_case_is_the_same)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE_OK(begin(&err));
    reply.bytes[15] ^= 0x20; /* C of aCme */
    AC_REQUIRE_OK(read_reply(&answer, &err));

    CU_ASSERT_EQUAL(answer.count, 0);
}

AC_TEST(formerr_may_come_without_its_question)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE_OK(begin(&err));
    reply.size = 12;
    reply.bytes[3] = 1;
    reply.bytes[5] = 0;
    AC_REQUIRE_OK(read_reply(&answer, &err));

    CU_ASSERT_EQUAL(answer.rcode, AC_DNS_FORMERR);
}

AC_TEST(cut_and_looping_packets_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE_OK(begin(&err));
    ADD(COUNT_AT, OWNER "\x00\x05" IN TTL "\x00\x02"
                        "\xC0\x37");
    memcpy(reply.bytes + reply.size - 2, "\xC0", 1);
    reply.bytes[reply.size - 1] = (unsigned char)(reply.size - 2); /* at itself */
    CU_ASSERT_EQUAL(read_reply(&answer, &err), AC_E_INVALID);
    for (size_t size = 0; size < reply.size; size++) {
        CU_ASSERT_EQUAL(
            ac_dns_message_read(&question, reply.bytes, size, &answer, &err),
            AC_E_INVALID);
    }
}

AC_TEST(short_rdata_is_dropped_or_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE_OK(begin(&err));
    ADD(COUNT_AT, OWNER "\x00\x01" IN TTL "\x00\x03"
                        "\x7F\x00\x00");
    enum ac_code code = read_reply(&answer, &err);

    AC_REQUIRE(code == AC_OK || code == AC_E_INVALID || code == AC_E_NOMEM);
    CU_ASSERT_EQUAL(answer.count, 0);
}

AC_TEST(records_kept_are_bounded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&err));
    for (int i = 0; i < 2000; i++)
        ADD(COUNT_AT, OWNER "\x00\x10" IN TTL "\x00\x02"
                            "\x01"
                            "x");
    reply.bytes[COUNT_AT] = 2000 >> 8;
    reply.bytes[COUNT_AT + 1] = 2000 & 0xFF;
    AC_REQUIRE_OK(read_reply(&answer, &err));

    CU_ASSERT_EQUAL(answer.count, AC_DNS_RECORDS_MAX);
}

AC_TEST(names_are_within_zones_by_whole_labels)
{
    CU_ASSERT(ac_dns_is_within("a.example.org", "example.org"));
    CU_ASSERT(ac_dns_is_within("example.org", "EXAMPLE.org"));
    CU_ASSERT(ac_dns_is_within("example.org", "."));
    CU_ASSERT_FALSE(ac_dns_is_within("badexample.org", "example.org"));
    CU_ASSERT_FALSE(ac_dns_is_within("org", "example.org"));
    CU_ASSERT_STRING_EQUAL(ac_dns_parent("a.b"), "b");
    CU_ASSERT_STRING_EQUAL(ac_dns_parent("b"), ".");
    CU_ASSERT_PTR_NULL(ac_dns_parent("."));
}

AC_TEST(rcodes_have_names)
{
    CU_ASSERT_STRING_EQUAL(ac_dns_rcode_name(AC_DNS_SERVFAIL), "SERVFAIL");
    CU_ASSERT_STRING_EQUAL(ac_dns_rcode_name(AC_DNS_REFUSED), "REFUSED");
    CU_ASSERT_STRING_EQUAL(ac_dns_rcode_name(200), "an error");
}

AC_SUITE("pluginhost/dns_message", AC_CASE(question_has_id_name_type_and_edns),
         AC_CASE(name_that_no_question_can_carry_is_refused),
         AC_CASE(strings_of_one_txt_record_are_one_value),
         AC_CASE(names_are_lower_case_and_odd_bytes_escaped),
         AC_CASE(soa_address_and_caa_are_read),
         AC_CASE(another_id_question_or_type_is_no_answer),
         AC_CASE(question_in_other_case_is_the_same),
         AC_CASE(formerr_may_come_without_its_question),
         AC_CASE(cut_and_looping_packets_are_refused),
         AC_CASE(short_rdata_is_dropped_or_refused), AC_CASE(records_kept_are_bounded),
         AC_CASE(names_are_within_zones_by_whole_labels), AC_CASE(rcodes_have_names))
