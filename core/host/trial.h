/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin on trial (`plugin check`): one process of its own, one raw operation at a
 * time, and what the plugin host sees of it from inside. Whatever the plugin does comes
 * back as a reply or as the way it failed; nothing is started again.
 */
#ifndef AC_HOST_TRIAL_H
#define AC_HOST_TRIAL_H

#include "host/plugin.h"

struct ac_trial;

/* kind: enum acmecore_kind */
AC_MUST enum ac_code ac_trial_start(const struct ac_plugin_settings *settings,
                                    uint32_t kind, struct ac_trial **ret_trial,
                                    struct ac_error *err);
void ac_trial_free(struct ac_trial *trial);
AC_DEFINE_DROP(ac_trial, ac_trial_free)

/* For the loop; as in process.h. */
size_t ac_trial_fds(const struct ac_trial *trial, struct pollfd *fds);
int64_t ac_trial_wake_at_ms(const struct ac_trial *trial);
void ac_trial_step(struct ac_trial *trial);

/* Have loading and opening ended, well or not? */
bool ac_trial_is_open(const struct ac_trial *trial);
/* AC_OK: it is open. Else how it failed, now or since. */
AC_MUST enum ac_code ac_trial_state(const struct ac_trial *trial, struct ac_error *err);
/* NULL before it is loaded. Lent. */
const struct ac_descriptor *ac_trial_descriptor(const struct ac_trial *trial);
/* Bytes that it printed on its stdout and stderr. */
size_t ac_trial_printed(const struct ac_trial *trial);

/*
 * Begins an operation of host/message; the one before is forgotten.
 *
 * op        static text
 * batch     or NULL
 * is_spent  the plugin is told that no time is left
 */
AC_MUST enum ac_code ac_trial_begin(struct ac_trial *trial, const char *op,
                                    const struct ac_batch *batch, bool is_spent,
                                    int64_t deadline_ms, struct ac_error *err);
bool ac_trial_is_done(const struct ac_trial *trial);
/* The reply (lent until the next begin), or AC_E_PLUGIN: it crashed, hung, flooded. */
AC_MUST enum ac_code ac_trial_reply(const struct ac_trial *trial,
                                    const struct ac_json **ret_reply,
                                    struct ac_error *err);

#endif
