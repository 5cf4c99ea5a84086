/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_members.h"

#include "acme/persist.h"
#include "crypto/token.h"
#include "engine/accounts/account_file.h"
#include "engine/command/user_command.h"
#include "engine/issue/preflight.h"
#include "engine/issue/select.h"
#include "engine/issue/selfcheck.h"
#include "engine/issue/validity.h"
#include "engine/wanted/wanted_keys.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what each may be */

static enum ac_code check_selfcheck(const char *value, struct ac_error *err)
{
    enum ac_selfcheck_mode ignored;

    return ac_selfcheck_parse(value, &ignored, err);
}

static enum ac_code check_caa(const char *value, struct ac_error *err)
{
    enum ac_preflight_mode ignored;

    return ac_preflight_parse(value, &ignored, err);
}

static enum ac_code check_type(const char *value, struct ac_error *err)
{
    AC_AUTO(ac_text) known = { 0 };

    if (ac_select_is_known(value))
        return AC_OK;
    AC_TRY(ac_select_known_types(&known, err));
    return ac_fail(err, AC_E_USAGE, "\"%s\" is no challenge type; there are %s", value,
                   ac_text_get(&known));
}

static enum ac_code check_experimental(const char *value, struct ac_error *err)
{
    if (ac_select_is_experimental(value))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "nothing is experimental that has the name \"%s\"",
                   value);
}

static enum ac_code check_days(const char *value, struct ac_error *err)
{
    struct ac_error ignored = { 0 };
    int64_t days;

    if (ac_text_parse_number(value, 1, AC_PERSIST_DAYS_MAX, &days, &ignored) == AC_OK)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "\"%s\" is no number of days from 1 to %d, and not \"ever\"", value,
                   AC_PERSIST_DAYS_MAX);
}

/* What no directory can offer (acme/directory.c). */
static enum ac_code check_profile(const char *value, struct ac_error *err)
{
    for (const char *at = value; *at; at++) {
        if (*at < '!' || *at > '~')
            return ac_fail(err, AC_E_USAGE, "\"%s\" is no profile's name", value);
    }
    if (value[0] == '\0')
        return ac_fail(err, AC_E_USAGE, "the name of the profile is empty");
    return AC_OK;
}

static enum ac_code check_chain(const char *value, struct ac_error *err)
{
    if (value[0] == '\0') {
        return ac_fail(err, AC_E_USAGE,
                       "it is the name of an issuer, or the SHA-256 of a certificate "
                       "of the chain");
    }
    return AC_OK;
}

static enum ac_code check_key(const char *value, struct ac_error *err)
{
    return ac_token_is_url(value) ? ac_token_check_url(value, err) : AC_OK;
}

static enum ac_code check_ancestor(const char *value, struct ac_error *err)
{
    struct ac_identifier identifier;

    AC_TRY(ac_identifier_parse(value, &identifier, err));
    if (identifier.type == AC_IDENTIFIER_DNS && !ac_identifier_is_wildcard(&identifier)
        && strcmp(identifier.value, value) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "\"%s\" is no domain as it is written in a certificate (lower case, "
                   "no \"*.\")",
                   value);
}

#define AT(member) offsetof(struct ac_wanted, member)

