/* SPDX-License-Identifier: Apache-2.0 */
#include "set.h"

#include "ground.h"

static int results[2];

static int plan(struct files_set *set, const char *name, const char *text, size_t tag)
{
    FILES_AUTO_BLOB bytes = { 0 };
    struct files_wanted wanted = { .path = ac_test_path(name),
                                   .access = GROUND_OURS(0640),
                                   .tag = tag };

    if (!files_blob_add(&bytes, text, strlen(text)))
        return ACMECORE_E_SYSTEM;
    return files_set_plan(set, &wanted, &bytes);
}

/* Stages both files, as one process does it. */
static int stage(struct fake_host *fake, const char *a, const char *b)
{
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(&fake->host, &set);

    memset(results, 0, sizeof(results));
    if (status == ACMECORE_OK)
        status = plan(&set, "a", a, 0);
    if (status == ACMECORE_OK)
        status = plan(&set, "b", b, 1);
    return status == ACMECORE_OK ? files_set_stage(&set, results) : status;
}

static int commit(struct fake_host *fake, bool is_done, bool *ret_changed)
{
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(&fake->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_commit(&set, ret_changed);
    return status == ACMECORE_OK && is_done ? files_set_done(&set) : status;
}

static int undo(struct fake_host *fake, bool *ret_told)
{
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(&fake->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_undo(&set, ret_told);
    return status == ACMECORE_OK ? files_set_forget(&set) : status;
}

AC_TEST(stage_changes_nothing_and_commit_all)
{
    struct fake_host fake;
    bool is_changed = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0600));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK);
    CU_ASSERT_TRUE(ground_has("a", "old", 0600));
    CU_ASSERT_TRUE(ground_has("b", NULL, 0));
    AC_REQUIRE(commit(&fake, true, &is_changed) == ACMECORE_OK);

    CU_ASSERT_TRUE(is_changed);
    CU_ASSERT_TRUE(ground_has("a", "new", 0640));
    CU_ASSERT_TRUE(ground_has("b", "more", 0640));
}

AC_TEST(undo_restores_what_was_and_removes_what_was_not)
{
    struct fake_host fake;
    bool is_changed = false;
    bool is_told = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0604));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK
               && commit(&fake, false, &is_changed) == ACMECORE_OK);
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);

    CU_ASSERT_TRUE(is_told);
    CU_ASSERT_TRUE(ground_has("a", "old", 0604));
    CU_ASSERT_TRUE(ground_has("b", NULL, 0));
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);
    CU_ASSERT_FALSE(is_told);
}

AC_TEST(what_is_in_place_is_not_staged)
{
    struct fake_host fake;
    bool is_changed = true;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "new", 0640)
               && ground_put("b", "more", 0640));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK);
    AC_REQUIRE(commit(&fake, true, &is_changed) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_changed);
    CU_ASSERT_TRUE(ground_has("plugin-folder/undo", NULL, 0));
}

AC_TEST(mode_alone_is_a_change)
{
    struct fake_host fake;
    bool is_changed = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "new", 0644)
               && ground_put("b", "more", 0640));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK
               && commit(&fake, true, &is_changed) == ACMECORE_OK);

    CU_ASSERT_TRUE(is_changed);
    CU_ASSERT_TRUE(ground_has("a", "new", 0640));
}

AC_TEST(mode_may_stay_as_it_is)
{
    struct fake_host fake;
    FILES_AUTO_SET set = { 0 };
    FILES_AUTO_BLOB bytes = { 0 };
    struct files_wanted wanted = { .access = GROUND_OURS(FILES_MODE_AS_IS) };
    bool is_changed = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0604));
    AC_REQUIRE(files_set_open(&fake.host, &set) == ACMECORE_OK
               && files_blob_add(&bytes, "new", 3));
    wanted.path = ac_test_path("a");
    AC_REQUIRE(files_set_plan(&set, &wanted, &bytes) == ACMECORE_OK
               && files_set_stage(&set, results) == ACMECORE_OK
               && files_set_commit(&set, &is_changed) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("a", "new", 0604));
}

