/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal.h"

#include "base/clock.h"
#include "crypto/base64url.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT "order.json"
#define KEY      "order-key.pem"

struct ac_journal {
    struct ac_store *store; /* borrowed */
    char *name;
    struct ac_json *document; /* {"order": {…}, "presented": [{…}]}; both may be absent */
};

enum ac_code ac_journal_open(struct ac_store *store, const char *name,
                             struct ac_journal **ret_journal, struct ac_error *err)
{
    AC_AUTO(ac_journal) *journal = NULL;

    AC_TRY(ac_memory_new(1, sizeof *journal, (void *)&journal, err));
    journal->store = store;
    AC_TRY(ac_memory_copy_text(name, &journal->name, err));
    enum ac_code code = ac_store_load(store, AC_STORE_CERTIFICATES, name, DOCUMENT,
                                      &journal->document, err);
    if (code != AC_OK && code != AC_E_NOTFOUND)
        return code;
    if (code == AC_E_NOTFOUND)
        AC_TRY(ac_json_new(&journal->document, err, "{}"));
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

static enum ac_code remove_key(struct ac_journal *journal, struct ac_error *err)
{
    return ac_store_remove(journal->store, AC_STORE_CERTIFICATES, journal->name, KEY, err);
}

/* An empty journal is no file, and a certificate without files is no folder. */
static enum ac_code save(struct ac_journal *journal, struct ac_error *err)
{
    if (ac_json_get(journal->document, "order")
        || ac_journal_presented_count(journal) > 0)
        return ac_store_save(journal->store, AC_STORE_CERTIFICATES, journal->name,
                             DOCUMENT, journal->document, err);
    AC_TRY(ac_store_remove(journal->store, AC_STORE_CERTIFICATES, journal->name, DOCUMENT,
                           err));
    return ac_store_forget_empty(journal->store, AC_STORE_CERTIFICATES, journal->name,
                                 err);
}

/* ---- the order */

static bool has_identifiers(const struct ac_json *order,
                            const struct ac_identifiers *identifiers)
{
    AC_AUTO(ac_words) noted = { 0 };
    AC_AUTO(ac_words) wanted = { 0 };
    struct ac_error ignored;

    return ac_json_get_words(order, "identifiers", &noted, &ignored) == AC_OK
           && ac_identifiers_words(identifiers, &wanted, &ignored) == AC_OK
           && ac_words_is_same_set(&noted, &wanted);
}

const char *ac_journal_order_url(const struct ac_journal *journal,
                                 const struct ac_wanted *wanted, const char *account_url,
                                 int64_t utc)
{
    const struct ac_json *order = ac_json_get(journal->document, "order");
    int64_t expires = ac_json_number_or(order, "expires", 0);

    if (!order || strcmp(ac_json_text_or(order, "account", ""), account_url) != 0
        || strcmp(ac_json_text_or(order, "directory", ""), wanted->directory_url) != 0
        || strcmp(ac_json_text_or(order, "key_type", ""),
                  ac_key_type_name(wanted->key_type))
               != 0
        || !has_identifiers(order, &wanted->identifiers) || (expires && expires <= utc))
        return NULL;
    return ac_json_text_or(order, "url", NULL);
}

enum ac_code ac_journal_begin(struct ac_journal *journal, const struct ac_wanted *wanted,
                              const char *account_url, const struct ac_order *order,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *noted = NULL;
    AC_AUTO(ac_words) names = { 0 };
    char created[AC_CLOCK_TEXT_SIZE];

    AC_TRY(remove_key(journal, err));
    AC_TRY(ac_json_new(&noted, err, "{s:s, s:s, s:s, s:s, s:s}", "url", order->url,
                       "directory", wanted->directory_url, "account", account_url,
                       "key_type", ac_key_type_name(wanted->key_type), "created",
                       ac_clock_format(ac_clock_utc(), created)));
    AC_TRY(ac_json_set_number(noted, "expires", order->expires, err));
    AC_TRY(ac_identifiers_words(&wanted->identifiers, &names, err));
    AC_TRY(ac_json_set_words(noted, "identifiers", &names, err));
    AC_TRY(ac_json_set(journal->document, "order", &noted, err));
    return save(journal, err);
}

enum ac_code ac_journal_keep_key(struct ac_journal *journal, const struct ac_key *key,
                                 const struct ac_text *csr, struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_json) *order = NULL;
    AC_AUTO_TEXT char *encoded = NULL;

    AC_TRY(ac_key_export(key, &pem, err));
    AC_TRY(ac_base64url_encode(csr->bytes, csr->size, &encoded, err));
    AC_TRY(ac_json_copy(ac_json_get(journal->document, "order"), &order, err));
    AC_TRY(ac_json_set_text(order, "csr", encoded, err));
    AC_TRY(remove_key(journal, err));
    AC_TRY(ac_store_create_key(journal->store, AC_STORE_CERTIFICATES, journal->name, KEY,
                               &pem, err));
    AC_TRY(ac_json_set(journal->document, "order", &order, err));
    return save(journal, err);
}

