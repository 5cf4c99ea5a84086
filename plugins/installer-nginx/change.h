/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be changed so that each server block has the certificate that was chosen
 * for it: ssl_certificate and ssl_certificate_key, and nothing else.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "edit.h"
#include "servers.h"

/* results[i] of a certificate that has no server block, or whose block cannot be
 * changed, says why. Returns OK, or one of them. */
int change_plan(const struct config *config, const struct servers *servers,
                const struct acmecore_certificate *const *certificates, size_t count,
                int *results, struct edits *ret_edits);

#endif
