/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_parts.h"

#include "base/clock.h"
#include "crypto/extension.h"

#include <string.h>

/*
 * Who signed is all that is asked here: whether to trust them, and what a private CA
 * thinks of SHA-1, is for those who verify.
 */
#define LINK_FLAGS                                                                     \
    (GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS     \
     | GNUTLS_VERIFY_DISABLE_CRL_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN                   \
     | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT     \
     | GNUTLS_VERIFY_IGNORE_UNKNOWN_CRIT_EXTENSIONS)

static enum ac_code check_key(const struct ac_chain *chain, const struct ac_key *key,
                              struct ac_error *err);
static enum ac_code check_names(const struct ac_chain *chain,
                                const struct ac_identifiers *wanted,
                                struct ac_error *err);
static enum ac_code check_time(const struct ac_chain *chain, int64_t utc,
                               struct ac_error *err);
static enum ac_code check_is_leaf(const struct ac_chain *chain, struct ac_error *err);
static enum ac_code check_links(const struct ac_chain *chain, struct ac_error *err);

enum ac_code ac_chain_check(const struct ac_chain *chain, const struct ac_key *key,
                            const struct ac_identifiers *identifiers, int64_t utc,
                            struct ac_error *err)
{
    if (key != NULL)
        AC_TRY(check_key(chain, key, err));
    AC_TRY(check_names(chain, identifiers, err));
    AC_TRY(check_time(chain, utc, err));
    AC_TRY(check_is_leaf(chain, err));
    return check_links(chain, err);
}

enum ac_code ac_chain_identifiers(const struct ac_chain *chain,
                                  struct ac_identifiers *ret_identifiers,
                                  struct ac_error *err)
{
    AC_AUTO(ac_datum) extension = { 0 };
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    int status = gnutls_x509_crt_get_extension_by_oid2(
        chain->certificates[0], AC_OID_SUBJECT_ALT_NAME, 0, &extension.value, NULL);

    /* No extension gives no names. */
    if (status < 0 && status != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's names cannot be read");
    }
    if (status >= 0)
        AC_TRY(ac_extension_names(&extension, "the certificate", &identifiers, err));

    *ret_identifiers = identifiers;
    identifiers = (struct ac_identifiers){ 0 };
    return AC_OK;
}

bool ac_chain_must_staple(const struct ac_chain *chain)
{
    AC_AUTO(ac_datum) extension = { 0 };

    return gnutls_x509_crt_get_extension_by_oid2(
               chain->certificates[0], AC_OID_TLS_FEATURE, 0, &extension.value, NULL)
               >= 0
           && ac_extension_must_staple(&extension);
}

/* The first of `from` that is not in `of`; NULL when all are. */
static const char *find_missing(const struct ac_identifiers *from,
                                const struct ac_identifiers *of)
{
    for (size_t i = 0; i < from->count; i++) {
        bool is_found = false;

        for (size_t j = 0; j < of->count && !is_found; j++)
            is_found = ac_identifier_is_equal(&from->items[i], &of->items[j]);
        if (!is_found)
            return from->items[i].value;
    }
    return NULL;
}

static enum ac_code check_names(const struct ac_chain *chain,
                                const struct ac_identifiers *wanted,
                                struct ac_error *err)
{
    AC_AUTO(ac_identifiers) names = { 0 };
    const char *name;

    AC_TRY(ac_chain_identifiers(chain, &names, err));
    name = find_missing(wanted, &names);
    if (name != NULL)
        return ac_fail(err, AC_E_INVALID, "the certificate does not name %s", name);
    name = find_missing(&names, wanted);
    if (name != NULL) {
        return ac_fail(err, AC_E_INVALID,
                       "the certificate names %s, which was not asked for", name);
    }
    return AC_OK;
}

static enum ac_code check_key(const struct ac_chain *chain, const struct ac_key *key,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) theirs = { 0 };
    AC_AUTO(ac_text) ours = { 0 };

    AC_TRY(ac_chain_public_der(chain, &theirs, err));
    AC_TRY(ac_key_public_der(key, &ours, err));
    if (theirs.size != ours.size || memcmp(theirs.bytes, ours.bytes, ours.size) != 0) {
        return ac_fail(err, AC_E_INVALID,
                       "the certificate is for another key than the one we asked with");
    }
    return AC_OK;
}

