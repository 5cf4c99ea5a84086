/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crls.h"

#include <string.h>

/* The entry of the leaf, if it has one. */
static bool find(const struct ac_crl *crl, const char *serial,
                 struct ac_crl_entry *ret_entry)
{
    size_t position = 0;

    while (ac_crl_next(crl, &position, ret_entry)) {
        if (strcmp(ret_entry->serial, serial) == 0)
            return true;
    }
    return false;
}

/* The reason that a list has for the leaf; -1: none; -2: the list is of no use. */
static int reason_of(const char *name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_crl) *crl = NULL;
    struct ac_crl_entry entry;

    if (ac_crls_chain(&chain, &err) != AC_OK
        || ac_crls_read(name, AC_CRLS_WITHIN, &crl, &err) != AC_OK)
        return -2;
    return find(crl, ac_chain_serial(chain), &entry) ? entry.reason : -1;
}

AC_TEST(list_is_read_with_its_times)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_crl) *crl = NULL;

    AC_REQUIRE_OK(ac_crls_read("clean", AC_CRLS_WITHIN, &crl, &err));

    CU_ASSERT_EQUAL(ac_crl_count(crl), 3);
    CU_ASSERT_EQUAL(ac_crl_this_update(crl), AC_CRLS_BEGINS);
    CU_ASSERT_EQUAL(ac_crl_next_update(crl), AC_CRLS_ENDS);
    CU_ASSERT_TRUE(ac_crl_der(crl)->size > 100);
}

AC_TEST(entry_has_its_date_and_reason)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_crl) *crl = NULL;
    struct ac_crl_entry entry;

    AC_REQUIRE_OK(ac_crls_chain(&chain, &err));
    AC_REQUIRE_OK(ac_crls_read("compromised", AC_CRLS_WITHIN, &crl, &err));
    bool is_in_it = find(crl, ac_chain_serial(chain), &entry);

    CU_ASSERT_TRUE(is_in_it);
    CU_ASSERT_EQUAL(entry.reason, AC_CRL_KEY_COMPROMISE);
    CU_ASSERT_EQUAL(entry.revoked_at, AC_CRLS_BEGINS);
}

AC_TEST(leaf_is_found_only_where_it_is)
{
    CU_ASSERT_EQUAL(reason_of("clean"), -1);
    CU_ASSERT_EQUAL(reason_of("empty"), -1);
    CU_ASSERT_EQUAL(reason_of("unexplained"), AC_CRL_UNSPECIFIED);
    CU_ASSERT_EQUAL(reason_of("hold"), AC_CRL_ON_HOLD);
    CU_ASSERT_EQUAL(reason_of("removed"), AC_CRL_REMOVED);
}

AC_TEST(lists_of_our_distribution_point_are_taken)
{
    CU_ASSERT_EQUAL(reason_of("point"), 4);
    CU_ASSERT_EQUAL(reason_of("nameless-point"), 4);
}

AC_TEST(list_that_is_not_for_us_is_refused)
{
    static const struct {
        const char *name, *why;
    } lists[] = {
        { "other-point", "the list is of another distribution point than the "
                         "certificate's" },
        { "indirect", "the list speaks for other issuers (an indirect one)" },
        { "only-ca", "the list is of CA certificates only" },
        { "only-attributes", "the list is of attributes only" },
        { "delta", "the list has changes only (a delta)" },
        { "other-name", "the list is another issuer's" },
        { "unknown-critical",
          "the list has a critical extension that is not known (RFC 5280 5.2)" },
        { "entry-critical",
          "entry 1 of the list is no DER, or has a critical extension that is not "
          "known (RFC 5280 5.3)" },
        { "broken-entry",
          "entry 1 of the list is no DER, or has a critical extension that is not "
          "known (RFC 5280 5.3)" },
        { "endless", "the list does not say when it ends" },
        { "version-3", "the list has an unknown version" },
        { "sha1", "the list is signed with an algorithm that is unknown or unsafe" },
        { "two-algorithms", "it is no certificate revocation list in DER" },
    };

    for (size_t i = 0; i < AC_COUNT(lists); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_crl) *crl = NULL;

        enum ac_code code = ac_crls_read(lists[i].name, AC_CRLS_WITHIN, &crl, &err);

        CU_ASSERT_EQUAL(code, AC_E_INVALID);
        CU_ASSERT_STRING_EQUAL(err.detail, lists[i].why);
    }
}

