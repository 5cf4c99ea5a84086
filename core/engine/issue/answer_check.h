/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own look at an answer that is in place, before the CA is told of it: of http-01.
 */
#ifndef AC_ENGINE_ANSWER_CHECK_H
#define AC_ENGINE_ANSWER_CHECK_H

#include "engine/issue/answer.h"

/* Looks under way at once: each takes up to two descriptors, and a thread while the
 * name is resolved. The time of one begins with its turn. */
#define AC_ANSWER_CHECKS_MAX 64

/* It is CHECKING from then on; READY where there is nothing to look at. */
void ac_answer_check_begin(struct ac_answer *answer);
/* Ends looks and starts those whose turn it is: READY or FAILED; what was seen may be a
 * warning. true: one failed before it was under way, so that nothing wakes the loop. */
bool ac_answer_check_step(struct ac_http *http, struct ac_answer *const *answers,
                          size_t count);
/* Has one a turn that was not stepped since? */
bool ac_answer_check_can_start(struct ac_answer *const *answers, size_t count);

#endif