static enum ac_code check_time(const struct ac_chain *chain, int64_t utc,
                               struct ac_error *err)
{
    char then[AC_CLOCK_TEXT_SIZE];
    char now[AC_CLOCK_TEXT_SIZE];

    if (chain->not_before <= 0 || chain->not_after <= 0)
        return ac_fail(err, AC_E_INVALID, "the certificate's validity makes no sense");
    (void)ac_clock_format(utc, now);
    if (utc > chain->not_after) {
        return ac_fail(err, AC_E_INVALID,
                       "the certificate expired at %s and our clock says %s",
                       ac_clock_format(chain->not_after, then), now);
    }
    if (chain->not_before > utc && chain->not_before - utc > AC_CHAIN_CLOCK_SKEW_S) {
        return ac_fail(err, AC_E_INVALID,
                       "the certificate is not valid before %s and our clock says %s",
                       ac_clock_format(chain->not_before, then), now);
    }
    return AC_OK;
}

static enum ac_code check_is_leaf(const struct ac_chain *chain, struct ac_error *err)
{
    unsigned int is_ca = 0;
    int status = gnutls_x509_crt_get_basic_constraints(chain->certificates[0], NULL,
                                                       &is_ca, NULL);

    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return AC_OK;
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's basic constraints cannot be read");
    }
    if (is_ca) {
        return ac_fail(err, AC_E_INVALID,
                       "the first certificate is that of a CA, not ours");
    }
    return AC_OK;
}

static bool is_named_after(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer)
{
    AC_AUTO(ac_datum) wanted = { 0 };
    AC_AUTO(ac_datum) name = { 0 };

    return gnutls_x509_crt_get_raw_issuer_dn(certificate, &wanted.value) >= 0
           && gnutls_x509_crt_get_raw_dn(issuer, &name.value) >= 0
           && wanted.value.size == name.value.size
           && memcmp(wanted.value.data, name.value.data, name.value.size) == 0;
}

/* What GnuTLS finds wrong with a link; the first that applies is told. */
static const struct {
    unsigned int flag;
    const char *sentence;
} link_faults[] = {
    { GNUTLS_CERT_SIGNER_NOT_CA, "is signed by the next, which is no CA" },
    { GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
      "is signed by the next, whose constraints forbid it" },
    { GNUTLS_CERT_SIGNATURE_FAILURE, "has a signature that is not of the next" },
    { GNUTLS_CERT_SIGNER_NOT_FOUND, "is not signed by the next" },
    { GNUTLS_CERT_INSECURE_ALGORITHM,
      "is signed with an algorithm or a key that GnuTLS finds too weak" },
    { GNUTLS_CERT_INVALID, "cannot be verified with the next" },
};

static enum ac_code check_link(const struct ac_chain *chain, size_t index,
                               struct ac_error *err)
{
    gnutls_x509_crt_t certificate = chain->certificates[index];
    gnutls_x509_crt_t issuer = chain->certificates[index + 1];
    unsigned int faults = 0;
    int status;

    if (!is_named_after(certificate, issuer)) {
        return ac_fail(err, AC_E_INVALID,
                       "certificate %zu of the chain was not issued by the next",
                       index + 1);
    }
    status = gnutls_x509_crt_list_verify(&certificate, 1, &issuer, 1, NULL, 0,
                                         LINK_FLAGS, &faults);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "certificate %zu of the chain cannot be verified",
                              index + 1);
    }
    for (size_t i = 0; i < AC_COUNT(link_faults); i++) {
        if ((faults & link_faults[i].flag) != 0) {
            return ac_fail(err, AC_E_INVALID, "certificate %zu of the chain %s",
                           index + 1, link_faults[i].sentence);
        }
    }
    return AC_OK;
}

static enum ac_code check_links(const struct ac_chain *chain, struct ac_error *err)
{
    for (size_t i = 0; i + 1 < chain->count; i++)
        AC_TRY(check_link(chain, i, err));
    return AC_OK;
}
