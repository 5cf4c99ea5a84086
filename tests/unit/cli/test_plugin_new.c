/* SPDX-License-Identifier: Apache-2.0 */
/* That the project builds and works is shown by tests/e2e/test_kit.py. */
#include "cli/commands.h"

#include "base/file.h"
#include "command_line.h"
#include "fake_run.h"

#include "acmecore-config.h"
#include <string.h>

#define MADE_MAX (64u * 1024u)

static bool has_text(const char *folder, const char *name, const char *text)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) contents = { 0 };
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return ac_file_read(path, MADE_MAX, &contents, &err) == AC_OK
           && strstr(ac_text_get(&contents), text);
}

/* The templates are looked for beside the program, which here is the test. */
static bool has_templates(void)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *templates = NULL;

    return ac_context_beside(ACMECORE_TEMPLATE_DIR "/dns01", &templates, &err) == AC_OK
           && ac_file_exists(templates);
}

AC_TEST(a_project_has_its_name_everywhere)
{
    const char *folder = ac_test_path("dns01-example");

    AC_REQUIRE(!ac_check_is_torture() && has_templates());
    fake_reset();
    CU_ASSERT_EQUAL(run_program(WORDS("plugin", "new", "dns01-example", folder)), 0);

    CU_ASSERT(has_text(folder, "plugin.c", "ACMECORE_SOLVER, \"dns01-example\""));
    CU_ASSERT(has_text(folder, "CMakeLists.txt", "acmecore_add_plugin(dns01-example "));
    CU_ASSERT(has_text(folder, "README.md", "# dns01-example"));
    CU_ASSERT(has_text(folder, ".gitignore", "build/"));
    CU_ASSERT(has_text(folder, "check.sh", "plugin check"));
    CU_ASSERT_FALSE(has_text(folder, "plugin.c", "@NAME@"));
    CU_ASSERT(ac_capture_has(ac_capture_out(), "cmake -B build"));
}

AC_TEST(each_kind_has_a_template)
{
    static const struct {
        const char *name, *kind;
    } made[] = {
        { "http01-example", "ACMECORE_SOLVER, \"http01-example\"" },
        { "installer-example", "ACMECORE_INSTALLER, \"installer-example\"" },
    };

    AC_REQUIRE(!ac_check_is_torture() && has_templates());
    for (size_t i = 0; i < AC_COUNT(made); i++) {
        const char *folder = ac_test_path(made[i].name);
        fake_reset();
        CU_ASSERT_EQUAL(run_program(WORDS("plugin", "new", made[i].name, folder)), 0);
        CU_ASSERT(has_text(folder, "plugin.c", made[i].kind));
        CU_ASSERT(has_text(folder, "check.sh", "plugin check"));
        CU_ASSERT(has_text(folder, "build.yml", "ctest"));
    }
}

AC_TEST(what_is_there_is_never_written_over)
{
    const char *folder = ac_test_path("there");
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture() && has_templates());
    AC_REQUIRE_OK(ac_file_make_folder(folder, 0755, &err));
    fake_reset();

    CU_ASSERT_EQUAL(run_program(WORDS("plugin", "new", "dns01-example", folder)), 2);
    CU_ASSERT(ac_capture_has(ac_capture_err(), "is there already"));
}

AC_TEST(a_name_says_what_kind_it_is)
{
    static const char *const names[] = {
        "example",    "tlsalpn01-example", "dns01-",
        "dns01-../x", "dns01-Example",     "installer-"
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(names); i++) {
        fake_reset();
        CU_ASSERT_EQUAL(
            run_program(WORDS("plugin", "new", names[i], ac_test_path("no"))), 2);
    }
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("no")));
}

AC_SUITE("cli/plugin_new", AC_CASE(a_project_has_its_name_everywhere),
         AC_CASE(each_kind_has_a_template),
         AC_CASE(what_is_there_is_never_written_over),
         AC_CASE(a_name_says_what_kind_it_is))
