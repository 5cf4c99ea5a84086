/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the running HAProxy is told once the files are in place, and once they are as
 * they were again. For settings with a socket.
 */
#ifndef TELL_H
#define TELL_H

#include "set.h"
#include "settings.h"

/* Of the files that have changed, and of those that are in place and noted as staged
 * (note.h): the process was never told of them. */
int tell(const struct settings *settings, const struct files_set *set);

/* Where it had not come so far as to change something there is nothing to bring back.
 */
int tell_back(const struct settings *settings, const struct files_set *set);

/* Nothing is to be brought back any more. */
int tell_forget(const struct acmecore_host *host);

#endif
