/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/members.h"

#include "cli/table.h"
#include "engine/wanted/wanted_members.h"

#include <assert.h>
#include <string.h>

static const struct ac_option_rule *rule_of(const struct ac_wanted_member *member)
{
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        if (strcmp(ac_option_rules[i].name, member->name) == 0)
            return &ac_option_rules[i];
    }
    return NULL;
}

/* All values that the option was given, lent; *ret_count 0: it was not. */
static const char *const *values_of(const struct ac_options *options,
                                    const struct ac_option_rule *rule,
                                    size_t *ret_count)
{
    static const char *const yes = "true";
    const void *place = (const char *)options + rule->offset;

    switch (rule->kind) {
    case AC_OPTION_FLAG:
        *ret_count = *(const bool *)place ? 1 : 0;
        return &yes;
    case AC_OPTION_TEXT:
        *ret_count = *(char *const *)place ? 1 : 0;
        return place;
    case AC_OPTION_WORDS:
        *ret_count = ((const struct ac_words *)place)->count;
        return (const char *const *)((const struct ac_words *)place)->items;
    default:
        *ret_count = 0;
        return NULL;
    }
}

static enum ac_code read_given(const struct ac_wanted_member *member,
                               const char *const *values, size_t count,
                               struct ac_wanted *wanted, struct ac_error *err)
{
    for (size_t i = 0; i < count; i++) {
        enum ac_code code = ac_wanted_member_set(wanted, member, values[i], err);

        if (code == AC_E_USAGE)
            ac_error_about(err, "--%s", member->name);
        AC_TRY(code);
    }
    return AC_OK;
}

/* What is said on the command line, or taken back there, is for all CAs. */
static enum ac_code read_for_further(const struct ac_wanted_member *member,
                                     const char *const *values, size_t count,
                                     struct ac_wanted *wanted, struct ac_error *err)
{
    for (size_t i = 0; member->is_of_ca && i < wanted->further_own_count; i++)
        AC_TRY(read_given(member, values, count, &wanted->further_own[i], err));
    return AC_OK;
}

static void forget_for_further(const struct ac_wanted_member *member,
                               struct ac_wanted *wanted)
{
    for (size_t i = 0; member->is_of_ca && i < wanted->further_own_count; i++)
        ac_wanted_member_clear(&wanted->further_own[i], member);
}

static enum ac_code check_forgotten(const struct ac_options *options,
                                    struct ac_error *err)
{
    for (size_t i = 0; i < options->forgotten.count; i++) {
        const char *name = options->forgotten.items[i];

        if (!ac_wanted_member_find(name) && strcmp(name, "installer") != 0) {
            return ac_fail(err, AC_E_USAGE,
                           "--forget %s: no option of that name is remembered with a "
                           "certificate (give it without the dashes)",
                           name);
        }
    }
    return AC_OK;
}

enum ac_code ac_members_read(const struct ac_options *options,
                             const struct ac_wanted *remembered,
                             struct ac_wanted *wanted, struct ac_error *err)
{
    bool is_same_ca = remembered->directory_url
                      && strcmp(remembered->directory_url, wanted->directory_url) == 0;

    AC_TRY(check_forgotten(options, err));
    for (size_t i = 0; i < ac_wanted_member_count; i++) {
        const struct ac_wanted_member *member = &ac_wanted_members[i];
        const struct ac_option_rule *rule = rule_of(member);
        size_t count = 0;

        assert(rule); /* each has an option of its name */
        const char *const *values = values_of(options, rule, &count);
        bool is_forgotten =
            count == 0 && ac_words_has(&options->forgotten, member->name);
        AC_TRY(read_given(member, values, count, wanted, err));
        AC_TRY(read_for_further(member, values, count, wanted, err));
        if (is_forgotten)
            forget_for_further(member, wanted);
        if (count == 0 && !is_forgotten && (is_same_ca || !member->is_of_ca))
            AC_TRY(ac_wanted_member_copy(wanted, remembered, member, err));
    }
    return AC_OK;
}
