/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include "check.h"
#include "fake_host.h"

#include <string.h>
#include <unistd.h>

static char list_path[PATH_MAX], pem_path[PATH_MAX];

static bool put(const char *path, const char *text)
{
    return ac_test_write_file(path, text, strlen(text));
}

static bool plan(struct files_set *set, const char *path, const char *text)
{
    FILES_AUTO_BLOB blob = { 0 };
    const struct files_wanted wanted = { .path = path,
                                         .access = { (uid_t)-1, (gid_t)-1, 0600 } };

    return files_blob_add(&blob, text, strlen(text))
           && files_set_plan(set, &wanted, &blob) == ACMECORE_OK;
}

/* A file that is new, and a list that names it now; both are in place. */
static bool commit(struct fake_host *fake, struct files_set *set)
{
    char text[PATH_MAX + 16];
    int results[1] = { 0 };
    bool has_changed = false;

    (void)snprintf(list_path, sizeof(list_path), "%s", ac_test_path("list"));
    (void)snprintf(pem_path, sizeof(pem_path), "%s", ac_test_path("a.pem"));
    (void)snprintf(text, sizeof(text), "/other\n%s\n", pem_path);
    return fake_host_start(fake, NULL) && put(list_path, "/other\n")
           && files_set_open(&fake->host, set) == ACMECORE_OK
           && plan(set, pem_path, "pem") && plan(set, list_path, text)
           && files_set_stage(set, results) == ACMECORE_OK
           && files_set_commit(set, &has_changed) == ACMECORE_OK;
}

static bool list_is(const char *text)
{
    char found[1024];
    ssize_t size = ac_test_read_file(list_path, found, sizeof(found));

    return size == (ssize_t)strlen(text) && strcmp(found, text) == 0;
}

static bool add_line(const char *line)
{
    char text[PATH_MAX + 64];

    (void)snprintf(text, sizeof(text), "/other\n%s [alpn h2] a.test\n%s", pem_path,
                   line);
    return put(list_path, text);
}

AC_TEST(list_that_somebody_changed_keeps_all_but_the_line_of_what_goes)
{
    struct fake_host fake;
    FILES_AUTO_SET set = { 0 };
    bool was_told = false;

    AC_REQUIRE(commit(&fake, &set) && add_line("/theirs\n"));
    AC_REQUIRE(line_take_out(list_path, &set) == ACMECORE_OK);
    CU_ASSERT_TRUE(list_is("/other\n/theirs\n"));
    AC_REQUIRE(line_take_out(list_path, &set) == ACMECORE_OK
               && files_set_undo(&set, &was_told) == ACMECORE_OK);

    CU_ASSERT_TRUE(list_is("/other\n/theirs\n"));
    CU_ASSERT_EQUAL(access(pem_path, F_OK), -1);
    CU_ASSERT_TRUE(fake_host_logged(&fake, "the lines of ours are taken out"));
}

AC_TEST(list_that_nobody_changed_is_left_to_the_undo)
{
    struct fake_host fake;
    FILES_AUTO_SET set = { 0 };
    bool was_told = false;

    AC_REQUIRE(commit(&fake, &set));
    AC_REQUIRE(line_take_out(list_path, &set) == ACMECORE_OK);
    CU_ASSERT_FALSE(list_is("/other\n"));
    AC_REQUIRE(files_set_undo(&set, &was_told) == ACMECORE_OK);

    CU_ASSERT_TRUE(list_is("/other\n"));
}

AC_TEST(line_of_a_file_that_stays_stays)
{
    struct fake_host fake;
    FILES_AUTO_SET set = { 0 };
    char before[PATH_MAX + 64];

    AC_REQUIRE(commit(&fake, &set) && add_line("") && put(pem_path, "theirs"));
    (void)snprintf(before, sizeof(before), "/other\n%s [alpn h2] a.test\n", pem_path);
    AC_REQUIRE(line_take_out(list_path, &set) == ACMECORE_OK);

    CU_ASSERT_TRUE(list_is(before));
}

AC_SUITE("installer-haproxy/line",
         AC_CASE(list_that_somebody_changed_keeps_all_but_the_line_of_what_goes),
         AC_CASE(list_that_nobody_changed_is_left_to_the_undo),
         AC_CASE(line_of_a_file_that_stays_stays))
