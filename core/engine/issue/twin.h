/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of several orders that are one and the same thing outside: a CA that gives
 * two orders one pending authorization (RFC 8555 §7.1.3 lets it) has both present the
 * same record. It is presented once, and goes with the last of them.
 */
#ifndef AC_ENGINE_TWIN_H
#define AC_ENGINE_TWIN_H

#include "engine/issue/answer.h"

/* Would the two present the same, at one solver? */
bool ac_answer_is_twin(const struct ac_answer *one, const struct ac_answer *other);
/* One of `items` that still needs what `answer` presented, and will be cleaned up after
 * it; NULL: none. */
struct ac_answer *ac_answer_find_heir(struct ac_answer *const *items, size_t count,
                                      const struct ac_answer *answer);

#endif
