/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table, on real folders. */
#include <acmecore/plugin.h>

#include "fake_host.h"
#include "site.h"

#define FOLDER "www/.well-known/acme-challenge"

static const struct acmecore_challenge one = {
    .struct_size = sizeof(one),
    .type = "http-01",
    .identifier = "example.com",
    .token = "token-1",
    .key_authorization = "token-1.thumb",
};

static const struct acmecore_challenge two = {
    .struct_size = sizeof(two),
    .type = "http-01",
    .identifier = "www.example.com",
    .token = "token-2",
    .key_authorization = "token-2.thumb",
};

static const struct acmecore_challenge *const both[] = { &one, &two };

static struct acmecore_challenge with_token(const char *token)
{
    struct acmecore_challenge challenge = one;

    challenge.token = token;
    return challenge;
}

/* Opens the plugin with one web root; NULL when that fails. */
static void *start(struct fake_host *fake)
{
    void *self = NULL;

    if (!fake_host_start(fake, &acmecore_plugin))
        return NULL;
    fake_host_set(fake, "path", site_root());
    return acmecore_plugin.open(&fake->host, &self) == ACMECORE_OK ? self : NULL;
}

static int present(void *self, const struct acmecore_challenge *challenge)
{
    int result = ACMECORE_OK;

    (void)acmecore_plugin.ops.solver->present(self, &challenge, 1, &result);
    return result;
}

static int cleanup(void *self, const struct acmecore_challenge *challenge)
{
    int result = ACMECORE_OK;

    (void)acmecore_plugin.ops.solver->cleanup(self, &challenge, 1, &result);
    return result;
}

/* Opens with these two values of `path`, presents both, and gives the status. */
static int present_with(struct fake_host *fake, const char *first, const char *second)
{
    void *self = NULL;
    int results[2] = { ACMECORE_OK, ACMECORE_OK };
    int status = ACMECORE_E_INVALID;

    if (!fake_host_start(fake, &acmecore_plugin))
        return status;
    fake_host_set(fake, "path", first);
    fake_host_set(fake, "path", second);
    status = acmecore_plugin.open(&fake->host, &self);
    if (status != ACMECORE_OK)
        return status;
    status = acmecore_plugin.ops.solver->present(self, both, 2, results);
    acmecore_plugin.close(self);
    return status;
}

static int present_as_nobody(void)
{
    struct fake_host fake;
    void *self = NULL;

    (void)chmod(ac_test_folder(), 0711);
    self = start(&fake); /* with privileges, which it loses before it presents */
    if (!self || chown(fake.folder, NOBODY, NOBODY) != 0 || !site_become_nobody())
        return 1;
    if (present(self, &one) != ACMECORE_E_SYSTEM)
        return 2;
    if (!fake_host_failed_with(&fake, "/www/.well-known: permission denied for user id "
                                      "65534"))
        return 3;
    acmecore_plugin.close(self);
    return 0;
}

AC_TEST(batch_is_presented_and_cleaned_up)
{
    struct fake_host fake;
    void *self = start(&fake);
    int results[2] = { ACMECORE_OK, ACMECORE_OK };

    AC_REQUIRE(self != NULL);

    int presented = acmecore_plugin.ops.solver->present(self, both, 2, results);
    CU_ASSERT_EQUAL(presented, ACMECORE_OK);
    CU_ASSERT_TRUE(site_file_is(FOLDER "/token-1", "token-1.thumb"));
    CU_ASSERT_TRUE(site_file_is(FOLDER "/token-2", "token-2.thumb"));

    int cleaned = acmecore_plugin.ops.solver->cleanup(self, both, 2, results);
    CU_ASSERT_EQUAL(cleaned, ACMECORE_OK);
    CU_ASSERT_FALSE(site_exists("www/.well-known"));
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
    acmecore_plugin.close(self);
}

AC_TEST(empty_batch_is_success)
{
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);

    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->present(self, NULL, 0, NULL),
                    ACMECORE_OK);
    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->cleanup(self, NULL, 0, NULL),
                    ACMECORE_OK);
    acmecore_plugin.close(self);
}

AC_TEST(umask_does_not_hide_the_answer)
{
    mode_t before = umask(077);
    struct fake_host fake;
    void *self = start(&fake);
    int status = self ? present(self, &one) : -100;

    (void)umask(before);
    AC_REQUIRE(self != NULL);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_EQUAL(site_mode(FOLDER), 0755);
    CU_ASSERT_EQUAL(site_mode(FOLDER "/token-1"), 0644);
    acmecore_plugin.close(self);
}

AC_TEST(umask_does_not_open_the_answer)
{
    mode_t before = umask(0);
    struct fake_host fake;
    void *self = NULL;
    int status = -100;

    if (fake_host_start(&fake, &acmecore_plugin)) {
        fake_host_set(&fake, "path", site_root());
        fake_host_set(&fake, "mode", "0640");
        if (acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK)
            status = present(self, &one);
    }
    (void)umask(before);
    AC_REQUIRE(self != NULL);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_EQUAL(site_mode(FOLDER), 0755);
    CU_ASSERT_EQUAL(site_mode(FOLDER "/token-1"), 0640);
    acmecore_plugin.close(self);
}

