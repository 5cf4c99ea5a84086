/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_look.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* ---- what there is to look at */

static const char *find_option(const struct ac_section *section, const char *name,
                               size_t nth)
{
    for (size_t i = 0; i < section->count; i++) {
        if (strcmp(section->items[i].name, name) == 0 && nth-- == 0)
            return section->items[i].value;
    }
    return NULL;
}

/* A name below it, of which no other certificate is likely to be in charge. */
static enum ac_code copy_name(const char *name, char **ret_copy, struct ac_error *err)
{
    if (strncmp(name, "*.", 2) != 0)
        return ac_memory_copy_text(name, ret_copy, err);
    return ac_memory_format(ret_copy, err, AC_DEPLOY_WILDCARD_LABEL "%s", name + 1);
}

static enum ac_code add_sight(struct ac_deploy_look *look,
                              const struct ac_deploy_item *item, const char *address,
                              const char *name, struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&look->sights, &look->capacity, look->count + 1,
                          sizeof *look->sights, err));
    struct ac_deploy_sight *sight = &look->sights[look->count++];
    *sight = (struct ac_deploy_sight){ .item = item };
    AC_TRY(ac_memory_copy_text(address, &sight->address, err));
    return copy_name(name, &sight->name, err);
}

static enum ac_code add_names(struct ac_deploy_look *look,
                              const struct ac_deploy_item *item,
                              const struct ac_section *section, const char *address,
                              struct ac_error *err)
{
    const char *name = find_option(section, "probe-name", 0);
    AC_AUTO(ac_words) names = { 0 };

    for (size_t i = 0; name; name = find_option(section, "probe-name", ++i))
        AC_TRY(add_sight(look, item, address, name, err));
    if (find_option(section, "probe-name", 0))
        return AC_OK;
    AC_TRY(ac_identifiers_words(&item->held.identifiers, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(add_sight(look, item, address, names.items[i], err));
    return AC_OK;
}

static enum ac_code add_item(struct ac_deploy_look *look,
                             const struct ac_deploy_item *item,
                             const struct ac_section *section, struct ac_error *err)
{
    const char *address = find_option(section, "probe", 0);

    for (size_t i = 0; address; address = find_option(section, "probe", ++i))
        AC_TRY(add_names(look, item, section, address, err));
    return AC_OK;
}

/* ---- the plugin host as a guest of the loop */

static size_t guest_fds(const void *guest, struct pollfd *fds)
{
    return ac_proof_fds(guest, fds);
}

static int64_t guest_wake_at_ms(const void *guest)
{
    return ac_proof_wake_at_ms(guest);
}

static void guest_step(void *guest)
{
    ac_proof_step(guest);
}

static enum ac_code start(struct ac_deploy_look *look, struct ac_error *err)
{
    AC_AUTO(ac_proof) *proof = NULL;

    if (look->count == 0)
        return AC_OK;
    AC_TRY(ac_proof_start(look->settings->host_path, &proof, err));
    const struct ac_loop_guest guest = { guest_fds, guest_wake_at_ms, guest_step,
                                         proof };
    AC_TRY(ac_loop_attach_guest(look->settings->loop, &guest, err));
    look->proof = AC_TAKE(proof);
    return AC_OK;
}

enum ac_code ac_deploy_look_begin(const struct ac_deploy_attempt *attempt,
                                  int64_t each_ms, struct ac_deploy_look *ret_look,
                                  struct ac_error *err)
{
    const struct ac_section *section = &attempt->driver->spec->section;
    AC_AUTO(ac_deploy_look) look = {
        .settings = attempt->driver->settings,
        .starttls = find_option(section, "probe-starttls", 0),
        .each_ms = each_ms,
    };
    const struct ac_descriptor *descriptor =
        ac_installer_descriptor(attempt->driver->installer);

    /* One that declares the option itself looks for itself. */
    if (!descriptor || !descriptor->has_probe)
        return AC_OK;
    for (size_t i = 0; i < attempt->left; i++)
        AC_TRY(add_item(&look, attempt->pairs[i].item, section, err));
    AC_TRY(start(&look, err));
    *ret_look = look;
    look = (struct ac_deploy_look){ 0 };
    return AC_OK;
}

void ac_deploy_look_done(struct ac_deploy_look *look)
{
    if (look->proof)
        ac_loop_detach_guest(look->settings->loop, look->proof);
    ac_proof_free(look->proof);
    for (size_t i = 0; i < look->count; i++) {
        free(look->sights[i].address);
        free(look->sights[i].name);
    }
    free(look->sights);
    *look = (struct ac_deploy_look){ 0 };
}

/* ---- looking */

/* The next of those where ours was not seen yet, from `first` on. Returns how many. */
static size_t gather(const struct ac_deploy_look *look, size_t *first, size_t *indexes,
                     struct ac_proof_target *targets)
{
    size_t count = 0;

    for (; *first < look->count && count < AC_DEPLOY_LOOK_AT_ONCE; ++*first) {
        const struct ac_deploy_sight *sight = &look->sights[*first];

        if (sight->is_ours)
            continue;
        indexes[count] = *first;
        targets[count++] =
            (struct ac_proof_target){ sight->address, look->starttls, sight->name };
    }
    return count;
}

/* Of a set any certificate is ours. */
static bool is_ours(const struct ac_deploy_item *item, const char *fingerprint)
{
    return ac_words_has(&item->fingerprints, fingerprint);
}

static enum ac_code ask(struct ac_deploy_look *look, const size_t *indexes,
                        const struct ac_proof_target *targets, size_t count,
                        int64_t deadline_ms, struct ac_error *err)
{
    int64_t limit_ms = deadline_ms + AC_DEPLOY_GRACE_MS;

    AC_TRY(ac_proof_ask(look->proof, targets, count, deadline_ms, err));
    while (!ac_proof_is_done(look->proof)) {
        AC_TRY(ac_deploy_check_signal(err));
        AC_TRY(ac_loop_turn(look->settings->loop, limit_ms, err));
        if (ac_clock_now_ms() >= limit_ms && !ac_proof_is_done(look->proof))
            return ac_fail(err, AC_E_PLUGIN, "the look at what is served did not end");
    }
    AC_TRY(ac_proof_result(look->proof, err));
    for (size_t i = 0; i < count; i++) {
        struct ac_deploy_sight *sight = &look->sights[indexes[i]];

        sight->seen = *ac_proof_seen(look->proof, i);
        sight->is_looked_at = true;
        sight->is_ours = is_ours(sight->item, sight->seen.fingerprint);
    }
    return AC_OK;
}

/* Nobody said anything there: the next ones are not waited for as long. */
static bool is_silent(const struct ac_deploy_look *look, const size_t *indexes,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (look->sights[indexes[i]].seen.fingerprint[0])
            return false;
    }
    return count > 0;
}

static bool has_new(const struct ac_deploy_look *look, const size_t *indexes,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!look->sights[indexes[i]].is_looked_at)
            return true;
    }
    return false;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Of as many as are asked about at once. That their turn came late is no fault of
 * theirs; but the run has an end. */
