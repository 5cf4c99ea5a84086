/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/configured_check.h"

#include "base/file.h"
#include "config/source.h"
#include "engine/issue/select.h"
#include "engine/run/run_try.h"
#include "engine/wanted/configured_commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MAX 4096

struct checking {
    struct ac_run *run;
    const struct ac_config *config;
    struct ac_faults *faults;
    /* Of each solver section, NULL where it cannot be had; lent by the run. */
    const struct ac_descriptor **descriptors;
};

static void checking_drop(struct checking *checking)
{
    free(checking->descriptors);
}

/* ---- plugins and their options */

struct telling {
    const struct ac_config_plugin *section;
    struct ac_faults *faults;
};

/* The origin is "FILE:LINE", and each sentence about a setting begins with it. */
static enum ac_code tell(void *arg, const struct ac_setting *setting,
                         const char *sentence, struct ac_error *err)
{
    const struct telling *telling = arg;
    AC_AUTO_TEXT char *path = NULL;
    int64_t line = 0;

    if (!setting) {
        return ac_faults_add(telling->faults, telling->section->place, err, "%s",
                             sentence);
    }
    const char *colon = strrchr(setting->origin, ':');
    size_t size = strlen(setting->origin);
    AC_TRY(ac_memory_copy_bytes(setting->origin, (size_t)(colon - setting->origin),
                                &path, err));
    AC_TRY(ac_text_parse_number(colon + 1, 0, UINT32_MAX, &line, err));
    if (strncmp(sentence, setting->origin, size) == 0 && sentence[size] == ':')
        sentence += size + 2;
    return ac_faults_add(telling->faults,
                         (struct ac_place){ .path = path, .line = (unsigned)line }, err,
                         "%s", sentence);
}

/* *ret_descriptor NULL: it cannot be had, and that is said. */
static enum ac_code describe(const struct checking *checking,
                             const struct ac_config_plugin *section, uint32_t kind,
                             const struct ac_descriptor **ret_descriptor,
                             struct ac_error *err)
{
    const char *plugin = ac_values_text(&section->plugin, NULL);
    const char *word = kind == ACMECORE_SOLVER ? "solver" : "installer";
    const struct ac_descriptor *descriptor = NULL;
    struct ac_error why = { 0 };

    *ret_descriptor = NULL;
    if (!plugin)
        return AC_OK;
    enum ac_code code = ac_run_describe(checking->run, plugin, &descriptor, &why);
    AC_TRY(ac_faults_take(checking->faults, section->plugin.place, &why, code, err));
    if (code != AC_OK)
        return AC_OK;
    if (descriptor->kind != kind) {
        return ac_faults_add(checking->faults, section->plugin.place, err,
                             "the plugin %s is no %s", plugin, word);
    }
    *ret_descriptor = descriptor;
    return AC_OK;
}

static enum ac_code check_plugin(const struct checking *checking,
                                 const struct ac_config_plugin *section, uint32_t kind,
                                 const struct ac_descriptor **ret_descriptor,
                                 struct ac_error *err)
{
    struct telling telling = { .section = section, .faults = checking->faults };
    const struct ac_options_listener listener = { .told = tell, .arg = &telling };

    AC_TRY(describe(checking, section, kind, ret_descriptor, err));
    if (!*ret_descriptor)
        return AC_OK;
    return ac_options_check_all(*ret_descriptor, &section->options, &listener, err);
}

/* Where what is wrong with a section is told: at the setting, where that is known. */
static enum ac_code tell_opening(const struct telling *telling,
                                 const struct ac_error *why, struct ac_error *err)
{
    const struct ac_section *options = &telling->section->options;

    for (size_t i = 0; i < options->count; i++) {
        const struct ac_setting *setting = &options->items[i];
        size_t size = strlen(setting->origin);

        if (strncmp(why->detail, setting->origin, size) == 0
            && why->detail[size] == ':')
            return tell((void *)telling, setting, why->detail, err);
    }
    return tell((void *)telling, NULL, why->detail, err);
}

/* Does it open with what its options say? Only settings are judged: a plugin that is
 * ill today may be well when it is needed. */
static enum ac_code try_plugin(const struct checking *checking,
                               const struct ac_config_plugin *section, uint32_t kind,
                               struct ac_error *err)
{
    const struct telling telling = { .section = section, .faults = checking->faults };
    const struct ac_solver_spec spec = {
        .name = (char *)section->name,
        .plugin = (char *)ac_values_text(&section->plugin, NULL),
        .section = section->options,
    };
    struct ac_error why = { 0 };
    enum ac_code code = kind == ACMECORE_SOLVER
                            ? ac_run_try_solver(checking->run, &spec, &why)
                            : ac_run_try_installer(checking->run, &spec, &why);

    if (code == AC_E_USAGE)
        return tell_opening(&telling, &why, err);
    if (code == AC_E_NOMEM || code == AC_E_CANCELLED || code == AC_E_TIMEOUT)
        return ac_fail(err, code, "%s", why.detail);
    return AC_OK;
}

/* What is wrong with its options by themselves is told first, all of it. */
static enum ac_code check_and_try(const struct checking *checking,
                                  const struct ac_config_plugin *section, uint32_t kind,
                                  const struct ac_descriptor **ret_descriptor,
                                  struct ac_error *err)
{
    size_t before = checking->faults->count;

    AC_TRY(check_plugin(checking, section, kind, ret_descriptor, err));
    if (!*ret_descriptor || checking->faults->count > before)
        return AC_OK;
    return try_plugin(checking, section, kind, err);
}

static enum ac_code check_plugins(struct checking *checking, struct ac_error *err)
{
    const struct ac_config *config = checking->config;
    const struct ac_descriptor *ignored;

