/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a plugin host: read an operation, call the plugin, answer; and serve the
 * plugin's descriptors in between. One operation at a time.
 */
#ifndef AC_PLUGINHOST_SERVE_H
#define AC_PLUGINHOST_SERVE_H

#include "host/message.h"

#define AC_SERVE_FDS_MAX  64   /* descriptors of one plugin */
#define AC_SERVE_EVERY_MS 1000 /* serve() is called so often at least */

/*
 * Serves until the core says close or goes away (both AC_OK), or breaks the protocol.
 *
 * is_confined         by pluginhost/profile, before a plugin is loaded
 * first_fd, fd_count  sockets from systemd; closed unless the plugin serves descriptors
 */
AC_MUST enum ac_code ac_serve(struct ac_channel *channel, bool is_confined,
                              int first_fd, int fd_count, struct ac_error *err);

#endif
