/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to issue*.c: the state of one issue and its steps.
 */
#ifndef AC_ENGINE_ISSUE_STEPS_H
#define AC_ENGINE_ISSUE_STEPS_H

#include "base/clock.h"
#include "crypto/chain.h"
#include "engine/held/state.h"
#include "engine/issue/issue.h"
#include "engine/issue/select.h"
#include "engine/journal/journal.h"

#define AC_ISSUE_ALTERNATES_MAX   10    /* chains beside the CA's own */
#define AC_ISSUE_CHOICE_MS        15000 /* for them */
#define AC_ISSUE_CHOICE_MARGIN_MS 2000  /* before the deadline, to store one */

enum ac_phase {
    AC_PHASE_SOLVERS, /* plugins load, settings are checked, each name gets a solver */
    AC_PHASE_RECOVER, /* what an earlier run presented is cleaned up */
    AC_PHASE_ACCOUNT,
    AC_PHASE_PREAUTHORIZE, /* authorizations before there is an order */
    AC_PHASE_ORDER,        /* continue or create */
    AC_PHASE_AUTHORIZE,    /* read all authorizations, choose challenges */
    AC_PHASE_LOCATE,       /* dns: where do the records really lie? */
    AC_PHASE_PRESENT,
    AC_PHASE_RESPOND,  /* tell the CA */
    AC_PHASE_VALIDATE, /* poll the order until it is no longer pending */
    AC_PHASE_RECHECK,  /* read the authorizations again: why does nothing move? */
    AC_PHASE_FINALIZE,
    AC_PHASE_WAIT, /* poll the order while it is processing */
    AC_PHASE_DOWNLOAD,
    AC_PHASE_CHOOSE,  /* which of the CA's chains */
    AC_PHASE_EXPLAIN, /* the order is invalid: read why */
    AC_PHASE_LET_GO,  /* pending authorizations of a dead order are deactivated */
    AC_PHASE_LEAVE,   /* wait for cleanup */
    AC_PHASE_DONE
};

/* One authorization of the order and what we do about it. */
struct ac_claim {
    struct ac_authorization authorization;
    struct ac_post *post;           /* reading it, or telling the CA */
    struct ac_challenge *challenge; /* ours, lent by authorization; or NULL */
    const struct ac_solver_spec *spec;
    struct ac_answer answer; /* solver NULL: nothing to present */
    int64_t persist_until;   /* of its record of dns-persist-01; 0: without end */
    bool is_told;            /* the CA was told in this run or before */
    unsigned tell_count;     /* how often in this run */
    struct ac_post *refusal; /* the CA's no to that, or its silence; or NULL */
    unsigned offered; /* types (bits of select), before one of them was decided */
    bool is_given_up; /* it was told often enough */
};

/* A challenge that an earlier run presented. */
struct ac_leftover {
    struct ac_answer answer;
    size_t batch; /* of the journal */
};

/* What follows when the answers of this attempt are cleaned up. */
enum ac_issue_next {
    AC_ISSUE_NEXT_NONE,  /* the end */
    AC_ISSUE_NEXT_ORDER, /* another order at the same CA */
    AC_ISSUE_NEXT_CA
};

/* What a failure means for the order that is noted. */
enum ac_issue_end {
    AC_ISSUE_END_JUDGE, /* the error says it */
    AC_ISSUE_END_DROP,  /* it will never give a certificate */
    AC_ISSUE_END_KEEP
};

struct ac_issue {
    struct ac_issue_settings settings;
    /* The wish as the CA that is asked now is asked for it: a copy of lent parts whose
     * directory_url is that CA's. */
    struct ac_wanted here;
    struct ac_client *client; /* both of that CA; lent */
    struct ac_registration *registration;
    unsigned lookups;         /* of the account, when it was asked with it last */
    struct ac_limits *limits; /* of our account there; lent */
    bool has_checked_refusals;
    int64_t order_at_ms;    /* when the CA's limits allow the next one */
    unsigned asked;         /* a bit for each CA of the wish that was, in this run */
    int64_t share_until_ms; /* by then it must have an order for us */
    enum ac_phase phase;
    struct ac_lock *lock;
    struct ac_journal *journal;
    struct ac_outcome outcome;

