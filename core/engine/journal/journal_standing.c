/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal_parts.h"

#include "base/clock.h"

static int64_t moment(const struct ac_json *order, const char *member)
{
    const char *text = ac_json_text_or(order, member, "");
    struct ac_error ignored;
    int64_t at;

    return ac_clock_parse(text, &at, &ignored) == AC_OK ? at : 0;
}

struct ac_journal_order ac_journal_order(const struct ac_journal *journal)
{
    const struct ac_json *order = ac_json_get(journal->document, "order");

    return (struct ac_journal_order){
        .url = ac_json_text_or(order, "url", NULL),
        .directory_url = ac_json_text_or(order, "directory", NULL),
        .account_url = ac_json_text_or(order, "account", ""),
        .key_tag = ac_json_text_or(order, "key_type", ""),
        .profile = ac_json_text_or(order, "profile", NULL),
        .created_at = moment(order, "created"),
        .has_request = ac_json_get(order, "csr") != NULL,
    };
}

enum ac_code ac_journal_count_run(struct ac_journal *journal,
                                  enum ac_journal_count what, int64_t *ret_count,
                                  struct ac_error *err)
{
    static const char *const members[AC_JOURNAL_COUNT_COUNT] = {
        [AC_JOURNAL_FRUITLESS] = "fruitless",
        [AC_JOURNAL_WAITED] = "waited",
    };
    const struct ac_json *noted = ac_json_get(journal->document, "order");
    AC_AUTO(ac_json) *order = NULL;
    int64_t count = ac_json_number_or(noted, members[what], 0) + 1;

    if (!noted) {
        return ac_fail(err, AC_E_NOTFOUND, "no order is noted for certificate %s",
                       journal->name);
    }
    AC_TRY(ac_json_copy(noted, &order, err));
    AC_TRY(ac_json_set_number(order, members[what], count, err));
    AC_TRY(ac_json_set(journal->document, "order", &order, err));
    AC_TRY(ac_journal_save(journal, err));
    *ret_count = count;
    return AC_OK;
}
