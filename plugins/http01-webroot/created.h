/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remembers in the host's folder which folders we created, for a later process.
 */
#ifndef WEBROOT_CREATED_H
#define WEBROOT_CREATED_H

#include <acmecore/plugin.h>

#include <stdbool.h>

/*
 * Notes that we are about to create `path`. *ret_is_new is false when that was noted
 * already. ACMECORE_E_SYSTEM: the note could not be written.
 */
int webroot_created_note(const struct acmecore_host *host, const char *path,
                         bool *ret_is_new);

bool webroot_created_has(const struct acmecore_host *host, const char *path);

/* Harmless when there is no note. */
void webroot_created_forget(const struct acmecore_host *host, const char *path);

#endif
