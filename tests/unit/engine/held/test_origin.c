/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/origin.h"

#include "holding.h"

#include <string.h>
#include <unistd.h>

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* The current version is of this number, and was wished for. */
static enum ac_code fill(struct ac_state *state, int64_t version, const char *directory,
                         struct ac_error *err)
{
    struct ac_state_origin *origin = &state->origin;

    origin->version = version;
    origin->is_silent = true;
    origin->is_given_up = true;
    AC_TRY(ac_memory_copy_text("wished for", &origin->identity, err));
    AC_TRY(ac_memory_copy_text("/a.conf", &origin->configuration, err));
    AC_TRY(ac_memory_copy_text("https://ca.test/acct/1", &origin->account_url, err));
    return ac_memory_copy_text(directory, &origin->directory_url, err);
}

AC_TEST(leaf_says_what_it_is)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_state) holder = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE_OK(ac_version_load(store, "www", "cert.pem", &pem, &err));
    AC_REQUIRE_OK(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, &err));
    AC_REQUIRE_OK(ac_origin_read(chain, &holder.origin, &err));

    CU_ASSERT_STRING_EQUAL(holder.origin.serial, held.serial);
    CU_ASSERT_STRING_EQUAL(holder.origin.fingerprint, held.fingerprint);
    CU_ASSERT_EQUAL(holder.origin.issued_at, held.not_before);
    CU_ASSERT_EQUAL(holder.origin.not_before, held.not_before);
    CU_ASSERT_EQUAL(holder.origin.not_after, AC_PKI_AFTER);
    CU_ASSERT_EQUAL(holder.origin.renewal_id == NULL, held.renewal_id == NULL);
}

AC_TEST(what_was_wanted_stays_with_another_version)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state) holder = { 0 };

    AC_REQUIRE_OK(fill(&state, 2, "https://ca.test/dir", &err));
    AC_REQUIRE_OK(ac_origin_inherit(&state, 1, &holder.origin, &err));

    CU_ASSERT_STRING_EQUAL(holder.origin.identity, "wished for");
    CU_ASSERT_STRING_EQUAL(holder.origin.configuration, "/a.conf");
    CU_ASSERT_STRING_EQUAL(holder.origin.directory_url, "https://ca.test/dir");
    CU_ASSERT_TRUE(holder.origin.is_silent);
    CU_ASSERT_TRUE(holder.origin.is_given_up);
    CU_ASSERT_EQUAL(holder.origin.version, 0);
}

AC_TEST(earlier_version_is_of_the_ca_that_issued_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state) next = { 0 };
    AC_AUTO(ac_state) holder = { 0 };

    AC_REQUIRE_OK(fill(&state, 1, "https://then.test/dir", &err));
    AC_REQUIRE_OK(fill(&next, 2, "https://now.test/dir", &err));
    ac_state_begin_version(&state, &next.origin);
    AC_REQUIRE_OK(ac_origin_inherit(&state, 1, &holder.origin, &err));

    CU_ASSERT_STRING_EQUAL(holder.origin.directory_url, "https://then.test/dir");
    CU_ASSERT_STRING_EQUAL(holder.origin.account_url, "https://ca.test/acct/1");
}

AC_TEST(what_is_not_known_stays_so)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *copy = NULL;
    AC_AUTO_TEXT char *none = NULL;

    AC_REQUIRE_OK(ac_origin_copy("known", &copy, &err));
    AC_REQUIRE_OK(ac_origin_copy(NULL, &none, &err));

    CU_ASSERT_STRING_EQUAL(copy, "known");
    CU_ASSERT_PTR_NULL(none);
}

AC_SUITE("engine/origin", AC_CASE(leaf_says_what_it_is),
         AC_CASE(what_was_wanted_stays_with_another_version),
         AC_CASE(earlier_version_is_of_the_ca_that_issued_it),
         AC_CASE(what_is_not_known_stays_so))
