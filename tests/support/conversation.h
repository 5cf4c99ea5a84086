/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that talks with the fake CA, and the loop that an engine would be.
 */
#ifndef AC_TESTS_SUPPORT_CONVERSATION_H
#define AC_TESTS_SUPPORT_CONVERSATION_H

#include "acme/client.h"
#include "fake_ca.h"
#include "keys.h"

#define TALK_SECONDS 60
#define TALK_TURNS   2000

/* A client with a key, and an account when `kid` is not NULL. Starts the fake CA. */
static inline enum ac_code talk_begin(const char *kid, struct ac_client **ret_client,
                                      struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_key) *key = NULL;

    fake_ca_begin();
    struct ac_client_settings settings = {
        .directory_url = FAKE_DIRECTORY,
        .language = "de",
        .deadline_ms = fake_ca.now_ms + (int64_t)TALK_SECONDS * 1000,
    };
    AC_TRY(ac_client_new(&settings, &client, err));
    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    ac_client_set_key(client, &key);
    if (kid)
        AC_TRY(ac_client_set_kid(client, kid, err));
    *ret_client = AC_TAKE(client);
    return AC_OK;
}

/* One turn of the loop: a round trip, or a sleep until the client has something to do.
 */
static inline void talk_turn(const struct ac_client *client)
{
    int64_t wake_at_ms = ac_client_wake_at_ms(client);

    if (fake_ca.under_way > 0 && wake_at_ms > fake_ca.now_ms + FAKE_TURN_MS)
        fake_ca_turn();
    else if (wake_at_ms != AC_CLOCK_NEVER && wake_at_ms > fake_ca.now_ms)
        fake_ca.now_ms = wake_at_ms;
    else if (fake_ca.under_way > 0)
        fake_ca_turn();
}

/* Until the post is done; false when that never happens. */
static inline bool talk_until(struct ac_client *client, const struct ac_post *post)
{
    for (int turn = 0; turn < TALK_TURNS; turn++) {
        ac_client_step(client);
        if (ac_post_is_done(post))
            return true;
        talk_turn(client);
    }
    return false;
}

/* Until the directory is there or has failed. */
static inline bool talk_open(struct ac_client *client)
{
    ac_client_open(client);
    for (int turn = 0; turn < TALK_TURNS; turn++) {
        ac_client_step(client);
        if (ac_client_is_open(client))
            return true;
        talk_turn(client);
    }
    return false;
}

/* A POST-as-GET of this URL. */
static inline enum ac_code talk_read(struct ac_client *client, const char *url,
                                     bool is_repeatable, struct ac_post **ret_post,
                                     struct ac_error *err)
{
    const struct ac_post_request request = {
        .url = url,
        .what = "thing",
        .why = "A test.",
        .section = "RFC 8555 6.3",
        .is_repeatable = is_repeatable,
    };
    return ac_client_post(client, &request, ret_post, err);
}

#endif
