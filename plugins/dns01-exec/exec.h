/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The solver behind two plugins: dns01-exec and http01-exec differ in their name and in
 * the types of challenges only.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include "settings.h"

/* Arguments and stdin of a child are bounded by the kernel; so many names fit. */
#define EXEC_BATCH_MAX 200

int exec_open(const struct acmecore_host *host, const char *plugin, bool is_http,
              void **ret_self);
void exec_close(void *self);

acmecore_batch exec_present;
acmecore_batch exec_cleanup;
acmecore_batch exec_probe;

#endif
