/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of one certificate: state.json. Where the current version came from,
 * when the CA would like it renewed and the instant we chose, what was revoked, and
 * what failed last. What the certificate is to be is in engine/wanted.
 *
 * Nothing in it is needed to use the certificate: one that is gone or damaged costs the
 * knowledge, and no more. Members that this module does not know are kept.
 */
#ifndef AC_ENGINE_STATE_H
#define AC_ENGINE_STATE_H

#include "acme/renewal.h"
#include "store/store.h"

#define AC_STATE_EARLIER_MAX 6  /* more than the versions that are kept */
#define AC_STATE_REVOKED_MAX 32 /* of one name; the oldest are forgotten */

/* Of the current version; texts are owned, NULL where not known. */
struct ac_state_origin {
    int64_t version;                          /* its number; 0: not known */
    int64_t issued_at, not_before, not_after; /* UTC seconds */
    char *identity;      /* ac_wanted_identity of what it was issued for */
    char *configuration; /* the file that wants it; NULL: a command line did */
    char *directory_url;
    char *account_url;
    char *serial;      /* as ac_chain_serial */
    char *fingerprint; /* SHA-256 of the leaf */
    char *renewal_id;  /* as ac_chain_renewal_id: its name in RFC 9773 */
    char *profile;     /* that the CA says it used */
    bool is_silent;    /* what it was issued for named nobody to be told */
    bool is_given_up;  /* that file has it no more, when it was right last */
};

/* RFC 9773. Times are UTC seconds; 0: not known. */
struct ac_state_renewal {
    int64_t start, end;    /* the CA's suggested window */
    int64_t selected_at;   /* the instant in it that was chosen, once */
    int64_t checked_at;    /* when the CA was asked last */
    int64_t next_check_at; /* before that it is not asked again */
    int64_t urgent_at;     /* since when it means now, said so; 0: it does not */
    bool was_urgent; /* that was so of the version before, as soon as it was there */
    char *explanation_url; /* or NULL */
};

/* What went wrong with the last attempts to renew it. */
struct ac_state_trouble {
    int64_t failures;        /* in a row */
    int64_t failed_at;       /* the last one */
    int64_t next_attempt_at; /* not before */
    char *code;              /* ac_code_name of it; NULL: nothing failed */
    char *problem;           /* the CA's problem type (RFC 8555 6.7); or NULL */
    char *identity;          /* ac_wanted_identity of what was asked for; or NULL */
    char *message;           /* the sentence; NULL likewise */
};

/*
 * What one installer has done with the certificate (engine/deploy). What it is about
 * follows from this: a version other than the live one is to be deployed.
 */
struct ac_state_deployment {
    char *installer;         /* the name of the instance */
    char *settings;          /* a digest of plugin and options it was done with */
    int64_t staged_version;  /* 0: none is between its stage and its end */
    bool is_proven;          /* that one is served; what is left is its finish */
    int64_t live_version;    /* that was proven last; 0: none yet */
    int64_t live_at;         /* when */
    bool is_outdated;        /* the live one was deployed with other settings */
    int64_t tried_version;   /* that failures are of */
    int64_t failures;        /* in a row */
    int64_t failed_at;       /* the last one */
    int64_t next_attempt_at; /* not before */
    char *code;              /* ac_code_name of it; NULL: nothing failed */
    char *message;           /* the sentence; NULL likewise */
    bool is_unwanted;        /* the certificate is not for it any more */
};

struct ac_state_revoked {
    char *fingerprint;       /* SHA-256 of the certificate */
    char *key_fingerprint;   /* SHA-256 of its public key */
    char *reason;            /* "superseded" */
    int64_t version;         /* that it was of when it was revoked; 0: an older one */
    int64_t revoked_at;      /* as the CA has it */
    int64_t noted_at;        /* when we knew; 0: ac_state_add_revoked says now */
    char *then;              /* what `delete --revoke` does next, as below; or NULL */
    bool is_key_compromised; /* that key must never be used again */
};

/* A certificate of a version, as the revocation list of its CA knows it. */
struct ac_state_listed {
    char *url;    /* where that list is; NULL: it says nowhere */
    char *issuer; /* SHA-256 of the public key that signs the list; NULL likewise */
    char *serial; /* as ac_chain_serial */
    int64_t on_hold_at; /* since when it is on hold there; 0: it is not */
};

#define AC_STATE_LISTED_MAX 4 /* certificates of one set */

/* What was read from the certificates of one version, once. */
struct ac_state_crl {
    int64_t version; /* of which it is; 0: nothing was read */
    struct ac_state_listed items[AC_STATE_LISTED_MAX];
    size_t count;
};

struct ac_state {
    struct ac_state_origin origin;
    /* Of versions before it that may be gone back to, oldest first; state.json keeps
     * number, directory and account of each. */
    struct ac_state_origin earlier[AC_STATE_EARLIER_MAX];
    size_t earlier_count;
    struct ac_state_renewal renewal;
    struct ac_state_trouble trouble;
    struct ac_state_crl crl;
    struct ac_state_revoked *revoked; /* oldest first */
    size_t revoked_count, revoked_capacity;
    struct ac_state_deployment *deployments; /* in the order they are done */
    size_t deployment_count, deployment_capacity;
    struct ac_json *document; /* as it was loaded; or NULL */
};

