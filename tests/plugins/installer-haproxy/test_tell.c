/* SPDX-License-Identifier: Apache-2.0 */
#include "tell.h"

#include "note.h"
#include "speaker.h"

static char pattern[PATH_MAX], pem_path[PATH_MAX];

static const struct acmecore_certificate www = {
    .struct_size = sizeof(www),
    .name = "a",
    .fingerprint = "aa",
};

static const struct acmecore_certificate *const batch[] = { &www };

/* One whose file is in place, noted as staged or not. */
static bool start(struct fake_host *fake, struct settings *settings, bool is_staged)
{
    static const int results[] = { ACMECORE_OK };

    *settings = (struct settings){ .file = pattern, .has_socket = true };
    (void)snprintf(pattern, sizeof(pattern), "%s", ac_test_path("%n.pem"));
    (void)snprintf(pem_path, sizeof(pem_path), "%s", ac_test_path("a.pem"));
    return speaker_runtime(fake, NULL, &settings->runtime)
           && ac_test_write_file(pem_path, "PEM\n", 4)
           && (!is_staged || note_stage(&fake->host, batch, 1, results) == ACMECORE_OK);
}

#define START(is_staged)                                                               \
    struct fake_host fake;                                                             \
    struct settings settings;                                                          \
    FILES_AUTO_SET set = { 0 };                                                        \
    char found[PATH_MAX + 32], created[PATH_MAX + 64];                                 \
                                                                                       \
    AC_REQUIRE(start(&fake, &settings, is_staged)                                      \
               && files_set_open(&fake.host, &set) == ACMECORE_OK);                    \
    (void)snprintf(found, sizeof(found), "Filename: %s\n\n", pem_path);                \
    (void)snprintf(created, sizeof(created),                                           \
                   "Transaction created for certificate %s!\n\n", pem_path)

AC_TEST(what_is_staged_and_in_place_is_told_of)
{
    START(true);
    SPEAKER(found, SPEAKER_CALM, created, SPEAKER_DONE);

    AC_REQUIRE(tell(&settings, &set) == ACMECORE_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "a.pem <<\nPEM\n\n"));
    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/sent"), F_OK), 0);
    AC_REQUIRE(tell_forget(&fake.host) == ACMECORE_OK);

    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/sent"), F_OK), -1);
}

AC_TEST(where_nothing_is_staged_nothing_is_asked)
{
    START(false);
    SPEAKER(found);

    (void)created;
    AC_REQUIRE(tell(&settings, &set) == ACMECORE_OK
               && tell_back(&settings, &set) == ACMECORE_OK
               && tell_forget(&fake.host) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(speaker_record(), "");
}

AC_SUITE("installer-haproxy/tell", AC_CASE(what_is_staged_and_in_place_is_told_of),
         AC_CASE(where_nothing_is_staged_nothing_is_asked))
