/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Jansson allocates with: bounded, and with a failure that can be asked for. A
 * part of base/json.
 */
#ifndef AC_BASE_JSON_MEMORY_H
#define AC_BASE_JSON_MEMORY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AC_JSON_MEMORY_ANY SIZE_MAX

/*
 * Before everything that allocates: what failed before is forgotten.
 *
 * room   [bytes] for all that is allocated from now on, whether it is freed or not
 */
void ac_json_memory_begin(size_t room);
/* No allocation succeeds any more: malloc failed, or the room is used up. */
bool ac_json_memory_has_failed(void);
bool ac_json_memory_is_over(void);
/* AC_E_NOMEM. */
enum ac_code ac_json_memory_fail(struct ac_error *err);

/*
 * Jansson's scanner takes no notice when its buffer cannot grow: the byte is dropped,
 * and the loop that looks for the closing quote runs past the end (2.14). So the first
 * allocation that fails is served from a block put aside, which is to be as long as
 * that buffer can get; no more input may come then, and all that was made is thrown
 * away.
 */
AC_MUST enum ac_code ac_json_memory_spare(size_t size, struct ac_error *err);
/* It may be gone by then. */
void ac_json_memory_drop_spare(void);

#endif
