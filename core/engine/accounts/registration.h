/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes sure that a client has an account: loads it, or registers one (RFC 8555 7.3).
 *
 * The key is on disk before newAccount is sent; newAccount is idempotent by key, so a
 * run that was killed in between is taken up. The loop steps it.
 */
#ifndef AC_ENGINE_REGISTRATION_H
#define AC_ENGINE_REGISTRATION_H

#include "acme/account.h"
#include "store/store.h"

#define AC_REGISTRATION_LOCK_MS 30000 /* for another run that registers here */

struct ac_registration;

/* May the account agree to these terms? Asked only when a new account is needed. */
typedef bool ac_ask_terms(void *arg, const char *url);

struct ac_registration_settings {
    struct ac_store *store; /* borrowed, as are all */
    struct ac_client *client;
    const char *directory_url;
    const char *account;             /* its name among those of the CA, or NULL */
    const struct ac_words *contacts; /* or NULL */
    bool replaces_retired;           /* a new one, where one was deactivated */
    bool only_existing;              /* find it by its key, and make none (7.3.1) */
    bool agrees_to_terms;            /* --agree-tos */
    ac_ask_terms *ask_terms;         /* or NULL: nobody to ask */
    void *ask_arg;
    enum ac_key_type key_type; /* of a new account's key */
    const char *account_key;   /* in its place: a file, or a token's URL; or NULL */
    const char *pin_file;      /* for that URL, or NULL */
    const char *eab_kid;       /* or NULL */
    const struct ac_secret *eab_key;
    enum ac_hmac eab_algorithm;
    const struct ac_error *trouble; /* why none can be made with these, or NULL: an end
                                     * only where an account has to be made */
};

AC_MUST enum ac_code ac_registration_new(
    const struct ac_registration_settings *settings,
    struct ac_registration **ret_registration, struct ac_error *err);
void ac_registration_free(struct ac_registration *registration);
AC_DEFINE_DROP(ac_registration, ac_registration_free)

/* Goes as far as it can without waiting. */
void ac_registration_step(struct ac_registration *registration);
/* When to step it again although nothing came. */
int64_t ac_registration_wake_at_ms(const struct ac_registration *registration);
bool ac_registration_is_done(const struct ac_registration *registration);
/*
 * AC_OK: the client has key and kid. AC_E_USAGE: consent or EAB is missing (the detail
 * has the URL of the terms). AC_E_LOCKED: another run has registered with this CA for
 * AC_REGISTRATION_LOCK_MS and is not done.
 */
AC_MUST enum ac_code ac_registration_result(const struct ac_registration *registration,
                                            struct ac_error *err);
/* The CA's refusal, when there is one; NULL else. Lent. */
const struct ac_problem *ac_registration_problem(
    const struct ac_registration *registration);
/* Did this run make the account, and what did the CA say of it? NULL: not asked. Lent.
 */
const struct ac_account *ac_registration_account(
    const struct ac_registration *registration);
/* How often the account was looked up again: what a request was made with. */
unsigned ac_registration_lookups(const struct ac_registration *registration);
/*
 * The CA refused a request that was made after so many look-ups: it does not know the
 * account (any more). Looks it up by key, and registers it again where the terms were
 * agreed to in this run; once, however many requests are refused together. True: the
 * registration is under way, or was done after that request; false: there is no more
 * to be tried.
 */
bool ac_registration_again(struct ac_registration *registration, unsigned lookups);

#define AC_REGISTRATION_KEY_MAX 4096 /* bytes of a file with a MAC key */

/* "HS256", "HS384" or "HS512". AC_E_USAGE: none; `name` is that of the setting. */
AC_MUST enum ac_code ac_registration_read_algorithm(const char *name, const char *word,
                                                    enum ac_hmac *ret_algorithm,
                                                    struct ac_error *err);
/* The MAC key of an external account binding as it stands in a file (base64url, or
 * base64, padded or not). AC_E_USAGE names the file. */
AC_MUST enum ac_code ac_registration_read_mac_key(const struct ac_secret *file,
                                                  const char *path,
                                                  struct ac_secret *ret_key,
                                                  struct ac_error *err);

#endif
