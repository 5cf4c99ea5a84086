/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message "load": what a plugin host must know before it loads its plugin. Inside
 * of process.c, apart for its size.
 */
#ifndef AC_HOST_LOAD_H
#define AC_HOST_LOAD_H

#include "host/process.h"

/* folder: as the plugin host sees it; or NULL. */
AC_MUST enum ac_code ac_load_new(const struct ac_process_settings *settings,
                                 const char *folder, struct ac_message *ret_message,
                                 struct ac_error *err);

#endif
