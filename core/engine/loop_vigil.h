/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sleep of `renew --watch` between two rounds: until a moment of the wall clock, or
 * until it is asked to reload or to end. A clock that is set wakes it, too, because the
 * moment may have come.
 */
#ifndef AC_ENGINE_LOOP_VIGIL_H
#define AC_ENGINE_LOOP_VIGIL_H

#include "base/memory.h"

enum ac_vigil_reason {
    AC_VIGIL_TIME,   /* the moment has come, or the clock was set */
    AC_VIGIL_RELOAD, /* SIGHUP */
    AC_VIGIL_END     /* SIGINT or SIGTERM */
};

struct ac_vigil;

/* From now on the three signals are blocked and seen by the sleep alone; what runs in
 * between with a loop sees them there. Once a process. */
AC_MUST enum ac_code ac_vigil_new(struct ac_vigil **ret_vigil, struct ac_error *err);
void ac_vigil_free(struct ac_vigil *vigil);
AC_DEFINE_DROP(ac_vigil, ac_vigil_free)

/* until_utc: UTC seconds; one that lies behind returns at once. */
AC_MUST enum ac_code ac_vigil_sleep(struct ac_vigil *vigil, int64_t until_utc,
                                    enum ac_vigil_reason *ret_reason,
                                    struct ac_error *err);

#endif
