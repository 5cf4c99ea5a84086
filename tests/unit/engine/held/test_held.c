/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/held.h"

#include "engine/renewal/plan.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holding.h"

#define FULLCHAIN "state/certs/www/current/fullchain.pem"
#define PRIVKEY   "state/certs/www/current/privkey.pem"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

static bool write_file(const char *path, const char *text)
{
    return ac_test_write_file(path, text, strlen(text));
}

/* ---- loading */

AC_TEST(what_is_held_is_read_from_the_chain)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE_OK(make_wanted("192.0.2.1,*.example.org,example.org", &wanted, &err));

    CU_ASSERT_STRING_EQUAL(held.name, "www");
    CU_ASSERT_EQUAL(held.version, 1);
    CU_ASSERT_TRUE(ac_identifiers_is_same_set(&held.identifiers, &wanted.identifiers));
    CU_ASSERT_EQUAL(held.not_before, AC_PKI_BEFORE);
    CU_ASSERT_EQUAL(held.not_after, AC_PKI_AFTER);
    CU_ASSERT_EQUAL(held.renew_at,
                    ac_plan_renew_at("www", AC_PKI_BEFORE, AC_PKI_AFTER));
    CU_ASSERT_STRING_EQUAL(held.key_type, "ecdsa-p256");
    CU_ASSERT_EQUAL(strlen(held.fingerprint), 64);
    CU_ASSERT_STRING_EQUAL(held.folder, ac_test_path("state/certs/www/current"));
}

AC_TEST(what_was_never_issued_is_not_found)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_CODE(ac_held_load(store, "www", &held, &err), AC_E_NOTFOUND);

    assert_says(&err, "there is no certificate \"www\" in");
    CU_ASSERT_PTR_NULL(held.name);
}

AC_TEST(what_is_on_its_way_has_not_been_issued_yet)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folder(ac_test_path("state"), 0700, &err));
    AC_REQUIRE_OK(ac_file_make_folder(ac_test_path("state/certs"), 0700, &err));
    AC_REQUIRE_OK(ac_file_make_folder(ac_test_path("state/certs/www"), 0700, &err));
    AC_REQUIRE_CODE(ac_held_load(store, "www", &held, &err), AC_E_NOTFOUND);

    assert_says(&err, "certificate www has not been issued yet");
}

AC_TEST(a_damaged_chain_names_the_file_and_what_to_do)
{
    static const char *const damages[] = {
        "",
        "no PEM",
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    for (size_t i = 0; i < AC_COUNT(damages); i++) {
        AC_AUTO(ac_held) held = { 0 };

        AC_REQUIRE(write_file(ac_test_path(FULLCHAIN), damages[i]));
        AC_REQUIRE_CODE(ac_held_load(store, "www", &held, &err), AC_E_STORE);
        assert_says(&err, "/state/certs/www/current/fullchain.pem is damaged: ");
        assert_says(&err, "; issue the certificate again with --force");
        CU_ASSERT_PTR_NULL(held.name);
    }
}

AC_TEST(a_chain_with_names_we_do_not_know_is_damaged)
{
    static const char *const names[] = { "example.org", "email:a@example.org", NULL };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(hold(store, names, &err));
    AC_REQUIRE_CODE(ac_held_load(store, "www", &held, &err), AC_E_STORE);

    assert_says(&err, "fullchain.pem is damaged: ");
}

AC_TEST(missing_files_and_links_astray_are_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE(unlink(ac_test_path(FULLCHAIN)) == 0);
    AC_REQUIRE_CODE(ac_held_load(store, "www", &held, &err), AC_E_STORE);
    assert_says(&err, "versions/0001/fullchain.pem is missing");
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/current")) == 0);
    AC_REQUIRE(symlink("/etc", ac_test_path("state/certs/www/current")) == 0);
    AC_REQUIRE_CODE(ac_held_load(store, "www", &held, &err), AC_E_STORE);

    assert_says(&err, "which is no version");
}

AC_TEST(a_link_that_is_gone_though_there_are_versions_is_damage)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/current")) == 0);
    AC_REQUIRE_CODE(ac_held_load(store, "www", &held, &err), AC_E_STORE);

    assert_says(&err, "certs/www/current is missing although there are versions");
    assert_says(&err, "versions/0001");
}

/* ---- whole or damaged */

AC_TEST(what_a_run_stored_is_whole)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));

    AC_REQUIRE_OK(ac_held_check_files(&held, &err));
    AC_REQUIRE_OK(ac_held_check(store, &held, &err));
}

