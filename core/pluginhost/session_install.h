/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of an installer in a session, and the options that every installer
 * has. Inside of session.c, apart for its size.
 */
#ifndef AC_PLUGINHOST_SESSION_INSTALL_H
#define AC_PLUGINHOST_SESSION_INSTALL_H

#include "pluginhost/session.h"

/* What came of one operation. */
struct ac_install_answer {
    int64_t status;
    char detail[AC_MESSAGE_DETAIL_MAX];
    struct ac_json *results; /* of stage and probe; or NULL */
};
void ac_install_answer_done(struct ac_install_answer *answer);
AC_DEFINE_DROP_VALUE(ac_install_answer, ac_install_answer_done)

/* Is it an operation of an installer, and is there one to do it? */
bool ac_session_installs(const struct ac_session *session, const char *op);
AC_MUST enum ac_code ac_session_install(struct ac_session *session, const char *op,
                                        const struct ac_json *json, int64_t deadline_ms,
                                        struct ac_install_answer *ret_answer,
                                        struct ac_error *err);
/* Before open(): are those options right, as far as a word can be? AC_E_USAGE: not. */
AC_MUST enum ac_code ac_session_check_installer(const struct ac_session *session,
                                                struct ac_error *err);
/*
 * Adds to the "plugin" member of the reply to "load" the options with which the core
 * looks whether a certificate is served: probe and so on. Those that the plugin
 * declares itself are its own; has_probe says whether `probe` is ours.
 */
AC_MUST enum ac_code ac_session_describe_installer(const struct ac_session *session,
                                                   struct ac_json *plugin,
                                                   struct ac_error *err);

#endif
