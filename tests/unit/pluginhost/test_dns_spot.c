/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_spot.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

#define STALE 1000

static int64_t fake_ms;
static int64_t fake_now(void)
{
    return fake_ms;
}

static const struct acmecore_challenge challenge = { .record_name = "_a.example",
                                                     .record_value = "v" };

static void spots_done(struct ac_dns_spots *spots)
{
    ac_dns_spots_done(spots);
    ac_clock_fake(NULL, NULL);
}
#define SPOTS(name)                                                                    \
    __attribute__((cleanup(spots_done))) struct ac_dns_spots name = { 0 };             \
    struct ac_error err = { 0 };                                                       \
    fake_ms = 100000;                                                                  \
    ac_clock_fake(fake_now, NULL)

static char value[] = "v";
static char binary[] = "v\0w";
static char owner[] = "_a.example";

static struct ac_dns_query answer_with(struct ac_dns_record *record, int rcode)
{
    return (struct ac_dns_query){ .outcome = AC_DNS_ANSWERED,
                                  .answer = { .rcode = rcode,
                                              .is_authoritative = true,
                                              .records = record,
                                              .count = record ? 1 : 0 } };
}

AC_TEST(same_name_is_the_same_spot)
{
    SPOTS(spots);
    size_t first = 9;
    size_t second = 9;

    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &challenge, STALE, &first, &err));
    fake_ms += STALE;
    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &challenge, STALE, &second, &err));

    CU_ASSERT_EQUAL(first, second);
    CU_ASSERT_EQUAL(spots.count, 1);
    CU_ASSERT_EQUAL(spots.items[0].began_ms, 100000);
}

AC_TEST(spot_that_was_given_up_begins_anew)
{
    SPOTS(spots);
    size_t index = 0;

    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &challenge, STALE, &index, &err));
    AC_REQUIRE_OK(ac_dns_spot_reset(&spots.items[0], 2, &err));
    fake_ms += STALE + 1;
    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &challenge, STALE, &index, &err));

    CU_ASSERT_EQUAL(spots.items[0].began_ms, fake_ms);
    CU_ASSERT_EQUAL(spots.items[0].look_count, 0);
}

AC_TEST(spots_that_nobody_needs_are_forgotten)
{
    SPOTS(spots);
    struct acmecore_challenge other = { .record_name = "_b.example" };
    size_t index = 0;

    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &challenge, STALE, &index, &err));
    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &other, STALE, &index, &err));
    spots.items[0].is_needed = false;
    ac_dns_spots_forget(&spots);

    AC_REQUIRE(spots.count == 1);
    CU_ASSERT_STRING_EQUAL(spots.items[0].name, "_b.example");
}

AC_TEST(value_that_was_seen_stays_seen)
{
    SPOTS(spots);
    struct ac_dns_record record = {
        .owner = owner, .type = AC_DNS_TXT, .data = value, .data_size = 1
    };
    struct ac_dns_query good = answer_with(&record, AC_DNS_NOERROR);
    struct ac_dns_query silent = { .outcome = AC_DNS_SILENT };
    size_t index = 0;

    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &challenge, STALE, &index, &err));
    AC_REQUIRE_OK(ac_dns_spot_reset(&spots.items[0], 1, &err));
    AC_REQUIRE_OK(ac_dns_spot_take(&spots.items[0], 0, &good, &err));
    AC_REQUIRE_OK(ac_dns_spot_take(&spots.items[0], 0, &silent, &err));

    struct ac_dns_sight sight = ac_dns_spot_sight(&spots.items[0], 0, "v");
    CU_ASSERT_EQUAL(sight.seen, AC_DNS_SEEN_VALUE);
    CU_ASSERT_STRING_EQUAL(sight.text, "has it");
}

AC_TEST(each_answer_has_its_words)
{
    SPOTS(spots);
    struct ac_dns_record other = {
        .owner = owner, .type = AC_DNS_TXT, .data = binary, .data_size = 3
    };
    struct ac_dns_query lame = answer_with(NULL, AC_DNS_NOERROR);
    lame.answer.is_authoritative = false;
    struct {
        struct ac_dns_query query;
        enum ac_dns_seen seen;
        const char *word;
    } cases[] = {
        { { .outcome = AC_DNS_UNASKED }, AC_DNS_SEEN_NOTHING, NULL },
        { { .outcome = AC_DNS_SILENT }, AC_DNS_SEEN_NOTHING, "no answer" },
        { lame, AC_DNS_SEEN_NOTHING, "not authoritative" },
        { answer_with(NULL, AC_DNS_REFUSED), AC_DNS_SEEN_NOTHING, "REFUSED" },
        { answer_with(NULL, AC_DNS_NOERROR), AC_DNS_SEEN_MISSING, "no TXT record" },
        { answer_with(NULL, AC_DNS_NXDOMAIN), AC_DNS_SEEN_MISSING, "NXDOMAIN" },
        { answer_with(&other, AC_DNS_NOERROR), AC_DNS_SEEN_MISSING, "no TXT record" },
    };
    size_t index = 0;

    AC_REQUIRE_OK(ac_dns_spots_index(&spots, &challenge, STALE, &index, &err));
    AC_REQUIRE_OK(ac_dns_spot_reset(&spots.items[0], AC_COUNT(cases), &err));
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        AC_REQUIRE_OK(ac_dns_spot_take(&spots.items[0], i, &cases[i].query, &err));
        struct ac_dns_sight sight = ac_dns_spot_sight(&spots.items[0], i, "v");
        CU_ASSERT_EQUAL(sight.seen, cases[i].seen);
        CU_ASSERT(cases[i].word ? sight.text && strstr(sight.text, cases[i].word)
                                : !sight.text);
    }
}

AC_SUITE("pluginhost/dns_spot", AC_CASE(same_name_is_the_same_spot),
         AC_CASE(spot_that_was_given_up_begins_anew),
         AC_CASE(spots_that_nobody_needs_are_forgotten),
         AC_CASE(value_that_was_seen_stays_seen), AC_CASE(each_answer_has_its_words))
