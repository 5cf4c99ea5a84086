/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/persistent.h"

#include "engine/journal/journal_parts.h"

#include <string.h>

#define DOCUMENT AC_PERSISTENT_DOCUMENT
#define RECORDS  "records"

static enum ac_code fail_damaged(const struct ac_store *store, const char *name,
                                 const char *why, struct ac_error *err)
{
    return ac_fail(err, AC_E_STORE,
                   "%s/" AC_STORE_CERTIFICATES "/%s/" DOCUMENT
                   " is damaged: %s; set it "
                   "aside, and look for _validation-persist records by hand",
                   ac_store_folder(store), name, why);
}

static enum ac_code load(const struct ac_store *store, const char *name,
                         struct ac_json **ret_document, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    enum ac_code code =
        ac_store_load(store, AC_STORE_CERTIFICATES, name, DOCUMENT, &document, err);
    if (code == AC_E_NOTFOUND)
        return ac_json_new(ret_document, err, "{s:[]}", RECORDS);
    AC_TRY(code);
    if (!ac_json_is_array(ac_json_get(document, RECORDS)))
        return fail_damaged(store, name, "\"" RECORDS "\" is not an array", err);
    *ret_document = AC_TAKE(document);
    return AC_OK;
}

static bool has_record(const struct ac_json *entry, const char *plugin,
                       const struct acmecore_challenge *challenge)
{
    const struct ac_json *noted = ac_json_get(entry, "challenges");

    if (strcmp(ac_json_text_or(entry, "plugin", ""), plugin) != 0)
        return false;
    for (size_t i = 0; i < ac_json_count(noted); i++) {
        const struct ac_json *one = ac_json_at(noted, i);

        if (strcmp(ac_json_text_or(one, "record_name", ""), challenge->record_name) == 0
            && strcmp(ac_json_text_or(one, "record_value", ""), challenge->record_value)
                   == 0)
            return true;
    }
    return false;
}

static bool is_noted(const struct ac_json *records, const char *plugin,
                     const struct acmecore_challenge *challenge)
{
    for (size_t i = 0; i < ac_json_count(records); i++) {
        if (has_record(ac_json_at(records, i), plugin, challenge))
            return true;
    }
    return false;
}

enum ac_code ac_persistent_note(struct ac_store *store, const char *name,
                                const struct ac_solver_spec *spec,
                                const struct ac_batch *batch, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *records = NULL;
    AC_AUTO(ac_json) *entry = NULL;
    AC_AUTO(ac_batch) added = { 0 };

    AC_TRY(load(store, name, &document, err));
    AC_TRY(ac_json_copy(ac_json_get(document, RECORDS), &records, err));
    for (size_t i = 0; i < batch->count; i++) {
        if (!is_noted(records, spec->plugin, &batch->items[i]))
            AC_TRY(ac_batch_add(&added, &batch->items[i], err));
    }
    if (added.count == 0)
        return AC_OK;
    AC_TRY(ac_journal_entry_to_json(spec, &added, &entry, err));
    AC_TRY(ac_json_append(records, &entry, err));
    AC_TRY(ac_json_set(document, RECORDS, &records, err));
    return ac_store_save(store, AC_STORE_CERTIFICATES, name, DOCUMENT, document, err);
}

/* One note, into the journal. */
static enum ac_code release(struct ac_journal *journal, const struct ac_json *entry,
                            struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    AC_TRY(ac_journal_entry_read(entry, &spec, &batch, err));
    return ac_journal_present(journal, &spec, &batch, err);
}

enum ac_code ac_persistent_release(struct ac_store *store, const char *name,
                                   struct ac_journal *journal, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(load(store, name, &document, err));
    const struct ac_json *records = ac_json_get(document, RECORDS);
    for (size_t i = 0; i < ac_json_count(records); i++) {
        struct ac_error why = { 0 };
        enum ac_code code = release(journal, ac_json_at(records, i), &why);

        if (code == AC_E_INVALID)
            return fail_damaged(store, name, why.detail, err);
        if (code != AC_OK)
            return ac_fail(err, code, "%s", why.detail);
    }
    if (ac_json_count(records) == 0)
        return AC_OK;
    AC_TRY(ac_journal_flush(journal, err));
    return ac_store_remove(store, AC_STORE_CERTIFICATES, name, DOCUMENT, err);
}
