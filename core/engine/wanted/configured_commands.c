/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/configured_commands.h"

#include "engine/command/around.h"
#include "engine/notify/notifier.h"

#include <string.h>

/* The settings that name commands, and whose sections they name. */
static const struct rule {
    const char *setting;
    const char *section;
    const struct ac_config_command *(*find)(const struct ac_config *config,
                                            const char *name);
} rules[] = {
    { "notify", "notify", ac_config_find_notifier },
    { "pre-hook", "hook", ac_config_find_hook },
    { "post-hook", "hook", ac_config_find_hook },
    { "failure-hook", "hook", ac_config_find_hook },
};

struct checking {
    const struct ac_config *config;
    struct ac_faults *faults;
    /* One word of such a setting. */
    enum ac_code (*look)(const struct checking *checking, const struct rule *rule,
                         const struct ac_values *values, size_t index,
                         struct ac_error *err);
};

static const struct rule *find_rule(const char *setting)
{
    for (size_t i = 0; i < AC_COUNT(rules); i++) {
        if (strcmp(rules[i].setting, setting) == 0)
            return &rules[i];
    }
    return NULL;
}

static enum ac_code walk_members(const struct checking *checking,
                                 const struct ac_config_members *members,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < members->count; i++) {
        const struct ac_config_member *member = &members->items[i];
        const struct rule *rule = find_rule(member->name);

        for (size_t at = 0; rule && at < member->values.count; at++)
            AC_TRY(checking->look(checking, rule, &member->values, at, err));
    }
    return AC_OK;
}

static enum ac_code walk(const struct checking *checking, struct ac_error *err)
{
    const struct ac_config *config = checking->config;

    AC_TRY(walk_members(checking, &config->defaults.members, err));
    for (size_t i = 0; i < config->certificate_count; i++)
        AC_TRY(walk_members(checking, &config->certificates[i].members, err));
    return AC_OK;
}

/* ---- words */

static enum ac_code check_reference(const struct checking *checking,
                                    const struct rule *rule,
                                    const struct ac_values *values, size_t index,
                                    struct ac_error *err)
{
    const char *reference = values->items[index].text;

    if (reference[0] == '/' || strcmp(reference, AC_USER_COMMAND_NONE) == 0
        || rule->find(checking->config, reference))
        return AC_OK;
    return ac_faults_add(checking->faults, ac_values_place(values, index), err,
                         "%s: there is no %s \"%s\": %s \"%s\" { command = … } makes "
                         "one, and a path begins with \"/\"",
                         rule->setting, rule->section, reference, rule->section,
                         reference);
}

static enum ac_code check_notifiers(const struct checking *checking,
                                    struct ac_error *err)
{
    const struct ac_config *config = checking->config;

    for (size_t i = 0; i < config->notifier_count; i++) {
        AC_AUTO(ac_notifier) ignored = { 0 };
        struct ac_error why = { 0 };
        enum ac_code code = ac_notifier_read(&config->notifiers[i], &ignored, &why);

        AC_TRY(ac_faults_take(checking->faults, config->notifiers[i].place, &why, code,
                              err));
    }
    if (config->notifier_count <= AC_NOTIFIERS_MAX)
        return AC_OK;
    return ac_faults_add(checking->faults, config->notifiers[AC_NOTIFIERS_MAX].place,
                         err, "over %d notify sections", AC_NOTIFIERS_MAX);
}

static enum ac_code check_hooks(const struct checking *checking, struct ac_error *err)
{
    const struct ac_config *config = checking->config;

    for (size_t i = 0; i < config->hook_count; i++) {
        AC_AUTO(ac_user_command) ignored = { 0 };
        struct ac_error why = { 0 };
        enum ac_code code = ac_user_command_read(&config->hooks[i],
                                                 AC_AROUND_TIMEOUT_MS, &ignored, &why);

        AC_TRY(
            ac_faults_take(checking->faults, config->hooks[i].place, &why, code, err));
    }
    return AC_OK;
}

enum ac_code ac_configured_check_commands(const struct ac_config *config,
                                          struct ac_faults *faults,
                                          struct ac_error *err)
{
    const struct checking checking = { .config = config,
                                       .faults = faults,
                                       .look = check_reference };

    AC_TRY(check_notifiers(&checking, err));
    AC_TRY(check_hooks(&checking, err));
    return walk(&checking, err);
}

/* ---- programs */

static enum ac_code check_program(const struct checking *checking,
                                  const struct ac_values *values, size_t index,
                                  const char *about, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_user_command_check_file(values->items[index].text, &why);

    ac_error_about(&why, "%s", about);
    return ac_faults_take(checking->faults, ac_values_place(values, index), &why, code,
                          err);
}

static enum ac_code check_path(const struct checking *checking, const struct rule *rule,
                               const struct ac_values *values, size_t index,
                               struct ac_error *err)
{
    if (values->items[index].text[0] != '/')
        return AC_OK;
    return check_program(checking, values, index, rule->setting, err);
}

static enum ac_code check_sections(const struct checking *checking,
                                   const struct ac_config_command *commands,
                                   size_t count, struct ac_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (commands[i].command.count > 0)
            AC_TRY(check_program(checking, &commands[i].command, 0, "command", err));
    }
    return AC_OK;
}

enum ac_code ac_configured_check_programs(const struct ac_config *config,
                                          struct ac_faults *faults,
                                          struct ac_error *err)
{
    const struct checking checking = { .config = config,
                                       .faults = faults,
                                       .look = check_path };

    AC_TRY(check_sections(&checking, config->notifiers, config->notifier_count, err));
    AC_TRY(check_sections(&checking, config->hooks, config->hook_count, err));
    return walk(&checking, err);
}
