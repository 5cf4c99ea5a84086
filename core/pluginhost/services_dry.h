/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of a dry run (`deploy --dry-run`): nothing is changed, and what would be
 * is told, files as a unified diff. Inside of services.c, apart for its size.
 */
#ifndef AC_PLUGINHOST_SERVICES_DRY_H
#define AC_PLUGINHOST_SERVICES_DRY_H

#include "pluginhost/services.h"

#define AC_DRY_LINES_MAX 2000 /* told of one operation */

/* Is the path in the instance's own folder? A dry run has one of its own, which goes
 * with it: what is written there is how operations know of each other. */
bool ac_dry_is_own(const struct acmecore_host_ctx *ctx, const char *path);
/* What is not readable by all, or holds a private key, is told without what is in it.
 */
int ac_dry_write_file(struct acmecore_host_ctx *ctx, const char *path, uint32_t mode,
                      const void *data, size_t size);
int ac_dry_remove_file(struct acmecore_host_ctx *ctx, const char *path);
/* Would be run; as if it ended with 0. */
int ac_dry_run(struct acmecore_host_ctx *ctx, const struct acmecore_command *command,
               int *ret_exit);
/* Would be sent; there is no answer. */
int ac_dry_http(struct acmecore_host_ctx *ctx, const struct acmecore_request *request);

#endif
