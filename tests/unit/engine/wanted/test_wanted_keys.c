/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_keys.h"

#include <string.h>

#include "check.h"
#include "keys.h"
#include "request.h"

#define KEYS AC_TEST_DATA "/keys/"

static const char *const names[] = { "example.org", NULL };

/* A file with a request for example.org. */
static enum ac_code write_request(bool must_staple, const char **ret_path,
                                  struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };
    struct ac_request_options options = { .names = names, .must_staple = must_staple };

    AC_TRY(ac_keys_load(KEYS "p256.pem", &key, err));
    options.key = key;
    AC_TRY(ac_request_new(&options, &der, err));
    *ret_path = ac_test_path("request.der");
    if (!ac_test_write_file(*ret_path, der.bytes, der.size))
        return ac_fail(err, AC_E_SYSTEM, "no file");
    return AC_OK;
}

static enum ac_code want(const char *identifiers, bool has_request,
                         struct ac_wanted *wanted, struct ac_error *err)
{
    const char *path;

    AC_TRY(ac_identifiers_parse(identifiers, &wanted->identifiers, err));
    if (!has_request)
        return AC_OK;
    AC_TRY(write_request(false, &path, err));
    return ac_wanted_read_request(path, &wanted->csr, err);
}

AC_TEST(one_type_or_several_are_read_and_written_alike)
{
    static const char *const lists[] = { "ecdsa-p256", "rsa-2048",
                                         "rsa-2048,ecdsa-p256,ecdsa-p384,rsa-4096" };
    static const size_t counts[] = { 1, 1, 4 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    for (size_t i = 0; i < AC_COUNT(lists); i++) {
        AC_AUTO(ac_text) again = { 0 };

        AC_REQUIRE_OK(ac_wanted_set_key_types(&wanted, lists[i], &err));
        AC_REQUIRE_OK(ac_wanted_key_types(&wanted, &again, &err));
        CU_ASSERT_STRING_EQUAL(ac_text_get(&again), lists[i]);
        CU_ASSERT_EQUAL(ac_wanted_key_count(&wanted), counts[i]);
    }
    CU_ASSERT_EQUAL(ac_wanted_key_type_at(&wanted, 3), AC_KEY_RSA_4096);
}

AC_TEST(types_that_make_no_set_are_refused)
{
    static const char *const lists[] = {
        "",          "dsa",
        "rsa-2048,", "rsa-2048,rsa-2048",
        "rsa-other", "rsa-2048,rsa-3072,rsa-4096,ecdsa-p256,ecdsa-p384"
    };

    for (size_t i = 0; i < AC_COUNT(lists); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_wanted) wanted = { 0 };

        AC_REQUIRE_CODE(ac_wanted_set_key_types(&wanted, lists[i], &err), AC_E_USAGE);
        CU_ASSERT(err.detail[0] != '\0');
    }
}

AC_TEST(a_request_is_read_and_kept_as_it_is)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(ac_text) tag = { 0 };

    AC_REQUIRE_OK(want("example.org", true, &wanted, &err));
    AC_REQUIRE_OK(ac_wanted_request(&wanted, &csr, &err));
    AC_REQUIRE_OK(ac_wanted_key_tag(&wanted, 0, &tag, &err));
    AC_REQUIRE_OK(ac_wanted_check_keys(&wanted, &err));

    CU_ASSERT_STRING_EQUAL(csr.identifiers.items[0].value, "example.org");
    CU_ASSERT_EQUAL(strncmp(ac_text_get(&tag), "csr:", 4), 0);
    CU_ASSERT(ac_wanted_brings_key(&wanted));
    CU_ASSERT_EQUAL(ac_wanted_key_count(&wanted), 1);
}

AC_TEST(a_file_without_a_request_is_a_mistake_of_usage)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *csr = NULL;

    AC_REQUIRE_CODE(ac_wanted_read_request(KEYS "p256.pem", &csr, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "p256.pem"));
    AC_REQUIRE_CODE(ac_wanted_read_request(ac_test_path("none"), &csr, &err),
                    AC_E_USAGE);
    CU_ASSERT_PTR_NULL(csr);
}