AC_TEST(a_file_that_is_gone_is_named)
{
    static const char *const items[] = { "privkey.pem", "cert.pem", "chain.pem" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    for (size_t i = 0; i < AC_COUNT(items); i++) {
        AC_AUTO_TEXT char *path = NULL;
        AC_AUTO_TEXT char *aside = NULL;

        AC_REQUIRE_OK(ac_memory_format(&path, &err, "%s/%s", held.folder, items[i]));
        AC_REQUIRE_OK(ac_memory_format(&aside, &err, "%s.aside", path));
        AC_REQUIRE(rename(path, aside) == 0);
        ac_held_done(&held);
        AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
        AC_REQUIRE_CODE(ac_held_check_files(&held, &err), AC_E_STORE);
        assert_says(&err, items[i]);
        AC_REQUIRE_CODE(ac_held_check(store, &held, &err), AC_E_STORE);
        assert_says(&err, items[i]);
        AC_REQUIRE(rename(aside, path) == 0);
    }
}

AC_TEST(files_that_do_not_belong_together_are_damage)
{
    static const char *const items[] = { "cert.pem", "chain.pem", "privkey.pem" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    for (size_t i = 0; i < AC_COUNT(items); i++) {
        AC_AUTO_TEXT char *path = NULL;
        AC_AUTO(ac_text) before = { 0 };

        AC_REQUIRE_OK(ac_memory_format(&path, &err, "%s/%s", held.folder, items[i]));
        AC_REQUIRE_OK(ac_file_read(path, AC_STORE_KEY_MAX, &before, &err));
        AC_REQUIRE(write_file(path, "x"));
        AC_REQUIRE(chmod(path, 0600) == 0);
        AC_REQUIRE_CODE(ac_held_check(store, &held, &err), AC_E_STORE);
        assert_says(&err, items[i]);
        AC_REQUIRE(write_file(path, ac_text_get(&before)));
    }
}

AC_TEST(a_key_of_another_certificate_is_damage_and_an_open_one_a_warning)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_key) *other = NULL;
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE(chmod(ac_test_path(PRIVKEY), 0644) == 0);
    AC_REQUIRE_CODE(ac_held_check(store, &held, &err), AC_E_USAGE);
    assert_says(&err, "chmod");
    AC_REQUIRE_OK(ac_keys_load(AC_TEST_DATA "/keys/p256.pem", &other, &err));
    AC_REQUIRE_OK(ac_key_export(other, &pem, &err));
    AC_REQUIRE_OK(ac_text_add(&text, (const char *)pem.bytes, pem.size, &err));
    AC_REQUIRE(write_file(ac_test_path(PRIVKEY), ac_text_get(&text)));
    AC_REQUIRE(chmod(ac_test_path(PRIVKEY), 0600) == 0);
    AC_REQUIRE_CODE(ac_held_check(store, &held, &err), AC_E_STORE);

    assert_says(&err, "is damaged: ");
}

/* ---- fresh or due */

AC_TEST(what_is_wanted_and_not_due_is_fresh)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) fewer = { 0 };
    struct ac_wanted changed;
    char elsewhere[] = "https://other.example/dir";

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE_OK(make_wanted("example.org,*.example.org,192.0.2.1", &wanted, &err));
    AC_REQUIRE_OK(make_wanted("example.org,*.example.org", &fewer, &err));

    CU_ASSERT_TRUE(ac_held_is_fresh(&held, &wanted, &wanted, AC_PKI_NOW));
    CU_ASSERT_TRUE(ac_held_is_fresh(&held, &wanted, &wanted, held.renew_at - 1));
    CU_ASSERT_FALSE(ac_held_is_fresh(&held, &wanted, &wanted, held.renew_at));
    CU_ASSERT_FALSE(ac_held_is_fresh(&held, &wanted, &wanted, AC_PKI_AFTER + DAY));
    CU_ASSERT_FALSE(ac_held_is_fresh(&held, &fewer, &wanted, AC_PKI_NOW));
    changed = wanted;
    changed.key_type = AC_KEY_RSA_2048;
    CU_ASSERT_FALSE(ac_held_is_fresh(&held, &changed, &wanted, AC_PKI_NOW));
    changed = wanted;
    changed.directory_url = elsewhere;
    CU_ASSERT_FALSE(ac_held_is_fresh(&held, &changed, &wanted, AC_PKI_NOW));
}

/* ---- telling */

AC_TEST(a_document_has_all_that_is_known)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const struct ac_json *paths;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE_OK(ac_held_to_json(&held, &json, &err));
    paths = ac_json_get(json, "paths");

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "name", ""), "www");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "identifiers")), 3);
    CU_ASSERT_EQUAL(ac_json_number_or(json, "version", 0), 1);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "not_before", ""),
                           "2027-01-15T07:00:00Z");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "not_after", ""),
                           "2027-04-15T08:00:00Z");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "key_type", ""), "ecdsa-p256");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "sha256", ""), held.fingerprint);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "serial", ""), held.serial);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "issuer", ""), held.issuer);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(paths, "fullchain", ""),
                           ac_test_path(FULLCHAIN));
    CU_ASSERT_EQUAL(ac_json_count(paths), 4);
}

