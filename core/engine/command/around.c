/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/around.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/command/around_parts.h"
#include "engine/command/command_place.h"
#include "engine/run/run_commands.h"

#include <stdlib.h>
#include <string.h>

static const char *const abouts[AC_HOOK_KINDS] = {
    [AC_HOOK_PRE] = "pre-hook",
    [AC_HOOK_POST] = "post-hook",
    [AC_HOOK_FAILURE] = "failure-hook",
};

enum ac_code ac_around_new(const struct ac_around_settings *settings,
                           struct ac_around **ret_around, struct ac_error *err)
{
    AC_TRY(ac_memory_new(1, sizeof **ret_around, ret_around, err));
    (*ret_around)->settings = *settings;
    return AC_OK;
}

void ac_around_free(struct ac_around *around)
{
    if (!around)
        return;
    for (size_t i = 0; i < around->hook_count; i++) {
        ac_user_command_done(&around->hooks[i].command);
        free(around->hooks[i].members);
    }
    for (size_t i = 0; i < around->certificate_count; i++) {
        free(around->certificates[i].name);
        ac_words_done(&around->certificates[i].identifiers);
    }
    free(around->hooks);
    free(around->certificates);
    free(around);
}

bool ac_around_has_hooks(const struct ac_around *around)
{
    return around->hook_count > 0;
}

/* ---- who names which */

static const struct ac_values *said_for_all(const struct ac_config *config,
                                            enum ac_hook_kind kind)
{
    for (size_t i = 0; config && i < config->defaults.members.count; i++) {
        const struct ac_config_member *member = &config->defaults.members.items[i];

        if (strcmp(member->name, abouts[kind]) == 0)
            return &member->values;
    }
    return NULL;
}

static const struct ac_words *own_hooks(const struct ac_wanted *wanted,
                                        enum ac_hook_kind kind)
{
    const struct ac_words *const own[AC_HOOK_KINDS] = {
        [AC_HOOK_PRE] = &wanted->pre_hooks,
        [AC_HOOK_POST] = &wanted->post_hooks,
        [AC_HOOK_FAILURE] = &wanted->failure_hooks,
    };

    return own[kind];
}

static enum ac_code read_section(const struct ac_config_command *section,
                                 struct ac_user_command *ret_command,
                                 struct ac_error *err)
{
    if (section->command.count == 0)
        return ac_fail(err, AC_E_USAGE, "no command can be read in its section");
    return ac_user_command_read(section, AC_AROUND_TIMEOUT_MS, ret_command, err);
}

/* One that leads nowhere, or to a section that is wrong (*wrong), is kept as a command
 * that cannot be run: that is the affair of those that name it. */
static enum ac_code find_command(const struct ac_around *around, const char *reference,
                                 struct ac_user_command *ret_command,
                                 struct ac_error *wrong, struct ac_error *err)
{
    const struct ac_config *config = around->settings.config;
    const struct ac_config_command *section =
        config && reference[0] != '/' ? ac_config_find_hook(config, reference) : NULL;

    enum ac_code code = section ? read_section(section, ret_command, wrong) : AC_OK;
    if (section && code == AC_OK)
        return AC_OK;
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", wrong->detail);
    return ac_user_command_of_path(reference, AC_AROUND_TIMEOUT_MS, ret_command, err);
}

static enum ac_code get_hook(struct ac_around *around, enum ac_hook_kind kind,
                             const char *reference, struct ac_around_hook **ret_hook,
                             struct ac_error *err)
{
    AC_AUTO(ac_user_command) command = { 0 };
    struct ac_error wrong = { 0 };

