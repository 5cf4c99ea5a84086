/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate says that a server of a stranger's may have sent: enough to tell
 * it from ours, and to tell a person which it is. GnuTLS is opened for it when it is
 * first needed.
 */
#ifndef AC_PLUGINHOST_X509_H
#define AC_PLUGINHOST_X509_H

#include "base/text.h"

#include <stdint.h>

#define AC_X509_PEM_MAX          (64u * 1024u)
#define AC_X509_FINGERPRINT_SIZE 65 /* with the NUL */

struct ac_x509_facts {
    char fingerprint[AC_X509_FINGERPRINT_SIZE]; /* SHA-256 of its DER, lower case */
    char names[256];                            /* the first ones, clean; "" if none */
    char issuer[256];                           /* clean */
    int64_t not_after;                          /* UTC seconds */
};

/* The first certificate of a PEM text. AC_E_INVALID: it is none. */
AC_MUST enum ac_code ac_x509_read(const char *pem, struct ac_x509_facts *ret_facts,
                                  struct ac_error *err);

#endif
