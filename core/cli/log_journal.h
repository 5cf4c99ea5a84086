/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log into the journal, with fields, by its native protocol (one datagram each; the
 * format is documented and stable). Not by libsystemd: that costs start-up time, can
 * block, and writes to one place only.
 */
#ifndef AC_CLI_LOG_JOURNAL_H
#define AC_CLI_LOG_JOURNAL_H

#include "base/log.h"
#include "base/text.h"

#define AC_LOG_JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Is this descriptor what systemd's JOURNAL_STREAM ("DEVICE:INODE", or NULL) names? */
bool ac_log_journal_is_stream(const char *journal_stream, int fd);
/* A connected socket. AC_E_SYSTEM: there is no journal. */
AC_MUST enum ac_code ac_log_journal_open(const char *path, int *ret_fd,
                                         struct ac_error *err);
/* False: it could not be taken (now). Never waits. */
bool ac_log_journal_send(int fd, const struct ac_log_record *record);

#endif
