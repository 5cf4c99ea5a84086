/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin hosts that answer questions about CAA: a few, each for one question after
 * the other, because two hundred certificates that are due at once need no two hundred
 * processes.
 */
#ifndef AC_HOST_CAA_POOL_H
#define AC_HOST_CAA_POOL_H

#include "host/process.h"

#define AC_CAA_POOL_MAX 4 /* processes; a slow name server delays those that queue */

struct ac_caa_pool;

/* Starts nothing yet. */
AC_MUST enum ac_code ac_caa_pool_new(const char *host_path,
                                     struct ac_caa_pool **ret_pool,
                                     struct ac_error *err);
/* After all that was taken is left. */
void ac_caa_pool_free(struct ac_caa_pool *pool);
AC_DEFINE_DROP(ac_caa_pool, ac_caa_pool_free)

/* One that nobody uses, or a new one, or the one that the fewest use. AC_E_PLUGIN:
 * those that there may be are dead, and still looked at. Lent until ac_caa_pool_leave.
 */
AC_MUST enum ac_code ac_caa_pool_take(struct ac_caa_pool *pool,
                                      struct ac_process **ret_process,
                                      struct ac_error *err);
/* NULL is fine. One that is dead goes with its last user. */
void ac_caa_pool_leave(struct ac_caa_pool *pool, const struct ac_process *process);

#endif
