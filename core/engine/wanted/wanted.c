/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted.h"

#include "engine/held/aside.h"
#include "engine/wanted/wanted_further.h"
#include "engine/wanted/wanted_keys.h"
#include "engine/wanted/wanted_members.h"
#include "engine/wanted/wanted_specs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define INSTALLERS "installers" /* its member */

/* A name too long for a folder: so much of it, and so much of its digest. */
#define NAME_HEAD   180
#define NAME_DIGEST 12

void ac_solver_spec_done(struct ac_solver_spec *spec)
{
    free(spec->name);
    free(spec->plugin);
    ac_section_done(&spec->section);
    *spec = (struct ac_solver_spec){ 0 };
}

void ac_solver_rule_done(struct ac_solver_rule *rule)
{
    free(rule->pattern);
    free(rule->solver);
    *rule = (struct ac_solver_rule){ 0 };
}

/* "*.lan" is a fine pattern, though no certificate's name. */
static enum ac_code copy_pattern(const char *pattern, char **ret_copy,
                                 struct ac_error *err)
{
    bool is_wild = strncmp(pattern, "*.", 2) == 0;
    struct ac_identifier base;

    AC_TRY(ac_identifier_parse(is_wild ? pattern + 2 : pattern, &base, err));
    if (is_wild
        && (base.type == AC_IDENTIFIER_IP || ac_identifier_is_wildcard(&base))) {
        return ac_fail(err, AC_E_USAGE,
                       "\"%s\" is no pattern: \"*.\" is for names below "
                       "a name",
                       pattern);
    }
    return ac_memory_format(ret_copy, err, "%s%s", is_wild ? "*." : "", base.value);
}

enum ac_code ac_wanted_add_rule(struct ac_wanted *wanted, const char *pattern,
                                const char *solver, struct ac_error *err)
{
    AC_AUTO(ac_solver_rule) rule = { 0 };

    if (pattern)
        AC_TRY(copy_pattern(pattern, &rule.pattern, err));
    AC_TRY(ac_memory_copy_text(solver, &rule.solver, err));
    AC_TRY(ac_memory_grow(&wanted->rules, &wanted->rule_capacity,
                          wanted->rule_count + 1, sizeof *wanted->rules, err));
    wanted->rules[wanted->rule_count++] = rule;
    rule = (struct ac_solver_rule){ 0 };
    return AC_OK;
}

void ac_wanted_done(struct ac_wanted *wanted)
{
    free(wanted->name);
    free(wanted->directory_url);
    free(wanted->configuration);
    ac_wanted_further_done(wanted);
    ac_identifiers_done(&wanted->identifiers);
    ac_wanted_members_done(wanted);
    for (size_t i = 0; i < wanted->spec_count; i++)
        ac_solver_spec_done(&wanted->specs[i]);
    for (size_t i = 0; i < wanted->rule_count; i++)
        ac_solver_rule_done(&wanted->rules[i]);
    for (size_t i = 0; i < wanted->installer_count; i++)
        ac_solver_spec_done(&wanted->installers[i]);
    free(wanted->installers);
    free(wanted->specs);
    free(wanted->rules);
    *wanted = (struct ac_wanted){ 0 };
}

enum ac_code ac_wanted_default_name(const struct ac_identifiers *identifiers,
                                    char **ret_name, struct ac_error *err)
{
    const struct ac_identifier *first = &identifiers->items[0];
    const char *mark = ac_identifier_is_wildcard(first) ? "_." : "";
    const char *base = ac_identifier_base(first);
    char digest[AC_SHA256_HEX_SIZE];

    assert(identifiers->count > 0);
    if (strlen(mark) + strlen(base) <= AC_STORE_NAME_MAX)
        return ac_memory_format(ret_name, err, "%s%s", mark, base);
    return ac_memory_format(ret_name, err, "%s%.*s-%.*s", mark, NAME_HEAD, base,
                            NAME_DIGEST, ac_sha256_hex(base, strlen(base), digest));
}

static enum ac_code rules_to_json(const struct ac_wanted *wanted,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < wanted->rule_count; i++) {
        AC_AUTO(ac_json) *one = NULL;

