/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_parts.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <string.h>

#define OID_SUBJECT_ALT_NAME "2.5.29.17"

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
    AC_TRY(check_key(chain, key, err));
    AC_TRY(check_names(chain, identifiers, err));
    AC_TRY(check_time(chain, utc, err));
    AC_TRY(check_is_leaf(chain, err));
    return check_links(chain, err);
}

static enum ac_code fail_kind(unsigned int kind, struct ac_error *err)
{
    static const char *const names[] = {
        [GNUTLS_SAN_DNSNAME] = "dNSName",
        [GNUTLS_SAN_RFC822NAME] = "rfc822Name (an e-mail address)",
        [GNUTLS_SAN_URI] = "uniformResourceIdentifier",
        [GNUTLS_SAN_IPADDRESS] = "iPAddress",
        [GNUTLS_SAN_OTHERNAME] = "otherName",
        [GNUTLS_SAN_DN] = "directoryName",
        [GNUTLS_SAN_REGISTERED_ID] = "registeredID",
    };
    const char *name = kind < AC_COUNT(names) ? names[kind] : "unknown kind";

    return ac_fail(err, AC_E_INVALID, "the certificate has a name of another kind: %s",
                   name);
}

/* Of ASCII alone, whatever the locale. */
static char fold(unsigned char character)
{
    bool is_upper = character >= 'A' && character <= 'Z';

    return (char)(is_upper ? character - 'A' + 'a' : character);
}

/*
 * A dNSName that is canonical but for its case (RFC 4343). What parsing would mend for
 * a person, a trailing dot or a U-label, has no place in a certificate, and "192.0.2.1"
 * as a dNSName is no address (RFC 8738 3).
 */
static enum ac_code read_dns(const gnutls_datum_t *name,
                             struct ac_identifier *ret_identifier, struct ac_error *err)
{
    char folded[AC_IDENTIFIER_SIZE] = "";
    enum ac_code code = AC_E_INVALID;

    if (name->size < sizeof(folded)) {
        for (unsigned int i = 0; i < name->size; i++)
            folded[i] = fold(name->data[i]);
        code = ac_identifier_parse(folded, ret_identifier, err);
    }
    if (code == AC_E_NOMEM)
        return code;
    if (code != AC_OK || ret_identifier->type != AC_IDENTIFIER_DNS
        || strlen(folded) != name->size || strcmp(folded, ret_identifier->value) != 0) {
        return ac_fail(err, AC_E_INVALID,
                       "the certificate has a dNSName that is no DNS name: \"%.*s\"",
                       name->size < AC_IDENTIFIER_SIZE ? (int)name->size
                                                       : AC_IDENTIFIER_SIZE,
                       (const char *)name->data);
    }
    return AC_OK;
}

static enum ac_code read_address(const gnutls_datum_t *octets,
                                 struct ac_identifier *ret_identifier,
                                 struct ac_error *err)
{
    char text[INET6_ADDRSTRLEN];

    if (octets->size != 4 && octets->size != 16) {
        return ac_fail(err, AC_E_INVALID,
                       "the certificate has an iPAddress of %u octets", octets->size);
    }
    if (inet_ntop(octets->size == 4 ? AF_INET : AF_INET6, octets->data, text,
                  sizeof(text))
        == NULL) {
        return ac_fail(err, AC_E_INVALID,
                       "the certificate has an unreadable iPAddress");
    }
    return ac_identifier_parse(text, ret_identifier, err);
}

static enum ac_code add_name(unsigned int kind, const gnutls_datum_t *name,
                             struct ac_identifiers *identifiers, struct ac_error *err)
{
    struct ac_identifier identifier;

    if (kind == GNUTLS_SAN_DNSNAME) {
        AC_TRY(read_dns(name, &identifier, err));
    } else if (kind == GNUTLS_SAN_IPADDRESS) {
        AC_TRY(read_address(name, &identifier, err));
    } else {
        return fail_kind(kind, err);
    }
    if (identifiers->count == AC_IDENTIFIERS_MAX) {
        return ac_fail(err, AC_E_INVALID, "the certificate has more than %d names",
                       AC_IDENTIFIERS_MAX);
    }
    return ac_identifiers_add(identifiers, &identifier, err);
}

/* No extension gives no names. */
static int import_names(gnutls_x509_crt_t leaf, gnutls_subject_alt_names_t names)
{
    AC_AUTO(ac_datum) extension = { 0 };
    int status = gnutls_x509_crt_get_extension_by_oid2(leaf, OID_SUBJECT_ALT_NAME, 0,
                                                       &extension.value, NULL);

    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return GNUTLS_E_SUCCESS;
    if (status < 0)
        return status;
    return gnutls_x509_ext_import_subject_alt_names(&extension.value, names, 0);
}

enum ac_code ac_chain_identifiers(const struct ac_chain *chain,
                                  struct ac_identifiers *ret_identifiers,
                                  struct ac_error *err)
{
    AC_AUTO(gnutls_subject_alt_names_st) *names = NULL;
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    int status = gnutls_subject_alt_names_init(&names);

    if (status >= 0)
        status = import_names(chain->certificates[0], names);
    for (unsigned int i = 0; status >= 0; i++) {
        gnutls_datum_t name;
        unsigned int kind;

        status = gnutls_subject_alt_names_get(names, i, &kind, &name, NULL);
        if (status >= 0)
            AC_TRY(add_name(kind, &name, &identifiers, err));
    }
    if (status != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's names cannot be read");
    }

    *ret_identifiers = identifiers;
    identifiers = (struct ac_identifiers){ 0 };
    return AC_OK;
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
    AC_AUTO(gnutls_pubkey_st) *public_key = NULL;
    AC_AUTO(ac_text) theirs = { 0 };
    AC_AUTO(ac_text) ours = { 0 };
    int status = gnutls_pubkey_init(&public_key);

    if (status >= 0)
        status = gnutls_pubkey_import_x509(public_key, chain->certificates[0], 0);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's public key cannot be read");
    }
    AC_TRY(ac_key_public_der_of(public_key, &theirs, err));
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
