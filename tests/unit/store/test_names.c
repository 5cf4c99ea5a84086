/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define CERTS    AC_STORE_CERTIFICATES
#define ACCOUNTS AC_STORE_ACCOUNTS

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
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

AC_TEST(a_group_lists_its_names_in_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_words) none = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_store_list(store, CERTS, &none, &err));
    CU_ASSERT_EQUAL(none.count, 0);
    AC_REQUIRE_OK(save_note(store, "b", &err));
    AC_REQUIRE_OK(save_note(store, "a", &err));
    AC_REQUIRE(mkdir(ac_test_path("state/certs/lost+found"), 0700) == 0);
    AC_REQUIRE_OK(ac_store_list(store, CERTS, &names, &err));

    AC_REQUIRE(names.count == 2);
    CU_ASSERT_STRING_EQUAL(names.items[0], "a");
    CU_ASSERT_STRING_EQUAL(names.items[1], "b");
}

AC_TEST(only_an_empty_folder_is_forgotten)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_store_forget_empty(store, CERTS, "www", &err));
    AC_REQUIRE_OK(save_note(store, "www", &err));
    AC_REQUIRE_OK(ac_store_forget_empty(store, CERTS, "www", &err));
    CU_ASSERT_TRUE(is_there(ac_test_path("state/certs/www/note.json")));
    AC_REQUIRE_OK(ac_store_remove(store, CERTS, "www", "note.json", &err));
    AC_REQUIRE_OK(ac_store_forget_empty(store, CERTS, "www", &err));

    CU_ASSERT_FALSE(is_there(ac_test_path("state/certs/www")));
    CU_ASSERT_TRUE(is_there(ac_test_path("state/certs")));
}

AC_TEST(items_and_folders_get_other_names)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_with_note("{}", &store, &err));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/old.json"), "old"));
    AC_REQUIRE_OK(
        ac_store_move_item(store, CERTS, "www", "note.json", "old.json", &err));
    CU_ASSERT_FALSE(is_there(ac_test_path("state/certs/www/note.json")));
    AC_REQUIRE_OK(ac_store_set_aside(store, CERTS, "www", "www.old", &err));
    CU_ASSERT_TRUE(is_there(ac_test_path("state/certs/www.old/old.json")));

    AC_REQUIRE_CODE(ac_store_set_aside(store, CERTS, "www.old", "../away", &err),
                    AC_E_USAGE);
    AC_REQUIRE_CODE(ac_store_set_aside(store, CERTS, "gone", "www", &err), AC_E_STORE);
}

AC_SUITE("store/names", AC_CASE(a_group_lists_its_names_in_order),
         AC_CASE(only_an_empty_folder_is_forgotten),
         AC_CASE(items_and_folders_get_other_names))