    for (size_t i = 0; i < around->hook_count; i++) {
        *ret_hook = &around->hooks[i];
        if ((*ret_hook)->kind == kind
            && strcmp((*ret_hook)->command.name, reference) == 0)
            return AC_OK;
    }
    AC_TRY(find_command(around, reference, &command, &wrong, err));
    AC_TRY(ac_memory_grow(&around->hooks, &around->hook_capacity,
                          around->hook_count + 1, sizeof *around->hooks, err));
    *ret_hook = &around->hooks[around->hook_count++];
    **ret_hook =
        (struct ac_around_hook){ .kind = kind, .command = command, .wrong = wrong };
    command = (struct ac_user_command){ 0 };
    return AC_OK;
}

static enum ac_code join_hook(struct ac_around *around, enum ac_hook_kind kind,
                              const char *reference, struct ac_error *err)
{
    size_t index = around->certificate_count - 1;
    struct ac_around_hook *hook;

    if (strcmp(reference, AC_USER_COMMAND_NONE) == 0)
        return AC_OK;
    AC_TRY(get_hook(around, kind, reference, &hook, err));
    if (hook->member_count > 0 && hook->members[hook->member_count - 1] == index)
        return AC_OK; /* named twice */
    AC_TRY(ac_memory_grow(&hook->members, &hook->member_capacity,
                          hook->member_count + 1, sizeof *hook->members, err));
    hook->members[hook->member_count++] = index;
    return AC_OK;
}

static enum ac_code join_hooks(struct ac_around *around, const struct ac_wanted *wanted,
                               enum ac_hook_kind kind, struct ac_error *err)
{
    const struct ac_words *own = own_hooks(wanted, kind);
    const struct ac_values *all = said_for_all(around->settings.config, kind);

    for (size_t i = 0; i < own->count; i++)
        AC_TRY(join_hook(around, kind, own->items[i], err));
    for (size_t i = 0; own->count == 0 && all && i < all->count; i++)
        AC_TRY(join_hook(around, kind, all->items[i].text, err));
    return AC_OK;
}

static bool has_any(const struct ac_around *around, const struct ac_wanted *wanted)
{
    for (int kind = 0; kind < AC_HOOK_KINDS; kind++) {
        if (own_hooks(wanted, (enum ac_hook_kind)kind)->count > 0
            || said_for_all(around->settings.config, (enum ac_hook_kind)kind))
            return true;
    }
    return false;
}

static enum ac_code add_certificate(struct ac_around *around,
                                    const struct ac_wanted *wanted, const char *reason,
                                    struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;

    AC_TRY(ac_memory_copy_text(wanted->name, &name, err));
    AC_TRY(ac_memory_grow(&around->certificates, &around->certificate_capacity,
                          around->certificate_count + 1, sizeof *around->certificates,
                          err));
    struct ac_around_certificate *certificate =
        &around->certificates[around->certificate_count++];
    *certificate =
        (struct ac_around_certificate){ .name = AC_TAKE(name), .reason = reason };
    return ac_identifiers_words(&wanted->identifiers, &certificate->identifiers, err);
}

/* Does nobody say what it has of this kind? */
static bool is_unsaid(const struct ac_around *around, const struct ac_wanted *wanted,
                      enum ac_hook_kind kind)
{
    const struct ac_values *all = said_for_all(around->settings.config, kind);

    return own_hooks(wanted, kind)->count == 0 && (!all || all->count == 0);
}

/* Did somebody begin to say it? */
static bool is_half_said(const struct ac_around *around, const struct ac_wanted *wanted,
                         enum ac_hook_kind kind)
{
    const struct ac_values *all = said_for_all(around->settings.config, kind);

    return own_hooks(wanted, kind)->count == 0 && all && ac_values_is_half_read(all);
}

/* What a pre-hook stopped nobody would start; and a server that is not told of what is
 * renewed would not be told when the configuration is mended either. A failure-hook
 * that is missing costs a word. */
