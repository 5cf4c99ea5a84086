/* SPDX-License-Identifier: Apache-2.0 */
#include "config/documents.h"

#include "check.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_text(const char *name, const char *text)
{
    return ac_test_write_file(ac_test_path(name), text, strlen(text));
}

static enum ac_code load(struct ac_faults *faults, struct ac_documents *documents,
                         struct ac_error *err)
{
    return ac_documents_load(ac_test_path("main.conf"), faults, documents, err);
}

static bool is_from(const struct ac_documents *documents, size_t index,
                    const char *name)
{
    return strcmp(ac_documents_at(documents, index)->path, ac_test_path(name)) == 0;
}

/* The one fault stands in this line and has these words. */
static bool tells(const struct ac_faults *faults, unsigned line, const char *words)
{
    return faults->count == 1 && faults->items[0].line == line
           && strstr(faults->items[0].message, words) != NULL;
}

AC_TEST(included_files_follow_sorted_by_name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_documents) documents = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("conf.d"), 0700) == 0);
    AC_REQUIRE(write_text("main.conf", "include = \"conf.d/*.conf\"\na = 1\n"));
    AC_REQUIRE(write_text("conf.d/b.conf", "b = 1\n"));
    AC_REQUIRE(write_text("conf.d/a.conf", "c = 1\n"));
    AC_REQUIRE(write_text("conf.d/c.txt", "= no"));
    AC_REQUIRE_OK(load(&faults, &documents, &err));

    AC_REQUIRE(faults.count == 0 && documents.count == 3);
    CU_ASSERT(is_from(&documents, 0, "main.conf"));
    CU_ASSERT(is_from(&documents, 1, "conf.d/a.conf"));
    CU_ASSERT(is_from(&documents, 2, "conf.d/b.conf"));
}

AC_TEST(special_characters_of_the_own_folder_are_none_of_the_pattern)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_documents) documents = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("[x]*"), 0700) == 0);
    AC_REQUIRE(write_text("[x]*/a.conf", "a = 1\n"));
    AC_REQUIRE(write_text("[x]*/main.conf", "include = {\"a.conf\"}\n"));
    AC_REQUIRE_OK(
        ac_documents_load(ac_test_path("[x]*/main.conf"), &faults, &documents, &err));

    CU_ASSERT_EQUAL(faults.count, 0);
    CU_ASSERT_EQUAL(documents.count, 2);
}

AC_TEST(pattern_may_match_nothing_and_a_file_may_not)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_documents) documents = { 0 };

    AC_REQUIRE(
        write_text("main.conf", "include = {\"conf.d/*.conf\",\n\"gone.conf\"}\n"));
    AC_REQUIRE_OK(load(&faults, &documents, &err));

    CU_ASSERT(tells(&faults, 2, "gone.conf is not there"));
}

AC_TEST(files_that_include_each_other_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_documents) documents = { 0 };

    AC_REQUIRE(write_text("main.conf", "include = a.conf\n"));
    AC_REQUIRE(write_text("a.conf", "\ninclude = main.conf\n"));
    AC_REQUIRE_OK(load(&faults, &documents, &err));

    CU_ASSERT(tells(&faults, 2, "is read already"));
    CU_ASSERT_EQUAL(documents.count, 2);
}

AC_TEST(depth_has_a_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_documents) documents = { 0 };
    char name[32];
    char text[64];

    AC_REQUIRE(write_text("main.conf", "include = 0.conf\n"));
    for (int i = 0; i < AC_CONFIG_DEPTH_MAX; i++) {
        (void)snprintf(name, sizeof name, "%d.conf", i);
        (void)snprintf(text, sizeof text, "include = %d.conf\n", i + 1);
        AC_REQUIRE(write_text(name, text));
    }
    AC_REQUIRE(write_text("8.conf", "a = 1\n"));
    AC_REQUIRE_OK(load(&faults, &documents, &err));

    CU_ASSERT(tells(&faults, 1, "8 files include one another on the way here"));
    CU_ASSERT_EQUAL(documents.count, AC_CONFIG_DEPTH_MAX + 1);
}

AC_TEST(file_that_others_can_change_is_not_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_documents) documents = { 0 };

    AC_REQUIRE(write_text("main.conf", "include = a.conf\n"));
    AC_REQUIRE(write_text("a.conf", "a = 1\n"));
    AC_REQUIRE(chmod(ac_test_path("a.conf"), 0666) == 0);
    AC_REQUIRE_OK(load(&faults, &documents, &err));
    CU_ASSERT(tells(&faults, 1, "a.conf"));
    AC_REQUIRE(chmod(ac_test_path("main.conf"), 0666) == 0);
    AC_REQUIRE_CODE(load(&faults, &documents, &err), AC_E_USAGE);
}

AC_TEST(missing_file_is_not_found)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_documents) documents = { 0 };

    AC_REQUIRE_CODE(load(&faults, &documents, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "main.conf"));
}

AC_SUITE("config/documents", AC_CASE(included_files_follow_sorted_by_name),
         AC_CASE(special_characters_of_the_own_folder_are_none_of_the_pattern),
         AC_CASE(pattern_may_match_nothing_and_a_file_may_not),
         AC_CASE(files_that_include_each_other_are_refused), AC_CASE(depth_has_a_limit),
         AC_CASE(file_that_others_can_change_is_not_read),
         AC_CASE(missing_file_is_not_found))
