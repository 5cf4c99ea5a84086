/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/revocable.h"

#include "holding.h"

#include <string.h>
#include <sys/stat.h>

#define CERT "state/certs/www/current/cert.pem"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd);
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code begin(struct ac_store **ret_store, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(open_and_hold(ret_store, err));
    AC_TRY(make_wanted("example.org", &wanted, err));
    return ac_wanted_save(&wanted, *ret_store, err);
}

AC_TEST(one_that_is_held_is_found_by_its_name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_revocable) revocable = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_revocable_find(store, "www", &revocable, &err));

    CU_ASSERT_STRING_EQUAL(revocable.name, "www");
    CU_ASSERT_STRING_EQUAL(revocable.issuer_url, DIRECTORY);
    CU_ASSERT_STRING_EQUAL(revocable.wanted.name, "www");
    CU_ASSERT(revocable.is_current);
}

AC_TEST(ca_that_issued_it_is_known_though_another_one_is_wanted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_revocable) revocable = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE_OK(ac_memory_copy_text(held.serial, &state.origin.serial, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("https://old.example/dir",
                                      &state.origin.directory_url, &err));
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));
    AC_REQUIRE_OK(ac_revocable_find(store, "www", &revocable, &err));

    CU_ASSERT_STRING_EQUAL(revocable.issuer_url, "https://old.example/dir");
}

AC_TEST(name_that_is_not_held_is_not_found)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_revocable) revocable = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_CODE(ac_revocable_find(store, "other", &revocable, &err), AC_E_NOTFOUND);
    AC_REQUIRE_CODE(ac_revocable_find(store, "../www", &revocable, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NULL(revocable.chains[0]);
}

/* The first certificate of the file in DER. */
static enum ac_code write_der(const struct ac_chain *chain, const char *path,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };

    AC_TRY(ac_chain_leaf_der(chain, &der, err));
    return ac_test_write_file(path, der.bytes, der.size)
               ? AC_OK
               : ac_fail(err, AC_E_STORE, "%s", path);
}

AC_TEST(file_in_pem_or_der_is_known_by_its_key)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_revocable) pem = { 0 };
    AC_AUTO(ac_revocable) der = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_revocable_read(store, ac_test_path(CERT), &pem, &err));
    AC_REQUIRE_OK(write_der(pem.chains[0], ac_test_path("cert.der"), &err));
    AC_REQUIRE_OK(ac_revocable_read(store, ac_test_path("cert.der"), &der, &err));

    CU_ASSERT_STRING_EQUAL(pem.name, "www");
    CU_ASSERT_STRING_EQUAL(der.name, "www");
    CU_ASSERT(pem.is_current && der.is_current);
    CU_ASSERT_STRING_EQUAL(ac_chain_fingerprint(pem.chains[0]),
                           ac_chain_fingerprint(der.chains[0]));
}

AC_TEST(file_of_somebody_else_has_no_name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_store) *empty = NULL;
    AC_AUTO(ac_revocable) revocable = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("empty"), &empty, &err));
    AC_REQUIRE_OK(ac_revocable_read(empty, ac_test_path(CERT), &revocable, &err));
    AC_REQUIRE_OK(ac_revocable_to_json(&revocable, &json, &err));

    CU_ASSERT_PTR_NULL(revocable.name);
    CU_ASSERT_PTR_NULL(revocable.issuer_url);
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "identifiers")), 3);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "sha256", ""),
                           ac_chain_fingerprint(revocable.chains[0]));
}

AC_TEST(what_is_no_certificate_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_revocable) revocable = { 0 };
    const char *text = ac_test_path("text");

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE(ac_test_write_file(text, "\x30hello", 6));
    AC_REQUIRE_CODE(ac_revocable_read(store, text, &revocable, &err), AC_E_USAGE);
    AC_REQUIRE_CODE(ac_revocable_read(store, ac_test_path("none"), &revocable, &err),
                    AC_E_USAGE);
    CU_ASSERT_PTR_NULL(revocable.chains[0]);
}

AC_SUITE("engine/revocable", AC_CASE(one_that_is_held_is_found_by_its_name),
         AC_CASE(ca_that_issued_it_is_known_though_another_one_is_wanted),
         AC_CASE(name_that_is_not_held_is_not_found),
         AC_CASE(file_in_pem_or_der_is_known_by_its_key),
         AC_CASE(file_of_somebody_else_has_no_name),
         AC_CASE(what_is_no_certificate_is_refused))