    struct ac_leftover *leftovers; /* presented by an earlier run */
    size_t leftover_count, leftover_capacity;
    bool *is_clean; /* by batch of the journal that an earlier run noted */
    size_t batch_count;
    int64_t recover_until_ms;        /* what is not clean by then waits for a run */
    const struct ac_solver *opening; /* what AC_PHASE_SOLVERS waits for; or NULL */

    struct ac_post *post; /* what the phase waits for */
    struct ac_order order;
    struct ac_claim *claims; /* order.authorizations.count, in that order */
    size_t claim_count;

    struct ac_key *brought; /* --key, not used yet; or NULL */
    struct ac_key *key;     /* of the order */
    struct ac_text csr;
    size_t key_index; /* which of ac_wanted_key_type_at the order is for */
    bool has_part;    /* this run has issued one of a set */

    int64_t poll_at_ms; /* next reading of the order */
    int64_t poll_delay_ms;
    unsigned still_count; /* polls without a move */
    unsigned finalize_count, download_count;
    unsigned guess_count; /* of those: refused, of an order that was not ready */
    int64_t not_ready_ms; /* the pause after the last orderNotReady; 0: none yet */
    int64_t guess_at_ms;  /* before that there is no other guess */
    bool is_sent_again;   /* an answer to the request before may have been lost */
    enum ac_issue_end end;
    struct ac_preflight *preflight;   /* under way, or NULL */
    struct ac_solver_call **locating; /* one for each spec; NULL: nothing to locate */
    struct ac_chain *chain;           /* that is kept when none is preferred; or NULL */
    struct ac_post *alternates[AC_ISSUE_ALTERNATES_MAX]; /* under way, or done */
    size_t alternate_count;
    int64_t choose_until_ms; /* they are waited for no longer */

    const char *profile; /* that the new order asks for; lent by wanted; or NULL */
    char *replaces;      /* likewise, as RFC 9773 names it; or NULL */
    bool drops_profile, drops_replaces; /* the CA refused the order because of it */

    struct ac_state state;            /* of the new version, once it is stored */
    bool has_notes;                   /* in it, that are not on disk */
    bool is_over;                     /* the noted order has done its duty */
    struct ac_renewal_query *renewal; /* under way, or NULL */
    int64_t renewal_until_ms;         /* it is waited for no longer */
    int64_t not_before, not_after;    /* asked for, UTC seconds; 0: not */
    char moments[2][AC_CLOCK_TEXT_SIZE];
    struct ac_error verdict; /* why the order died, while it is let go */
    int64_t let_go_until_ms;
    enum ac_issue_next next;
    struct ac_error earlier;  /* how the attempt before ended; code AC_OK: none did */
    unsigned *tried;          /* types (bits of select) that failed, for each name */
    bool is_unwilling;        /* the CA's own reasons: no answer would have done */
    bool has_recovered;       /* leftovers are dealt with */
    bool has_ordered_again;   /* the answer to the new order was lost: */
    struct ac_error lost;     /* how */
    struct ac_orders *sought; /* the account's, under way; or NULL */
    int64_t seek_until_ms;    /* they are waited for no longer */
    bool has_preauthorized;   /* or need not, or cannot */
    bool is_in_advance;       /* the claims are of no order */
    const char **ancestors;   /* for each identifier, lent by the wish; or NULL */
    bool is_presenting;       /* the answers are in the queue */
    bool is_telling;          /* the CA is being told */
    bool has_asked_caa;       /* the preflight was begun in this run */
    unsigned persist_told;    /* records of others that were told of */
};

#define AC_ISSUE_POLL_MS      250   /* DESIGN 4: a quarter of a second … */
#define AC_ISSUE_POLL_MAX_MS  5000  /* … up to 5 s, unless Retry-After says more */
#define AC_ISSUE_RECOVER_MS   15000 /* for leftovers; at most a quarter of the run */
#define AC_ISSUE_LET_GO_MS    5000  /* for the CA to deactivate what is pending */
#define AC_ISSUE_STILL_MAX    4 /* polls without a move before authorizations are read */
#define AC_ISSUE_FINALIZE_MAX 3     /* "ready" and orderNotReady, and lost answers */
#define AC_ISSUE_NOT_READY_MS 5000  /* after orderNotReady; doubles with each */
#define AC_ISSUE_DOWNLOAD_MAX 3     /* in one run, while what comes is no certificate */
#define AC_ISSUE_RUNS_MAX     3     /* in which a noted order came to nothing */
#define AC_ISSUE_PATIENCE_S   86400 /* with a CA that may issue still, at most */
#define AC_ISSUE_RENEWAL_MS   5000  /* for the CA's renewal window, at the end */
#define AC_ISSUE_TELL_MAX     3     /* step-ca wants to be told again (SERVERS) */