enum ac_code ac_journal_load_key(const struct ac_journal *journal,
                                 struct ac_key **ret_key, struct ac_text *ret_csr,
                                 struct ac_error *err)
{
    const char *csr =
        ac_json_text_or(ac_json_get(journal->document, "order"), "csr", NULL);
    AC_AUTO(ac_secret) pem = { 0 };

    if (!csr)
        return ac_fail(err, AC_E_NOTFOUND, "no CSR is noted for this order");
    AC_TRY(ac_store_load_key(journal->store, AC_STORE_CERTIFICATES, journal->name, KEY,
                             &pem, err));
    AC_TRY(ac_base64url_decode(csr, strlen(csr), ret_csr, err));
    return ac_key_parse(&pem, ret_key, err);
}

enum ac_code ac_journal_end(struct ac_journal *journal, struct ac_error *err)
{
    ac_json_unset(journal->document, "order");
    AC_TRY(remove_key(journal, err));
    return save(journal, err);
}

/* ---- presented challenges */

/* A copy of the noted batches that may be changed and put back. */
static enum ac_code copy_presented(const struct ac_journal *journal,
                                   struct ac_json **ret_array, struct ac_error *err)
{
    const struct ac_json *noted = ac_json_get(journal->document, "presented");

    if (noted)
        return ac_json_copy(noted, ret_array, err);
    return ac_json_new(ret_array, err, "[]");
}

enum ac_code ac_journal_present(struct ac_journal *journal,
                                const struct ac_solver_spec *spec,
                                const struct ac_batch *batch, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;
    AC_AUTO(ac_json) *entry = NULL;
    AC_AUTO(ac_json) *part = NULL;

    AC_TRY(copy_presented(journal, &array, err));
    AC_TRY(ac_json_new(&entry, err, "{s:s, s:s}", "solver", spec->name, "plugin",
                       spec->plugin));
    AC_TRY(ac_section_to_json(&spec->section, &part, err));
    AC_TRY(ac_json_set(entry, "options", &part, err));
    AC_TRY(ac_batch_to_json(batch, &part, err));
    AC_TRY(ac_json_set(entry, "challenges", &part, err));
    AC_TRY(ac_json_append(array, &entry, err));
    AC_TRY(ac_json_set(journal->document, "presented", &array, err));
    return save(journal, err);
}

bool ac_journal_has_presented(const struct ac_store *store, const char *name)
{
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error ignored;

    return ac_store_load(store, AC_STORE_CERTIFICATES, name, DOCUMENT, &document,
                         &ignored)
               == AC_OK
           && ac_json_count(ac_json_get(document, "presented")) > 0;
}

size_t ac_journal_presented_count(const struct ac_journal *journal)
{
    return ac_json_count(ac_json_get(journal->document, "presented"));
}

enum ac_code ac_journal_presented(const struct ac_journal *journal, size_t index,
                                  struct ac_solver_spec *ret_spec,
                                  struct ac_batch *ret_batch, struct ac_error *err)
{
    const struct ac_json *entry =
        ac_json_at(ac_json_get(journal->document, "presented"), index);
    AC_AUTO(ac_solver_spec) spec = { 0 };
    const char *text;

    AC_TRY(ac_json_get_text(entry, "solver", &text, err));
    AC_TRY(ac_memory_copy_text(text, &spec.name, err));
    AC_TRY(ac_json_get_text(entry, "plugin", &text, err));
    AC_TRY(ac_memory_copy_text(text, &spec.plugin, err));
    AC_TRY(ac_section_from_json(ac_json_get(entry, "options"), DOCUMENT, &spec.section,
                                err));
    AC_TRY(ac_batch_from_json(ac_json_get(entry, "challenges"), ret_batch, err));
    *ret_spec = spec;
    spec = (struct ac_solver_spec){ 0 };
    return AC_OK;
}

enum ac_code ac_journal_cleaned(struct ac_journal *journal, const char *solver,
                                struct ac_error *err)
{
    const struct ac_json *noted = ac_json_get(journal->document, "presented");
    AC_AUTO(ac_json) *rest = NULL;

    AC_TRY(ac_json_new(&rest, err, "[]"));
    for (size_t i = 0; i < ac_json_count(noted); i++) {
        const struct ac_json *entry = ac_json_at(noted, i);

        if (strcmp(ac_json_text_or(entry, "solver", ""), solver) == 0)
            continue;
        struct ac_json *kept = ac_json_share(entry);
        AC_TRY(ac_json_append(rest, &kept, err));
    }
    AC_TRY(ac_json_set(journal->document, "presented", &rest, err));
    return save(journal, err);
}