        AC_TRY(ac_json_new(&one, err, "{s:s?, s:s}", "pattern",
                           wanted->rules[i].pattern, "solver",
                           wanted->rules[i].solver));
        AC_TRY(ac_json_append(array, &one, err));
    }
    *ret_json = AC_TAKE(array);
    return AC_OK;
}

/* All but the names, the CA and the key type. What is the default is left out. */
static enum ac_code add_settings(const struct ac_wanted *wanted,
                                 struct ac_json *document, struct ac_error *err)
{
    AC_AUTO(ac_json) *part = NULL;

    AC_TRY(ac_wanted_members_to_json(wanted, document, err));
    AC_TRY(ac_wanted_further_to_json(wanted, document, err));
    AC_TRY(ac_wanted_specs_to_json(wanted->specs, wanted->spec_count, &part, err));
    AC_TRY(ac_json_set(document, "solvers", &part, err));
    AC_TRY(rules_to_json(wanted, &part, err));
    AC_TRY(ac_json_set(document, "rules", &part, err));
    if (wanted->installer_count == 0)
        return AC_OK;
    AC_TRY(ac_wanted_specs_to_json(wanted->installers, wanted->installer_count, &part,
                                   err));
    return ac_json_set(document, INSTALLERS, &part, err);
}

enum ac_code ac_wanted_has_same_settings(const struct ac_wanted *a,
                                         const struct ac_wanted *b, bool *ret_is_same,
                                         struct ac_error *err)
{
    AC_AUTO(ac_json) *one = NULL;
    AC_AUTO(ac_json) *other = NULL;

    AC_TRY(ac_json_new(&one, err, "{}"));
    AC_TRY(ac_json_new(&other, err, "{}"));
    AC_TRY(add_settings(a, one, err));
    AC_TRY(add_settings(b, other, err));
    *ret_is_same = ac_json_is_equal(one, other);
    return AC_OK;
}

enum ac_code ac_wanted_identity(const struct ac_wanted *wanted,
                                char ret_digest[AC_SHA256_HEX_SIZE],
                                struct ac_error *err)
{
    static const char *const members[] = { "directory",   "key_type",         "profile",
                                           "csr",         "required_profile", "key",
                                           "must_staple", "preferred_chain" };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *identity = NULL;
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_TRY(ac_wanted_to_json(wanted, &document, err));
    AC_TRY(ac_identifiers_words(&wanted->identifiers, &names, err));
    ac_words_sort(&names);
    AC_TRY(ac_json_new(&identity, err, "{}"));
    AC_TRY(ac_json_set_words(identity, "identifiers", &names, err));
    for (size_t i = 0; i < AC_COUNT(members); i++) {
        struct ac_json *member = ac_json_share(ac_json_get(document, members[i]));

        if (member)
            AC_TRY(ac_json_set(identity, members[i], &member, err));
    }
    AC_TRY(ac_json_write(identity, &text, err));
    (void)ac_sha256_hex(text, strlen(text), ret_digest);
    return AC_OK;
}

enum ac_code ac_wanted_to_json(const struct ac_wanted *wanted,
                               struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_text) key_types = { 0 };

    AC_TRY(ac_wanted_key_types(wanted, &key_types, err));
    AC_TRY(ac_json_new(&document, err, "{s:i, s:s, s:s, s:s}", "schema",
                       AC_STORE_SCHEMA, "name", wanted->name, "directory",
                       wanted->directory_url, "key_type", ac_text_get(&key_types)));
    AC_TRY(ac_identifiers_words(&wanted->identifiers, &names, err));
    AC_TRY(ac_json_set_words(document, "identifiers", &names, err));
    if (wanted->configuration) {
        AC_TRY(ac_json_set_text(document, "configuration", wanted->configuration, err));
    }
    AC_TRY(add_settings(wanted, document, err));
    *ret_json = AC_TAKE(document);
    return AC_OK;
}

enum ac_code ac_wanted_save(const struct ac_wanted *wanted, struct ac_store *store,
                            struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    bool ignored;

    AC_TRY(ac_wanted_to_json(wanted, &document, err));
    AC_TRY(ac_aside_make_way(store, wanted->name, AC_WANTED_DOCUMENT, &ignored, err));
    return ac_store_save(store, AC_STORE_CERTIFICATES, wanted->name, AC_WANTED_DOCUMENT,
                         document, err);
}

