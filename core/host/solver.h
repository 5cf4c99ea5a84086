/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A solver as the engine sees it: one configured plugin instance, whose operations are
 * started now and finished later. Crashes and deadlines come back as errors; after a
 * crash the process is started once more, for cleanup.
 */
#ifndef AC_HOST_SOLVER_H
#define AC_HOST_SOLVER_H

#include "host/plugin.h"

#define AC_SOLVER_VALUES_MAX 64   /* TXT records of one name */
#define AC_SOLVER_VALUE_MAX  1024 /* bytes of one */

struct ac_solver;

/* Finds, checks, forks. It then loads and opens by itself as it is stepped. */
AC_MUST enum ac_code ac_solver_start(const struct ac_plugin_settings *settings,
                                     struct ac_solver **ret_solver,
                                     struct ac_error *err);
void ac_solver_free(struct ac_solver *solver);
AC_DEFINE_DROP(ac_solver, ac_solver_free)

const char *ac_solver_name(const struct ac_solver *solver);
/* "ns1 (dns01-rfc2136)", or the plugin's name alone: for messages. */
const char *ac_solver_title(const struct ac_solver *solver);
const char *ac_solver_plugin(const struct ac_solver *solver);
const struct ac_section *ac_solver_section(const struct ac_solver *solver);
/* For the loop; as in process.h. */
size_t ac_solver_fds(const struct ac_solver *solver, struct pollfd *fds);
int64_t ac_solver_wake_at_ms(const struct ac_solver *solver);
void ac_solver_step(struct ac_solver *solver);

/* Has loading and checking ended (well or not)? The descriptor is there when well. */
bool ac_solver_is_loaded(const struct ac_solver *solver);
/* Has open() ended too? */
bool ac_solver_is_open(const struct ac_solver *solver);
/* AC_E_USAGE (settings, refused), AC_E_PLUGIN (crashed, hung, open failed), or AC_OK.
 */
AC_MUST enum ac_code ac_solver_state(const struct ac_solver *solver,
                                     struct ac_error *err);
/* NULL before it is loaded. Lent. */
const struct ac_descriptor *ac_solver_descriptor(const struct ac_solver *solver);

enum ac_solver_op {
    AC_SOLVER_PRESENT,
    AC_SOLVER_CLEANUP,
    AC_SOLVER_PROBE,
    AC_SOLVER_LOCATE /* dns solvers: where the records really lie */
};

struct ac_solver_call;

/*
 * Starts one operation on a batch (copied; split by the plugin's max_batch inside).
 * After the process died, AC_SOLVER_CLEANUP starts it once more; the other operations
 * fail.
 */
AC_MUST enum ac_code ac_solver_begin(struct ac_solver *solver, enum ac_solver_op op,
                                     const struct ac_batch *batch, int64_t deadline_ms,
                                     struct ac_solver_call **ret_call,
                                     struct ac_error *err);
/* Nobody has a use for it any more: the plugin is told to stop. It ends all the same,
 * one way or another. */
void ac_solver_call_cancel(struct ac_solver *solver, struct ac_solver_call *call);
bool ac_solver_call_is_done(const struct ac_solver_call *call);
/* ACMECORE_OK, ACMECORE_PENDING or the error of one challenge of the batch. */
int ac_solver_call_status(const struct ac_solver_call *call, size_t index);
/*
 * The whole: AC_OK when each is OK or PENDING. AC_E_PLUGIN names plugin, operation,
 * challenge and the plugin's own words (cleaned), or how it died. AC_E_USAGE: the same,
 * and all that failed did so because of a setting.
 */
AC_MUST enum ac_code ac_solver_call_result(const struct ac_solver_call *call,
                                           struct ac_error *err);
/* The sentence for one challenge ("" when it is fine); lent. */
const char *ac_solver_call_detail(const struct ac_solver_call *call, size_t index);
/*
 * AC_SOLVER_LOCATE, for a challenge whose status is OK: the name that its record has
 * after all aliases, and the apex of the zone it lies in. NULL when the challenge has
 * no record, or its zone is not known (visibility=off). Checked: names in lower case of
 * at most 253 bytes, the one within the other. Lent.
 */
const char *ac_solver_call_record_name(const struct ac_solver_call *call, size_t index);
const char *ac_solver_call_record_zone(const struct ac_solver_call *call, size_t index);
/*
 * AC_SOLVER_LOCATE, for a challenge of dns-persist-01 whose status is OK: the TXT
 * records that are there by now. NULL: that is not known. Checked: at most
 * AC_SOLVER_VALUES_MAX of AC_SOLVER_VALUE_MAX bytes, all of printable ASCII. Lent.
 */
const struct ac_words *ac_solver_call_record_values(const struct ac_solver_call *call,
                                                    size_t index);
/* Takes NULL; the operation goes on, its result is dropped. */
void ac_solver_call_free(struct ac_solver_call *call);
AC_DEFINE_DROP(ac_solver_call, ac_solver_call_free)

#endif
