/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a challenge may become an argument of a command: all of it once came from the
 * network.
 */
#ifndef EXEC_CHALLENGE_H
#define EXEC_CHALLENGE_H

#include <acmecore/plugin.h>

#include <stdbool.h>

#define EXEC_NAME_MAX     255 /* of a DNS name, with its last dot */
#define EXEC_TOKEN_MAX    512
#define EXEC_KEY_AUTH_MAX 1024
#define EXEC_VALUE_MAX    1024 /* of a TXT record */

bool exec_is_http(const struct acmecore_challenge *challenge);
/* dns-persist-01: a record that stays. There is no token, and it is no digest. */
bool exec_is_persistent(const struct acmecore_challenge *challenge);

/* NULL, or what is wrong with it. */
const char *exec_challenge_check(const struct acmecore_challenge *challenge);

/* The zone of the record, or "" when nobody looked it up. */
const char *exec_challenge_zone(const struct acmecore_challenge *challenge);

#endif
