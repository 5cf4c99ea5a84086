/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which trust anchors an exchange is verified with. A CA file is more trust beside the
 * system's, but the system's store is big and read again for each connection (Debian's
 * folder: 35 ms and 9 MiB; its bundle: 10 ms and 5 MiB; a private root: 1 ms). So the
 * cheap ones are tried first, and the others when the certificate does not verify.
 */
#ifndef AC_NET_TRUST_H
#define AC_NET_TRUST_H

#include "base/error.h"

#include <stdbool.h>

/* In the order in which they are tried. */
enum ac_trust {
    AC_TRUST_FILE,
    AC_TRUST_BUNDLE, /* the system's store in one file */
    AC_TRUST_SYSTEM, /* whatever libcurl was built for */
    AC_TRUST_COUNT,
    AC_TRUST_NOBODY /* the self-check of http-01 verifies nothing (RFC 8555 8.3) */
};

/* AC_E_USAGE: cannot be read or holds no certificate; the detail names the file. */
AC_MUST enum ac_code ac_trust_check_file(const char *path, struct ac_error *err);

/* The first that is offered and was not tried yet; false when there is none. */
bool ac_trust_find(const bool offered[AC_TRUST_COUNT], const bool tried[AC_TRUST_COUNT],
                   enum ac_trust *ret_trust);

/* The system's store in one file; NULL when it is in none of the usual places. */
const char *ac_trust_find_bundle(void);

#endif
