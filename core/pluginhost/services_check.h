/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services of `plugin check`: some that fail, or that try nothing a second time. Inside
 * of services.c, apart for its job.
 */
#ifndef AC_PLUGINHOST_SERVICES_CHECK_H
#define AC_PLUGINHOST_SERVICES_CHECK_H

#include "pluginhost/services.h"

/*
 * how  "failing": each service that reaches out of the plugin fails; "no http", "no
 * run", "no write_file", "no remove_file", "no secret": that one alone; "hasty":
 * nothing is tried a second time. Any other word: as always.
 */
void ac_services_limit(struct acmecore_host_ctx *ctx, const char *how);

#endif
