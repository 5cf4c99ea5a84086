/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/command_place.h"

#include <string.h>

static struct ac_place find_in(const struct ac_config_members *members,
                               const struct ac_command_mention *mention)
{
    for (size_t i = 0; i < members->count; i++) {
        const struct ac_values *values = &members->items[i].values;

        if (strcmp(members->items[i].name, mention->setting) != 0)
            continue;
        for (size_t at = 0; at < values->count; at++) {
            if (strcmp(values->items[at].text, mention->reference) == 0)
                return ac_values_place(values, at);
        }
    }
    return (struct ac_place){ 0 };
}

struct ac_place ac_command_place(const struct ac_config *config,
                                 const struct ac_command_mention *mention)
{
    const struct ac_config_certificate *certificate;
    struct ac_place place = { 0 };

    if (!config)
        return place;
    if (mention->section && mention->section->command.count > 0)
        return ac_values_place(&mention->section->command, 0);
    certificate = ac_config_find_certificate(config, mention->certificate);
    if (certificate)
        place = find_in(&certificate->members, mention);
    return place.path ? place : find_in(&config->defaults.members, mention);
}

enum ac_code ac_command_fail(const struct ac_config *config,
                             const struct ac_command_mention *mention,
                             const struct ac_error *why, struct ac_error *err)
{
    struct ac_place place = ac_command_place(config, mention);

    if (why->code == AC_E_NOMEM)
        return ac_fail(err, why->code, "%s", why->detail);
    /* A path is in what is said of it, mostly. */
    bool is_said =
        mention->reference[0] == '/' && strstr(why->detail, mention->reference);
    const char *blank = is_said ? "" : " ";
    const char *reference = is_said ? "" : mention->reference;
    if (!place.path) {
        return ac_fail(err, AC_E_USAGE, "--%s%s%s: %s", mention->setting, blank,
                       reference, why->detail);
    }
    return ac_fail(err, AC_E_USAGE, "%s:%u: %s%s%s: %s", place.path, place.line,
                   mention->setting, blank, reference, why->detail);
}
