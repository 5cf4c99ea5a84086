/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of each section as tables, and the values of an entry against them.
 * Private to core/config.
 */
#ifndef AC_CONFIG_SCHEMA_H
#define AC_CONFIG_SCHEMA_H

#include "config/config.h"

#include <stddef.h>

enum ac_rule_kind {
    AC_RULE_TEXT,  /* one value */
    AC_RULE_WORDS, /* one, or a list */
    AC_RULE_FLAG,  /* true or false */
    AC_RULE_PATH,  /* one, absolute */
    AC_RULE_PATHS,
    AC_RULE_SOURCE /* where a secret is (config/source) */
};

struct ac_rule {
    const char *name;
    enum ac_rule_kind kind;
    size_t offset; /* of a struct ac_values */
};

/* One kind of section: its rules, and names that are taken as members. */
struct ac_schema {
    const char *section; /* "certificate"; "" for what is outside of any */
    const struct ac_rule *rules;
    size_t rule_count;
    const char *const *members; /* further names, NULL-terminated; or NULL */
    const char *const *inner;   /* sections it may hold, for messages; or NULL */
    size_t members_offset;      /* of a struct ac_config_members */
};

/*
 * Takes one entry into the struct at `base`. What is wrong is a fault and is not taken:
 * an unknown name (with the nearest known one), one that is given twice, a form that
 * the rule does not have.
 */
AC_MUST enum ac_code ac_schema_take(const struct ac_schema *schema,
                                    const struct ac_document *document,
                                    const struct ac_entry *entry, void *base,
                                    struct ac_faults *faults, struct ac_error *err);

#endif
