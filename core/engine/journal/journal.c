/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal.h"

#include "base/clock.h"
#include "crypto/base64url.h"
#include "crypto/csr.h"
#include "engine/held/aside.h"
#include "engine/journal/journal_parts.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT AC_JOURNAL_DOCUMENT
#define KEY      AC_JOURNAL_KEY

#define ELSEWHERE                                                                      \
    "key_is_elsewhere" /* in "order": the key cannot be kept beside it                 \
                        */

enum ac_code ac_journal_fail_damaged(const struct ac_journal *journal, const char *item,
                                     const char *why, struct ac_error *err)
{
    return ac_fail(err, AC_E_STORE,
                   "%s/" AC_STORE_CERTIFICATES "/%s/%s is damaged: %s; set it aside or "
                   "restore it from a backup",
                   ac_store_folder(journal->store), journal->name, item, why);
}

static enum ac_code remove_key(struct ac_journal *journal, struct ac_error *err)
{
    return ac_store_remove(journal->store, AC_STORE_CERTIFICATES, journal->name, KEY,
                           err);
}

static enum ac_code check_shape(const struct ac_journal *journal, struct ac_error *err)
{
    const struct ac_json *order = ac_json_get(journal->document, "order");
    const struct ac_json *presented = ac_json_get(journal->document, "presented");

    if (order && !ac_json_is_object(order)) {
        return ac_journal_fail_damaged(journal, DOCUMENT, "\"order\" is not an object",
                                       err);
    }
    if (presented && !ac_json_is_array(presented)) {
        return ac_journal_fail_damaged(journal, DOCUMENT,
                                       "\"presented\" is not an array", err);
    }
    return AC_OK;
}

/* An order that cannot be known any more must not be in the way of the next one. The
 * key that it had is kept with it. */
static enum ac_code load_document(struct ac_journal *journal, struct ac_error *err)
{
    bool was_damaged = false;
    enum ac_code code = ac_store_load(journal->store, AC_STORE_CERTIFICATES,
                                      journal->name, DOCUMENT, &journal->document, err);

    if (code == AC_E_STORE) {
        AC_TRY(ac_aside_make_way(journal->store, journal->name, DOCUMENT, &was_damaged,
                                 err));
        /* What could not be read for a moment only must not be taken for nothing. */
        code = ac_store_load(journal->store, AC_STORE_CERTIFICATES, journal->name,
                             DOCUMENT, &journal->document, err);
    }
    if (was_damaged)
        AC_TRY(ac_aside_take(journal->store, journal->name, KEY, err));
    if (code != AC_E_NOTFOUND)
        return code;
    return ac_json_new(&journal->document, err, "{}");
}

enum ac_code ac_journal_open(struct ac_store *store, const char *name,
                             struct ac_journal **ret_journal, struct ac_error *err)
{
    AC_AUTO(ac_journal) *journal = NULL;

    AC_TRY(ac_memory_new(1, sizeof *journal, &journal, err));
    journal->store = store;
    AC_TRY(ac_memory_copy_text(name, &journal->name, err));
    AC_TRY(load_document(journal, err));
    AC_TRY(check_shape(journal, err));
    /* Of an order that ended, or was about to begin, when its run was killed. */
    if (!ac_json_get(journal->document, "order")) {
        AC_TRY(remove_key(journal, err));
        AC_TRY(ac_journal_withdraw(journal, err));
    }
    *ret_journal = AC_TAKE(journal);
    return AC_OK;
}

void ac_journal_free(struct ac_journal *journal)
{
    if (!journal)
        return;
    free(journal->name);
    ac_json_free(journal->document);
    free(journal);
}

/* An empty journal is no file. */
static enum ac_code save_document(struct ac_journal *journal, struct ac_error *err)
{
    if (ac_json_get(journal->document, "order")
        || ac_journal_presented_count(journal) > 0) {
        AC_TRY(ac_store_save(journal->store, AC_STORE_CERTIFICATES, journal->name,
                             DOCUMENT, journal->document, err));
        journal->has_news = false;
        return AC_OK;
    }
    AC_TRY(ac_store_remove(journal->store, AC_STORE_CERTIFICATES, journal->name,
                           DOCUMENT, err));
    journal->has_news = false;
    return AC_OK;
}