AC_TEST(later_process_cleans_up_what_an_earlier_one_made)
{
    struct fake_host first, second;
    void *self = start(&first);

    AC_REQUIRE(self != NULL);
    CU_ASSERT_EQUAL(present(self, &one), ACMECORE_OK);
    acmecore_plugin.close(self);
    self = start(&second);
    AC_REQUIRE(self != NULL);

    CU_ASSERT_EQUAL(cleanup(self, &one), ACMECORE_OK);
    CU_ASSERT_FALSE(site_exists("www/.well-known"));
    CU_ASSERT_EQUAL(rmdir(second.folder), 0);
    acmecore_plugin.close(self);
}

AC_TEST(cleanup_of_what_never_was_changes_nothing)
{
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);

    CU_ASSERT_EQUAL(cleanup(self, &one), ACMECORE_OK);
    CU_ASSERT_EQUAL(cleanup(self, &one), ACMECORE_OK);
    CU_ASSERT_EQUAL(rmdir(ac_test_path("www")), 0);
    acmecore_plugin.close(self);
}

AC_TEST(last_cleanup_removes_the_folders_not_the_first)
{
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);
    CU_ASSERT_EQUAL(present(self, &one), ACMECORE_OK);
    CU_ASSERT_EQUAL(present(self, &two), ACMECORE_OK);

    CU_ASSERT_EQUAL(cleanup(self, &one), ACMECORE_OK);
    CU_ASSERT_TRUE(site_file_is(FOLDER "/token-2", "token-2.thumb"));
    CU_ASSERT_EQUAL(cleanup(self, &two), ACMECORE_OK);
    CU_ASSERT_FALSE(site_exists("www/.well-known"));
    acmecore_plugin.close(self);
}

AC_TEST(hostile_token_is_refused_and_touches_nothing)
{
    static char huge[10 * 1024 + 1];
    const char *const tokens[] = { "../../x", "..",   ".",          "/etc/passwd",
                                   "",        "%2e",  "a/b",        "x\n",
                                   "a b",     "a\\b", "\xc3\xa9té", huge };
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);
    memset(huge, 'a', sizeof(huge) - 1);

    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        struct acmecore_challenge challenge = with_token(tokens[i]);

        CU_ASSERT_EQUAL(present(self, &challenge), ACMECORE_E_INVALID);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "the token for example.com"));
        CU_ASSERT_EQUAL(cleanup(self, &challenge), ACMECORE_OK);
    }
    CU_ASSERT_EQUAL(rmdir(ac_test_path("www")), 0);
    acmecore_plugin.close(self);
}

AC_TEST(key_authorization_without_end_is_refused)
{
    static char huge[4096];
    struct acmecore_challenge challenge = one;
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);
    memset(huge, 'a', sizeof(huge) - 1);

    challenge.key_authorization = huge;
    CU_ASSERT_EQUAL(present(self, &challenge), ACMECORE_E_INVALID);
    challenge.key_authorization = "";
    CU_ASSERT_EQUAL(present(self, &challenge), ACMECORE_E_INVALID);
    acmecore_plugin.close(self);
}

AC_TEST(bad_challenge_fails_alone)
{
    struct acmecore_challenge bad = with_token("../x");
    const struct acmecore_challenge *const batch[] = { &one, &bad, &two };
    int results[3] = { ACMECORE_OK, ACMECORE_OK, ACMECORE_OK };
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);

    int status = acmecore_plugin.ops.solver->present(self, batch, 3, results);

    CU_ASSERT_EQUAL(status, ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[2], ACMECORE_OK);
    CU_ASSERT_TRUE(site_exists(FOLDER "/token-2"));
    acmecore_plugin.close(self);
}

AC_TEST(spent_time_ends_the_batch)
{
    int results[2] = { ACMECORE_OK, ACMECORE_OK };
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);
    fake.ctx.remaining_calls = 1;

    int status = acmecore_plugin.ops.solver->present(self, both, 2, results);

    CU_ASSERT_EQUAL(status, ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "www.example.com"));
    CU_ASSERT_FALSE(site_exists(FOLDER "/token-2"));
    acmecore_plugin.close(self);
}

AC_TEST(link_out_of_the_root_gets_nothing)
{
    static const struct {
        const char *target, *name;
    } links[] = {
        { "../elsewhere", "www/.well-known" },
        { "../../elsewhere", FOLDER },
        { "../../../elsewhere/file", FOLDER "/token-1" },
    };

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        struct fake_host fake;
        void *self = start(&fake);

        AC_REQUIRE(self != NULL);
        (void)mkdir(ac_test_path("elsewhere"), 0755);
        if (i > 0)
            (void)mkdir(ac_test_path("www/.well-known"), 0755);
        if (i > 1)
            (void)mkdir(ac_test_path(FOLDER), 0755);
        CU_ASSERT_EQUAL(symlink(links[i].target, ac_test_path(links[i].name)), 0);

        CU_ASSERT_NOT_EQUAL(present(self, &one), ACMECORE_OK);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "symbolic link"));
        CU_ASSERT_EQUAL(cleanup(self, &one), ACMECORE_OK);
        CU_ASSERT_EQUAL(rmdir(ac_test_path("elsewhere")), 0);
        CU_ASSERT_EQUAL(unlink(ac_test_path(links[i].name)), 0);
        acmecore_plugin.close(self);
    }
}

