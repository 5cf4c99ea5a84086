/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table, on real files and a socket that is played. */
#include <acmecore/plugin.h>

#include "speaker.h"

#include <sys/stat.h>

/* What HAProxy says of the file that the plugin writes. */
static char found_text[PATH_MAX + 64], set_text[PATH_MAX + 64];

#define OPS acmecore_plugin.ops.installer

static char key_path[PATH_MAX], chain_path[PATH_MAX];

static const struct acmecore_certificate certificate = {
    .struct_size = sizeof(certificate),
    .name = "www",
    .fingerprint = "aa",
    .key_path = key_path,
    .fullchain_path = chain_path,
};

static const struct acmecore_certificate *const batch[] = { &certificate };

static void plugin_close(void *const *self)
{
    if (*self)
        acmecore_plugin.close(*self);
}

/* Without the option socket. */
static bool is_mute;

static void *plugin_open(struct fake_host *fake, bool has_list)
{
    void *self = NULL;

    (void)snprintf(key_path, sizeof(key_path), "%s", ac_test_path("key"));
    (void)snprintf(chain_path, sizeof(chain_path), "%s", ac_test_path("chain"));
    (void)snprintf(found_text, sizeof(found_text), "Filename: %s\n\n",
                   ac_test_path("www.pem"));
    (void)snprintf(set_text, sizeof(set_text),
                   "Transaction created for certificate %s!\n\n",
                   ac_test_path("www.pem"));
    if (!fake_host_start(fake, &acmecore_plugin)
        || !ac_test_write_file(key_path, "K\n", 2)
        || !ac_test_write_file(chain_path, "C\n", 2)
        || !ac_test_write_file(ac_test_path("list"), "/other\n", 7)
        || chmod(ac_test_path("list"), 0640) != 0)
        return NULL;
    fake_host_set(fake, "file", ac_test_path("%n.pem"));
    if (!is_mute)
        fake_host_set(fake, "socket", ac_test_path("sock"));
    if (has_list)
        fake_host_set(fake, "crt-list", ac_test_path("list"));
    return acmecore_plugin.open(&fake->host, &self) == ACMECORE_OK ? self : NULL;
}

#define PLUGIN(has_list)                                                               \
    struct fake_host fake;                                                             \
    int result = 0;                                                                    \
    __attribute__((cleanup(plugin_close))) void *self = plugin_open(&fake, has_list);  \
                                                                                       \
    AC_REQUIRE(self != NULL)

static bool has(const char *name, const char *text)
{
    char found[1024];
    ssize_t size = ac_test_read_file(ac_test_path(name), found, sizeof(found));

    return size == (ssize_t)strlen(text) && strcmp(found, text) == 0;
}

AC_TEST(file_and_running_server_get_it)
{
    PLUGIN(false);
    SPEAKER(found_text, SPEAKER_CALM, set_text, SPEAKER_DONE);

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(speaker_record(), "");
    AC_REQUIRE(OPS->commit(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(has("www.pem", "K\nC\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "www.pem <<\nK\nC\n\n"));
}

/* A folder has the name of the note of what is live. */
AC_TEST(what_is_proven_is_not_undone_after_a_finish_that_failed)
{
    PLUGIN(false);
    SPEAKER(found_text, SPEAKER_CALM, set_text, SPEAKER_DONE);

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);
    AC_REQUIRE(mkdir(ac_test_path("plugin-folder/live"), 0700) == 0);
    AC_REQUIRE(OPS->finish(self) != ACMECORE_OK);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(has("www.pem", "K\nC\n"));
}

AC_TEST(second_run_asks_nothing)
{
    PLUGIN(false);
    SPEAKER(found_text, SPEAKER_CALM, set_text, SPEAKER_DONE);
    size_t size = 0;

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);
    size = strlen(speaker_record());
    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);

    CU_ASSERT_EQUAL(strlen(speaker_record()), size);
}

AC_TEST(file_that_came_without_a_socket_is_told_of_once_there_is_one)
{
    is_mute = true;
    PLUGIN(false);
    is_mute = false;
    SPEAKER(found_text, SPEAKER_CALM, set_text, SPEAKER_DONE);

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(speaker_record(), "");
    acmecore_plugin.close(self);
    self = NULL;
    fake_host_set(&fake, "socket", ac_test_path("sock"));
    AC_REQUIRE(acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK);
    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "www.pem <<\nK\nC\n\n"));
    CU_ASSERT_TRUE(has("plugin-folder/live", "www aa\n"));
    CU_ASSERT_TRUE(access(ac_test_path("plugin-folder/sent"), F_OK) != 0);
}

AC_TEST(what_is_in_place_and_refused_stays_and_is_told_of_again)
{
    is_mute = true;
    PLUGIN(false);
    is_mute = false;
    SPEAKER(found_text, "Permission denied\n\n", found_text, SPEAKER_CALM, set_text,
            SPEAKER_DONE);

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);
    acmecore_plugin.close(self);
    self = NULL;
    fake_host_set(&fake, "socket", ac_test_path("sock"));
    AC_REQUIRE(acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK);
    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_E_REFUSED
               && OPS->rollback(self) == ACMECORE_OK);
    CU_ASSERT_TRUE(has("www.pem", "K\nC\n"));
    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "www.pem <<\nK\nC\n\n"));
}

