/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wish.h"

#include "cli/members.h"
#include "engine/held/held.h"
#include "engine/issue/select.h"
#include "engine/wanted/wanted_further.h"
#include "engine/wanted/wanted_keys.h"
#include "engine/wanted/wanted_members.h"

#include <string.h>

/* The names of --csr are the certificate's. */
static enum ac_code read_request(const char *path, struct ac_wanted *wanted,
                                 struct ac_error *err)
{
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(ac_wanted) asked = { 0 };

    enum ac_code code = ac_wanted_read_request(path, &asked.csr, err);
    if (code == AC_E_USAGE)
        ac_error_about(err, "--csr");
    AC_TRY(code);
    AC_TRY(ac_wanted_request(&asked, &csr, err));
    wanted->identifiers = csr.identifiers;
    csr.identifiers = (struct ac_identifiers){ 0 };
    return ac_identifiers_check(&wanted->identifiers, err);
}

/* -d, or with --name alone what the certificate was for before. */
static enum ac_code read_identifiers(const struct ac_options *options,
                                     const struct ac_wanted *remembered,
                                     struct ac_wanted *wanted, struct ac_error *err)
{
    bool is_known = remembered->name != NULL;

    if (options->csr && options->domains.count == 0)
        return read_request(options->csr, wanted, err);
    if (options->domains.count == 0 && options->name && !is_known) {
        return ac_fail(err, AC_E_USAGE,
                       "there is no certificate \"%s\" yet; for which names is it? "
                       "(-d NAME)",
                       options->name);
    }
    if (options->domains.count == 0 && !options->name) {
        return ac_fail(err, AC_E_USAGE,
                       "no name was given; for which is the certificate? (-d NAME)");
    }
    for (size_t i = 0; i < options->domains.count; i++) {
        AC_TRY(
            ac_identifiers_parse(options->domains.items[i], &wanted->identifiers, err));
    }
    for (size_t i = 0; options->domains.count == 0 && i < remembered->identifiers.count;
         i++) {
        AC_TRY(ac_identifiers_add(&wanted->identifiers,
                                  &remembered->identifiers.items[i], err));
    }
    return ac_identifiers_check(&wanted->identifiers, err);
}

/* That of the certificate with these identifiers; else a new one. */
static enum ac_code find_name(const struct ac_store *store, struct ac_wanted *wanted,
                              struct ac_error *err)
{
    enum ac_code code = ac_held_find(store, &wanted->identifiers, &wanted->name, err);

    if (code != AC_E_NOTFOUND)
        return code;
    return ac_wanted_default_name(&wanted->identifiers, &wanted->name, err);
}

/* Of none *ret_remembered stays empty. */
static enum ac_code recall(const struct ac_store *store, const char *name,
                           struct ac_wanted *ret_remembered, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_wanted_load(store, name, ret_remembered, &why);

    if (code == AC_OK || code == AC_E_NOTFOUND)
        return AC_OK;
    *err = why;
    return code;
}

/* Name, what is remembered under it, and identifiers; each may give the others. */
static enum ac_code read_names(const struct ac_options *options,
                               const struct ac_store *store, struct ac_wanted *wanted,
                               struct ac_wanted *remembered, struct ac_error *err)
{
    if (!options->name) {
        AC_TRY(read_identifiers(options, remembered, wanted, err));
        AC_TRY(find_name(store, wanted, err));
        return recall(store, wanted->name, remembered, err);
    }
    AC_TRY(ac_store_check_name(options->name, err));
    AC_TRY(ac_memory_copy_text(options->name, &wanted->name, err));
    AC_TRY(recall(store, wanted->name, remembered, err));
    return read_identifiers(options, remembered, wanted, err);
}

/* Nobody said that an existing certificate is to change its names: never guess. */
static enum ac_code check_taken(const struct ac_options *options,
                                const struct ac_wanted *wanted,
                                const struct ac_wanted *remembered,
                                struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_text) list = { 0 };

    if (options->name
        || ac_identifiers_is_same_set(&wanted->identifiers, &remembered->identifiers))
        return AC_OK;
    AC_TRY(ac_identifiers_words(&remembered->identifiers, &names, err));
    AC_TRY(ac_words_join(&names, ", ", &list, err));
    return ac_fail(
        err, AC_E_USAGE,
        "the certificate \"%s\" is for other names (%s); give --name %s to "
        "change its names, or --name with another one for a further certificate",
        wanted->name, ac_text_get(&list), wanted->name);
}

/* The instance, which is new or named again; without a plugin it is named as that. */
static enum ac_code have_spec(struct ac_wanted *wanted, const char *instance,
                              const char *plugin, struct ac_error *err)
{
    struct ac_solver_spec *spec = ac_wanted_find_spec(wanted, instance);

    if (!spec) {
        return ac_wanted_add_spec(wanted, instance, plugin ? plugin : instance, &spec,
                                  err);
    }
    if (!plugin || strcmp(spec->plugin, plugin) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "\"%s\" is the plugin %s already", instance,
                   spec->plugin);
}

