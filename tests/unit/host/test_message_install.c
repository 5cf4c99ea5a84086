/* SPDX-License-Identifier: Apache-2.0 */
#include "host/message_install.h"

#include "check.h"

#include <string.h>

static const char *const rsa[] = { "rsa-2048", NULL };
static const char *const names[] = { "a.example", "*.a.example", "2001:db8::1", NULL };

static struct acmecore_certificate sample(void)
{
    return (struct acmecore_certificate){
        .struct_size = sizeof(struct acmecore_certificate),
        .name = "www",
        .identifiers = names,
        .fullchain_path = "/s/www/fullchain.pem",
        .key_path = "/s/www/privkey.pem",
        .not_after = 1735790400,
        .cert_path = "/s/www/cert.pem",
        .chain_path = "/s/www/chain.pem",
        .folder_path = "/s/www",
        .previous_path = "/s/versions/0001",
        .fingerprint =
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };
}

AC_TEST(batch_comes_back_as_it_was)
{
    struct ac_error err = { 0 };
    struct acmecore_certificate first = sample();
    struct acmecore_certificate second = sample();
    AC_AUTO(ac_install_batch) batch = { 0 };
    AC_AUTO(ac_install_batch) again = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    first.other_types = rsa;
    second.name = "mail";
    second.key_path = NULL;
    second.previous_path = NULL;
    AC_REQUIRE_OK(ac_install_batch_add(&batch, &first, &err));
    AC_REQUIRE_OK(ac_install_batch_add(&batch, &second, &err));
    AC_REQUIRE_OK(ac_install_batch_to_json(&batch, &json, &err));
    AC_REQUIRE_OK(ac_install_batch_from_json(json, &again, &err));

    AC_REQUIRE(again.count == 2);
    CU_ASSERT_STRING_EQUAL(again.pointers[0]->name, "www");
    CU_ASSERT_STRING_EQUAL(again.pointers[0]->previous_path, "/s/versions/0001");
    CU_ASSERT_STRING_EQUAL(again.pointers[0]->identifiers[2], "2001:db8::1");
    CU_ASSERT_PTR_NULL(again.pointers[0]->identifiers[3]);
    CU_ASSERT_EQUAL(again.pointers[0]->not_after, 1735790400);
    CU_ASSERT_STRING_EQUAL(again.pointers[0]->other_types[0], "rsa-2048");
    CU_ASSERT_PTR_NULL(again.pointers[0]->other_types[1]);
    CU_ASSERT_PTR_NULL(again.pointers[1]->other_types[0]);
    CU_ASSERT_STRING_EQUAL(again.pointers[1]->name, "mail");
    CU_ASSERT_PTR_NULL(again.pointers[1]->key_path);
    CU_ASSERT_PTR_NULL(again.pointers[1]->previous_path);
}

AC_TEST(what_is_no_certificate_is_refused)
{
    static const char *const odd_name[] = { "a.example/x", NULL };
    static const char *const none[] = { NULL };
    static const char *const odd_type[] = { "../rsa", NULL };
    struct acmecore_certificate odd[] = { sample(), sample(), sample(), sample(),
                                          sample(), sample(), sample(), sample() };
    AC_AUTO(ac_install_batch) batch = { 0 };

    odd[0].name = "../x";
    odd[1].fullchain_path = "relative.pem";
    odd[2].key_path = "/s/with\nnewline";
    odd[3].fingerprint = "0123";
    odd[4].identifiers = odd_name;
    odd[5].identifiers = none;
    odd[6].folder_path = NULL;
    odd[7].other_types = odd_type;
    for (size_t i = 0; i < AC_COUNT(odd); i++) {
        struct ac_error err = { 0 };
        AC_REQUIRE_CODE(ac_install_batch_add(&batch, &odd[i], &err), AC_E_INVALID);
    }

    CU_ASSERT_EQUAL(batch.count, 0);
}

AC_TEST(documents_of_the_wrong_shape_are_refused)
{
    static const char *const texts[] = {
        "{}",
        "[{}]",
        "[{\"not_after\":1,\"identifiers\":[]}]",
        "[{\"not_after\":1,\"identifiers\":[\"a.example\"],\"name\":7}]",
        "[{\"not_after\":1,\"identifiers\":[\"a.example\"],\"name\":\"www\"}]",
    };

    for (size_t i = 0; i < AC_COUNT(texts); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_json) *json = NULL;
        AC_AUTO(ac_install_batch) batch = { 0 };

        AC_REQUIRE_OK(ac_json_parse(texts[i], strlen(texts[i]), &json, &err));
        AC_REQUIRE_CODE(ac_install_batch_from_json(json, &batch, &err), AC_E_INVALID);
    }
}

AC_SUITE("host/message_install", AC_CASE(batch_comes_back_as_it_was),
         AC_CASE(what_is_no_certificate_is_refused),
         AC_CASE(documents_of_the_wrong_shape_are_refused))
