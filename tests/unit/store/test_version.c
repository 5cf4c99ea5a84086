/* SPDX-License-Identifier: Apache-2.0 */
#include "store/version.h"
#include "version.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define CERTS AC_STORE_CERTIFICATES
#define WWW   "state/certs/www/"

/* ---- a disk that fills up: these take the place of libc's */

static struct {
    int write_errno;
    size_t write_good; /* so many succeed first */
    int symlink_errno;
    int rename_errno;
} fault;

static int fail_with(int errno_value)
{
    errno = errno_value;
    return -1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
ssize_t write(int fd, const void *bytes, size_t size)
{
    if (fault.write_errno != 0 && fault.write_good == 0)
        return fail_with(fault.write_errno);
    fault.write_good -= fault.write_good > 0;
    return syscall(SYS_write, fd, bytes, size);
}

int symlinkat(const char *target, int folder_fd, const char *name)
{
    if (fault.symlink_errno != 0)
        return fail_with(fault.symlink_errno);
    return (int)syscall(SYS_symlinkat, target, folder_fd, name);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    if (fault.rename_errno != 0)
        return fail_with(fault.rename_errno);
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* ---- helpers */

static mode_t mode_of(const char *path)
{
    struct stat status = { 0 };

    return lstat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

/* A version whose files say which it is. */
static enum ac_code add(struct ac_store *store, const char *mark, unsigned *ret_number,
                        struct ac_error *err)
{
    AC_AUTO(ac_secret) key = { 0 };
    const char *const files[] = { mark, "", mark };

    AC_TRY(ac_secret_copy(mark, strlen(mark), &key, err));
    return ac_test_version_add(store, "www", &key, files, ret_number, err);
}

static enum ac_code add_many(struct ac_store *store, size_t count, struct ac_error *err)
{
    unsigned number;

    for (size_t i = 0; i < count; i++)
        AC_TRY(add(store, "x", &number, err));
    return AC_OK;
}

/* "3 4 5 ": the versions there are. */
static enum ac_code list_numbers(struct ac_store *store, struct ac_text *ret_text,
                                 struct ac_error *err)
{
    unsigned *numbers = NULL;
    size_t count = 0;
    enum ac_code code = ac_version_list(store, "www", &numbers, &count, err);

    for (size_t i = 0; i < count && code == AC_OK; i++)
        code = ac_text_addf(ret_text, err, "%u ", numbers[i]);
    free(numbers);
    return code;
}

#define REQUIRE_NUMBERS(store, want)                                                   \
    do {                                                                               \
        AC_AUTO(ac_text) numbers_ = { 0 };                                             \
        AC_REQUIRE_OK(list_numbers((store), &numbers_, &err));                         \
        CU_ASSERT_STRING_EQUAL(ac_text_get(&numbers_), (want));                        \
    } while (0)

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

static void assert_holds(const char *path, const char *want)
{
    char bytes[64] = "";

    CU_ASSERT_EQUAL(ac_test_read_file(path, bytes, sizeof bytes),
                    (ssize_t)strlen(want));
    CU_ASSERT_STRING_EQUAL(bytes, want);
}

static void assert_leads_to(const char *want)
{
    char target[64] = "";

    CU_ASSERT_TRUE(readlink(ac_test_path(WWW "current"), target, sizeof target - 1)
                   > 0);
    CU_ASSERT_STRING_EQUAL(target, want);
}

/* ---- adding */

AC_TEST(the_first_version_is_number_one_and_current)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    unsigned number = 0;
    unsigned current = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add(store, "one", &number, &err));
    AC_REQUIRE_OK(ac_version_current(store, "www", &current, &err));
    AC_REQUIRE_OK(ac_version_load(store, "www", "fullchain.pem", &pem, &err));

    CU_ASSERT_EQUAL(number, 1);
    CU_ASSERT_EQUAL(current, 1);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&pem), "one");
    assert_leads_to("versions/0001");
    assert_holds(ac_test_path(WWW "current/privkey.pem"), "one");
    assert_holds(ac_test_path(WWW "current/cert.pem"), "one");
    assert_holds(ac_test_path(WWW "current/chain.pem"), "");
}

