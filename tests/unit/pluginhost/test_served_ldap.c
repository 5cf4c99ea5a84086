/* SPDX-License-Identifier: Apache-2.0 */
#include "talking.h"

/* SEQUENCE { 1, [APPLICATION 24] { result, "", "" } } */
#define ANSWER(result) "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01" result "\x04\x00\x04\x00"

AC_TEST(ldap_asks_for_tls_and_gets_it)
{
    talk_in("ldap");
    CU_ASSERT_EQUAL(talk.sending_size, 31);
    CU_ASSERT_TRUE(has_said("1.3.6.1.4.1.1466.20037"));

    CU_ASSERT_EQUAL(HEAR(ANSWER("\x00")), AC_TALK_READY);
}

AC_TEST(long_form_of_a_length_is_read_too)
{
    talk_in("ldap");

    CU_ASSERT_EQUAL(HEAR("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07"
                         "\x0a\x01\x00\x04\x00\x04\x00"),
                    AC_TALK_READY);
}

AC_TEST(ldap_that_refuses_is_told_with_its_words)
{
    talk_in("ldap");

    CU_ASSERT_EQUAL(
        HEAR("\x30\x12\x02\x01\x01\x78\x0d\x0a\x01\x34\x04\x00\x04\x06no TLS"),
        AC_TALK_FAILED);
    CU_ASSERT_STRING_EQUAL(talk.reason,
                           "the server refuses StartTLS: LDAP result 52: no TLS");
}

AC_TEST(what_is_no_ldap_is_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
#define BAD(text) { text, sizeof(text) - 1 }
        BAD("HTTP/1.1 400"),
        BAD("\x30\x80"),                                     /* no end is given */
        BAD("\x30\x85\x00\x00\x00\x00\x01"),                 /* a length of 5 bytes */
        BAD("\x30\x84\xff\xff\xff\xff"),                     /* 4 GiB */
        BAD("\x30\x03\x02\x01\x00"),                         /* another message */
        BAD("\x30\x05\x02\x01\x01\x78\x7f"),                 /* longer than all */
        BAD("\x30\x08\x02\x01\x01\x78\x03\x0a\x02\x00"),     /* likewise */
        BAD("\x30\x09\x02\x01\x01\x78\x04\x0a\x02\x00\x00"), /* a result of two bytes */
        BAD("\x30\x00"),
    };

    for (size_t i = 0; i < AC_COUNT(bad); i++) {
        talk_in("ldap");
        CU_ASSERT_EQUAL(hear_bytes(bad[i].bytes, bad[i].size), AC_TALK_FAILED);
    }
}

AC_SUITE("pluginhost/served_ldap", AC_CASE(ldap_asks_for_tls_and_gets_it),
         AC_CASE(long_form_of_a_length_is_read_too),
         AC_CASE(ldap_that_refuses_is_told_with_its_words),
         AC_CASE(what_is_no_ldap_is_refused))
