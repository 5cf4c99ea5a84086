/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our lines of a crt-list that somebody else has changed since they came there: the
 * list stays as it is but for them, because HAProxy does not start with a list that
 * names a file which is not there.
 */
#ifndef LINE_H
#define LINE_H

#include "set.h"

/* Before files_set_undo: takes out of the list the lines that were not in it before and
 * name files that this undo removes. A list that nobody else has changed is left to the
 * undo. */
int line_take_out(const char *list_path, const struct files_set *set);

#endif
