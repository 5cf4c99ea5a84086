/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal_parts.h"

#include <string.h>

#define RESERVE_SIZE 2048 /* what an order takes besides its identifiers */

/*
 * Twice: a document is replaced by a whole new one, so that there must be room for two,
 * as there must be when the order is noted.
 */
enum ac_code ac_journal_intend(struct ac_journal *journal,
                               const struct ac_wanted *wanted, struct ac_error *err)
{
    char reserve[RESERVE_SIZE + 1];
    AC_AUTO(ac_json) *intention = NULL;
    AC_AUTO(ac_words) names = { 0 };

    memset(reserve, '.', RESERVE_SIZE);
    reserve[RESERVE_SIZE] = '\0';
    AC_TRY(ac_json_new(&intention, err, "{s:s}", "reserve", reserve));
    AC_TRY(ac_identifiers_words(&wanted->identifiers, &names, err));
    AC_TRY(ac_json_set_words(intention, "identifiers", &names, err));
    AC_TRY(ac_json_set(journal->document, AC_JOURNAL_INTENTION, &intention, err));
    AC_TRY(ac_journal_save(journal, err));
    return ac_journal_save(journal, err);
}

bool ac_journal_is_intended(const struct ac_journal *journal)
{
    return ac_json_get(journal->document, AC_JOURNAL_INTENTION) != NULL;
}

enum ac_code ac_journal_withdraw(struct ac_journal *journal, struct ac_error *err)
{
    if (!ac_journal_is_intended(journal))
        return AC_OK;
    ac_json_unset(journal->document, AC_JOURNAL_INTENTION);
    return ac_journal_save(journal, err);
}
