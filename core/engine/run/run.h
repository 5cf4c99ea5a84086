/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the program: the loop, the solvers' instances, the answers' queue, the
 * CAs that are asked, and what is done with them. Drives everything until it is done, a
 * signal comes or the time is up; then takes down what was presented.
 */
#ifndef AC_ENGINE_RUN_H
#define AC_ENGINE_RUN_H

#include "acme/revocation.h"
#include "crypto/chain.h"
#include "engine/check/plugin_check.h"
#include "engine/issue/issue.h"

#define AC_RUN_OTHERS_MS  5000  /* for cleanup after runs for other certificates */
#define AC_RUN_CHECKS_MAX 16    /* certificates whose CAs are asked at once */
#define AC_RUN_CHECKS_MS  30000 /* for asking CAs when they want renewals */
#define AC_RUN_CLOCK_MS   10000 /* for one to say what time it is */
#define AC_RUN_CRLS_MAX   4     /* revocation lists that come at once */
#define AC_RUN_CRL_MS     30000 /* for each */
#define AC_RUN_CRLS_MS    60000 /* for all of them */
#define AC_RUN_CLEANUP_MS 15000 /* for cleanup after a signal or the deadline */

struct ac_run;

struct ac_run_settings {
    struct ac_store *store; /* borrowed, as are all; NULL: to describe or ask only */
    /* Of a dry run, whose store is thrown away: where accounts, what is known of tokens
     * and the private folders of solvers are. NULL: in `store`. */
    struct ac_store *lasting;
    const char *closed_folder; /* where the store is when `store` is NULL: kept from
                                  plugins; or NULL */
    /* Where the run asks when it is not for a certificate, which says that itself. */
    struct ac_authority_place place;
    const char *host_path;
    const struct ac_words *plugin_folders;
    const char *user_agent;
    int64_t deadline_ms;
    bool begins_anew;     /* --force, as in engine/issue/issue.h */
    bool outlives_hangup; /* SIGHUP does not end it; ac_run_was_hung_up tells */
    bool follows_clock;   /* a CA's clock counts where ours is far from it */
    /* store, client and directory_url are filled in by the run. */
    struct ac_registration_settings registration;
    ac_know_authority *know; /* what is known of each CA; or NULL */
    void *know_arg;
    /* Called when anything moved, and at least every progress_ms; or NULL. */
    void (*progress)(void *arg, const struct ac_progress *progress);
    void *progress_arg;
    int64_t progress_ms;
};

/* Opens no connection and starts no process yet. */
AC_MUST enum ac_code ac_run_new(const struct ac_run_settings *settings,
                                struct ac_run **ret_run, struct ac_error *err);
void ac_run_free(struct ac_run *run);
AC_DEFINE_DROP(ac_run, ac_run_free)

/* The directory, lent. */
AC_MUST enum ac_code ac_run_directory(struct ac_run *run,
                                      const struct ac_directory **ret_directory,
                                      struct ac_error *err);
/* Makes sure that there is an account. NULL in *ret_account: it was in the store, and
 * the CA was not asked. Lent. */
AC_MUST enum ac_code ac_run_register(struct ac_run *run,
                                     const struct ac_account **ret_account,
                                     struct ac_error *err);
/*
 * The CA does not know the account of the store any more: looks for it by its key, and
 * registers it again where that is agreed to. *ret_account says what came of it. Lent.
 */
AC_MUST enum ac_code ac_run_register_again(struct ac_run *run,
                                           const struct ac_account **ret_account,
                                           struct ac_error *err);
/* The account's URL at that place; NULL before it is known. Lent. */
const char *ac_run_account_url(const struct ac_run *run);
/* Reads the account at the CA. *ret_account is owned by the caller. */
AC_MUST enum ac_code ac_run_read_account(struct ac_run *run,
                                         struct ac_account *ret_account,
                                         struct ac_error *err);
/*
 * Obtains a certificate. The outcome (lent by *ret_issue) says how it went, whatever
 * the code is; *ret_issue is NULL when it could not even begin (AC_E_LOCKED …).
 */
AC_MUST enum ac_code ac_run_issue(struct ac_run *run, const struct ac_wanted *wanted,
                                  struct ac_issue **ret_issue, struct ac_error *err);

/* A certificate of a fleet has ended: what is lent for the call. */
struct ac_fleet_end {
    size_t index;
    const struct ac_wanted *wanted; /* NULL: it could not be loaded */
    const struct ac_issue *issue;   /* NULL: it was not begun */
    const struct ac_error *why;     /* code AC_OK: it is issued */
};

/* Certificates to be issued side by side. */
struct ac_fleet {
    size_t count;
    size_t jobs;      /* at a time; at least 1 */
    int64_t each_ms;  /* for each, from its beginning */
    bool begins_anew; /* --force, likewise */
    /* What certificate `index` is to be; called when its turn comes. */
    enum ac_code (*load)(void *arg, size_t index, struct ac_wanted *ret_wanted,
                         struct ac_error *err);
    /* Called once for each, in the order in which they end; its lock is held still. */
    void (*ended)(void *arg, const struct ac_fleet_end *end);
    void *arg;
};

/*
 * Issues all of a fleet in the one loop. When a CA cannot be reached, what is still to
 * be asked of it is not begun (AC_E_NETWORK): an outage must not be felt once for each
 * certificate. After a signal or the deadline of the run nothing more is begun
 * (AC_E_CANCELLED, AC_E_TIMEOUT). Fails only when the loop does.
 */
