/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include "check.h"
#include "dns_server.h"
#include "fake_host.h"

static struct fake_host fake;
static struct tsig_key key;

static enum reply_kind classify(unsigned rcode, enum tsig_verdict verdict,
                                uint16_t error)
{
    struct tsig_report report = { .verdict = verdict, .error = error };

    return reply_classify(rcode, &report);
}

/* The status of a reply; the sentence is in `fake`. */
static int fail(struct reply reply)
{
    struct request_words words = { .verb = "add",
                                   .records = "_acme-challenge.a.test",
                                   .zone = "a.test",
                                   .key = &key };

    if (!fake_host_start(&fake, NULL))
        return 1;
    (void)snprintf(reply.server, sizeof reply.server, "192.0.2.1:53");
    return reply_fail(&fake.host, &reply, &words);
}

static int fail_rcode(unsigned rcode)
{
    return fail((struct reply){ .kind = REPLY_REFUSED, .rcode = rcode });
}

static int fail_tsig(uint16_t error)
{
    return fail((struct reply){ .kind = REPLY_BAD_KEY,
                                .rcode = 9,
                                .tsig = { .verdict = TSIG_UNSIGNED, .error = error } });
}

AC_TEST(success_must_be_signed)
{
    CU_ASSERT_EQUAL(classify(0, TSIG_GOOD, 0), REPLY_DONE);
    CU_ASSERT_EQUAL(classify(0, TSIG_UNSIGNED, 0), REPLY_UNTRUSTED);
    CU_ASSERT_EQUAL(classify(0, TSIG_FORGED, 0), REPLY_UNTRUSTED);
    CU_ASSERT_EQUAL(classify(0, TSIG_OTHER_KEY, 0), REPLY_UNTRUSTED);
    CU_ASSERT_EQUAL(classify(0, TSIG_STALE, 0), REPLY_UNTRUSTED);
    CU_ASSERT_EQUAL(classify(0, TSIG_MALFORMED, 0), REPLY_UNTRUSTED);
    CU_ASSERT_EQUAL(classify(0, TSIG_GOOD, TSIG_BADTIME), REPLY_UNTRUSTED);
}

AC_TEST(success_without_key_needs_no_signature)
{
    CU_ASSERT_EQUAL(reply_classify(0, NULL), REPLY_DONE);
    CU_ASSERT_EQUAL(reply_classify(5, NULL), REPLY_REFUSED);
}

AC_TEST(error_may_be_unsigned_but_not_forged)
{
    CU_ASSERT_EQUAL(classify(5, TSIG_GOOD, 0), REPLY_REFUSED);
    CU_ASSERT_EQUAL(classify(5, TSIG_UNSIGNED, 0), REPLY_REFUSED);
    CU_ASSERT_EQUAL(classify(5, TSIG_FORGED, 0), REPLY_UNTRUSTED);
    CU_ASSERT_EQUAL(classify(9, TSIG_UNSIGNED, TSIG_BADKEY), REPLY_BAD_KEY);
    CU_ASSERT_EQUAL(classify(9, TSIG_GOOD, TSIG_BADTIME), REPLY_BAD_KEY);
    CU_ASSERT_EQUAL(classify(9, TSIG_STALE, TSIG_BADTIME), REPLY_BAD_KEY);
    CU_ASSERT_EQUAL(classify(9, TSIG_GOOD, 0), REPLY_REFUSED);
}

AC_TEST(next_server_is_for_three_cases_only)
{
    for (unsigned rcode = 1; rcode < 16; rcode++) {
        struct reply reply = { .kind = REPLY_REFUSED, .rcode = rcode };

        CU_ASSERT_EQUAL(reply_is_for_next_server(&reply), rcode == 2 || rcode == 4);
    }
    CU_ASSERT_TRUE(reply_is_for_next_server(&(struct reply){ .kind = REPLY_UNUSABLE }));
    CU_ASSERT_FALSE(reply_is_for_next_server(&(struct reply){ .kind = REPLY_LATE }));
    CU_ASSERT_FALSE(
        reply_is_for_next_server(&(struct reply){ .kind = REPLY_UNTRUSTED }));
}

AC_TEST(only_a_refusal_of_content_is_split)
{
    struct reply refused = { .kind = REPLY_REFUSED, .rcode = 5 };
    struct reply not_zone = { .kind = REPLY_REFUSED, .rcode = 10 };
    struct reply not_authoritative = { .kind = REPLY_REFUSED, .rcode = 9 };
    struct reply failed = { .kind = REPLY_REFUSED, .rcode = 2 };
    struct reply bad_key = { .kind = REPLY_BAD_KEY, .tsig = { .error = TSIG_BADKEY } };
    struct reply bad_time = { .kind = REPLY_BAD_KEY,
                              .tsig = { .error = TSIG_BADTIME } };

    CU_ASSERT_TRUE(reply_is_about_content(&refused));
    CU_ASSERT_TRUE(reply_is_about_content(&not_zone));
    CU_ASSERT_TRUE(reply_is_about_content(&bad_key));
    CU_ASSERT_FALSE(reply_is_about_content(&not_authoritative));
    CU_ASSERT_FALSE(reply_is_about_content(&failed));
    CU_ASSERT_FALSE(reply_is_about_content(&bad_time));
}

