/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/configuration.h"

#include "command_line.h"
#include "fake_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The machine's own configuration and store are none of this test's business. */
static int trouble_of_default; /* errno; 0: there is none */

int access(const char *name, int type)
{
    if (strcmp(name, AC_CONFIG_DEFAULT_PATH) == 0) {
        errno = trouble_of_default ? trouble_of_default : ENOENT;
        return -1;
    }
    return faccessat(AT_FDCWD, name, type, 0);
}

static bool is_somebody; /* not root: the store is where the environment says */

uid_t geteuid(void)
{
    return is_somebody && getuid() == 0 ? 1 : getuid();
}

struct world {
    struct ac_options options;
    struct ac_context context;
};

static void world_drop(struct world *world)
{
    ac_context_done(&world->context);
    ac_options_done(&world->options);
}

/* A context over this configuration. */
static enum ac_code begin(struct world *world, const char *text,
                          const char *const *words, struct ac_error *err)
{
    const char *path = ac_test_path("acmecore.conf");

    if (!ac_test_write_file(path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    AC_TRY(parse(&world->options, words, err));
    AC_TRY(ac_memory_copy_text(path, &world->options.config_file, err));
    return ac_context_init(&world->context, &world->options, err);
}

static enum ac_code begin_run(struct world *world, const char *text,
                              const char *const *words, struct ac_error *err)
{
    fake_reset();
    AC_TRY(begin(world, text, words, err));
    return ac_context_run(&world->context, err);
}

#define CORP "ca corp { directory = https://corp.test/d ca-file = /etc/corp.pem }\n"

AC_TEST(first_ca_for_all_is_asked_when_none_is_given)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(begin_run(&world, "ca = {corp, letsencrypt}\n" CORP,
                            IN_STATE("account", "show"), &err));

    CU_ASSERT_STRING_EQUAL(fake.settings.place.directory_url, "https://corp.test/d");
    CU_ASSERT_STRING_EQUAL(fake.settings.place.ca_file, "/etc/corp.pem");
}

AC_TEST(there_is_one_run_however_often_it_is_needed)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(begin_run(&world, CORP, IN_STATE("account", "show"), &err));
    const struct ac_run *run = world.context.run;
    fake.settings.deadline_ms = -1;
    AC_REQUIRE_OK(ac_context_run(&world.context, &err));

    CU_ASSERT_PTR_EQUAL(world.context.run, run);
    CU_ASSERT_EQUAL(fake.settings.deadline_ms, -1);
}

AC_TEST(server_may_be_the_name_of_a_section)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(
        begin_run(&world, CORP,
                  IN_STATE("directory", "--server", "corp", "--ca-file", "/x"), &err));

    CU_ASSERT_STRING_EQUAL(fake.settings.place.directory_url, "https://corp.test/d");
    CU_ASSERT_STRING_EQUAL(fake.settings.place.ca_file, "/x");
}

AC_TEST(account_is_made_as_the_configuration_says_unless_options_do)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    AC_AUTO(world) other = { 0 };
    char text[1024];

    AC_REQUIRE(ac_test_write_file(ac_test_path("mac"), "AQID", 4));
    (void)snprintf(text, sizeof text,
                   "contact = {a@a.test, b@a.test}\nagree-tos = yes\n"
                   "ca corp { directory = https://corp.test/d eab-kid = kid1\n"
                   "eab-hmac-key = \"%s\" eab-hmac-alg = HS384 }",
                   ac_test_path("mac"));
    AC_REQUIRE_OK(begin_run(&world, text,
                            IN_STATE("account", "register", "--server", "corp"), &err));

    const struct ac_registration_settings *settings = &fake.settings.registration;
    AC_REQUIRE(world.context.contacts.count == 2);
    CU_ASSERT_STRING_EQUAL(world.context.contacts.items[0], "mailto:a@a.test");
    CU_ASSERT_TRUE(settings->agrees_to_terms);
    CU_ASSERT_STRING_EQUAL(settings->eab_kid, "kid1");
    CU_ASSERT_EQUAL(settings->eab_algorithm, AC_HMAC_SHA384);
    CU_ASSERT_EQUAL(world.context.eab_key.size, 3);
    AC_REQUIRE_OK(begin_run(
        &other, text, IN_STATE("account", "register", "--contact", "c@a.test"), &err));
    AC_REQUIRE(other.context.contacts.count == 1);
    CU_ASSERT_STRING_EQUAL(other.context.contacts.items[0], "mailto:c@a.test");
    CU_ASSERT_PTR_NULL(fake.settings.registration.eab_kid);
}

