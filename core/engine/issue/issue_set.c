/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "engine/held/version_files.h"
#include "engine/issue/part.h"
#include "engine/wanted/wanted_keys.h"

#include <stdlib.h>
#include <string.h>

/*
 * A certificate for each type of key, one order after the other: the second finds the
 * authorizations valid. What is issued is kept as a part until all are there; then one
 * version has them all, and `current` leads to it (DESIGN 3: never half a set).
 */

static bool is_set(const struct ac_issue *issue)
{
    return ac_wanted_key_count(&issue->here) > 1;
}

/* One of a key that was compromised since is none. */
static enum ac_code has_part(const struct ac_issue *issue, size_t index, bool *ret_has,
                             struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;
    struct ac_error why = { 0 };
    bool is_bad = false;
    enum ac_code code =
        ac_part_load(issue->settings.store, &issue->here, index, &chain, &key, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK)
        AC_TRY(ac_issue_is_compromised(issue, key, &is_bad, err));
    *ret_has = code == AC_OK && !is_bad;
    return AC_OK;
}

/* The first without a part, other than `except`; as many as there are: none. */
static enum ac_code find_missing(const struct ac_issue *issue, size_t except,
                                 size_t *ret_index, struct ac_error *err)
{
    size_t count = ac_wanted_key_count(&issue->here);
    size_t index = 0;

    for (; index < count; index++) {
        bool has = index == except;

        if (!has)
            AC_TRY(has_part(issue, index, &has, err));
        if (!has)
            break;
    }
    *ret_index = index;
    return AC_OK;
}

enum ac_code ac_issue_choose_key(struct ac_issue *issue, struct ac_error *err)
{
    size_t count = ac_wanted_key_count(&issue->here);

    if (!is_set(issue))
        return AC_OK;
    AC_TRY(find_missing(issue, count, &issue->key_index, err));
    if (issue->key_index == count) /* of a run that was killed at its end */
        issue->key_index = count - 1;
    return AC_OK;
}

enum ac_code ac_issue_begin_set(struct ac_issue *issue, struct ac_error *err)
{
    if (!is_set(issue) || !issue->settings.begins_anew || issue->has_part)
        return AC_OK;
    AC_TRY(ac_part_remove_all(issue->settings.store, issue->here.name, err));
    return ac_issue_choose_key(issue, err);
}