typedef enum ac_code ac_issue_step_function(struct ac_issue *issue,
                                            struct ac_error *err);

/* issue_recover.c */
ac_issue_step_function ac_issue_solvers, ac_issue_recover;
/* issue_order.c */
ac_issue_step_function ac_issue_order;
/* issue_poll.c */
ac_issue_step_function ac_issue_validate, ac_issue_wait;
/* When to read the order next: Retry-After of this answer, or the back-off. A pending
 * one is read as long as there is time. AC_E_TIMEOUT when that is past the deadline:
 * the order is kept for a later run. */
AC_MUST enum ac_code ac_issue_poll_later(struct ac_issue *issue, struct ac_post *post,
                                         struct ac_error *err);
/* issue_authorize.c */
ac_issue_step_function ac_issue_authorize, ac_issue_recheck;
/* issue_explain.c */
ac_issue_step_function ac_issue_explain, ac_issue_let_go;
/* A person does not want it any more: the order is forgotten, and what is pending of it
 * is deactivated. False: there is nothing of the kind to be done. */
bool ac_issue_give_up(struct ac_issue *issue, const struct ac_error *why);
/* issue_leave.c */
ac_issue_step_function ac_issue_leave;
/* issue_locate.c */
ac_issue_step_function ac_issue_locate;
/* issue_answer.c */
ac_issue_step_function ac_issue_present, ac_issue_respond;
/* issue_persist.c: the answer to a challenge of dns-persist-01 */
AC_MUST enum ac_code ac_issue_prepare_persist(struct ac_issue *issue,
                                              struct ac_claim *claim,
                                              struct ac_error *err);
/* What lies at the record's name already: one that the CA will take is ours to use, and
 * of others it is told. values NULL: that is not known. */
AC_MUST enum ac_code ac_issue_use_persistent(struct ac_issue *issue,
                                             struct ac_claim *claim,
                                             const struct ac_words *values,
                                             struct ac_error *err);
/* Notes what is about to be written, so that it can be removed when that is asked. */
AC_MUST enum ac_code ac_issue_note_persistent(struct ac_issue *issue,
                                              const struct ac_solver_spec *spec,
                                              struct ac_error *err);
/* Warns of records that end before the certificate is due at `renew_at` (UTC). */
void ac_issue_warn_persistent(struct ac_issue *issue, int64_t renew_at);
/* issue_preflight.c */
/* Begins to ask about CAA, once; what goes wrong is logged. */
void ac_issue_begin_preflight(struct ac_issue *issue);
/* False while it is under way; then warnings are passed on, and it is forgotten. */
bool ac_issue_end_preflight(struct ac_issue *issue);
/* The same, and forgets one that is under way: nothing waits for it any more. */
void ac_issue_drop_preflight(struct ac_issue *issue);
/* issue_key.c */
/* What the user has to give is there and can be used: --key, the password. */
AC_MUST enum ac_code ac_issue_bring_key(struct ac_issue *issue, struct ac_error *err);
/* Key and request of the order, on disk before they are of use. AC_E_USAGE: the key is
 * that of the account. */
AC_MUST enum ac_code ac_issue_have_key(struct ac_issue *issue, struct ac_error *err);
/* May a certificate come of the key of an order that is continued? Not of one that was
 * compromised since; for --force also of no other than is wanted: that of --key, the
 * one that is held (--reuse-key), or one that is not. */
AC_MUST enum ac_code ac_issue_may_use_key(struct ac_issue *issue, bool *ret_may_use,
                                          struct ac_error *err);
/* Was a certificate of it revoked because it was? */
AC_MUST enum ac_code ac_issue_is_compromised(const struct ac_issue *issue,
                                             const struct ac_key *key, bool *ret_is,
                                             struct ac_error *err);