AC_TEST(staging_twice_still_undoes_to_the_beginning)
{
    struct fake_host fake;
    bool is_changed = false;
    bool is_told = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0600));
    AC_REQUIRE(stage(&fake, "one", "one") == ACMECORE_OK
               && commit(&fake, false, &is_changed) == ACMECORE_OK);
    /* It was killed before the server was told; the next run stages anew. */
    AC_REQUIRE(stage(&fake, "two", "one") == ACMECORE_OK
               && commit(&fake, false, &is_changed) == ACMECORE_OK);
    CU_ASSERT_TRUE(ground_has("a", "two", 0640));
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("a", "old", 0600));
    CU_ASSERT_TRUE(ground_has("b", NULL, 0));
}

AC_TEST(commit_that_came_to_its_end_stays_when_another_is_undone)
{
    struct fake_host fake;
    bool is_changed = false;
    bool is_told = false;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(stage(&fake, "one", "one") == ACMECORE_OK
               && commit(&fake, true, &is_changed) == ACMECORE_OK);
    AC_REQUIRE(stage(&fake, "two", "two") == ACMECORE_OK
               && undo(&fake, &is_told) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_told);
    CU_ASSERT_TRUE(ground_has("a", "one", 0640));
    CU_ASSERT_TRUE(ground_has(".acmecore-a", NULL, 0));
}

AC_TEST(deployment_that_changes_nothing_undoes_nothing_of_the_one_before)
{
    struct fake_host fake;
    bool is_changed = true;
    bool is_told = true;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0600));
    AC_REQUIRE(stage(&fake, "one", "one") == ACMECORE_OK
               && commit(&fake, true, &is_changed) == ACMECORE_OK);
    /* It was proven, and killed before its record was forgotten. */
    AC_REQUIRE(stage(&fake, "one", "one") == ACMECORE_OK
               && commit(&fake, false, &is_changed) == ACMECORE_OK);
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_changed);
    CU_ASSERT_FALSE(is_told);
    CU_ASSERT_TRUE(ground_has("a", "one", 0640));
    CU_ASSERT_TRUE(ground_has("b", "one", 0640));
}

AC_TEST(stage_that_is_not_wanted_any_more_is_removed)
{
    struct fake_host fake;
    bool is_changed = true;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0640)
               && ground_put("b", "old", 0640));
    AC_REQUIRE(stage(&fake, "new", "old") == ACMECORE_OK
               && stage(&fake, "old", "old") == ACMECORE_OK
               && commit(&fake, true, &is_changed) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_changed);
    CU_ASSERT_TRUE(ground_has(".acmecore-a", NULL, 0));
}

AC_TEST(staged_file_that_disappeared_fails_the_commit)
{
    struct fake_host fake;
    bool is_changed = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && stage(&fake, "new", "new") == ACMECORE_OK
               && unlink(ac_test_path(".acmecore-b")) == 0);

    AC_REQUIRE(commit(&fake, true, &is_changed) == ACMECORE_E_SYSTEM);
    CU_ASSERT(fake_host_failed_with(&fake, "has been removed by somebody")
              || ac_check_is_torture());
}

AC_TEST(without_time_nothing_is_staged)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake.ctx.remaining_ms = 0;

    AC_REQUIRE(stage(&fake, "new", "new") == ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(ground_has("plugin-folder/undo", NULL, 0));
}

AC_TEST(record_that_cannot_be_written_stops_everything)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake.ctx.file_status = ACMECORE_E_SYSTEM;

    AC_REQUIRE(stage(&fake, "new", "new") == ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(ground_has(".acmecore-a", NULL, 0));
}

AC_TEST(what_somebody_writes_before_the_commit_stops_it)
{
    struct fake_host fake;
    bool is_changed = false;
    bool is_told = true;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0600));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK
               && ground_put("a", "mine", 0600));
    AC_REQUIRE(commit(&fake, true, &is_changed) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(ground_has("b", NULL, 0));
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_told);
    CU_ASSERT_TRUE(ground_has("a", "mine", 0600));
    CU_ASSERT_TRUE(ground_has(".acmecore-a", NULL, 0));
}

AC_TEST(what_somebody_writes_after_the_commit_is_not_undone)
{
    struct fake_host fake;
    bool is_changed = false;
    bool is_told = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0600));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK
               && commit(&fake, false, &is_changed) == ACMECORE_OK
               && ground_put("a", "mine", 0600) && ground_put("b", "mine", 0600));
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("a", "mine", 0600));
    CU_ASSERT_TRUE(ground_has("b", "mine", 0600));
    CU_ASSERT_TRUE(ground_has("plugin-folder/kept-1-a", "old", 0600));
    CU_ASSERT_TRUE(fake_host_logged(&fake, "was changed by somebody since"));
}

