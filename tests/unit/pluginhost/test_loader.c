/* SPDX-License-Identifier: Apache-2.0 */
/* Each refusal by a real file is in tests/unit/host/test_solver.c. */
#include "pluginhost/loader.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static int operate(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    (void)self, (void)challenges, (void)count, (void)results;
    return ACMECORE_E_REFUSED;
}

static int install(void *self, const struct acmecore_certificate *const *certificates,
                   size_t count, int *results)
{
    (void)self, (void)certificates, (void)count, (void)results;
    return ACMECORE_OK;
}

static int finish(void *self)
{
    (void)self;
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
static const struct acmecore_solver solver = {
    .struct_size = sizeof solver, .types = types, .present = operate, .cleanup = operate
};
static const struct acmecore_installer installer = { .struct_size = sizeof installer,
                                                     .stage = install,
                                                     .commit = finish,
                                                     .rollback = finish };

/* An option of a later minor: longer than ours. */
struct long_option {
    struct acmecore_option option;
    uint64_t later;
};
static const struct long_option long_options[] = {
    { { .name = "one", .type = ACMECORE_OPTION_TEXT }, 1 },
    { { .name = "two", .type = ACMECORE_OPTION_PATH, .help = "second" }, 2 },
};

static const struct acmecore_plugin sample = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "sample", "1.0", 0),
    .open = open_it,
    .close = close_it,
    .ops.solver = &solver,
};

static enum ac_code adopt(const struct acmecore_plugin *plugin,
                          struct ac_loaded *ret_loaded, struct ac_error *err)
{
    return ac_loader_adopt(plugin, sizeof *plugin, "sample", ret_loaded, err);
}

AC_TEST(optional_operations_get_defaults)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;
    int result = ACMECORE_OK;

    AC_REQUIRE_OK(adopt(&sample, &loaded, &err));

    CU_ASSERT_FALSE(loaded.has_probe);
    CU_ASSERT_FALSE(loaded.has_watch);
    CU_ASSERT_EQUAL(loaded.solver.probe(NULL, NULL, 0, &result), ACMECORE_OK);
    CU_ASSERT_EQUAL(loaded.solver.watch(NULL, NULL, 1), 0);
    CU_ASSERT_EQUAL(loaded.solver.present(NULL, NULL, 0, &result), ACMECORE_E_REFUSED);
}

AC_TEST(options_are_read_by_the_plugins_own_stride)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;
    struct acmecore_option option;
    struct acmecore_plugin plugin = sample;
    plugin.option_size = sizeof(struct long_option);
    plugin.option_count = 2;
    plugin.options = &long_options[0].option;

    AC_REQUIRE_OK(adopt(&plugin, &loaded, &err));
    ac_loader_option(&loaded, 1, &option);

    CU_ASSERT_STRING_EQUAL(option.name, "two");
    CU_ASSERT_STRING_EQUAL(option.help, "second");
}

AC_TEST(installer_with_all_operations_is_taken)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;
    struct acmecore_plugin plugin = sample;
    plugin.kind = ACMECORE_INSTALLER;
    plugin.ops.installer = &installer;

    AC_REQUIRE_OK(adopt(&plugin, &loaded, &err));

    CU_ASSERT_EQUAL(loaded.installer.commit(NULL), ACMECORE_OK);
}

AC_TEST(what_an_installer_leaves_out_does_nothing)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;
    struct acmecore_plugin plugin = sample;
    plugin.kind = ACMECORE_INSTALLER;
    plugin.ops.installer = &installer;

    AC_REQUIRE_OK(adopt(&plugin, &loaded, &err));

    CU_ASSERT_EQUAL(loaded.installer.probe(NULL, NULL, 0, NULL), ACMECORE_OK);
    CU_ASSERT_EQUAL(loaded.installer.finish(NULL), ACMECORE_OK);
}

AC_TEST(installer_without_rollback_is_refused)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;
    struct acmecore_installer lame = installer;
    struct acmecore_plugin plugin = sample;
    lame.rollback = NULL;
    plugin.kind = ACMECORE_INSTALLER;
    plugin.ops.installer = &lame;

    AC_REQUIRE_CODE(adopt(&plugin, &loaded, &err), AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "rollback"));
}

AC_TEST(object_smaller_than_its_struct_is_refused)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;

    AC_REQUIRE_CODE(ac_loader_adopt(&sample, 8, "sample", &loaded, &err), AC_E_PLUGIN);
    AC_REQUIRE_CODE(
        ac_loader_adopt(&sample, sizeof sample - 1, "sample", &loaded, &err),
        AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "its descriptor says"));
}

AC_TEST(odd_options_are_refused)
{
    struct acmecore_option option = { .name = "fine", .type = ACMECORE_OPTION_TEXT };
    struct acmecore_plugin plugins[] = { sample, sample, sample, sample };
    plugins[0].option_count = 1; /* and no options */
    plugins[1].option_count = 129;
    plugins[2].option_size = 8192;
    plugins[3].option_size = sizeof option + 1;

    for (size_t i = 0; i < AC_COUNT(plugins); i++) {
        struct ac_error err = { 0 };
        struct ac_loaded loaded;
        plugins[i].options = i > 0 ? &option : NULL;
        if (plugins[i].option_count == 0)
            plugins[i].option_count = 1;
        AC_REQUIRE_CODE(adopt(&plugins[i], &loaded, &err), AC_E_PLUGIN);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "it says"));
    }
}

