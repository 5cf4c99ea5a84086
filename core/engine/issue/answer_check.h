/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own look at an answer that is in place, before the CA is told of it: of http-01.
 */
#ifndef AC_ENGINE_ANSWER_CHECK_H
#define AC_ENGINE_ANSWER_CHECK_H

#include "engine/issue/answer.h"

/* It is CHECKING from then on; READY where there is nothing to look at; or FAILED. */
void ac_answer_check_begin(struct ac_http *http, struct ac_answer *answer);
/* READY or FAILED once the look has ended; what was seen may be a warning. */
void ac_answer_check_finish(struct ac_answer *answer);

#endif
