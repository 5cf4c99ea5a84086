/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/version_files.h"

#include "crypto/pkcs12.h"
#include "engine/wanted/wanted_keys.h"

#include <stdio.h>
#include <string.h>

char *ac_version_file_name(const struct ac_wanted *wanted, size_t index,
                           const char *stem, const char *extension,
                           char buffer[AC_VERSION_FILE_SIZE])
{
    (void)snprintf(
        buffer, AC_VERSION_FILE_SIZE, "%s%s%s.%s", stem, index > 0 ? "-" : "",
        index > 0 ? ac_key_type_name(ac_wanted_key_type_at(wanted, index)) : "",
        extension);
    return buffer;
}

/* What is being put together, and of which certificate. */
struct target {
    const struct ac_wanted *wanted;
    size_t index;
    struct ac_version *version;
};

static enum ac_code put_secret(const struct target *target, const char *stem,
                               const char *extension, const struct ac_secret *secret,
                               struct ac_error *err)
{
    char name[AC_VERSION_FILE_SIZE];

    ac_version_file_name(target->wanted, target->index, stem, extension, name);
    return ac_version_put(target->version, name, true, secret->bytes, secret->size,
                          err);
}

static enum ac_code put_text(const struct target *target, const char *stem,
                             const char *extension, const char *text,
                             struct ac_error *err)
{
    char name[AC_VERSION_FILE_SIZE];

    ac_version_file_name(target->wanted, target->index, stem, extension, name);
    return ac_version_put(target->version, name, false, text, strlen(text), err);
}

static enum ac_code put_request(const struct target *target, struct ac_error *err)
{
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(ac_text) pem = { 0 };

    AC_TRY(ac_wanted_request(target->wanted, &csr, err));
    AC_TRY(ac_csr_pem(&csr.der, &pem, err));
    return put_text(target, "request", "pem", ac_text_get(&pem), err);
}

static enum ac_code put_key(const struct target *target, const struct ac_key *key,
                            struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_text) url = { 0 };

    if (target->wanted->csr)
        return put_request(target, err);
    if (ac_key_can_export(key)) {
        AC_TRY(ac_key_export(key, &pem, err));
        return put_secret(target, "privkey", "pem", &pem, err);
    }
    AC_TRY(ac_text_addf(&url, err, "%s\n", target->wanted->key));
    return put_text(target, "privkey", "url", ac_text_get(&url), err);
}

static enum ac_code put_pkcs12(const struct target *target,
                               const struct ac_chain *chain, const struct ac_key *key,
                               struct ac_error *err)
{
    const char *path = target->wanted->pkcs12_password_file;
    AC_AUTO(ac_secret) password = { 0 };
    AC_AUTO(ac_secret) der = { 0 };

    if (!path)
        return AC_OK;
    AC_TRY(ac_file_read_password(path, "--pkcs12-password-file", &password, err));
    AC_TRY(ac_pkcs12_new(chain, key, target->wanted->name, &password, &der, err));
    return put_secret(target, "certificate", "p12", &der, err);
}

enum ac_code ac_version_files_add(const struct ac_wanted *wanted, size_t index,
                                  const struct ac_chain *chain,
                                  const struct ac_key *key, struct ac_version *version,
                                  struct ac_error *err)
{
    struct target target = { wanted, index, version };

    AC_TRY(put_key(&target, key, err));
    AC_TRY(put_text(&target, "cert", "pem", ac_chain_leaf_pem(chain), err));
    AC_TRY(put_text(&target, "chain", "pem", ac_chain_rest_pem(chain), err));
    AC_TRY(put_text(&target, "fullchain", "pem", ac_chain_full_pem(chain), err));
    return put_pkcs12(&target, chain, key, err);
}