AC_TEST(keys_and_folders_are_private_whatever_the_umask)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;
    mode_t before = umask(0);
    enum ac_code code = open_store(&store, &err);

    if (code == AC_OK)
        code = add(store, "one", &number, &err);
    (void)umask(before);
    AC_REQUIRE_OK(code);

    CU_ASSERT_EQUAL(mode_of(ac_test_path(WWW "versions/0001/privkey.pem")), 0600);
    CU_ASSERT_EQUAL(mode_of(ac_test_path(WWW "versions/0001/fullchain.pem")), 0644);
    CU_ASSERT_EQUAL(mode_of(ac_test_path(WWW "versions/0001")), 0700);
    CU_ASSERT_EQUAL(mode_of(ac_test_path(WWW "versions")), 0700);
}

AC_TEST(five_versions_are_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add_many(store, 7, &err));

    REQUIRE_NUMBERS(store, "3 4 5 6 7 ");
    CU_ASSERT_FALSE(is_there(ac_test_path(WWW "versions/.old")));
    assert_leads_to("versions/0007");
}

AC_TEST(what_is_no_version_is_neither_counted_nor_removed)
{
    static const char *const others[] = { "12",    "00012", "0000", "0x12",
                                          "notes", "1e3",   "+001", "1000000" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add_many(store, 1, &err));
    for (size_t i = 0; i < AC_COUNT(others); i++) {
        AC_AUTO_TEXT char *path = NULL;

        AC_REQUIRE_OK(ac_memory_format(&path, &err, "%s/%s",
                                       ac_test_path(WWW "versions"), others[i]));
        AC_REQUIRE(mkdir(path, 0700) == 0);
    }
    AC_REQUIRE_OK(add_many(store, 6, &err));

    REQUIRE_NUMBERS(store, "3 4 5 6 7 ");
    CU_ASSERT_TRUE(is_there(ac_test_path(WWW "versions/notes")));
    CU_ASSERT_TRUE(is_there(ac_test_path(WWW "versions/1000000")));
}

AC_TEST(numbers_grow_past_four_digits_and_end)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path(WWW "versions/9999"), 0700, &err));
    AC_REQUIRE_OK(add(store, "x", &number, &err));
    CU_ASSERT_EQUAL(number, 10000);
    assert_leads_to("versions/10000");
    AC_REQUIRE(mkdir(ac_test_path(WWW "versions/999999"), 0700) == 0);
    AC_REQUIRE_CODE(add(store, "x", &number, &err), AC_E_STORE);

    assert_says(&err, "no version numbers left");
    assert_leads_to("versions/10000");
}

AC_TEST(nothing_issued_has_no_versions)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    REQUIRE_NUMBERS(store, "");
    AC_REQUIRE_CODE(ac_version_current(store, "www", &number, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "there is no certificate \"www\" in "));
    AC_REQUIRE_CODE(ac_version_load(store, "www", "cert.pem", &pem, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_CODE(ac_version_current(store, "../x", &number, &err), AC_E_USAGE);

    CU_ASSERT_EQUAL(number, 0);
}

/* ---- runs that were killed */

AC_TEST(a_run_killed_before_the_flip_leaves_the_old_one_current)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add_many(store, 6, &err));
    AC_REQUIRE(mkdir(ac_test_path(WWW "versions/0007"), 0700) == 0);
    AC_REQUIRE_OK(ac_version_current(store, "www", &number, &err));
    CU_ASSERT_EQUAL(number, 6);
    AC_REQUIRE_OK(add(store, "eight", &number, &err));

    CU_ASSERT_EQUAL(number, 8);
    assert_holds(ac_test_path(WWW "current/cert.pem"), "eight");
    REQUIRE_NUMBERS(store, "4 5 6 7 8 ");
}

