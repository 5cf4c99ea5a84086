/* SPDX-License-Identifier: Apache-2.0 */
#include "config/references.h"

#include "config/ca.h"

#include <stdlib.h>
#include <string.h>

/* What all sections begin with. */
struct section {
    const char *name;
    struct ac_place place;
};
_Static_assert(offsetof(struct ac_config_ca, place) == offsetof(struct section, place)
                   && offsetof(struct ac_config_plugin, place)
                          == offsetof(struct section, place)
                   && offsetof(struct ac_config_command, place)
                          == offsetof(struct section, place)
                   && offsetof(struct ac_config_certificate, place)
                          == offsetof(struct section, place),
               "each section begins with its name and place");

struct checking {
    const struct ac_config *config;
    struct ac_faults *faults;
};

/* One kind of section, as an array of bytes. */
struct kind {
    const char *word; /* "solver" */
    void *items;
    size_t count;
    size_t size;
};

static int compare(const void *a, const void *b)
{
    const struct section *left = a;
    const struct section *right = b;
    int order = strcmp(left->name, right->name);

    if (order == 0)
        order = strcmp(left->place.path, right->place.path);
    if (order != 0)
        return order;
    return (left->place.line > right->place.line)
           - (left->place.line < right->place.line);
}

static int compare_name(const void *name, const void *item)
{
    return strcmp(name, ((const struct section *)item)->name);
}

static const void *find(const struct kind *kind, const char *name)
{
    if (kind->count == 0)
        return NULL;
    return bsearch(name, kind->items, kind->count, kind->size, compare_name);
}

static const struct section *at(const struct kind *kind, size_t index)
{
    return (const struct section *)(const void *)((const char *)kind->items
                                                  + index * kind->size);
}

#define KIND(word, config, member)                                                     \
    {                                                                                  \
        word, (config)->member##s, (config)->member##_count,                           \
            sizeof *(config)->member##s                                                \
    }

const struct ac_config_ca *ac_config_find_ca(const struct ac_config *config,
                                             const char *name)
{
    const struct kind kind = KIND("ca", config, ca);

    return find(&kind, name);
}

const struct ac_config_plugin *ac_config_find_solver(const struct ac_config *config,
                                                     const char *name)
{
    const struct kind kind = KIND("solver", config, solver);

    return find(&kind, name);
}

const struct ac_config_plugin *ac_config_find_installer(const struct ac_config *config,
                                                        const char *name)
{
    const struct kind kind = KIND("installer", config, installer);

    return find(&kind, name);
}

const struct ac_config_command *ac_config_find_notifier(const struct ac_config *config,
                                                        const char *name)
{
    const struct kind kind = KIND("notify", config, notifier);

    return find(&kind, name);
}

const struct ac_config_command *ac_config_find_hook(const struct ac_config *config,
                                                    const char *name)
{
    const struct kind kind = KIND("hook", config, hook);

    return find(&kind, name);
}

const struct ac_config_certificate *ac_config_find_certificate(
    const struct ac_config *config, const char *name)
{
    const struct kind kind = KIND("certificate", config, certificate);

    return find(&kind, name);
}

/* ---- doubles */

static enum ac_code check_doubles(const struct checking *checking,
                                  const struct kind *kind, struct ac_error *err)
{
    for (size_t i = 1; i < kind->count; i++) {
        const struct section *before = at(kind, i - 1);
        const struct section *section = at(kind, i);

        if (strcmp(before->name, section->name) != 0)
            continue;
        AC_TRY(ac_faults_add(checking->faults, section->place, err,
                             "there are two of %s \"%s\": the other is in %s:%u",
                             kind->word, section->name, before->place.path,
                             before->place.line));
    }
    return AC_OK;
}

/* ---- names that lead nowhere */

static enum ac_code refuse_reference(const struct checking *checking,
                                     const struct ac_values *values, size_t index,
                                     const struct kind *kind, const char *name,
                                     struct ac_error *err)
{
    struct ac_place place = ac_values_place(values, index);
    AC_AUTO(ac_words) names = { 0 };

