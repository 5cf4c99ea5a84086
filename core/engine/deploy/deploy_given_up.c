/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/log.h"
#include "engine/deploy/staging.h"

#include <string.h>

/* What is noted of it; nothing where that cannot be read: nobody knows more. */
static enum ac_code load(const struct ac_deploy_driver *driver,
                         struct ac_staging *ret_given_up, struct ac_error *err)
{
    struct ac_error why = { 0 };

    if (ac_staging_load(driver->settings->store, AC_STAGING_GIVEN_UP,
                        driver->spec->name, ret_given_up, &why)
        == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    return AC_OK;
}

static enum ac_code note(const struct ac_deploy_driver *driver,
                         const struct ac_deploy_pair *pairs, size_t count,
                         struct ac_error *err)
{
    AC_AUTO(ac_staging) given_up = { 0 };
    struct ac_words *names = &given_up.certificates;

    AC_TRY(load(driver, &given_up, err));
    for (size_t i = 0; i < count; i++) {
        if (!ac_words_has(names, pairs[i].item->name))
            AC_TRY(ac_words_add(names, pairs[i].item->name, err));
    }
    return ac_staging_save(driver->settings->store, AC_STAGING_GIVEN_UP, driver->spec,
                           names, err);
}

enum ac_code ac_deploy_give_up(const struct ac_deploy_driver *driver,
                               const struct ac_deploy_pair *pairs, size_t count,
                               const struct ac_error *why, struct ac_error *err)
{
    ac_log_say(AC_LOG_WARN,
               "%s; that is not tried again: what is served is proven, see to what it "
               "was to do",
               why->detail);
    AC_TRY(note(driver, pairs, count, err));
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_deploy_pair_end(driver, &pairs[i], err));
    return AC_OK;
}

/* ---- doubting */

static struct ac_deploy_item *find_item(const struct ac_deploy_run *run,
                                        const char *name)
{
    for (size_t i = 0; run && i < run->item_count; i++) {
        if (strcmp(run->items[i]->name, name) == 0)
            return run->items[i];
    }
    return NULL;
}

static enum ac_code doubt_item(const struct ac_deploy_driver *driver,
                               struct ac_deploy_item *item, struct ac_error *err)
{
    const struct ac_deploy_pair pair = {
        .item = item,
        .deployment = ac_state_find_deployment(&item->held.state, driver->spec->name),
    };

    return pair.deployment ? ac_deploy_pair_doubt(driver, &pair, err) : AC_OK;
}

/* One that another run works on is left for a later rollback. */
static enum ac_code doubt(const struct ac_deploy_driver *driver, const char *name,
                          struct ac_words *left, struct ac_error *err)
{
    struct ac_deploy_item *item = find_item(driver->run, name);
    AC_AUTO(ac_deploy_item) *stranger = NULL;
    struct ac_error why = { 0 };

    if (item)
        return doubt_item(driver, item, err);
    enum ac_code code = ac_deploy_item_claim(driver->settings, name, &stranger, &why);
    if (code == AC_OK)
        return doubt_item(driver, stranger, err);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    ac_log_say(
        AC_LOG_WARN,
        "%s: %s; what it has at %s may be undone now: see that what is served is "
        "well",
        name, why.detail, driver->spec->name);
    return code == AC_E_LOCKED ? ac_words_add(left, name, err) : AC_OK;
}

enum ac_code ac_deploy_doubt_given_up(const struct ac_deploy_driver *driver,
                                      struct ac_error *err)
{
    AC_AUTO(ac_staging) given_up = { 0 };
    AC_AUTO(ac_words) left = { 0 };

    if (driver->settings->is_dry_run)
        return AC_OK;
    AC_TRY(load(driver, &given_up, err));
    for (size_t i = 0; i < given_up.certificates.count; i++)
        AC_TRY(doubt(driver, given_up.certificates.items[i], &left, err));
    if (left.count > 0) {
        return ac_staging_save(driver->settings->store, AC_STAGING_GIVEN_UP,
                               driver->spec, &left, err);
    }
    ac_deploy_forget_given_up(driver);
    return AC_OK;
}

/* A note that stays costs a deployment more, and nothing else. */
void ac_deploy_forget_given_up(const struct ac_deploy_driver *driver)
{
    struct ac_store *store = driver->settings->store;
    const char *installer = driver->spec->name;
    struct ac_error why = { 0 };
    bool is_noted = false;

    enum ac_code code =
        ac_staging_look(store, AC_STAGING_GIVEN_UP, installer, &is_noted, &why);
    if (code == AC_OK && is_noted)
        code = ac_staging_remove(store, AC_STAGING_GIVEN_UP, installer, &why);
    if (code != AC_OK)
        ac_log_say(AC_LOG_WARN, "%s", why.detail);
}