/* issue_set.c */
/* Of several types, the one that an order is made for next. */
AC_MUST enum ac_code ac_issue_choose_key(struct ac_issue *issue, struct ac_error *err);
/* Another order is made: what an earlier run has issued of the set does not count for
 * --force. */
AC_MUST enum ac_code ac_issue_begin_set(struct ac_issue *issue, struct ac_error *err);
/* *ret_is_whole false: others of the set are missing, so this one is kept apart. */
AC_MUST enum ac_code ac_issue_keep_part(struct ac_issue *issue,
                                        const struct ac_chain *chain,
                                        bool *ret_is_whole, struct ac_error *err);
/* The name in RFC 9773 of the certificate that the current version has for this key;
 * NULL: it has none. Free with free(). */
AC_MUST enum ac_code ac_issue_find_renewal_id(const struct ac_issue *issue,
                                              char **ret_id, struct ac_error *err);
/* Is it in the current version already? */
AC_MUST enum ac_code ac_issue_is_current(const struct ac_issue *issue,
                                         const struct ac_chain *chain,
                                         bool *ret_is_current, struct ac_error *err);
/* Stores this certificate, with the others of its set, as a new version. */
AC_MUST enum ac_code ac_issue_add_version(struct ac_issue *issue,
                                          const struct ac_chain *chain,
                                          struct ac_error *err);
/* The parts are of no use any more. */
AC_MUST enum ac_code ac_issue_end_set(struct ac_issue *issue, struct ac_error *err);
/* issue_spent.c */
/* Has an order that is continued given what was revoked since, or, for --force, what
 * is held already? Then another is made. */
AC_MUST enum ac_code ac_issue_is_spent(const struct ac_issue *issue,
                                       const struct ac_chain *chain, bool *ret_is_spent,
                                       struct ac_error *err);
/* issue_certificate.c */
ac_issue_step_function ac_issue_finalize, ac_issue_download;

/* Stores the certificate; then it is asked after, and what was presented is let go. */
AC_MUST enum ac_code ac_issue_keep(struct ac_issue *issue, const struct ac_chain *chain,
                                   struct ac_error *err);
/* Saves what is noted about a certificate that was stored, once nothing more will come;
 * the order stays in the journal until then. */
AC_MUST enum ac_code ac_issue_save_notes(struct ac_issue *issue, struct ac_error *err);

/* issue_chain.c */
ac_issue_step_function ac_issue_choose;
/* Takes the CA's own chain, which has been checked, and begins to fetch the others that
 * this answer names, where one of them is preferred. AC_PHASE_CHOOSE is next. */
AC_MUST enum ac_code ac_issue_take_chain(struct ac_issue *issue,
                                         struct ac_chain **chain,
                                         const struct ac_post *post,
                                         struct ac_error *err);
void ac_issue_drop_chain(struct ac_issue *issue);

/* issue_offer.c */
/* Puts profile and predecessor into the request of a new order. AC_E_USAGE: a profile
 * is required that the CA does not offer. */
AC_MUST enum ac_code ac_issue_offer(struct ac_issue *issue,
                                    struct ac_order_request *request,
                                    struct ac_error *err);
/* The CA refused the new order: is it to be asked for again, without one of them? */
bool ac_issue_offers_less(struct ac_issue *issue);
/* The profile to ask for, or NULL. Lent by wanted. */
AC_MUST enum ac_code ac_issue_choose_profile(struct ac_issue *issue,
                                             const char **ret_profile,
                                             struct ac_error *err);
/* Is the new order of the profile that was asked for? AC_E_PROTOCOL: not of the one
 * that is required. */
AC_MUST enum ac_code ac_issue_check_profile(struct ac_issue *issue,
                                            struct ac_error *err);

/* issue_trouble.c */
/* Notes in state.json that the issue failed, and when to try again. */
void ac_issue_note_trouble(struct ac_issue *issue);

/* issue_renewal.c */
/* state.json into issue->state, and back. */
AC_MUST enum ac_code ac_issue_load_state(struct ac_issue *issue, struct ac_error *err);
AC_MUST enum ac_code ac_issue_save_state(struct ac_issue *issue, struct ac_error *err);
/* Notes in issue->state where the new version comes from. */
AC_MUST enum ac_code ac_issue_note_version(struct ac_issue *issue,
                                           const struct ac_chain *chain,
                                           struct ac_error *err);
