/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include "pkcs12.h"

static int check_key(const struct acmecore_host *host, enum settings_kind kind,
                     const struct acmecore_certificate *certificate);

int content_make(const struct acmecore_host *host, enum settings_kind kind,
                 const struct acmecore_certificate *certificate,
                 struct files_blob *ret_blob)
{
    const char *const first[SETTINGS_KINDS] = {
        [SETTINGS_KEY] = certificate->key_path,
        [SETTINGS_CERT] = certificate->cert_path,
        [SETTINGS_CHAIN] = certificate->chain_path,
        [SETTINGS_FULLCHAIN] = certificate->fullchain_path,
        [SETTINGS_COMBINED] = certificate->key_path,
        [SETTINGS_PKCS12] = certificate->key_path,
    };
    FILES_AUTO_BLOB key = { 0 };
    FILES_AUTO_BLOB chain = { 0 };
    int status = check_key(host, kind, certificate);

    if (status != ACMECORE_OK)
        return status;
    if (kind != SETTINGS_PKCS12) {
        status = files_blob_load(host, first[kind], ret_blob);
        if (status == ACMECORE_OK && kind == SETTINGS_COMBINED)
            status = files_blob_load(host, certificate->fullchain_path, ret_blob);
        return status;
    }
    status = files_blob_load(host, certificate->key_path, &key);
    if (status == ACMECORE_OK)
        status = files_blob_load(host, certificate->fullchain_path, &chain);
    if (status == ACMECORE_OK)
        status = pkcs12_make(host, certificate->name, &key, &chain, ret_blob);
    return status;
}

bool content_is_same(const struct acmecore_host *host, enum settings_kind kind,
                     const struct files_blob *there, const struct files_blob *fresh)
{
    return kind == SETTINGS_PKCS12 ? pkcs12_is_same(host, there, fresh)
                                   : files_blob_is(there, fresh);
}

static int check_key(const struct acmecore_host *host, enum settings_kind kind,
                     const struct acmecore_certificate *certificate)
{
    if (!settings_has_key(kind) || certificate->key_path)
        return ACMECORE_OK;
    return host->fail(
        host->ctx, ACMECORE_E_CONFIG,
        "option %s: the key of %s is in a token, which it does not leave: "
        "use cert, chain or fullchain",
        settings_name_of(kind), certificate->name);
}