/* One that is not there is empty. AC_E_STORE: damaged, or cannot be read. */
AC_MUST enum ac_code ac_state_load(const struct ac_store *store, const char *name,
                                   struct ac_state *ret_state, struct ac_error *err);
/* For whoever holds the lock of the name. */
AC_MUST enum ac_code ac_state_save(struct ac_state *state, struct ac_store *store,
                                   const char *name, struct ac_error *err);
void ac_state_done(struct ac_state *state);
AC_DEFINE_DROP_VALUE(ac_state, ac_state_done)

/* A new version is current: takes where it came from, and forgets window and trouble of
 * the one before. */
void ac_state_begin_version(struct ac_state *state, struct ac_state_origin *origin);
/* Where a version before the current one came from. Lent; NULL: not known (any more).
 */
const struct ac_state_origin *ac_state_find_earlier(const struct ac_state *state,
                                                    int64_t version);

/*
 * The CA has said when it would like the version renewed. The chosen instant is evenly
 * distributed over the window (4.2), and stays as long as the window does. A window
 * that reaches beyond the end of the validity is cut there; one that begins there is
 * passed over, as if nothing had been said.
 */
AC_MUST enum ac_code ac_state_take_renewal(struct ac_state *state,
                                           const struct ac_renewal *renewal,
                                           struct ac_error *err);
/* The CA was asked at `utc`, well or not, and is to be asked again after so long. */
void ac_state_note_check(struct ac_state *state, int64_t utc, int64_t check_after_s);
/* Is it time to ask the CA (again)? Not after the certificate has expired (4.3). */
bool ac_state_wants_check(const struct ac_state *state, int64_t utc);
/* Is origin and what follows from it of this certificate (ac_chain_serial)? Another
 * version may have become current by hand. */
bool ac_state_is_of(const struct ac_state *state, const char *serial);
/*
 * Is the window passed over? A CA that wants each version renewed as soon as it is
 * there would be asked for one after another: the second in a row goes by its age.
 */
bool ac_state_passes_over(const struct ac_state *state);
/* The chosen instant, or 0; of this certificate only, and of a window that counts. */
int64_t ac_state_selected_at(const struct ac_state *state, const char *serial);

/* One more attempt failed; the next is for next_attempt_at at the earliest. */
AC_MUST enum ac_code ac_state_note_failure(struct ac_state *state,
                                           const struct ac_error *why, int64_t utc,
                                           int64_t next_attempt_at,
                                           struct ac_error *err);
void ac_state_clear_trouble(struct ac_state *state);

/* Notes one more, whose texts are taken over. The same certificate again replaces what
 * was noted of it; the current one has no window any more. */
AC_MUST enum ac_code ac_state_add_revoked(struct ac_state *state,
                                          struct ac_state_revoked *revoked,
                                          struct ac_error *err);
void ac_state_revoked_done(struct ac_state_revoked *revoked);
AC_DEFINE_DROP_VALUE(ac_state_revoked, ac_state_revoked_done)
/* NULL: this certificate (by its SHA-256) is not known to be revoked. Lent. */
const struct ac_state_revoked *ac_state_find_revoked(const struct ac_state *state,
                                                     const char *fingerprint);
/* NULL: this certificate (by its SHA-256) is not known to be revoked, and no other one
 * of its set (the same version). Lent. */
const struct ac_state_revoked *ac_state_find_revoked_set(const struct ac_state *state,
                                                         const char *fingerprint);
/* What was to become of the current version once it was revoked: AC_STATE_THEN_… or
 * NULL. Lent. */
const char *ac_state_then(const struct ac_state *state);
#define AC_STATE_THEN_DELETE  "delete"
#define AC_STATE_THEN_ARCHIVE "archive"
/* Was a certificate of this key (SHA-256 of its public part) revoked because of it? */
bool ac_state_is_compromised(const struct ac_state *state, const char *key_fingerprint);

/* The deployment by this installer, lent until the next one is added; NULL: none. */
struct ac_state_deployment *ac_state_find_deployment(const struct ac_state *state,
                                                     const char *installer);
/* The same, made when it is not there. */
AC_MUST enum ac_code ac_state_have_deployment(
    struct ac_state *state, const char *installer,
    struct ac_state_deployment **ret_deployment, struct ac_error *err);
/* Forgets those for which `is` says so. */
void ac_state_drop_deployments(
    struct ac_state *state, bool (*is)(const struct ac_state_deployment *deployment));
/* Is `crl` of the current version? */
bool ac_state_knows_crl(const struct ac_state *state);
/* When the first of the current version's certificates was put on hold; 0: none is. */
int64_t ac_state_on_hold_at(const struct ac_state *state);
void ac_state_clear_crl(struct ac_state *state);

/* {"start","end","selected_at","checked_at","next_check_at","explanation_url"}, for
 * --json; *ret_json NULL when the CA has said nothing. */
AC_MUST enum ac_code ac_state_renewal_to_json(const struct ac_state *state,
                                              struct ac_json **ret_json,
                                              struct ac_error *err);

#endif
