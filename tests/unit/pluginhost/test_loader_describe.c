/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/loader_describe.h"

#include "check.h"

static int operate(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    (void)self, (void)challenges, (void)count, (void)results;
    return ACMECORE_OK;
}

static int open_it(const struct acmecore_host *host, void **ret_self)
{
    (void)host, (void)ret_self;
    return ACMECORE_OK;
}

static void close_it(void *self)
{
    (void)self;
}

static const char *const types[] = { "http-01", NULL };
static const char *const words[] = { "on", "off", NULL };
static const struct acmecore_solver solver = {
    .struct_size = sizeof solver, .types = types, .present = operate, .cleanup = operate
};
static const struct acmecore_option options[] = {
    { .name = "mood", .type = ACMECORE_OPTION_TEXT, .choices = words },
};
static const struct acmecore_option common[] = {
    { .name = "mood", .type = ACMECORE_OPTION_PATH },
    { .name = "other", .type = ACMECORE_OPTION_TEXT },
};
static const struct acmecore_plugin sample = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "sample", "1.0", 0),
    .option_count = 1,
    .options = options,
    .open = open_it,
    .close = close_it,
    .ops.solver = &solver,
};

static enum ac_code describe(struct ac_loaded *loaded, struct ac_json **ret_json,
                             struct ac_error *err)
{
    AC_TRY(ac_loader_adopt(&sample, sizeof sample, "sample", loaded, err));
    return ac_loader_describe(loaded, "/sample.so", ret_json, err);
}

AC_TEST(description_has_what_the_core_checks)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(describe(&loaded, &json, &err));

    const struct ac_json *option = ac_json_at(ac_json_get(json, "options"), 0);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "name", ""), "sample");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "types")), 1);
    CU_ASSERT_EQUAL(ac_json_number_or(json, "kind", 0), ACMECORE_SOLVER);
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(option, "choices")), 2);
}

AC_TEST(an_option_of_the_plugin_hides_that_of_the_host)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(describe(&loaded, &json, &err));
    AC_REQUIRE_OK(ac_loader_add_options(json, common, AC_COUNT(common), &err));

    const struct ac_json *all = ac_json_get(json, "options");
    AC_REQUIRE(ac_json_count(all) == 2);
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_at(all, 0), "type", 0),
                    ACMECORE_OPTION_TEXT);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(all, 1), "name", ""), "other");
    CU_ASSERT_TRUE(ac_loader_declares(&loaded, "mood"));
    CU_ASSERT_FALSE(ac_loader_declares(&loaded, "other"));
}

AC_SUITE("pluginhost/loader_describe", AC_CASE(description_has_what_the_core_checks),
         AC_CASE(an_option_of_the_plugin_hides_that_of_the_host))
