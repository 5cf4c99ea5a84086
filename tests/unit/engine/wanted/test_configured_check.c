/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/configured_check.h"

#include "acmecore/plugin.h"
#include "check.h"
#include "engine/run/run_try.h"

#include <stdlib.h>
#include <string.h>

struct ac_run {
    struct ac_descriptor web, dns, apache;
};

static struct ac_option options[] = {
    { .name = (char *)"port",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 65535,
      .fallback = (char *)"80",
      .help = (char *)"where to listen" },
    { .name = (char *)"key",
      .type = ACMECORE_OPTION_SECRET,
      .help = (char *)"a secret" },
    { .name = (char *)"path",
      .type = ACMECORE_OPTION_PATH,
      .flags = ACMECORE_REQUIRED,
      .help = (char *)"where it is" },
};

/* In the place of engine/run: three plugins are there. */
enum ac_code ac_run_describe(struct ac_run *run, const char *plugin,
                             const struct ac_descriptor **ret_descriptor,
                             struct ac_error *err)
{
    *ret_descriptor = strcmp(plugin, "web") == 0      ? &run->web
                      : strcmp(plugin, "dns") == 0    ? &run->dns
                      : strcmp(plugin, "apache") == 0 ? &run->apache
                                                      : NULL;
    return *ret_descriptor ? AC_OK
                           : ac_fail(err, AC_E_USAGE, "there is no plugin %s", plugin);
}

/* One whose name begins with "bad" does not open. */
static enum ac_code try_spec(const struct ac_solver_spec *spec, struct ac_error *err)
{
    if (strncmp(spec->name, "bad", 3) != 0)
        return AC_OK;
    if (spec->section.count == 0)
        return ac_fail(err, AC_E_USAGE, "plugin %s has nothing", spec->plugin);
    return ac_fail(err, AC_E_USAGE, "%s: it is no good", spec->section.items[0].origin);
}

enum ac_code ac_run_try_installer(struct ac_run *run, const struct ac_solver_spec *spec,
                                  struct ac_error *err)
{
    (void)run;
    if (strcmp(spec->name, "ill") == 0)
        return ac_fail(err, AC_E_PLUGIN, "it is ill today");
    return try_spec(spec, err);
}

enum ac_code ac_run_try_solver(struct ac_run *run, const struct ac_solver_spec *spec,
                               struct ac_error *err)
{
    (void)run;
    return try_spec(spec, err);
}

static char *http_types[] = { (char *)"http-01", NULL };
static char *dns_types[] = { (char *)"dns-01", NULL };

static enum ac_code check(const char *text, struct ac_faults *faults,
                          struct ac_error *err)
{
    struct ac_run run = {
        .web = { .name = (char *)"web",
                 .kind = ACMECORE_SOLVER,
                 .types = { http_types, 1, 2 },
                 .options = options,
                 .option_count = AC_COUNT(options) },
        .dns = { .name = (char *)"dns",
                 .kind = ACMECORE_SOLVER,
                 .types = { dns_types, 1, 2 } },
        .apache = { .name = (char *)"apache", .kind = ACMECORE_INSTALLER },
    };
    const char *path = ac_test_path("acmecore.conf");
    AC_AUTO(ac_config) *config = NULL;

    if (!ac_test_write_file(path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    AC_TRY(ac_configured_load(path, faults, &config, err));
    return ac_configured_check(&run, config, faults, err);
}

static bool has_fault(const char *text, unsigned line, const char *message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    return check(text, &faults, &err) == AC_OK && faults.count == 1
           && faults.items[0].line == line
           && strcmp(faults.items[0].message, message) == 0;
}

AC_TEST(nothing_is_wrong_with_what_fits)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    AC_REQUIRE_OK(check("solver w { plugin = web options { path = /srv port = 81 } }\n"
                        "solver d { plugin = dns }\ninstaller a { plugin = apache }\n"
                        "certificate c { identifiers = {a.test, \"*.b.test\"}\n"
                        "solvers = {w, \"*.b.test=d\"} installers = a }\n",
                        &faults, &err));

    CU_ASSERT_EQUAL(faults.count, 0);
}

AC_TEST(plugin_that_is_not_there_is_told_where_it_is_named)
{
    CU_ASSERT(has_fault("solver w {\n plugin = wbe }", 2, "there is no plugin wbe"));
}

AC_TEST(plugin_of_the_other_kind_is_told)
{
    CU_ASSERT(
        has_fault("solver w { plugin = apache }", 1, "the plugin apache is no solver"));
    CU_ASSERT(
        has_fault("installer w { plugin = dns }", 1, "the plugin dns is no installer"));
}

AC_TEST(every_wrong_option_is_told_where_it_stands)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    AC_REQUIRE_OK(check("solver w { plugin = web options {\n port = 0\n prot = 1\n"
                        " port = 81\n key = secret } }",
                        &faults, &err));
    ac_faults_sort(&faults);

