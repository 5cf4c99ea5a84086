/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkcs12.h"

#include "crypto/chain_parts.h"

#include <string.h>

#define ENCRYPTION  (GNUTLS_PKCS_PBES2_AES_256)
#define KEY_ID_SIZE 64
#define MAC_DIGEST  GNUTLS_MAC_SHA256

/* What belongs to one file. */
struct parts {
    const struct ac_chain *chain;
    const struct ac_key *key;
    const char *name;
    const char *password;          /* lent by its secret, which ends in NUL */
    unsigned char id[KEY_ID_SIZE]; /* says which certificate the key is of */
    size_t id_size;
};

/* The name and the id of what the bag has at this index. */
static int label(gnutls_pkcs12_bag_t bag, int index, const struct parts *parts)
{
    gnutls_datum_t id = { (unsigned char *)parts->id, (unsigned int)parts->id_size };
    int status =
        gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned int)index, parts->name);

    return status < 0 ? status
                      : gnutls_pkcs12_bag_set_key_id(bag, (unsigned int)index, &id);
}

static int add_certificates(gnutls_pkcs12_t file, const struct parts *parts)
{
    AC_AUTO(gnutls_pkcs12_bag_int) *bag = NULL;
    int status = gnutls_pkcs12_bag_init(&bag);

    for (size_t i = 0; status >= 0 && i < parts->chain->count; i++) {
        status = gnutls_pkcs12_bag_set_crt(bag, parts->chain->certificates[i]);
        if (status >= 0 && i == 0)
            status = label(bag, status, parts);
    }
    if (status >= 0)
        status = gnutls_pkcs12_bag_encrypt(bag, parts->password, ENCRYPTION);
    if (status >= 0)
        status = gnutls_pkcs12_set_bag(file, bag);
    return status;
}

/* RFC 7292 4.2.2: a shrouded key is encrypted by itself. */
static int shroud(const struct ac_key *key, const char *password,
                  struct ac_datum *ret_der)
{
    AC_AUTO(gnutls_x509_privkey_int) *plain = NULL;
    int status = gnutls_privkey_export_x509(key->private_key, &plain);

    if (status < 0)
        return status;
    return gnutls_x509_privkey_export2_pkcs8(plain, GNUTLS_X509_FMT_DER, password,
                                             ENCRYPTION, &ret_der->value);
}

static int add_key(gnutls_pkcs12_t file, const struct parts *parts)
{
    AC_AUTO(gnutls_pkcs12_bag_int) *bag = NULL;
    AC_AUTO(ac_datum) key = { 0 };
    int status = gnutls_pkcs12_bag_init(&bag);

    if (status >= 0)
        status = shroud(parts->key, parts->password, &key);
    if (status >= 0) {
        status =
            gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &key.value);
    }
    if (status >= 0)
        status = label(bag, status, parts);
    if (status >= 0)
        status = gnutls_pkcs12_set_bag(file, bag);
    return status;
}

static int write(const struct parts *parts, struct ac_datum *ret_der)
{
    AC_AUTO(gnutls_pkcs12_int) *file = NULL;
    int status = gnutls_pkcs12_init(&file);

    if (status >= 0)
        status = add_certificates(file, parts);
    if (status >= 0)
        status = add_key(file, parts);
    if (status >= 0)
        status = gnutls_pkcs12_generate_mac2(file, MAC_DIGEST, parts->password);
    if (status >= 0)
        status = gnutls_pkcs12_export2(file, GNUTLS_X509_FMT_DER, &ret_der->value);
    return status;
}

enum ac_code ac_pkcs12_new(const struct ac_chain *chain, const struct ac_key *key,
                           const char *name, const struct ac_secret *password,
                           struct ac_secret *ret_der, struct ac_error *err)
{
    AC_AUTO(ac_datum) der = { 0 };
    struct parts parts = {
        .chain = chain,
        .key = key,
        .name = name,
        .password = (const char *)password->bytes,
        .id_size = sizeof(parts.id),
    };
    int status;

    if (!ac_key_can_export(key)) {
        return ac_fail(err, AC_E_INVALID,
                       "a PKCS#12 file has the private key in it, which is not here");
    }
    if (password->size == 0 || strlen(parts.password) != password->size)
        return ac_fail(err, AC_E_INVALID, "the password is empty, or has a NUL in it");
    status =
        gnutls_x509_crt_get_key_id(chain->certificates[0], 0, parts.id, &parts.id_size);
    if (status >= 0)
        status = write(&parts, &der);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot make a PKCS#12 file");
    return ac_secret_copy(der.value.data, der.value.size, ret_der, err);
}