AC_TEST(each_rcode_has_its_sentence)
{
    static const struct {
        unsigned rcode;
        int status;
        const char *text;
    } known[] = {
        { 1, ACMECORE_E_REFUSED, "did not understand the update" },
        { 2, ACMECORE_E_NETWORK, "could not add _acme-challenge.a.test" },
        { 3, ACMECORE_E_REFUSED, "NXDOMAIN" },
        { 4, ACMECORE_E_CONFIG, "does not do dynamic updates" },
        { 5, ACMECORE_E_CONFIG, "lets the key \"acme-key\" change TXT" },
        { 6, ACMECORE_E_REFUSED, "YXDOMAIN" },
        { 7, ACMECORE_E_REFUSED, "YXRRSET" },
        { 8, ACMECORE_E_REFUSED, "NXRRSET" },
        { 9, ACMECORE_E_CONFIG, "not authoritative for the zone a.test" },
        { 10, ACMECORE_E_CONFIG, "is not in the zone a.test" },
        { 11, ACMECORE_E_REFUSED, "an unknown error" },
    };

    key = dns_key();
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        CU_ASSERT_EQUAL(fail_rcode(known[i].rcode), known[i].status);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, known[i].text));
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "192.0.2.1:53"));
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "a.test"));
    }
}

AC_TEST(refusal_of_an_unsigned_update_asks_for_a_key)
{
    tsig_key_wipe(&key);

    CU_ASSERT_EQUAL(fail_rcode(5), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "set tsig-key-file"));
    CU_ASSERT_EQUAL(fail_rcode(9), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "set tsig-key-file"));
}

AC_TEST(each_tsig_error_has_its_sentence)
{
    key = dns_key();

    CU_ASSERT_EQUAL(fail_tsig(TSIG_BADKEY), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "\"acme-key\" with hmac-sha256"));
    CU_ASSERT_EQUAL(fail_tsig(TSIG_BADSIG), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "copy the secret again"));
    CU_ASSERT_EQUAL(fail_tsig(TSIG_BADTRUNC), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "TSIG error 22"));
    CU_ASSERT_EQUAL(fail_tsig(TSIG_BADTIME), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "differ by more than 300 s"));
}

AC_TEST(difference_of_clocks_is_told_both_ways)
{
    struct reply reply = { .kind = REPLY_BAD_KEY,
                           .rcode = 9,
                           .tsig = { TSIG_GOOD, TSIG_BADTIME, -3600 } };

    key = dns_key();
    CU_ASSERT_EQUAL(fail(reply), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "is 3600 s behind the one of this"));

    reply.tsig.skew_s = 7200;
    (void)fail(reply);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "is 7200 s ahead of the one of this"));
}

AC_TEST(each_distrust_has_its_reason)
{
    static const char *const reasons[] = {
        [TSIG_GOOD] = "contradicts itself",
        [TSIG_UNSIGNED] = "is not signed",
        [TSIG_OTHER_KEY] = "another key",
        [TSIG_FORGED] = "a wrong signature",
        [TSIG_STALE] = "signed for another time",
        [TSIG_MALFORMED] = "a broken signature",
    };

    key = dns_key();
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct reply reply = { .kind = REPLY_UNTRUSTED,
                               .tsig = { .verdict = (enum tsig_verdict)i } };

        CU_ASSERT_EQUAL(fail(reply), ACMECORE_E_REFUSED);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, reasons[i]));
    }
}

AC_TEST(other_ends_have_their_sentences)
{
    key = dns_key();

    CU_ASSERT_EQUAL(fail((struct reply){ .kind = REPLY_DONE }), ACMECORE_OK);
    CU_ASSERT_EQUAL(fail((struct reply){ .kind = REPLY_UNUSABLE, .trail = "x: y" }),
                    ACMECORE_E_NETWORK);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "in the zone a.test: x: y: check"));
    CU_ASSERT_EQUAL(fail((struct reply){ .kind = REPLY_LATE, .trail = "x: y" }),
                    ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "in the zone a.test: x: y"));
    CU_ASSERT_EQUAL(fail((struct reply){ .kind = REPLY_ALIAS }), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "an alias (CNAME or DNAME)"));
    CU_ASSERT_EQUAL(
        fail((struct reply){ .kind = REPLY_DELEGATED, .other = { "sub.a.test" } }),
        ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "a.test delegates sub.a.test"));
    CU_ASSERT_EQUAL(fail((struct reply){ .kind = REPLY_TOO_LONG }), ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(fail((struct reply){ .kind = REPLY_NO_MEMORY }), ACMECORE_E_SYSTEM);
}

AC_TEST(one_sentence_is_for_the_same_reason_only)
{
    struct reply one = { .kind = REPLY_REFUSED, .rcode = 5, .server = "a" };
    struct reply other = one;

    CU_ASSERT_TRUE(reply_is_same(&one, &other));
    other.rcode = 10;
    CU_ASSERT_FALSE(reply_is_same(&one, &other));
    other = one;
    (void)snprintf(other.server, sizeof other.server, "b");
    CU_ASSERT_FALSE(reply_is_same(&one, &other));
}

AC_SUITE("dns01-rfc2136/reply", AC_CASE(success_must_be_signed),
         AC_CASE(success_without_key_needs_no_signature),
         AC_CASE(error_may_be_unsigned_but_not_forged),
         AC_CASE(next_server_is_for_three_cases_only),
         AC_CASE(only_a_refusal_of_content_is_split),
         AC_CASE(each_rcode_has_its_sentence),
         AC_CASE(refusal_of_an_unsigned_update_asks_for_a_key),
         AC_CASE(each_tsig_error_has_its_sentence),
         AC_CASE(difference_of_clocks_is_told_both_ways),
         AC_CASE(each_distrust_has_its_reason),
         AC_CASE(other_ends_have_their_sentences),
         AC_CASE(one_sentence_is_for_the_same_reason_only))