/* "PATTERN=INSTANCE:PLUGIN", where pattern and instance may be absent. */
static enum ac_code read_solver(struct ac_wanted *wanted, const char *word,
                                struct ac_error *err)
{
    const char *equals = strrchr(word, '=');
    const char *solver = equals ? equals + 1 : word;
    const char *colon = strchr(solver, ':');
    size_t size = colon ? (size_t)(colon - solver) : strlen(solver);
    AC_AUTO_TEXT char *pattern = NULL;
    AC_AUTO_TEXT char *instance = NULL;

    if (size == 0 || equals == word || (colon && colon[1] == '\0')) {
        return ac_fail(err, AC_E_USAGE,
                       "--solver is [PATTERN=][INSTANCE:]PLUGIN, not \"%s\"", word);
    }
    if (equals)
        AC_TRY(ac_memory_copy_bytes(word, (size_t)(equals - word), &pattern, err));
    AC_TRY(ac_memory_copy_bytes(solver, size, &instance, err));
    enum ac_code code = have_spec(wanted, instance, colon ? colon + 1 : NULL, err);
    if (code == AC_OK)
        code = ac_wanted_add_rule(wanted, pattern, instance, err);
    if (code == AC_E_USAGE)
        ac_error_about(err, "--solver %s", word);
    return code;
}

/* "PLUGIN.OPTION=VALUE"; for a named instance "INSTANCE.OPTION=VALUE". */
static enum ac_code read_set(struct ac_wanted *wanted, const char *word,
                             struct ac_error *err)
{
    const char *equals = strchr(word, '=');
    const char *dot = equals ? memrchr(word, '.', (size_t)(equals - word)) : NULL;
    AC_AUTO_TEXT char *plugin = NULL;
    AC_AUTO_TEXT char *option = NULL;
    AC_AUTO_TEXT char *origin = NULL;

    if (!dot || dot == word || dot + 1 == equals) {
        return ac_fail(err, AC_E_USAGE, "--set is PLUGIN.OPTION=VALUE, not \"%s\"",
                       word);
    }
    AC_TRY(ac_memory_copy_bytes(word, (size_t)(dot - word), &plugin, err));
    AC_TRY(ac_memory_copy_bytes(dot + 1, (size_t)(equals - dot - 1), &option, err));
    AC_TRY(ac_memory_format(&origin, err, "--set %s.%s", plugin, option));
    struct ac_solver_spec *spec = ac_wanted_find_spec(wanted, plugin);
    if (!spec)
        spec = ac_wanted_find_installer(wanted, plugin);
    if (!spec) {
        return ac_fail(
            err, AC_E_USAGE,
            "%s: no --solver and no --installer names \"%s\", so the setting "
            "would do nothing",
            origin, plugin);
    }
    return ac_section_add(&spec->section, option, equals + 1, origin, err);
}

/* Does a --set of this command line say this setting anew? */
static bool is_set_anew(const struct ac_options *options, const char *plugin,
                        const char *option)
{
    size_t plugin_size = strlen(plugin);
    size_t option_size = strlen(option);

    for (size_t i = 0; i < options->sets.count; i++) {
        const char *word = options->sets.items[i];

        if (strncmp(word, plugin, plugin_size) == 0 && word[plugin_size] == '.'
            && strncmp(word + plugin_size + 1, option, option_size) == 0
            && word[plugin_size + 1 + option_size] == '=')
            return true;
    }
    return false;
}

static enum ac_code keep_settings(const struct ac_options *options,
                                  struct ac_solver_spec *spec, struct ac_error *err)
{
    AC_AUTO(ac_section) kept = { 0 };

    for (size_t i = 0; i < spec->section.count; i++) {
        const struct ac_setting *setting = &spec->section.items[i];

        if (is_set_anew(options, spec->name, setting->name))
            continue;
        AC_TRY(
            ac_section_add(&kept, setting->name, setting->value, setting->origin, err));
    }
    struct ac_section all = spec->section;
    spec->section = kept;
    kept = all;
    return AC_OK;
}

/* The solvers of before, but for the settings that are given now. */
static enum ac_code take_remembered(const struct ac_options *options,
                                    struct ac_wanted *wanted,
                                    const struct ac_wanted *remembered,
                                    struct ac_error *err)
{
    AC_TRY(ac_wanted_copy_solvers(wanted, remembered, err));
    for (size_t i = 0; i < wanted->spec_count; i++)
        AC_TRY(keep_settings(options, &wanted->specs[i], err));
    return AC_OK;
}

/* "[INSTANCE:]PLUGIN" */
static enum ac_code read_installer(struct ac_wanted *wanted, const char *word,
                                   struct ac_error *err)
{
    const char *colon = strchr(word, ':');
    const char *plugin = colon ? colon + 1 : word;
    size_t size = colon ? (size_t)(colon - word) : strlen(word);
    AC_AUTO_TEXT char *instance = NULL;
    struct ac_solver_spec *spec;