    for (size_t i = 0; i < kind->count; i++)
        AC_TRY(ac_words_add(&names, at(kind, i)->name, err));
    const char *nearest = names.count > 0
                              ? ac_text_nearest(name, (const char *const *)names.items)
                              : NULL;
    if (nearest) {
        return ac_faults_add(checking->faults, place, err,
                             "there is no %s \"%s\"; did you mean \"%s\"?", kind->word,
                             name, nearest);
    }
    return ac_faults_add(checking->faults, place, err,
                         "there is no %s \"%s\": %s \"%s\" { plugin = … } makes one",
                         kind->word, name, kind->word, name);
}

/* A solver may have a pattern before it. */
static enum ac_code check_plugins(const struct checking *checking,
                                  const struct ac_values *values,
                                  const struct kind *kind, struct ac_error *err)
{
    for (size_t i = 0; i < values->count; i++) {
        const char *text = values->items[i].text;
        const char *equals = strrchr(text, '=');
        const char *name = equals ? equals + 1 : text;

        if (!find(kind, name))
            AC_TRY(refuse_reference(checking, values, i, kind, name, err));
    }
    return AC_OK;
}

static enum ac_code refuse_ca(const struct checking *checking,
                              const struct ac_values *values, size_t index,
                              struct ac_error *err)
{
    const char *name = values->items[index].text;
    struct ac_place place = ac_values_place(values, index);
    AC_AUTO(ac_words) names = { 0 };

    for (size_t i = 0; i < checking->config->ca_count; i++)
        AC_TRY(ac_words_add(&names, checking->config->cas[i].name, err));
    for (const char *const *alias = ac_ca_aliases(); *alias; alias++)
        AC_TRY(ac_words_add(&names, *alias, err));
    const char *nearest = ac_text_nearest(name, (const char *const *)names.items);
    if (nearest) {
        return ac_faults_add(checking->faults, place, err,
                             "there is no CA \"%s\"; did you mean \"%s\"?", name,
                             nearest);
    }
    return ac_faults_add(checking->faults, place, err,
                         "there is no CA \"%s\": ca \"%s\" { directory = … } makes one",
                         name, name);
}

static enum ac_code check_cas(const struct checking *checking,
                              const struct ac_values *values, struct ac_error *err)
{
    for (size_t i = 0; i < values->count; i++) {
        const char *name = values->items[i].text;

        if (!ac_ca_find(name) && !strstr(name, "://")
            && !ac_config_find_ca(checking->config, name))
            AC_TRY(refuse_ca(checking, values, i, err));
    }
    return AC_OK;
}

static enum ac_code check_certificate(const struct checking *checking,
                                      const struct ac_config_certificate *certificate,
                                      struct ac_error *err)
{
    const struct kind solvers = KIND("solver", checking->config, solver);
    const struct kind installers = KIND("installer", checking->config, installer);

    AC_TRY(check_cas(checking, &certificate->ca, err));
    AC_TRY(check_plugins(checking, &certificate->solvers, &solvers, err));
    return check_plugins(checking, &certificate->installers, &installers, err);
}

/* ---- what is missing */

/* Of one that is half read it is told what is wrong with it. */
static bool is_missing(const struct ac_values *values)
{
    return values->count == 0 && !ac_values_is_half_read(values);
}

static enum ac_code check_needs(const struct checking *checking,
                                const struct ac_config_certificate *certificate,
                                struct ac_error *err)
{
    const struct ac_values *solvers = ac_values_is_given(&certificate->solvers)
                                          ? &certificate->solvers
                                          : &checking->config->defaults.solvers;

    if (is_missing(&certificate->identifiers)) {
        AC_TRY(ac_faults_add(checking->faults, certificate->place, err,
                             "certificate \"%s\" is for no name: identifiers = "
                             "{\"www.example.org\"}",
                             certificate->name));
    }
    if (!is_missing(solvers))
        return AC_OK;
    return ac_faults_add(checking->faults, certificate->place, err,
                         "certificate \"%s\" has nobody to answer the CA's challenges: "
                         "solvers = {\"NAME\"}",
                         certificate->name);
}

