/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/notifier.h"

#include "engine/command/command_place.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S  ((int64_t)86400)
#define HOUR_S ((int64_t)3600)

static const char *const event_names[AC_EVENT_COUNT + 1] = {
    [AC_EVENT_RENEWED] = "renewed",   [AC_EVENT_FAILED] = "failed",
    [AC_EVENT_EXPIRING] = "expiring", [AC_EVENT_REVOKED] = "revoked",
    [AC_EVENT_DEPLOYED] = "deployed", [AC_EVENT_DEPLOY_FAILED] = "deploy-failed",
};

const char *ac_event_name(enum ac_event event)
{
    return event_names[event];
}

/* ---- when life is short */

static const struct unit {
    char letter;
    int64_t seconds; /* 0: percent */
    int64_t maximum;
} units[] = {
    { '%', 0, 100 },
    { 'd', DAY_S, AC_NOTIFIER_EXPIRING_MAX },
    { 'h', HOUR_S, AC_NOTIFIER_EXPIRING_MAX * 24 },
};

static const struct unit *unit_of(const char *text)
{
    size_t size = strlen(text);

    for (size_t i = 0; size > 0 && i < AC_COUNT(units); i++) {
        if (units[i].letter == text[size - 1])
            return &units[i];
    }
    return NULL;
}

enum ac_code ac_expiry_parse(const char *text, struct ac_expiry *ret_expiry,
                             struct ac_error *err)
{
    const struct unit *unit = unit_of(text);
    AC_AUTO_TEXT char *digits = NULL;
    struct ac_error why = { 0 };
    int64_t number = 0;

    if (unit) {
        AC_TRY(ac_memory_copy_bytes(text, strlen(text) - 1, &digits, err));
        if (ac_text_parse_number(digits, 1, unit->maximum, &number, &why) == AC_OK) {
            *ret_expiry = (struct ac_expiry){
                .percent = unit->seconds ? 0 : number,
                .seconds = number * unit->seconds,
            };
            return AC_OK;
        }
    }
    return ac_fail(err, AC_E_USAGE,
                   "expiring is a share of the life or a time, such as "
                   "\"%s\", \"10d\" or \"36h\", not \"%s\"",
                   AC_NOTIFIER_EXPIRING, text);
}

int64_t ac_expiry_of(const struct ac_expiry *expiry, int64_t lifetime_s)
{
    if (expiry->percent == 0)
        return expiry->seconds;
    return lifetime_s > 0 ? lifetime_s / 100 * expiry->percent : 0;
}

/* ---- one */

static enum ac_code read_events(const struct ac_config_command *section,
                                struct ac_notifier *notifier, struct ac_error *err)
{
    const struct ac_values *events = &section->events;

    bool is_unsaid = !ac_values_is_given(events) || ac_values_is_half_read(events);

    for (size_t event = 0; event < AC_EVENT_COUNT; event++)
        notifier->wants[event] = is_unsaid;
    for (size_t i = 0; i < events->count; i++) {
        const char *word = events->items[i].text;
        const char *nearest = ac_text_nearest(word, event_names);
        size_t event = 0;

        while (event < AC_EVENT_COUNT && strcmp(event_names[event], word) != 0)
            event++;
        if (event == AC_EVENT_COUNT) {
            return ac_fail(err, AC_E_USAGE,
                           "there is no event \"%s\"; did you mean %s?", word,
                           nearest ? nearest
                                   : "renewed, failed, expiring, revoked, "
                                     "deployed or deploy-failed");
        }
        notifier->wants[event] = true;
    }
    return AC_OK;
}

static enum ac_code make(struct ac_user_command *command, struct ac_notifier *notifier)
{
    notifier->command = *command;
    *command = (struct ac_user_command){ 0 };
    return AC_OK;
}

enum ac_code ac_notifier_read(const struct ac_config_command *section,
                              struct ac_notifier *ret_notifier, struct ac_error *err)
{
    AC_AUTO(ac_user_command) command = { 0 };
    struct ac_notifier notifier = { 0 };

    AC_TRY(ac_expiry_parse(ac_values_text(&section->expiring, AC_NOTIFIER_EXPIRING),
                           &notifier.expiry, err));
    AC_TRY(read_events(section, &notifier, err));
    AC_TRY(ac_user_command_read(section, AC_NOTIFIER_TIMEOUT_MS, &command, err));
    *ret_notifier = notifier;
    return make(&command, ret_notifier);
}

void ac_notifier_done(struct ac_notifier *notifier)
{
    ac_user_command_done(&notifier->command);
}

static enum ac_code of_path(const char *path, struct ac_notifier *ret_notifier,
                            struct ac_error *err)
{
    const struct ac_config_command none = { 0 };
    AC_AUTO(ac_user_command) command = { 0 };
    struct ac_notifier notifier = { 0 };

