/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders of commands, as certbot's renewal-hooks/deploy: the executables in it, in the
 * order of their names, without what editors left (`*~`).
 */
#ifndef HOOKS_H
#define HOOKS_H

#include "words.h"

#include <acmecore/plugin.h>

#define HOOKS_MAX  100    /* commands in a folder */
#define HOOKS_LIVE "live" /* folder of the links to certificates */

/* Adds their paths. E_CONFIG: the folder cannot be read, or one of them should not be
 * run. */
int hooks_list(const struct acmecore_host *host, const char *folder,
               struct exec_words *ret_paths);

/* The path of a link below the host's folder that is called as the certificate and
 * leads to its files; lineage has PATH_MAX bytes. */
int hooks_link_lineage(const struct acmecore_host *host, const char *name,
                       const char *folder_path, char *lineage);

#endif