    if (size == 0 || plugin[0] == '\0') {
        return ac_fail(err, AC_E_USAGE, "--installer is [INSTANCE:]PLUGIN, not \"%s\"",
                       word);
    }
    AC_TRY(ac_memory_copy_bytes(word, size, &instance, err));
    AC_TRY(ac_store_check_name(instance, err));
    if (ac_wanted_find_spec(wanted, instance)) {
        return ac_fail(err, AC_E_USAGE,
                       "--installer %s: a solver has that name already; give it one of "
                       "its own (INSTANCE:%s)",
                       word, plugin);
    }
    return ac_wanted_add_installer(wanted, instance, plugin, &spec, err);
}

/* Those that are given, else those of before but for the settings given now. */
static enum ac_code read_installers(const struct ac_options *options,
                                    struct ac_wanted *wanted,
                                    const struct ac_wanted *remembered,
                                    struct ac_error *err)
{
    for (size_t i = 0; i < options->installers.count; i++)
        AC_TRY(read_installer(wanted, options->installers.items[i], err));
    if (options->installers.count > 0 || ac_words_has(&options->forgotten, "installer"))
        return AC_OK;
    AC_TRY(ac_wanted_copy_installers(wanted, remembered, err));
    for (size_t i = 0; i < wanted->installer_count; i++)
        AC_TRY(keep_settings(options, &wanted->installers[i], err));
    return AC_OK;
}

static enum ac_code read_solvers(const struct ac_options *options,
                                 struct ac_wanted *wanted,
                                 const struct ac_wanted *remembered,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < options->solvers.count; i++)
        AC_TRY(read_solver(wanted, options->solvers.items[i], err));
    if (options->solvers.count == 0)
        AC_TRY(take_remembered(options, wanted, remembered, err));
    if (wanted->rule_count == 0) {
        return ac_fail(
            err, AC_E_USAGE,
            "no solver was given: who answers the CA's challenges? (--solver "
            "http01-standalone, --solver http01-webroot, …; acmecore plugin "
            "list shows them)");
    }
    AC_TRY(read_installers(options, wanted, remembered, err));
    for (size_t i = 0; i < options->sets.count; i++)
        AC_TRY(read_set(wanted, options->sets.items[i], err));
    return AC_OK;
}

/* A name that no rule is for, where there is no default. */
static enum ac_code check_rules(const struct ac_wanted *wanted, struct ac_error *err)
{
    for (size_t i = 0; i < wanted->identifiers.count; i++) {
        const struct ac_identifier *identifier = &wanted->identifiers.items[i];
        AC_AUTO(ac_candidates) candidates = { 0 };

        AC_TRY(ac_select_candidates(wanted, identifier, &candidates, err));
        if (candidates.count == 0) {
            return ac_fail(err, AC_E_USAGE,
                           "no --solver is for %s: no pattern matches it, and none is "
                           "without a pattern",
                           identifier->value);
        }
    }
    return AC_OK;
}

static enum ac_code read_ca(const struct ac_wish_places *places,
                            const struct ac_wanted *remembered,
                            struct ac_wanted *wanted, struct ac_error *err)
{
    const char *directory_url = places->directory_url;

    if (!directory_url)
        directory_url = remembered->directory_url;
    if (!directory_url)
        directory_url = places->default_url;
    return ac_memory_copy_text(directory_url, &wanted->directory_url, err);
}

/* Of none that is remembered: the default. */
static enum ac_code read_key_types(const struct ac_options *options,
                                   const struct ac_wanted *remembered,
                                   struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    if (options->key_type) {
        enum ac_code code = ac_wanted_set_key_types(wanted, options->key_type, err);
        if (code == AC_E_USAGE)
            ac_error_about(err, "--key-type");
        return code;
    }
    AC_TRY(ac_wanted_key_types(remembered, &list, err));
    return ac_wanted_set_key_types(wanted, ac_text_get(&list), err);
}

static enum ac_code check_key_types(const struct ac_options *options,
                                    const struct ac_wanted *wanted,
                                    struct ac_error *err)
{
    if (!options->key_type || !ac_wanted_brings_key(wanted))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "--key-type is for a key that is made here, and this certificate "
                   "has %s (--forget %s goes back to our own)",
                   wanted->csr ? "--csr" : "--key", wanted->csr ? "csr" : "key");
}

enum ac_code ac_wish_read(const struct ac_options *options,
                          const struct ac_wish_places *places,
                          struct ac_wanted *ret_wanted, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) remembered = { 0 };

    AC_TRY(read_names(options, places->store, &wanted, &remembered, err));
    if (remembered.name)
        AC_TRY(check_taken(options, &wanted, &remembered, err));
    AC_TRY(read_key_types(options, &remembered, &wanted, err));
    AC_TRY(read_ca(places, &remembered, &wanted, err));
    AC_TRY(places->further ? ac_words_copy(places->further, &wanted.further, err)
                           : ac_wanted_copy_further(&wanted, &remembered, err));
    AC_TRY(ac_members_read(options, &remembered, &wanted, err));
    AC_TRY(check_key_types(options, &wanted, err));
    AC_TRY(ac_wanted_check(&wanted, err));
    AC_TRY(read_solvers(options, &wanted, &remembered, err));
    AC_TRY(check_rules(&wanted, err));
    *ret_wanted = wanted;
    wanted = (struct ac_wanted){ 0 };
    return AC_OK;
}
