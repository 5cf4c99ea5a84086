/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "keys.h"

#define TAG     "ecdsa-p256"
#define ACCOUNT "https://ca.example/acct/1"
#define URL     "https://ca.example/order/7"
#define UTC     INT64_C(1800000000)
#define FOLDER  "state/certs/www"
#define KEY     FOLDER "/order-key.pem"
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

/* A disk that stumbles: the next open of order.json fails. */
static bool is_stumbling;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int openat(int folder_fd, const char *path, int flags, ...)
{
    const char *slash = strrchr(path, '/');
    va_list rest;

    if (is_stumbling && slash && strcmp(slash, "/order.json") == 0) {
        is_stumbling = false;
        errno = EIO;
        return -1;
    }
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return (int)syscall(SYS_openat, folder_fd, path, flags, mode);
}

/* ---- helpers */

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
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
    return ac_journal_begin(journal, &wanted, TAG, ACCOUNT, &order, err);
}

static enum ac_code keep(struct ac_journal *journal, const char *csr_text,
                         struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) csr = { 0 };

    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    AC_TRY(ac_text_add(&csr, csr_text, strlen(csr_text), err));
    return ac_journal_keep_key(journal, key, &csr, err);
}

/* ---- continuing an order */

AC_TEST(an_empty_journal_has_no_order_and_no_file)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) csr = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &wanted, TAG, ACCOUNT, UTC));
    CU_ASSERT_EQUAL(ac_journal_presented_count(journal), 0);
    AC_REQUIRE_CODE(ac_journal_load_key(journal, &key, &csr, &err), AC_E_NOTFOUND);
    AC_REQUIRE_CODE(keep(journal, "csr", &err), AC_E_NOTFOUND);

    CU_ASSERT_FALSE(is_there(ac_test_path("state")));
}

AC_TEST(an_order_is_continued_by_the_next_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    const char *url;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org,*.example.org", UTC + 60, &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &next, &err));
    AC_REQUIRE_OK(make_wanted("*.example.org,example.org", &wanted, &err));
    url = ac_journal_order_url(next, &wanted, TAG, ACCOUNT, UTC);

    AC_REQUIRE(url != NULL);
    CU_ASSERT_STRING_EQUAL(url, URL);
}

AC_TEST(another_wish_does_not_continue_an_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) same = { 0 };
    AC_AUTO(ac_wanted) more = { 0 };
    AC_AUTO(ac_wanted) other = { 0 };
    struct ac_wanted changed;
    char elsewhere[] = "https://other.example/dir";

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "a.example,b.example", 0, &err));
    AC_REQUIRE_OK(make_wanted("a.example,b.example", &same, &err));
    AC_REQUIRE_OK(make_wanted("a.example,b.example,c.example", &more, &err));
    AC_REQUIRE_OK(make_wanted("a.example,c.example", &other, &err));

    CU_ASSERT_PTR_NOT_NULL(ac_journal_order_url(journal, &same, TAG, ACCOUNT, UTC));
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &same, TAG, ACCOUNT "0", UTC));
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &more, TAG, ACCOUNT, UTC));
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &other, TAG, ACCOUNT, UTC));
    changed = same;
    changed.directory_url = elsewhere;
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &changed, TAG, ACCOUNT, UTC));
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &same, "rsa-2048", ACCOUNT, UTC));
}

AC_TEST(an_expired_order_is_not_continued)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", UTC, &err));
    CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &wanted, TAG, ACCOUNT, UTC));
    CU_ASSERT_PTR_NOT_NULL(
        ac_journal_order_url(journal, &wanted, TAG, ACCOUNT, UTC - 1));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    CU_ASSERT_PTR_NOT_NULL(ac_journal_order_url(journal, &wanted, TAG, ACCOUNT, UTC));
}

/* ---- its key */

AC_TEST(key_and_csr_come_back_in_the_next_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) csr = { 0 };
    AC_AUTO(ac_text) jwk = { 0 };
    struct stat status = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(keep(journal, "some DER", &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &next, &err));
    AC_REQUIRE_OK(ac_journal_load_key(next, &key, &csr, &err));
    AC_REQUIRE_OK(ac_key_jwk(key, &jwk, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&jwk), AC_KEYS_EC_PUBLIC);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&csr), "some DER");
    AC_REQUIRE(lstat(ac_test_path(KEY), &status) == 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
}