AC_TEST(root_may_be_reached_through_a_link)
{
    struct fake_host fake;
    const char *link = ac_test_path("current");
    void *self = NULL;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    AC_REQUIRE(symlink(site_root(), link) == 0);
    fake_host_set(&fake, "path", link);
    AC_REQUIRE(acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK);

    CU_ASSERT_EQUAL(present(self, &one), ACMECORE_OK);
    CU_ASSERT_TRUE(site_exists(FOLDER "/token-1"));
    acmecore_plugin.close(self);
}

AC_TEST(each_name_goes_to_its_own_root)
{
    struct fake_host fake;
    char named[PATH_MAX];
    const char *other = ac_test_path("other");

    AC_REQUIRE(mkdir(other, 0755) == 0);
    (void)snprintf(named, sizeof(named), "*.example.com=%s", other);
    AC_REQUIRE(present_with(&fake, site_root(), named) == ACMECORE_OK);

    CU_ASSERT_TRUE(site_exists(FOLDER "/token-1"));
    CU_ASSERT_FALSE(site_exists(FOLDER "/token-2"));
    CU_ASSERT_TRUE(
        site_file_is("other/.well-known/acme-challenge/token-2", "token-2.thumb"));
}

AC_TEST(name_without_a_root_is_told)
{
    struct fake_host fake;
    char named[PATH_MAX], foreign[PATH_MAX];

    (void)snprintf(named, sizeof(named), "example.com=%s", site_root());
    (void)snprintf(foreign, sizeof(foreign), "example.org=%s", site_root());

    CU_ASSERT_EQUAL(present_with(&fake, named, foreign), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "no web root for www.example.com"));
}

AC_TEST(two_roots_for_one_name_are_refused)
{
    struct fake_host fake;

    CU_ASSERT_EQUAL(present_with(&fake, site_root(), site_root()), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "another web root is given"));
}

AC_TEST(wrong_path_is_found_at_open)
{
    static const char *const values[] = { "www", "/nowhere/www", "a..b=/" };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct fake_host fake;
        void *self = NULL;

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, "path", values[i]);
        CU_ASSERT_EQUAL(acmecore_plugin.open(&fake.host, &self), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, values[i]));
        CU_ASSERT_PTR_NULL(self);
    }
}

AC_TEST(root_that_vanished_later_is_named)
{
    struct fake_host fake;
    void *self = start(&fake);

    AC_REQUIRE(self != NULL);
    CU_ASSERT_EQUAL(rmdir(ac_test_path("www")), 0);

    CU_ASSERT_EQUAL(present(self, &one), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "/www: it does not exist"));
    CU_ASSERT_EQUAL(cleanup(self, &one), ACMECORE_OK);
    acmecore_plugin.close(self);
}

AC_TEST(root_that_we_may_not_write_names_the_user)
{
    CU_ASSERT_EQUAL(geteuid() == 0 ? site_in_child(present_as_nobody) : 0, 0);
}

AC_TEST(no_descriptor_stays_open)
{
    struct fake_host fake;
    int before = dup(0);
    void *self = start(&fake);
    int after = -1;

    (void)close(before);
    AC_REQUIRE(self != NULL);
    (void)present(self, &one);
    (void)present(self, &one);
    (void)cleanup(self, &one);
    acmecore_plugin.close(self);

    after = dup(0);
    CU_ASSERT_EQUAL(after, before);
    (void)close(after);
}

AC_SUITE("http01-webroot/webroot", AC_CASE(batch_is_presented_and_cleaned_up),
         AC_CASE(empty_batch_is_success), AC_CASE(umask_does_not_hide_the_answer),
         AC_CASE(umask_does_not_open_the_answer),
         AC_CASE(later_process_cleans_up_what_an_earlier_one_made),
         AC_CASE(cleanup_of_what_never_was_changes_nothing),
         AC_CASE(last_cleanup_removes_the_folders_not_the_first),
         AC_CASE(hostile_token_is_refused_and_touches_nothing),
         AC_CASE(key_authorization_without_end_is_refused),
         AC_CASE(bad_challenge_fails_alone), AC_CASE(spent_time_ends_the_batch),
         AC_CASE(link_out_of_the_root_gets_nothing),
         AC_CASE(root_may_be_reached_through_a_link),
         AC_CASE(each_name_goes_to_its_own_root), AC_CASE(name_without_a_root_is_told),
         AC_CASE(two_roots_for_one_name_are_refused),
         AC_CASE(wrong_path_is_found_at_open),
         AC_CASE(root_that_vanished_later_is_named),
         AC_CASE(root_that_we_may_not_write_names_the_user),
         AC_CASE(no_descriptor_stays_open))