AC_TEST(rollback_sends_the_one_before_again)
{
    PLUGIN(false);
    SPEAKER(found_text, SPEAKER_CALM, set_text, "Can't commit\n\n", SPEAKER_ABORTED,
            found_text, SPEAKER_CALM, set_text, SPEAKER_DONE);

    AC_REQUIRE(ac_test_write_file(ac_test_path("www.pem"), "OLD\n", 4));
    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK);
    AC_REQUIRE(OPS->commit(self) == ACMECORE_E_REFUSED);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(has("www.pem", "OLD\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "www.pem <<\nOLD\n\n"));
}

AC_TEST(server_that_does_not_run_gets_the_file)
{
    PLUGIN(false);

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(has("www.pem", "K\nC\n"));
    CU_ASSERT_TRUE(fake_host_logged(&fake, "nobody listens at HAProxy's socket"));
}

AC_TEST(new_certificate_comes_into_the_list_and_out_again)
{
    PLUGIN(true);
    char line[PATH_MAX + 16];
    struct stat status;
    SPEAKER(SPEAKER_UNKNOWN, "New empty certificate store '/a.pem'!\n\n", SPEAKER_CALM,
            set_text, SPEAKER_DONE, "Success!\n\n", SPEAKER_CALM,
            "Entry '/a.pem' deleted in crtlist\n\n",
            "Certificate '/a.pem' deleted!\n\n");

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);
    (void)snprintf(line, sizeof(line), "/other\n%s\n", ac_test_path("www.pem"));
    CU_ASSERT_TRUE(has("list", line));
    AC_REQUIRE(stat(ac_test_path("list"), &status) == 0);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0640);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(has("list", "/other\n"));
    CU_ASSERT_TRUE(has("www.pem", "") || access(ac_test_path("www.pem"), F_OK) != 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "del ssl cert "));
}

AC_TEST(what_was_refused_before_it_began_needs_no_way_back)
{
    PLUGIN(false);
    SPEAKER(found_text, "Permission denied\n\n");

    AC_REQUIRE(ac_test_write_file(ac_test_path("www.pem"), "OLD\n", 4));
    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK);
    AC_REQUIRE(OPS->commit(self) == ACMECORE_E_REFUSED);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(has("www.pem", "OLD\n"));
}

AC_TEST(what_was_served_before_without_a_file_is_not_taken_out)
{
    PLUGIN(true);
    SPEAKER(found_text, SPEAKER_CALM, set_text, "Can't commit\n\n", SPEAKER_ABORTED,
            SPEAKER_CALM, "Entry '/a.pem' deleted in crtlist\n\n",
            "Certificate '/a.pem' deleted!\n\n");

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK);
    AC_REQUIRE(OPS->commit(self) == ACMECORE_E_REFUSED);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_PTR_NULL(strstr(speaker_record(), "del ssl"));
    CU_ASSERT_TRUE(fake_host_logged(&fake, "what it served before was in no file"));
    CU_ASSERT_TRUE(access(ac_test_path("plugin-folder/sent"), F_OK) != 0);
}

AC_TEST(rollback_that_haproxy_does_not_answer_fails)
{
    PLUGIN(true);
    SPEAKER(SPEAKER_UNKNOWN, "New empty certificate store '/a.pem'!\n\n", SPEAKER_CALM,
            set_text, SPEAKER_DONE, "Success!\n\n", SPEAKER_HANGS);

    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);
    fake.ctx.remaining_ms = 100;
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_E_TIMEOUT);

    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/undo"), F_OK), 0);
    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/made"), F_OK), 0);
}

AC_TEST(dry_run_tells_the_files_and_asks_nothing)
{
    PLUGIN(true);
    SPEAKER(found_text);

    fake.host.flags = ACMECORE_DRY_RUN;
    AC_REQUIRE(OPS->stage(self, batch, 1, &result) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(speaker_record(), "");
    CU_ASSERT_TRUE(access(ac_test_path("plugin-folder/undo"), F_OK) != 0);
}

AC_TEST(key_in_a_token_is_refused)
{
    PLUGIN(false);
    struct acmecore_certificate other = certificate;
    const struct acmecore_certificate *one = &other;

    other.key_path = NULL;
    AC_REQUIRE(OPS->stage(self, &one, 1, &result) == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(result, ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "in a token"));
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_SUITE("installer-haproxy/haproxy", AC_CASE(file_and_running_server_get_it),
         AC_CASE(what_is_proven_is_not_undone_after_a_finish_that_failed),
         AC_CASE(second_run_asks_nothing),
         AC_CASE(file_that_came_without_a_socket_is_told_of_once_there_is_one),
         AC_CASE(what_is_in_place_and_refused_stays_and_is_told_of_again),
         AC_CASE(rollback_sends_the_one_before_again),
         AC_CASE(server_that_does_not_run_gets_the_file),
         AC_CASE(new_certificate_comes_into_the_list_and_out_again),
         AC_CASE(what_was_refused_before_it_began_needs_no_way_back),
         AC_CASE(what_was_served_before_without_a_file_is_not_taken_out),
         AC_CASE(rollback_that_haproxy_does_not_answer_fails),
         AC_CASE(dry_run_tells_the_files_and_asks_nothing),
         AC_CASE(key_in_a_token_is_refused))
