/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/part.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "check.h"
#include "keys.h"
#include "pki.h"

#define KEYS AC_TEST_DATA "/keys/"

static const char *const names[] = { "example.org", NULL };
static char name[] = "www";
static char directory[] = "https://ca.example/dir";
static char elsewhere[] = "https://other.example/dir";
static int64_t now = AC_PKI_NOW;

/* Takes the place of libc's. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    (void)clock_id;
    *tp = (struct timespec){ .tv_sec = now };
    return 0;
}

int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code want(struct ac_wanted *wanted, struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text(name, &wanted->name, err));
    AC_TRY(ac_memory_copy_text(directory, &wanted->directory_url, err));
    wanted->key_type = AC_KEY_ECDSA_P256;
    wanted->more_key_types[0] = AC_KEY_RSA_2048;
    wanted->more_key_count = 1;
    return ac_identifiers_parse("example.org", &wanted->identifiers, err);
}

/* A part for the first key, as a run leaves it. */
static enum ac_code save(struct ac_store **ret_store, struct ac_wanted *wanted,
                         struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    struct ac_pki_options options = { .names = names };

    now = AC_PKI_NOW;
    AC_TRY(want(wanted, err));
    AC_TRY(ac_keys_load(KEYS "p256.pem", &key, err));
    options.key = key;
    AC_TRY(ac_pki_chain(&options, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    return ac_part_save(*ret_store, wanted, 0, chain, key, err);
}

static enum ac_code load(const struct ac_store *store, const struct ac_wanted *wanted,
                         size_t index, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_part_load(store, wanted, index, &chain, &key, err));
    return ac_key_type_of(key) == AC_KEY_ECDSA_P256
               ? AC_OK
               : ac_fail(err, AC_E_SYSTEM, "another key");
}

AC_TEST(what_is_saved_is_loaded_for_the_same_wish)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct stat status = { 0 };

    AC_REQUIRE_OK(save(&store, &wanted, &err));
    AC_REQUIRE_OK(load(store, &wanted, 0, &err));
    AC_REQUIRE_CODE(load(store, &wanted, 1, &err), AC_E_NOTFOUND);

    CU_ASSERT_EQUAL(stat(ac_test_path("state/certs/www/part-ecdsa-p256.pem"), &status),
                    0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
}

AC_TEST(a_part_of_another_wish_is_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_identifiers) more = { 0 };
    struct ac_wanted changed;

    AC_REQUIRE_OK(save(&store, &wanted, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("example.org,a.test", &more, &err));
    changed = wanted;
    changed.directory_url = elsewhere;
    AC_REQUIRE_CODE(load(store, &changed, 0, &err), AC_E_NOTFOUND);
    changed = wanted;
    changed.identifiers = more;
    AC_REQUIRE_CODE(load(store, &changed, 0, &err), AC_E_NOTFOUND);
    changed = wanted;
    changed.must_staple = true;
    AC_REQUIRE_CODE(load(store, &changed, 0, &err), AC_E_NOTFOUND);
    CU_ASSERT(err.detail[0] != '\0');
}

AC_TEST(an_old_part_is_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(save(&store, &wanted, &err));
    now = AC_PKI_NOW + AC_PART_AGE_MAX_S - 1;
    AC_REQUIRE_OK(load(store, &wanted, 0, &err));
    now = AC_PKI_NOW + AC_PART_AGE_MAX_S;
    AC_REQUIRE_CODE(load(store, &wanted, 0, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "another wish"));
}

AC_TEST(a_part_that_is_damaged_is_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(save(&store, &wanted, &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/part-ecdsa-p256.pem"), "", 0));
    AC_REQUIRE_CODE(load(store, &wanted, 0, &err), AC_E_NOTFOUND);
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/www/part-ecdsa-p256.json"),
                                  "{}", 2));
    AC_REQUIRE_CODE(load(store, &wanted, 0, &err), AC_E_NOTFOUND);
    CU_ASSERT(err.detail[0] != '\0');
}

AC_TEST(all_parts_are_removed_together)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(save(&store, &wanted, &err));
    AC_REQUIRE_OK(ac_part_remove_all(store, name, &err));
    AC_REQUIRE_CODE(load(store, &wanted, 0, &err), AC_E_NOTFOUND);
    CU_ASSERT_FALSE(
        ac_file_exists(ac_test_path("state/certs/www/part-ecdsa-p256.pem")));
}

AC_SUITE("engine/part", AC_CASE(what_is_saved_is_loaded_for_the_same_wish),
         AC_CASE(a_part_of_another_wish_is_none), AC_CASE(an_old_part_is_none),
         AC_CASE(a_part_that_is_damaged_is_none),
         AC_CASE(all_parts_are_removed_together))
