/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to core/engine/check: the plugin under the suite, and what a single check may
 * do with it.
 */
#ifndef AC_ENGINE_CHECK_PARTS_H
#define AC_ENGINE_CHECK_PARTS_H

#include "engine/check/plugin_check.h"
#include "host/trial.h"

#define AC_CHECK_CALL_MS   20000 /* for one operation */
#define AC_CHECK_PROMPT_MS 2000  /* for one that has nothing to do, or no time */
#define AC_CHECK_MANY      25    /* challenges of a large batch */
#define AC_CHECK_TYPE      64
#define AC_CHECK_REASON    512
#define AC_CHECK_SURROUND  160
#define AC_CHECK_SUFFIX    "acmecore-check.invalid"

struct ac_check_work {
    const struct ac_plugin_check_settings *settings;
    struct ac_trial *trial;   /* attached to the loop; NULL: none */
    uint32_t kind;            /* enum acmecore_kind, once it is known */
    char type[AC_CHECK_TYPE]; /* the challenge type that is tried */
    bool is_loaded;
    bool is_open;                  /* with these settings it opens */
    bool can_answer;               /* and survives a present and a cleanup */
    bool survives_services;        /* that fail */
    bool can_present;              /* and a batch of one was presented and cleaned up */
    char blocked[AC_CHECK_REASON]; /* why not */
    int64_t call_ms;               /* for one operation of this check */
    char *folder;                  /* of our own, for what plugins keep; owned */
    /* Of the check under way. */
    enum ac_verdict_kind verdict;
    char reason[AC_CHECK_REASON];
};

/* What came of one operation. */
struct ac_check_outcome {
    bool is_answered; /* else it crashed, hung, flooded: detail says how */
    bool is_lawful;   /* each result is one of enum acmecore_status */
    int status;       /* ACMECORE_OK, or the first result that is another */
    int64_t elapsed_ms;
    char detail[AC_CHECK_REASON];
};

void ac_check_fail(struct ac_check_work *work, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ac_check_skip(struct ac_check_work *work, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What plugins keep between two processes lies there, and nowhere else. AC_E_STORE: it
 * cannot be made. */
AC_MUST enum ac_code ac_check_make_folder(struct ac_check_work *work,
                                          struct ac_error *err);
void ac_check_leave_folder(struct ac_check_work *work);
/* Ends the process, and starts another that is loaded and opened as far as it goes. */
AC_MUST enum ac_code ac_check_restart(struct ac_check_work *work,
                                      enum ac_process_services services,
                                      struct ac_error *err);
void ac_check_stop(struct ac_check_work *work);
/* One operation to its end, which may be that of the process. batch: or NULL. */
AC_MUST enum ac_code ac_check_perform(struct ac_check_work *work, const char *op,
                                      const struct ac_batch *batch, bool is_spent,
                                      struct ac_check_outcome *ret_outcome,
                                      struct ac_error *err);
/* The reply of the last operation that was answered. Lent until the next. */
const struct ac_json *ac_check_reply(const struct ac_check_work *work);
/* Fails the check unless the outcome is lawful; unless it is OK, too, where it must be.
 */
bool ac_check_judge(struct ac_check_work *work, const char *what,
                    const struct ac_check_outcome *outcome, bool must_be_ok);
/* What the process holds, as the plugin host sees it. */
struct ac_check_holding {
    int64_t descriptors, threads, children, heap;
    int64_t requests, refused;            /* so far */
    char surroundings[AC_CHECK_SURROUND]; /* working folder, umask, signals */
};
/* *ret_is_known false: the check has its verdict. */
AC_MUST enum ac_code ac_check_inspect(struct ac_check_work *work,
                                      struct ac_check_holding *ret_holding,
                                      bool *ret_is_known, struct ac_error *err);
/* Adds a challenge for the nth name, with the value of this number. */
AC_MUST enum ac_code ac_check_add(const struct ac_check_work *work, size_t nth,
                                  size_t value, struct ac_batch *batch,
                                  struct ac_error *err);

/* One check; what it finds is in work. */
typedef enum ac_code ac_check_function(struct ac_check_work *work,
                                       struct ac_error *err);

/* check_batches.c: what every solver must take */
ac_check_function ac_check_empty_batch, ac_check_one, ac_check_many,
    ac_check_two_values, ac_check_present_twice, ac_check_cleanup_twice,
    ac_check_cleanup_elsewhere, ac_check_cleanup_nothing, ac_check_probe;
/* check_limits.c: time and services */
ac_check_function ac_check_spent_deadline, ac_check_failing_services;
/* check_leftovers.c: what remains of a call */
ac_check_function ac_check_leaks, ac_check_silence, ac_check_leftovers,
    ac_check_surroundings, ac_check_close;
/* check_record.c: a real record, seen by the name servers */
ac_check_function ac_check_record;

#endif
