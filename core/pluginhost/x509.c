/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/x509.h"

#include "base/memory.h"
#include "pluginhost/library.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAMES_TOLD 5
#define NAME_SIZE  256
#define DIGEST     32

#define FUNCTIONS(X)                                                                   \
    X(init)                                                                            \
    X(deinit)                                                                          \
    X(import)                                                                          \
    X(get_fingerprint)                                                                 \
    X(get_subject_alt_name)                                                            \
    X(get_dn)                                                                          \
    X(get_issuer_dn)                                                                   \
    X(get_expiration_time)

struct table {
#define MEMBER(name) __typeof__ (&gnutls_x509_crt_##name)(name);
    FUNCTIONS(MEMBER)
#undef MEMBER
};

static const struct ac_library_entry entries[] = {
#define ENTRY(name) { "gnutls_x509_crt_" #name, offsetof(struct table, name) },
    FUNCTIONS(ENTRY)
#undef ENTRY
};

static const struct ac_library library = {
    .soname = "libgnutls.so.30",
    .purpose = "GnuTLS is needed to see what a server serves",
    .package = "libgnutls30 (Debian) or GnuTLS 3.7 or newer",
    .entries = entries,
    .count = AC_COUNT(entries),
};

static enum ac_code get_table(const struct table **ret_table, struct ac_error *err)
{
    static struct table table;
    static bool is_open;

    if (!is_open) {
        AC_TRY(ac_library_open(&library, &table, err));
        is_open = true; /* and stays so for the life of the process */
    }
    *ret_table = &table;
    return AC_OK;
}

/* A certificate, and what can be asked about it. */
struct reading {
    const struct table *gnutls;
    gnutls_x509_crt_t certificate;
};

static void reading_done(struct reading *reading)
{
    if (reading->certificate)
        reading->gnutls->deinit(reading->certificate);
}

static bool read_fingerprint(const struct reading *reading,
                             char fingerprint[AC_X509_FINGERPRINT_SIZE])
{
    unsigned char digest[DIGEST];
    size_t size = sizeof digest;

    if (reading->gnutls->get_fingerprint(reading->certificate, GNUTLS_DIG_SHA256,
                                         digest, &size)
            < 0
        || size != sizeof digest)
        return false;
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(fingerprint + 2 * i, 3, "%02x", digest[i]);
    return true;
}

/* An address is bytes. */
static bool format_name(int type, const char *bytes, size_t size, char name[NAME_SIZE])
{
    char text[INET6_ADDRSTRLEN];

    if (type == GNUTLS_SAN_IPADDRESS) {
        int family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;

        if ((family == AF_INET6 && size != sizeof(struct in6_addr))
            || !inet_ntop(family, bytes, text, sizeof text))
            return false;
        (void)snprintf(name, NAME_SIZE, "%s", text);
        return true;
    }
    if (type != GNUTLS_SAN_DNSNAME)
        return false;
    (void)ac_text_clean(name, NAME_SIZE, bytes, size);
    return true;
}

static void add_name(const char *name, char *names, size_t names_size)
{
    size_t used = strlen(names);

    (void)snprintf(names + used, names_size - used, "%s%s", used > 0 ? ", " : "", name);
}

static void read_names(const struct reading *reading, char *names, size_t names_size)
{
    for (unsigned i = 0; i < NAMES_TOLD; i++) {
        char bytes[NAME_SIZE];
        char name[NAME_SIZE];
        size_t size = sizeof bytes;
        int type = reading->gnutls->get_subject_alt_name(reading->certificate, i, bytes,
                                                         &size, NULL);

        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return;
        if (type >= 0 && format_name(type, bytes, size, name))
            add_name(name, names, names_size);
    }
}

/* Where it names none: its subject, as certificates of old have it. */
static void read_subject(const struct reading *reading, char *names, size_t names_size)
{
    char dn[NAME_SIZE];
    size_t size = sizeof dn;

    if (names[0] == '\0'
        && reading->gnutls->get_dn(reading->certificate, dn, &size) >= 0)
        (void)ac_text_clean(names, names_size, dn, strnlen(dn, sizeof dn));
}

static void read_issuer(const struct reading *reading, char *issuer, size_t issuer_size)
{
    char dn[NAME_SIZE];
    size_t size = sizeof dn;

    if (reading->gnutls->get_issuer_dn(reading->certificate, dn, &size) >= 0)
        (void)ac_text_clean(issuer, issuer_size, dn, strnlen(dn, sizeof dn));
}

enum ac_code ac_x509_read(const char *pem, struct ac_x509_facts *ret_facts,
                          struct ac_error *err)
{
    __attribute__((cleanup(reading_done))) struct reading reading = { 0 };
    struct ac_x509_facts facts = { 0 };
    size_t size = strnlen(pem, AC_X509_PEM_MAX + 1);
    const gnutls_datum_t datum = { (unsigned char *)pem, (unsigned)size };

    AC_TRY(get_table(&reading.gnutls, err));
    if (size > AC_X509_PEM_MAX) {
        return ac_fail(err, AC_E_INVALID, "the certificate is over %u bytes",
                       AC_X509_PEM_MAX);
    }
    if (reading.gnutls->init(&reading.certificate) < 0)
        return ac_fail(err, AC_E_NOMEM, "no memory for a certificate");
    if (reading.gnutls->import(reading.certificate, &datum, GNUTLS_X509_FMT_PEM) < 0
        || !read_fingerprint(&reading, facts.fingerprint))
        return ac_fail(err, AC_E_INVALID, "the certificate cannot be read");
    read_names(&reading, facts.names, sizeof facts.names);
    read_subject(&reading, facts.names, sizeof facts.names);
    read_issuer(&reading, facts.issuer, sizeof facts.issuer);
    facts.not_after = reading.gnutls->get_expiration_time(reading.certificate);
    *ret_facts = facts;
    return AC_OK;
}
