/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/persistent.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

#define NOTE "state/certs/www/persistent.json"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

static enum ac_code note(struct ac_store *store, const char *solver, const char *value,
                         struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    const struct acmecore_challenge challenge = {
        .struct_size = sizeof challenge,
        .type = "dns-persist-01",
        .identifier = "a.test",
        .record_name = "_validation-persist.a.test",
        .record_zone = "test",
        .record_value = value,
    };

    AC_TRY(ac_memory_copy_text(solver, &spec.name, err));
    AC_TRY(ac_memory_copy_text("dns01-rfc2136", &spec.plugin, err));
    AC_TRY(ac_section_add(&spec.section, "server", "192.0.2.1", "test", err));
    AC_TRY(ac_batch_add(&batch, &challenge, err));
    return ac_persistent_note(store, "www", &spec, &batch, err);
}

static bool has_note(void)
{
    char bytes[8192];

    return ac_test_read_file(ac_test_path(NOTE), bytes, sizeof bytes) >= 0;
}

AC_TEST(noted_records_go_to_the_journal_when_they_are_released)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(note(store, "ns1", "ca; accounturi=u", &err));
    AC_REQUIRE_OK(note(store, "ns2", "ca; accounturi=v", &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &journal, &err));
    AC_REQUIRE_OK(ac_persistent_release(store, "www", journal, &err));

    CU_ASSERT_FALSE(has_note());
    AC_REQUIRE(ac_journal_presented_count(journal) == 2);
    AC_REQUIRE_OK(ac_journal_presented(journal, 1, &spec, &batch, &err));
    CU_ASSERT_STRING_EQUAL(spec.name, "ns2");
    CU_ASSERT_EQUAL(spec.section.count, 1);
    CU_ASSERT_STRING_EQUAL(batch.items[0].record_value, "ca; accounturi=v");
}

AC_TEST(record_is_noted_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(note(store, "ns1", "ca; accounturi=u", &err));
    AC_REQUIRE_OK(note(store, "ns1", "ca; accounturi=u", &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &journal, &err));
    AC_REQUIRE_OK(ac_persistent_release(store, "www", journal, &err));

    CU_ASSERT_EQUAL(ac_journal_presented_count(journal), 1);
}

AC_TEST(nothing_noted_is_nothing_to_release)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &journal, &err));
    AC_REQUIRE_OK(ac_persistent_release(store, "www", journal, &err));

    CU_ASSERT_EQUAL(ac_journal_presented_count(journal), 0);
}

AC_TEST(damaged_note_is_left_alone)
{
    static const char *const texts[] = { "{\"schema\":1}",
                                         "{\"schema\":1,\"records\":7}",
                                         "{\"schema\":1,\"records\":[{}]}", "junk" };

    for (size_t i = 0; i < AC_COUNT(texts); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_store) *store = NULL;
        AC_AUTO(ac_journal) *journal = NULL;
        AC_REQUIRE_OK(open_store(&store, &err));
        AC_REQUIRE_OK(note(store, "ns1", "ca; accounturi=u", &err));
        AC_REQUIRE(ac_test_write_file(ac_test_path(NOTE), texts[i], strlen(texts[i])));
        AC_REQUIRE_OK(ac_journal_open(store, "www", &journal, &err));
        AC_REQUIRE_CODE(ac_persistent_release(store, "www", journal, &err), AC_E_STORE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "persistent.json"));
        CU_ASSERT_TRUE(has_note());
        AC_REQUIRE_OK(ac_store_remove(store, AC_STORE_CERTIFICATES, "www",
                                      AC_PERSISTENT_DOCUMENT, &err));
    }
}

AC_SUITE("engine/persistent",
         AC_CASE(noted_records_go_to_the_journal_when_they_are_released),
         AC_CASE(record_is_noted_once), AC_CASE(nothing_noted_is_nothing_to_release),
         AC_CASE(damaged_note_is_left_alone))
