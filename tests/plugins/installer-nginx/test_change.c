/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include "site.h"

static int results[2];

/* What nginx.conf would be; NULL where it is not changed or something is wrong. */
static const char *changed(struct fake_host *fake, const char *text, size_t count)
{
    static char after[8192];
    AUTO_CONFIG config = { 0 };
    AUTO_SERVERS servers = { 0 };
    AUTO_EDITS edits = { 0 };
    FILES_AUTO_BLOB blob = { 0 };

    memset(results, 0, sizeof(results));
    if (site_load(fake, text, &config) != ACMECORE_OK
        || !servers_find(&config, both, count, &servers)
        || change_plan(&config, &servers, both, count, results, &edits) != ACMECORE_OK
        || edits.count == 0 || !edits_apply(&edits, 0, &config.files[0].text, &blob))
        return NULL;
    (void)snprintf(after, sizeof(after), "%s", blob.bytes);
    return after;
}

AC_TEST(paths_are_replaced_and_all_else_stays)
{
    struct fake_host fake;
    const char *after = changed(
        &fake,
        "http {\n  server {\n\tlisten 443 ssl; # here\n\tserver_name www.example.com "
        "example.com;\n\tssl_certificate   '/old.pem' ; # old\n"
        "\tssl_certificate_key /old.key;}\n}\n",
        1);

    AC_REQUIRE(after != NULL);
    CU_ASSERT_STRING_EQUAL(
        after,
        "http {\n  server {\n\tlisten 443 ssl; # here\n\tserver_name www.example.com "
        "example.com;\n\tssl_certificate   /s/www/fullchain.pem ; # old\n"
        "\tssl_certificate_key /s/www/privkey.pem;}\n}\n");
}

AC_TEST(directives_are_added_after_the_names)
{
    struct fake_host fake;
    const char *after = changed(&fake,
                                "http {\n  server {\n\tlisten 443 ssl;\n\tserver_name "
                                "example.com; # x\n  }\n}\n",
                                1);

    AC_REQUIRE(after != NULL);
    CU_ASSERT_STRING_EQUAL(after,
                           "http {\n  server {\n\tlisten 443 ssl;\n\tserver_name "
                           "example.com;\n\tssl_certificate /s/www/fullchain.pem;\n"
                           "\tssl_certificate_key /s/www/privkey.pem; # x\n  }\n}\n");
}

AC_TEST(what_is_in_place_is_not_changed)
{
    struct fake_host fake;
    const char *after =
        changed(&fake,
                "http { server { listen 1 ssl; server_name example.com; "
                "ssl_certificate /s/www/fullchain.pem; "
                "ssl_certificate_key /s/www/privkey.pem; } }",
                1);

    CU_ASSERT_PTR_NULL(after);
    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
}

#define SERVER(name, more)                                                             \
    "server { listen 1 ssl; server_name " name ".example.com; " more " }\n"
#define OLD "ssl_certificate /o; ssl_certificate_key /k;"

AC_TEST(what_cannot_be_changed_is_named_with_its_line)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        { "http { server { listen 80; server_name www.example.com; } }",
          "no server block of nginx has TLS" },
        { "http {\n" SERVER("www", OLD OLD) "}",
          "nginx.conf:2: the server block has several" },
        { "http {\n" SERVER("www", "ssl_certificate /o;") "}",
          "nginx.conf:2: the server block has one of" },
        { "http {\n" SERVER("www",
                            "ssl_certificate /o /p; ssl_certificate_key /k;") "}",
          "nginx.conf:2: the directive has not one path" },
        { "http {\n" SERVER("www", "include shared;")
              SERVER("x", "include shared;") "}",
          "/shared:1: a server block with other names includes it" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct fake_host fake;

        AC_REQUIRE(site_write("shared", OLD));
        AC_REQUIRE(changed(&fake, wrong[i].text, 1) == NULL);
        CU_ASSERT(strstr(fake.ctx.failure, wrong[i].words) || ac_check_is_torture());
    }
}

AC_TEST(certificate_that_fails_leaves_no_half_of_a_change)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };
    AUTO_SERVERS servers = { 0 };
    AUTO_EDITS edits = { 0 };

    AC_REQUIRE(site_load(&fake,
                         "http {\n" SERVER("www", "ssl_certificate /o; "
                                                  "ssl_certificate_key /k /l;")
                             SERVER("mail", OLD) "}",
                         &config)
               == ACMECORE_OK);
    AC_REQUIRE(servers_find(&config, both, 2, &servers)
               && change_plan(&config, &servers, both, 2, results, &edits)
                      == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(results[0], ACMECORE_E_CONFIG);
    CU_ASSERT(results[1] == ACMECORE_OK || ac_check_is_torture());
    CU_ASSERT(edits.count == 2 || ac_check_is_torture());
}

AC_TEST(certificates_that_share_a_file_both_fail)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };
    AUTO_SERVERS servers = { 0 };
    AUTO_EDITS edits = { 0 };

    AC_REQUIRE(site_write("shared", OLD));
    AC_REQUIRE(site_load(&fake,
                         "http {\n" SERVER("www", "include shared;")
                             SERVER("mail", "include shared;") "}",
                         &config)
               == ACMECORE_OK);
    AC_REQUIRE(servers_find(&config, both, 2, &servers)
               && change_plan(&config, &servers, both, 2, results, &edits)
                      == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(results[0], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(edits.count, 0);
}

AC_TEST(file_that_all_of_one_certificate_include_is_changed_once)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };
    AUTO_SERVERS servers = { 0 };
    AUTO_EDITS edits = { 0 };

    AC_REQUIRE(site_write("shared", OLD));
    AC_REQUIRE(site_load(&fake,
                         "http {\n" SERVER("www", "include shared;")
                             SERVER("www", "include shared;") "}",
                         &config)
               == ACMECORE_OK);
    AC_REQUIRE(servers_find(&config, both, 1, &servers)
               && change_plan(&config, &servers, both, 1, results, &edits)
                      == ACMECORE_OK);

    CU_ASSERT_EQUAL(edits.count, 2);
    CU_ASSERT_TRUE(edits_has(&edits, 1));
}

AC_SUITE("installer-nginx/change", AC_CASE(paths_are_replaced_and_all_else_stays),
         AC_CASE(directives_are_added_after_the_names),
         AC_CASE(what_is_in_place_is_not_changed),
         AC_CASE(what_cannot_be_changed_is_named_with_its_line),
         AC_CASE(certificate_that_fails_leaves_no_half_of_a_change),
         AC_CASE(certificates_that_share_a_file_both_fail),
         AC_CASE(file_that_all_of_one_certificate_include_is_changed_once))
