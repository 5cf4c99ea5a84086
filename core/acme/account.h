/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts (RFC 8555 7.1.2, 7.3): the wire form of what can be done with one.
 */
#ifndef AC_ACME_ACCOUNT_H
#define AC_ACME_ACCOUNT_H

#include "acme/client.h"
#include "crypto/digest.h"

#define AC_ACCOUNT_CONTACTS_MAX 10

struct ac_account {
    char *url; /* Location, byte for byte: the kid */
    char *status;
    struct ac_words contacts; /* as the CA has them; Boulder has none */
    char *orders_url;         /* or NULL */
    bool is_new;              /* 201 */
};

struct ac_account_request {
    const struct ac_words *contacts; /* "mailto:…"; may be NULL */
    bool agrees_to_terms;
    bool only_existing;              /* look up by key (7.3.1) */
    const char *eab_kid;             /* or NULL */
    const struct ac_secret *eab_key; /* with eab_kid */
    enum ac_hmac eab_algorithm;
};

/* AC_E_USAGE: mailto: with header fields or several addresses, bad scheme, control
 * characters (7.3). Adds "mailto:" to a bare address. Free with free(). */
AC_MUST enum ac_code ac_account_contact(const char *text, char **ret_contact,
                                        struct ac_error *err);
/* Starts newAccount with the client's key. The directory must be there. AC_E_USAGE: the
 * CA requires an external account binding and none is given (7.3.4). */
AC_MUST enum ac_code ac_account_begin(struct ac_client *client,
                                      const struct ac_account_request *request,
                                      struct ac_post **ret_post, struct ac_error *err);
/* Starts reading (POST-as-GET of the kid). */
AC_MUST enum ac_code ac_account_read(struct ac_client *client,
                                     struct ac_post **ret_post, struct ac_error *err);
struct ac_account_change {
    const struct ac_words *contacts; /* all of them from now on; NULL: as they are */
    bool agrees_to_terms;            /* to those that changed (7.3.3) */
};
/* Starts an update of the account (7.3.2). May be repeated. */
AC_MUST enum ac_code ac_account_update(struct ac_client *client,
                                       const struct ac_account_change *change,
                                       struct ac_post **ret_post, struct ac_error *err);
/* Starts its end (7.3.6): nobody can undo that. */
AC_MUST enum ac_code ac_account_deactivate(struct ac_client *client,
                                           struct ac_post **ret_post,
                                           struct ac_error *err);
/* Starts keyChange (7.3.5): from the client's key to this one. AC_E_USAGE: the CA
 * offers none. */
AC_MUST enum ac_code ac_account_change_key(struct ac_client *client,
                                           const struct ac_key *new_key,
                                           struct ac_post **ret_post,
                                           struct ac_error *err);

/* What the CA says of the account, whatever its status; the client stays what it was.
 * The errors are those of ac_account_finish. */
AC_MUST enum ac_code ac_account_answer(struct ac_client *client, struct ac_post *post,
                                       struct ac_account *ret_account,
                                       struct ac_error *err);
/* Takes in the answer of registering, reading or updating. AC_E_PROBLEM, with what to
 * do, also for refusals that mean terms of service, EAB or a deactivated account. */
AC_MUST enum ac_code ac_account_finish(struct ac_client *client, struct ac_post *post,
                                       struct ac_account *ret_account,
                                       struct ac_error *err);
void ac_account_done(struct ac_account *account);
AC_DEFINE_DROP_VALUE(ac_account, ac_account_done)

#endif
