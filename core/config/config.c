/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "config/references.h"
#include "config/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE_ALPHABET                                                                 \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:@"
#define TITLE_MAX_SIZE 200 /* as store/store.h has it for the name of a folder */
#define OPTIONS        "options"

struct reader {
    const struct ac_config_settings *settings;
    struct ac_config *config;
    struct ac_faults *faults;
    const struct ac_document *document;
};

/* ---- the tables */

#define AT(member)             offsetof(struct ac_config, member)
#define AT_CA(member)          offsetof(struct ac_config_ca, member)
#define AT_CERTIFICATE(member) offsetof(struct ac_config_certificate, member)
static const struct ac_rule top_rules[] = {
    { "contact", AC_RULE_WORDS, AT(account.contact) },
    { "agree-tos", AC_RULE_FLAG, AT(account.agree_tos) },
    { "state-dir", AC_RULE_PATH, AT(state_dir) },
    { "crl-check", AC_RULE_FLAG, AT(crl_check) },
    { "plugin-dir", AC_RULE_PATHS, AT(plugin_dir) },
    { "log-format", AC_RULE_TEXT, AT(log_format) },
    { "ca", AC_RULE_WORDS, AT(defaults.ca) },
    { "solvers", AC_RULE_WORDS, AT(defaults.solvers) },
    { "installers", AC_RULE_WORDS, AT(defaults.installers) },
    { "key-type", AC_RULE_TEXT, AT(defaults.key_type) },
};

static const struct ac_rule ca_rules[] = {
    { "directory", AC_RULE_TEXT, AT_CA(directory) },
    { "contact", AC_RULE_WORDS, AT_CA(account.contact) },
    { "agree-tos", AC_RULE_FLAG, AT_CA(account.agree_tos) },
    { "eab-kid", AC_RULE_TEXT, AT_CA(account.eab_kid) },
    { "eab-hmac-key", AC_RULE_SOURCE, AT_CA(account.eab_hmac_key) },
    { "eab-hmac-alg", AC_RULE_TEXT, AT_CA(account.eab_hmac_alg) },
};

static const struct ac_rule plugin_rules[] = {
    { "plugin", AC_RULE_TEXT, offsetof(struct ac_config_plugin, plugin) },
    { "user", AC_RULE_TEXT, offsetof(struct ac_config_plugin, user) },
    { "isolation", AC_RULE_TEXT, offsetof(struct ac_config_plugin, isolation) },
};

#define AT_COMMAND(member) offsetof(struct ac_config_command, member)
static const struct ac_rule notify_rules[] = {
    { "command", AC_RULE_WORDS, AT_COMMAND(command) },
    { "timeout", AC_RULE_TEXT, AT_COMMAND(timeout) },
    { "events", AC_RULE_WORDS, AT_COMMAND(events) },
    { "expiring", AC_RULE_TEXT, AT_COMMAND(expiring) },
};

static const struct ac_rule hook_rules[] = {
    { "command", AC_RULE_WORDS, AT_COMMAND(command) },
    { "timeout", AC_RULE_TEXT, AT_COMMAND(timeout) },
};

static const struct ac_rule certificate_rules[] = {
    { "identifiers", AC_RULE_WORDS, AT_CERTIFICATE(identifiers) },
    { "ca", AC_RULE_WORDS, AT_CERTIFICATE(ca) },
    { "solvers", AC_RULE_WORDS, AT_CERTIFICATE(solvers) },
    { "installers", AC_RULE_WORDS, AT_CERTIFICATE(installers) },
    { "key-type", AC_RULE_TEXT, AT_CERTIFICATE(key_type) },
};

static const char *const sections[] = {
    "ca",   "solver",      "installer",       "notify",
    "hook", "certificate", AC_CONFIG_INCLUDE, NULL
};
static const char *const plugin_sections[] = { OPTIONS, NULL };

static struct ac_schema top_schema(const struct ac_config_settings *settings)
{
    return (struct ac_schema){ .section = "",
                               .rules = top_rules,
                               .rule_count = AC_COUNT(top_rules),
                               .inner = sections,
                               .members = settings->certificate_members,
                               .members_offset = AT(defaults.members) };
}

/* ---- sections */

/* The entries of one section into the struct at `base`. */
static enum ac_code read_settings(struct reader *reader, const struct ac_entry *section,
                                  const struct ac_schema *schema, void *base,
                                  struct ac_error *err)
{
    const struct ac_document *document = reader->document;

    for (size_t i = (size_t)(section - document->entries) + 1; i < section->end;
         i = document->entries[i].end) {
        AC_TRY(ac_schema_take(schema, document, &document->entries[i], base,
                              reader->faults, err));
    }
    return AC_OK;
}

static enum ac_code read_ca(struct reader *reader, const struct ac_entry *entry,
                            struct ac_error *err)
{
    struct ac_config *config = reader->config;
    const struct ac_schema schema = { .section = "ca",
                                      .rules = ca_rules,
                                      .rule_count = AC_COUNT(ca_rules),
                                      .members = reader->settings->ca_members,
                                      .members_offset = AT_CA(members) };