AC_TEST(a_draft_of_a_killed_run_is_begun_anew)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path(WWW "versions/.new"), 0700, &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path(WWW "versions/.new/privkey.pem"), "old", 3));
    AC_REQUIRE(ac_test_write_file(ac_test_path(WWW "versions/.new/more"), "old", 3));
    AC_REQUIRE_OK(add(store, "one", &number, &err));

    CU_ASSERT_EQUAL(number, 1);
    CU_ASSERT_FALSE(is_there(ac_test_path(WWW "versions/.new")));
    CU_ASSERT_FALSE(is_there(ac_test_path(WWW "versions/0001/more")));
    assert_holds(ac_test_path(WWW "current/privkey.pem"), "one");
}

AC_TEST(a_version_half_removed_is_no_version)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path(WWW "versions/.old"), 0700, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(WWW "versions/.old/cert.pem"), "x", 1));
    REQUIRE_NUMBERS(store, "");
    AC_REQUIRE_OK(add_many(store, 6, &err));

    REQUIRE_NUMBERS(store, "2 3 4 5 6 ");
    CU_ASSERT_FALSE(is_there(ac_test_path(WWW "versions/.old")));
}

/* ---- disks that are full */

AC_TEST(a_full_disk_leaves_the_old_version_and_no_draft)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add(store, "one", &number, &err));
    for (size_t good = 0; good < 3; good++) {
        enum ac_code code;

        fault.write_errno = ENOSPC;
        fault.write_good = good;
        code = add(store, "two", &number, &err);
        fault.write_errno = 0;
        AC_REQUIRE_CODE(code, AC_E_STORE);
        assert_says(&err, "the disk is full");
        CU_ASSERT_FALSE(is_there(ac_test_path(WWW "versions/.new")));
    }

    CU_ASSERT_EQUAL(number, 1);
    REQUIRE_NUMBERS(store, "1 ");
    assert_holds(ac_test_path(WWW "current/cert.pem"), "one");
}

AC_TEST(a_first_version_that_fails_leaves_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;
    enum ac_code code;

    AC_REQUIRE_OK(open_store(&store, &err));
    fault.write_errno = ENOSPC;
    code = add(store, "one", &number, &err);
    fault.write_errno = 0;
    AC_REQUIRE_CODE(code, AC_E_STORE);
    CU_ASSERT_FALSE(is_there(ac_test_path(WWW "versions")));
    AC_REQUIRE_OK(ac_store_forget_empty(store, CERTS, "www", &err));

    CU_ASSERT_FALSE(is_there(ac_test_path("state/certs/www")));
}

AC_TEST(a_rename_that_fails_leaves_the_old_version_and_no_draft)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;
    enum ac_code code;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add(store, "one", &number, &err));
    fault.rename_errno = EIO;
    code = add(store, "two", &number, &err);
    fault.rename_errno = 0;
    AC_REQUIRE_CODE(code, AC_E_STORE);

    REQUIRE_NUMBERS(store, "1 ");
    assert_leads_to("versions/0001");
    CU_ASSERT_FALSE(is_there(ac_test_path(WWW "versions/.new")));
}

AC_TEST(a_flip_that_fails_leaves_the_old_version_current)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;
    enum ac_code code;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add(store, "one", &number, &err));
    fault.symlink_errno = ENOSPC;
    code = add(store, "two", &number, &err);
    fault.symlink_errno = 0;
    AC_REQUIRE_CODE(code, AC_E_STORE);
    CU_ASSERT_EQUAL(number, 1);
    assert_holds(ac_test_path(WWW "current/cert.pem"), "one");
    AC_REQUIRE_OK(add(store, "three", &number, &err));

    CU_ASSERT_EQUAL(number, 3);
    assert_holds(ac_test_path(WWW "current/cert.pem"), "three");
}

