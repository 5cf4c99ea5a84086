/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/preflight.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/issue/select.h"

#include <stdlib.h>
#include <string.h>

#define OPTION_RESOLVER "resolver" /* of every dns solver (pluginhost/dns) */

struct ac_preflight {
    struct ac_loop *loop;
    struct ac_caa *caa;
    struct ac_identifiers asked; /* in the order of the findings */
};

/* The names to ask about, while they are gathered. */
struct gathered {
    struct ac_caa_name *names;
    size_t count;
    struct ac_words resolvers;
    bool has_dns; /* a dns solver answers for one of them */
};

static void gathered_done(struct gathered *gathered)
{
    free(gathered->names);
    ac_words_done(&gathered->resolvers);
}
AC_DEFINE_DROP_VALUE(gathered, gathered_done)

enum ac_code ac_preflight_parse(const char *word, enum ac_preflight_mode *ret_mode,
                                struct ac_error *err)
{
    static const char *const words[] = {
        [AC_PREFLIGHT_AUTO] = "auto",
        [AC_PREFLIGHT_WARN] = "warn",
        [AC_PREFLIGHT_OFF] = "off",
    };

    for (size_t i = 0; i < AC_COUNT(words); i++) {
        if (strcmp(word, words[i]) != 0)
            continue;
        *ret_mode = (enum ac_preflight_mode)i;
        return AC_OK;
    }
    return ac_fail(err, AC_E_USAGE, "\"%s\" is none of auto, warn and off", word);
}

/* ---- what to ask */

static enum ac_code add_resolvers(const struct ac_solver_spec *spec,
                                  struct ac_words *resolvers, struct ac_error *err)
{
    for (size_t i = 0; i < spec->section.count; i++) {
        const struct ac_setting *setting = &spec->section.items[i];

        if (strcmp(setting->name, OPTION_RESOLVER) == 0
            && !ac_words_has(resolvers, setting->value))
            AC_TRY(ac_words_add(resolvers, setting->value, err));
    }
    return AC_OK;
}

/* The type that the first fitting solver will probably use; NULL: not known. Lent. */
static enum ac_code find_method(const struct ac_preflight_settings *settings,
                                const struct ac_wanted *wanted,
                                const struct ac_identifier *identifier,
                                const struct ac_solver_spec **ret_spec,
                                const char **ret_method, struct ac_error *err)
{
    AC_AUTO(ac_candidates) candidates = { 0 };

    *ret_method = NULL;
    AC_TRY(ac_select_candidates(wanted, identifier, &candidates, err));
    for (size_t i = 0; i < candidates.count && !*ret_method; i++) {
        struct ac_solver *solver;

        *ret_spec = ac_wanted_find_spec(wanted, candidates.solvers[i]);
        AC_TRY(ac_instances_get(settings->instances, *ret_spec, &solver, err));
        if (!ac_solver_is_loaded(solver))
            return AC_OK;
        *ret_method =
            ac_select_type(wanted, &ac_solver_descriptor(solver)->types, identifier);
    }
    return AC_OK;
}

static enum ac_code gather_one(const struct ac_preflight_settings *settings,
                               const struct ac_wanted *wanted,
                               const struct ac_identifier *identifier,
                               struct gathered *gathered, struct ac_error *err)
{
    struct ac_caa_name *name = &gathered->names[gathered->count];
    const struct ac_solver_spec *spec = NULL;

    AC_TRY(find_method(settings, wanted, identifier, &spec, &name->method, err));
    name->name = ac_identifier_base(identifier);
    name->is_wildcard = ac_identifier_is_wildcard(identifier);
    gathered->count++;
    if (!name->method || strncmp(name->method, "dns-", strlen("dns-")) != 0)
        return AC_OK;
    gathered->has_dns = true;
    return add_resolvers(spec, &gathered->resolvers, err);
}

/* CAA is about names: addresses have none (RFC 8738 leaves them out). */
static enum ac_code gather(const struct ac_preflight_settings *settings,
                           const struct ac_wanted *wanted, struct gathered *gathered,
                           struct ac_identifiers *asked, struct ac_error *err)
{
    const struct ac_identifiers *all = &wanted->identifiers;

