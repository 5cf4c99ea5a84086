/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_install.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

#define CERTIFICATE                                                                    \
    "{\"name\":\"www\",\"identifiers\":[\"a.example\"],\"not_after\":1,"               \
    "\"fullchain_path\":\"/s/f\",\"cert_path\":\"/s/c\",\"chain_path\":\"/s/h\","      \
    "\"folder_path\":\"/s\",\"fingerprint\":\""                                        \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}"

/* What the plugin below is told, and what it answers. */
static size_t staged;
static int answer;

static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    (void)self;
    staged = count;
    results[count - 1] =
        strcmp(certificates[0]->name, "www") == 0 ? answer : ACMECORE_E_INVALID;
    return ACMECORE_OK;
}

static int plain(void *self)
{
    (void)self;
    return answer;
}

static struct ac_session make(void)
{
    return (struct ac_session){
        .is_open = true,
        .loaded = { .plugin = { .kind = ACMECORE_INSTALLER },
                    .installer = { .stage = stage,
                                   .probe = stage,
                                   .commit = plain,
                                   .rollback = plain,
                                   .finish = plain } },
    };
}

static enum ac_code ask(const char *op, const char *document,
                        struct ac_install_answer *ret_answer, struct ac_error *err)
{
    struct ac_session session = make();
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_parse(document, strlen(document), &json, err));
    return ac_session_install(&session, op, json, AC_CLOCK_NEVER, ret_answer, err);
}

AC_TEST(each_certificate_has_its_result)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_install_answer) found = { 0 };

    answer = ACMECORE_E_REFUSED;
    AC_REQUIRE_OK(ask("stage", "{\"certificates\":[" CERTIFICATE "," CERTIFICATE "]}",
                      &found, &err));

    CU_ASSERT_EQUAL(staged, 2);
    CU_ASSERT_EQUAL(found.status, ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_at(found.results, 0), "status", 9), 0);
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_at(found.results, 1), "status", 9),
                    ACMECORE_E_REFUSED);
}

AC_TEST(what_is_no_result_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_install_answer) found = { 0 };

    answer = 5;
    AC_REQUIRE_CODE(ask("commit", "{}", &found, &err), AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail, "commit returned 5, which is no result");
    answer = ACMECORE_E_CONFIG;
    AC_REQUIRE_OK(ask("rollback", "{}", &found, &err));
    CU_ASSERT_EQUAL(found.status, ACMECORE_E_CONFIG);
    AC_REQUIRE_CODE(ask("stage", "{\"certificates\":7}", &found, &err), AC_E_INVALID);
}

AC_TEST(only_an_open_installer_installs)
{
    struct ac_session session = make();
    struct ac_session solver = make();
    struct ac_session early = make();

    solver.loaded.plugin.kind = ACMECORE_SOLVER;
    early.is_open = false;

    CU_ASSERT_TRUE(ac_session_installs(&session, "stage"));
    CU_ASSERT_TRUE(ac_session_installs(&session, "finish"));
    CU_ASSERT_FALSE(ac_session_installs(&session, "present"));
    CU_ASSERT_FALSE(ac_session_installs(&solver, "probe"));
    CU_ASSERT_FALSE(ac_session_installs(&early, "stage"));
}

AC_TEST(every_installer_has_the_options_of_the_proof)
{
    static const struct acmecore_option own = { .name = "probe",
                                                .type = ACMECORE_OPTION_TEXT };
    struct ac_error err = { 0 };
    struct ac_session session = make();
    AC_AUTO(ac_json) *plugin = NULL;
    AC_AUTO(ac_json) *other = NULL;

    AC_REQUIRE_OK(ac_json_new(&plugin, &err, "{s:[]}", "options"));
    AC_REQUIRE_OK(ac_session_describe_installer(&session, plugin, &err));
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(plugin, "options")), 4);
    CU_ASSERT_TRUE(ac_json_bool_or(plugin, "has_probe", false));

    session.loaded.plugin.options = &own;
    session.loaded.plugin.option_count = 1;
    session.loaded.plugin.option_size = sizeof own;
    AC_REQUIRE_OK(ac_json_new(&other, &err, "{s:[{s:s}]}", "options", "name", "probe"));
    AC_REQUIRE_OK(ac_session_describe_installer(&session, other, &err));
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(other, "options")), 4);
    CU_ASSERT_FALSE(ac_json_bool_or(other, "has_probe", true));
}

/* The session of an installer with this setting. */
static enum ac_code check_starttls(const char *document, uint32_t kind,
                                   struct ac_error *err)
{
    struct ac_session session = make();
    AC_AUTO(ac_json) *json = NULL;

    session.loaded.plugin.kind = kind;
    AC_TRY(ac_json_parse(document, strlen(document), &json, err));
    AC_TRY(ac_services_init(&session.services, NULL, NULL, err));
    session.services.options = json;
    enum ac_code code = ac_session_check_installer(&session, err);
    session.services.options = NULL;
    ac_services_done(&session.services);
    return code;
}

AC_TEST(protocol_in_which_no_tls_is_begun_is_told_at_the_opening)
{
    static const char good[] = "{\"probe-starttls\":[\"postgres\"]}";
    static const char bad[] = "{\"probe-starttls\":[\"gopher\"]}";
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(check_starttls("{}", ACMECORE_INSTALLER, &err));
    AC_REQUIRE_OK(check_starttls(good, ACMECORE_INSTALLER, &err));
    AC_REQUIRE_OK(check_starttls(bad, ACMECORE_SOLVER, &err));
    AC_REQUIRE_CODE(check_starttls(bad, ACMECORE_INSTALLER, &err), AC_E_USAGE);

    CU_ASSERT_EQUAL(strncmp(err.detail, "option probe-starttls: \"gopher\": ", 33), 0);
}

AC_SUITE("pluginhost/session_install", AC_CASE(each_certificate_has_its_result),
         AC_CASE(what_is_no_result_is_refused),
         AC_CASE(only_an_open_installer_installs),
         AC_CASE(every_installer_has_the_options_of_the_proof),
         AC_CASE(protocol_in_which_no_tls_is_begun_is_told_at_the_opening))