    AC_TRY(ac_memory_grow(&config->cas, &config->ca_capacity, config->ca_count + 1,
                          sizeof *config->cas, err));
    struct ac_config_ca *ca = &config->cas[config->ca_count++];
    ca->name = entry->title;
    ca->place = ac_document_place(reader->document, entry);
    return read_settings(reader, entry, &schema, ca, err);
}

static enum ac_code read_certificate(struct reader *reader,
                                     const struct ac_entry *entry, struct ac_error *err)
{
    struct ac_config *config = reader->config;
    const struct ac_schema schema = { .section = "certificate",
                                      .rules = certificate_rules,
                                      .rule_count = AC_COUNT(certificate_rules),
                                      .members = reader->settings->certificate_members,
                                      .members_offset = AT_CERTIFICATE(members) };

    AC_TRY(ac_memory_grow(&config->certificates, &config->certificate_capacity,
                          config->certificate_count + 1, sizeof *config->certificates,
                          err));
    struct ac_config_certificate *certificate =
        &config->certificates[config->certificate_count++];
    certificate->name = entry->title;
    certificate->place = ac_document_place(reader->document, entry);
    return read_settings(reader, entry, &schema, certificate, err);
}

/* ---- commands */

static enum ac_code read_notifier(struct reader *reader, const struct ac_entry *entry,
                                  struct ac_error *err)
{
    struct ac_config *config = reader->config;
    const struct ac_schema schema = { .section = "notify",
                                      .rules = notify_rules,
                                      .rule_count = AC_COUNT(notify_rules) };

    AC_TRY(ac_memory_grow(&config->notifiers, &config->notifier_capacity,
                          config->notifier_count + 1, sizeof *config->notifiers, err));
    struct ac_config_command *command = &config->notifiers[config->notifier_count++];
    command->name = entry->title;
    command->place = ac_document_place(reader->document, entry);
    return read_settings(reader, entry, &schema, command, err);
}

static enum ac_code read_hook(struct reader *reader, const struct ac_entry *entry,
                              struct ac_error *err)
{
    struct ac_config *config = reader->config;
    const struct ac_schema schema = { .section = "hook",
                                      .rules = hook_rules,
                                      .rule_count = AC_COUNT(hook_rules) };

    AC_TRY(ac_memory_grow(&config->hooks, &config->hook_capacity,
                          config->hook_count + 1, sizeof *config->hooks, err));
    struct ac_config_command *command = &config->hooks[config->hook_count++];
    command->name = entry->title;
    command->place = ac_document_place(reader->document, entry);
    return read_settings(reader, entry, &schema, command, err);
}

/* ---- plugins and their options */

static enum ac_code add_values(const struct ac_values *values, const char *name,
                               struct ac_section *options, struct ac_error *err)
{
    for (size_t i = 0; i < values->count; i++) {
        AC_AUTO_TEXT char *origin = NULL;

        AC_TRY(ac_memory_format(&origin, err, "%s:%u", values->place.path,
                                values->items[i].line));
        AC_TRY(ac_section_add(options, name, values->items[i].text, origin, err));
    }
    return AC_OK;
}

static enum ac_code read_option(struct reader *reader, const struct ac_entry *entry,
                                struct ac_section *options, struct ac_error *err)
{
    const struct ac_values values = ac_document_values(reader->document, entry);

    if (entry->is_section) {
        return ac_faults_add(reader->faults, values.place, err,
                             "%s is a section; the options of a plugin are settings: "
                             "%s = …",
                             entry->name, entry->name);
    }
    return add_values(&values, entry->name, options, err);
}

static enum ac_code read_options(struct reader *reader, const struct ac_entry *section,
                                 struct ac_config_plugin *plugin, struct ac_error *err)
{
    const struct ac_document *document = reader->document;
    struct ac_place place = ac_document_place(document, section);

    if (section->title) {
        AC_TRY(ac_faults_add(reader->faults, place, err,
                             OPTIONS " takes no name: " OPTIONS " { … }"));
    }
    for (size_t i = (size_t)(section - document->entries) + 1; i < section->end;
         i = document->entries[i].end)
        AC_TRY(read_option(reader, &document->entries[i], &plugin->options, err));
    return AC_OK;
}

static enum ac_code read_plugin_entry(struct reader *reader,
                                      const struct ac_schema *schema,
                                      const struct ac_entry *entry,
                                      struct ac_config_plugin *plugin,
                                      struct ac_error *err)
{
    if (entry->is_section && strcmp(entry->name, OPTIONS) == 0)
        return read_options(reader, entry, plugin, err);
    return ac_schema_take(schema, reader->document, entry, plugin, reader->faults, err);
}

static enum ac_code read_plugin(struct reader *reader, const struct ac_entry *entry,
                                struct ac_config_plugin *plugin, struct ac_error *err)
{
    const struct ac_document *document = reader->document;
    const struct ac_schema schema = { .section = entry->name,
                                      .rules = plugin_rules,
                                      .rule_count = AC_COUNT(plugin_rules),
                                      .inner = plugin_sections };