    AC_TRY(ac_expiry_parse(AC_NOTIFIER_EXPIRING, &notifier.expiry, err));
    AC_TRY(read_events(&none, &notifier, err));
    AC_TRY(ac_user_command_of_path(path, AC_NOTIFIER_TIMEOUT_MS, &command, err));
    *ret_notifier = notifier;
    return make(&command, ret_notifier);
}

/* ---- all */

static enum ac_code find(const struct ac_config *config, const char *reference,
                         struct ac_notifier *ret_notifier, struct ac_error *err)
{
    if (reference[0] == '/')
        return of_path(reference, ret_notifier, err);
    const struct ac_config_command *section =
        config ? ac_config_find_notifier(config, reference) : NULL;
    if (section && section->command.count > 0)
        return ac_notifier_read(section, ret_notifier, err);
    return ac_fail(err, AC_E_USAGE,
                   "the configuration has no notify \"%s\" { command = … }", reference);
}

enum ac_code ac_notifiers_get(struct ac_notifiers *notifiers,
                              const struct ac_config *config, const char *reference,
                              size_t *ret_index, struct ac_error *err)
{
    AC_AUTO(ac_notifier) notifier = { 0 };

    for (size_t i = 0; i < notifiers->count; i++) {
        if (strcmp(notifiers->items[i].command.name, reference) == 0) {
            *ret_index = i;
            return AC_OK;
        }
    }
    if (notifiers->count == AC_NOTIFIERS_MAX)
        return ac_fail(err, AC_E_USAGE, "over %d notifiers", AC_NOTIFIERS_MAX);
    AC_TRY(find(config, reference, &notifier, err));
    AC_TRY(ac_memory_grow(&notifiers->items, &notifiers->capacity, notifiers->count + 1,
                          sizeof *notifiers->items, err));
    *ret_index = notifiers->count++;
    notifiers->items[*ret_index] = notifier;
    notifier = (struct ac_notifier){ 0 };
    return AC_OK;
}

void ac_notifiers_done(struct ac_notifiers *notifiers)
{
    for (size_t i = 0; i < notifiers->count; i++)
        ac_notifier_done(&notifiers->items[i]);
    free(notifiers->items);
    *notifiers = (struct ac_notifiers){ 0 };
}

/* What is half read silences nobody: then it is as if nothing were said. */
static const struct ac_values *said_for_all(const struct ac_config *config)
{
    const struct ac_config_members *members = &config->defaults.members;

    for (size_t i = 0; i < members->count; i++) {
        const struct ac_values *values = &members->items[i].values;

        if (strcmp(members->items[i].name, "notify") == 0)
            return ac_values_is_half_read(values) ? NULL : values;
    }
    return NULL;
}

static enum ac_code add(struct ac_words *references, const char *reference,
                        struct ac_error *err)
{
    if (strcmp(reference, AC_USER_COMMAND_NONE) == 0
        || ac_words_has(references, reference))
        return AC_OK;
    return ac_words_add(references, reference, err);
}

enum ac_code ac_notifier_references(const struct ac_config *config,
                                    const struct ac_wanted *wanted,
                                    struct ac_words *ret_references,
                                    struct ac_error *err)
{
    const struct ac_words *own = &wanted->notify;
    const struct ac_values *all = config ? said_for_all(config) : NULL;
    AC_AUTO(ac_words) references = { 0 };

    for (size_t i = 0; i < own->count; i++)
        AC_TRY(add(&references, own->items[i], err));
    for (size_t i = 0; own->count == 0 && all && i < all->count; i++)
        AC_TRY(add(&references, all->items[i].text, err));
    for (size_t i = 0; own->count == 0 && config && !all && i < config->notifier_count;
         i++)
        AC_TRY(add(&references, config->notifiers[i].name, err));
    *ret_references = references;
    references = (struct ac_words){ 0 };
    return AC_OK;
}

/* ---- before anything is done */

static enum ac_code check_reference(const struct ac_config *config,
                                    const struct ac_wanted *wanted,
                                    const char *reference, struct ac_error *err)
{
    AC_AUTO(ac_notifier) notifier = { 0 };
    const struct ac_command_mention mention = {
        .setting = "notify",
        .reference = reference,
        .certificate = wanted->name,
        .section = config ? ac_config_find_notifier(config, reference) : NULL,
    };
    struct ac_error why = { 0 };

    if (find(config, reference, &notifier, &why) == AC_OK
        && ac_user_command_check_file(notifier.command.words.items[0], &why) == AC_OK)
        return AC_OK;
    return ac_command_fail(config, &mention, &why, err);
}

enum ac_code ac_notifier_check(const struct ac_config *config,
                               const struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO(ac_words) references = { 0 };

    AC_TRY(ac_notifier_references(config, wanted, &references, err));
    for (size_t i = 0; i < references.count; i++)
        AC_TRY(check_reference(config, wanted, references.items[i], err));
    return AC_OK;
}