AC_TEST(old_versions_that_cannot_be_removed_are_no_failure)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(
        ac_test_path(WWW
                     "versions/.old/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/"
                     "d/d/d/d/d/d/d/d/d/d"),
        0700, &err));
    AC_REQUIRE_OK(add_many(store, 5, &err));
    AC_REQUIRE_OK(add(store, "six", &number, &err));

    CU_ASSERT_EQUAL(number, 6);
    assert_leads_to("versions/0006");
    REQUIRE_NUMBERS(store, "1 2 3 4 5 6 ");
}

/* ---- a link that leads astray */

AC_TEST(current_leads_to_a_version_or_nowhere)
{
    static const char *const targets[] = {
        "versions/../../x", "/etc",          "versions/", "versions/12",  "0001",
        "versions/0001/",   "versions/.new", "../ww",     "versions/0000"
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path(WWW), 0700, &err));
    for (size_t i = 0; i < AC_COUNT(targets); i++) {
        AC_REQUIRE(symlink(targets[i], ac_test_path(WWW "current")) == 0);
        AC_REQUIRE_CODE(ac_version_current(store, "www", &number, &err), AC_E_STORE);
        assert_says(&err, targets[i]);
        assert_says(&err, "which is no version; link it to one of versions/ again");
        AC_REQUIRE_CODE(ac_version_load(store, "www", "cert.pem", &pem, &err),
                        AC_E_STORE);
        AC_REQUIRE(unlink(ac_test_path(WWW "current")) == 0);
    }
    CU_ASSERT_EQUAL(number, 0);
}

AC_TEST(current_that_is_no_link_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path(WWW "current"), 0700, &err));
    AC_REQUIRE_CODE(ac_version_current(store, "www", &number, &err), AC_E_STORE);

    assert_says(&err, "/state/certs/www/current is not a link");
}

AC_TEST(a_current_version_without_its_file_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    unsigned number = 0;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(add(store, "one", &number, &err));
    AC_REQUIRE(unlink(ac_test_path(WWW "versions/0001/fullchain.pem")) == 0);
    AC_REQUIRE_CODE(ac_version_load(store, "www", "fullchain.pem", &pem, &err),
                    AC_E_STORE);
    assert_says(&err, "/state/certs/www/versions/0001/fullchain.pem is missing");
    AC_REQUIRE(mkdir(ac_test_path(WWW "versions/0001/fullchain.pem"), 0700) == 0);
    AC_REQUIRE_CODE(ac_version_load(store, "www", "fullchain.pem", &pem, &err),
                    AC_E_STORE);
    assert_says(&err, "not a regular file");
}

AC_SUITE("store/version", AC_CASE(the_first_version_is_number_one_and_current),
         AC_CASE(keys_and_folders_are_private_whatever_the_umask),
         AC_CASE(five_versions_are_kept),
         AC_CASE(what_is_no_version_is_neither_counted_nor_removed),
         AC_CASE(numbers_grow_past_four_digits_and_end),
         AC_CASE(nothing_issued_has_no_versions),
         AC_CASE(a_run_killed_before_the_flip_leaves_the_old_one_current),
         AC_CASE(a_draft_of_a_killed_run_is_begun_anew),
         AC_CASE(a_version_half_removed_is_no_version),
         AC_CASE(a_full_disk_leaves_the_old_version_and_no_draft),
         AC_CASE(a_first_version_that_fails_leaves_nothing),
         AC_CASE(a_rename_that_fails_leaves_the_old_version_and_no_draft),
         AC_CASE(a_flip_that_fails_leaves_the_old_version_current),
         AC_CASE(old_versions_that_cannot_be_removed_are_no_failure),
         AC_CASE(current_leads_to_a_version_or_nowhere),
         AC_CASE(current_that_is_no_link_is_told),
         AC_CASE(a_current_version_without_its_file_is_told))
