/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal.h"
#include "engine/journal/journal_parts.h"

#include <string.h>

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

    AC_TRY(copy_presented(journal, &array, err));
    AC_TRY(ac_journal_entry_to_json(spec, batch, &entry, err));
    AC_TRY(ac_json_append(array, &entry, err));
    AC_TRY(ac_json_set(journal->document, "presented", &array, err));
    journal->has_news = true;
    return AC_OK;
}

bool ac_journal_is_there(const struct ac_store *store, const char *name)
{
    return ac_store_has(store, AC_STORE_CERTIFICATES, name, AC_JOURNAL_DOCUMENT)
           || ac_store_has(store, AC_STORE_CERTIFICATES, name, AC_JOURNAL_KEY);
}

bool ac_journal_has_leftovers(const struct ac_store *store, const char *name)
{
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error ignored;
    enum ac_code code = ac_store_load(store, AC_STORE_CERTIFICATES, name,
                                      AC_JOURNAL_DOCUMENT, &document, &ignored);

    if (code != AC_OK && code != AC_E_NOTFOUND)
        return false;
    if (ac_json_count(ac_json_get(document, "presented")) > 0)
        return true;
    return !ac_json_get(document, "order")
           && ac_store_has(store, AC_STORE_CERTIFICATES, name, AC_JOURNAL_KEY);
}

size_t ac_journal_presented_count(const struct ac_journal *journal)
{
    return ac_json_count(ac_json_get(journal->document, "presented"));
}

enum ac_code ac_journal_entry_to_json(const struct ac_solver_spec *spec,
                                      const struct ac_batch *batch,
                                      struct ac_json **ret_entry, struct ac_error *err)
{
    AC_AUTO(ac_json) *entry = NULL;
    AC_AUTO(ac_json) *part = NULL;

    AC_TRY(ac_json_new(&entry, err, "{s:s, s:s}", "solver", spec->name, "plugin",
                       spec->plugin));
    AC_TRY(ac_section_to_json(&spec->section, &part, err));
    AC_TRY(ac_json_set(entry, "options", &part, err));
    AC_TRY(ac_batch_to_json(batch, &part, err));
    AC_TRY(ac_json_set(entry, "challenges", &part, err));
    *ret_entry = AC_TAKE(entry);
    return AC_OK;
}

enum ac_code ac_journal_entry_read(const struct ac_json *entry,
                                   struct ac_solver_spec *ret_spec,
                                   struct ac_batch *ret_batch, struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    const char *text;

    AC_TRY(ac_json_get_text(entry, "solver", &text, err));
    AC_TRY(ac_memory_copy_text(text, &spec.name, err));
    AC_TRY(ac_json_get_text(entry, "plugin", &text, err));
    AC_TRY(ac_memory_copy_text(text, &spec.plugin, err));
    AC_TRY(ac_section_from_json(ac_json_get(entry, "options"), AC_JOURNAL_DOCUMENT,
                                &spec.section, err));
    AC_TRY(ac_batch_from_json(ac_json_get(entry, "challenges"), ret_batch, err));
    *ret_spec = spec;
    spec = (struct ac_solver_spec){ 0 };
    return AC_OK;
}

enum ac_code ac_journal_presented(const struct ac_journal *journal, size_t index,
                                  struct ac_solver_spec *ret_spec,
                                  struct ac_batch *ret_batch, struct ac_error *err)
{
    const struct ac_json *entry =
        ac_json_at(ac_json_get(journal->document, "presented"), index);
    struct ac_error why = { 0 };

    enum ac_code code = ac_journal_entry_read(entry, ret_spec, ret_batch, &why);
    if (code == AC_E_INVALID)
        return ac_journal_fail_damaged(journal, AC_JOURNAL_DOCUMENT, why.detail, err);
    return code == AC_OK ? AC_OK : ac_fail(err, code, "%s", why.detail);
}

/* ---- what was cleaned up */

static enum ac_code add_shared(struct ac_json *array, const struct ac_json *entry,
                               struct ac_error *err)
{
    struct ac_json *kept = ac_json_share(entry);

    return ac_json_append(array, &kept, err);
}

/* Where a person finds what is left: the record, or the name and the token. */
static enum ac_code say_where(const struct acmecore_challenge *challenge,
                              const char *plugin, char **ret_text, struct ac_error *err)
{
    if (challenge->record_name) {
        return ac_memory_format(ret_text, err, "%s (%s, plugin %s)",
                                challenge->record_name, challenge->type, plugin);
    }
    return ac_memory_format(ret_text, err, "%s (%s, plugin %s, token %s)",
                            challenge->identifier, challenge->type, plugin,
                            challenge->token ? challenge->token : "");
}

static enum ac_code give_up(const struct ac_journal *journal, size_t index,
                            struct ac_words *given_up, struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    AC_TRY(ac_journal_presented(journal, index, &spec, &batch, err));
    for (size_t i = 0; i < batch.count; i++) {
        AC_AUTO_TEXT char *text = NULL;

        AC_TRY(say_where(&batch.items[i], spec.plugin, &text, err));
        AC_TRY(ac_words_add(given_up, text, err));
    }
    return AC_OK;
}

/* Adds what stays of one that is not clean: itself with one try more, or nothing. */
static enum ac_code keep_tried(const struct ac_journal *journal, size_t index,
                               struct ac_json *rest, struct ac_words *given_up,
                               struct ac_error *err)
{
    const struct ac_json *entry =
        ac_json_at(ac_json_get(journal->document, "presented"), index);
    int64_t tries = ac_json_number_or(entry, "tries", 0) + 1;
    AC_AUTO(ac_json) *tried = NULL;

    if (tries >= AC_JOURNAL_CLEANUP_RUNS)
        return give_up(journal, index, given_up, err);
    AC_TRY(ac_json_copy(entry, &tried, err));
    AC_TRY(ac_json_set_number(tried, "tries", tries, err));
    return ac_json_append(rest, &tried, err);
}

enum ac_code ac_journal_tried(struct ac_journal *journal, const bool *is_clean,
                              size_t count, struct ac_words *ret_given_up,
                              struct ac_error *err)
{
    const struct ac_json *noted = ac_json_get(journal->document, "presented");
    AC_AUTO(ac_words) given_up = { 0 };
    AC_AUTO(ac_json) *rest = NULL;

    if (count == 0)
        return AC_OK;
    AC_TRY(ac_json_new(&rest, err, "[]"));
    for (size_t i = 0; i < count; i++) {
        if (!is_clean[i])
            AC_TRY(keep_tried(journal, i, rest, &given_up, err));
    }
    for (size_t i = count; i < ac_json_count(noted); i++)
        AC_TRY(add_shared(rest, ac_json_at(noted, i), err));
    AC_TRY(ac_json_set(journal->document, "presented", &rest, err));
    AC_TRY(ac_journal_save(journal, err));
    *ret_given_up = given_up;
    given_up = (struct ac_words){ 0 };
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

        if (strcmp(ac_json_text_or(entry, "solver", ""), solver) != 0
            || ac_json_get(entry, "tries"))
            AC_TRY(add_shared(rest, entry, err));
    }
    if (ac_json_count(rest) == ac_json_count(noted))
        return AC_OK;
    AC_TRY(ac_json_set(journal->document, "presented", &rest, err));
    journal->has_news = true;
    return AC_OK;
}