const struct ac_wanted_member ac_wanted_members[] = {
    { "account", "account", AC_MEMBER_TEXT, AT(account), true, AC_ACCOUNT_DEFAULT,
      ac_account_file_check_name },
    { "ca-file", "ca_file", AC_MEMBER_PATH, AT(ca_file), true, NULL, NULL },
    { "insecure-http", "insecure_http", AC_MEMBER_FLAG, AT(can_use_plain_http), true,
      NULL, NULL },
    { "self-check", "self_check", AC_MEMBER_TEXT, AT(self_check), false, "warn",
      check_selfcheck },
    { "self-check-via", "self_check_via", AC_MEMBER_TEXT, AT(self_check_via), false,
      NULL, NULL },
    { "caa-check", "caa_check", AC_MEMBER_TEXT, AT(caa_check), false, "auto",
      check_caa },
    { "challenge", "challenges", AC_MEMBER_WORDS, AT(challenges), false, "any",
      check_type },
    { "experimental", "experimental", AC_MEMBER_WORDS, AT(experimental), false, NULL,
      check_experimental },
    { "persist-for", "persist_for", AC_MEMBER_TEXT, AT(persist_for), false, "ever",
      check_days },
    { "preauthorize", "preauthorize", AC_MEMBER_FLAG, AT(preauthorizes), false, NULL,
      NULL },
    { "ancestor-domain", "ancestor_domains", AC_MEMBER_WORDS, AT(ancestors), false,
      NULL, check_ancestor },
    { "not-before", "not_before", AC_MEMBER_TEXT, AT(not_before), false, NULL,
      ac_validity_check },
    { "not-after", "not_after", AC_MEMBER_TEXT, AT(not_after), false, NULL,
      ac_validity_check },
    { "profile", "profile", AC_MEMBER_TEXT, AT(profile), true, NULL, check_profile },
    { "required-profile", "required_profile", AC_MEMBER_TEXT, AT(required_profile),
      true, NULL, check_profile },
    { "preferred-chain", "preferred_chain", AC_MEMBER_TEXT, AT(preferred_chain), true,
      NULL, check_chain },
    { "key", "key", AC_MEMBER_KEY, AT(key), false, NULL, check_key },
    { "pin-file", "pin_file", AC_MEMBER_PATH, AT(pin_file), false, NULL, NULL },
    { "csr", "csr", AC_MEMBER_REQUEST, AT(csr), false, NULL, NULL },
    { "reuse-key", "reuse_key", AC_MEMBER_FLAG, AT(reuse_key), false, NULL, NULL },
    { "must-staple", "must_staple", AC_MEMBER_FLAG, AT(must_staple), false, NULL,
      NULL },
    { "pkcs12-password-file", "pkcs12_password_file", AC_MEMBER_PATH,
      AT(pkcs12_password_file), false, NULL, NULL },
    { "notify", "notify", AC_MEMBER_WORDS, AT(notify), false, NULL,
      ac_user_command_check_reference },
    { "pre-hook", "pre_hook", AC_MEMBER_WORDS, AT(pre_hooks), false, NULL,
      ac_user_command_check_reference },
    { "post-hook", "post_hook", AC_MEMBER_WORDS, AT(post_hooks), false, NULL,
      ac_user_command_check_reference },
    { "failure-hook", "failure_hook", AC_MEMBER_WORDS, AT(failure_hooks), false, NULL,
      ac_user_command_check_reference },
};
const size_t ac_wanted_member_count = AC_COUNT(ac_wanted_members);

const struct ac_wanted_member *ac_wanted_member_find(const char *name)
{
    for (size_t i = 0; i < ac_wanted_member_count; i++) {
        if (strcmp(ac_wanted_members[i].name, name) == 0)
            return &ac_wanted_members[i];
    }
    return NULL;
}

/* ---- taking a value */

static void *place_of(struct ac_wanted *wanted, const struct ac_wanted_member *member)
{
    return (char *)wanted + member->offset;
}

static const void *look_at(const struct ac_wanted *wanted,
                           const struct ac_wanted_member *member)
{
    return (const char *)wanted + member->offset;
}

static enum ac_code check(const struct ac_wanted_member *member, const char *value,
                          struct ac_error *err)
{
    return member->check ? member->check(value, err) : AC_OK;
}

static enum ac_code set_text(char **text, const char *value, struct ac_error *err)
{
    AC_AUTO_TEXT char *copy = NULL;

    AC_TRY(ac_memory_copy_text(value, &copy, err));
    free(*text);
    *text = AC_TAKE(copy);
    return AC_OK;
}

static enum ac_code set_path(char **path, const char *value, struct ac_error *err)
{
    AC_AUTO_TEXT char *whole = NULL;
    char here[PATH_MAX];