AC_TEST(the_key_is_on_disk_before_its_csr_is_noted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) csr = { 0 };
    enum ac_code code;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    renames_left = 0;
    code = keep(journal, "csr", &err);
    renames_left = -1;
    AC_REQUIRE_CODE(code, AC_E_STORE);
    CU_ASSERT_TRUE(is_there(ac_test_path(KEY)));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &next, &err));
    AC_REQUIRE_CODE(ac_journal_load_key(next, &key, &csr, &err), AC_E_NOTFOUND);
    AC_REQUIRE_OK(keep(next, "csr", &err));
    AC_REQUIRE_OK(ac_journal_load_key(next, &key, &csr, &err));
}

/* Keeps a second CSR in a run that is killed, and loads in the next what is there. */
static enum ac_code keep_and_be_killed(int renames, struct ac_text *ret_csr,
                                       struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(open_both(&store, &journal, err));
    AC_TRY(begin(journal, "example.org", 0, err));
    AC_TRY(keep(journal, "first", err));
    renames_left = renames;
    enum ac_code code = keep(journal, "second", err);
    renames_left = -1;
    if (code != AC_E_STORE)
        return code;
    AC_TRY(ac_journal_open(store, "www", &next, err));
    return ac_journal_load_key(next, &key, ret_csr, err);
}

AC_TEST(a_csr_never_stays_noted_beside_the_key_of_another)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) csr = { 0 };

    AC_REQUIRE_OK(keep_and_be_killed(0, &csr, &err));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&csr), "first");
    AC_REQUIRE_CODE(keep_and_be_killed(1, &csr, &err), AC_E_NOTFOUND);
}

AC_TEST(a_new_order_drops_the_key_of_the_old_one)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) csr = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(keep(journal, "csr", &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(KEY)));
    AC_REQUIRE_CODE(ac_journal_load_key(journal, &key, &csr, &err), AC_E_NOTFOUND);
}

AC_TEST(a_damaged_key_or_csr_names_its_file)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) csr = { 0 };
    static const char damaged[] =
        "{\"schema\":1,\"order\":{\"url\":\"u\",\"csr\":\"a+/=\"}}";

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(keep(journal, "csr", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(ORDER), damaged, strlen(damaged)));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &next, &err));
    AC_REQUIRE_CODE(ac_journal_load_key(next, &key, &csr, &err), AC_E_INVALID);
    assert_says(&err, "/state/certs/www/order.json is damaged: ");
    AC_REQUIRE(ac_test_write_file(ac_test_path(KEY), "no key", 6));
    AC_REQUIRE_CODE(ac_journal_load_key(journal, &key, &csr, &err), AC_E_INVALID);
    assert_says(&err, "/state/certs/www/order-key.pem is damaged: ");
    CU_ASSERT_PTR_NULL(key);
    CU_ASSERT_EQUAL(csr.size, 0);
    AC_REQUIRE(unlink(ac_test_path(KEY)) == 0);
    AC_REQUIRE_CODE(ac_journal_load_key(journal, &key, &csr, &err), AC_E_NOTFOUND);
}

/* ---- its end */

AC_TEST(an_ended_order_leaves_neither_file_nor_folder)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(keep(journal, "csr", &err));
    AC_REQUIRE_OK(ac_journal_end(journal, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(FOLDER)));
    AC_REQUIRE_OK(ac_journal_end(journal, &err));
}

AC_TEST(an_end_keeps_what_else_is_in_the_folder)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(FOLDER "/certificate.json"), "{}", 2));
    AC_REQUIRE_OK(ac_journal_end(journal, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(ORDER)));
    CU_ASSERT_TRUE(is_there(ac_test_path(FOLDER "/certificate.json")));
}

AC_TEST(the_key_of_an_order_that_ended_is_dropped_by_the_next_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path(FOLDER), 0700, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(KEY), "key", 3));
    AC_REQUIRE_OK(open_both(&store, &journal, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(KEY)));
}

/* ---- damage */