static int64_t deadline_of(const struct ac_deploy_look *look, int64_t least_ms,
                           int64_t deadline_ms)
{
    int64_t until_ms = later(deadline_ms, ac_clock_after_ms(least_ms));
    int64_t end_ms =
        later(look->settings->deadline_ms, ac_clock_after_ms(AC_DEPLOY_LOOK_MIN_MS));

    return until_ms < end_ms ? until_ms : end_ms;
}

enum ac_code ac_deploy_look_again(struct ac_deploy_look *look, int64_t deadline_ms,
                                  struct ac_error *err)
{
    struct ac_proof_target targets[AC_DEPLOY_LOOK_AT_ONCE];
    size_t indexes[AC_DEPLOY_LOOK_AT_ONCE];
    size_t first = 0;
    bool is_patient = true;

    for (;;) {
        size_t count = gather(look, &first, indexes, targets);
        int64_t least_ms = is_patient && has_new(look, indexes, count)
                               ? look->each_ms
                               : AC_DEPLOY_LOOK_MIN_MS;

        if (count == 0)
            return AC_OK;
        AC_TRY(ask(look, indexes, targets, count,
                   deadline_of(look, least_ms, deadline_ms), err));
        is_patient = !is_silent(look, indexes, count);
        if (ac_clock_now_ms() >= look->settings->deadline_ms)
            return AC_OK;
    }
}

const struct ac_deploy_sight *ac_deploy_look_missing(const struct ac_deploy_look *look,
                                                     const struct ac_deploy_item *item)
{
    for (size_t i = 0; i < look->count; i++) {
        const struct ac_deploy_sight *sight = &look->sights[i];

        if (sight->item == item && sight->is_looked_at && !sight->is_ours)
            return sight;
    }
    return NULL;
}

size_t ac_deploy_look_left(const struct ac_deploy_look *look)
{
    size_t count = 0;

    for (size_t i = 0; i < look->count; i++)
        count += !look->sights[i].is_looked_at;
    return count;
}
