/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define CERTS    AC_STORE_CERTIFICATES
#define ACCOUNTS AC_STORE_ACCOUNTS
#define FOREIGN  4242

static uid_t fake_uid; /* 0: the true one */

uid_t geteuid(void)
{
    return fake_uid != 0 ? fake_uid : (uid_t)syscall(SYS_geteuid);
}

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

/* STATE/certs/www/note.json with this text. */
static enum ac_code open_with_note(const char *text, struct ac_store **ret_store,
                                   struct ac_error *err)
{
    AC_TRY(ac_file_make_folders(ac_test_path("state/certs/www"), 0700, err));
    if (!write_file(ac_test_path("state/certs/www/note.json"), text))
        return ac_fail(err, AC_E_STORE, "the test cannot write");
    return open_store(ret_store, err);
}

static enum ac_code save_note(struct ac_store *store, const char *name,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_json_new(&document, err, "{s:s}", "note", "hello"));
    return ac_store_save(store, CERTS, name, "note.json", document, err);
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

/* ---- the folder */

AC_TEST(opening_makes_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));

    CU_ASSERT_STRING_EQUAL(ac_store_folder(store), ac_test_path("state"));
    CU_ASSERT_FALSE(is_there(ac_test_path("state")));
}

AC_TEST(a_state_folder_open_to_others_is_refused)
{
    static const mode_t modes[] = { 0750, 0701, 0770, 0777, 01777 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE(mkdir(ac_test_path("state"), 0700) == 0);
    for (size_t i = 0; i < AC_COUNT(modes); i++) {
        AC_REQUIRE(chmod(ac_test_path("state"), modes[i]) == 0);
        AC_REQUIRE_CODE(open_store(&store, &err), AC_E_STORE);
        assert_says(&err, "open to others (mode ");
        assert_says(&err, "chmod 700 /");
    }
    CU_ASSERT_PTR_NULL(store);
}

AC_TEST(nobody_is_told_to_close_a_folder_of_something_else)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE(mkdir(ac_test_path("state"), 0755) == 0);
    AC_REQUIRE(mkdir(ac_test_path("state/passwd"), 0755) == 0);
    AC_REQUIRE_CODE(open_store(&store, &err), AC_E_STORE);
    assert_says(&err, "is a folder of something else");
    CU_ASSERT_PTR_NULL(strstr(err.detail, "chmod"));
    AC_REQUIRE(mkdir(ac_test_path("state/certs"), 0755) == 0);
    AC_REQUIRE_CODE(open_store(&store, &err), AC_E_STORE);

    assert_says(&err, "chmod 700 /");
}

AC_TEST(a_state_folder_of_another_user_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    enum ac_code code;

    AC_REQUIRE(mkdir(ac_test_path("state"), 0700) == 0);
    fake_uid = FOREIGN;
    code = open_store(&store, &err);
    fake_uid = 0;
    AC_REQUIRE_CODE(code, AC_E_STORE);

    assert_says(&err, "belongs to another user");
    assert_says(&err, "we are 4242");
    assert_says(&err, "--state-dir");
}

AC_TEST(what_is_no_folder_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE(write_file(ac_test_path("state"), "x"));
    AC_REQUIRE_CODE(open_store(&store, &err), AC_E_STORE);
    assert_says(&err, "/state is not a folder; give another one with --state-dir");
    AC_REQUIRE_CODE(ac_store_open(ac_test_path("state/below"), &store, &err),
                    AC_E_STORE);
    assert_says(&err, "Not a directory");
    AC_REQUIRE_CODE(ac_store_open("", &store, &err), AC_E_USAGE);
    assert_says(&err, "--state-dir");
}

AC_TEST(a_folder_that_others_made_meanwhile_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE(mkdir(ac_test_path("state"), 0700) == 0);
    AC_REQUIRE(chmod(ac_test_path("state"), 0777) == 0);
    AC_REQUIRE_CODE(save_note(store, "www", &err), AC_E_STORE);
    assert_says(&err, "open to others");

    CU_ASSERT_FALSE(is_there(ac_test_path("state/certs/www/note.json")));
}

/* ---- names */

