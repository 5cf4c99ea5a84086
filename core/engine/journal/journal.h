/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must not be forgotten about an order in flight: order.json (and order-key.pem).
 *
 * Written before each step that a crash could leave half done: the order's URL when the
 * CA gave it, the challenges before a solver presents them, key and CSR before
 * finalize. The next run cleans up what is noted as presented and continues the same
 * order. What several solvers present, and what is cleaned up, is one write for all:
 * ac_journal_flush.
 */
#ifndef AC_ENGINE_JOURNAL_H
#define AC_ENGINE_JOURNAL_H

#include "acme/order.h"
#include "engine/wanted/wanted.h"
#include "host/message.h"

#define AC_JOURNAL_CLEANUP_RUNS 5 /* that try to clean up what another run left */

struct ac_journal;

/* Reads the one that a run left, or begins an empty one; for whoever holds the lock of
 * the name. AC_E_STORE: damaged. The store is borrowed and outlives it. */
AC_MUST enum ac_code ac_journal_open(struct ac_store *store, const char *name,
                                     struct ac_journal **ret_journal,
                                     struct ac_error *err);
void ac_journal_free(struct ac_journal *journal);
AC_DEFINE_DROP(ac_journal, ac_journal_free)
/* Saves what was noted since it was saved last; nothing, when nothing was. */
AC_MUST enum ac_code ac_journal_flush(struct ac_journal *journal, struct ac_error *err);

/* ---- the order */

/* The URL of an order that may be continued for this wish and account: same directory,
 * account, identifiers and key (ac_wanted_key_tag), not expired at `utc`. NULL: none.
 * Lent. */
const char *ac_journal_order_url(const struct ac_journal *journal,
                                 const struct ac_wanted *wanted, const char *key_tag,
                                 const char *account_url, int64_t utc);
/* A new order is about to be asked for: can it be noted? AC_E_STORE: no, the disk is
 * full or the folder not ours to write. Leaves a folder, which may be empty. */
AC_MUST enum ac_code ac_journal_intend(struct ac_journal *journal,
                                       const struct ac_wanted *wanted,
                                       struct ac_error *err);
/* There will be no order after all: an empty folder goes. */
AC_MUST enum ac_code ac_journal_withdraw(struct ac_journal *journal,
                                         struct ac_error *err);
/* Notes a new order (an earlier one's key is dropped), and saves. */
AC_MUST enum ac_code ac_journal_begin(struct ac_journal *journal,
                                      const struct ac_wanted *wanted,
                                      const char *key_tag, const char *account_url,
                                      const struct ac_order *order,
                                      struct ac_error *err);
/* Keeps key and CSR (DER) of the noted order on disk; they must be there before
 * finalize is sent. Of a key that cannot be written, the CSR alone. AC_E_NOTFOUND: no
 * order is noted. */
AC_MUST enum ac_code ac_journal_keep_key(struct ac_journal *journal,
                                         const struct ac_key *key,
                                         const struct ac_text *csr,
                                         struct ac_error *err);
/* The key and CSR kept for this order; of a key that could not be written, the public
 * half. AC_E_NOTFOUND: none. AC_E_INVALID: damaged.
 * AC_E_STORE, AC_E_USAGE: they are there and cannot be read. */
AC_MUST enum ac_code ac_journal_load_key(const struct ac_journal *journal,
                                         struct ac_key **ret_key,
                                         struct ac_text *ret_csr, struct ac_error *err);
/* Forgets the order and its key; what is presented stays noted. */
AC_MUST enum ac_code ac_journal_end(struct ac_journal *journal, struct ac_error *err);

/* journal_standing.c: how it stands with the noted order */

/* What is noted of an order. Texts are lent; NULL, or "" of account and key: not noted.
 */
struct ac_journal_order {
    const char *url; /* NULL: there is no order */
    const char *directory_url, *account_url, *key_tag;
    const char *profile; /* that was wished for, whatever the CA made of it; "": none */
    int64_t created_at;  /* UTC seconds; 0: not noted */
    bool has_request;    /* its CSR is there: the CA may have been sent it */
};
struct ac_journal_order ac_journal_order(const struct ac_journal *journal);
/* What the runs had of an order that came to nothing. */
enum ac_journal_count {
    AC_JOURNAL_FRUITLESS, /* an answer that leads nowhere */
    AC_JOURNAL_WAITED,    /* none, or "not yet" */
    AC_JOURNAL_COUNT_COUNT
};
/* One more run could do nothing with the noted order: says how many could not by now
 * for the same reason. AC_E_NOTFOUND: no order is noted. */
AC_MUST enum ac_code ac_journal_count_run(struct ac_journal *journal,
                                          enum ac_journal_count what,
                                          int64_t *ret_count, struct ac_error *err);

/* journal_orders.c: the URLs of all orders that are noted for any certificate. Looks at
 * the disk, without locks. AC_E_STORE: one that is damaged may have any. */
AC_MUST enum ac_code ac_journal_orders(const struct ac_store *store,
                                       struct ac_words *ret_urls, struct ac_error *err);

/* ---- presented challenges */

/* Notes a batch that this solver is about to present; ac_journal_flush comes before the
 * solver is asked. */
AC_MUST enum ac_code ac_journal_present(struct ac_journal *journal,
                                        const struct ac_solver_spec *spec,
                                        const struct ac_batch *batch,
                                        struct ac_error *err);
/* Has a run left anything in its journal? Cheap, for thousands. */
bool ac_journal_is_there(const struct ac_store *store, const char *name);
/* Did a run leave something presented for this certificate, or the key of an order that
 * ended? Looks at the disk; without the lock the answer may be old. */
bool ac_journal_has_leftovers(const struct ac_store *store, const char *name);
/* How many batches are noted. */
size_t ac_journal_presented_count(const struct ac_journal *journal);
/* One of them. AC_E_STORE: damaged. */
AC_MUST enum ac_code ac_journal_presented(const struct ac_journal *journal,
                                          size_t index, struct ac_solver_spec *ret_spec,
                                          struct ac_batch *ret_batch,
                                          struct ac_error *err);
/*
 * What this run could do about the first `count` batches, which earlier runs left:
 * those that are clean are forgotten, the others have had one more try. After
 * AC_JOURNAL_CLEANUP_RUNS of them they are forgotten, too, and added to ret_given_up:
 * "_acme-challenge.a.test (dns-01)". Saves.
 */
AC_MUST enum ac_code ac_journal_tried(struct ac_journal *journal, const bool *is_clean,
                                      size_t count, struct ac_words *ret_given_up,
                                      struct ac_error *err);
/* All batches that this solver presented in this run are cleaned up: forgets them, on
 * disk with the next ac_journal_flush. Those that ac_journal_tried kept stay. */
AC_MUST enum ac_code ac_journal_cleaned(struct ac_journal *journal, const char *solver,
                                        struct ac_error *err);

#endif