/* The document first: an order must never be noted as if its key were still there. A
 * key without an order is of no harm, and removed with the next. A certificate without
 * files is no folder. */
static enum ac_code save_without_key(struct ac_journal *journal, struct ac_error *err)
{
    AC_TRY(save_document(journal, err));
    AC_TRY(remove_key(journal, err));
    return ac_store_forget_empty(journal->store, AC_STORE_CERTIFICATES, journal->name,
                                 err);
}

enum ac_code ac_journal_save(struct ac_journal *journal, struct ac_error *err)
{
    if (ac_json_get(journal->document, "order"))
        return save_document(journal, err);
    return save_without_key(journal, err);
}

enum ac_code ac_journal_flush(struct ac_journal *journal, struct ac_error *err)
{
    return journal->has_news ? ac_journal_save(journal, err) : AC_OK;
}

/* ---- the order */

static bool has_text(const struct ac_json *array, const char *text)
{
    for (size_t i = 0; i < ac_json_count(array); i++) {
        const char *one = ac_json_as_text(ac_json_at(array, i));

        if (one && strcmp(one, text) == 0)
            return true;
    }
    return false;
}

/* The wanted ones have no doubles, so that as many and all of them are the same set. */
static bool has_identifiers(const struct ac_json *order,
                            const struct ac_identifiers *identifiers)
{
    const struct ac_json *noted = ac_json_get(order, "identifiers");

    if (!ac_json_is_array(noted) || ac_json_count(noted) != identifiers->count)
        return false;
    for (size_t i = 0; i < identifiers->count; i++) {
        if (!has_text(noted, identifiers->items[i].value))
            return false;
    }
    return true;
}

static bool says(const struct ac_json *order, const char *member, const char *text)
{
    return strcmp(ac_json_text_or(order, member, ""), text) == 0;
}

const char *ac_journal_order_url(const struct ac_journal *journal,
                                 const struct ac_wanted *wanted, const char *key_tag,
                                 const char *account_url, int64_t utc)
{
    const struct ac_json *order = ac_json_get(journal->document, "order");
    int64_t expires = ac_json_number_or(order, "expires", 0);

    if (!order || (expires != 0 && expires <= utc))
        return NULL;
    if (!says(order, "account", account_url)
        || !says(order, "directory", wanted->directory_url)
        || !says(order, "key_type", key_tag)
        || !has_identifiers(order, &wanted->identifiers))
        return NULL;
    return ac_json_text_or(order, "url", NULL);
}

/* Of an order that is to be noted. */
static const char *wished_profile(const struct ac_wanted *wanted)
{
    if (wanted->required_profile)
        return wanted->required_profile;
    return wanted->profile ? wanted->profile : "";
}

enum ac_code ac_journal_begin(struct ac_journal *journal,
                              const struct ac_wanted *wanted, const char *key_tag,
                              const char *account_url, const struct ac_order *order,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *noted = NULL;
    AC_AUTO(ac_words) names = { 0 };
    char created[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_json_new(&noted, err, "{s:s, s:s, s:s, s:s, s:s}", "url", order->url,
                       "directory", wanted->directory_url, "account", account_url,
                       "key_type", key_tag, "created",
                       ac_clock_format(ac_clock_utc(), created)));
    AC_TRY(ac_json_set_number(noted, "expires", order->expires, err));
    AC_TRY(ac_json_set_text(noted, "profile", wished_profile(wanted), err));
    AC_TRY(ac_identifiers_words(&wanted->identifiers, &names, err));
    AC_TRY(ac_json_set_words(noted, "identifiers", &names, err));
    AC_TRY(ac_json_set(journal->document, "order", &noted, err));
    return save_without_key(journal, err);
}

/* The order as noted, without a CSR, on disk too: one of another key must not stay. */
static enum ac_code copy_order(struct ac_journal *journal, struct ac_json **ret_order,
                               struct ac_error *err)
{
    const struct ac_json *noted = ac_json_get(journal->document, "order");
    AC_AUTO(ac_json) *order = NULL;
    AC_AUTO(ac_json) *bare = NULL;