AC_MUST enum ac_code ac_run_fleet(struct ac_run *run, const struct ac_fleet *fleet,
                                  struct ac_error *err);
/*
 * Remembers changed settings of a certificate that is fresh: loads and opens the
 * plugins to check them, asks no CA, and saves the wish. AC_E_USAGE, AC_E_PLUGIN: they
 * are wrong, and the old ones stay. AC_E_LOCKED: another run works on it.
 */
AC_MUST enum ac_code ac_run_keep_wish(struct ac_run *run,
                                      const struct ac_wanted *wanted,
                                      struct ac_error *err);
/* What is to be revoked, and by whom. */
struct ac_revocation {
    const struct ac_chain *chain; /* its leaf */
    int reason;                   /* of acme/revocation.h, or AC_REVOCATION_NO_REASON */
    struct ac_key **key; /* the certificate's own, taken; NULL: the account asks */
    const char *name;    /* by which it is held: that is noted; NULL: it is not */
    bool is_current;     /* it is of the version in use */
    const char *then;    /* AC_STATE_THEN_…, noted with it; or NULL */
};
/*
 * Revokes a certificate at the CA of settings.place (RFC 8555 7.6). One that was
 * revoked before is done: *ret_was_before.
 *
 * AC_E_USAGE   the key is not the certificate's, or there is no account with this CA
 * AC_E_LOCKED  another run works on the certificate; nothing was done
 */
AC_MUST enum ac_code ac_run_revoke(struct ac_run *run,
                                   const struct ac_revocation *revocation,
                                   bool *ret_was_before, struct ac_error *err);
/*
 * Asks the CAs that issued these certificates when they would like them renewed (RFC
 * 9773), where it is time to ask, and notes in state.json what they say. What goes
 * wrong is logged and asked about again later; it is no reason not to renew.
 *
 * AC_E_CANCELLED, AC_E_TIMEOUT  the run is to end
 */
AC_MUST enum ac_code ac_run_check_renewals(struct ac_run *run,
                                           const struct ac_words *names,
                                           struct ac_error *err);
/*
 * Asks a CA of this certificate for its directory, and so for the time, unless one has
 * said in this run that ours is right. What goes wrong is no failure.
 *
 * AC_E_CANCELLED  the run is to end
 */
AC_MUST enum ac_code ac_run_learn_clock(struct ac_run *run,
                                        const struct ac_wanted *wanted,
                                        struct ac_error *err);
/* All have been asked: where all that answered are more than half an hour from ours,
 * that is told, and ac_clock_utc is corrected. One that is alone with its time, beside
 * another that has ours, is told and left. */
void ac_run_settle_clock(struct ac_run *run);
/* Is it known in this run what time it is by a CA? */
bool ac_run_knows_clock(const struct ac_run *run);
/*
 * Looks into the revocation lists that these certificates may be in (RFC 5280), where
 * it is time to, and notes in state.json what they say. A list that does not come is
 * logged and asked for again later; that is no reason to fail.
 *
 * is_partial      there are certificates that were not given: the lists are due for
 *                 them still
 * revoked         gets the names of those that were found to be, and nobody knew
 * AC_E_CANCELLED, AC_E_TIMEOUT  the run is to end
 */
AC_MUST enum ac_code ac_run_check_crls(struct ac_run *run, const struct ac_words *names,
                                       bool is_partial, struct ac_words *revoked,
                                       struct ac_error *err);
/* The names of the plugins in these folders, sorted. */
AC_MUST enum ac_code ac_run_plugins(const struct ac_words *plugin_folders,
                                    struct ac_words *ret_names, struct ac_error *err);
/*
 * Cleans up what an earlier run presented for this certificate and no run works on now
 * (AC_E_LOCKED: one does), and asks no CA. What is not clean is added to warnings.
 */
AC_MUST enum ac_code ac_run_recover(struct ac_run *run, const char *name,
                                    struct ac_words *warnings, struct ac_error *err);
/*
 * The same when somebody asks for it, with all the time that the run has.
 *
 * takes_persistent  the records that were to stay (dns-persist-01) go, too
 * cleaned           gets the name of each record, or what else was cleaned up
 */
AC_MUST enum ac_code ac_run_clean(struct ac_run *run, const char *name,
                                  bool takes_persistent, struct ac_words *cleaned,
                                  struct ac_words *warnings, struct ac_error *err);
/*
 * The same for all other certificates than `name`, within AC_RUN_OTHERS_MS for all of
 * them together. What goes wrong is one line of warning; later runs try again.
 */
void ac_run_recover_others(struct ac_run *run, const char *name);
/* Loads a plugin in its own process, to say what it is; nothing is opened. The
 * descriptor is lent by the run. */
AC_MUST enum ac_code ac_run_describe(struct ac_run *run, const char *plugin,
                                     const struct ac_descriptor **ret_descriptor,
                                     struct ac_error *err);

/* The conformance suite on a plugin with these options; domain: for a real record, or
 * NULL. See engine/check. */
AC_MUST enum ac_code ac_run_check_plugin(struct ac_run *run, const char *plugin,
                                         const struct ac_section *options,
                                         const char *domain,
                                         struct ac_plugin_check *ret_check,
                                         struct ac_error *err);

/* Did a SIGHUP come that did not end it? */
bool ac_run_was_hung_up(const struct ac_run *run);
struct ac_http_counters ac_run_counters(const struct ac_run *run);

#endif