AC_TEST(names_that_escape_are_refused)
{
    static const char *const names[] = { "",     "..",   "../x",   "a/b",     "/etc",
                                         ".x",   "a\nb", "a\x1b[", "a\x7f",   "a b",
                                         "a\\b", "a*",   "a%s",    "\xc3\xa4" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    for (size_t i = 0; i < AC_COUNT(names); i++) {
        AC_REQUIRE_CODE(ac_store_check_name(names[i], &err), AC_E_USAGE);
        CU_ASSERT_PTR_NULL(strpbrk(err.detail, "\n\x1b\x7f"));
        AC_REQUIRE_CODE(save_note(store, names[i], &err), AC_E_USAGE);
        AC_REQUIRE_CODE(
            ac_store_load(store, CERTS, names[i], "note.json", &document, &err),
            AC_E_USAGE);
    }
    CU_ASSERT_FALSE(is_there(ac_test_path("state")));
}

AC_TEST(a_name_has_at_most_200_characters)
{
    struct ac_error err = { 0 };
    char name[AC_STORE_NAME_MAX + 2];

    memset(name, 'a', sizeof name);
    name[AC_STORE_NAME_MAX + 1] = '\0';
    AC_REQUIRE_CODE(ac_store_check_name(name, &err), AC_E_USAGE);
    assert_says(&err, "1 to 200 letters");
    name[AC_STORE_NAME_MAX] = '\0';
    AC_REQUIRE_OK(ac_store_check_name(name, &err));
}

AC_TEST(usual_names_are_fine)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(ac_store_check_name("www.example.org", &err));
    AC_REQUIRE_OK(ac_store_check_name("_.example.org", &err));
    AC_REQUIRE_OK(ac_store_check_name("2001:db8::1", &err));
    AC_REQUIRE_OK(ac_store_check_name("Mail@host-1", &err));
}

AC_TEST(two_directory_urls_never_share_a_folder)
{
    static const char *const urls[] = {
        "https://ca.example/directory",
        "https://ca.example/directory/",
        "https://ca.example/dir?x=1",
        "https://CA.example/directory",
        "https://ca.example:443/directory",
        "http://ca.example/directory",
        "https://ca.example",
        "ca.example",
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) seen = { 0 };

    for (size_t i = 0; i < AC_COUNT(urls); i++) {
        AC_AUTO_TEXT char *name = NULL;

        AC_REQUIRE_OK(ac_store_ca_name(urls[i], &name, &err));
        AC_REQUIRE_OK(ac_store_check_name(name, &err));
        CU_ASSERT_FALSE(ac_words_has(&seen, name));
        AC_REQUIRE_OK(ac_words_add(&seen, name, &err));
    }
    CU_ASSERT_NSTRING_EQUAL(seen.items[0], "ca.example-", strlen("ca.example-"));
    CU_ASSERT_EQUAL(strlen(seen.items[0]), strlen("ca.example-") + 12);
}

AC_TEST(any_directory_url_makes_a_fit_name)
{
    static const char *const urls[] = { "",        "://",           "https://../../x",
                                        ".hidden", "https://[::1]", "https://a\nb" };
    struct ac_error err = { 0 };
    char longest[400] = "https://";

    memset(longest + 8, 'x', sizeof longest - 9);
    for (size_t i = 0; i <= AC_COUNT(urls); i++) {
        const char *url = i < AC_COUNT(urls) ? urls[i] : longest;
        AC_AUTO_TEXT char *name = NULL;

        AC_REQUIRE_OK(ac_store_ca_name(url, &name, &err));
        AC_REQUIRE_OK(ac_store_check_name(name, &err));
        CU_ASSERT_TRUE(strlen(name) <= 100 + 1 + 12);
    }
}

/* ---- documents */

AC_TEST(a_document_comes_back_as_it_was_saved)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(save_note(store, "www", &err));
    AC_REQUIRE_OK(ac_store_load(store, CERTS, "www", "note.json", &document, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(document, "note", ""), "hello");
    CU_ASSERT_EQUAL(ac_json_number_or(document, "schema", 0), AC_STORE_SCHEMA);
}