AC_TEST(choices_are_a_list_of_words_for_a_text)
{
    static const char *const none[] = { NULL };
    static const char *const words[] = { "on", "off", NULL };
    const struct acmecore_option odd[] = {
        { .name = "mood", .type = ACMECORE_OPTION_TEXT, .choices = none },
        { .name = "mood", .type = ACMECORE_OPTION_PATH, .choices = words },
    };
    const struct acmecore_option fine = { .name = "mood",
                                          .type = ACMECORE_OPTION_TEXT,
                                          .choices = words };
    struct acmecore_plugin plugin = sample;
    struct ac_error err = { 0 };
    struct ac_loaded loaded;

    plugin.option_count = 1;
    for (size_t i = 0; i < AC_COUNT(odd); i++) {
        plugin.options = &odd[i];
        AC_REQUIRE_CODE(adopt(&plugin, &loaded, &err), AC_E_PLUGIN);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail,
                                      "its option \"mood\" has choices, which are "
                                      "for a text, 1 to 64"));
    }
    plugin.options = &fine;
    AC_REQUIRE_OK(adopt(&plugin, &loaded, &err));
}

AC_TEST(a_reserved_field_with_something_in_it_is_refused)
{
    struct acmecore_plugin plugin = sample;
    struct ac_error err = { 0 };
    struct ac_loaded loaded;

    plugin.reserved = 7;
    AC_REQUIRE_CODE(adopt(&plugin, &loaded, &err), AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail,
                                  "the reserved field of its descriptor is 7, and "
                                  "has to be 0"));
}

AC_TEST(a_store_is_told_from_what_is_no_kind)
{
    struct acmecore_plugin plugins[] = { sample, sample };
    struct ac_error errors[2] = { 0 };
    struct ac_loaded loaded;

    plugins[0].kind = ACMECORE_STORE;
    plugins[1].kind = 4;
    AC_REQUIRE_CODE(adopt(&plugins[0], &loaded, &errors[0]), AC_E_PLUGIN);
    AC_REQUIRE_CODE(adopt(&plugins[1], &loaded, &errors[1]), AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(
        strstr(errors[0].detail, "it is a store, which no acmecore loads yet"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(errors[1].detail, "its kind 4 is unknown to this acmecore"));
}

AC_TEST(absent_file_says_why)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;

    AC_REQUIRE_CODE(ac_loader_load("/nonexistent.so", "nonexistent", &loaded, &err),
                    AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "No such file"));
}

AC_TEST(what_is_missing_is_named_with_what_to_do)
{
    static const struct {
        const char *name, *part;
    } plugins[] = {
        { "needs-library", "the library libacmecore-absent.so.1, which is not here" },
        { "needs-function", "\"acmecore_absent\", which no library here has" },
        { "major", "update acmecore, or install an older version" },
        { "needs-newer", "update acmecore, or install an older version" },
        { "misnamed", "its file must be called another.so" },
        { "null-name", "it has no name; " },
        { "endless-name", "its name is over 64 bytes; " },
    };

    for (size_t i = 0; i < AC_COUNT(plugins); i++) {
        struct ac_error err = { 0 };
        struct ac_loaded loaded;
        char path[512];

        (void)snprintf(path, sizeof path, AC_TEST_PLUGINS "/%s.so", plugins[i].name);
        AC_REQUIRE_CODE(ac_loader_load(path, plugins[i].name, &loaded, &err),
                        AC_E_PLUGIN);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, plugins[i].part));
    }
}

AC_TEST(another_major_is_refused_before_its_flags_are_believed)
{
    struct ac_error err = { 0 };
    uint32_t uses = 99;

    AC_REQUIRE_CODE(ac_loader_uses(AC_TEST_PLUGINS "/major.so", &uses, &err),
                    AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "it is built for plugin ABI 2.0"));
    CU_ASSERT_EQUAL(uses, 0);
    AC_REQUIRE_OK(ac_loader_uses(AC_TEST_PLUGINS "/good.so", &uses, &err));
    CU_ASSERT_NOT_EQUAL(uses, 0);
}

AC_TEST(real_plugin_is_loaded)
{
    struct ac_error err = { 0 };
    struct ac_loaded loaded;

    AC_REQUIRE_OK(ac_loader_load(AC_TEST_PLUGINS "/good.so", "good", &loaded, &err));

    CU_ASSERT(loaded.has_probe);
    CU_ASSERT_STRING_EQUAL(loaded.solver.types[0], "http-01");
}

AC_SUITE("pluginhost/loader", AC_CASE(optional_operations_get_defaults),
         AC_CASE(options_are_read_by_the_plugins_own_stride),
         AC_CASE(installer_with_all_operations_is_taken),
         AC_CASE(what_an_installer_leaves_out_does_nothing),
         AC_CASE(installer_without_rollback_is_refused),
         AC_CASE(object_smaller_than_its_struct_is_refused),
         AC_CASE(odd_options_are_refused),
         AC_CASE(choices_are_a_list_of_words_for_a_text),
         AC_CASE(a_reserved_field_with_something_in_it_is_refused),
         AC_CASE(a_store_is_told_from_what_is_no_kind), AC_CASE(absent_file_says_why),
         AC_CASE(what_is_missing_is_named_with_what_to_do),
         AC_CASE(another_major_is_refused_before_its_flags_are_believed),
         AC_CASE(real_plugin_is_loaded))
