/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths in which %n stands for the certificate's name, and %% for a percent sign.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <limits.h>

/* NULL, or what is wrong with it for any name. */
const char *pattern_check(const char *pattern);

/* NULL, or why there is no path for this name. */
const char *pattern_expand(const char *pattern, const char *name, char path[PATH_MAX]);

#endif
