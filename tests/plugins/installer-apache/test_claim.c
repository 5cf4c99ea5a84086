/* SPDX-License-Identifier: Apache-2.0 */
#include "claim.h"

#include "scene.h"

/* a.test with TLS, b.test without, and a host with both for c.test. */
static const char config[] =
    "<VirtualHost *:443>\nServerName a.test\nServerAlias www.a.test\n"
    "SSLCertificateFile /certs/old.pem\n</VirtualHost>\n"
    "<VirtualHost *:80>\nServerName b.test\n</VirtualHost>\n"
    "<VirtualHost *:80>\nServerName c.test\n</VirtualHost>\n"
    "<VirtualHost *:443>\nServerName c.test\n</VirtualHost>\n";
static const char said[] = "VirtualHost configuration:\n"
                           "*:443  a.test (@:1)\n*:80  b.test (@:6)\n"
                           "*:80  c.test (@:9)\n*:443  c.test (@:12)\n"
                           "*:80  m.test (macro 'x':1)\n"
                           "ServerRoot: \"~\"\n";

#define MAX 3

struct batch {
    struct apache_batch it;
    struct acmecore_certificate certificates[MAX];
    const struct acmecore_certificate *pointers[MAX];
    int results[MAX];
    struct apache_record record;
};

static void add(struct batch *batch, const char *path, const char *const *names)
{
    size_t index = batch->it.count++;

    batch->certificates[index] = scene_certificate;
    batch->certificates[index].fullchain_path = path;
    batch->certificates[index].identifiers = names;
    batch->pointers[index] = &batch->certificates[index];
}

static bool start_with(struct batch *batch, struct scene *scene, const char *text,
                       const char *dump)
{
    *batch = (struct batch){ 0 };
    batch->it = (struct apache_batch){
        .host = &scene->fake.host,
        .dump = &scene->dump,
        .record = &batch->record,
        .sites = &scene->sites,
        .certificates = batch->pointers,
        .results = batch->results,
        .can_create = true,
    };
    return scene_load(scene, text, dump);
}

static bool start(struct batch *batch, struct scene *scene)
{
    return start_with(batch, scene, config, said);
}

static size_t owner(const struct scene *scene, size_t site)
{
    return scene->sites.items[site].claim.certificate;
}