static enum ac_code open_damaged(const char *text, struct ac_store **ret_store,
                                 struct ac_journal **ret_journal, struct ac_error *err)
{
    AC_TRY(ac_file_make_folders(ac_test_path(FOLDER), 0700, err));
    AC_TRY(ac_file_replace(ac_test_path(ORDER), 0600, text, strlen(text), err));
    return open_both(ret_store, ret_journal, err);
}

AC_TEST(a_damaged_journal_names_its_file)
{
    static const char *const damages[] = {
        "{\"schema\":1,\"order\":7}",
        "{\"schema\":1,\"order\":[]}",
        "{\"schema\":1,\"presented\":{\"a\":1}}",
        "{\"schema\":1,\"presented\":\"x\"}",
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(damages); i++) {
        AC_AUTO(ac_store) *store = NULL;
        AC_AUTO(ac_journal) *journal = NULL;

        AC_REQUIRE_CODE(open_damaged(damages[i], &store, &journal, &err), AC_E_STORE);
        assert_says(&err, "/state/certs/www/order.json is damaged: ");
        assert_says(&err, "; set it aside or restore it from a backup");
        CU_ASSERT_PTR_NULL(journal);
    }
}

/* Nothing would be known of an order that the CA has finalized. */
AC_TEST(a_journal_that_cannot_be_read_for_a_moment_is_not_taken_for_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *again = NULL;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    is_stumbling = true;
    enum ac_code code = ac_journal_open(store, "www", &again, &err);
    bool has_stumbled = !is_stumbling;
    is_stumbling = false;

    AC_REQUIRE_OK(code);
    CU_ASSERT_TRUE(has_stumbled);
    CU_ASSERT_PTR_NOT_NULL(ac_journal_order(again).directory_url);
}

AC_TEST(a_damaged_order_is_not_continued)
{
    static const char *const damages[] = {
        "{\"schema\":1,\"order\":{}}",
        "{\"schema\":1,\"order\":{\"account\":\"" ACCOUNT "\",\"url\":5,"
        "\"directory\":\"https://ca.example/dir\",\"key_type\":\"ecdsa-p256\","
        "\"identifiers\":[\"example.org\"]}}",
        "{\"schema\":1,\"order\":{\"account\":\"" ACCOUNT "\",\"url\":\"u\","
        "\"directory\":\"https://ca.example/dir\",\"key_type\":\"ecdsa-p256\","
        "\"identifiers\":[5]}}",
        "{\"schema\":1,\"order\":{\"account\":\"" ACCOUNT "\",\"url\":\"u\","
        "\"directory\":\"https://ca.example/dir\",\"key_type\":\"ecdsa-p256\","
        "\"identifiers\":{\"example.org\":\"example.org\"}}}",
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    for (size_t i = 0; i < AC_COUNT(damages); i++) {
        AC_AUTO(ac_store) *store = NULL;
        AC_AUTO(ac_journal) *journal = NULL;

        AC_REQUIRE_OK(open_damaged(damages[i], &store, &journal, &err));
        CU_ASSERT_PTR_NULL(ac_journal_order_url(journal, &wanted, TAG, ACCOUNT, UTC));
    }
}

AC_SUITE("engine/journal", AC_CASE(an_empty_journal_has_no_order_and_no_file),
         AC_CASE(an_order_is_continued_by_the_next_run),
         AC_CASE(another_wish_does_not_continue_an_order),
         AC_CASE(an_expired_order_is_not_continued),
         AC_CASE(key_and_csr_come_back_in_the_next_run),
         AC_CASE(the_key_is_on_disk_before_its_csr_is_noted),
         AC_CASE(a_csr_never_stays_noted_beside_the_key_of_another),
         AC_CASE(a_new_order_drops_the_key_of_the_old_one),
         AC_CASE(a_damaged_key_or_csr_names_its_file),
         AC_CASE(an_ended_order_leaves_neither_file_nor_folder),
         AC_CASE(an_end_keeps_what_else_is_in_the_folder),
         AC_CASE(the_key_of_an_order_that_ended_is_dropped_by_the_next_run),
         AC_CASE(a_damaged_journal_names_its_file),
         AC_CASE(a_journal_that_cannot_be_read_for_a_moment_is_not_taken_for_none),
         AC_CASE(a_damaged_order_is_not_continued))