AC_TEST(binding_that_is_gone_ends_no_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(begin_run(&world,
                            "ca = corp\n"
                            "ca corp { directory = https://corp.test/d eab-kid = kid1\n"
                            "eab-hmac-key = env:AC_TEST_THAT_NOBODY_SETS }",
                            IN_STATE("renew"), &err));

    const struct ac_registration_settings *settings = &fake.settings.registration;
    CU_ASSERT_STRING_EQUAL(settings->eab_kid, "kid1");
    CU_ASSERT_PTR_NULL(settings->eab_key);
    AC_REQUIRE(settings->trouble);
    CU_ASSERT_EQUAL(settings->trouble->code, AC_E_USAGE);
    CU_ASSERT_TRUE(
        ac_capture_has(settings->trouble->detail, "AC_TEST_THAT_NOBODY_SETS"));
}

AC_TEST(contact_that_is_none_ends_no_renewal)
{
    static const char text[] = "contact = {a@a.test, \"ops at a.test\"}\n";
    struct ac_error err = { 0 };
    AC_AUTO(world) renewal = { 0 };
    AC_AUTO(world) other = { 0 };

    AC_REQUIRE_OK(begin_run(&renewal, text, IN_STATE("renew"), &err));
    AC_REQUIRE(fake.settings.registration.trouble);
    CU_ASSERT_TRUE(ac_capture_has(fake.settings.registration.trouble->detail,
                                  "contact \"ops at a.test\""));
    AC_REQUIRE_CODE(begin_run(&other, text, IN_STATE("account", "register"), &err),
                    AC_E_USAGE);
}

AC_TEST(ca_for_all_that_cannot_be_asked_ends_no_renewal)
{
    static const char text[] = "ca = lab ca lab { directory = http://lab.test/d }";
    struct ac_error err = { 0 };
    AC_AUTO(world) renewal = { 0 };
    AC_AUTO(world) other = { 0 };

    AC_REQUIRE_OK(begin_run(&renewal, text, IN_STATE("renew"), &err));
    AC_REQUIRE_CODE(begin_run(&other, text, IN_STATE("account", "show"), &err),
                    AC_E_USAGE);
}

/* What is noted of a certificate is the path of its configuration. */
static const char *path_of(const struct world *world)
{
    const struct ac_config *config = world->context.config;

    return config ? ac_configured_source(config).path : "";
}

AC_TEST(configuration_is_known_by_one_path_however_it_was_given)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) plain = { 0 };
    AC_AUTO(world) dotted = { 0 };
    AC_AUTO_TEXT char *given = NULL;

    AC_REQUIRE(ac_test_write_file(ac_test_path("acmecore.conf"), CORP, strlen(CORP)));
    AC_REQUIRE_OK(
        ac_memory_format(&given, &err, "%s/./x/..//acmecore.conf", ac_test_folder()));
    AC_REQUIRE(mkdir(ac_test_path("x"), 0700) == 0 || errno == EEXIST);
    AC_REQUIRE_OK(begin(&plain, CORP, IN_STATE("list"), &err));
    AC_REQUIRE_OK(parse(&dotted.options, IN_STATE("list", "--config", given), &err));
    AC_REQUIRE_OK(ac_context_init(&dotted.context, &dotted.options, &err));

    CU_ASSERT_STRING_EQUAL(path_of(&dotted), path_of(&plain));
    CU_ASSERT_STRING_EQUAL(path_of(&plain), ac_test_path("acmecore.conf"));
}

