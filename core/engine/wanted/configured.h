/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration says, as the engine's own values: a CA, and a certificate as it
 * is wanted. What is wrong is a fault with its place.
 */
#ifndef AC_ENGINE_CONFIGURED_H
#define AC_ENGINE_CONFIGURED_H

#include "config/ca.h"
#include "config/config.h"
#include "engine/renewal/upkeep.h"
#include "engine/wanted/wanted.h"

/* Reads the file, with the settings that certificates and CAs have here. */
AC_MUST enum ac_code ac_configured_load(const char *path, struct ac_faults *faults,
                                        struct ac_config **ret_config,
                                        struct ac_error *err);

/* All lent, by the configuration or static. */
struct ac_configured_ca {
    const char *name; /* as it was referred to */
    const char *directory_url;
    const struct ac_config_ca *section; /* NULL: nothing more is said of it */
    const struct ac_values *contact;    /* its own, else those for all; may be empty */
    bool agrees_to_terms;
};
/*
 * A section's name, an alias that is known, or a URL (that of a section: with what the
 * section says). config NULL: there is none. AC_E_USAGE: none of these; names the
 * nearest.
 */
AC_MUST enum ac_code ac_configured_ca(const struct ac_config *config,
                                      const char *reference,
                                      struct ac_configured_ca *ret_ca,
                                      struct ac_error *err);
/* What its section says: "ca-file", "account"; NULL: nothing. */
const char *ac_configured_ca_member(const struct ac_configured_ca *ca,
                                    const char *name);
bool ac_configured_can_use_plain_http(const struct ac_configured_ca *ca);

/* How many CAs a certificate may be from, in order; at least 1. */
size_t ac_configured_ca_count(const struct ac_config *config,
                              const struct ac_config_certificate *certificate);
/* The reference of one of them; lent. */
const char *ac_configured_ca_at(const struct ac_config *config,
                                const struct ac_config_certificate *certificate,
                                size_t index);
/*
 * The certificate as it is wanted from its CA number `index`. With faults it lacks what
 * is wrong, and is of no use but to find further ones.
 */
AC_MUST enum ac_code ac_configured_wanted(
    const struct ac_config *config, const struct ac_config_certificate *certificate,
    size_t index, struct ac_faults *faults, struct ac_wanted *ret_wanted,
    struct ac_error *err);

/* Its certificates for a survey, each as it is wanted from its CAs; lends the
 * configuration, NULL: there is none. Loading one with faults is AC_E_USAGE. */
struct ac_upkeep_source ac_configured_source(const struct ac_config *config);

#endif
