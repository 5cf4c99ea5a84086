/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_parts.h"

#include <string.h>
#include <strings.h>

#define NAME_MAX_SIZE 256 /* of a common name; RFC 5280 allows 64 characters */
#define HEX_DIGITS    "0123456789abcdefABCDEF"

/* The common name of who issued it, fit to show and to compare; "" when there is none.
 */
static void read_issuer(gnutls_x509_crt_t certificate, char name[NAME_MAX_SIZE])
{
    char raw[NAME_MAX_SIZE] = "";
    size_t size = sizeof(raw);
    int status = gnutls_x509_crt_get_issuer_dn_by_oid(
        certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, raw, &size);

    name[0] = '\0';
    if (status >= 0 && size < sizeof(raw))
        (void)ac_text_clean(name, NAME_MAX_SIZE, raw, size);
}

/* "AB:CD…" or "abcd…" of 32 octets as lower-case digits; "" for anything else. */
static void read_fingerprint(const char *text, char digits[AC_SHA256_HEX_SIZE])
{
    size_t count = 0;

    for (; *text && count < AC_SHA256_HEX_SIZE; text++) {
        if (*text == ':')
            continue;
        if (!strchr(HEX_DIGITS, *text) || count == AC_SHA256_HEX_SIZE - 1)
            break;
        digits[count++] = *text;
    }
    digits[*text == '\0' && count == AC_SHA256_HEX_SIZE - 1 ? count : 0] = '\0';
}

static bool has_fingerprint(gnutls_x509_crt_t certificate, const char *digits)
{
    AC_AUTO(ac_datum) der = { 0 };
    char own[AC_SHA256_HEX_SIZE];

    if (gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER, &der.value) < 0)
        return false;
    return strcasecmp(ac_sha256_hex(der.value.data, der.value.size, own), digits) == 0;
}

bool ac_chain_leads_to(const struct ac_chain *chain, const char *wanted)
{
    char digits[AC_SHA256_HEX_SIZE];
    char name[NAME_MAX_SIZE];

    read_fingerprint(wanted, digits);
    for (size_t i = 0; i < chain->count; i++) {
        read_issuer(chain->certificates[i], name);
        if (name[0] != '\0' && strcasecmp(name, wanted) == 0)
            return true;
        /* The leaf is the same in all of them. */
        if (i > 0 && digits[0] != '\0'
            && has_fingerprint(chain->certificates[i], digits))
            return true;
    }
    return false;
}

enum ac_code ac_chain_add_issuers(const struct ac_chain *chain, struct ac_words *names,
                                  struct ac_error *err)
{
    for (size_t i = 0; i < chain->count; i++) {
        char name[NAME_MAX_SIZE];

        read_issuer(chain->certificates[i], name);
        if (name[0] != '\0' && !ac_words_has(names, name))
            AC_TRY(ac_words_add(names, name, err));
    }
    return AC_OK;
}

enum ac_code ac_chain_leaf_der(const struct ac_chain *chain, struct ac_text *ret_der,
                               struct ac_error *err)
{
    AC_AUTO(ac_datum) der = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    int status = gnutls_x509_crt_export2(chain->certificates[0], GNUTLS_X509_FMT_DER,
                                         &der.value);

    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate cannot be written");
    }
    AC_TRY(ac_text_add(&text, der.value.data, der.value.size, err));
    ac_text_done(ret_der);
    *ret_der = text;
    text = (struct ac_text){ 0 };
    return AC_OK;
}
