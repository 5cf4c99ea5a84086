/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong with which path, and what a person can do about it.
 */
#ifndef WEBROOT_TROUBLE_H
#define WEBROOT_TROUBLE_H

#include <acmecore/plugin.h>

/*
 * Records that `act` ("write", "create") failed at `path` with errno value `error`.
 * Returns `status`.
 */
int webroot_trouble(const struct acmecore_host *host, int status, const char *act,
                    const char *path, int error);

#endif
