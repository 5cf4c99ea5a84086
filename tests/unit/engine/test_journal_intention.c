/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

/* A run is killed before it replaces a document: this takes the place of libc's. */
static int renames_left = -1; /* so many succeed and the next fails; -1: all do */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    if (renames_left == 0) {
        errno = EIO;
        return -1;
    }
    renames_left -= renames_left > 0;
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
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
    return ac_journal_begin(journal, &wanted, ACCOUNT, &order, err);
}

AC_TEST(an_intention_takes_as_much_room_as_the_order_will)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    static char intended[8192], noted[8192];

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(ac_journal_intend(journal, &wanted, &err));
    CU_ASSERT_TRUE(ac_journal_is_intended(journal));
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &wanted, ACCOUNT, UTC));
    long intended_size = ac_test_read_file(ac_test_path(ORDER), intended, 8192);
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));

    CU_ASSERT_FALSE(ac_journal_is_intended(journal));
    CU_ASSERT(ac_test_read_file(ac_test_path(ORDER), noted, 8192) < intended_size);
    CU_ASSERT_PTR_NULL(strstr(noted, "intention"));
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

AC_TEST(an_intention_that_cannot_be_written_fails)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    for (int left = 0; left < 2; left++) { /* the second shows that there is room */
        renames_left = left;
        enum ac_code code = ac_journal_intend(journal, &wanted, &err);
        renames_left = -1;
        AC_REQUIRE_CODE(code, AC_E_STORE);
    }
}

AC_SUITE("engine/journal_intention",
         AC_CASE(an_intention_takes_as_much_room_as_the_order_will),
         AC_CASE(an_intention_that_came_to_nothing_leaves_no_trace),
         AC_CASE(an_intention_that_cannot_be_written_fails))