static void refuse_halves(struct ac_around *around, const struct ac_wanted *wanted)
{
    static const enum ac_hook_kind needed[] = { AC_HOOK_PRE, AC_HOOK_POST };
    struct ac_error *refusal =
        &around->certificates[around->certificate_count - 1].refusal;

    for (size_t i = 0; i < AC_COUNT(needed); i++) {
        if (is_half_said(around, wanted, needed[i])) {
            (void)ac_fail(refusal, AC_E_USAGE,
                          "not tried: its %s cannot be read in the configuration",
                          abouts[needed[i]]);
        }
    }
    if (around->settings.is_half_read && !is_unsaid(around, wanted, AC_HOOK_PRE)
        && is_unsaid(around, wanted, AC_HOOK_POST)) {
        (void)ac_fail(refusal, AC_E_USAGE,
                      "not tried: it has a pre-hook, and its post-hook may be in what "
                      "is wrong with the configuration");
    }
}

enum ac_code ac_around_add(struct ac_around *around, const struct ac_wanted *wanted,
                           const char *reason, struct ac_error *err)
{
    if (!has_any(around, wanted))
        return AC_OK;
    AC_TRY(add_certificate(around, wanted, reason, err));
    refuse_halves(around, wanted);
    for (int kind = 0; kind < AC_HOOK_KINDS; kind++)
        AC_TRY(join_hooks(around, wanted, (enum ac_hook_kind)kind, err));
    return AC_OK;
}

/* ---- before anything is run */

static struct ac_around_certificate *member_at(const struct ac_around *around,
                                               const struct ac_around_hook *hook,
                                               size_t index)
{
    return &around->certificates[hook->members[index]];
}

static struct ac_around_certificate *find(const struct ac_around *around,
                                          const char *name)
{
    for (size_t i = 0; i < around->certificate_count; i++) {
        if (strcmp(around->certificates[i].name, name) == 0)
            return &around->certificates[i];
    }
    return NULL;
}

static void refuse(struct ac_around *around, const struct ac_around_hook *hook,
                   const struct ac_error *why)
{
    for (size_t i = 0; i < hook->member_count; i++) {
        struct ac_around_certificate *certificate = member_at(around, hook, i);

        if (certificate->refusal.code == AC_OK) {
            (void)ac_fail(&certificate->refusal, why->code, "not tried: %s",
                          why->detail);
        }
    }
}

static enum ac_code check_hook(const struct ac_around *around,
                               const struct ac_around_hook *hook, struct ac_error *err)
{
    const struct ac_config *config = around->settings.config;
    const struct ac_command_mention mention = {
        .setting = abouts[hook->kind],
        .reference = hook->command.name,
        .certificate = around->certificates[hook->members[0]].name,
        .section = config ? ac_config_find_hook(config, hook->command.name) : NULL,
    };
    struct ac_error why = hook->wrong;

    if (why.code == AC_OK
        && ac_user_command_check_file(hook->command.words.items[0], &why) == AC_OK)
        return AC_OK;
    return ac_command_fail(config, &mention, &why, err);
}

enum ac_code ac_around_check(struct ac_around *around, struct ac_error *err)
{
    struct ac_error first = { 0 };

    for (size_t i = 0; i < around->hook_count; i++) {
        struct ac_error why = { 0 };

        if (check_hook(around, &around->hooks[i], &why) == AC_OK)
            continue;
        if (why.code == AC_E_NOMEM)
            return ac_fail(err, why.code, "%s", why.detail);
        refuse(around, &around->hooks[i], &why);
        if (first.code == AC_OK)
            first = why;
    }
    if (first.code != AC_OK)
        *err = first;
    return first.code;
}

enum ac_code ac_around_refuse(struct ac_around *around, const struct ac_wanted *wanted,
                              const char *reason, const struct ac_error *why,
                              struct ac_error *err)
{
    struct ac_around_certificate *certificate = find(around, wanted->name);

    if (!certificate) {
        AC_TRY(add_certificate(around, wanted, reason, err));
        certificate = &around->certificates[around->certificate_count - 1];
    }
    (void)ac_fail(&certificate->refusal, why->code, "not tried: %s", why->detail);
    return AC_OK;
}

/* ---- running */

