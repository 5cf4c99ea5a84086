/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaks to the service manager that started us, when one did (sd_notify(3)).
 */
#ifndef AC_CLI_SERVICE_H
#define AC_CLI_SERVICE_H

/* "READY=1\nSTATUS=…". Nobody there is no error. */
void ac_service_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