AC_TEST(link_may_lead_the_folder_above_elsewhere)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    AC_AUTO_TEXT char *given = NULL;

    AC_REQUIRE(mkdir(ac_test_path("far"), 0700) == 0 || errno == EEXIST);
    AC_REQUIRE(mkdir(ac_test_path("far/below"), 0700) == 0 || errno == EEXIST);
    AC_REQUIRE(symlink("far/below", ac_test_path("link")) == 0 || errno == EEXIST);
    AC_REQUIRE(ac_test_write_file(ac_test_path("far/its.conf"), CORP, strlen(CORP)));
    AC_REQUIRE_OK(
        ac_memory_format(&given, &err, "%s/link/../its.conf", ac_test_folder()));
    AC_REQUIRE_OK(parse(&world.options, IN_STATE("list", "--config", given), &err));
    AC_REQUIRE_OK(ac_context_init(&world.context, &world.options, &err));

    CU_ASSERT_STRING_EQUAL(path_of(&world), given);
}

AC_TEST(state_and_plugins_are_where_the_configuration_says)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    char text[1024];

    (void)snprintf(text, sizeof text, "state-dir = \"%s\"\nplugin-dir = \"%s\"\n",
                   ac_test_path("kept"), ac_test_folder());
    AC_REQUIRE_OK(begin(&world, text, WORDS("list"), &err));

    CU_ASSERT_STRING_EQUAL(ac_store_folder(world.context.store), ac_test_path("kept"));
    CU_ASSERT_STRING_EQUAL(world.context.plugin_folders.items[0], ac_test_folder());
}

AC_TEST(command_that_acts_ends_at_the_first_fault)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_CODE(begin(&world, "agree-tos = perhaps\ncolour = x\n",
                          IN_STATE("-d", "a.test"), &err),
                    AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(err.detail,
                                  "agree-tos is true or false, not \"perhaps\" (and 1 "
                                  "more; acmecore config check tells all)"));
}

AC_TEST(command_that_looks_goes_on)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(begin(&world, "agree-tos = perhaps\n", IN_STATE("list"), &err));
    CU_ASSERT_EQUAL(world.context.faults.count, 1);
}

#define TWO_CERTIFICATES                                                               \
    "solvers = web solver web { plugin = web }\n"                                      \
    "certificate a { identifiers = a.test }\ncertificate b { identifiers = b.test }\n"

AC_TEST(renewal_goes_on_and_takes_nothing_from_what_is_wrong)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) wrong = { 0 };
    AC_AUTO(world) right = { 0 };
    AC_AUTO(world) looking = { 0 };

    AC_REQUIRE_OK(
        begin(&wrong, TWO_CERTIFICATES "colour = x\n", IN_STATE("renew"), &err));
    CU_ASSERT_TRUE(wrong.context.is_misconfigured);
    CU_ASSERT_EQUAL(ac_configuration_source(&wrong.context).count, 0);
    CU_ASSERT_PTR_NULL(ac_configuration_source(&wrong.context).path);
    AC_REQUIRE_OK(begin(&right, TWO_CERTIFICATES, IN_STATE("renew"), &err));
    CU_ASSERT_FALSE(right.context.is_misconfigured);
    CU_ASSERT_EQUAL(ac_configuration_source(&right.context).count, 2);
    AC_REQUIRE_OK(
        begin(&looking, TWO_CERTIFICATES "colour = x\n", IN_STATE("list"), &err));
    CU_ASSERT_EQUAL(ac_configuration_source(&looking.context).count, 2);
}

AC_TEST(renewal_does_not_begin_in_a_store_that_may_not_be_meant)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) lost = { 0 };
    AC_AUTO(world) wrong = { 0 };
    AC_AUTO(world) said = { 0 };
    char text[1024];

    AC_REQUIRE(setenv("XDG_STATE_HOME", ac_test_path("home"), 1) == 0);
    (void)snprintf(text, sizeof text, "colour = x\nstate-dir = \"%s\"\n",
                   ac_test_path("kept"));
    is_somebody = true;
    enum ac_code code = begin(&lost, "stat-dir = /srv/acme\n", WORDS("renew"), &err);
    struct ac_error why = { 0 };
    enum ac_code half = begin(&wrong, "state-dir = srv/acme\n", WORDS("renew"), &why);
    is_somebody = false;
    AC_REQUIRE_CODE(code, AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(err.detail, "home/acmecore there is no certificate"));
    AC_REQUIRE_CODE(half, AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(why.detail, "home/acmecore there is no certificate"));
    AC_REQUIRE_OK(begin(&said, text, WORDS("renew"), &err));

    CU_ASSERT_TRUE(said.context.is_misconfigured);
}