static enum ac_code run_hook(struct ac_around *around, struct ac_run *run,
                             const struct ac_around_hook *hook, int64_t grace_ms,
                             struct ac_error *ret_why, struct ac_error *err)
{
    AC_AUTO(ac_json) *input = NULL;

    AC_TRY(ac_around_describe(around, hook, &input, err));
    struct ac_run_command command = { .about = abouts[hook->kind],
                                      .command = &hook->command,
                                      .input = input };
    AC_TRY(ac_run_commands(run, &command, 1, grace_ms, err));
    *ret_why = command.why;
    ac_log(AC_LOG_INFO, "hook.ended", "hook", abouts[hook->kind], "name",
           hook->command.name, "text",
           command.why.code == AC_OK ? NULL : ret_why->detail, NULL);
    return AC_OK;
}

/* A certificate that is refused already needs no further preparation. */
static bool is_wanted(const struct ac_around *around, const struct ac_around_hook *hook)
{
    for (size_t i = 0; i < hook->member_count; i++) {
        if (member_at(around, hook, i)->refusal.code == AC_OK)
            return true;
    }
    return false;
}

enum ac_code ac_around_begin(struct ac_around *around, struct ac_run *run,
                             struct ac_error *err)
{
    around->has_begun = true;
    for (size_t i = 0; i < around->hook_count; i++) {
        const struct ac_around_hook *hook = &around->hooks[i];
        struct ac_error why = { 0 };

        if (hook->kind != AC_HOOK_PRE || !is_wanted(around, hook))
            continue;
        AC_TRY(run_hook(around, run, hook, 0, &why, err));
        if (ac_clock_cancelled())
            return AC_OK; /* then nothing is attempted, and nobody is to blame */
        if (why.code != AC_OK)
            refuse(around, hook, &why);
    }
    return AC_OK;
}

const struct ac_error *ac_around_refusal(const struct ac_around *around,
                                         const char *name)
{
    const struct ac_around_certificate *certificate = find(around, name);

    return certificate && certificate->refusal.code != AC_OK ? &certificate->refusal
                                                             : NULL;
}

void ac_around_ended(struct ac_around *around, const char *name,
                     const struct ac_error *why, bool is_skipped)
{
    struct ac_around_certificate *certificate = find(around, name);

    if (!certificate)
        return;
    certificate->why = *why;
    certificate->has_ended =
        !is_skipped && why->code != AC_E_LOCKED && why->code != AC_E_CANCELLED;
}

/* The first failure of a post-hook is for the caller to tell. */
static enum ac_code run_kind(struct ac_around *around, struct ac_run *run,
                             enum ac_hook_kind kind, struct ac_error *ret_first,
                             struct ac_error *err)
{
    for (size_t i = 0; i < around->hook_count; i++) {
        const struct ac_around_hook *hook = &around->hooks[i];
        struct ac_error why = { 0 };

        if (hook->kind != kind
            || (kind == AC_HOOK_FAILURE && !ac_around_has_failed(around, hook)))
            continue;
        AC_TRY(run_hook(around, run, hook, AC_AROUND_GRACE_MS, &why, err));
        if (why.code == AC_OK)
            continue;
        if (ret_first->code != AC_OK || kind == AC_HOOK_FAILURE)
            ac_log_say(AC_LOG_WARN, "%s", why.detail);
        if (ret_first->code == AC_OK)
            *ret_first = why;
    }
    return AC_OK;
}

enum ac_code ac_around_finish(struct ac_around *around, struct ac_run *run,
                              struct ac_error *err)
{
    struct ac_error first = { 0 };
    struct ac_error ignored = { 0 };

    if (!around->has_begun)
        return AC_OK;
    AC_TRY(run_kind(around, run, AC_HOOK_POST, &first, err));
    if (!ac_clock_cancelled() && !around->settings.is_dry_run)
        AC_TRY(run_kind(around, run, AC_HOOK_FAILURE, &ignored, err));
    if (first.code != AC_OK)
        *err = first;
    return first.code;
}
