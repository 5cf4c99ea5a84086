/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/configured.h"

#include "engine/issue/select.h"
#include "engine/wanted/configured_commands.h"
#include "engine/wanted/wanted_further.h"
#include "engine/wanted/wanted_keys.h"
#include "engine/wanted/wanted_members.h"

#include <string.h>

struct reading {
    const struct ac_config *config;
    const struct ac_config_certificate *certificate;
    struct ac_faults *faults;
    struct ac_wanted *wanted;
    bool is_of_ca; /* only what is of a CA is read */
};

/* ---- the file */

/* How a CA is reached is its section's to say alone; the account, the profile and the
 * chain may be a certificate's, too. */
static bool is_of_certificate(const struct ac_wanted_member *member)
{
    return strcmp(member->name, "ca-file") != 0
           && strcmp(member->name, "insecure-http") != 0;
}

static enum ac_code list_members(struct ac_words *of_certificates,
                                 struct ac_words *of_cas, struct ac_error *err)
{
    for (size_t i = 0; i < ac_wanted_member_count; i++) {
        const struct ac_wanted_member *member = &ac_wanted_members[i];

        if (is_of_certificate(member))
            AC_TRY(ac_words_add(of_certificates, member->name, err));
        if (member->is_of_ca)
            AC_TRY(ac_words_add(of_cas, member->name, err));
    }
    return AC_OK;
}

enum ac_code ac_configured_load(const char *path, struct ac_faults *faults,
                                struct ac_config **ret_config, struct ac_error *err)
{
    AC_AUTO(ac_words) certificate_members = { 0 };
    AC_AUTO(ac_words) ca_members = { 0 };

    AC_TRY(list_members(&certificate_members, &ca_members, err));
    const struct ac_config_settings settings = {
        .path = path,
        .certificate_members = (const char *const *)certificate_members.items,
        .ca_members = (const char *const *)ca_members.items,
    };
    AC_AUTO(ac_config) *config = NULL;
    AC_TRY(ac_config_load(&settings, faults, &config, err));
    AC_TRY(ac_configured_check_commands(config, faults, err));
    *ret_config = AC_TAKE(config);
    return AC_OK;
}

/* ---- CAs */

/* A URL that a section has is that section's CA. */
static const struct ac_config_ca *section_of_url(const struct ac_config *config,
                                                 const char *url)
{
    for (size_t i = 0; i < config->ca_count; i++) {
        const char *directory = ac_values_text(&config->cas[i].directory, NULL);

        if (directory && strcmp(directory, url) == 0)
            return &config->cas[i];
    }
    const struct ac_ca *known = ac_ca_by_url(url);
    return known ? ac_config_find_ca(config, known->alias) : NULL;
}

static enum ac_code refuse_ca(const struct ac_config *config, const char *reference,
                              struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    for (size_t i = 0; i < config->ca_count; i++)
        AC_TRY(ac_words_add(&names, config->cas[i].name, err));
    const char *nearest =
        config->ca_count > 0
            ? ac_text_nearest(reference, (const char *const *)names.items)
            : NULL;
    if (!nearest) {
        const char *ignored;

        return ac_ca_resolve(reference, &ignored, err); /* says it */
    }
    return ac_fail(err, AC_E_USAGE, "there is no CA \"%s\"; did you mean \"%s\"?",
                   reference, nearest);
}

static void add_account(const struct ac_config *config, struct ac_configured_ca *ca)
{
    const struct ac_config_account *own = ca->section ? &ca->section->account : NULL;
    const struct ac_config_account *all = &config->account;

    ca->contact =
        own && ac_values_is_given(&own->contact) ? &own->contact : &all->contact;
    ca->agrees_to_terms = ac_values_flag(
        own && ac_values_is_given(&own->agree_tos) ? &own->agree_tos : &all->agree_tos,
        false);
}

enum ac_code ac_configured_ca(const struct ac_config *config, const char *reference,
                              struct ac_configured_ca *ret_ca, struct ac_error *err)
{
    static const struct ac_values none;
    struct ac_configured_ca ca = { .name = reference, .contact = &none };
    const struct ac_ca *known = ac_ca_find(reference);

