/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conformance suite of `plugin check`: each thing that plugin.h asks of a plugin,
 * tried on it in processes of its own, and a verdict on each.
 *
 * Without a domain nobody's zone is meant: names lie below "acmecore-check.invalid",
 * and what cannot be shown because nothing can be presented is skipped, and says so.
 */
#ifndef AC_ENGINE_PLUGIN_CHECK_H
#define AC_ENGINE_PLUGIN_CHECK_H

#include "engine/loop.h"

enum ac_verdict_kind {
    AC_VERDICT_PASSED,
    AC_VERDICT_FAILED,
    AC_VERDICT_SKIPPED
};

struct ac_verdict {
    const char *id;    /* stable, for programs: "cleanup-twice" */
    const char *claim; /* what was to be shown */
    enum ac_verdict_kind kind;
    char *reason; /* owned; NULL: nothing to add */
};

struct ac_plugin_check {
    struct ac_verdict *items; /* owned, in the order of the suite */
    size_t count, capacity;
};
void ac_plugin_check_done(struct ac_plugin_check *check);
AC_DEFINE_DROP_VALUE(ac_plugin_check, ac_plugin_check_done)
size_t ac_plugin_check_count(const struct ac_plugin_check *check,
                             enum ac_verdict_kind kind);

struct ac_plugin_check_settings {
    struct ac_loop *loop;             /* borrowed, as are all */
    struct ac_plugin_settings plugin; /* its name, its options, its folders */
    const char *domain;               /* for a real record; or NULL */
    int64_t deadline_ms;              /* of the whole */
};

/* What the plugin does wrong is a verdict; a failure is one of ours: AC_E_CANCELLED,
 * AC_E_TIMEOUT, AC_E_NOMEM, AC_E_USAGE (there is no such plugin). */
AC_MUST enum ac_code ac_plugin_check(const struct ac_plugin_check_settings *settings,
                                     struct ac_plugin_check *ret_check,
                                     struct ac_error *err);

#endif
