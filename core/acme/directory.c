/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/directory.h"

#include "acme/wire.h"

#include <stdlib.h>
#include <string.h>

#define PROFILES_MAX     100
#define PROFILE_NAME_MAX 200
#define CAA_MAX          100
#define GRAPHIC_FIRST    '!'
#define GRAPHIC_LAST     '~'

/* Where each member goes (9.7.5; renewalInfo: RFC 9773 3). */
static const struct {
    const char *name;
    size_t offset;
    bool is_needed;
} doors[] = {
    { "newNonce", offsetof(struct ac_directory, new_nonce), true },
    { "newAccount", offsetof(struct ac_directory, new_account), true },
    { "newOrder", offsetof(struct ac_directory, new_order), true },
    { "newAuthz", offsetof(struct ac_directory, new_authorization), false },
    { "revokeCert", offsetof(struct ac_directory, revoke_certificate), false },
    { "keyChange", offsetof(struct ac_directory, key_change), false },
    { "renewalInfo", offsetof(struct ac_directory, renewal_info), false },
};

static char **slot(struct ac_directory *directory, size_t offset)
{
    return (char **)(void *)((char *)directory + offset);
}

/* One that nobody needs and that is odd is as good as none. */
static enum ac_code read_door(const struct ac_json *json, const char *name,
                              char **ret_url, struct ac_error *err)
{
    const char *url = ac_json_text_or(json, name, NULL);

    return ac_wire_is_url(url) ? ac_memory_copy_text(url, ret_url, err) : AC_OK;
}

static enum ac_code read_doors(const struct ac_json *json,
                               struct ac_directory *directory, struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(doors); i++) {
        const char *name = doors[i].name;
        char **ret_url = slot(directory, doors[i].offset);
        AC_TRY(doors[i].is_needed ? ac_wire_url(json, "directory", name, ret_url, err)
                                  : read_door(json, name, ret_url, err));
    }
    return AC_OK;
}

/* A word that can be sent back or compared byte for byte. */
static bool is_graphic(const char *text)
{
    if (text == NULL || *text == '\0'
        || strnlen(text, PROFILE_NAME_MAX + 1) > PROFILE_NAME_MAX)
        return false;
    for (; *text; text++) {
        if (*text < GRAPHIC_FIRST || *text > GRAPHIC_LAST)
            return false;
    }
    return true;
}

static enum ac_code read_caa(const struct ac_json *meta, struct ac_words *words,
                             struct ac_error *err)
{
    const struct ac_json *array = ac_json_get(meta, "caaIdentities");

    for (size_t i = 0; i < ac_json_count(array) && i < CAA_MAX; i++) {
        const char *text = ac_json_as_text(ac_json_at(array, i));
        if (is_graphic(text))
            AC_TRY(ac_words_add(words, text, err));
    }
    return AC_OK;
}

static enum ac_code add_profile(const char *name, const struct ac_json *value,
                                struct ac_directory *directory, struct ac_error *err)
{
    AC_AUTO_TEXT char *description = NULL;
    const char *text = ac_json_as_text(value);

    if (!is_graphic(name))
        return AC_OK;
    AC_TRY(ac_wire_clean(text ? text : "", &description, err));
    AC_TRY(ac_words_add(&directory->profiles, name, err));
    return ac_words_add(&directory->profile_descriptions, description, err);
}

static enum ac_code read_profiles(const struct ac_json *meta,
                                  struct ac_directory *directory, struct ac_error *err)
{
    const struct ac_json *profiles = ac_json_get(meta, "profiles");
    size_t count = ac_json_is_object(profiles) ? ac_json_count(profiles) : 0;
    const char *name = NULL;

    for (size_t i = 0; i < count && i < PROFILES_MAX; i++) {
        const struct ac_json *value = ac_json_member(profiles, i, &name);
        AC_TRY(add_profile(name, value, directory, err));
    }
    return AC_OK;
}

static enum ac_code read_meta(const struct ac_json *meta,
                              struct ac_directory *directory, struct ac_error *err)
{
    directory->allows_subdomains = ac_json_bool_or(meta, "subdomainAuthAllowed", false);
    directory->needs_eab = ac_json_bool_or(meta, "externalAccountRequired", false);
    AC_TRY(ac_wire_clean_member(meta, "termsOfService", &directory->terms_of_service,
                                err));
    AC_TRY(ac_wire_clean_member(meta, "website", &directory->website, err));
    AC_TRY(read_caa(meta, &directory->caa_identities, err));
    return read_profiles(meta, directory, err);
}

static enum ac_code parse_object(const char *body, size_t size,
                                 struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    struct ac_error reason = { 0 };
    enum ac_code code = ac_json_parse(body, size, &json, &reason);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "no memory for a directory");
    if (code != AC_OK) {
        return ac_fail(err, AC_E_PROTOCOL, "this is no ACME directory: %s",
                       reason.detail);
    }
    if (!ac_json_is_object(json))
        return ac_fail(err, AC_E_PROTOCOL, "this is no ACME directory: no JSON object");
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_directory_parse(const char *url, const char *body, size_t size,
                                struct ac_directory **ret_directory,
                                struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_directory) *directory = NULL;

    AC_TRY(parse_object(body, size, &json, err));
    AC_TRY(ac_memory_new(1, sizeof(*directory), &directory, err));
    AC_TRY(ac_memory_copy_text(url, &directory->url, err));
    AC_TRY(read_doors(json, directory, err));
    AC_TRY(read_meta(ac_json_get(json, "meta"), directory, err));

    *ret_directory = AC_TAKE(directory);
    return AC_OK;
}

void ac_directory_free(struct ac_directory *directory)
{
    if (directory == NULL)
        return;
    for (size_t i = 0; i < AC_COUNT(doors); i++)
        free(*slot(directory, doors[i].offset));
    free(directory->url);
    free(directory->terms_of_service);
    free(directory->website);
    ac_words_done(&directory->caa_identities);
    ac_words_done(&directory->profiles);
    ac_words_done(&directory->profile_descriptions);
    free(directory);
}
