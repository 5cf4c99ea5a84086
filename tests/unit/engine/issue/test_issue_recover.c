/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"
#include "engine/journal/journal.h"

/* What a killed run would have left: `solver`, which was `plugin`, presented `name`. */
static enum ac_code leave_behind(const char *solver, const char *plugin,
                                 const char *name, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_solver_spec spec = { .name = (char *)solver, .plugin = (char *)plugin };
    struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                            .type = "http-01",
                                            .identifier = name,
                                            .token = STAGE_TOKEN,
                                            .key_authorization = STAGE_TOKEN ".print" };

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_journal_open(store, STAGE_CERT, &journal, err));
    AC_TRY(ac_batch_add(&batch, &challenge, err));
    AC_TRY(ac_journal_present(journal, &spec, &batch, err));
    return ac_journal_flush(journal, err);
}

AC_TEST(leftovers_are_cleaned_up_before_anything_is_presented)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("http", "http", "old.test", &err));
    AC_REQUIRE_OK(leave_behind("http", "http", "older.test", &err));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_EQUAL(strstr(fake_solvers.log, "cleanup old.test older.test\n"),
                        fake_solvers.log);
    CU_ASSERT_EQUAL(fake_solvers.started, 1);
    CU_ASSERT_EQUAL(stage.warnings, 0);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(leftover_whose_plugin_is_gone_stays_noted)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("missing", "missing", "old.test", &err));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "there is no plugin missing"));
    CU_ASSERT(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup a.test"), 1);
}

/* The solver has another plugin now, so what is cleaned under its name is not all. */
AC_TEST(leftover_that_cannot_be_cleaned_is_not_forgotten_with_its_namesake)
{
    static const char *const plugins[] = { "sticky", "missing", "closed" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(plugins); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        AC_REQUIRE_OK(leave_behind("http", plugins[i], "old.test", &err));
        AC_REQUIRE_OK(leave_behind("http", "http", "older.test", &err));
        AC_REQUIRE_OK(stage_run("http", &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(fake_solvers_did("cleanup a.test"), 1);
        CU_ASSERT(stage_has_file("order.json"));
        AC_REQUIRE(remove(ac_test_path("state/certs/site/order.json")) == 0);
    }
}

AC_TEST(plugin_that_dies_of_leftovers_has_another_process_for_what_is_new)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("fragile", "fragile", "old.test", &err));
    AC_REQUIRE_OK(stage_run("fragile", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT_EQUAL(fake_solvers.started, 2);
    CU_ASSERT_EQUAL(stage.warnings, 2); /* the old one's and the new one's */
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup old.test"), 1);
}

AC_TEST(leftover_of_a_renamed_solver_is_forgotten_when_clean)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("former", "http", "old.test", &err));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(plugin_that_hangs_in_cleanup_does_not_cost_the_certificate)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("sluggish", "sluggish", "old.test", &err));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() < AC_ISSUE_RECOVER_MS + 5000);
    CU_ASSERT_EQUAL(stage.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "hung in cleanup"));
    CU_ASSERT(stage_has_file("order.json"));
}

AC_TEST(plugin_that_never_opens_for_leftovers_does_not_cost_the_certificate)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("silent", "silent", "old.test", &err));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() < AC_ISSUE_RECOVER_MS + 5000);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "the time for it is up"));
}

AC_TEST(leftover_that_no_run_can_clean_up_is_told_and_forgotten)
{
    static const char *const plugins[] = { "missing", "sticky", "silent" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(plugins); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        AC_REQUIRE_OK(leave_behind("http", plugins[i], "old.test", &err));
        for (unsigned run = 1; run <= AC_JOURNAL_CLEANUP_RUNS; run++) {
            AC_REQUIRE_OK(stage_run("http", &err));
            CU_ASSERT_EQUAL(stage.code, AC_OK);
            CU_ASSERT_EQUAL(stage_has_file("order.json"),
                            run < AC_JOURNAL_CLEANUP_RUNS);
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "5 runs could not clean up"));
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "old.test (http-01, plugin"));
    }
}

AC_TEST(solvers_are_decided_before_the_ca_is_contacted)
{
    static const struct {
        const char *solvers, *says;
        enum ac_code code;
    } cases[] = {
        { "missing", "there is no plugin missing", AC_E_USAGE },
        { "closed", "could not be opened", AC_E_PLUGIN },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        AC_REQUIRE_OK(stage_run(cases[i].solvers, &err));

        CU_ASSERT_EQUAL(stage.code, cases[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, cases[i].says));
        CU_ASSERT_EQUAL(fake_ca.request_count, 0);
    }
}