    if (!noted) {
        return ac_fail(err, AC_E_NOTFOUND, "no order is noted for certificate %s",
                       journal->name);
    }
    AC_TRY(ac_json_copy(noted, &order, err));
    if (ac_json_get(order, "csr")) {
        ac_json_unset(order, "csr");
        AC_TRY(ac_json_copy(order, &bare, err));
        AC_TRY(ac_json_set(journal->document, "order", &bare, err));
        AC_TRY(ac_journal_save(journal, err));
    }
    *ret_order = AC_TAKE(order);
    return AC_OK;
}

static enum ac_code create_key(struct ac_journal *journal, const struct ac_key *key,
                               struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };

    AC_TRY(ac_key_export(key, &pem, err));
    return ac_store_create_key(journal->store, AC_STORE_CERTIFICATES, journal->name,
                               KEY, &pem, err);
}

enum ac_code ac_journal_keep_key(struct ac_journal *journal, const struct ac_key *key,
                                 const struct ac_text *csr, struct ac_error *err)
{
    AC_AUTO(ac_json) *order = NULL;
    AC_AUTO_TEXT char *encoded = NULL;

    AC_TRY(ac_base64url_encode(csr->bytes, csr->size, &encoded, err));
    AC_TRY(copy_order(journal, &order, err));
    AC_TRY(ac_json_set_text(order, "csr", encoded, err));
    AC_TRY(ac_json_set_bool(order, ELSEWHERE, !ac_key_can_export(key), err));
    AC_TRY(remove_key(journal, err));
    if (ac_key_can_export(key))
        AC_TRY(create_key(journal, key, err));
    AC_TRY(ac_json_set(journal->document, "order", &order, err));
    return ac_journal_save(journal, err);
}

static enum ac_code fail_invalid(const struct ac_journal *journal, const char *item,
                                 const char *why, struct ac_error *err)
{
    (void)ac_journal_fail_damaged(journal, item, why, err);
    return err->code = AC_E_INVALID;
}

static enum ac_code parse_key(const struct ac_journal *journal, struct ac_key **ret_key,
                              struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    struct ac_error why = { 0 };

    AC_TRY(ac_store_load_key(journal->store, AC_STORE_CERTIFICATES, journal->name, KEY,
                             &pem, err));
    enum ac_code code = ac_key_parse(&pem, ret_key, &why);
    if (code == AC_E_INVALID)
        return fail_invalid(journal, KEY, why.detail, err);
    return code == AC_OK ? AC_OK : ac_fail(err, code, "%s", why.detail);
}

/* The private half is in a token, or with whoever made the request. */
static enum ac_code parse_request(const struct ac_journal *journal,
                                  const struct ac_text *der, struct ac_key **ret_key,
                                  struct ac_error *err)
{
    AC_AUTO(ac_csr) csr = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code = ac_csr_parse(der->bytes, der->size, &csr, &why);

    if (code == AC_E_INVALID)
        return fail_invalid(journal, DOCUMENT, why.detail, err);
    if (code != AC_OK)
        return ac_fail(err, code, "%s", why.detail);
    *ret_key = AC_TAKE(csr.key);
    return AC_OK;
}

enum ac_code ac_journal_load_key(const struct ac_journal *journal,
                                 struct ac_key **ret_key, struct ac_text *ret_csr,
                                 struct ac_error *err)
{
    const struct ac_json *order = ac_json_get(journal->document, "order");
    const char *encoded = ac_json_text_or(order, "csr", NULL);
    AC_AUTO(ac_text) csr = { 0 };
    struct ac_error why = { 0 };

    if (!encoded)
        return ac_fail(err, AC_E_NOTFOUND, "no CSR is noted for this order");
    enum ac_code code = ac_base64url_decode(encoded, strlen(encoded), &csr, &why);
    if (code == AC_E_INVALID)
        return fail_invalid(journal, DOCUMENT, why.detail, err);
    if (code != AC_OK)
        return ac_fail(err, code, "%s", why.detail);
    if (ac_json_bool_or(order, ELSEWHERE, false)) {
        AC_TRY(parse_request(journal, &csr, ret_key, err));
    } else {
        AC_TRY(parse_key(journal, ret_key, err));
    }
    *ret_csr = csr;
    csr = (struct ac_text){ 0 };
    return AC_OK;
}

enum ac_code ac_journal_end(struct ac_journal *journal, struct ac_error *err)
{
    ac_json_unset(journal->document, "order");
    journal->has_news = true; /* also when this fails */
    return save_without_key(journal, err);
}
