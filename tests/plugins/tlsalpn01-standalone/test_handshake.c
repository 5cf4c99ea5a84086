/* SPDX-License-Identifier: Apache-2.0 */
#include "handshake.h"

#include "visitor.h"

struct party {
    struct proofs proofs;
    gnutls_priority_t priorities;
    gnutls_session_t session;
    int ends[2]; /* ours, the visitor's */
    int code;
};

static bool prepare(struct party *party)
{
    struct subject subject;
    int code = 0;

    memset(party, 0, sizeof(*party));
    party->code = GNUTLS_E_AGAIN;
    return subject_read("a.test", &subject)
           && proofs_add(&party->proofs, &subject, "token.thumb", &code) == PROOFS_ADDED
           && handshake_settings(&party->priorities) == 0
           && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, party->ends) == 0
           && (party->session =
                   handshake_new(party->priorities,
                                 proofs_find(&party->proofs, "a.test"), party->ends[0]))
                  != NULL;
}

static void clear(struct party *party)
{
    if (party->session)
        gnutls_deinit(party->session);
    if (party->priorities)
        gnutls_priority_deinit(party->priorities);
    proofs_drop(&party->proofs);
    (void)close(party->ends[0]);
    (void)close(party->ends[1]);
}

static void step(void *arg, int client_fd)
{
    struct party *party = arg;

    (void)client_fd;
    if (party->code == GNUTLS_E_AGAIN)
        party->code = handshake_step(party->session);
}

AC_TEST(validator_is_shown_the_proof)
{
    struct party party;

    AC_REQUIRE(prepare(&party) || ac_check_is_torture());
    if (party.session) {
        struct seen seen =
            visitor_shake(step, &party, party.ends[1], "a.test", "acme-tls/1");

        CU_ASSERT_EQUAL(seen.code, 0);
        CU_ASSERT_STRING_EQUAL(seen.protocol, "acme-tls/1");
        CU_ASSERT_TRUE(seen.der_size > 0);
        CU_ASSERT_EQUAL(party.code, 0);
    }
    clear(&party);
}

AC_TEST(another_protocol_is_refused)
{
    struct party party;

    AC_REQUIRE(prepare(&party) || ac_check_is_torture());
    if (party.session) {
        struct seen seen = visitor_shake(step, &party, party.ends[1], "a.test", "h2");

        CU_ASSERT_TRUE(seen.code != 0);
        CU_ASSERT_EQUAL(party.code, GNUTLS_E_NO_APPLICATION_PROTOCOL);
    }
    clear(&party);
}

AC_TEST(visitor_who_speaks_no_tls_is_an_error)
{
    struct party party;

    AC_REQUIRE(prepare(&party) || ac_check_is_torture());
    if (party.session) {
        CU_ASSERT_EQUAL(write(party.ends[1], "GET / HTTP/1.1\r\n\r\n", 18), 18);
        CU_ASSERT_TRUE(gnutls_error_is_fatal(handshake_step(party.session)));
    }
    clear(&party);
}

AC_SUITE("tlsalpn01-standalone/handshake", AC_CASE(validator_is_shown_the_proof),
         AC_CASE(another_protocol_is_refused),
         AC_CASE(visitor_who_speaks_no_tls_is_an_error))
