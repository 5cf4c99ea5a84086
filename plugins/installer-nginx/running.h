/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does nginx run? As its pid file says: without a look a signal would go nowhere, and
 * the only words for it were those of `nginx -s`.
 */
#ifndef RUNNING_H
#define RUNNING_H

#include "control.h"

#include <limits.h>
#include <stdbool.h>

/*
 * False when it surely does not: the file that the directive pid names is missing,
 * empty, or names a process that is not there. Without that directive, or where the
 * file cannot be read, it is taken to run.
 *
 * ret_path   the pid file; "" when it is not known
 */
bool running_is_likely(const struct control *control, char ret_path[PATH_MAX]);

#endif
