/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs12.h"

#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define OPTION       "pkcs12-password"
#define PASSWORD_MAX 1024
#define ENCRYPTION   GNUTLS_PKCS_PBES2_AES_256

/* What is asked for with the password, which exists only inside the sink. */
struct work {
    const struct acmecore_host *host;
    const char *name;
    const struct files_blob *one, *other;
    struct files_blob *made;
    bool is_same;
};

/* Key and certificates, of PEM or of PKCS #12. */
struct holder {
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t *chain;
    unsigned count;
};

#define AUTO_HOLDER __attribute__((cleanup(holder_drop))) struct holder

static int make(void *arg, const void *data, size_t size);
static int make_with(struct work *work, const char *password);
static int pack(const struct holder *holder, const char *name, const char *password,
                gnutls_datum_t *ret_out);
static int pack_key(const struct holder *holder, const char *password,
                    gnutls_datum_t *id, gnutls_pkcs12_t file);
static int pack_chain(const struct holder *holder, const char *name,
                      const gnutls_datum_t *id, gnutls_pkcs12_bag_t bag);
static int add_bag(gnutls_pkcs12_t file, gnutls_pkcs12_bag_t bag, const char *password);
static int compare(void *arg, const void *data, size_t size);
static int open_file(const struct files_blob *blob, const char *password,
                     struct holder *holder);
static bool is_same_holder(const struct holder *one, const struct holder *other);
static void holder_drop(struct holder *holder);
static gnutls_datum_t datum_of(const struct files_blob *blob);

int pkcs12_make(const struct acmecore_host *host, const char *name,
                const struct files_blob *key, const struct files_blob *chain,
                struct files_blob *ret_blob)
{
    struct work work = {
        .host = host, .name = name, .one = key, .other = chain, .made = ret_blob
    };
    int status = host->secret(host->ctx, OPTION, make, &work);

    if (status != ACMECORE_E_NOTFOUND)
        return status;
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option pkcs12 needs a password: set " OPTION
                      " to a file that has it");
}

bool pkcs12_is_same(const struct acmecore_host *host, const struct files_blob *one,
                    const struct files_blob *other)
{
    struct work work = { .host = host, .one = one, .other = other };

    return host->secret(host->ctx, OPTION, compare, &work) == ACMECORE_OK
           && work.is_same;
}

/* A file with a password ends with a newline that is not part of it. */
static bool copy_password(const void *data, size_t size, char password[PASSWORD_MAX])
{
    const char *bytes = data;

    while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\r'))
        size--;
    if (size == 0 || size >= PASSWORD_MAX || memchr(bytes, '\0', size))
        return false;
    memcpy(password, bytes, size);
    password[size] = '\0';
    return true;
}

static int make(void *arg, const void *data, size_t size)
{
    struct work *work = arg;
    const struct acmecore_host *host = work->host;
    char password[PASSWORD_MAX];
    int code = 0;

    if (!copy_password(data, size, password)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option " OPTION ": the password is not 1 to %d bytes",
                          PASSWORD_MAX - 1);
    }
    code = make_with(work, password);
    explicit_bzero(password, sizeof password);
    if (code == GNUTLS_E_SUCCESS)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                      "cannot make PKCS #12 of key and certificate of %s: %s",
                      work->name, gnutls_strerror(code));
}

static int make_with(struct work *work, const char *password)
{
    AUTO_HOLDER holder = { 0 };
    gnutls_datum_t key = datum_of(work->one);
    gnutls_datum_t chain = datum_of(work->other);
    gnutls_datum_t out = { 0 };
    int code = gnutls_x509_privkey_init(&holder.key);

    if (code == GNUTLS_E_SUCCESS) {
        code =
            gnutls_x509_privkey_import2(holder.key, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
    }
    if (code == GNUTLS_E_SUCCESS) {
        code = gnutls_x509_crt_list_import2(&holder.chain, &holder.count, &chain,
                                            GNUTLS_X509_FMT_PEM, 0);
    }
    if (code >= GNUTLS_E_SUCCESS)
        code = pack(&holder, work->name, password, &out);
    if (code == GNUTLS_E_SUCCESS && !files_blob_add(work->made, out.data, out.size))
        code = GNUTLS_E_MEMORY_ERROR;
    gnutls_free(out.data);
    return code;
}

static int pack(const struct holder *holder, const char *name, const char *password,
                gnutls_datum_t *ret_out)
{
    unsigned char id_bytes[20];
    gnutls_datum_t id = { id_bytes, sizeof id_bytes };
    gnutls_pkcs12_t file = NULL;
    gnutls_pkcs12_bag_t bag = NULL;
    size_t id_size = sizeof id_bytes;
    int code = gnutls_x509_crt_get_key_id(holder->chain[0], GNUTLS_KEYID_USE_SHA1,
                                          id_bytes, &id_size);

    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_init(&file);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_bag_init(&bag);
    if (code == GNUTLS_E_SUCCESS)
        code = pack_chain(holder, name, &id, bag);
    if (code == GNUTLS_E_SUCCESS)
        code = add_bag(file, bag, password);
    if (code == GNUTLS_E_SUCCESS)
        code = pack_key(holder, password, &id, file);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_generate_mac2(file, GNUTLS_MAC_SHA256, password);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_export2(file, GNUTLS_X509_FMT_DER, ret_out);
    if (bag)
        gnutls_pkcs12_bag_deinit(bag);
    if (file)
        gnutls_pkcs12_deinit(file);
    return code;
}

/* The leaf has the name, and the id that ties it to its key. */
static int pack_chain(const struct holder *holder, const char *name,
                      const gnutls_datum_t *id, gnutls_pkcs12_bag_t bag)
{
    int code = GNUTLS_E_SUCCESS;

    for (unsigned i = 0; code >= GNUTLS_E_SUCCESS && i < holder->count; i++) {
        int index = gnutls_pkcs12_bag_set_crt(bag, holder->chain[i]);

        code = index;
        if (i > 0 || index < 0)
            continue;
        code = gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned)index, name);
        if (code == GNUTLS_E_SUCCESS)
            code = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)index, id);
    }
    return code < 0 ? code : GNUTLS_E_SUCCESS;
}