/* ---- finding */

AC_TEST(a_journal_is_noticed_even_when_it_is_damaged)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    CU_ASSERT_FALSE(ac_held_has_journal(store, "www"));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("state/certs/www"), 0700, &err));
    CU_ASSERT_FALSE(ac_held_has_journal(store, "www"));
    AC_REQUIRE(
        write_file(ac_test_path("state/certs/www/order.json"), "{\"schema\":1}"));
    CU_ASSERT_TRUE(ac_held_has_journal(store, "www"));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/order.json"), "{"));
    CU_ASSERT_TRUE(ac_held_has_journal(store, "www"));
}

AC_TEST(the_key_of_an_order_is_a_journal_too)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("state/certs/www"), 0700, &err));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/order-key.pem"), "x"));

    CU_ASSERT_TRUE(ac_held_has_journal(store, "www"));
    CU_ASSERT_FALSE(ac_held_is_in_flight(store, "www", 1));
}

AC_TEST(an_order_is_in_flight_until_it_expires)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("state/certs/www"), 0700, &err));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/order.json"),
                          "{\"schema\":1,\"order\":{\"expires\":1000}}"));
    CU_ASSERT_TRUE(ac_held_is_in_flight(store, "www", 999));
    CU_ASSERT_FALSE(ac_held_is_in_flight(store, "www", 1000));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/order.json"),
                          "{\"schema\":1,\"presented\":[{}]}"));
    CU_ASSERT_FALSE(ac_held_is_in_flight(store, "www", 999));
}

AC_TEST(an_order_in_flight_says_until_when)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    int64_t expires = -1;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("state/certs/www"), 0700, &err));
    CU_ASSERT_FALSE(ac_held_has_order(store, "www", &expires));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/order.json"),
                          "{\"schema\":1,\"presented\":[]}"));
    CU_ASSERT_FALSE(ac_held_has_order(store, "www", &expires));
    AC_REQUIRE(write_file(ac_test_path("state/certs/www/order.json"),
                          "{\"schema\":1,\"order\":{\"expires\":77}}"));
    CU_ASSERT_TRUE(ac_held_has_order(store, "www", &expires));

    CU_ASSERT_EQUAL(expires, 77);
}

AC_TEST(a_certificate_is_found_by_exactly_its_names)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) turned = { 0 };
    AC_AUTO(ac_wanted) fewer = { 0 };
    AC_AUTO_TEXT char *name = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(make_wanted("example.org,www.example.org", &wanted, &err));
    AC_REQUIRE_OK(make_wanted("www.example.org,example.org", &turned, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &fewer, &err));
    AC_REQUIRE_CODE(ac_held_find(store, &wanted.identifiers, &name, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));
    AC_REQUIRE_OK(
        ac_file_make_folders(ac_test_path("state/certs/a-damaged"), 0700, &err));
    AC_REQUIRE(write_file(ac_test_path("state/certs/a-damaged/certificate.json"), "{"));
    AC_REQUIRE_CODE(ac_held_find(store, &fewer.identifiers, &name, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(ac_held_find(store, &turned.identifiers, &name, &err));

    CU_ASSERT_STRING_EQUAL(name, "www");
}

AC_SUITE("engine/held", AC_CASE(the_key_of_an_order_is_a_journal_too),
         AC_CASE(an_order_is_in_flight_until_it_expires),
         AC_CASE(what_is_held_is_read_from_the_chain),
         AC_CASE(what_was_never_issued_is_not_found),
         AC_CASE(what_is_on_its_way_has_not_been_issued_yet),
         AC_CASE(a_damaged_chain_names_the_file_and_what_to_do),
         AC_CASE(a_chain_with_names_we_do_not_know_is_damaged),
         AC_CASE(missing_files_and_links_astray_are_told),
         AC_CASE(a_link_that_is_gone_though_there_are_versions_is_damage),
         AC_CASE(what_a_run_stored_is_whole), AC_CASE(a_file_that_is_gone_is_named),
         AC_CASE(files_that_do_not_belong_together_are_damage),
         AC_CASE(a_key_of_another_certificate_is_damage_and_an_open_one_a_warning),
         AC_CASE(what_is_wanted_and_not_due_is_fresh),
         AC_CASE(a_document_has_all_that_is_known),
         AC_CASE(a_journal_is_noticed_even_when_it_is_damaged),
         AC_CASE(an_order_in_flight_says_until_when),
         AC_CASE(a_certificate_is_found_by_exactly_its_names))