AC_TEST(two_files_of_one_base_name_are_both_kept)
{
    struct fake_host fake;
    FILES_AUTO_SET set = { 0 };
    bool is_changed = false;
    bool is_told = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && mkdir(ac_test_path("x"), 0700) == 0
               && mkdir(ac_test_path("y"), 0700) == 0 && ground_put("x/a", "old", 0600)
               && ground_put("y/a", "older", 0600));
    AC_REQUIRE(files_set_open(&fake.host, &set) == ACMECORE_OK
               && plan(&set, "x/a", "new", 0) == ACMECORE_OK
               && plan(&set, "y/a", "new", 1) == ACMECORE_OK
               && files_set_stage(&set, results) == ACMECORE_OK
               && files_set_commit(&set, &is_changed) == ACMECORE_OK);
    AC_REQUIRE(ground_put("x/a", "mine", 0600) && ground_put("y/a", "mine", 0600));
    AC_REQUIRE(files_set_undo(&set, &is_told) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("plugin-folder/kept-1-a", "old", 0600));
    CU_ASSERT_TRUE(ground_has("plugin-folder/kept-2-a", "older", 0600));
}

/* A list that names files comes after them, and goes before. */
AC_TEST(undo_begins_with_the_last)
{
    struct fake_host fake;
    bool is_changed = false;
    bool is_told = false;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK
               && commit(&fake, false, &is_changed) == ACMECORE_OK);
    AC_REQUIRE(ground_put("a", "theirs", 0600) && ground_put("b", "theirs", 0600));
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);

    const char *first = strstr(fake.ctx.log, "/b was changed by somebody since");
    const char *second = strstr(fake.ctx.log, "/a was changed by somebody since");
    CU_ASSERT_TRUE(first && second && first < second);
}

AC_TEST(what_is_gone_comes_back)
{
    struct fake_host fake;
    bool is_changed = false;
    bool is_told = false;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0600));
    AC_REQUIRE(stage(&fake, "new", "more") == ACMECORE_OK
               && commit(&fake, false, &is_changed) == ACMECORE_OK
               && unlink(ac_test_path("a")) == 0);
    AC_REQUIRE(undo(&fake, &is_told) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("a", "old", 0600));
    CU_ASSERT_TRUE(ground_has("plugin-folder/kept-1-a", NULL, 0));
}

AC_TEST(dry_run_writes_nothing_down)
{
    struct fake_host fake;
    FILES_AUTO_SET set = { 0 };
    bool is_changed = true;

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a", "old", 0600));
    fake.host.flags = ACMECORE_DRY_RUN;
    AC_REQUIRE(files_set_open(&fake.host, &set) == ACMECORE_OK);
    AC_REQUIRE(plan(&set, "a", "new", 0) == ACMECORE_OK
               && files_set_stage(&set, results) == ACMECORE_OK);
    AC_REQUIRE(commit(&fake, true, &is_changed) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_changed);
    CU_ASSERT_TRUE(ground_has(".acmecore-a", NULL, 0));
    CU_ASSERT_TRUE(ground_has("plugin-folder/undo", NULL, 0));
}

AC_SUITE("common-files/set", AC_CASE(stage_changes_nothing_and_commit_all),
         AC_CASE(undo_restores_what_was_and_removes_what_was_not),
         AC_CASE(what_is_in_place_is_not_staged), AC_CASE(mode_alone_is_a_change),
         AC_CASE(mode_may_stay_as_it_is),
         AC_CASE(staging_twice_still_undoes_to_the_beginning),
         AC_CASE(commit_that_came_to_its_end_stays_when_another_is_undone),
         AC_CASE(deployment_that_changes_nothing_undoes_nothing_of_the_one_before),
         AC_CASE(stage_that_is_not_wanted_any_more_is_removed),
         AC_CASE(staged_file_that_disappeared_fails_the_commit),
         AC_CASE(without_time_nothing_is_staged),
         AC_CASE(record_that_cannot_be_written_stops_everything),
         AC_CASE(what_somebody_writes_before_the_commit_stops_it),
         AC_CASE(what_somebody_writes_after_the_commit_is_not_undone),
         AC_CASE(two_files_of_one_base_name_are_both_kept),
         AC_CASE(undo_begins_with_the_last), AC_CASE(what_is_gone_comes_back),
         AC_CASE(dry_run_writes_nothing_down))
