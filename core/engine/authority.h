/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA as a run knows it under one account: the conversation with it, the registration
 * of the account, its limits and the way it is reached. A run holds one for each place,
 * however many certificates are issued there, so that they share nonces, connections
 * and limits.
 */
#ifndef AC_ENGINE_AUTHORITY_H
#define AC_ENGINE_AUTHORITY_H

#include "engine/accounts/registration.h"
#include "engine/issue/limits.h"
#include "engine/loop.h"
#include "engine/wanted/wanted.h"

/* Which CA, how it is reached, and which account there. A value of lent parts. */
struct ac_authority_place {
    const char *directory_url;
    const char *account; /* its name among those of the CA, or NULL */
    const char *ca_file; /* more trust anchors for its HTTPS; or NULL */
    bool can_use_plain_http;
    bool is_borrowed; /* ca_file was given for another CA: what is known counts first */
};

/* That of one of the CAs of a wish, lent; of any other CA nothing but its URL. */
struct ac_authority_place ac_authority_place_of(const struct ac_wanted *wanted,
                                                const char *directory_url);

struct ac_authority;

struct ac_client *ac_authority_client(struct ac_authority *authority);
struct ac_registration *ac_authority_registration(struct ac_authority *authority);
/* What the account there has used up. */
struct ac_limits *ac_authority_limits(struct ac_authority *authority);

/* Of its directory. */
const char *ac_authority_url(const struct ac_authority *authority);

/* ---- those of a run */

struct ac_authorities;

/* What is known of a CA by its URL alone, for a run that asks several. All owned. */
struct ac_authority_terms {
    char *ca_file; /* used where the place has none of its own; or NULL */
    bool can_use_plain_http;
    struct ac_words contacts; /* of a new account, canonical */
    bool agrees_to_terms;
    bool keeps_binding; /* that of the registration settings is for this CA */
    char *eab_kid;      /* else this one; NULL: none */
    struct ac_secret eab_key;
    enum ac_hmac eab_algorithm;
    struct ac_error trouble; /* why no new account can be made so; AC_OK: one can */
};
void ac_authority_terms_done(struct ac_authority_terms *terms);
AC_DEFINE_DROP_VALUE(ac_authority_terms, ac_authority_terms_done)

/* AC_E_NOTFOUND: nothing of its own is known of this CA. */
typedef enum ac_code ac_know_authority(void *arg, const char *directory_url,
                                       struct ac_authority_terms *ret_terms,
                                       struct ac_error *err);

struct ac_authorities_settings {
    struct ac_loop *loop; /* borrowed, as are all */
    struct ac_store *store;
    /* Of a dry run: an account that is not in `store` is made here, to be deactivated
     * afterwards, unless the CA is a staging one. NULL: it is made in `store`. */
    struct ac_store *temporary;
    struct ac_http *http;
    int64_t deadline_ms;
    /* Of each account that must be made; store, client and URL are filled in. */
    struct ac_registration_settings registration;
    ac_know_authority *know; /* or NULL: all is as above */
    void *know_arg;
};

AC_MUST enum ac_code ac_authorities_new(const struct ac_authorities_settings *settings,
                                        struct ac_authorities **ret_authorities,
                                        struct ac_error *err);
/* Before the loop is freed. */
void ac_authorities_free(struct ac_authorities *authorities);
AC_DEFINE_DROP(ac_authorities, ac_authorities_free)

/* What time they have said it is. */
struct ac_authorities_clocks {
    const struct ac_authority *nearest; /* to ours; lent; NULL: none has said it */
    const struct ac_authority *farthest;
    int64_t nearest_s, farthest_s; /* ahead of ours */
    bool is_waiting;               /* one of them has not answered yet */
};
struct ac_authorities_clocks ac_authorities_clocks(
    const struct ac_authorities *authorities);

/* The one at this place, lent; made when first asked for, and asks nobody. AC_E_USAGE:
 * its CA file cannot be used; or a temporary account would use up what is given for a
 * real one. */
AC_MUST enum ac_code ac_authorities_get(struct ac_authorities *authorities,
                                        const struct ac_authority_place *place,
                                        struct ac_authority **ret_authority,
                                        struct ac_error *err);

#endif
