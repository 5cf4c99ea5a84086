/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sections of a configuration say of each other: names that are there twice,
 * names that lead nowhere, sections that lack what they need. Private to core/config
 * but for the finding, which config.h declares.
 */
#ifndef AC_CONFIG_REFERENCES_H
#define AC_CONFIG_REFERENCES_H

#include "config/config.h"

/* Sorts the sections by name, so that they can be found, and checks them. */
AC_MUST enum ac_code ac_references_check(struct ac_config *config,
                                         struct ac_faults *faults,
                                         struct ac_error *err);

#endif
