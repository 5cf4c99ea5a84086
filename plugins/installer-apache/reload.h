/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows a stage, perhaps in another process: test and reload, look whether the
 * server came through, keep it or take it back.
 */
#ifndef APACHE_RELOAD_H
#define APACHE_RELOAD_H

#include <acmecore/plugin.h>

/* As the operations of acmecore_installer. */
int apache_commit(const struct acmecore_host *host);
int apache_rollback(const struct acmecore_host *host);
int apache_probe(const struct acmecore_host *host, size_t count, int *results);
int apache_finish(const struct acmecore_host *host);

#endif
