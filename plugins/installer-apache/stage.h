/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From certificates to changed files: what Apache has now, which virtual host is whose,
 * what that changes; written down, made, and tested.
 */
#ifndef APACHE_STAGE_H
#define APACHE_STAGE_H

#include "edit.h"

/*
 * As acmecore_installer.stage. After it either all changes of the certificates whose
 * result is OK are made and Apache accepts them, or none is: when it refuses those of
 * several, the results are OK, and commit() says so (see apache_undo_refuse).
 */
int apache_stage(const struct acmecore_host *host, const struct apache_wishes *wishes,
                 const struct acmecore_certificate *const *certificates, size_t count,
                 int *results);

#endif
