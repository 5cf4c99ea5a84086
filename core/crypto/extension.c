/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/extension.h"

#include <arpa/inet.h>
#include <string.h>

#define FEATURE_STATUS_REQUEST 5u /* RFC 7633 6, RFC 6066 8 */

static enum ac_code fail_kind(unsigned int kind, const char *subject,
                              struct ac_error *err)
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

    return ac_fail(err, AC_E_INVALID, "%s has a name of another kind: %s", subject,
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
static enum ac_code read_dns(const gnutls_datum_t *name, const char *subject,
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
                       "%s has a dNSName that is no DNS name: \"%.*s\"", subject,
                       name->size < AC_IDENTIFIER_SIZE ? (int)name->size
                                                       : AC_IDENTIFIER_SIZE,
                       (const char *)name->data);
    }
    return AC_OK;
}

static enum ac_code read_address(const gnutls_datum_t *octets, const char *subject,
                                 struct ac_identifier *ret_identifier,
                                 struct ac_error *err)
{
    char text[INET6_ADDRSTRLEN];

    if (octets->size != 4 && octets->size != 16) {
        return ac_fail(err, AC_E_INVALID, "%s has an iPAddress of %u octets", subject,
                       octets->size);
    }
    if (inet_ntop(octets->size == 4 ? AF_INET : AF_INET6, octets->data, text,
                  sizeof(text))
        == NULL) {
        return ac_fail(err, AC_E_INVALID, "%s has an unreadable iPAddress", subject);
    }
    return ac_identifier_parse(text, ret_identifier, err);
}

static enum ac_code add_name(unsigned int kind, const gnutls_datum_t *name,
                             const char *subject, struct ac_identifiers *identifiers,
                             struct ac_error *err)
{
    struct ac_identifier identifier;

    if (kind == GNUTLS_SAN_DNSNAME) {
        AC_TRY(read_dns(name, subject, &identifier, err));
    } else if (kind == GNUTLS_SAN_IPADDRESS) {
        AC_TRY(read_address(name, subject, &identifier, err));
    } else {
        return fail_kind(kind, subject, err);
    }
    if (identifiers->count == AC_IDENTIFIERS_MAX) {
        return ac_fail(err, AC_E_INVALID, "%s has more than %d names", subject,
                       AC_IDENTIFIERS_MAX);
    }
    return ac_identifiers_add(identifiers, &identifier, err);
}

enum ac_code ac_extension_names(const struct ac_datum *extension, const char *subject,
                                struct ac_identifiers *identifiers,
                                struct ac_error *err)
{
    AC_AUTO(gnutls_subject_alt_names_st) *names = NULL;
    int status = gnutls_subject_alt_names_init(&names);

    if (status >= 0)
        status = gnutls_x509_ext_import_subject_alt_names(&extension->value, names, 0);
    for (unsigned int i = 0; status >= 0; i++) {
        gnutls_datum_t name;
        unsigned int kind;

        status = gnutls_subject_alt_names_get(names, i, &kind, &name, NULL);
        if (status >= 0)
            AC_TRY(add_name(kind, &name, subject, identifiers, err));
    }
    if (status != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the names of %s cannot be read", subject);
    }
    return AC_OK;
}

bool ac_extension_must_staple(const struct ac_datum *extension)
{
    AC_AUTO(gnutls_x509_tlsfeatures_st) *features = NULL;
    unsigned int feature = 0;
    int status = gnutls_x509_tlsfeatures_init(&features);

    if (status >= 0)
        status = gnutls_x509_ext_import_tlsfeatures(&extension->value, features, 0);
    for (unsigned int i = 0; status >= 0 && feature != FEATURE_STATUS_REQUEST; i++)
        status = gnutls_x509_tlsfeatures_get(features, i, &feature);
    return status >= 0 && feature == FEATURE_STATUS_REQUEST;
}