    AC_TRY(
        ac_memory_new(all->count + 1, sizeof *gathered->names, &gathered->names, err));
    for (size_t i = 0; i < all->count && gathered->count < AC_MESSAGE_BATCH_MAX; i++) {
        if (all->items[i].type != AC_IDENTIFIER_DNS)
            continue;
        AC_TRY(gather_one(settings, wanted, &all->items[i], gathered, err));
        AC_TRY(ac_identifiers_add(asked, &all->items[i], err));
    }
    return AC_OK;
}

static int64_t limit_ms(const struct ac_preflight_request *request)
{
    int64_t own_ms = ac_clock_after_ms(AC_PREFLIGHT_MS);

    return own_ms < request->deadline_ms ? own_ms : request->deadline_ms;
}

static enum ac_code ask(const struct ac_preflight_settings *settings,
                        const struct ac_preflight_request *request,
                        const struct gathered *gathered, struct ac_preflight *preflight,
                        struct ac_error *err)
{
    struct ac_caa_settings caa = {
        .pool = settings->pool,
        .identities = request->identities,
        .resolvers = &gathered->resolvers,
        .account_url = request->account_url,
        .names = gathered->names,
        .name_count = gathered->count,
        .deadline_ms = limit_ms(request),
    };

    AC_TRY(ac_caa_begin(&caa, &preflight->caa, err));
    AC_TRY(ac_loop_attach_caa(settings->loop, preflight->caa, err));
    preflight->loop = settings->loop;
    return AC_OK;
}

enum ac_code ac_preflight_begin(const struct ac_preflight_settings *settings,
                                const struct ac_preflight_request *request,
                                struct ac_preflight **ret_preflight,
                                struct ac_error *err)
{
    AC_AUTO(ac_preflight) *preflight = NULL;
    AC_AUTO(gathered) gathered = { 0 };

    enum ac_preflight_mode mode = AC_PREFLIGHT_AUTO;

    *ret_preflight = NULL;
    if (request->wanted->caa_check)
        AC_TRY(ac_preflight_parse(request->wanted->caa_check, &mode, err));
    if (mode == AC_PREFLIGHT_OFF || request->identities->count == 0)
        return AC_OK;
    AC_TRY(ac_memory_new(1, sizeof *preflight, &preflight, err));
    AC_TRY(gather(settings, request->wanted, &gathered, &preflight->asked, err));
    bool is_worth_it = mode == AC_PREFLIGHT_WARN || gathered.has_dns;
    if (gathered.count == 0 || !is_worth_it)
        return AC_OK;
    AC_TRY(ask(settings, request, &gathered, preflight, err));
    *ret_preflight = AC_TAKE(preflight);
    return AC_OK;
}

void ac_preflight_free(struct ac_preflight *preflight)
{
    if (!preflight)
        return;
    if (preflight->loop)
        ac_loop_detach_caa(preflight->loop, preflight->caa);
    ac_caa_free(preflight->caa);
    ac_identifiers_done(&preflight->asked);
    free(preflight);
}

/* ---- what was found */

bool ac_preflight_is_done(const struct ac_preflight *preflight)
{
    return !preflight || ac_caa_is_done(preflight->caa);
}

static enum ac_code add_rest(size_t found, struct ac_words *warnings,
                             struct ac_error *err)
{
    if (found <= AC_PREFLIGHT_TOLD_MAX)
        return AC_OK;
    return ac_words_addf(warnings, err, "CAA records forbid it for %zu more names",
                         found - AC_PREFLIGHT_TOLD_MAX);
}

enum ac_code ac_preflight_warnings(const struct ac_preflight *preflight,
                                   struct ac_words *warnings, struct ac_error *err)
{
    struct ac_error why = { 0 };
    size_t found = 0;

    if (!preflight)
        return AC_OK;
    if (ac_caa_result(preflight->caa, &why) != AC_OK) {
        ac_log(AC_LOG_INFO, "preflight.unanswered", "reason", why.detail, NULL);
        return AC_OK;
    }
    for (size_t i = 0; i < preflight->asked.count; i++) {
        const char *finding = ac_caa_finding(preflight->caa, i);

        if (!finding || ++found > AC_PREFLIGHT_TOLD_MAX)
            continue;
        AC_TRY(ac_words_addf(warnings, err,
                             "%s: %s (the CA decides; asking it all the same)",
                             preflight->asked.items[i].value, finding));
    }
    return add_rest(found, warnings, err);
}