    if (config) {
        ca.section = ac_config_find_ca(config, reference);
        if (!ca.section && strstr(reference, "://"))
            ca.section = section_of_url(config, reference);
        add_account(config, &ca);
    }
    if (ca.section)
        ca.directory_url = ac_values_text(&ca.section->directory, NULL);
    if (!ca.directory_url && strstr(reference, "://"))
        ca.directory_url = reference;
    if (!ca.directory_url && known)
        ca.directory_url = known->directory_url;
    if (!ca.directory_url) {
        return config ? refuse_ca(config, reference, err)
                      : ac_ca_resolve(reference, &ca.directory_url, err);
    }
    *ret_ca = ca;
    return AC_OK;
}

const char *ac_configured_ca_member(const struct ac_configured_ca *ca, const char *name)
{
    const struct ac_config_members *members =
        ca->section ? &ca->section->members : NULL;

    for (size_t i = 0; members && i < members->count; i++) {
        if (strcmp(members->items[i].name, name) == 0)
            return ac_values_text(&members->items[i].values, NULL);
    }
    return NULL;
}

bool ac_configured_can_use_plain_http(const struct ac_configured_ca *ca)
{
    const char *word = ac_configured_ca_member(ca, "insecure-http");

    return word
           && (strcmp(word, "true") == 0 || strcmp(word, "yes") == 0
               || strcmp(word, "on") == 0);
}

/* Its own value, or that for all certificates. */
#define SAID(config, certificate, member)                                              \
    (ac_values_is_given(&(certificate)->member) ? &(certificate)->member               \
                                                : &(config)->defaults.member)

size_t ac_configured_ca_count(const struct ac_config *config,
                              const struct ac_config_certificate *certificate)
{
    size_t count = SAID(config, certificate, ca)->count;

    return count > 0 ? count : 1;
}

const char *ac_configured_ca_at(const struct ac_config *config,
                                const struct ac_config_certificate *certificate,
                                size_t index)
{
    const struct ac_values *values = SAID(config, certificate, ca);

    return index < values->count ? values->items[index].text : AC_CA_DEFAULT;
}

/* ---- a certificate */

static enum ac_code read_identifiers(const struct reading *reading,
                                     struct ac_error *err)
{
    const struct ac_values *values = &reading->certificate->identifiers;
    struct ac_identifiers *identifiers = &reading->wanted->identifiers;

    for (size_t i = 0; i < values->count; i++) {
        struct ac_error why = { 0 };
        enum ac_code code =
            ac_identifiers_parse(values->items[i].text, identifiers, &why);

        AC_TRY(ac_faults_take(reading->faults, ac_values_place(values, i), &why, code,
                              err));
    }
    struct ac_error why = { 0 };
    enum ac_code code = ac_identifiers_check(identifiers, &why);
    return ac_faults_take(reading->faults, values->place, &why, code, err);
}

static enum ac_code read_key_type(const struct reading *reading, struct ac_error *err)
{
    const struct ac_values *values =
        SAID(reading->config, reading->certificate, key_type);
    const char *word = ac_values_text(values, NULL);
    struct ac_error why = { 0 };

    if (!word)
        return AC_OK;
    enum ac_code code = ac_wanted_set_key_types(reading->wanted, word, &why);
    ac_error_about(&why, "key-type");
    return ac_faults_take(reading->faults, ac_values_place(values, 0), &why, code, err);
}

static enum ac_code set_member(const struct reading *reading,
                               const struct ac_config_member *given,
                               struct ac_error *err)
{
    const struct ac_wanted_member *member = ac_wanted_member_find(given->name);
    const struct ac_values *values = &given->values;

    if (reading->is_of_ca && !member->is_of_ca)
        return AC_OK;
    if (member->kind != AC_MEMBER_WORDS && values->is_list) {
        return ac_faults_add(reading->faults, values->place, err,
                             "%s is one value, without braces", given->name);
    }
    for (size_t i = 0; i < values->count; i++) {
        struct ac_error why = { 0 };
        const char *text = values->items[i].text;
        bool is_relative = member->kind == AC_MEMBER_PATH && text[0] != '/';
        enum ac_code code =
            is_relative
                ? ac_fail(&why, AC_E_USAGE, "\"%s\" is not an absolute path", text)
                : ac_wanted_member_set(reading->wanted, member, text, &why);

        ac_error_about(&why, "%s", given->name);
        AC_TRY(ac_faults_take(reading->faults, ac_values_place(values, i), &why, code,
                              err));
    }
    return AC_OK;
}

