/* SPDX-License-Identifier: Apache-2.0 */
#include "net/trust.h"

#include "base/file.h"
#include "base/text.h"

#include <string.h>

#define CA_FILE_MAX (4u * 1024u * 1024u) /* a whole system's store is 0.3 MiB */

#define PEM_BEGIN  "-----BEGIN CERTIFICATE-----"
#define PEM_END    "-----END CERTIFICATE-----"
#define PEM_BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
    "/etc/ssl/ca-bundle.pem",             /* SUSE */
    "/etc/ssl/cert.pem",                  /* Alpine */
};

/*
 * Only libcurl's TLS library reads the file, at the first connection, and says no more
 * than "error". This finds the wrong file, the key and the DER file before that.
 */
static bool has_certificate(const char *pem)
{
    const char *begin = strstr(pem, PEM_BEGIN);

    while (begin != NULL) {
        const char *body = begin + strlen(PEM_BEGIN);
        size_t size = strspn(body, PEM_BASE64 "=\r\n \t");
        const char *first = body + strspn(body, "\r\n \t");

        /* Every certificate is a SEQUENCE of more than 127 bytes: 0x30 0x8x. */
        if (strncmp(first, "MI", 2) == 0
            && strncmp(body + size, PEM_END, strlen(PEM_END)) == 0)
            return true;
        begin = strstr(body, PEM_BEGIN);
    }
    return false;
}

enum ac_code ac_trust_check_file(const char *path, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    struct ac_error reason = { 0 };
    enum ac_code code = ac_file_read(path, CA_FILE_MAX, &text, &reason);

    if (code == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", reason.detail);
    if (code != AC_OK) {
        return ac_fail(err, AC_E_USAGE, "the CA file cannot be used: %s",
                       reason.detail);
    }
    if (!has_certificate(ac_text_get(&text))) {
        return ac_fail(err, AC_E_USAGE,
                       "the CA file %s holds no certificate in PEM form", path);
    }
    return AC_OK;
}

bool ac_trust_find(const bool offered[AC_TRUST_COUNT], const bool tried[AC_TRUST_COUNT],
                   enum ac_trust *ret_trust)
{
    for (int trust = 0; trust < AC_TRUST_COUNT; trust++) {
        if (!offered[trust] || tried[trust])
            continue;
        *ret_trust = (enum ac_trust)trust;
        return true;
    }
    return false;
}

const char *ac_trust_find_bundle(void)
{
    for (size_t i = 0; i < AC_COUNT(bundles); i++) {
        if (ac_file_exists(bundles[i]))
            return bundles[i];
    }
    return NULL;
}
