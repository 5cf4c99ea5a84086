/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/pem.h"

#include <string.h>

#define BLOCK(body) "-----BEGIN CERTIFICATE-----\n" body "-----END CERTIFICATE-----\n"

static struct ac_pem open_text(const char *text)
{
    return (struct ac_pem){ text, text + strlen(text) };
}

static enum ac_code refuse(const char *text, struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    struct ac_pem pem = open_text(text);

    return ac_pem_next(&pem, &der, err);
}

AC_TEST(blocks_come_one_after_the_other)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) first = { 0 };
    AC_AUTO(ac_text) second = { 0 };
    AC_AUTO(ac_text) none = { 0 };
    struct ac_pem pem = open_text(BLOCK("YWJj\n") BLOCK("ZGVm\nZw==\n"));

    AC_REQUIRE_OK(ac_pem_next(&pem, &first, &err));
    AC_REQUIRE_OK(ac_pem_next(&pem, &second, &err));
    AC_REQUIRE_CODE(ac_pem_next(&pem, &none, &err), AC_E_NOTFOUND);

    CU_ASSERT_STRING_EQUAL(ac_text_get(&first), "abc");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&second), "defg");
}

AC_TEST(crlf_and_empty_lines_and_a_missing_newline_are_taken)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    struct ac_pem pem =
        open_text("\r\n\r\n-----BEGIN CERTIFICATE----- \r\nYWJj\r\nZGVm\r\n\r\n"
                  "-----END CERTIFICATE-----");

    AC_REQUIRE_OK(ac_pem_next(&pem, &der, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&der), "abcdef");
    CU_ASSERT_PTR_EQUAL(pem.at, pem.end);
}

AC_TEST(white_space_alone_holds_nothing)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("", &err), AC_E_NOTFOUND);
    AC_REQUIRE_CODE(refuse(" \r\n\t\n", &err), AC_E_NOTFOUND);

    CU_ASSERT_STRING_EQUAL(err.detail, "the chain has no more certificates");
}

AC_TEST(block_of_another_kind_is_refused_by_its_label)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("-----BEGIN PRIVATE KEY-----\nhunter2\n", &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the chain has a block \"PRIVATE KEY\" "
                                       "(RFC 8555 11.4: certificates only)");
}

AC_TEST(kinds_that_begin_alike_are_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("-----BEGIN CERTIFICATE REQUEST-----\nYWJj\n"
                           "-----END CERTIFICATE REQUEST-----\n",
                           &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("-----BEGIN X509 CERTIFICATE-----\nYWJj\n"
                           "-----END X509 CERTIFICATE-----\n",
                           &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("-----BEGIN TRUSTED CERTIFICATE-----\nYWJj\n", &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("-----BEGIN ", &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(err.code, AC_E_INVALID);
}

AC_TEST(label_that_is_very_long_is_cut)
{
    struct ac_error err = { 0 };
    char text[600];

    memset(text, 'A', sizeof(text));
    memcpy(text, "-----BEGIN ", 11);
    text[sizeof(text) - 1] = '\0';
    AC_REQUIRE_CODE(refuse(text, &err), AC_E_INVALID);

    CU_ASSERT_TRUE(strlen(err.detail) < 120);
}

AC_TEST(text_outside_of_blocks_is_refused_and_not_shown)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("<html>hunter2</html>\n" BLOCK("YWJj\n"), &err),
                    AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the chain has text that is part of no certificate");
    AC_REQUIRE_CODE(refuse("subject=hunter2\n" BLOCK("YWJj\n"), &err), AC_E_INVALID);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter2"));
}

AC_TEST(text_on_the_line_of_a_boundary_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        refuse("-----BEGIN CERTIFICATE-----YWJj\n-----END CERTIFICATE-----\n", &err),
        AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "the chain has text after a BEGIN line");
    AC_REQUIRE_CODE(
        refuse("-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----x\n", &err),
        AC_E_INVALID);
}

AC_TEST(certificate_without_its_end_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("-----BEGIN CERTIFICATE-----\nYWJj\n", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERT", &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("-----BEGIN CERTIFICATE-----\nYWJj\n" BLOCK("YWJj\n"), &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the chain has a certificate without its end");
}

AC_TEST(bad_base64_is_refused)
{
    static const char *const wrong[] = {
        BLOCK(""),
        BLOCK("\n"),
        BLOCK("Y\n"),
        BLOCK("YWJ\n"),
        BLOCK("YW*j\n"),
        BLOCK("YW_j\n"),
        BLOCK("YWJj=\n"),
        BLOCK("YW==YWJj\n"),
        BLOCK("Proc-Type: 4,ENCRYPTED\n\nYWJj\n"),
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(wrong); i++)
        AC_REQUIRE_CODE(refuse(wrong[i], &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(err.code, AC_E_INVALID);
}

AC_TEST(nul_inside_is_refused)
{
    static const char text[] =
        "-----BEGIN CERTIFICATE-----\nYW\0j\n-----END CERTIFICATE-----";
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    struct ac_pem pem = { text, text + sizeof(text) - 1 };
    struct ac_pem end = { text + sizeof(text) - 1, text + sizeof(text) };

    AC_REQUIRE_CODE(ac_pem_next(&pem, &der, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_pem_next(&end, &der, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(der.bytes);
}

AC_TEST(written_block_has_lines_of_64_characters)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    uint8_t bytes[49] = { 0 };

    AC_REQUIRE_OK(ac_pem_add(&text, bytes, sizeof(bytes), &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text),
                           BLOCK("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                 "AAAAAAAAAAA\nAA==\n"));
}

AC_TEST(written_block_reads_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_text) back = { 0 };
    struct ac_pem pem;

    AC_REQUIRE_OK(ac_pem_add(&text, "\x30\x03\x02\x01\x05", 5, &err));
    pem = open_text(ac_text_get(&text));
    AC_REQUIRE_OK(ac_pem_next(&pem, &back, &err));

    CU_ASSERT_EQUAL(back.size, 5);
    CU_ASSERT_EQUAL(memcmp(back.bytes, "\x30\x03\x02\x01\x05", 5), 0);
}

AC_SUITE("crypto/pem", AC_CASE(blocks_come_one_after_the_other),
         AC_CASE(crlf_and_empty_lines_and_a_missing_newline_are_taken),
         AC_CASE(white_space_alone_holds_nothing),
         AC_CASE(block_of_another_kind_is_refused_by_its_label),
         AC_CASE(kinds_that_begin_alike_are_refused),
         AC_CASE(label_that_is_very_long_is_cut),
         AC_CASE(text_outside_of_blocks_is_refused_and_not_shown),
         AC_CASE(text_on_the_line_of_a_boundary_is_refused),
         AC_CASE(certificate_without_its_end_is_refused),
         AC_CASE(bad_base64_is_refused), AC_CASE(nul_inside_is_refused),
         AC_CASE(written_block_has_lines_of_64_characters),
         AC_CASE(written_block_reads_back))