    if (value[0] == '/')
        return set_text(path, value, err);
    if (!getcwd(here, sizeof here)) {
        return ac_fail_errno(err, AC_E_USAGE, errno,
                             "\"%s\" is relative, and the folder we are in has no path",
                             value);
    }
    AC_TRY(ac_memory_format(&whole, err, "%s/%s", here, value));
    free(*path);
    *path = AC_TAKE(whole);
    return AC_OK;
}

static enum ac_code set_request(char **text, const char *path, struct ac_error *err)
{
    AC_AUTO_TEXT char *csr = NULL;

    AC_TRY(ac_wanted_read_request(path, &csr, err));
    free(*text);
    *text = AC_TAKE(csr);
    return AC_OK;
}

static enum ac_code set_flag(bool *flag, const char *value, struct ac_error *err)
{
    static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

    for (size_t i = 0; i < AC_COUNT(words); i++) {
        if (strcmp(words[i], value) != 0)
            continue;
        *flag = i % 2 == 1;
        return AC_OK;
    }
    return ac_fail(err, AC_E_USAGE, "\"%s\" is neither true nor false", value);
}

/* In the order given. */
static enum ac_code add_words(const struct ac_wanted_member *member,
                              struct ac_words *words, const char *list,
                              struct ac_error *err)
{
    for (;;) {
        size_t size = strcspn(list, ",");
        AC_AUTO_TEXT char *word = NULL;

        AC_TRY(ac_memory_copy_bytes(list, size, &word, err));
        AC_TRY(check(member, word, err));
        if (!ac_words_has(words, word))
            AC_TRY(ac_words_add(words, word, err));
        if (list[size] == '\0')
            return AC_OK;
        list += size + 1;
    }
}

void ac_wanted_member_clear(struct ac_wanted *wanted,
                            const struct ac_wanted_member *member)
{
    void *place = place_of(wanted, member);

    switch (member->kind) {
    case AC_MEMBER_TEXT:
    case AC_MEMBER_PATH:
    case AC_MEMBER_KEY:
    case AC_MEMBER_REQUEST:
        free(*(char **)place);
        *(char **)place = NULL;
        return;
    case AC_MEMBER_FLAG:
        *(bool *)place = false;
        return;
    case AC_MEMBER_WORDS:
        ac_words_done(place);
        return;
    }
}

/* In a list it is one only alone. */
static bool is_fallback(const struct ac_wanted *wanted,
                        const struct ac_wanted_member *member, const char *value)
{
    const void *place = look_at(wanted, member);

    if (!member->fallback || strcmp(value, member->fallback) != 0)
        return false;
    return member->kind != AC_MEMBER_WORDS
           || ((const struct ac_words *)place)->count == 0;
}

enum ac_code ac_wanted_member_set(struct ac_wanted *wanted,
                                  const struct ac_wanted_member *member,
                                  const char *value, struct ac_error *err)
{
    void *place = place_of(wanted, member);

    if (is_fallback(wanted, member, value)) {
        ac_wanted_member_clear(wanted, member);
        return AC_OK;
    }
    if (member->kind == AC_MEMBER_WORDS)
        return add_words(member, place, value, err);
    AC_TRY(check(member, value, err));
    switch (member->kind) {
    case AC_MEMBER_PATH:
        return set_path(place, value, err);
    case AC_MEMBER_KEY:
        return ac_token_is_url(value) ? set_text(place, value, err)
                                      : set_path(place, value, err);
    case AC_MEMBER_REQUEST:
        return set_request(place, value, err);
    case AC_MEMBER_FLAG:
        return set_flag(place, value, err);
    default:
        return set_text(place, value, err);
    }
}

enum ac_code ac_wanted_member_copy(struct ac_wanted *to, const struct ac_wanted *from,
                                   const struct ac_wanted_member *member,
                                   struct ac_error *err)
{
    const void *source = look_at(from, member);
    void *place = place_of(to, member);

