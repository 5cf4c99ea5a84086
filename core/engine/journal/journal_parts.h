/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What journal*.c and persistent.c need of each other. Nobody else includes it.
 */
#ifndef AC_ENGINE_JOURNAL_PARTS_H
#define AC_ENGINE_JOURNAL_PARTS_H

#include "engine/journal/journal.h"

#define AC_JOURNAL_DOCUMENT "order.json"
#define AC_JOURNAL_KEY      "order-key.pem"

struct ac_journal {
    struct ac_store *store; /* borrowed */
    char *name;
    struct ac_json
        *document; /* {"order": {…}, "presented": [{…}]}; both may be absent */
    bool has_news; /* the document is not what is on disk */
};

/* "<file> is damaged: <why>" and what to do: AC_E_STORE. */
enum ac_code ac_journal_fail_damaged(const struct ac_journal *journal, const char *item,
                                     const char *why, struct ac_error *err);
/* A batch and the solver that presents it, as JSON and back. AC_E_INVALID: no entry. */
AC_MUST enum ac_code ac_journal_entry_to_json(const struct ac_solver_spec *spec,
                                              const struct ac_batch *batch,
                                              struct ac_json **ret_entry,
                                              struct ac_error *err);
AC_MUST enum ac_code ac_journal_entry_read(const struct ac_json *entry,
                                           struct ac_solver_spec *ret_spec,
                                           struct ac_batch *ret_batch,
                                           struct ac_error *err);
/* Writes the document, or removes it when it is empty; without an order no key stays.
 */
AC_MUST enum ac_code ac_journal_save(struct ac_journal *journal, struct ac_error *err);

#endif
