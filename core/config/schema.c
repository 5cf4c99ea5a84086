/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include "config/source.h"

#include <inttypes.h>
#include <string.h>

#define NAMES_MAX 64 /* settings of one section */

struct taking {
    const struct ac_schema *schema;
    struct ac_values values;
    const char *name;
    struct ac_faults *faults;
};

static const char *const yes[] = { "true", "yes", "on", NULL };
static const char *const no[] = { "false", "no", "off", NULL };

static bool is_one_of(const char *word, const char *const *words)
{
    for (size_t i = 0; words && words[i]; i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

bool ac_values_is_given(const struct ac_values *values)
{
    return values->place.line > 0;
}

bool ac_values_is_half_read(const struct ac_values *values)
{
    return ac_values_is_given(values) && values->count == 0 && !values->is_list;
}

const char *ac_values_text(const struct ac_values *values, const char *fallback)
{
    return values->count > 0 ? values->items[0].text : fallback;
}

bool ac_values_flag(const struct ac_values *values, bool fallback)
{
    return values->count > 0 ? is_one_of(values->items[0].text, yes) : fallback;
}

struct ac_place ac_values_place(const struct ac_values *values, size_t index)
{
    struct ac_place place = values->place;

    if (index < values->count)
        place.line = values->items[index].line;
    return place;
}

/* ---- unknown names */

/* All that could stand here, for the nearest. */
static void list_names(const struct ac_schema *schema, const char *names[NAMES_MAX + 1])
{
    size_t count = 0;

    for (size_t i = 0; i < schema->rule_count && count < NAMES_MAX; i++)
        names[count++] = schema->rules[i].name;
    for (size_t i = 0; schema->members && schema->members[i] && count < NAMES_MAX; i++)
        names[count++] = schema->members[i];
    for (size_t i = 0; schema->inner && schema->inner[i] && count < NAMES_MAX; i++)
        names[count++] = schema->inner[i];
    names[count] = NULL;
}

static enum ac_code refuse_unknown(const struct taking *taking, struct ac_error *err)
{
    const char *names[NAMES_MAX + 1];
    const char *section = taking->schema->section;
    const char *within = section[0] ? " of a " : "";

    list_names(taking->schema, names);
    const char *nearest = ac_text_nearest(taking->name, names);
    if (nearest) {
        return ac_faults_add(taking->faults, taking->values.place, err,
                             "unknown setting \"%s\"%s%s; did you mean \"%s\"?",
                             taking->name, within, section, nearest);
    }
    return ac_faults_add(taking->faults, taking->values.place, err,
                         "unknown setting \"%s\"%s%s (docs/configuration.md has all)",
                         taking->name, within, section);
}

/* ---- the form of the values */

static enum ac_code refuse(const struct taking *taking, size_t index,
                           const char *is_wanted, struct ac_error *err)
{
    struct ac_place place = ac_values_place(&taking->values, index);

    if (index >= taking->values.count) {
        return ac_faults_add(taking->faults, place, err, "%s is %s", taking->name,
                             is_wanted);
    }
    return ac_faults_add(taking->faults, place, err, "%s is %s, not \"%s\"",
                         taking->name, is_wanted, taking->values.items[index].text);
}

/* What a value of this kind is, when this is none; NULL: it is one. */
static const char *look_at(enum ac_rule_kind kind, const char *text)
{
    switch (kind) {
    case AC_RULE_TEXT:
    case AC_RULE_WORDS:
        return text[0] == '\0' ? "a text that is not empty" : NULL;
    case AC_RULE_FLAG:
        return is_one_of(text, yes) || is_one_of(text, no) ? NULL : "true or false";
    case AC_RULE_PATH:
    case AC_RULE_PATHS:
        return text[0] == '/' ? NULL : "an absolute path";
    case AC_RULE_SOURCE:
        return NULL;
    }
    return NULL;
}

static enum ac_code check_source(const struct taking *taking, bool *ret_is_good,
                                 struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_source_check(taking->values.items[0].text, &why);

    *ret_is_good = code == AC_OK;
    ac_error_about(&why, "%s", taking->name);
    return ac_faults_take(taking->faults, taking->values.place, &why, code, err);
}

static enum ac_code check(const struct taking *taking, const struct ac_rule *rule,
                          bool *ret_is_good, struct ac_error *err)
{
    bool takes_list = rule->kind == AC_RULE_WORDS || rule->kind == AC_RULE_PATHS;

    *ret_is_good = false;
    if (!takes_list && taking->values.is_list)
        return refuse(taking, SIZE_MAX, "one value, without braces", err);
    if (!takes_list && taking->values.count == 0)
        return AC_OK; /* the syntax was wrong, and that is said */
    if (rule->kind == AC_RULE_SOURCE)
        return check_source(taking, ret_is_good, err);
    for (size_t i = 0; i < taking->values.count; i++) {
        const char *wanted = look_at(rule->kind, taking->values.items[i].text);

        if (wanted)
            return refuse(taking, i, wanted, err);
    }
    *ret_is_good = true;
    return AC_OK;
}

/* ---- taking */

static enum ac_code refuse_double(const struct taking *taking,
                                  const struct ac_place *before, struct ac_error *err)
{
    return ac_faults_add(taking->faults, taking->values.place, err,
                         "%s is given twice: it stands in %s:%u", taking->name,
                         before->path, before->line);
}

static enum ac_code take_rule(const struct taking *taking, const struct ac_rule *rule,
                              void *base, struct ac_error *err)
{
    struct ac_values *values =
        (struct ac_values *)(void *)((char *)base + rule->offset);
    bool is_good = false;

    if (ac_values_is_given(values))
        return refuse_double(taking, &values->place, err);
    AC_TRY(check(taking, rule, &is_good, err));
    *values = taking->values;
    if (is_good)
        return AC_OK;
    values->count = 0; /* given, and nothing to go on with */
    values->is_list = false;
    return AC_OK;
}

static enum ac_code take_member(const struct taking *taking, void *base,
                                struct ac_error *err)
{
    struct ac_config_members *members =
        (struct ac_config_members *)(void *)((char *)base
                                             + taking->schema->members_offset);

    for (size_t i = 0; i < members->count; i++) {
        if (strcmp(members->items[i].name, taking->name) == 0)
            return refuse_double(taking, &members->items[i].values.place, err);
    }
    AC_TRY(ac_memory_grow(&members->items, &members->capacity, members->count + 1,
                          sizeof *members->items, err));
    members->items[members->count++] =
        (struct ac_config_member){ .name = taking->name, .values = taking->values };
    return AC_OK;
}

static const struct ac_rule *find_rule(const struct ac_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->rule_count; i++) {
        if (strcmp(schema->rules[i].name, name) == 0)
            return &schema->rules[i];
    }
    return NULL;
}

static enum ac_code refuse_section(const struct taking *taking, struct ac_error *err)
{
    return ac_faults_add(taking->faults, taking->values.place, err,
                         "%s is a setting, not a section: %s = …", taking->name,
                         taking->name);
}

enum ac_code ac_schema_take(const struct ac_schema *schema,
                            const struct ac_document *document,
                            const struct ac_entry *entry, void *base,
                            struct ac_faults *faults, struct ac_error *err)
{
    const struct taking taking = { .schema = schema,
                                   .values = ac_document_values(document, entry),
                                   .name = entry->name,
                                   .faults = faults };
    const struct ac_rule *rule = find_rule(schema, entry->name);
    bool is_member = !rule && is_one_of(entry->name, schema->members);

    if (!rule && !is_member)
        return refuse_unknown(&taking, err);
    if (entry->is_section)
        return refuse_section(&taking, err);
    return rule ? take_rule(&taking, rule, base, err) : take_member(&taking, base, err);
}
