/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/held_files.h"

#include <string.h>
#include <unistd.h>

#include "check.h"
#include "engine/held/version_files.h"
#include "engine/wanted/wanted_keys.h"
#include "keys.h"
#include "pki.h"
#include "request.h"

#define KEYS AC_TEST_DATA "/keys/"

static const char *const names[] = { "example.org", NULL };
static char name[] = "www";

int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code add(const struct ac_wanted *wanted, size_t index,
                        const char *key_path, struct ac_version *version,
                        struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_csr) csr = { 0 };
    struct ac_pki_options options = { .names = names };

    AC_TRY(ac_keys_load(key_path, &key, err));
    options.key = key;
    options.not_after = AC_PKI_AFTER - (int64_t)index * 86400;
    AC_TRY(ac_pki_chain(&options, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    if (wanted->csr) {
        AC_TRY(ac_wanted_request(wanted, &csr, err));
        return ac_version_files_add(wanted, index, chain, csr.key, version, err);
    }
    return ac_version_files_add(wanted, index, chain, key, version, err);
}

static enum ac_code hold(const struct ac_wanted *wanted, struct ac_store **ret_store,
                         struct ac_held *held, struct ac_error *err)
{
    static const char *const keys[] = { KEYS "p256.pem", KEYS "p384.pem" };
    AC_AUTO(ac_version) version = { 0 };
    unsigned number = 0;

    for (size_t i = 0; i < AC_COUNT(keys) && i < ac_wanted_key_count(wanted); i++)
        AC_TRY(add(wanted, i, keys[i], &version, err));
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    AC_TRY(ac_version_add(*ret_store, name, &version, &number, err));
    return ac_held_load(*ret_store, name, held, err);
}

static struct ac_wanted two(void)
{
    return (struct ac_wanted){ .name = name,
                               .key_type = AC_KEY_ECDSA_P256,
                               .more_key_types = { AC_KEY_ECDSA_P384 },
                               .more_key_count = 1 };
}

AC_TEST(a_set_is_held_as_one_and_ends_with_the_first_of_it)
{
    struct ac_error err = { 0 };
    struct ac_wanted wanted = two();
    struct ac_wanted one = { .name = name, .key_type = AC_KEY_ECDSA_P256 };
    struct ac_wanted other = { .name = name, .key_type = AC_KEY_ECDSA_P384 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_words) types = { 0 };

    AC_REQUIRE_OK(hold(&wanted, &store, &held, &err));
    AC_REQUIRE_OK(ac_held_check_files(&held, &err));
    AC_REQUIRE_OK(ac_held_check(store, &held, &err));
    AC_REQUIRE_OK(ac_held_other_types(&held, &types, &err));

    AC_REQUIRE(types.count == 1);
    CU_ASSERT_STRING_EQUAL(types.items[0], "ecdsa-p384");
    CU_ASSERT_EQUAL(held.not_after, AC_PKI_AFTER - 86400);
    CU_ASSERT_TRUE(ac_held_has_types(&held, &wanted));
    CU_ASSERT_TRUE(ac_held_has_types(&held, &one));
    CU_ASSERT_FALSE(ac_held_has_types(&held, &other));
}

AC_TEST(each_file_of_a_set_is_missed)
{
    static const char *const items[] = { "privkey-ecdsa-p384.pem",
                                         "cert-ecdsa-p384.pem", "chain-ecdsa-p384.pem",
                                         "privkey.pem" };
    struct ac_error err = { 0 };
    struct ac_wanted wanted = two();
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(hold(&wanted, &store, &held, &err));
    for (size_t i = 0; i < AC_COUNT(items); i++) {
        AC_AUTO_TEXT char *path = NULL;

        AC_REQUIRE_OK(ac_memory_format(&path, &err, "%s/%s", held.folder, items[i]));
        AC_REQUIRE(unlink(path) == 0);
        ac_held_done(&held);
        AC_REQUIRE_OK(ac_held_load(store, name, &held, &err));
        AC_REQUIRE_CODE(ac_held_check_files(&held, &err), AC_E_STORE);
        AC_REQUIRE_CODE(ac_held_check(store, &held, &err), AC_E_STORE);
        CU_ASSERT(err.detail[0] != '\0');
    }
}

AC_TEST(a_key_elsewhere_is_as_good_as_one_here)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    struct ac_request_options options = { .names = names };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    options.key = key;
    AC_REQUIRE_OK(ac_request_new(&options, &der, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("r"), der.bytes, der.size));
    AC_REQUIRE_OK(ac_wanted_read_request(ac_test_path("r"), &wanted.csr, &err));
    AC_REQUIRE_OK(hold(&wanted, &store, &held, &err));
    AC_REQUIRE_OK(ac_held_check_files(&held, &err));
    AC_REQUIRE_OK(ac_held_check(store, &held, &err));

    CU_ASSERT_EQUAL(ac_held_key_of(&held), AC_HELD_KEY_ELSEWHERE);
    CU_ASSERT_STRING_EQUAL(ac_held_key_file(AC_HELD_KEY_ELSEWHERE), "request.pem");
    CU_ASSERT_STRING_EQUAL(ac_held_key_name(AC_HELD_KEY_TOKEN), "token");
    CU_ASSERT_TRUE(ac_held_has_types(&held, &wanted));
}

AC_TEST(programs_are_told_each_file_by_its_word)
{
    static const struct {
        const char *file, *member;
    } rows[] = { { "privkey.pem", "privkey" },
                 { "privkey-rsa-2048.pem", "privkey-rsa-2048" },
                 { "privkey.url", "privkey_url" },
                 { "request.pem", "request" },
                 { "certificate.p12", "pkcs12" },
                 { "certificate-rsa-2048.p12", "pkcs12-rsa-2048" } };
    char folder[] = "/f";
    char type[] = "ecdsa-p256";
    struct ac_error err = { 0 };
    struct ac_held held = { .folder = folder, .key_type = type };
    AC_AUTO(ac_words) files = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    for (size_t i = 0; i < AC_COUNT(rows); i++)
        AC_REQUIRE_OK(ac_words_add(&files, rows[i].file, &err));
    held.files = files;
    AC_REQUIRE_OK(ac_json_new(&json, &err, "{}"));
    AC_REQUIRE_OK(ac_held_files_to_json(&held, json, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "key", ""), "file");
    for (size_t i = 0; i < AC_COUNT(rows); i++) {
        const char *path =
            ac_json_text_or(ac_json_get(json, "paths"), rows[i].member, "");
        CU_ASSERT_STRING_EQUAL(path + strlen("/f/"), rows[i].file);
    }
}

AC_SUITE("engine/held_files",
         AC_CASE(a_set_is_held_as_one_and_ends_with_the_first_of_it),
         AC_CASE(each_file_of_a_set_is_missed),
         AC_CASE(a_key_elsewhere_is_as_good_as_one_here),
         AC_CASE(programs_are_told_each_file_by_its_word))