/* Begins to ask when the CA would like it renewed; what goes wrong is logged. */
void ac_issue_begin_renewal(struct ac_issue *issue);
/* False while that is under way; then it is noted in issue->state and forgotten. */
bool ac_issue_end_renewal(struct ac_issue *issue);
int64_t ac_issue_renewal_wake_at_ms(const struct ac_issue *issue);
/* Nobody waits for it any more. */
void ac_issue_drop_renewal(struct ac_issue *issue);

/* issue_seek.c */
/* The answer to the new order was lost: is the order in the account's list? */
AC_MUST enum ac_code ac_issue_begin_seek(struct ac_issue *issue,
                                         const struct ac_error *why,
                                         struct ac_error *err);
/* *ret_is_over false while that is asked; then issue->order is ours, or without URL. */
AC_MUST enum ac_code ac_issue_seek(struct ac_issue *issue, bool *ret_is_over,
                                   struct ac_error *err);
void ac_issue_drop_seek(struct ac_issue *issue);

/* issue_preauthorize.c */
ac_issue_step_function ac_issue_preauthorize;
/* All that is in advance is proven: on to the order. */
AC_MUST enum ac_code ac_issue_end_preauthorize(struct ac_issue *issue,
                                               struct ac_error *err);
/* issue_ancestor.c */
/* Which domain above it is to be proven in the place of this name; NULL: none, or the
 * CA cannot do that. Lent by the wish. */
const char *ac_issue_ancestor(const struct ac_issue *issue,
                              const struct ac_identifier *identifier);
/* Is it one of these? */
bool ac_issue_is_ancestor(const struct ac_issue *issue,
                          const struct ac_identifier *identifier);
/* Puts them into the request of a new order. */
AC_MUST enum ac_code ac_issue_ask_ancestors(struct ac_issue *issue,
                                            struct ac_order_request *request,
                                            struct ac_error *err);
/* issue_limits.c */
/* AC_E_RATE_LIMITED: the CA said not to come back before a time that has not come. */
AC_MUST enum ac_code ac_issue_check_refusals(struct ac_issue *issue,
                                             struct ac_error *err);
/* May an order be made? *ret_must_wait: not before order_at_ms. AC_E_RATE_LIMITED: not
 * in this run. */
AC_MUST enum ac_code ac_issue_check_order(struct ac_issue *issue, bool *ret_must_wait,
                                          struct ac_error *err);
/* What is noted for the runs to come; what goes wrong is a warning. */
void ac_issue_note_order(struct ac_issue *issue);
void ac_issue_note_names(struct ac_issue *issue);
void ac_issue_note_refusal(struct ac_issue *issue, const struct ac_error *refusal);

/* issue_validity.c */
/* Puts notBefore and notAfter into the request of a new order, where they are wanted;
 * the texts are the issue's. */
AC_MUST enum ac_code ac_issue_ask_validity(struct ac_issue *issue,
                                           struct ac_order_request *request,
                                           struct ac_error *err);
/* When the certificate has to be valid: now, or from when it was asked for. */
int64_t ac_issue_valid_at(const struct ac_issue *issue);
/* Warns where the CA did otherwise. */
void ac_issue_check_validity(struct ac_issue *issue, const struct ac_chain *chain);

/* issue_again.c */
/* Which CA is asked first. */
AC_MUST enum ac_code ac_issue_choose_ca(struct ac_issue *issue, struct ac_error *err);
/* The order that is noted comes to its end. What is noted of another CA stays until
 * this one has made an order. */
AC_MUST enum ac_code ac_issue_end_order(struct ac_issue *issue, struct ac_error *err);
/* AC_E_NETWORK: the CA is silent, and its share of the time is over. */
AC_MUST enum ac_code ac_issue_check_share(struct ac_issue *issue, struct ac_error *err);
/* Of a poll: when that is to be looked at; AC_CLOCK_NEVER: it is over, or there is no
 * other CA. */
int64_t ac_issue_share_until_ms(const struct ac_issue *issue);
/* The types that failed for this name, as bits of select. */
unsigned ac_issue_tried(const struct ac_issue *issue,
                        const struct ac_identifier *identifier);