    switch (member->kind) {
    case AC_MEMBER_TEXT:
    case AC_MEMBER_PATH:
    case AC_MEMBER_KEY:
    case AC_MEMBER_REQUEST: {
        const char *text = *(char *const *)source;
        return text ? set_text(place, text, err) : AC_OK;
    }
    case AC_MEMBER_FLAG:
        *(bool *)place = *(const bool *)source;
        return AC_OK;
    case AC_MEMBER_WORDS:
        return ac_words_copy(source, place, err);
    }
    return AC_OK;
}

enum ac_code ac_wanted_check(const struct ac_wanted *wanted, struct ac_error *err)
{
    for (size_t i = 0; i < wanted->challenges.count; i++) {
        const char *type = wanted->challenges.items[i];

        if (ac_select_is_experimental(type)
            && !ac_words_has(&wanted->experimental, type)) {
            return ac_fail(err, AC_E_USAGE,
                           "--challenge %s is experimental: it takes --experimental "
                           "%s, too",
                           type, type);
        }
    }
    return ac_wanted_check_keys(wanted, err);
}

/* ---- certificate.json */

static enum ac_code to_json(const struct ac_wanted *wanted,
                            const struct ac_wanted_member *member,
                            struct ac_json *document, struct ac_error *err)
{
    const void *place = look_at(wanted, member);

    switch (member->kind) {
    case AC_MEMBER_TEXT:
    case AC_MEMBER_PATH:
    case AC_MEMBER_KEY:
    case AC_MEMBER_REQUEST: {
        const char *text = *(char *const *)place;
        return text ? ac_json_set_text(document, member->json_name, text, err) : AC_OK;
    }
    case AC_MEMBER_FLAG:
        return *(const bool *)place
                   ? ac_json_set_bool(document, member->json_name, true, err)
                   : AC_OK;
    case AC_MEMBER_WORDS: {
        const struct ac_words *words = place;
        return words->count > 0
                   ? ac_json_set_words(document, member->json_name, words, err)
                   : AC_OK;
    }
    }
    return AC_OK;
}

static enum ac_code text_from_json(const struct ac_json *document, const char *name,
                                   char **text, struct ac_error *err)
{
    const char *value;

    AC_TRY(ac_json_get_text(document, name, &value, err));
    return set_text(text, value, err);
}

static enum ac_code from_json(struct ac_wanted *wanted,
                              const struct ac_wanted_member *member,
                              const struct ac_json *document, struct ac_error *err)
{
    void *place = place_of(wanted, member);

    if (!ac_json_get(document, member->json_name))
        return AC_OK;
    switch (member->kind) {
    case AC_MEMBER_TEXT:
    case AC_MEMBER_PATH:
    case AC_MEMBER_KEY:
    case AC_MEMBER_REQUEST:
        return text_from_json(document, member->json_name, place, err);
    case AC_MEMBER_FLAG:
        return ac_json_get_bool(document, member->json_name, place, err);
    case AC_MEMBER_WORDS:
        return ac_json_get_words(document, member->json_name, place, err);
    }
    return AC_OK;
}

enum ac_code ac_wanted_members_to_json(const struct ac_wanted *wanted,
                                       struct ac_json *document, struct ac_error *err)
{
    for (size_t i = 0; i < ac_wanted_member_count; i++)
        AC_TRY(to_json(wanted, &ac_wanted_members[i], document, err));
    return AC_OK;
}

enum ac_code ac_wanted_members_from_json(struct ac_wanted *wanted,
                                         const struct ac_json *document,
                                         struct ac_error *err)
{
    for (size_t i = 0; i < ac_wanted_member_count; i++)
        AC_TRY(from_json(wanted, &ac_wanted_members[i], document, err));
    return AC_OK;
}

void ac_wanted_members_done(struct ac_wanted *wanted)
{
    for (size_t i = 0; i < ac_wanted_member_count; i++)
        ac_wanted_member_clear(wanted, &ac_wanted_members[i]);
}
