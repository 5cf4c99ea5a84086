/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define CERTS    AC_STORE_CERTIFICATES
#define ACCOUNTS AC_STORE_ACCOUNTS
#define LEFTOVER ".acmecore-0123456789abcdef.tmp"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

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

static bool write_file(const char *path, const char *text)
{
    return ac_test_write_file(path, text, strlen(text));
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

/* STATE/certs/www with a file in it. */
static enum ac_code open_with_note(struct ac_store **ret_store, struct ac_error *err)
{
    AC_TRY(ac_file_make_folders(ac_test_path("state/certs/www"), 0700, err));
    if (!write_file(ac_test_path("state/certs/www/note.json"), "{}"))
        return ac_fail(err, AC_E_STORE, "the test cannot write");
    return open_store(ret_store, err);
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

AC_TEST(a_lock_is_exclusive_and_names_its_holder)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *first = NULL;
    AC_AUTO(ac_lock) *second = NULL;
    AC_AUTO(ac_lock) *other = NULL;
    AC_AUTO(ac_lock) *account = NULL;
    char holder[64];

    (void)snprintf(holder, sizeof holder, "pid %ld since ", (long)getpid());
    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_store_lock(store, CERTS, "www", &first, &err));
    AC_REQUIRE_CODE(ac_store_lock(store, CERTS, "www", &second, &err), AC_E_LOCKED);
    assert_says(&err, "/state/locks/certs-www.lock");
    assert_says(&err, holder);
    AC_REQUIRE_OK(ac_store_lock(store, CERTS, "mail", &other, &err));
    AC_REQUIRE_OK(ac_store_lock(store, ACCOUNTS, "www", &account, &err));

    CU_ASSERT_PTR_NULL(second);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("state/locks")), 0700);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("state/locks/certs-www.lock")), 0600);
}

AC_TEST(a_lock_sweeps_what_a_killed_run_left)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(open_with_note(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("state/certs/www/versions/.new"),
                                       0700, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("state/certs/www/versions/.old"),
                                       0700, &err));
    AC_REQUIRE(
        write_file(ac_test_path("state/certs/www/versions/.new/privkey.pem"), "key"));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/" LEFTOVER), "{"));
    AC_REQUIRE(symlink("versions/0002",
                       ac_test_path("state/certs/www/.acmecore-1111111111111111.tmp"))
               == 0);
    AC_REQUIRE_OK(ac_store_lock(store, CERTS, "www", &lock, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path("state/certs/www/versions/.new")));
    CU_ASSERT_FALSE(is_there(ac_test_path("state/certs/www/versions/.old")));
    CU_ASSERT_FALSE(is_there(ac_test_path("state/certs/www/" LEFTOVER)));
    CU_ASSERT_FALSE(
        is_there(ac_test_path("state/certs/www/.acmecore-1111111111111111.tmp")));
    CU_ASSERT_TRUE(is_there(ac_test_path("state/certs/www/note.json")));
}

AC_TEST(a_lock_sweeps_nothing_of_other_names)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_lock) *held = NULL;

    AC_REQUIRE_OK(open_with_note(&store, &err));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/" LEFTOVER), "{"));
    AC_REQUIRE_OK(ac_store_lock(store, CERTS, "mail", &lock, &err));
    AC_REQUIRE_OK(ac_store_lock(store, ACCOUNTS, "www", &held, &err));

    CU_ASSERT_TRUE(is_there(ac_test_path("state/certs/www/" LEFTOVER)));
}

AC_TEST(sweeping_follows_no_link)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_lock) *other = NULL;

    AC_REQUIRE_OK(open_with_note(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("away/.new"), 0700, &err));
    AC_REQUIRE(write_file(ac_test_path("away/" LEFTOVER), "x"));
    AC_REQUIRE(symlink("../../../away", ac_test_path("state/certs/www/versions")) == 0);
    AC_REQUIRE(symlink("../../away", ac_test_path("state/certs/mail")) == 0);
    AC_REQUIRE_OK(ac_store_lock(store, CERTS, "www", &lock, &err));
    AC_REQUIRE_OK(ac_store_lock(store, CERTS, "mail", &other, &err));

    CU_ASSERT_TRUE(is_there(ac_test_path("away/.new")));
    CU_ASSERT_TRUE(is_there(ac_test_path("away/" LEFTOVER)));
}

AC_TEST(a_refused_lock_sweeps_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_lock) *second = NULL;

    AC_REQUIRE_OK(open_with_note(&store, &err));
    AC_REQUIRE_OK(ac_store_lock(store, CERTS, "www", &lock, &err));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/" LEFTOVER), "{"));
    AC_REQUIRE_CODE(ac_store_lock(store, CERTS, "www", &second, &err), AC_E_LOCKED);

    CU_ASSERT_TRUE(is_there(ac_test_path("state/certs/www/" LEFTOVER)));
}

AC_TEST(a_folder_that_others_made_meanwhile_holds_no_lock)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE(mkdir(ac_test_path("state"), 0700) == 0);
    AC_REQUIRE(chmod(ac_test_path("state"), 0777) == 0);
    AC_REQUIRE_CODE(ac_store_lock(store, CERTS, "www", &lock, &err), AC_E_STORE);

    assert_says(&err, "give another one with --state-dir");
    CU_ASSERT_FALSE(is_there(ac_test_path("state/locks/certs-www.lock")));
}

AC_TEST(a_name_that_escapes_is_not_locked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_CODE(ac_store_lock(store, CERTS, "../x", &lock, &err), AC_E_USAGE);
    AC_REQUIRE_CODE(ac_store_lock(store, CERTS, "", &lock, &err), AC_E_USAGE);

    CU_ASSERT_FALSE(is_there(ac_test_path("state")));
}

AC_TEST(what_is_used_cannot_be_claimed_and_the_lock_is_another)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *first = NULL;
    AC_AUTO(ac_lock) *second = NULL;
    AC_AUTO(ac_lock) *claim = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_store_use(store, ACCOUNTS, "ca", &first, &err));
    AC_REQUIRE_OK(ac_store_use(store, ACCOUNTS, "ca", &second, &err));
    AC_REQUIRE_OK(ac_store_lock(store, ACCOUNTS, "ca", &lock, &err));
    AC_REQUIRE_CODE(ac_store_claim(store, ACCOUNTS, "ca", &claim, &err), AC_E_LOCKED);
    ac_lock_free(AC_TAKE(first));
    ac_lock_free(AC_TAKE(second));
    AC_REQUIRE_OK(ac_store_claim(store, ACCOUNTS, "ca", &claim, &err));
    AC_REQUIRE_CODE(ac_store_use(store, ACCOUNTS, "ca", &first, &err), AC_E_LOCKED);
}

AC_SUITE("store/lock", AC_CASE(a_lock_is_exclusive_and_names_its_holder),
         AC_CASE(a_lock_sweeps_what_a_killed_run_left),
         AC_CASE(a_lock_sweeps_nothing_of_other_names),
         AC_CASE(sweeping_follows_no_link), AC_CASE(a_refused_lock_sweeps_nothing),
         AC_CASE(a_folder_that_others_made_meanwhile_holds_no_lock),
         AC_CASE(a_name_that_escapes_is_not_locked),
         AC_CASE(what_is_used_cannot_be_claimed_and_the_lock_is_another))