/* The order is dead: can the names that failed be proven in another way, or was it the
 * CA that would not? False while a solver must load before that is known. */
bool ac_issue_weigh_failures(struct ac_issue *issue);
/* Another attempt follows this failure: what it is is noted and told. */
bool ac_issue_plan_another(struct ac_issue *issue, const struct ac_error *why);
/* When all of the attempt before is cleaned up. */
AC_MUST enum ac_code ac_issue_begin_another(struct ac_issue *issue,
                                            struct ac_error *err);
/* No other attempt follows: the outcome. */
void ac_issue_conclude(struct ac_issue *issue, const struct ac_error *why);

/* Where an order goes by its status (RFC 8555 7.1.6). */
void ac_issue_follow(struct ac_issue *issue);
/* Starts reading each claim that `wants`; true when all posts have ended. */
AC_MUST enum ac_code ac_issue_read_claims(struct ac_issue *issue, struct ac_error *err);
bool ac_issue_claims_are_read(const struct ac_issue *issue);
/* A claim for each authorization of the order. */
AC_MUST enum ac_code ac_issue_new_claims(struct ac_issue *issue, struct ac_error *err);
/* Is a post of any claim under way, or not taken in? */
bool ac_issue_is_reading(const struct ac_issue *issue);
/* Takes in what was read of a claim. */
AC_MUST enum ac_code ac_issue_take_in(struct ac_issue *issue, struct ac_claim *claim,
                                      struct ac_error *err);
/* AC_E_PROTOCOL: it is for a name that nobody asked for. */
AC_MUST enum ac_code ac_issue_check_wanted(const struct ac_issue *issue,
                                           const struct ac_authorization *authorization,
                                           struct ac_error *err);
/* Will it never be valid? */
bool ac_issue_has_failed(const struct ac_claim *claim);
/* Cleans up all answers; they are no longer needed. */
void ac_issue_leave_answers(struct ac_issue *issue);
/* Frees claims and order, to begin again. */
void ac_issue_drop_order(struct ac_issue *issue);
/* Remembers the CA's problem for the report. */
void ac_issue_note_problem(struct ac_issue *issue, const struct ac_problem *problem);
/* Adds a failed name to the report. */
AC_MUST enum ac_code ac_issue_note_failure(struct ac_issue *issue,
                                           const struct ac_authorization *authorization,
                                           struct ac_error *err);
void ac_issue_warn(struct ac_issue *issue, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What this failure means for the noted order: it is forgotten, or kept for the next
 * run. */
void ac_issue_judge(struct ac_issue *issue, const struct ac_error *why);
/* May the noted order be, or become, a certificate? */
bool ac_issue_may_be_issued(const struct ac_issue *issue);
/* Does the noted order take longer than it may (the table of issue_judge.c)? Reads the
 * certificate that is held. */
bool ac_issue_is_overdue(const struct ac_issue *issue);
/* And is it too early to ask another CA? Reads the certificate that is held. */
bool ac_issue_is_bound(const struct ac_issue *issue);
/* Is the noted order not continued, because --force was given and no certificate can
 * come of it yet? */
bool ac_issue_begins_anew(const struct ac_issue *issue);
/* OR-11, of one that an earlier run noted: the CA says that it is not there, and
 * nothing would be lost with it. */
bool ac_issue_is_gone(const struct ac_issue *issue, const struct ac_error *why);
/* When AC_PHASE_RECOVER ends at the latest. */
int64_t ac_issue_recover_end(const struct ac_issue *issue);
/* Warns of what an earlier run left and what is not cleaned up when this one ends. */
void ac_issue_warn_leftovers(struct ac_issue *issue);
/* The time is up: who was waited for? A plugin that hangs is named. */
void ac_issue_blame(const struct ac_issue *issue, struct ac_error *why);
/* The claim's challenge again, changed as *challenge says. */
AC_MUST enum ac_code ac_issue_change_answer(struct ac_claim *claim,
                                            const struct acmecore_challenge *challenge,
                                            struct ac_error *err);
/* Drops what is being located. */
void ac_issue_free_locating(struct ac_issue *issue);
/* Frees *post and nulls it. */
void ac_issue_free_post(struct ac_post **post);

#endif