static void refuse(struct ac_wanted *wanted, const char *part)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(ac_wanted_check_keys(wanted, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, part));
}

AC_TEST(what_contradicts_itself_is_refused)
{
    char file[] = "/k.pem";
    char url[] = "pkcs11:object=k";
    char password[] = "/p";
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) others = { 0 };
    struct ac_wanted changed;

    AC_REQUIRE_OK(want("example.org", true, &wanted, &err));
    AC_REQUIRE_OK(want("a.test", true, &others, &err));
    refuse(&others, "is for example.org");
    changed = wanted;
    changed.key = file;
    refuse(&changed, "--csr and --key");
    changed = wanted;
    changed.must_staple = true;
    refuse(&changed, "--must-staple");
    changed = wanted;
    changed.more_key_count = 1;
    refuse(&changed, "--key-type");
    changed = wanted;
    changed.pkcs12_password_file = password;
    refuse(&changed, "--pkcs12-password-file");
    changed = (struct ac_wanted){ .key = url, .pkcs12_password_file = password };
    refuse(&changed, "--pkcs12-password-file");
    changed = (struct ac_wanted){ .key = file, .pkcs12_password_file = password };
    AC_REQUIRE_OK(ac_wanted_check_keys(&changed, &err));
}

AC_TEST(another_key_is_another_wish)
{
    char one[] = "/a.pem";
    char other[] = "/b.pem";
    struct ac_wanted a = { .key = one };
    struct ac_wanted b = { .key = one };
    struct ac_wanted c = { .key = other };
    struct ac_wanted staple = { .key = one, .must_staple = true };
    struct ac_wanted made = { .key_type = AC_KEY_RSA_2048 };
    struct ac_wanted set = { .key_type = AC_KEY_RSA_2048, .more_key_count = 1 };

    CU_ASSERT_TRUE(ac_wanted_has_same_keys(&a, &b));
    b.key_type = AC_KEY_RSA_2048; /* of a key that is made */
    CU_ASSERT_TRUE(ac_wanted_has_same_keys(&a, &b));
    CU_ASSERT_FALSE(ac_wanted_has_same_keys(&a, &c));
    CU_ASSERT_FALSE(ac_wanted_has_same_keys(&a, &staple));
    CU_ASSERT_FALSE(ac_wanted_has_same_keys(&a, &made));
    CU_ASSERT_FALSE(ac_wanted_has_same_keys(&made, &set));
    CU_ASSERT_TRUE(ac_wanted_has_same_keys(&set, &set));
}

static void check_tag(const struct ac_wanted *wanted, size_t index,
                      const char *wanted_tag)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) tag = { 0 };

    AC_REQUIRE_OK(ac_wanted_key_tag(wanted, index, &tag, &err));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&tag), wanted_tag);
}

AC_TEST(an_order_is_for_one_key)
{
    char file[] = "/a.pem";
    struct ac_wanted set = { .key_type = AC_KEY_RSA_2048,
                             .more_key_types = { AC_KEY_ECDSA_P256 },
                             .more_key_count = 1 };
    struct ac_wanted given = { .key = file, .must_staple = true };

    check_tag(&set, 0, "rsa-2048");
    check_tag(&set, 1, "ecdsa-p256");
    check_tag(&given, 0, "key:/a.pem+must-staple");
}

AC_SUITE("engine/wanted_keys", AC_CASE(one_type_or_several_are_read_and_written_alike),
         AC_CASE(types_that_make_no_set_are_refused),
         AC_CASE(a_request_is_read_and_kept_as_it_is),
         AC_CASE(a_file_without_a_request_is_a_mistake_of_usage),
         AC_CASE(what_contradicts_itself_is_refused),
         AC_CASE(another_key_is_another_wish), AC_CASE(an_order_is_for_one_key))