AC_TEST(modes_are_0600_and_0700_whatever_the_umask)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_secret) pem = { 0 };
    mode_t before;
    enum ac_code code;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_secret_copy("key", 3, &pem, &err));
    before = umask(0);
    code = save_note(store, "www", &err);
    (void)umask(0377);
    if (code == AC_OK)
        code = ac_store_create_key(store, ACCOUNTS, "ca", "key.pem", &pem, &err);
    (void)umask(before);
    AC_REQUIRE_OK(code);

    CU_ASSERT_EQUAL(mode_of(ac_test_path("state")), 0700);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("state/certs")), 0700);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("state/certs/www")), 0700);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("state/certs/www/note.json")), 0600);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("state/accounts/ca")), 0700);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("state/accounts/ca/key.pem")), 0600);
}

AC_TEST(a_missing_document_is_not_found)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_CODE(ac_store_load(store, CERTS, "www", "note.json", &document, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_CODE(ac_store_read(store, CERTS, "www", "note.json", &bytes, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(ac_store_remove(store, CERTS, "www", "note.json", &err));

    CU_ASSERT_PTR_NULL(document);
}

AC_TEST(damage_names_the_file_and_what_to_do)
{
    static const char *const damages[] = {
        "",
        "{",
        "{\"schema\":1",
        "[]",
        "{}",
        "17",
        "{\"schema\":\"one\"}",
        "{\"schema\":1}trailing",
        "\xff",
        "{\"schema\":0}",
        "{\"schema\":-1}",
        "{\"schema\":1,\"schema\":1}",
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(damages); i++) {
        AC_AUTO(ac_store) *store = NULL;
        AC_AUTO(ac_json) *document = NULL;

        AC_REQUIRE_OK(open_with_note(damages[i], &store, &err));
        AC_REQUIRE_CODE(
            ac_store_load(store, CERTS, "www", "note.json", &document, &err),
            AC_E_STORE);
        assert_says(&err, "/state/certs/www/note.json is damaged: ");
        assert_says(&err, "; set it aside or restore it from a backup");
    }
}

AC_TEST(a_newer_schema_asks_for_that_version)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE_OK(open_with_note("{\"schema\":2}", &store, &err));
    AC_REQUIRE_CODE(ac_store_load(store, CERTS, "www", "note.json", &document, &err),
                    AC_E_STORE);

    assert_says(&err, "note.json was written by a newer acmecore (schema 2, ");
}

AC_TEST(what_is_no_readable_file_is_a_fault_of_the_store)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO_FD int fd = -1;

    AC_REQUIRE_OK(open_with_note("{\"schema\":1}", &store, &err));
    AC_REQUIRE_CODE(
        ac_store_load(store, "certs/www", "note.json", "x", &document, &err),
        AC_E_STORE);
    fd = open(ac_test_path("state/certs/www/note.json"), O_WRONLY | O_CLOEXEC);
    AC_REQUIRE(fd >= 0 && ftruncate(fd, AC_STORE_DOCUMENT_MAX + 1) == 0);
    AC_REQUIRE_CODE(ac_store_load(store, CERTS, "www", "note.json", &document, &err),
                    AC_E_STORE);
    assert_says(&err, "longer than 4194304 bytes");
    AC_REQUIRE(mkdir(ac_test_path("state/certs/www/folder"), 0700) == 0);
    AC_REQUIRE_CODE(ac_store_load(store, CERTS, "www", "folder", &document, &err),
                    AC_E_STORE);
    assert_says(&err, "not a regular file");
}

/* ---- keys */

AC_TEST(a_key_is_never_overwritten)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_secret) first = { 0 };
    AC_AUTO(ac_secret) second = { 0 };
    AC_AUTO(ac_secret) loaded = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_secret_copy("first", 5, &first, &err));
    AC_REQUIRE_OK(ac_secret_copy("second", 6, &second, &err));
    AC_REQUIRE_OK(ac_store_create_key(store, ACCOUNTS, "ca", "key.pem", &first, &err));
    AC_REQUIRE_CODE(
        ac_store_create_key(store, ACCOUNTS, "ca", "key.pem", &second, &err),
        AC_E_STORE);
    assert_says(&err, "it exists already");
    AC_REQUIRE_OK(ac_store_load_key(store, ACCOUNTS, "ca", "key.pem", &loaded, &err));

    CU_ASSERT_TRUE(ac_secret_is_equal(&loaded, &first));
}