static int pack_key(const struct holder *holder, const char *password,
                    gnutls_datum_t *id, gnutls_pkcs12_t file)
{
    gnutls_pkcs12_bag_t bag = NULL;
    gnutls_datum_t encrypted = { 0 };
    int code = gnutls_x509_privkey_export2_pkcs8(holder->key, GNUTLS_X509_FMT_DER,
                                                 password, ENCRYPTION, &encrypted);

    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_bag_init(&bag);
    if (code == GNUTLS_E_SUCCESS) {
        code =
            gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &encrypted);
    }
    if (code >= GNUTLS_E_SUCCESS) {
        unsigned index = (unsigned)code;

        code = gnutls_pkcs12_bag_set_key_id(bag, index, id);
    }
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_set_bag(file, bag);
    if (bag)
        gnutls_pkcs12_bag_deinit(bag);
    gnutls_free(encrypted.data);
    return code;
}

static int add_bag(gnutls_pkcs12_t file, gnutls_pkcs12_bag_t bag, const char *password)
{
    int code = gnutls_pkcs12_bag_encrypt(bag, password, ENCRYPTION);

    return code == GNUTLS_E_SUCCESS ? gnutls_pkcs12_set_bag(file, bag) : code;
}

static int compare(void *arg, const void *data, size_t size)
{
    struct work *work = arg;
    AUTO_HOLDER one = { 0 };
    AUTO_HOLDER other = { 0 };
    char password[PASSWORD_MAX];

    if (!copy_password(data, size, password))
        return ACMECORE_OK;
    work->is_same = open_file(work->one, password, &one) == GNUTLS_E_SUCCESS
                    && open_file(work->other, password, &other) == GNUTLS_E_SUCCESS
                    && is_same_holder(&one, &other);
    explicit_bzero(password, sizeof password);
    return ACMECORE_OK;
}

/* What is there was written by somebody, so nothing in it is believed. */
static int open_file(const struct files_blob *blob, const char *password,
                     struct holder *holder)
{
    gnutls_datum_t data = datum_of(blob);
    gnutls_pkcs12_t file = NULL;
    gnutls_x509_crt_t *extra = NULL;
    unsigned extra_count = 0;
    int code = gnutls_pkcs12_init(&file);

    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_import(file, &data, GNUTLS_X509_FMT_DER, 0);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pkcs12_verify_mac(file, password);
    if (code == GNUTLS_E_SUCCESS) {
        code = gnutls_pkcs12_simple_parse(file, password, &holder->key, &holder->chain,
                                          &holder->count, &extra, &extra_count, NULL,
                                          GNUTLS_PKCS12_SP_INCLUDE_SELF_SIGNED);
    }
    for (unsigned i = 0; i < extra_count; i++)
        gnutls_x509_crt_deinit(extra[i]);
    gnutls_free(extra);
    if (file)
        gnutls_pkcs12_deinit(file);
    return extra_count > 0 ? GNUTLS_E_PARSING_ERROR : code;
}

static bool is_same_holder(const struct holder *one, const struct holder *other)
{
    unsigned char ids[2][64];
    size_t sizes[2] = { sizeof ids[0], sizeof ids[1] };

    if (!one->key || !other->key || one->count != other->count
        || gnutls_x509_privkey_get_key_id(one->key, GNUTLS_KEYID_USE_SHA256, ids[0],
                                          &sizes[0])
               != 0
        || gnutls_x509_privkey_get_key_id(other->key, GNUTLS_KEYID_USE_SHA256, ids[1],
                                          &sizes[1])
               != 0
        || sizes[0] != sizes[1] || memcmp(ids[0], ids[1], sizes[0]) != 0)
        return false;
    for (unsigned i = 0; i < one->count; i++) {
        if (!gnutls_x509_crt_equals(one->chain[i], other->chain[i]))
            return false;
    }
    return true;
}

static void holder_drop(struct holder *holder)
{
    for (unsigned i = 0; i < holder->count; i++)
        gnutls_x509_crt_deinit(holder->chain[i]);
    gnutls_free(holder->chain);
    if (holder->key)
        gnutls_x509_privkey_deinit(holder->key);
}

static gnutls_datum_t datum_of(const struct files_blob *blob)
{
    return (gnutls_datum_t){ (unsigned char *)blob->bytes, (unsigned)blob->size };
}