AC_TEST(a_name_goes_where_it_is_served_and_beside_where_it_is_not_over_tls)
{
    SCENE_AUTO scene;
    struct batch batch;

    AC_REQUIRE(start(&batch, &scene));
    add(&batch, "/one", (const char *const[]){ "a.test", "b.test", "c.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(batch.results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(owner(&scene, 0), 1);
    CU_ASSERT_EQUAL(owner(&scene, 1), 1);
    CU_ASSERT_EQUAL(owner(&scene, 2), 0);
    CU_ASSERT_EQUAL(owner(&scene, 3), 1);
}

/* The alias of the first, which has no TLS, covers the name of the one behind it. */
static const char covering[] =
    "<VirtualHost *:80>\nServerName a.test\nServerAlias *.a.test\n</VirtualHost>\n"
    "<VirtualHost *:443>\nServerName x.y.a.test\n</VirtualHost>\n"
    "<VirtualHost *:80>\nServerName z.test\nServerAlias *.a.test\n</VirtualHost>\n";
static const char covering_said[] =
    "VirtualHost configuration:\n*:80  a.test (@:1)\n*:443  x.y.a.test (@:5)\n"
    "*:80  z.test (@:8)\nServerRoot: \"~\"\n";

AC_TEST(a_copy_that_would_hide_another_is_not_made)
{
    SCENE_AUTO scene;
    struct batch batch;

    AC_REQUIRE(start_with(&batch, &scene, covering, covering_said));
    add(&batch, "/one",
        (const char *const[]){ "a.test", "x.y.a.test", "z.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(owner(&scene, 0), 0);
    CU_ASSERT_EQUAL(owner(&scene, 1), 1);
    CU_ASSERT_EQUAL(owner(&scene, 2), 1);
    CU_ASSERT_TRUE(fake_host_logged(&scene.fake, "would take the visitors"));
}

AC_TEST(names_that_are_not_served_are_told)
{
    SCENE_AUTO scene;
    struct batch batch;

    AC_REQUIRE(start(&batch, &scene));
    add(&batch, "/one", (const char *const[]){ "a.test", "x.test", "m.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(batch.results[0], ACMECORE_OK);
    CU_ASSERT_TRUE(fake_host_logged(&scene.fake,
                                    "WARN certificate www is not served for x.test: no "
                                    "virtual host has this name; m.test: a macro"));
}

AC_TEST(a_certificate_that_is_served_nowhere_fails_alone)
{
    SCENE_AUTO scene;
    struct batch batch;

    AC_REQUIRE(start(&batch, &scene));
    batch.it.can_create = false;
    add(&batch, "/one", (const char *const[]){ "a.test", NULL });
    add(&batch, "/two", (const char *const[]){ "b.test", "x.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(batch.results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(batch.results[1], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(owner(&scene, 1), 0);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "create-hosts is \"no\""));
}

AC_TEST(of_two_for_one_host_the_server_name_wins_and_the_other_is_told)
{
    SCENE_AUTO scene;
    struct batch batch;

    AC_REQUIRE(start(&batch, &scene));
    add(&batch, "/alias", (const char *const[]){ "www.a.test", "c.test", NULL });
    add(&batch, "/name", (const char *const[]){ "a.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(owner(&scene, 0), 2);
    CU_ASSERT_EQUAL(owner(&scene, 3), 1);
    CU_ASSERT_EQUAL(batch.results[0], ACMECORE_OK);
    CU_ASSERT_TRUE(
        fake_host_logged(&scene.fake, "www.a.test: its virtual host has another"));
}

AC_TEST(the_one_in_place_stays)
{
    SCENE_AUTO scene;
    struct batch batch;

    AC_REQUIRE(start(&batch, &scene));
    add(&batch, "/name", (const char *const[]){ "a.test", NULL });
    add(&batch, "/certs/old.pem", (const char *const[]){ "www.a.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(owner(&scene, 0), 2);
    CU_ASSERT_EQUAL(batch.results[0], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(batch.results[1], ACMECORE_OK);
}

AC_TEST(one_in_place_that_is_not_in_the_batch_stays_too)
{
    SCENE_AUTO scene;
    struct batch batch;
    char *names[] = { (char[]){ "www.a.test" } };
    struct apache_holder holder = { .path = (char[]){ "/dev/null" },
                                    .identifiers = { names, 1, 1 } };

    AC_REQUIRE(start(&batch, &scene));
    /* Its file must be there. */
    free(scene.sites.items[0].section.directives[2].arguments[0].text);
    scene.sites.items[0].section.directives[2].arguments[0].text = strdup("/dev/null");
    AC_REQUIRE(scene.sites.items[0].section.directives[2].arguments[0].text != NULL);
    batch.record = (struct apache_record){ &holder, 1, 1 };
    add(&batch, "/name", (const char *const[]){ "a.test", "c.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(owner(&scene, 0), 0);
    CU_ASSERT_EQUAL(owner(&scene, 3), 1);
    CU_ASSERT_TRUE(
        fake_host_logged(&scene.fake, "a.test: its virtual host has another"));
}

AC_TEST(a_wildcard_leaves_hosts_to_certificates_of_their_own)
{
    SCENE_AUTO scene;
    struct batch batch;

    AC_REQUIRE(start(&batch, &scene));
    add(&batch, "/wild", (const char *const[]){ "*.test", NULL });
    add(&batch, "/own", (const char *const[]){ "a.test", NULL });
    AC_REQUIRE(apache_claim_all(&batch.it) == ACMECORE_OK);

    CU_ASSERT_EQUAL(owner(&scene, 0), 2);
    CU_ASSERT_EQUAL(owner(&scene, 1), 1);
    CU_ASSERT_EQUAL(owner(&scene, 2), 0);
    CU_ASSERT_EQUAL(owner(&scene, 3), 1);
    CU_ASSERT_FALSE(fake_host_logged(&scene.fake, "WARN"));
}

AC_TEST(a_name_that_no_identifier_is_for_is_found)
{
    char *aliases[] = { (char[]){ "www.a.test" } };
    char *patterns[] = { (char[]){ "*.b.test" } };
    const struct apache_host host = { .name = (char[]){ "a.test" },
                                      .aliases = { aliases, 1, 1 },
                                      .patterns = { patterns, 1, 1 } };
    const char *const one[] = { "a.test", NULL };
    const char *const two[] = { "a.test", "*.a.test", NULL };
    const char *const all[] = { "*.test", "*.a.test", "*.b.test", NULL };

    CU_ASSERT_STRING_EQUAL(apache_claim_uncovered(&host, one), "www.a.test");
    CU_ASSERT_STRING_EQUAL(apache_claim_uncovered(&host, two), "*.b.test");
    CU_ASSERT_PTR_NULL(apache_claim_uncovered(&host, all));
}

AC_SUITE("installer-apache/claim",
         AC_CASE(a_name_goes_where_it_is_served_and_beside_where_it_is_not_over_tls),
         AC_CASE(a_copy_that_would_hide_another_is_not_made),
         AC_CASE(names_that_are_not_served_are_told),
         AC_CASE(a_certificate_that_is_served_nowhere_fails_alone),
         AC_CASE(of_two_for_one_host_the_server_name_wins_and_the_other_is_told),
         AC_CASE(the_one_in_place_stays),
         AC_CASE(one_in_place_that_is_not_in_the_batch_stays_too),
         AC_CASE(a_wildcard_leaves_hosts_to_certificates_of_their_own),
         AC_CASE(a_name_that_no_identifier_is_for_is_found))