static enum ac_code check_plugin_given(const struct checking *checking,
                                       const struct kind *kind, struct ac_error *err)
{
    const struct ac_config_plugin *plugins = kind->items;

    for (size_t i = 0; i < kind->count; i++) {
        if (ac_values_is_given(&plugins[i].plugin))
            continue;
        AC_TRY(ac_faults_add(checking->faults, plugins[i].place, err,
                             "%s \"%s\" has no plugin: plugin = \"NAME\" (acmecore "
                             "plugin list shows them)",
                             kind->word, plugins[i].name));
    }
    return AC_OK;
}

static enum ac_code check_commands(const struct checking *checking,
                                   const struct kind *kind, struct ac_error *err)
{
    const struct ac_config_command *commands = kind->items;

    for (size_t i = 0; i < kind->count; i++) {
        const struct ac_values *words = &commands[i].command;

        if (words->count > 0 ? words->items[0].text[0] == '/' : !is_missing(words))
            continue;
        AC_TRY(ac_faults_add(checking->faults,
                             words->count > 0 ? words->place : commands[i].place, err,
                             "%s \"%s\" has no command: command = "
                             "{\"/absolute/path\", \"argument\"}",
                             kind->word, commands[i].name));
    }
    return AC_OK;
}

static bool is_url(const char *text)
{
    return strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
}

static enum ac_code check_directory(const struct checking *checking,
                                    const struct ac_config_ca *ca, struct ac_error *err)
{
    const char *directory = ac_values_text(&ca->directory, NULL);

    if (directory && !is_url(directory)) {
        return ac_faults_add(checking->faults, ca->directory.place, err,
                             "directory is the https:// URL of the CA's directory, "
                             "not \"%s\"",
                             directory);
    }
    if (ac_values_is_given(&ca->directory) || ac_ca_find(ca->name))
        return AC_OK;
    return ac_faults_add(checking->faults, ca->place, err,
                         "ca \"%s\" has no directory, and is none of those that are "
                         "known by name: directory = \"https://…\"",
                         ca->name);
}

static enum ac_code check_eab(const struct checking *checking,
                              const struct ac_config_account *account,
                              struct ac_error *err)
{
    bool has_kid = ac_values_is_given(&account->eab_kid);
    bool has_key = ac_values_is_given(&account->eab_hmac_key);

    if (has_kid == has_key && (has_kid || !ac_values_is_given(&account->eab_hmac_alg)))
        return AC_OK;
    struct ac_place place = has_kid   ? account->eab_kid.place
                            : has_key ? account->eab_hmac_key.place
                                      : account->eab_hmac_alg.place;
    return ac_faults_add(checking->faults, place, err,
                         "eab-kid and eab-hmac-key belong together, and eab-hmac-alg "
                         "to them");
}

enum ac_code ac_references_check(struct ac_config *config, struct ac_faults *faults,
                                 struct ac_error *err)
{
    const struct kind kinds[] = {
        KIND("ca", config, ca),
        KIND("solver", config, solver),
        KIND("installer", config, installer),
        KIND("notify", config, notifier),
        KIND("hook", config, hook),
        KIND("certificate", config, certificate),
    };
    const struct checking checking = { .config = config, .faults = faults };

    for (size_t i = 0; i < AC_COUNT(kinds); i++) {
        if (kinds[i].count > 1)
            qsort(kinds[i].items, kinds[i].count, kinds[i].size, compare);
        AC_TRY(check_doubles(&checking, &kinds[i], err));
    }
    AC_TRY(check_plugin_given(&checking, &kinds[1], err));
    AC_TRY(check_plugin_given(&checking, &kinds[2], err));
    AC_TRY(check_commands(&checking, &kinds[3], err));
    AC_TRY(check_commands(&checking, &kinds[4], err));
    for (size_t i = 0; i < config->ca_count; i++) {
        AC_TRY(check_directory(&checking, &config->cas[i], err));
        AC_TRY(check_eab(&checking, &config->cas[i].account, err));
    }
    AC_TRY(check_certificate(&checking, &config->defaults, err));
    for (size_t i = 0; i < config->certificate_count; i++) {
        AC_TRY(check_needs(&checking, &config->certificates[i], err));
        AC_TRY(check_certificate(&checking, &config->certificates[i], err));
    }
    return AC_OK;
}