AC_TEST(name_that_no_solver_fits_is_told_with_what_would)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_want("http", &wanted, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("*.w.test", &wanted.identifiers, &err));
    AC_REQUIRE_OK(stage_run_with(&wanted, &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "no solver fits *.w.test"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "dns"));
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(solver_that_is_not_needed_is_not_started)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    AC_REQUIRE_OK(stage_run("http,dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_solvers.started, 1);
}

static enum ac_code recover_others(struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_run) *run = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    struct ac_run_settings settings = {
        .store = store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
    };
    AC_TRY(ac_run_new(&settings, &run, err));
    ac_run_recover_others(run, "another");
    return AC_OK;
}

AC_TEST(leftovers_of_other_certificates_are_cleaned_up_without_the_ca)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("http", "http", "old.test", &err));
    AC_REQUIRE_OK(recover_others(&err));

    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "cleanup old.test\n");
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(leftovers_of_other_certificates_cost_a_few_seconds_at_most)
{
    static const char *const plugins[] = { "sluggish", "silent" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(plugins); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        AC_REQUIRE_OK(leave_behind("http", plugins[i], "old.test", &err));
        int64_t began_ms = fake_ca.now_ms;
        AC_REQUIRE_OK(recover_others(&err));

        CU_ASSERT(fake_ca.now_ms - began_ms <= AC_RUN_OTHERS_MS);
        CU_ASSERT(stage_has_file("order.json"));
    }
}

/* The first one takes all the time there is, so the second is never tried. */
AC_TEST(leftovers_that_there_was_no_time_for_are_not_given_up)
{
    struct ac_error err = { 0 };
    static char text[8192];

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("http", "sluggish", "old.test", &err));
    AC_REQUIRE(
        rename(ac_test_path("state/certs/site"), ac_test_path("state/certs/first"))
        == 0);
    AC_REQUIRE_OK(leave_behind("http", "http", "older.test", &err));
    AC_REQUIRE_OK(recover_others(&err));

    AC_REQUIRE(ac_test_read_file(ac_test_path("state/certs/first/order.json"), text,
                                 sizeof text)
               > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"tries\""));
    AC_REQUIRE(ac_test_read_file(ac_test_path("state/certs/site/order.json"), text,
                                 sizeof text)
               > 0);
    CU_ASSERT_PTR_NULL(strstr(text, "\"tries\""));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup older.test"), 0);
}

static enum ac_code recover_here(struct ac_words *warnings, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_run) *run = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    struct ac_run_settings settings = {
        .store = store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
    };
    AC_TRY(ac_run_new(&settings, &run, err));
    return ac_run_recover(run, STAGE_CERT, warnings, err);
}

AC_TEST(leftovers_are_cleaned_up_without_an_order)
{
    AC_AUTO(ac_words) warnings = { 0 };
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("http", "http", "old.test", &err));
    AC_REQUIRE_OK(recover_here(&warnings, &err));

    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "cleanup old.test\n");
    CU_ASSERT_EQUAL(warnings.count, 0);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(leftovers_that_stay_are_told)
{
    AC_AUTO(ac_words) warnings = { 0 };
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(leave_behind("http", "sticky", "old.test", &err));
    AC_REQUIRE_OK(recover_here(&warnings, &err));

    AC_REQUIRE(warnings.count == 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(warnings.items[0], "old.test"));
}

AC_SUITE("engine/issue_recover",
         AC_CASE(leftovers_that_there_was_no_time_for_are_not_given_up),
         AC_CASE(leftovers_are_cleaned_up_before_anything_is_presented),
         AC_CASE(leftover_whose_plugin_is_gone_stays_noted),
         AC_CASE(leftover_that_cannot_be_cleaned_is_not_forgotten_with_its_namesake),
         AC_CASE(plugin_that_dies_of_leftovers_has_another_process_for_what_is_new),
         AC_CASE(leftover_of_a_renamed_solver_is_forgotten_when_clean),
         AC_CASE(plugin_that_hangs_in_cleanup_does_not_cost_the_certificate),
         AC_CASE(plugin_that_never_opens_for_leftovers_does_not_cost_the_certificate),
         AC_CASE(leftover_that_no_run_can_clean_up_is_told_and_forgotten),
         AC_CASE(solvers_are_decided_before_the_ca_is_contacted),
         AC_CASE(name_that_no_solver_fits_is_told_with_what_would),
         AC_CASE(solver_that_is_not_needed_is_not_started),
         AC_CASE(leftovers_of_other_certificates_are_cleaned_up_without_the_ca),
         AC_CASE(leftovers_of_other_certificates_cost_a_few_seconds_at_most),
         AC_CASE(leftovers_are_cleaned_up_without_an_order),
         AC_CASE(leftovers_that_stay_are_told))
