/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/journal/journal.h"

#include <stdlib.h>
#include <string.h>

static int compare_item(const void *name, const void *item)
{
    return strcmp(name, ((const struct ac_upkeep_item *)item)->name);
}

/* NULL: it was not asked for, or it is nothing that is looked after. */
static const struct ac_upkeep_item *find_item(const struct ac_upkeep *upkeep,
                                              const char *name)
{
    if (upkeep->count == 0)
        return NULL;
    return bsearch(name, upkeep->items, upkeep->count, sizeof *upkeep->items,
                   compare_item);
}

/* What is due, its renewal has cleaned up. A first issue that was killed left no
 * certificate, and so nothing that a look at certificates finds. */
static bool is_to_clean(const struct ac_renewals *renewals, const char *name)
{
    const struct ac_context *context = renewals->context;
    const struct ac_words *asked_for = &context->options->arguments;
    const struct ac_upkeep_item *item = find_item(renewals->upkeep, name);

    if (item)
        return item->has_leftovers && !ac_upkeep_is_due(item, ac_clock_utc());
    if (asked_for->count > 0 && !ac_words_has(asked_for, name))
        return false;
    return ac_journal_has_leftovers(context->store, name);
}

/* One that another run works on is not ours to look after. */
static void clean_one(struct ac_context *context, const char *name)
{
    AC_AUTO(ac_words) warnings = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code = ac_context_run(context, &why);
    if (code == AC_OK)
        code = ac_run_recover(context->run, name, &warnings, &why);
    for (size_t i = 0; i < warnings.count; i++)
        ac_log_say(AC_LOG_WARN, "%s: %s", name, warnings.items[i]);
    if (code != AC_OK && code != AC_E_LOCKED)
        ac_log_say(AC_LOG_WARN, "%s: %s", name, why.detail);
}

void ac_renewals_clean(const struct ac_renewals *renewals)
{
    struct ac_context *context = renewals->context;
    AC_AUTO(ac_words) names = { 0 };
    struct ac_error why = { 0 };

    if (ac_store_list(context->store, AC_STORE_CERTIFICATES, &names, &why) != AC_OK)
        ac_log_say(AC_LOG_WARN, "%s", why.detail);
    for (size_t i = 0; i < names.count && !ac_clock_cancelled(); i++) {
        if (is_to_clean(renewals, names.items[i]))
            clean_one(context, names.items[i]);
    }
}
