/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of one solver or installer as somebody wrote them: names and values, each
 * with the place it came from. What they mean is the plugin's option list to say
 * (host/options). Pure.
 */
#ifndef AC_CONFIG_SECTION_H
#define AC_CONFIG_SECTION_H

#include "base/json.h"

/* What a section says of the process of its plugin (docs/isolation.md); no option of a
 * plugin can have such a name. */
#define AC_CONFIG_USER      "@user"
#define AC_CONFIG_ISOLATION "@isolation"

struct ac_setting {
    char *name;   /* owned */
    char *value;  /* owned */
    char *origin; /* owned: "--set" or "acmecore.conf:12"; how messages name it */
};

struct ac_section {
    struct ac_setting *items; /* owned, in the order given */
    size_t count;
    size_t capacity;
};

AC_MUST enum ac_code ac_section_add(struct ac_section *section, const char *name,
                                    const char *value, const char *origin,
                                    struct ac_error *err);
AC_MUST enum ac_code ac_section_copy(const struct ac_section *from,
                                     struct ac_section *ret_to, struct ac_error *err);
/* The same names and values in the same order, wherever they came from. */
bool ac_section_is_equal(const struct ac_section *a, const struct ac_section *b);
/* {"name": ["value", …]}, and back (origin: `origin`). */
AC_MUST enum ac_code ac_section_to_json(const struct ac_section *section,
                                        struct ac_json **ret_json,
                                        struct ac_error *err);
AC_MUST enum ac_code ac_section_from_json(const struct ac_json *json,
                                          const char *origin,
                                          struct ac_section *ret_section,
                                          struct ac_error *err);
void ac_section_done(struct ac_section *section);
AC_DEFINE_DROP_VALUE(ac_section, ac_section_done)

#endif