AC_TEST(signature_of_another_key_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_crl) *crl = NULL;

    enum ac_code code = ac_crls_read("other-key", AC_CRLS_WITHIN, &crl, &err);

    CU_ASSERT_EQUAL(code, AC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "is not signed by the issuer"));
}

AC_TEST(stale_list_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_crl) *crl = NULL;

    enum ac_code code = ac_crls_read("clean", AC_CRLS_ENDS, &crl, &err);

    CU_ASSERT_EQUAL(code, AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the list is stale: it ended at 2030-01-08T00:00:00Z");
}

AC_TEST(list_of_a_clock_that_is_a_little_ahead_is_taken)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_crl) *soon = NULL;
    AC_AUTO(ac_crl) *later = NULL;
    int64_t begins = AC_CRLS_BEGINS;

    AC_REQUIRE_OK(ac_crls_read("clean", begins - AC_CRL_SKEW_S, &soon, &err));
    enum ac_code code = ac_crls_read("clean", begins - AC_CRL_SKEW_S - 1, &later, &err);

    CU_ASSERT_EQUAL(code, AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the list is of a time to come: 2030-01-01T00:00:00Z");
}

/* Whatever is cut off or changed: it is refused, and nothing beyond its end is read. */
AC_TEST(no_part_of_a_list_is_taken_for_a_list)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_text) whole = { 0 };
    size_t taken = 0;

    AC_REQUIRE_OK(ac_crls_chain(&chain, &err));
    AC_REQUIRE_OK(ac_crls_load("compromised", &whole, &err));
    for (size_t i = 0; i < whole.size; i += 7) {
        AC_AUTO(ac_text) cut = { 0 };
        AC_AUTO(ac_text) changed = { 0 };
        AC_AUTO(ac_crl) *crl = NULL;
        struct ac_error why = { 0 };

        AC_REQUIRE_OK(ac_text_add(&cut, whole.bytes, i, &err));
        AC_REQUIRE_OK(ac_text_add(&changed, whole.bytes, whole.size, &err));
        changed.bytes[i] ^= 1;
        taken += ac_crl_read(&cut, chain, AC_CRLS_WITHIN, &crl, &why) == AC_OK;
        taken += ac_crl_read(&changed, chain, AC_CRLS_WITHIN, &crl, &why) == AC_OK;
    }

    CU_ASSERT_EQUAL(taken, 0);
}

AC_TEST(reasons_have_their_names)
{
    CU_ASSERT_STRING_EQUAL(ac_crl_reason_name(1), "keyCompromise");
    CU_ASSERT_STRING_EQUAL(ac_crl_reason_name(10), "aACompromise");
    CU_ASSERT_STRING_EQUAL(ac_crl_reason_name(7), "unspecified");
    CU_ASSERT_STRING_EQUAL(ac_crl_reason_name(-1), "unspecified");
    CU_ASSERT_STRING_EQUAL(ac_crl_reason_name(99), "unspecified");
}

AC_SUITE("crypto/crl", AC_CASE(list_is_read_with_its_times),
         AC_CASE(entry_has_its_date_and_reason),
         AC_CASE(leaf_is_found_only_where_it_is),
         AC_CASE(lists_of_our_distribution_point_are_taken),
         AC_CASE(list_that_is_not_for_us_is_refused),
         AC_CASE(signature_of_another_key_is_refused), AC_CASE(stale_list_is_refused),
         AC_CASE(list_of_a_clock_that_is_a_little_ahead_is_taken),
         AC_CASE(no_part_of_a_list_is_taken_for_a_list),
         AC_CASE(reasons_have_their_names))
