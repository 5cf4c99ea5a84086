/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration from a text, and what it says is wrong.
 */
#ifndef AC_TESTS_CONFIG_LOADED_H
#define AC_TESTS_CONFIG_LOADED_H

#include "config/config.h"

#include "check.h"

#include <string.h>

static const char *const loaded_certificate_members[] = { "self-check", "profile",
                                                          NULL };
static const char *const loaded_ca_members[] = { "ca-file", "insecure-http", NULL };

/* All tests write this one. */
static inline const char *loaded_path(void)
{
    return ac_test_path("acmecore.conf");
}

static inline enum ac_code loaded(const char *text, struct ac_faults *faults,
                                  struct ac_config **ret_config, struct ac_error *err)
{
    const struct ac_config_settings settings = {
        .path = loaded_path(),
        .certificate_members = loaded_certificate_members,
        .ca_members = loaded_ca_members,
    };

    if (!ac_test_write_file(settings.path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    return ac_config_load(&settings, faults, ret_config, err);
}

/* Is this said of this line of the file? */
static inline bool is_told(const struct ac_faults *faults, unsigned line,
                           const char *message)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->items[i].line == line
            && strcmp(faults->items[i].message, message) == 0)
            return true;
    }
    return false;
}

/* The whole text has one fault, and it is this one. */
static inline bool has_one_fault(const char *text, unsigned line, const char *message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    if (loaded(text, &faults, &config, &err) != AC_OK)
        return false;
    for (size_t i = 0; i < faults.count; i++) {
        if (faults.count > 1 || !is_told(&faults, line, message))
            (void)fprintf(stderr, "%u: %s\n", faults.items[i].line,
                          faults.items[i].message);
    }
    return faults.count == 1 && is_told(&faults, line, message);
}

#endif
