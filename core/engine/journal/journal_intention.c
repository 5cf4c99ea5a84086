/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal_parts.h"

#include <string.h>

#define ORDER_SIZE      2048 /* what an order takes besides its identifiers */
#define IDENTIFIER_SIZE 8    /* what one takes besides its text: quotes and spaces */

/*
 * Twice as much as the order will take: a document is replaced by a whole new one, so
 * that there must be room for two.
 */
enum ac_code ac_journal_intend(struct ac_journal *journal,
                               const struct ac_wanted *wanted, struct ac_error *err)
{
    size_t size = ORDER_SIZE;

    for (size_t i = 0; i < wanted->identifiers.count; i++)
        size += strlen(wanted->identifiers.items[i].value) + IDENTIFIER_SIZE;
    return ac_store_check_room(journal->store, AC_STORE_CERTIFICATES, journal->name,
                               AC_JOURNAL_DOCUMENT, 2 * size, err);
}

enum ac_code ac_journal_withdraw(struct ac_journal *journal, struct ac_error *err)
{
    return ac_store_forget_empty(journal->store, AC_STORE_CERTIFICATES, journal->name,
                                 err);
}
