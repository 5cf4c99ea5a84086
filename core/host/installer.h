/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An installer as the engine sees it: one configured plugin instance, and one operation
 * at a time, begun now and finished later. Crashes and deadlines come back as errors;
 * for a rollback a process that died is started once more.
 */
#ifndef AC_HOST_INSTALLER_H
#define AC_HOST_INSTALLER_H

#include "host/message_install.h"
#include "host/plugin.h"

struct ac_installer;

/* Finds, checks, forks. It then loads and opens by itself as it is stepped. */
AC_MUST enum ac_code ac_installer_start(const struct ac_plugin_settings *settings,
                                        struct ac_installer **ret_installer,
                                        struct ac_error *err);
void ac_installer_free(struct ac_installer *installer);
AC_DEFINE_DROP(ac_installer, ac_installer_free)

/* "web (installer-apache)", or the plugin's name alone: for messages. */
const char *ac_installer_title(const struct ac_installer *installer);
/* For the loop; as in process.h. */
size_t ac_installer_fds(const struct ac_installer *installer, struct pollfd *fds);
int64_t ac_installer_wake_at_ms(const struct ac_installer *installer);
void ac_installer_step(struct ac_installer *installer);

/* Have loading and opening ended, well or not? */
bool ac_installer_is_open(const struct ac_installer *installer);
/* AC_E_USAGE (settings, refused), AC_E_PLUGIN (crashed, hung, open failed), or AC_OK.
 */
AC_MUST enum ac_code ac_installer_state(const struct ac_installer *installer,
                                        struct ac_error *err);
/* NULL before it is loaded. Lent. */
const struct ac_descriptor *ac_installer_descriptor(
    const struct ac_installer *installer);

enum ac_installer_op {
    AC_INSTALLER_STAGE,
    AC_INSTALLER_COMMIT,
    AC_INSTALLER_ROLLBACK,
    AC_INSTALLER_PROBE,
    AC_INSTALLER_FINISH
};

/*
 * Begins an operation; it waits for the plugin to be loaded and open. Only one at a
 * time. After the process died, AC_INSTALLER_ROLLBACK and AC_INSTALLER_FINISH start it
 * once more; the other operations fail as it did.
 *
 * batch  of stage and probe; NULL for the others
 */
AC_MUST enum ac_code ac_installer_begin(struct ac_installer *installer,
                                        enum ac_installer_op op,
                                        const struct ac_install_batch *batch,
                                        int64_t deadline_ms, struct ac_error *err);
/* Has the operation ended, well or not? */
bool ac_installer_is_done(const struct ac_installer *installer);
/*
 * The whole: AC_OK also where single certificates failed (or are PENDING); ask for
 * their status. AC_E_PLUGIN names plugin, operation and the plugin's own words
 * (cleaned), or how it died. AC_E_USAGE: the same, because of a setting.
 */
AC_MUST enum ac_code ac_installer_result(const struct ac_installer *installer,
                                         struct ac_error *err);
/* After stage and probe: ACMECORE_OK, ACMECORE_PENDING (probe) or an error. */
int ac_installer_status(const struct ac_installer *installer, size_t index);
/* What the plugin says of it, clean; "" when it says nothing. Lent. */
const char *ac_installer_detail(const struct ac_installer *installer, size_t index);
/* What a dry run would have changed in the last operation, a line each, clean; lent. */
const struct ac_words *ac_installer_changes(const struct ac_installer *installer);
/* Ends the operation with this reason and kills the process, so that nothing of it goes
 * on. */
void ac_installer_stop(struct ac_installer *installer, const struct ac_error *why);
/* "stage", "commit": for messages and logs. */
const char *ac_installer_op_name(enum ac_installer_op op);

#endif
