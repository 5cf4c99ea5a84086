/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_further.h"

#include "engine/wanted/wanted_members.h"

#include <stdlib.h>
#include <string.h>

#define URLS     "further_directories" /* members of the document */
#define SETTINGS "further_settings"

/* ---- the list */

static enum ac_code add_own(struct ac_wanted *wanted, struct ac_wanted *own,
                            struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&wanted->further_own, &wanted->further_own_capacity,
                          wanted->further_own_count + 1, sizeof *wanted->further_own,
                          err));
    wanted->further_own[wanted->further_own_count++] = *own;
    *own = (struct ac_wanted){ 0 };
    return AC_OK;
}

enum ac_code ac_wanted_add_further(struct ac_wanted *wanted, const char *directory_url,
                                   struct ac_wanted *own, struct ac_error *err)
{
    AC_TRY(ac_words_add(&wanted->further, directory_url, err));
    return add_own(wanted, own, err);
}

static enum ac_code copy_own(struct ac_wanted *to, const struct ac_wanted *from,
                             struct ac_error *err)
{
    AC_AUTO(ac_wanted) own = { 0 };

    for (size_t i = 0; i < ac_wanted_member_count; i++)
        AC_TRY(ac_wanted_member_copy(&own, from, &ac_wanted_members[i], err));
    return add_own(to, &own, err);
}

enum ac_code ac_wanted_copy_further(struct ac_wanted *to, const struct ac_wanted *from,
                                    struct ac_error *err)
{
    AC_TRY(ac_words_copy(&from->further, &to->further, err));
    for (size_t i = 0; i < from->further_own_count; i++)
        AC_TRY(copy_own(to, &from->further_own[i], err));
    return AC_OK;
}

void ac_wanted_further_done(struct ac_wanted *wanted)
{
    for (size_t i = 0; i < wanted->further_own_count; i++) {
        free(wanted->further_own[i].directory_url);
        ac_wanted_members_done(&wanted->further_own[i]);
    }
    free(wanted->further_own);
    wanted->further_own = NULL;
    wanted->further_own_count = wanted->further_own_capacity = 0;
    ac_words_done(&wanted->further);
}

/* ---- one of them */

const struct ac_wanted *ac_wanted_at(const struct ac_wanted *wanted, size_t index)
{
    bool has_own = index > 0 && index <= wanted->further_own_count;

    return has_own ? &wanted->further_own[index - 1] : wanted;
}

const struct ac_wanted *ac_wanted_at_url(const struct ac_wanted *wanted,
                                         const char *directory_url)
{
    if (!wanted->directory_url || !directory_url)
        return NULL;
    if (strcmp(wanted->directory_url, directory_url) == 0)
        return wanted;
    for (size_t i = 0; i < wanted->further.count; i++) {
        if (strcmp(wanted->further.items[i], directory_url) == 0)
            return ac_wanted_at(wanted, i + 1);
    }
    return NULL;
}

void ac_wanted_lend(struct ac_wanted *copy, const struct ac_wanted *own)
{
    for (size_t i = 0; i < ac_wanted_member_count; i++) {
        const struct ac_wanted_member *member = &ac_wanted_members[i];
        size_t size = member->kind == AC_MEMBER_FLAG ? sizeof(bool) : sizeof(char *);

        if (member->is_of_ca) { /* none of these is a list */
            memcpy((char *)copy + member->offset, (const char *)own + member->offset,
                   size);
        }
    }
}

/* ---- certificate.json */

static enum ac_code settings_to_json(const struct ac_wanted *wanted,
                                     struct ac_json *document, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < wanted->further_own_count; i++) {
        AC_AUTO(ac_json) *own = NULL;

        AC_TRY(ac_json_new(&own, err, "{}"));
        AC_TRY(ac_wanted_members_to_json(&wanted->further_own[i], own, err));
        AC_TRY(ac_json_append(array, &own, err));
    }
    return ac_json_set(document, SETTINGS, &array, err);
}

enum ac_code ac_wanted_further_to_json(const struct ac_wanted *wanted,
                                       struct ac_json *document, struct ac_error *err)
{
    if (wanted->further.count == 0)
        return AC_OK;
    AC_TRY(ac_json_set_words(document, URLS, &wanted->further, err));
    return wanted->further_own_count > 0 ? settings_to_json(wanted, document, err)
                                         : AC_OK;
}

static enum ac_code settings_from_json(struct ac_wanted *wanted,
                                       const struct ac_json *document,
                                       struct ac_error *err)
{
    const struct ac_json *array;

    AC_TRY(ac_json_get_array(document, SETTINGS, &array, err));
    if (ac_json_count(array) != wanted->further.count) {
        return ac_fail(err, AC_E_INVALID,
                       "\"" SETTINGS "\" is not as long as \"" URLS "\"");
    }
    for (size_t i = 0; i < wanted->further.count; i++) {
        const struct ac_json *item = ac_json_at(array, i);
        AC_AUTO(ac_wanted) own = { 0 };

        if (!ac_json_is_object(item))
            return ac_fail(err, AC_E_INVALID, "\"" SETTINGS "\" has no objects");
        AC_TRY(ac_wanted_members_from_json(&own, item, err));
        AC_TRY(add_own(wanted, &own, err));
    }
    return AC_OK;
}

enum ac_code ac_wanted_further_from_json(struct ac_wanted *wanted,
                                         const struct ac_json *document,
                                         struct ac_error *err)
{
    if (ac_json_get(document, URLS))
        AC_TRY(ac_json_get_words(document, URLS, &wanted->further, err));
    if (wanted->further.count >= AC_WANTED_CAS_MAX)
        return ac_fail(err, AC_E_INVALID, "\"" URLS "\" has too many");
    return ac_json_get(document, SETTINGS) ? settings_from_json(wanted, document, err)
                                           : AC_OK;
}
