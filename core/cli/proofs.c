/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/proofs.h"

#include "engine/preflight.h"
#include "engine/select.h"

#include <string.h>

#define ANY "any" /* every type: the default */

static enum ac_code add_type(const char *type, const char *option,
                             struct ac_words *types, struct ac_error *err)
{
    AC_AUTO(ac_text) known = { 0 };

    if (ac_words_has(types, type))
        return AC_OK;
    if (ac_select_is_known(type))
        return ac_words_add(types, type, err);
    AC_TRY(ac_select_known_types(&known, err));
    return ac_fail(err, AC_E_USAGE, "%s \"%s\" is no challenge type; there are %s",
                   option, type, ac_text_get(&known));
}

/* "dns-account-01,dns-01": in the order given. */
static enum ac_code add_types(const char *list, const char *option,
                              struct ac_words *types, struct ac_error *err)
{
    for (;;) {
        size_t size = strcspn(list, ",");
        AC_AUTO_TEXT char *type = NULL;

        AC_TRY(ac_memory_copy_bytes(list, size, &type, err));
        AC_TRY(add_type(type, option, types, err));
        if (list[size] == '\0')
            return AC_OK;
        list += size + 1;
    }
}

static enum ac_code read_experimental(const struct ac_options *options,
                                      const struct ac_wanted *remembered,
                                      struct ac_words *types, struct ac_error *err)
{
    if (options->experimental.count == 0)
        return ac_words_copy(&remembered->experimental, types, err);
    for (size_t i = 0; i < options->experimental.count; i++) {
        const char *type = options->experimental.items[i];

        if (!ac_select_is_experimental(type)) {
            return ac_fail(err, AC_E_USAGE,
                           "--experimental \"%s\": nothing of that name is "
                           "experimental",
                           type);
        }
        AC_TRY(add_type(type, "--experimental", types, err));
    }
    return AC_OK;
}

static enum ac_code check_allowed(const struct ac_wanted *wanted, struct ac_error *err)
{
    for (size_t i = 0; i < wanted->challenges.count; i++) {
        const char *type = wanted->challenges.items[i];

        if (ac_select_is_experimental(type)
            && !ac_words_has(&wanted->experimental, type)) {
            return ac_fail(err, AC_E_USAGE,
                           "--challenge %s is experimental: it takes --experimental "
                           "%s, too",
                           type, type);
        }
    }
    return AC_OK;
}

static enum ac_code read_challenges(const struct ac_options *options,
                                    const struct ac_wanted *remembered,
                                    struct ac_words *types, struct ac_error *err)
{
    if (options->challenges.count == 0)
        return ac_words_copy(&remembered->challenges, types, err);
    if (options->challenges.count == 1
        && strcmp(options->challenges.items[0], ANY) == 0)
        return AC_OK;
    for (size_t i = 0; i < options->challenges.count; i++)
        AC_TRY(add_types(options->challenges.items[i], "--challenge", types, err));
    return AC_OK;
}

static enum ac_code read_caa_check(const struct ac_options *options,
                                   const struct ac_wanted *remembered, char **ret_word,
                                   struct ac_error *err)
{
    const char *word = options->caa_check ? options->caa_check : remembered->caa_check;
    enum ac_preflight_mode mode;

    if (!word)
        return AC_OK;
    AC_TRY(ac_preflight_parse(word, &mode, err));
    return mode == AC_PREFLIGHT_AUTO ? AC_OK : ac_memory_copy_text(word, ret_word, err);
}

enum ac_code ac_proofs_read(const struct ac_options *options,
                            const struct ac_wanted *remembered,
                            struct ac_wanted *wanted, struct ac_error *err)
{
    AC_TRY(read_challenges(options, remembered, &wanted->challenges, err));
    AC_TRY(read_experimental(options, remembered, &wanted->experimental, err));
    AC_TRY(read_caa_check(options, remembered, &wanted->caa_check, err));
    return check_allowed(wanted, err);
}