AC_TEST(certificate_whose_state_is_lost_may_be_meant)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    char kept[512];

    AC_REQUIRE(!ac_check_is_torture());
    (void)snprintf(kept, sizeof kept, "%s", ac_test_path("home/acmecore"));
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(mkdir(ac_test_path("home"), 0700) == 0);
    AC_REQUIRE(rename(ac_test_path("state"), kept) == 0);
    AC_REQUIRE(setenv("XDG_STATE_HOME", ac_test_path("home"), 1) == 0);
    is_somebody = true;
    AC_REQUIRE(chown(kept, geteuid(), (gid_t)-1) == 0);
    enum ac_code code = begin(&world, "colour = x\n", WORDS("renew"), &err);
    is_somebody = false;

    AC_REQUIRE_OK(code);
    CU_ASSERT_TRUE(world.context.is_misconfigured);
}

AC_TEST(default_file_that_cannot_be_read_is_not_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) none = { 0 };
    AC_AUTO(world) acting = { 0 };
    AC_AUTO(world) looking = { 0 };

    AC_REQUIRE_OK(parse(&none.options, IN_STATE("renew"), &err));
    AC_REQUIRE_OK(parse(&acting.options, IN_STATE("renew"), &err));
    AC_REQUIRE_OK(parse(&looking.options, IN_STATE("list"), &err));
    trouble_of_default = ENOTDIR;
    AC_REQUIRE_OK(ac_context_init(&none.context, &none.options, &err));
    trouble_of_default = EACCES;
    enum ac_code code = ac_context_init(&acting.context, &acting.options, &err);
    enum ac_code look = ac_context_init(&looking.context, &looking.options, &err);
    trouble_of_default = 0;

    AC_REQUIRE_CODE(code, AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(err.detail, AC_CONFIG_DEFAULT_PATH));
    AC_REQUIRE_OK(look);
    CU_ASSERT_PTR_NULL(none.context.config);
}

AC_TEST(file_that_others_can_change_is_not_used)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    const char *path = ac_test_path("acmecore.conf");

    AC_REQUIRE(ac_test_write_file(path, "", 0) && chmod(path, 0666) == 0);
    AC_REQUIRE_OK(parse(&world.options, IN_STATE("list", "--config", path), &err));
    AC_REQUIRE_CODE(ac_context_init(&world.context, &world.options, &err), AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(err.detail, path));
}

AC_SUITE("cli/configuration", AC_CASE(first_ca_for_all_is_asked_when_none_is_given),
         AC_CASE(there_is_one_run_however_often_it_is_needed),
         AC_CASE(server_may_be_the_name_of_a_section),
         AC_CASE(account_is_made_as_the_configuration_says_unless_options_do),
         AC_CASE(binding_that_is_gone_ends_no_run),
         AC_CASE(contact_that_is_none_ends_no_renewal),
         AC_CASE(ca_for_all_that_cannot_be_asked_ends_no_renewal),
         AC_CASE(configuration_is_known_by_one_path_however_it_was_given),
         AC_CASE(link_may_lead_the_folder_above_elsewhere),
         AC_CASE(state_and_plugins_are_where_the_configuration_says),
         AC_CASE(command_that_acts_ends_at_the_first_fault),
         AC_CASE(command_that_looks_goes_on),
         AC_CASE(renewal_goes_on_and_takes_nothing_from_what_is_wrong),
         AC_CASE(renewal_does_not_begin_in_a_store_that_may_not_be_meant),
         AC_CASE(certificate_whose_state_is_lost_may_be_meant),
         AC_CASE(default_file_that_cannot_be_read_is_not_none),
         AC_CASE(file_that_others_can_change_is_not_used))
