/* SPDX-License-Identifier: Apache-2.0 */
#include "host/proof.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

#define LIMIT_MS 20000

static enum ac_code ask(struct ac_proof *proof, const char *starttls,
                        struct ac_error *err)
{
    const struct ac_proof_target target = { "127.0.0.1:1", starttls, "a.test" };
    int64_t until_ms = ac_clock_after_ms(LIMIT_MS);

    AC_TRY(ac_proof_ask(proof, &target, 1, ac_clock_after_ms(5000), err));
    ac_proof_step(proof);
    while (!ac_proof_is_done(proof) && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_proof_fds(proof, fds);
        (void)poll(fds, (nfds_t)count, ac_clock_left_ms(ac_proof_wake_at_ms(proof)));
        ac_proof_step(proof);
    }
    return ac_proof_result(proof, err);
}

AC_TEST(one_process_answers_again_and_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_proof) *proof = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_proof_start(AC_TEST_PLUGIN_HOST, &proof, &err));
    AC_REQUIRE_OK(ask(proof, NULL, &err));
    AC_REQUIRE_OK(ask(proof, "smtp", &err));

    CU_ASSERT_STRING_EQUAL(ac_proof_seen(proof, 0)->fingerprint, "");
    CU_ASSERT_STRING_NOT_EQUAL(ac_proof_seen(proof, 0)->text, "");
}

AC_TEST(what_cannot_be_asked_is_a_matter_of_settings)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_proof) *proof = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_proof_start(AC_TEST_PLUGIN_HOST, &proof, &err));
    AC_REQUIRE_CODE(ask(proof, "gopher", &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "smtp, imap, pop3, ftp, ldap"));
}

AC_TEST(plugin_host_that_is_not_there_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_proof) *proof = NULL;

    CU_ASSERT_NOT_EQUAL(ac_proof_start("/nowhere/plugin-host", &proof, &err), AC_OK);
}

AC_SUITE("host/proof", AC_CASE(one_process_answers_again_and_again),
         AC_CASE(what_cannot_be_asked_is_a_matter_of_settings),
         AC_CASE(plugin_host_that_is_not_there_is_told))
