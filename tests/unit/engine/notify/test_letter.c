/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/letter.h"

#include "commanding.h"

#include <sys/stat.h>
#include <unistd.h>

#define NOW INT64_C(1735790400)

static const struct ac_identifiers nobody;
static const struct ac_state failing = { .origin.version = 2, .trouble.failures = 3 };
static const struct ac_owed_facts facts = { .state = &failing, .utc = NOW };
static const bool owes_failed[AC_EVENT_COUNT] = { [AC_EVENT_FAILED] = true };

static enum ac_code add(struct ac_letter *letter, const char *name,
                        struct ac_error *err)
{
    const struct ac_told told = { .notifier = (char *)"ops", .revoked_at = 5 };
    const struct ac_notice_subject subject = { .name = name,
                                               .identifiers = &nobody,
                                               .facts = &facts,
                                               .told = &told,
                                               .describe = describe_error };

    return ac_letter_add(letter, &subject, owes_failed, err);
}

static void letter_drop(struct ac_letter *letter)
{
    ac_letter_done(letter);
}
#define LETTER __attribute__((cleanup(letter_drop))) struct ac_letter letter = { 0 }

AC_TEST(what_was_taken_is_noted_and_what_others_were_told_stays)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_told_list) before = { 0 };
    AC_AUTO(ac_told_list) after = { 0 };
    struct ac_told *told;
    LETTER;

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_told_get(&before, "other", &told, &err));
    told->version = 7;
    AC_REQUIRE_OK(ac_told_save(&before, store, "www", &err));
    AC_REQUIRE_OK(add(&letter, "www", &err));
    AC_REQUIRE_OK(add(&letter, "api", &err));
    CU_ASSERT_EQUAL(ac_json_count(letter.events), 2);
    AC_REQUIRE_OK(ac_letter_note(&letter, store, NULL, &err));
    AC_REQUIRE_OK(ac_told_load(store, "www", &after, &err));

    AC_REQUIRE(after.count == 2);
    AC_REQUIRE_OK(ac_told_get(&after, "ops", &told, &err));
    CU_ASSERT_TRUE(told->failed_at == NOW && told->failures == 3 && told->version == 2
                   && told->revoked_at == 5);
    AC_REQUIRE_OK(ac_told_get(&after, "other", &told, &err));
    CU_ASSERT_EQUAL(told->version, 7);
}

AC_TEST(what_cannot_be_noted_is_kept_until_it_can_be)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_unnoted) unnoted = { 0 };
    LETTER;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    (void)mkdir(ac_test_path("state"), 0700);
    (void)mkdir(ac_test_path("state/certs"), 0700);
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/full"), "in the way", 10));
    AC_REQUIRE_OK(add(&letter, "full", &err));
    CU_ASSERT_EQUAL(ac_letter_note(&letter, store, &unnoted, &why), AC_E_STORE);
    AC_REQUIRE(unnoted.count == 1);
    CU_ASSERT_EQUAL(unnoted.items[0].told.failed_at, NOW);

    AC_REQUIRE(unlink(ac_test_path("state/certs/full")) == 0);
    AC_REQUIRE_OK(ac_letter_note(&letter, store, &unnoted, &err));
    CU_ASSERT_EQUAL(unnoted.count, 0);
}

AC_TEST(lock_of_another_run_is_in_nobodys_way)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_told_list) after = { 0 };
    LETTER;

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_OK(add(&letter, "www", &err));
    AC_REQUIRE_OK(ac_letter_note(&letter, store, NULL, &err));
    AC_REQUIRE_OK(ac_told_load(store, "www", &after, &err));

    CU_ASSERT_EQUAL(after.count, 1);
}

AC_TEST(letter_is_full_after_so_many_and_empty_once_it_is_cleared)
{
    struct ac_error err = { 0 };
    LETTER;

    AC_REQUIRE(!ac_check_is_torture());
    for (int i = 0; i < AC_LETTER_EVENTS_MAX; i++) {
        CU_ASSERT_FALSE(ac_letter_is_full(&letter));
        AC_REQUIRE_OK(add(&letter, "www", &err));
    }
    CU_ASSERT_TRUE(ac_letter_is_full(&letter));
    ac_letter_clear(&letter);

    CU_ASSERT_FALSE(ac_letter_is_full(&letter));
    CU_ASSERT_PTR_NULL(letter.events);
}

AC_TEST(store_that_cannot_be_written_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    const char *path = ac_test_path("state/certs");
    LETTER;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(add(&letter, "www", &err));
    AC_REQUIRE_OK(ac_letter_note(&letter, store, NULL, &err));
    AC_REQUIRE_OK(ac_file_remove_tree(path, &err));
    AC_REQUIRE(ac_test_write_file(path, "in the way", 10));

    AC_REQUIRE_CODE(ac_letter_note(&letter, store, NULL, &err), AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "certs"));
}

AC_SUITE("engine/letter",
         AC_CASE(what_was_taken_is_noted_and_what_others_were_told_stays),
         AC_CASE(what_cannot_be_noted_is_kept_until_it_can_be),
         AC_CASE(lock_of_another_run_is_in_nobodys_way),
         AC_CASE(letter_is_full_after_so_many_and_empty_once_it_is_cleared),
         AC_CASE(store_that_cannot_be_written_is_told))
