/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_keys.h"

#include "crypto/chain.h"
#include "engine/accounts/account_file.h"
#include "store/version.h"

#include <stdlib.h>
#include <string.h>

#define ORDER_KEY "order-key.pem"
#define CHAIN     "fullchain" /* fullchain.pem, fullchain-rsa-2048.pem */

static bool is_same(const struct ac_text *a, const struct ac_text *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* No such file: it is not the one. */
static enum ac_code compare_account(const struct ac_store *store, const char *folder,
                                    const char *item, const struct ac_text *public_der,
                                    bool *ret_is_same, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };

    *ret_is_same = false;
    enum ac_code code = ac_account_file_load_public(store, folder, item, &key, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    AC_TRY(ac_key_public_der(key, &der, err));
    *ret_is_same = is_same(&der, public_der);
    return AC_OK;
}

enum ac_code ac_account_keys_contain(const struct ac_store *store,
                                     const struct ac_text *public_der,
                                     char **ret_folder, struct ac_error *err)
{
    static const char *const items[] = { AC_ACCOUNT_KEY, AC_ACCOUNT_NEXT_KEY,
                                         AC_ACCOUNT_UNUSED_KEY };
    AC_AUTO(ac_words) folders = { 0 };

    *ret_folder = NULL;
    AC_TRY(ac_store_list(store, AC_STORE_ACCOUNTS, &folders, err));
    for (size_t i = 0; i < folders.count * AC_COUNT(items); i++) {
        const char *folder = folders.items[i / AC_COUNT(items)];
        bool is_it;

        AC_TRY(compare_account(store, folder, items[i % AC_COUNT(items)], public_der,
                               &is_it, err));
        if (is_it)
            return ac_memory_copy_text(folder, ret_folder, err);
    }
    return AC_OK;
}

/* ---- certificates */

/* Only want of memory is a failure: whatever else is wrong with it is told elsewhere.
 */
static enum ac_code pass_over(enum ac_code code, const struct ac_error *why,
                              struct ac_error *err)
{
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why->detail);
    return AC_OK;
}

static enum ac_code read_chain(const struct ac_store *store, const char *name,
                               const char *item, struct ac_text *ret_der,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;

    AC_TRY(ac_store_read(store, AC_STORE_CERTIFICATES, name, item, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    return ac_chain_public_der(chain, ret_der, err);
}

static enum ac_code read_order_key(const struct ac_store *store, const char *name,
                                   struct ac_text *ret_der, struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_store_load_key(store, AC_STORE_CERTIFICATES, name, ORDER_KEY, &pem, err));
    AC_TRY(ac_key_parse(&pem, &key, err));
    return ac_key_public_der(key, ret_der, err);
}

static enum ac_code compare_chain(const struct ac_store *store, const char *name,
                                  const char *item, const struct ac_text *public_der,
                                  bool *ret_is_same, struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code = read_chain(store, name, item, &der, &why);

    *ret_is_same = code == AC_OK && is_same(&der, public_der);
    return pass_over(code, &why, err);
}

/* Of a set there are several. */
static enum ac_code compare_version(const struct ac_store *store, const char *name,
                                    unsigned number, const struct ac_text *public_der,
                                    bool *ret_is_same, struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_words) files = { 0 };

    AC_TRY(ac_memory_format(&folder, err, AC_STORE_VERSIONS "/%04u", number));
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, folder, &path, err));
    AC_TRY(ac_file_list(path, &files, err));
    for (size_t i = 0; i < files.count && !*ret_is_same; i++) {
        AC_AUTO_TEXT char *item = NULL;

        if (strncmp(files.items[i], CHAIN, strlen(CHAIN)) != 0)
            continue;
        AC_TRY(ac_memory_format(&item, err, "%s/%s", folder, files.items[i]));
        AC_TRY(compare_chain(store, name, item, public_der, ret_is_same, err));
    }
    return AC_OK;
}

static enum ac_code compare_certificate(const struct ac_store *store, const char *name,
                                        const struct ac_text *public_der,
                                        bool *ret_is_same, struct ac_error *err)
{
    AC_AUTO(ac_text) order = { 0 };
    struct ac_error why = { 0 };
    unsigned *numbers = NULL;
    size_t count = 0;

    AC_TRY(pass_over(ac_version_list(store, name, &numbers, &count, &why), &why, err));
    enum ac_code code = AC_OK;
    for (size_t i = 0; i < count && code == AC_OK && !*ret_is_same; i++)
        code = compare_version(store, name, numbers[i], public_der, ret_is_same, err);
    free(numbers);
    AC_TRY(code);
    code = read_order_key(store, name, &order, &why);
    *ret_is_same = *ret_is_same || (code == AC_OK && is_same(&order, public_der));
    return pass_over(code, &why, err);
}

enum ac_code ac_certificate_keys_contain(const struct ac_store *store,
                                         const struct ac_text *public_der,
                                         char **ret_name, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    bool is_it = false;

    *ret_name = NULL;
    AC_TRY(ac_store_list(store, AC_STORE_CERTIFICATES, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        AC_TRY(compare_certificate(store, names.items[i], public_der, &is_it, err));
        if (is_it)
            return ac_memory_copy_text(names.items[i], ret_name, err);
    }
    return AC_OK;
}
