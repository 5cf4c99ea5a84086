/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings somebody wrote against the option list a plugin declares. Pure but for
 * SECRET options, whose sources (config/source) are read here, in the core, so that a
 * plugin host that runs as another user needs no right to them.
 */
#ifndef AC_HOST_OPTIONS_H
#define AC_HOST_OPTIONS_H

#include "base/json.h"
#include "config/section.h"
#include "host/message.h"

#define AC_OPTION_COUNT_MAX 128 /* options of one plugin */

struct ac_option {
    char *name;
    uint32_t type;  /* enum acmecore_option_type */
    uint32_t flags; /* ACMECORE_REQUIRED, ACMECORE_LIST */
    int64_t minimum, maximum;
    char *fallback; /* or NULL */
    char *help;
    struct ac_words choices; /* of a text; none: any line */
};

/* What a plugin says of itself, after checking; owns all. */
struct ac_descriptor {
    char *name;
    char *version;
    char *path;
    uint32_t kind; /* enum acmecore_kind */
    uint32_t abi_major, abi_minor, needs_minor;
    uint32_t flags;        /* ACMECORE_USES_* */
    uint32_t max_batch;    /* solver; 0: no limit */
    bool has_probe;        /* solver: has its own probe, or the host's for dns */
    bool has_watch;        /* solver: serves descriptors */
    struct ac_words types; /* solver: challenge types */
    struct ac_option *options;
    size_t option_count;
};

/* From the "plugin" member of a load reply; every size and type is checked. */
AC_MUST enum ac_code ac_descriptor_parse(const struct ac_json *json,
                                         struct ac_descriptor *ret_descriptor,
                                         struct ac_error *err);
AC_MUST enum ac_code ac_descriptor_to_json(const struct ac_descriptor *descriptor,
                                           struct ac_json **ret_json,
                                           struct ac_error *err);
void ac_descriptor_done(struct ac_descriptor *descriptor);
AC_DEFINE_DROP_VALUE(ac_descriptor, ac_descriptor_done)

/*
 * Checks a section and makes the "open" message (options, fallbacks filled in; secrets
 * in the blob). AC_E_USAGE names origin, option and what is allowed: unknown option
 * (and the nearest known), given twice without LIST, missing though REQUIRED, not a
 * number in range, path not absolute, secret not to be had or open to others.
 */
AC_MUST enum ac_code ac_options_check(const struct ac_descriptor *descriptor,
                                      const struct ac_section *section,
                                      struct ac_message *ret_open,
                                      struct ac_error *err);

/* setting NULL: one is missing. The sentence is borrowed. */
typedef enum ac_code ac_options_told(void *arg, const struct ac_setting *setting,
                                     const char *sentence, struct ac_error *err);
struct ac_options_listener {
    ac_options_told *told;
    void *arg;
};
/* The same without the message: tells everything that is wrong instead of the first. */
AC_MUST enum ac_code ac_options_check_all(const struct ac_descriptor *descriptor,
                                          const struct ac_section *section,
                                          const struct ac_options_listener *listener,
                                          struct ac_error *err);

#endif