static bool has_member(const struct ac_config_members *members, const char *name)
{
    for (size_t i = 0; i < members->count; i++) {
        if (strcmp(members->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static enum ac_code read_members(const struct reading *reading,
                                 const struct ac_config_ca *ca, struct ac_error *err)
{
    const struct ac_config_members *own = &reading->certificate->members;
    const struct ac_config_members *all = &reading->config->defaults.members;

    for (size_t i = 0; ca && i < ca->members.count; i++)
        AC_TRY(set_member(reading, &ca->members.items[i], err));
    for (size_t i = 0; i < all->count; i++) {
        if (!has_member(own, all->items[i].name))
            AC_TRY(set_member(reading, &all->items[i], err));
    }
    for (size_t i = 0; i < own->count; i++)
        AC_TRY(set_member(reading, &own->items[i], err));
    return AC_OK;
}

/* The section as a spec; once, whatever the number of rules. */
static enum ac_code add_spec(struct ac_wanted *wanted,
                             const struct ac_config_plugin *solver,
                             struct ac_error *err)
{
    const char *plugin = ac_values_text(&solver->plugin, solver->name);
    struct ac_solver_spec *spec;

    if (ac_wanted_find_spec(wanted, solver->name))
        return AC_OK;
    AC_TRY(ac_wanted_add_spec(wanted, solver->name, plugin, &spec, err));
    return ac_section_copy(&solver->options, &spec->section, err);
}

/* "[PATTERN=]NAME" */
static enum ac_code add_solver(const struct reading *reading, const char *text,
                               struct ac_error *err)
{
    const char *equals = strrchr(text, '=');
    const char *name = equals ? equals + 1 : text;
    const struct ac_config_plugin *solver =
        ac_config_find_solver(reading->config, name);
    AC_AUTO_TEXT char *pattern = NULL;

    if (!solver)
        return AC_OK; /* a fault of the file, told when it was read */
    if (equals)
        AC_TRY(ac_memory_copy_bytes(text, (size_t)(equals - text), &pattern, err));
    AC_TRY(add_spec(reading->wanted, solver, err));
    return ac_wanted_add_rule(reading->wanted, pattern, name, err);
}

static enum ac_code read_solvers(const struct reading *reading, struct ac_error *err)
{
    const struct ac_values *values =
        SAID(reading->config, reading->certificate, solvers);

    for (size_t i = 0; i < values->count; i++) {
        struct ac_error why = { 0 };
        enum ac_code code = add_solver(reading, values->items[i].text, &why);

        AC_TRY(ac_faults_take(reading->faults, ac_values_place(values, i), &why, code,
                              err));
    }
    return AC_OK;
}

/* A name that is none is a fault of the file, told when it was read. */
static enum ac_code read_installers(const struct reading *reading, struct ac_error *err)
{
    const struct ac_values *values =
        SAID(reading->config, reading->certificate, installers);
    struct ac_wanted *wanted = reading->wanted;

    for (size_t i = 0; i < values->count; i++) {
        const struct ac_config_plugin *installer =
            ac_config_find_installer(reading->config, values->items[i].text);
        struct ac_solver_spec *spec;

        if (!installer || ac_wanted_find_installer(wanted, installer->name))
            continue;
        AC_TRY(ac_wanted_add_installer(
            wanted, installer->name,
            ac_values_text(&installer->plugin, installer->name), &spec, err));
        AC_TRY(ac_section_copy(&installer->options, &spec->section, err));
    }
    return AC_OK;
}

/* A name that no rule is for. Rules that are wrong already would only add noise. */
static enum ac_code check_rules(const struct reading *reading, struct ac_error *err)
{
    const struct ac_wanted *wanted = reading->wanted;
    const struct ac_values *values = &reading->certificate->identifiers;

    for (size_t i = 0; wanted->rule_count > 0 && i < wanted->identifiers.count; i++) {
        AC_AUTO(ac_candidates) candidates = { 0 };
        const struct ac_identifier *identifier = &wanted->identifiers.items[i];

        AC_TRY(ac_select_candidates(wanted, identifier, &candidates, err));
        if (candidates.count > 0)
            continue;
        AC_TRY(ac_faults_add(reading->faults, values->place, err,
                             "no solver is for %s: no pattern matches it, and none is "
                             "without a pattern",
                             identifier->value));
    }
    return AC_OK;
}

static enum ac_code read_ca(const struct reading *reading, size_t index,
                            const struct ac_config_ca **ret_section,
                            struct ac_error *err)
{
    struct ac_configured_ca ca = { 0 };
    struct ac_error why = { 0 };
    const struct ac_values *values = SAID(reading->config, reading->certificate, ca);
    enum ac_code code = ac_configured_ca(
        reading->config,
        ac_configured_ca_at(reading->config, reading->certificate, index), &ca, &why);

    *ret_section = ca.section;
    if (code != AC_OK) {
        /* The file's own check names it; this is for a list that was changed since. */
        if (reading->faults->count > 0)
            return AC_OK;
        return ac_faults_take(reading->faults, ac_values_place(values, index), &why,
                              code, err);
    }
    return ac_memory_copy_text(ca.directory_url, &reading->wanted->directory_url, err);
}

static enum ac_code check_whole(const struct reading *reading, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_wanted_check(reading->wanted, &why);

    return ac_faults_take(reading->faults, reading->certificate->place, &why, code,
                          err);
}

enum ac_code ac_configured_wanted(const struct ac_config *config,
                                  const struct ac_config_certificate *certificate,
                                  size_t index, struct ac_faults *faults,
                                  struct ac_wanted *ret_wanted, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    const struct reading reading = { .config = config,
                                     .certificate = certificate,
                                     .faults = faults,
                                     .wanted = &wanted };
    const struct ac_config_ca *ca;

    AC_TRY(ac_memory_copy_text(certificate->name, &wanted.name, err));
    AC_TRY(read_ca(&reading, index, &ca, err));
    AC_TRY(read_identifiers(&reading, err));
    AC_TRY(read_key_type(&reading, err));
    AC_TRY(read_members(&reading, ca, err));
    AC_TRY(read_solvers(&reading, err));
    AC_TRY(read_installers(&reading, err));
    AC_TRY(check_rules(&reading, err));
    AC_TRY(check_whole(&reading, err));
    *ret_wanted = wanted;
    wanted = (struct ac_wanted){ 0 };
    return AC_OK;
}

/* ---- for a survey */

static const char *name_at(void *arg, size_t index)
{
    const struct ac_config *config = arg;

    return config->certificates[index].name;
}

/* Its section counts there, and not the one of the first. */
static enum ac_code add_one(const struct reading *reading, size_t index,
                            struct ac_wanted *wanted, struct ac_error *err)
{
    const struct ac_config_ca *ca;

    AC_TRY(read_ca(reading, index, &ca, err));
    AC_TRY(read_members(reading, ca, err));
    AC_TRY(ac_faults_fail(reading->faults, err));
    return ac_wanted_add_further(wanted, reading->wanted->directory_url,
                                 reading->wanted, err);
}

/* The CAs that are asked when the first one fails. */
static enum ac_code add_further(const struct ac_config *config,
                                const struct ac_config_certificate *certificate,
                                struct ac_wanted *wanted, struct ac_error *err)
{
    size_t count = ac_configured_ca_count(config, certificate);

    for (size_t i = 1; i < count; i++) {
        AC_AUTO(ac_faults) faults = { 0 };
        AC_AUTO(ac_wanted) own = { 0 };
        const struct reading reading = { .config = config,
                                         .certificate = certificate,
                                         .faults = &faults,
                                         .wanted = &own,
                                         .is_of_ca = true };

        AC_TRY(add_one(&reading, i, wanted, err));
    }
    return AC_OK;
}

static enum ac_code load_at(void *arg, size_t index, struct ac_wanted *ret_wanted,
                            struct ac_error *err)
{
    const struct ac_config *config = arg;
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(ac_configured_wanted(config, &config->certificates[index], 0, &faults,
                                &wanted, err));
    AC_TRY(ac_faults_fail(&faults, err));
    AC_TRY(add_further(config, &config->certificates[index], &wanted, err));
    AC_TRY(ac_memory_copy_text(ac_documents_at(&config->documents, 0)->path,
                               &wanted.configuration, err));
    *ret_wanted = wanted;
    wanted = (struct ac_wanted){ 0 };
    return AC_OK;
}

struct ac_upkeep_source ac_configured_source(const struct ac_config *config)
{
    if (!config)
        return (struct ac_upkeep_source){ 0 };
    /* Both functions take it as const again. */
    return (struct ac_upkeep_source){
        .path = ac_documents_at(&config->documents, 0)->path,
        .count = config->certificate_count,
        .name = name_at,
        .load = load_at,
        .arg = (void *)config,
    };
}