static enum ac_code read_rule(struct ac_wanted *wanted, const struct ac_json *json,
                              struct ac_error *err)
{
    const char *pattern = NULL;
    const char *solver;

    AC_TRY(ac_json_get_text(json, "solver", &solver, err));
    if (!ac_wanted_find_spec(wanted, solver)) {
        return ac_fail(err, AC_E_INVALID,
                       "a rule names the solver \"%s\", which is none", solver);
    }
    if (ac_json_get(json, "pattern"))
        AC_TRY(ac_json_get_text(json, "pattern", &pattern, err));
    return ac_wanted_add_rule(wanted, pattern, solver, err);
}

static enum ac_code read_solvers(struct ac_wanted *wanted,
                                 const struct ac_json *document, struct ac_error *err)
{
    const struct ac_json *specs;
    const struct ac_json *rules;

    AC_TRY(ac_json_get_array(document, "solvers", &specs, err));
    AC_TRY(ac_json_get_array(document, "rules", &rules, err));
    AC_TRY(ac_wanted_specs_from_json(wanted, ac_wanted_add_spec, specs,
                                     AC_WANTED_DOCUMENT, err));
    for (size_t i = 0; i < ac_json_count(rules); i++)
        AC_TRY(read_rule(wanted, ac_json_at(rules, i), err));
    return ac_wanted_specs_from_json(wanted, ac_wanted_add_installer,
                                     ac_json_get(document, INSTALLERS),
                                     AC_WANTED_DOCUMENT, err);
}

static enum ac_code read_identifiers(struct ac_wanted *wanted,
                                     const struct ac_json *document,
                                     struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_json_get_words(document, "identifiers", &names, err));
    if (names.count == 0)
        return ac_fail(err, AC_E_INVALID, "it has no identifiers");
    for (size_t i = 0; i < names.count; i++) {
        struct ac_identifier identifier;

        AC_TRY(ac_identifier_parse(names.items[i], &identifier, err));
        AC_TRY(ac_identifiers_add(&wanted->identifiers, &identifier, err));
    }
    return AC_OK;
}

static enum ac_code read_document(struct ac_wanted *wanted,
                                  const struct ac_json *document, struct ac_error *err)
{
    const char *directory_url;
    const char *key_type;

    AC_TRY(ac_json_get_text(document, "directory", &directory_url, err));
    AC_TRY(ac_memory_copy_text(directory_url, &wanted->directory_url, err));
    AC_TRY(ac_json_get_text(document, "key_type", &key_type, err));
    AC_TRY(ac_wanted_set_key_types(wanted, key_type, err));
    AC_TRY(read_identifiers(wanted, document, err));
    if (ac_json_get(document, "configuration")) {
        const char *path;

        AC_TRY(ac_json_get_text(document, "configuration", &path, err));
        AC_TRY(ac_memory_copy_text(path, &wanted->configuration, err));
    }
    AC_TRY(ac_wanted_members_from_json(wanted, document, err));
    AC_TRY(ac_wanted_further_from_json(wanted, document, err));
    return read_solvers(wanted, document, err);
}

enum ac_code ac_wanted_load(const struct ac_store *store, const char *name,
                            struct ac_wanted *ret_wanted, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_error why = { 0 };

    AC_TRY(ac_store_load(store, AC_STORE_CERTIFICATES, name, AC_WANTED_DOCUMENT,
                         &document, err));
    AC_TRY(ac_memory_copy_text(name, &wanted.name, err));
    enum ac_code code = read_document(&wanted, document, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        return ac_fail(err, AC_E_STORE,
                       "%s/" AC_STORE_CERTIFICATES "/%s/" AC_WANTED_DOCUMENT
                       " is damaged: %s; set it aside or restore it from a backup",
                       ac_store_folder(store), name, why.detail);
    }
    *ret_wanted = wanted;
    wanted = (struct ac_wanted){ 0 };
    return AC_OK;
}

bool ac_wanted_may_have(const struct ac_store *store, const char *name,
                        const char *member)
{
    AC_AUTO(ac_text) bytes = { 0 };
    struct ac_error ignored;

    return ac_store_read(store, AC_STORE_CERTIFICATES, name, AC_WANTED_DOCUMENT, &bytes,
                         &ignored)
               == AC_OK
           && memmem(bytes.bytes, bytes.size, member, strlen(member));
}