static enum ac_code read_renewal_id(const struct ac_issue *issue, char **ret_id,
                                    struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    char item[AC_VERSION_FILE_SIZE];

    ac_version_file_name(wanted, issue->key_index, "cert", "pem", item);
    AC_TRY(ac_version_load(issue->settings.store, wanted->name, item, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    return ac_chain_renewal_id(chain, ret_id, err);
}

enum ac_code ac_issue_find_renewal_id(const struct ac_issue *issue, char **ret_id,
                                      struct ac_error *err)
{
    struct ac_error why = { 0 };

    *ret_id = NULL;
    enum ac_code code = read_renewal_id(issue, ret_id, &why);
    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

/* ---- a new version */

/* An earlier run may have stored it, and failed after that. */
static enum ac_code is_version(const struct ac_issue *issue, unsigned number,
                               const struct ac_chain *chain, bool *ret_is_version,
                               struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO_TEXT char *item = NULL;
    struct ac_error why = { 0 };
    char file[AC_VERSION_FILE_SIZE];

    ac_version_file_name(wanted, issue->key_index, "cert", "pem", file);
    AC_TRY(ac_memory_format(&item, err, AC_STORE_VERSIONS "/%04u/%s", number, file));
    *ret_is_version = false;
    enum ac_code code = ac_store_read(issue->settings.store, AC_STORE_CERTIFICATES,
                                      wanted->name, item, &pem, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    *ret_is_version =
        code == AC_OK && strcmp(ac_text_get(&pem), ac_chain_leaf_pem(chain)) == 0;
    return AC_OK;
}

/* The current version and the newest, which a run that was killed may have left there
 * before `current` led to it; 0: there is none. */
static enum ac_code find_versions(const struct ac_issue *issue, unsigned *ret_current,
                                  unsigned *ret_newest, struct ac_error *err)
{
    const struct ac_store *store = issue->settings.store;
    unsigned *numbers = NULL;
    size_t count = 0;
    struct ac_error why = { 0 };

    *ret_current = 0;
    *ret_newest = 0;
    if (ac_version_current(store, issue->here.name, ret_current, &why) == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    enum ac_code code =
        ac_version_list(store, issue->here.name, &numbers, &count, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK && count > 0)
        *ret_newest = numbers[count - 1];
    free(numbers);
    return AC_OK;
}

/* *ret_number is the version that has it; 0: it is not stored yet. */
static enum ac_code find_stored(const struct ac_issue *issue,
                                const struct ac_chain *chain, unsigned *ret_current,
                                unsigned *ret_number, struct ac_error *err)
{
    unsigned newest;
    bool is_there;

    *ret_number = 0;
    AC_TRY(find_versions(issue, ret_current, &newest, err));
    AC_TRY(is_version(issue, *ret_current, chain, &is_there, err));
    if (is_there) {
        *ret_number = *ret_current;
        return AC_OK;
    }
    AC_TRY(is_version(issue, newest, chain, &is_there, err));
    if (is_there)
        *ret_number = newest;
    return AC_OK;
}

/* `now` is what this order gave; the others are parts. */
static enum ac_code add_one(const struct ac_issue *issue, size_t index,
                            const struct ac_chain *now, struct ac_version *version,
                            struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;

    if (index == issue->key_index)
        return ac_version_files_add(wanted, index, now, issue->key, version, err);
    AC_TRY(ac_part_load(issue->settings.store, wanted, index, &chain, &key, err));
    return ac_version_files_add(wanted, index, chain, key, version, err);
}

static enum ac_code add_version(struct ac_issue *issue, const struct ac_chain *chain,
                                struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    AC_AUTO(ac_version) version = { 0 };

    for (size_t i = 0; i < ac_wanted_key_count(wanted); i++)
        AC_TRY(add_one(issue, i, chain, &version, err));
    return ac_version_add(issue->settings.store, wanted->name, &version,
                          &issue->outcome.version, err);
}

enum ac_code ac_issue_is_current(const struct ac_issue *issue,
                                 const struct ac_chain *chain, bool *ret_is_current,
                                 struct ac_error *err)
{
    unsigned current;
    unsigned stored;

    AC_TRY(find_stored(issue, chain, &current, &stored, err));
    *ret_is_current = stored != 0 && stored == current;
    return AC_OK;
}

enum ac_code ac_issue_add_version(struct ac_issue *issue, const struct ac_chain *chain,
                                  struct ac_error *err)
{
    unsigned current;
    unsigned stored;

    AC_TRY(find_stored(issue, chain, &current, &stored, err));
    if (stored == 0)
        return add_version(issue, chain, err);
    if (stored != current) {
        AC_TRY(ac_version_switch(issue->settings.store, issue->here.name, stored, err));
    }
    issue->outcome.version = stored;
    return AC_OK;
}

enum ac_code ac_issue_end_set(struct ac_issue *issue, struct ac_error *err)
{
    if (!is_set(issue))
        return AC_OK;
    return ac_part_remove_all(issue->settings.store, issue->here.name, err);
}

/* ---- from one certificate of a set to the next */

static enum ac_code keep_part(struct ac_issue *issue, const struct ac_chain *chain,
                              struct ac_error *err)
{
    AC_TRY(ac_part_save(issue->settings.store, &issue->here, issue->key_index, chain,
                        issue->key, err));
    AC_TRY(ac_journal_end(issue->journal, err));
    issue->has_part = true;
    issue->next = AC_ISSUE_NEXT_ORDER; /* once all is cleaned up */
    return AC_OK;
}

enum ac_code ac_issue_keep_part(struct ac_issue *issue, const struct ac_chain *chain,
                                bool *ret_is_whole, struct ac_error *err)
{
    size_t missing;
    unsigned current;
    unsigned stored;

    *ret_is_whole = true;
    if (!is_set(issue))
        return AC_OK;
    AC_TRY(find_stored(issue, chain, &current, &stored, err));
    AC_TRY(find_missing(issue, issue->key_index, &missing, err));
    *ret_is_whole = stored != 0 || missing == ac_wanted_key_count(&issue->here);
    return *ret_is_whole ? AC_OK : keep_part(issue, chain, err);
}
