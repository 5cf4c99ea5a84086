/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/part.h"

#include "base/clock.h"
#include "engine/wanted/wanted_keys.h"

#include <stdio.h>
#include <string.h>

#define ITEM_SIZE 64

static const char *item_of(enum ac_key_type type, const char *extension,
                           char item[ITEM_SIZE])
{
    (void)snprintf(item, ITEM_SIZE, "part-%s.%s", ac_key_type_name(type), extension);
    return item;
}

static enum ac_code remove_one(struct ac_store *store, const char *name,
                               enum ac_key_type type, struct ac_error *err)
{
    char item[ITEM_SIZE];

    /* The document first: without it the key is nothing. */
    AC_TRY(ac_store_remove(store, AC_STORE_CERTIFICATES, name,
                           item_of(type, "json", item), err));
    return ac_store_remove(store, AC_STORE_CERTIFICATES, name,
                           item_of(type, "pem", item), err);
}

static enum ac_code save_key(struct ac_store *store, const struct ac_wanted *wanted,
                             enum ac_key_type type, const struct ac_key *key,
                             struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    char item[ITEM_SIZE];

    AC_TRY(ac_key_export(key, &pem, err));
    return ac_store_create_key(store, AC_STORE_CERTIFICATES, wanted->name,
                               item_of(type, "pem", item), &pem, err);
}

enum ac_code ac_part_save(struct ac_store *store, const struct ac_wanted *wanted,
                          size_t index, const struct ac_chain *chain,
                          const struct ac_key *key, struct ac_error *err)
{
    enum ac_key_type type = ac_wanted_key_type_at(wanted, index);
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_text) tag = { 0 };
    char item[ITEM_SIZE];

    AC_TRY(ac_wanted_key_tag(wanted, index, &tag, err));
    AC_TRY(ac_json_new(&document, err, "{s:s, s:s, s:s}", "directory",
                       wanted->directory_url, "key_type", ac_text_get(&tag),
                       "fullchain", ac_chain_full_pem(chain)));
    AC_TRY(ac_json_set_number(document, "saved_at", ac_clock_utc(), err));
    AC_TRY(remove_one(store, wanted->name, type, err));
    AC_TRY(save_key(store, wanted, type, key, err));
    return ac_store_save(store, AC_STORE_CERTIFICATES, wanted->name,
                         item_of(type, "json", item), document, err);
}

/* Of the same wish, and of today? */
static enum ac_code fits(const struct ac_wanted *wanted, size_t index,
                         const struct ac_json *document, bool *ret_fits,
                         struct ac_error *err)
{
    int64_t age = ac_clock_utc() - ac_json_number_or(document, "saved_at", 0);
    AC_AUTO(ac_text) tag = { 0 };

    AC_TRY(ac_wanted_key_tag(wanted, index, &tag, err));
    *ret_fits =
        strcmp(ac_json_text_or(document, "key_type", ""), ac_text_get(&tag)) == 0
        && strcmp(ac_json_text_or(document, "directory", ""), wanted->directory_url)
               == 0
        && age >= -AC_CHAIN_CLOCK_SKEW_S && age < AC_PART_AGE_MAX_S;
    return AC_OK;
}

static enum ac_code read(const struct ac_store *store, const struct ac_wanted *wanted,
                         size_t index, struct ac_chain **ret_chain,
                         struct ac_key **ret_key, struct ac_error *err)
{
    enum ac_key_type type = ac_wanted_key_type_at(wanted, index);
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_secret) pem = { 0 };
    char item[ITEM_SIZE];
    const char *chain;
    bool is_ours;

    AC_TRY(ac_store_load(store, AC_STORE_CERTIFICATES, wanted->name,
                         item_of(type, "json", item), &document, err));
    AC_TRY(fits(wanted, index, document, &is_ours, err));
    if (!is_ours)
        return ac_fail(err, AC_E_NOTFOUND, "%s is of another wish", item);
    AC_TRY(ac_json_get_text(document, "fullchain", &chain, err));
    AC_TRY(ac_chain_parse(chain, strlen(chain), ret_chain, err));
    AC_TRY(ac_store_load_key(store, AC_STORE_CERTIFICATES, wanted->name,
                             item_of(type, "pem", item), &pem, err));
    AC_TRY(ac_key_parse(&pem, ret_key, err));
    return ac_chain_check(*ret_chain, *ret_key, &wanted->identifiers, ac_clock_utc(),
                          err);
}

enum ac_code ac_part_load(const struct ac_store *store, const struct ac_wanted *wanted,
                          size_t index, struct ac_chain **ret_chain,
                          struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = read(store, wanted, index, &chain, &key, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    /* One that cannot be read is issued again. */
    if (code != AC_OK)
        return ac_fail(err, AC_E_NOTFOUND, "%s", why.detail);
    *ret_chain = AC_TAKE(chain);
    *ret_key = AC_TAKE(key);
    return AC_OK;
}

enum ac_code ac_part_remove_all(struct ac_store *store, const char *name,
                                struct ac_error *err)
{
    for (int i = 0; i < AC_KEY_TYPE_COUNT; i++)
        AC_TRY(remove_one(store, name, (enum ac_key_type)i, err));
    return AC_OK;
}
