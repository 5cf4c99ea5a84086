/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What present() has to tell cleanup() about a challenge, kept in the host's folder, so
 * that a later process knows it too: the output of the hook, or how it ended.
 */
#ifndef EXEC_NOTE_H
#define EXEC_NOTE_H

#include <acmecore/plugin.h>

/* The challenge has passed exec_challenge_check. Without a folder nothing is kept. */
int exec_note_put(const struct acmecore_host *host,
                  const struct acmecore_challenge *challenge, const char *text);

/* To be freed. NULL: there is none, or it cannot be read, which is logged. */
char *exec_note_get(const struct acmecore_host *host,
                    const struct acmecore_challenge *challenge);

int exec_note_remove(const struct acmecore_host *host,
                     const struct acmecore_challenge *challenge);

#endif
