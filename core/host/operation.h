/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operation of a solver on a batch, part by part. Inside of solver.c, apart for its
 * size. A call has two owners, the solver's list and whoever began it.
 */
#ifndef AC_HOST_OPERATION_H
#define AC_HOST_OPERATION_H

#include "host/solver.h"

/* The TXT records that were found at a place. */
struct ac_operation_values {
    bool is_known;
    struct ac_words texts;
};

struct ac_solver_call {
    enum ac_solver_op op;
    char *plugin;
    struct ac_batch batch;
    int64_t deadline_ms;
    int *results;   /* one for each challenge */
    char **details; /* one for each challenge; NULL: nothing to say */
    char **names;   /* locate: one for each challenge; NULL: none */
    char **zones;   /* locate: one for each challenge; NULL: none */
    struct ac_operation_values *values; /* locate: one for each challenge */
    size_t done;                        /* challenges that have their result */
    size_t part_size;                   /* of the part under way */
    struct ac_call *part;
    struct ac_error error; /* of the whole: it crashed, it hung */
    bool is_done;
    bool is_listed;
    bool is_dropped;
    bool is_cancelled; /* no further part is begun */
};

AC_MUST enum ac_code ac_operation_new(enum ac_solver_op op, const char *plugin,
                                      const struct ac_batch *batch, int64_t deadline_ms,
                                      struct ac_solver_call **ret_call,
                                      struct ac_error *err);
/* Hands the next part of at most max_batch (0: no limit) challenges to the process. */
AC_MUST enum ac_code ac_operation_start_part(struct ac_solver_call *call,
                                             struct ac_process *process,
                                             uint32_t max_batch, struct ac_error *err);
/* Takes the results of the part, which has ended. A failure is that of the whole. */
AC_MUST enum ac_code ac_operation_end_part(struct ac_solver_call *call,
                                           struct ac_error *err);
/* All that have no result yet get this error. */
void ac_operation_fail(struct ac_solver_call *call, const struct ac_error *error);
/* The list lets go of it. */
void ac_operation_release(struct ac_solver_call *call);
/* "a setting is wrong", for a status without words of its own. */
const char *ac_operation_status_text(int64_t status);

#endif
