/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What journal.c and journal_presented.c need of each other. Nobody else includes it.
 */
#ifndef AC_ENGINE_JOURNAL_PARTS_H
#define AC_ENGINE_JOURNAL_PARTS_H

#include "engine/journal.h"

#define AC_JOURNAL_DOCUMENT  "order.json"
#define AC_JOURNAL_INTENTION "intention" /* its member */

struct ac_journal {
    struct ac_store *store; /* borrowed */
    char *name;
    struct ac_json
        *document; /* {"order": {…}, "presented": [{…}]}; both may be absent */
};

/* "<file> is damaged: <why>" and what to do: AC_E_STORE. */
enum ac_code ac_journal_fail_damaged(const struct ac_journal *journal, const char *item,
                                     const char *why, struct ac_error *err);
/* Writes the document, or removes it when it is empty. */
AC_MUST enum ac_code ac_journal_save(struct ac_journal *journal, struct ac_error *err);

#endif