    AC_TRY(ac_memory_new(config->solver_count + 1, sizeof(struct ac_descriptor *),
                         &checking->descriptors, err));
    for (size_t i = 0; i < config->solver_count; i++) {
        AC_TRY(check_and_try(checking, &config->solvers[i], ACMECORE_SOLVER,
                             &checking->descriptors[i], err));
    }
    for (size_t i = 0; i < config->installer_count; i++) {
        AC_TRY(check_and_try(checking, &config->installers[i], ACMECORE_INSTALLER,
                             &ignored, err));
    }
    return AC_OK;
}

/* ---- CAs */

static enum ac_code check_file(const struct checking *checking,
                               const struct ac_config_member *member,
                               struct ac_error *err)
{
    const char *path = ac_values_text(&member->values, "");
    AC_AUTO(ac_text) ignored = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code = ac_file_read(path, AC_TEXT_LIMIT, &ignored, &why);
    ac_error_about(&why, "%s", member->name);
    return ac_faults_take(checking->faults, member->values.place, &why, code, err);
}

static enum ac_code check_ca(const struct checking *checking,
                             const struct ac_config_ca *ca, struct ac_error *err)
{
    const struct ac_values *source = &ca->account.eab_hmac_key;
    AC_AUTO(ac_secret) ignored = { 0 };
    struct ac_error why = { 0 };

    for (size_t i = 0; i < ca->members.count; i++) {
        if (strcmp(ca->members.items[i].name, "ca-file") == 0)
            AC_TRY(check_file(checking, &ca->members.items[i], err));
    }
    if (source->count == 0 || !ac_source_is_here(source->items[0].text))
        return AC_OK;
    enum ac_code code =
        ac_source_read(source->items[0].text, SECRET_MAX, &ignored, &why);
    ac_error_about(&why, "eab-hmac-key");
    return ac_faults_take(checking->faults, source->place, &why, code, err);
}

static enum ac_code check_contacts(const struct checking *checking,
                                   const struct ac_values *contacts,
                                   struct ac_error *err)
{
    for (size_t i = 0; i < contacts->count; i++) {
        AC_AUTO_TEXT char *ignored = NULL;
        struct ac_error why = { 0 };
        enum ac_code code = ac_account_contact(contacts->items[i].text, &ignored, &why);

        AC_TRY(ac_faults_take(checking->faults, ac_values_place(contacts, i), &why,
                              code, err));
    }
    return AC_OK;
}

static enum ac_code check_cas(const struct checking *checking, struct ac_error *err)
{
    const struct ac_config *config = checking->config;

    AC_TRY(check_contacts(checking, &config->account.contact, err));
    for (size_t i = 0; i < config->ca_count; i++) {
        AC_TRY(check_contacts(checking, &config->cas[i].account.contact, err));
        AC_TRY(check_ca(checking, &config->cas[i], err));
    }
    return AC_OK;
}

/* ---- certificates */

/* Can one of its solvers prove this name? Those that are not known are not judged. */
static enum ac_code can_be_proved(const struct checking *checking,
                                  const struct ac_wanted *wanted,
                                  const struct ac_identifier *identifier, bool *ret_can,
                                  struct ac_error *err)
{
    AC_AUTO(ac_candidates) candidates = { 0 };

    *ret_can = false;
    AC_TRY(ac_select_candidates(wanted, identifier, &candidates, err));
    for (size_t i = 0; i < candidates.count && !*ret_can; i++) {
        const struct ac_config_plugin *solver =
            ac_config_find_solver(checking->config, candidates.solvers[i]);
        const struct ac_descriptor *descriptor =
            checking->descriptors[solver - checking->config->solvers];

        *ret_can =
            !descriptor || ac_select_type(wanted, &descriptor->types, identifier);
    }
    *ret_can = *ret_can || candidates.count == 0;
    return AC_OK;
}

static enum ac_code check_names(const struct checking *checking,
                                const struct ac_config_certificate *certificate,
                                const struct ac_wanted *wanted, struct ac_error *err)
{
    for (size_t i = 0; i < wanted->identifiers.count; i++) {
        const struct ac_identifier *identifier = &wanted->identifiers.items[i];
        bool can = false;

        AC_TRY(can_be_proved(checking, wanted, identifier, &can, err));
        if (can)
            continue;
        AC_TRY(ac_faults_add(checking->faults, certificate->identifiers.place, err,
                             "no solver of certificate \"%s\" can prove %s: %s",
                             certificate->name, identifier->value,
                             ac_select_fitting(identifier)));
    }
    return AC_OK;
}

static enum ac_code check_certificate(const struct checking *checking,
                                      const struct ac_config_certificate *certificate,
                                      struct ac_error *err)
{
    size_t count = ac_configured_ca_count(checking->config, certificate);
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(ac_configured_wanted(checking->config, certificate, 0, checking->faults,
                                &wanted, err));
    for (size_t i = 1; i < count; i++) {
        AC_AUTO(ac_wanted) ignored = { 0 };

        AC_TRY(ac_configured_wanted(checking->config, certificate, i, checking->faults,
                                    &ignored, err));
    }
    return check_names(checking, certificate, &wanted, err);
}

enum ac_code ac_configured_check(struct ac_run *run, const struct ac_config *config,
                                 struct ac_faults *faults, struct ac_error *err)
{
    __attribute__((cleanup(checking_drop))) struct checking checking = {
        .run = run, .config = config, .faults = faults
    };

    AC_TRY(check_plugins(&checking, err));
    AC_TRY(check_cas(&checking, err));
    AC_TRY(ac_configured_check_programs(config, faults, err));
    for (size_t i = 0; i < config->certificate_count; i++)
        AC_TRY(check_certificate(&checking, &config->certificates[i], err));
    return AC_OK;
}