    plugin->name = entry->title;
    plugin->place = ac_document_place(document, entry);
    for (size_t i = (size_t)(entry - document->entries) + 1; i < entry->end;
         i = document->entries[i].end) {
        AC_TRY(read_plugin_entry(reader, &schema, &document->entries[i], plugin, err));
    }
    AC_TRY(add_values(&plugin->user, AC_CONFIG_USER, &plugin->options, err));
    return add_values(&plugin->isolation, AC_CONFIG_ISOLATION, &plugin->options, err);
}

static enum ac_code read_solver(struct reader *reader, const struct ac_entry *entry,
                                struct ac_error *err)
{
    struct ac_config *config = reader->config;

    AC_TRY(ac_memory_grow(&config->solvers, &config->solver_capacity,
                          config->solver_count + 1, sizeof *config->solvers, err));
    return read_plugin(reader, entry, &config->solvers[config->solver_count++], err);
}

static enum ac_code read_installer(struct reader *reader, const struct ac_entry *entry,
                                   struct ac_error *err)
{
    struct ac_config *config = reader->config;

    AC_TRY(ac_memory_grow(&config->installers, &config->installer_capacity,
                          config->installer_count + 1, sizeof *config->installers,
                          err));
    return read_plugin(reader, entry, &config->installers[config->installer_count++],
                       err);
}

/* ---- files */

static enum ac_code check_title(struct reader *reader, const struct ac_entry *entry,
                                bool *ret_is_good, struct ac_error *err)
{
    struct ac_place place = ac_document_place(reader->document, entry);

    *ret_is_good = false;
    if (!entry->title) {
        return ac_faults_add(reader->faults, place, err,
                             "a %s needs a name: %s \"NAME\" { … }", entry->name,
                             entry->name);
    }
    if (!ac_text_is_made_of(entry->title, TITLE_ALPHABET, 1, TITLE_MAX_SIZE)
        || entry->title[0] == '.') {
        return ac_faults_add(reader->faults, place, err,
                             "\"%s\" cannot be the name of a %s: letters, digits, and "
                             "\".\" (not first), \"-\", \"_\", \":\", \"@\" can be in "
                             "it",
                             entry->title, entry->name);
    }
    *ret_is_good = true;
    return AC_OK;
}

static enum ac_code read_entry(struct reader *reader, const struct ac_entry *entry,
                               struct ac_error *err)
{
    static const struct {
        const char *name;
        enum ac_code (*read)(struct reader *reader, const struct ac_entry *entry,
                             struct ac_error *err);
    } readers[] = {
        { "ca", read_ca },
        { "solver", read_solver },
        { "installer", read_installer },
        { "notify", read_notifier },
        { "hook", read_hook },
        { "certificate", read_certificate },
    };
    const struct ac_schema schema = top_schema(reader->settings);
    bool is_good = false;

    for (size_t i = 0; entry->is_section && i < AC_COUNT(readers); i++) {
        if (strcmp(entry->name, readers[i].name) != 0)
            continue;
        AC_TRY(check_title(reader, entry, &is_good, err));
        return is_good ? readers[i].read(reader, entry, err) : AC_OK;
    }
    if (!entry->is_section && strcmp(entry->name, AC_CONFIG_INCLUDE) == 0)
        return AC_OK; /* it was followed */
    return ac_schema_take(&schema, reader->document, entry, reader->config,
                          reader->faults, err);
}

static enum ac_code read_documents(struct reader *reader, struct ac_error *err)
{
    const struct ac_documents *documents = &reader->config->documents;

    for (size_t i = 0; i < documents->count; i++) {
        const struct ac_document *document = ac_documents_at(documents, i);

        reader->document = document;
        for (size_t at = 0; at < document->entry_count; at = document->entries[at].end)
            AC_TRY(read_entry(reader, &document->entries[at], err));
    }
    return AC_OK;
}

enum ac_code ac_config_load(const struct ac_config_settings *settings,
                            struct ac_faults *faults, struct ac_config **ret_config,
                            struct ac_error *err)
{
    AC_AUTO(ac_config) *config = NULL;
    struct reader reader = { .settings = settings, .faults = faults };

    AC_TRY(ac_memory_new(1, sizeof *config, &config, err));
    AC_TRY(ac_documents_load(settings->path, faults, &config->documents, err));
    reader.config = config;
    AC_TRY(read_documents(&reader, err));
    AC_TRY(ac_references_check(config, faults, err));
    *ret_config = AC_TAKE(config);
    return AC_OK;
}

void ac_config_free(struct ac_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->ca_count; i++)
        free(config->cas[i].members.items);
    for (size_t i = 0; i < config->solver_count; i++)
        ac_section_done(&config->solvers[i].options);
    for (size_t i = 0; i < config->installer_count; i++)
        ac_section_done(&config->installers[i].options);
    for (size_t i = 0; i < config->certificate_count; i++)
        free(config->certificates[i].members.items);
    free(config->defaults.members.items);
    free(config->cas);
    free(config->solvers);
    free(config->installers);
    free(config->notifiers);
    free(config->hooks);
    free(config->certificates);
    ac_documents_done(&config->documents);
    free(config);
}
