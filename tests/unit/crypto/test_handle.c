/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/handle.h"

#include <string.h>

static gnutls_datum_t lend(const char *bytes, unsigned int size)
{
    return (gnutls_datum_t){ (unsigned char *)bytes, size };
}

AC_TEST(failure_has_both_sentences)
{
    struct ac_error err = { 0 };

    enum ac_code code =
        ac_fail_gnutls(&err, AC_E_INVALID, GNUTLS_E_DECRYPTION_FAILED, "key %d", 7);

    CU_ASSERT_EQUAL(code, AC_E_INVALID);
    CU_ASSERT_EQUAL(err.code, AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "key 7: Decryption has failed.");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.where, "test_handle.c"));
}

AC_TEST(memory_error_is_ours_whatever_the_code)
{
    struct ac_error err = { 0 };

    enum ac_code code =
        ac_fail_gnutls(&err, AC_E_INVALID, GNUTLS_E_MEMORY_ERROR, "a key");

    CU_ASSERT_EQUAL(code, AC_E_NOMEM);
}

AC_TEST(done_datum_is_empty)
{
    struct ac_datum datum = { 0 };

    datum.value.data = gnutls_malloc(16);
    CU_ASSERT_PTR_NOT_NULL_FATAL(datum.value.data);
    datum.value.size = 16;
    ac_datum_done(&datum);
    ac_datum_done(&datum);

    CU_ASSERT_PTR_NULL(datum.value.data);
    CU_ASSERT_EQUAL(datum.value.size, 0);
}

AC_TEST(no_alternative_names_are_freed_in_peace)
{
    gnutls_subject_alt_names_t names = NULL;

    ac_alt_names_free(names);

    CU_ASSERT_PTR_NULL(names);
}

AC_TEST(short_number_is_padded_on_the_left)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    gnutls_datum_t number = lend("\x01\x02", 2);

    AC_REQUIRE_OK(ac_datum_add_padded(&number, 4, &text, &err));

    CU_ASSERT_EQUAL(text.size, 4);
    CU_ASSERT_EQUAL(memcmp(text.bytes, "\0\0\x01\x02", 4), 0);
}

AC_TEST(sign_octet_of_der_is_dropped)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    gnutls_datum_t number = lend("\0\x80\x01", 3);

    AC_REQUIRE_OK(ac_datum_add_padded(&number, 2, &text, &err));

    CU_ASSERT_EQUAL(text.size, 2);
    CU_ASSERT_EQUAL(memcmp(text.bytes, "\x80\x01", 2), 0);
}

AC_TEST(without_a_size_leading_zeros_are_dropped)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    gnutls_datum_t number = lend("\0\0\x01\0", 4);

    AC_REQUIRE_OK(ac_datum_add_padded(&number, 0, &text, &err));

    CU_ASSERT_EQUAL(text.size, 2);
    CU_ASSERT_EQUAL(memcmp(text.bytes, "\x01\0", 2), 0);
}

AC_TEST(number_that_is_too_long_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    gnutls_datum_t number = lend("\x01\x02\x03", 3);

    AC_REQUIRE_CODE(ac_datum_add_padded(&number, 2, &text, &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(text.size, 0);
}

AC_SUITE("crypto/handle", AC_CASE(failure_has_both_sentences),
         AC_CASE(memory_error_is_ours_whatever_the_code), AC_CASE(done_datum_is_empty),
         AC_CASE(no_alternative_names_are_freed_in_peace),
         AC_CASE(short_number_is_padded_on_the_left),
         AC_CASE(sign_octet_of_der_is_dropped),
         AC_CASE(without_a_size_leading_zeros_are_dropped),
         AC_CASE(number_that_is_too_long_is_refused))
