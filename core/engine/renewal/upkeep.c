/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/survey.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct ac_upkeep_item *item)
{
    free(AC_TAKE(item->name));
    free(AC_TAKE(item->damage));
}

void ac_upkeep_done(struct ac_upkeep *upkeep)
{
    for (size_t i = 0; i < upkeep->count; i++)
        drop(&upkeep->items[i]);
    free(upkeep->items);
    *upkeep = (struct ac_upkeep){ 0 };
}

bool ac_upkeep_is_due(const struct ac_upkeep_item *item, int64_t utc)
{
    return !item->is_unwanted && !item->is_unissued && item->end == AC_UPKEEP_STAYS
           && item->plan.reason != AC_PLAN_FRESH && item->plan.attempt_at <= utc;
}

bool ac_upkeep_is_to_deploy(const struct ac_upkeep_item *item, int64_t utc)
{
    return !item->is_unwanted && item->deploy_at <= utc;
}

int64_t ac_upkeep_next_at(const struct ac_upkeep *upkeep)
{
    int64_t next_at = AC_PLAN_NEVER;

    for (size_t i = 0; i < upkeep->count; i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];

        if (item->is_unwanted)
            continue;
        if (item->plan.attempt_at < next_at)
            next_at = item->plan.attempt_at;
        if (item->deploy_at < next_at)
            next_at = item->deploy_at;
    }
    return next_at;
}

int64_t ac_upkeep_look_at(const struct ac_upkeep *upkeep)
{
    int64_t look_at = ac_upkeep_next_at(upkeep);

    for (size_t i = 0; i < upkeep->count; i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];

        if (!item->is_unwanted && item->check_at < look_at)
            look_at = item->check_at;
        if (!item->is_unwanted && item->crl_at < look_at)
            look_at = item->crl_at;
    }
    return look_at;
}

/* ---- which certificates there are */

static enum ac_code add_item(struct ac_upkeep *upkeep, const char *name,
                             size_t configured, struct ac_error *err)
{
    AC_AUTO_TEXT char *copy = NULL;

    AC_TRY(ac_memory_copy_text(name, &copy, err));
    AC_TRY(ac_memory_grow(&upkeep->items, &upkeep->capacity, upkeep->count + 1,
                          sizeof *upkeep->items, err));
    upkeep->items[upkeep->count++] = (struct ac_upkeep_item){
        .name = AC_TAKE(copy),
        .configured = configured,
        .check_at = AC_PLAN_NEVER,
        .deploy_at = AC_PLAN_NEVER,
        .crl_at = AC_PLAN_NEVER,
    };
    return AC_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct ac_upkeep_item *first = a;
    const struct ac_upkeep_item *second = b;

    return strcmp(first->name, second->name);
}

static const struct ac_upkeep_item *find(const struct ac_upkeep *upkeep, size_t count,
                                         const char *name)
{
    const struct ac_upkeep_item key = { .name = (char *)name };

    if (count == 0)
        return NULL;
    return bsearch(&key, upkeep->items, count, sizeof key, by_name);
}

static enum ac_code gather(const struct ac_upkeep_settings *settings,
                           const struct ac_upkeep_source *source,
                           struct ac_upkeep *upkeep, struct ac_error *err)
{
    AC_AUTO(ac_words) held = { 0 };

    for (size_t i = 0; i < source->count; i++)
        AC_TRY(add_item(upkeep, source->name(source->arg, i), i, err));
    if (upkeep->count > 1)
        qsort(upkeep->items, upkeep->count, sizeof *upkeep->items, by_name);
    size_t configured = upkeep->count;
    AC_TRY(ac_store_list(settings->store, AC_STORE_CERTIFICATES, &held, err));
    for (size_t i = 0; i < held.count; i++) {
        if (!find(upkeep, configured, held.items[i]))
            AC_TRY(add_item(upkeep, held.items[i], AC_UPKEEP_NOT_CONFIGURED, err));
    }
    if (configured > 0)
        qsort(upkeep->items, upkeep->count, sizeof *upkeep->items, by_name);
    return AC_OK;
}

static enum ac_code check_names(const struct ac_upkeep_settings *settings,
                                const struct ac_upkeep *upkeep, struct ac_error *err)
{
    for (size_t i = 0; settings->names && i < settings->names->count; i++) {
        const char *name = settings->names->items[i];

        if (!find(upkeep, upkeep->count, name)) {
            return ac_fail(err, AC_E_USAGE,
                           "there is no certificate \"%s\" (acmecore list shows "
                           "those that are held)",
                           name);
        }
    }
    return AC_OK;
}

/* ---- all of them */

static bool is_asked_for(const struct ac_upkeep_settings *settings, const char *name)
{
    return !settings->names || settings->names->count == 0
           || ac_words_has(settings->names, name);
}

/* Keeps those that were asked for and have something to look after. */
static enum ac_code survey_all(const struct ac_upkeep_settings *settings,
                               const struct ac_upkeep_source *source,
                               struct ac_upkeep *upkeep, struct ac_error *err)
{
    AC_AUTO(ac_survey) survey = { .settings = settings,
                                  .source = source,
                                  .calendar.store = settings->store };
    size_t kept = 0;

    for (size_t i = 0; i < upkeep->count; i++) {
        struct ac_upkeep_item *item = &upkeep->items[i];

        survey.item = item;
        survey.is_ours = false;
        if (is_asked_for(settings, item->name))
            AC_TRY(ac_survey_one(&survey, err));
        if (!survey.is_ours) {
            drop(item);
            continue;
        }
        struct ac_upkeep_item moved = *item;
        *item = (struct ac_upkeep_item){ 0 };
        upkeep->items[kept++] = moved;
    }
    upkeep->count = kept;
    return AC_OK;
}

enum ac_code ac_upkeep_survey(const struct ac_upkeep_settings *settings,
                              struct ac_upkeep *ret_upkeep, struct ac_error *err)
{
    static const struct ac_upkeep_source none = { 0 };
    const struct ac_upkeep_source *source = settings->source ? settings->source : &none;
    AC_AUTO(ac_upkeep) upkeep = { 0 };

    AC_TRY(gather(settings, source, &upkeep, err));
    AC_TRY(check_names(settings, &upkeep, err));
    ac_store_hold(settings->store, AC_STORE_CERTIFICATES);
    enum ac_code code = survey_all(settings, source, &upkeep, err);
    ac_store_let_go(settings->store);
    AC_TRY(code);
    *ret_upkeep = upkeep;
    upkeep = (struct ac_upkeep){ 0 };
    return AC_OK;
}

enum ac_code ac_upkeep_names(const struct ac_upkeep *upkeep,
                             enum ac_upkeep_question question,
                             struct ac_words *ret_names, struct ac_error *err)
{
    for (size_t i = 0; i < upkeep->count; i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];
        bool is_asked =
            question == AC_UPKEEP_WINDOW ? item->wants_check : item->wants_crl;
        if (is_asked && !item->is_unwanted)
            AC_TRY(ac_words_add(ret_names, item->name, err));
    }
    return AC_OK;
}