AC_TEST(a_key_that_others_may_read_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_secret) loaded = { 0 };

    AC_REQUIRE_OK(open_with_note("key", &store, &err));
    AC_REQUIRE(chmod(ac_test_path("state/certs/www/note.json"), 0640) == 0);
    AC_REQUIRE_CODE(ac_store_load_key(store, CERTS, "www", "note.json", &loaded, &err),
                    AC_E_STORE);

    assert_says(&err, "chmod 600 /");
    CU_ASSERT_PTR_NULL(loaded.bytes);
}

AC_TEST(a_key_that_is_missing_or_no_file_is_told_apart)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_secret) loaded = { 0 };

    AC_REQUIRE_OK(open_with_note("key", &store, &err));
    AC_REQUIRE_CODE(ac_store_load_key(store, CERTS, "www", "no.pem", &loaded, &err),
                    AC_E_NOTFOUND);
    assert_says(&err, "/state/certs/www/no.pem");
    AC_REQUIRE(mkdir(ac_test_path("state/certs/www/folder"), 0700) == 0);
    AC_REQUIRE_CODE(ac_store_load_key(store, CERTS, "www", "folder", &loaded, &err),
                    AC_E_STORE);
}

AC_TEST(what_is_there_is_told_without_being_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    CU_ASSERT_FALSE(ac_store_has(store, AC_STORE_CERTIFICATES, "www", "note.json"));
    AC_REQUIRE_OK(save_note(store, "www", &err));
    CU_ASSERT_FALSE(ac_store_has(store, AC_STORE_CERTIFICATES, "www", "other.json"));
    CU_ASSERT_FALSE(ac_store_has(store, AC_STORE_CERTIFICATES, "../www", "note.json"));
}

AC_TEST(group_that_is_held_is_found_wherever_it_is_until_it_is_let_go)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    ac_store_hold(store, CERTS); /* there is none yet */
    AC_REQUIRE_OK(save_note(store, "www", &err));
    int64_t size = ac_store_size(store, CERTS, "www", "note.json");
    CU_ASSERT_TRUE(size > 0);
    ac_store_hold(store, CERTS);
    AC_REQUIRE(rename(ac_test_path("state/certs"), ac_test_path("state/else")) == 0);

    CU_ASSERT_EQUAL(ac_store_size(store, CERTS, "www", "note.json"), size);
    CU_ASSERT_FALSE(ac_store_has(store, CERTS, "www", "other.json"));
    CU_ASSERT_FALSE(ac_store_has(store, AC_STORE_ACCOUNTS, "www", "note.json"));
    if (!ac_check_is_torture()) /* without memory it is not held */
        AC_REQUIRE_OK(ac_store_read(store, CERTS, "www", "note.json", &bytes, &err));
    CU_ASSERT_EQUAL((int64_t)bytes.size, size);
    ac_store_let_go(store);
    CU_ASSERT_EQUAL(ac_store_size(store, CERTS, "www", "note.json"), -1);
}

AC_SUITE("store/store", AC_CASE(what_is_there_is_told_without_being_read),
         AC_CASE(group_that_is_held_is_found_wherever_it_is_until_it_is_let_go),
         AC_CASE(opening_makes_nothing),
         AC_CASE(a_state_folder_open_to_others_is_refused),
         AC_CASE(nobody_is_told_to_close_a_folder_of_something_else),
         AC_CASE(a_state_folder_of_another_user_is_refused),
         AC_CASE(what_is_no_folder_is_refused),
         AC_CASE(a_folder_that_others_made_meanwhile_is_refused),
         AC_CASE(names_that_escape_are_refused),
         AC_CASE(a_name_has_at_most_200_characters), AC_CASE(usual_names_are_fine),
         AC_CASE(two_directory_urls_never_share_a_folder),
         AC_CASE(any_directory_url_makes_a_fit_name),
         AC_CASE(a_document_comes_back_as_it_was_saved),
         AC_CASE(modes_are_0600_and_0700_whatever_the_umask),
         AC_CASE(a_missing_document_is_not_found),
         AC_CASE(damage_names_the_file_and_what_to_do),
         AC_CASE(a_newer_schema_asks_for_that_version),
         AC_CASE(what_is_no_readable_file_is_a_fault_of_the_store),
         AC_CASE(a_key_is_never_overwritten),
         AC_CASE(a_key_that_others_may_read_is_refused),
         AC_CASE(a_key_that_is_missing_or_no_file_is_told_apart))
