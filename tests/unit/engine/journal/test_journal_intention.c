/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define ACCOUNT "https://ca.example/acct/1"
#define URL     "https://ca.example/order/7"
#define UTC     INT64_C(1800000000)
#define FOLDER  "state/certs/www"
#define ORDER   FOLDER "/order.json"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* A disk of this many bytes: these take the places of libc's. */
static off_t room = -1; /* -1: no end */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int posix_fallocate(int fd, off_t offset, off_t size)
{
    (void)fd;
    return room >= 0 && offset + size > room ? ENOSPC : 0;
}

/* ---- helpers */

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

static enum ac_code open_both(struct ac_store **ret_store,
                              struct ac_journal **ret_journal, struct ac_error *err)
{
    AC_TRY(open_store(ret_store, err));
    return ac_journal_open(*ret_store, "www", ret_journal, err);
}

static enum ac_code make_wanted(const char *names, struct ac_wanted *wanted,
                                struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text("https://ca.example/dir", &wanted->directory_url, err));
    return ac_identifiers_parse(names, &wanted->identifiers, err);
}

/* Notes an order for these names as the CA gave it. */
static enum ac_code begin(struct ac_journal *journal, const char *names,
                          int64_t expires, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    char url[] = URL;
    struct ac_order order = { .url = url, .expires = expires };

    AC_TRY(make_wanted(names, &wanted, err));
    return ac_journal_begin(journal, &wanted, "ecdsa-p256", ACCOUNT, &order, err);
}

AC_TEST(an_order_takes_no_more_room_than_was_made_sure_of)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    static char noted[8192];

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org,www.example.org", &wanted, &err));
    AC_REQUIRE_OK(begin(journal, "example.org,www.example.org", 0, &err));
    long size = ac_test_read_file(ac_test_path(ORDER), noted, 8192);
    room = 2 * size - 1;
    enum ac_code code = ac_journal_intend(journal, &wanted, &err);
    room = -1;

    AC_REQUIRE_CODE(code, AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "the disk is full"));
}

AC_TEST(an_intention_that_came_to_nothing_leaves_no_trace)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(ac_journal_intend(journal, &wanted, &err));
    AC_REQUIRE_OK(ac_journal_withdraw(journal, &err));
    CU_ASSERT_FALSE(is_there(ac_test_path(FOLDER)));
    AC_REQUIRE_OK(ac_journal_intend(journal, &wanted, &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &next, &err)); /* it was killed */

    CU_ASSERT_FALSE(is_there(ac_test_path(FOLDER)));
}

AC_TEST(an_intention_leaves_what_is_noted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(ac_journal_intend(journal, &wanted, &err));
    AC_REQUIRE_OK(ac_journal_withdraw(journal, &err));

    CU_ASSERT_STRING_EQUAL(
        ac_journal_order_url(journal, &wanted, "ecdsa-p256", ACCOUNT, UTC), URL);
    CU_ASSERT_TRUE(is_there(ac_test_path(ORDER)));
}

AC_SUITE("engine/journal_intention",
         AC_CASE(an_order_takes_no_more_room_than_was_made_sure_of),
         AC_CASE(an_intention_that_came_to_nothing_leaves_no_trace),
         AC_CASE(an_intention_leaves_what_is_noted))