    AC_REQUIRE(faults.count == 5);
    CU_ASSERT_STRING_EQUAL(faults.items[0].message,
                           "plugin web needs the option \"path\" (where it is)");
    CU_ASSERT_EQUAL(faults.items[0].line, 1);
    CU_ASSERT_STRING_EQUAL(
        faults.items[1].message,
        "option \"port\" of web is \"0\", not a number from 1 to 65535");
    CU_ASSERT_EQUAL(faults.items[1].line, 2);
    CU_ASSERT_STRING_EQUAL(faults.items[2].message,
                           "option \"prot\" of web is unknown; did you mean \"port\"?");
    CU_ASSERT_STRING_EQUAL(faults.items[3].message,
                           "option \"port\" of web is given twice, and takes one "
                           "value");
    CU_ASSERT_EQUAL(faults.items[4].line, 5);
    CU_ASSERT_PTR_NULL(strstr(faults.items[4].message, "\"secret\""));
}

AC_TEST(plugin_that_does_not_open_is_told_where_its_setting_stands)
{
    CU_ASSERT(has_fault("solver bad { plugin = web options {\n path = /srv } }", 2,
                        "it is no good"));
    CU_ASSERT(has_fault("installer bad {\n plugin = apache }", 1,
                        "plugin apache has nothing"));
}

AC_TEST(plugin_that_is_ill_is_no_fault_of_the_configuration)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    AC_REQUIRE_OK(check("installer ill { plugin = apache }", &faults, &err));

    CU_ASSERT_EQUAL(faults.count, 0);
}

AC_TEST(name_that_no_solver_can_prove_is_told)
{
    CU_ASSERT(has_fault("solver w { plugin = web options { path = /srv } }\n"
                        "certificate c { solvers = w\n identifiers = \"*.a.test\" }",
                        3,
                        "no solver of certificate \"c\" can prove *.a.test: a wildcard "
                        "needs a dns-01 solver (dns01-rfc2136, dns01-exec)"));
}

AC_TEST(files_that_are_missing_are_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    AC_REQUIRE_OK(check("ca c { directory = https://c\n ca-file = /none/ca.pem\n"
                        " eab-kid = k eab-hmac-key = /none/mac }",
                        &faults, &err));

    AC_REQUIRE(faults.count == 2);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(faults.items[0].message, "ca-file: cannot read /none/ca.pem"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(faults.items[1].message, "eab-hmac-key: cannot read /none/mac"));
}

AC_TEST(contact_that_is_no_address_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    AC_REQUIRE_OK(check("contact = {a@b.test,\nnonsense}", &faults, &err));

    AC_REQUIRE(faults.count == 1);
    CU_ASSERT_EQUAL(faults.items[0].line, 2);
    CU_ASSERT_STRING_EQUAL(faults.items[0].message,
                           "contact \"nonsense\": this is no mail address");
}

AC_TEST(what_is_said_of_all_certificates_is_told_once)
{
    CU_ASSERT(has_fault("key-type = rsa-1\nsolvers = d\nsolver d { plugin = dns }\n"
                        "certificate a { identifiers = a.test }\n"
                        "certificate b { identifiers = b.test }",
                        1,
                        "key-type: key type \"rsa-1\" is none of: ecdsa-p256, "
                        "ecdsa-p384, ecdsa-p521, rsa-2048, rsa-3072, rsa-4096, "
                        "ed25519"));
}

AC_SUITE("engine/configured_check", AC_CASE(nothing_is_wrong_with_what_fits),
         AC_CASE(plugin_that_is_not_there_is_told_where_it_is_named),
         AC_CASE(plugin_of_the_other_kind_is_told),
         AC_CASE(every_wrong_option_is_told_where_it_stands),
         AC_CASE(plugin_that_does_not_open_is_told_where_its_setting_stands),
         AC_CASE(plugin_that_is_ill_is_no_fault_of_the_configuration),
         AC_CASE(name_that_no_solver_can_prove_is_told),
         AC_CASE(files_that_are_missing_are_told),
         AC_CASE(contact_that_is_no_address_is_told),
         AC_CASE(what_is_said_of_all_certificates_is_told_once))
