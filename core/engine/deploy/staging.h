/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an installer is amid, in installers/<instance> of the store: written before its
 * first certificate is staged, removed once all of them are finished or rolled back.
 * One that is found tells of a run that was cut short: with which plugin and settings
 * it began, and for which certificates, whatever the configuration says by now.
 *
 * For whoever holds the installer's lock. The file is as private as certificate.json,
 * which has the same settings.
 */
#ifndef AC_ENGINE_STAGING_H
#define AC_ENGINE_STAGING_H

#include "engine/wanted/wanted.h"

#define AC_STAGING_GROUP "installers" /* of the store, and of the installers' locks */

enum ac_staging_kind {
    AC_STAGING_BEGUN,   /* staged.json: what must be undone or finished */
    AC_STAGING_LENT,    /* lent.json: links that were made for a dry run */
    AC_STAGING_GIVEN_UP /* given-up.json: what is served, and was never finished */
};

struct ac_staging {
    struct ac_solver_spec spec;   /* the instance as it was then */
    struct ac_words certificates; /* their names */
};
void ac_staging_done(struct ac_staging *staging);
AC_DEFINE_DROP_VALUE(ac_staging, ac_staging_done)

/* AC_E_NOTFOUND: it is amid nothing. AC_E_STORE: damaged, or unreadable. */
AC_MUST enum ac_code ac_staging_load(const struct ac_store *store,
                                     enum ac_staging_kind kind, const char *installer,
                                     struct ac_staging *ret_staging,
                                     struct ac_error *err);
AC_MUST enum ac_code ac_staging_save(struct ac_store *store, enum ac_staging_kind kind,
                                     const struct ac_solver_spec *spec,
                                     const struct ac_words *certificates,
                                     struct ac_error *err);
/* Missing is fine. */
AC_MUST enum ac_code ac_staging_remove(struct ac_store *store,
                                       enum ac_staging_kind kind, const char *installer,
                                       struct ac_error *err);
AC_MUST enum ac_code ac_staging_look(const struct ac_store *store,
                                     enum ac_staging_kind kind, const char *installer,
                                     bool *ret_is_there, struct ac_error *err);
/* The file's path, for messages. Free with free(). */
AC_MUST enum ac_code ac_staging_path(const struct ac_store *store,
                                     enum ac_staging_kind kind, const char *installer,
                                     char **ret_path, struct ac_error *err);
/* The installers that are amid something: begun, or lent. */
AC_MUST enum ac_code ac_staging_list(const struct ac_store *store,
                                     struct ac_words *ret_installers,
                                     struct ac_error *err);

#endif
