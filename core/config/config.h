/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration (docs/configuration.md) as a value. Knows the settings, their form
 * and their references to each other; what a name, a key type or a plugin's option may
 * be is for others to say (engine/configured). Each value knows its file and line.
 */
#ifndef AC_CONFIG_CONFIG_H
#define AC_CONFIG_CONFIG_H

#include "config/documents.h"
#include "config/section.h"

#define AC_CONFIG_DEFAULT_PATH "/etc/acmecore/acmecore.conf"

/* A setting that is known by its name only; see ac_config_settings. */
struct ac_config_member {
    const char *name;
    struct ac_values values;
};

struct ac_config_members {
    struct ac_config_member *items;
    size_t count;
    size_t capacity;
};

/* What can be said of an account: for all CAs, or for one. */
struct ac_config_account {
    struct ac_values contact;                             /* addresses */
    struct ac_values agree_tos;                           /* true or false */
    struct ac_values eab_kid, eab_hmac_key, eab_hmac_alg; /* of one CA only */
};

/* ca "corp" { … } */
struct ac_config_ca {
    const char *name;
    struct ac_place place;
    struct ac_values directory; /* not given: that of the CA known by this name */
    struct ac_config_account account;
    struct ac_config_members members; /* ca-file, insecure-http */
};

/* solver "ns1" { … } and installer "apache" { … } */
struct ac_config_plugin {
    const char *name;
    struct ac_place place;
    struct ac_values plugin;
    struct ac_values user, isolation; /* among the options, too, as AC_CONFIG_USER … */
    struct ac_section options;        /* each with the origin "FILE:LINE" */
};

/* notify "mail" { … } and hook "web" { … }: commands of the user's */
struct ac_config_command {
    const char *name;
    struct ac_place place;
    struct ac_values command;          /* the first word is an absolute path */
    struct ac_values timeout;          /* seconds */
    struct ac_values events, expiring; /* of notify only */
};

/* certificate "www" { … }; the same outside of any: for all that do not say it. */
struct ac_config_certificate {
    const char *name;
    struct ac_place place;
    struct ac_values identifiers;
    struct ac_values ca;
    struct ac_values solvers; /* "[PATTERN=]NAME" */
    struct ac_values installers;
    struct ac_values key_type;
    struct ac_config_members members; /* self-check, profile, … */
};

struct ac_config {
    struct ac_documents documents;
    struct ac_values state_dir, plugin_dir, log_format;
    struct ac_values crl_check; /* of held certificates; true when not given */
    struct ac_config_account account;
    struct ac_config_certificate defaults;

    /* In the order of their names. */
    struct ac_config_ca *cas;
    size_t ca_count, ca_capacity;
    struct ac_config_plugin *solvers;
    size_t solver_count, solver_capacity;
    struct ac_config_plugin *installers;
    size_t installer_count, installer_capacity;
    struct ac_config_command *notifiers;
    size_t notifier_count, notifier_capacity;
    struct ac_config_command *hooks;
    size_t hook_count, hook_capacity;
    struct ac_config_certificate *certificates;
    size_t certificate_count, certificate_capacity;
};

struct ac_config_settings {
    const char *path;
    /* Names of the settings that a certificate, and a CA, may have beside those above;
     * NULL-terminated, lent until the call returns; or NULL. */
    const char *const *certificate_members;
    const char *const *ca_members;
};

/*
 * Reads the file and all it includes. What is wrong inside is added to faults, and the
 * rest is there all the same. AC_E_NOTFOUND, AC_E_STORE, AC_E_USAGE: the file itself
 * cannot be used.
 */
AC_MUST enum ac_code ac_config_load(const struct ac_config_settings *settings,
                                    struct ac_faults *faults,
                                    struct ac_config **ret_config,
                                    struct ac_error *err);
void ac_config_free(struct ac_config *config);
AC_DEFINE_DROP(ac_config, ac_config_free)

/* By name; NULL: there is none. */
const struct ac_config_ca *ac_config_find_ca(const struct ac_config *config,
                                             const char *name);
const struct ac_config_plugin *ac_config_find_solver(const struct ac_config *config,
                                                     const char *name);
const struct ac_config_plugin *ac_config_find_installer(const struct ac_config *config,
                                                        const char *name);
const struct ac_config_command *ac_config_find_notifier(const struct ac_config *config,
                                                        const char *name);
const struct ac_config_command *ac_config_find_hook(const struct ac_config *config,
                                                    const char *name);
const struct ac_config_certificate *ac_config_find_certificate(
    const struct ac_config *config, const char *name);

/* Was it given? */
bool ac_values_is_given(const struct ac_values *values);
/* It was given, and nothing of it can be used (which is a fault). */
bool ac_values_is_half_read(const struct ac_values *values);
/* The first value, or the fallback; lent. */
const char *ac_values_text(const struct ac_values *values, const char *fallback);
/* Of one that was checked to be true or false (yes, no, on, off). */
bool ac_values_flag(const struct ac_values *values, bool fallback);
/* Where value `index` stands. */
struct ac_place ac_values_place(const struct ac_values *values, size_t index);

#endif
