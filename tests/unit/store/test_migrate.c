/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

#include "check.h"
#include "store/store.h"

#include <string.h>

static enum ac_code rename_solver(struct ac_json *document, struct ac_error *err)
{
    const char *solver = ac_json_text_or(document, "solver", "");

    AC_TRY(ac_json_set_text(document, "plugin", solver, err));
    ac_json_unset(document, "solver");
    return AC_OK;
}

static enum ac_code add_port(struct ac_json *document, struct ac_error *err)
{
    return ac_json_set_number(document, "port", 80, err);
}

static const struct ac_migration steps[] = {
    { 1, "certificate.json", rename_solver },
    { 2, "certificate.json", add_port },
    { 2, "state.json", rename_solver },
};
static const struct ac_migrations migrations = { steps, AC_COUNT(steps), 3 };

/* The document as it is written after the migration. */
static enum ac_code migrate(const char *item, const char *text, char **ret_text,
                            struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_json_parse(text, strlen(text), &document, err));
    AC_TRY(ac_migrate(&migrations, item, document, err));
    return ac_json_write(document, ret_text, err);
}

AC_TEST(document_of_an_older_schema_goes_all_the_steps_from_it)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *first = NULL;
    AC_AUTO_TEXT char *second = NULL;

    AC_REQUIRE_OK(
        migrate("certificate.json", "{\"schema\":1,\"solver\":\"web\"}", &first, &err));
    AC_REQUIRE_OK(migrate("certificate.json", "{\"schema\":2,\"solver\":\"web\"}",
                          &second, &err));

    CU_ASSERT_STRING_EQUAL(first, "{\"plugin\":\"web\",\"port\":80,\"schema\":3}");
    CU_ASSERT_STRING_EQUAL(second, "{\"port\":80,\"schema\":3,\"solver\":\"web\"}");
}

AC_TEST(document_that_no_step_is_for_only_gets_the_number)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(migrate("order.json", "{\"schema\":1,\"a\":1}", &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "{\"a\":1,\"schema\":3}");
}

AC_TEST(document_of_today_stays_as_it_is)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(
        migrate("state.json", "{\"schema\":3,\"solver\":\"web\"}", &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "{\"schema\":3,\"solver\":\"web\"}");
}

AC_TEST(steps_of_this_program_lead_to_its_schema)
{
    CU_ASSERT_EQUAL(ac_store_migrations.schema, AC_STORE_SCHEMA);
    for (size_t i = 0; i < ac_store_migrations.count; i++)
        CU_ASSERT(ac_store_migrations.steps[i].from < AC_STORE_SCHEMA);
}

AC_SUITE("store/migrate",
         AC_CASE(document_of_an_older_schema_goes_all_the_steps_from_it),
         AC_CASE(document_that_no_step_is_for_only_gets_the_number),
         AC_CASE(document_of_today_stays_as_it_is),
         AC_CASE(steps_of_this_program_lead_to_its_schema))
