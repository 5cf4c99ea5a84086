/* SPDX-License-Identifier: Apache-2.0 */
#include "host/message_install.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_SIZE 200 /* as the store has them */
#define NAME_ALPHABET                                                                  \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:@"
#define IDENTIFIER_MAX      255
#define IDENTIFIER_ALPHABET "abcdefghijklmnopqrstuvwxyz0123456789-_.:*"
#define FINGERPRINT_SIZE    64
#define TYPES_MAX           8 /* of keys, in a set */
#define TYPE_SIZE           32
#define TYPE_ALPHABET       "abcdefghijklmnopqrstuvwxyz0123456789-"
#define HEX                 "0123456789abcdef"

enum kind {
    KIND_NAME,
    KIND_PATH,
    KIND_MAYBE_PATH,
    KIND_FINGERPRINT
};

/* What each text may be: a plugin writes them into configurations and runs commands
 * with them. */
static const struct field {
    const char *name;
    enum kind kind;
    size_t offset;
} fields[] = {
    { "name", KIND_NAME, offsetof(struct acmecore_certificate, name) },
    { "fullchain_path", KIND_PATH,
      offsetof(struct acmecore_certificate, fullchain_path) },
    { "key_path", KIND_MAYBE_PATH, offsetof(struct acmecore_certificate, key_path) },
    { "cert_path", KIND_PATH, offsetof(struct acmecore_certificate, cert_path) },
    { "chain_path", KIND_PATH, offsetof(struct acmecore_certificate, chain_path) },
    { "folder_path", KIND_PATH, offsetof(struct acmecore_certificate, folder_path) },
    { "previous_path", KIND_MAYBE_PATH,
      offsetof(struct acmecore_certificate, previous_path) },
    { "fingerprint", KIND_FINGERPRINT,
      offsetof(struct acmecore_certificate, fingerprint) },
};

static const char *const no_types[] = { NULL };

static const char *get_field(const struct acmecore_certificate *certificate,
                             const struct field *field)
{
    const char *value = NULL;

    memcpy(&value, (const char *)certificate + field->offset, sizeof value);
    return value;
}

static void set_field(struct acmecore_certificate *certificate,
                      const struct field *field, const char *value)
{
    memcpy((char *)certificate + field->offset, &value, sizeof value);
}

static bool is_path(const char *text)
{
    size_t size = strnlen(text, AC_INSTALL_PATH_MAX + 1);

    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    }
    return text[0] == '/' && size <= AC_INSTALL_PATH_MAX;
}

static bool is_value(enum kind kind, const char *text)
{
    switch (kind) {
    case KIND_NAME:
        return ac_text_is_made_of(text, NAME_ALPHABET, 1, NAME_MAX_SIZE)
               && text[0] != '.';
    case KIND_FINGERPRINT:
        return ac_text_is_made_of(text, HEX, FINGERPRINT_SIZE, FINGERPRINT_SIZE);
    case KIND_PATH:
    case KIND_MAYBE_PATH:
        return is_path(text);
    }
    return false;
}

static enum ac_code check(const struct acmecore_certificate *certificate,
                          struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(fields); i++) {
        const char *value = get_field(certificate, &fields[i]);

        if (!value && fields[i].kind == KIND_MAYBE_PATH)
            continue;
        if (!value || !is_value(fields[i].kind, value)) {
            return ac_fail(err, AC_E_INVALID, "certificate has a bad %s",
                           fields[i].name);
        }
    }
    return AC_OK;
}

/* All arrays grow together; what moved is pointed to again. */
static enum ac_code make_room(struct ac_install_batch *batch, struct ac_error *err)
{
    size_t needed = batch->count + 1;

    if (needed > AC_MESSAGE_BATCH_MAX) {
        return ac_fail(err, AC_E_INVALID, "batch has over %d certificates",
                       AC_MESSAGE_BATCH_MAX);
    }
    AC_TRY(ac_memory_grow(&batch->texts, &batch->text_capacity, needed,
                          sizeof *batch->texts, err));
    AC_TRY(ac_memory_grow(&batch->identifiers, &batch->identifier_capacity, needed,
                          sizeof *batch->identifiers, err));
    AC_TRY(ac_memory_grow(&batch->other_types, &batch->type_capacity, needed,
                          sizeof *batch->other_types, err));
    AC_TRY(ac_memory_grow(&batch->pointers, &batch->pointer_capacity, needed,
                          sizeof(struct acmecore_certificate *), err));
    AC_TRY(ac_memory_grow(&batch->items, &batch->item_capacity, needed,
                          sizeof *batch->items, err));
    for (size_t i = 0; i < needed; i++)
        batch->pointers[i] = &batch->items[i];
    return AC_OK;
}

static enum ac_code copy_identifiers(const char *const *from, struct ac_words *to,
                                     struct ac_error *err)
{
    for (size_t i = 0; from[i]; i++) {
        if (to->count == AC_INSTALL_NAMES_MAX)
            return ac_fail(err, AC_E_INVALID, "over %d names", AC_INSTALL_NAMES_MAX);
        if (!ac_text_is_made_of(from[i], IDENTIFIER_ALPHABET, 1, IDENTIFIER_MAX))
            return ac_fail(err, AC_E_INVALID, "certificate has a bad name in it");
        AC_TRY(ac_words_add(to, from[i], err));
    }
    if (to->count == 0)
        return ac_fail(err, AC_E_INVALID, "certificate is for no name");
    return AC_OK;
}

static enum ac_code copy_types(const char *const *from, struct ac_words *to,
                               struct ac_error *err)
{
    for (size_t i = 0; from && from[i]; i++) {
        if (to->count == TYPES_MAX)
            return ac_fail(err, AC_E_INVALID, "over %d key types", TYPES_MAX);
        if (!ac_text_is_made_of(from[i], TYPE_ALPHABET, 1, TYPE_SIZE))
            return ac_fail(err, AC_E_INVALID, "certificate has a bad key type");
        AC_TRY(ac_words_add(to, from[i], err));
    }
    return AC_OK;
}

static enum ac_code fill(struct ac_install_batch *batch,
                         const struct acmecore_certificate *certificate,
                         struct ac_error *err)
{
    struct acmecore_certificate *copy = &batch->items[batch->count];
    struct ac_words *texts = &batch->texts[batch->count];
    struct ac_words *identifiers = &batch->identifiers[batch->count];
    struct ac_words *types = &batch->other_types[batch->count];

    *copy = (struct acmecore_certificate){ .struct_size = sizeof *copy,
                                           .not_after = certificate->not_after };
    AC_TRY(copy_identifiers(certificate->identifiers, identifiers, err));
    copy->identifiers = (const char *const *)identifiers->items;
    AC_TRY(copy_types(certificate->other_types, types, err));
    copy->other_types = types->count > 0 ? (const char *const *)types->items : no_types;
    for (size_t i = 0; i < AC_COUNT(fields); i++) {
        const char *value = get_field(certificate, &fields[i]);
        if (!value)
            continue;
        AC_TRY(ac_words_add(texts, value, err));
        set_field(copy, &fields[i], texts->items[texts->count - 1]);
    }
    return AC_OK;
}

enum ac_code ac_install_batch_add(struct ac_install_batch *batch,
                                  const struct acmecore_certificate *certificate,
                                  struct ac_error *err)
{
    AC_TRY(check(certificate, err));
    AC_TRY(make_room(batch, err));
    enum ac_code code = fill(batch, certificate, err);
    if (code != AC_OK) {
        ac_words_done(&batch->texts[batch->count]);
        ac_words_done(&batch->identifiers[batch->count]);
        ac_words_done(&batch->other_types[batch->count]);
        return code;
    }
    batch->count++;
    return AC_OK;
}

static enum ac_code certificate_to_json(const struct ac_install_batch *batch,
                                        size_t index, struct ac_json **ret_json,
                                        struct ac_error *err)
{
    const struct acmecore_certificate *certificate = &batch->items[index];
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:I}", "not_after", certificate->not_after));
    AC_TRY(ac_json_set_words(json, "identifiers", &batch->identifiers[index], err));
    AC_TRY(ac_json_set_words(json, "other_types", &batch->other_types[index], err));
    for (size_t i = 0; i < AC_COUNT(fields); i++) {
        const char *value = get_field(certificate, &fields[i]);
        if (value)
            AC_TRY(ac_json_set_text(json, fields[i].name, value, err));
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_install_batch_to_json(const struct ac_install_batch *batch,
                                      struct ac_json **ret_array, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < batch->count; i++) {
        AC_AUTO(ac_json) *json = NULL;
        AC_TRY(certificate_to_json(batch, i, &json, err));
        AC_TRY(ac_json_append(array, &json, err));
    }
    *ret_array = AC_TAKE(array);
    return AC_OK;
}

static enum ac_code certificate_from_json(const struct ac_json *json,
                                          struct ac_install_batch *batch,
                                          struct ac_error *err)
{
    struct acmecore_certificate certificate = { .struct_size = sizeof certificate };
    AC_AUTO(ac_words) identifiers = { 0 };
    AC_AUTO(ac_words) types = { 0 };

    AC_TRY(ac_json_get_number(json, "not_after", &certificate.not_after, err));
    AC_TRY(ac_json_get_words(json, "identifiers", &identifiers, err));
    if (identifiers.count == 0)
        return ac_fail(err, AC_E_INVALID, "certificate is for no name");
    certificate.identifiers = (const char *const *)identifiers.items;
    if (ac_json_get(json, "other_types"))
        AC_TRY(ac_json_get_words(json, "other_types", &types, err));
    certificate.other_types = (const char *const *)types.items;
    for (size_t i = 0; i < AC_COUNT(fields); i++) {
        const struct ac_json *member = ac_json_get(json, fields[i].name);
        const char *value = ac_json_as_text(member);
        if (member && !value) {
            return ac_fail(err, AC_E_INVALID, "%s of a certificate is no text",
                           fields[i].name);
        }
        set_field(&certificate, &fields[i], value);
    }
    return ac_install_batch_add(batch, &certificate, err);
}

enum ac_code ac_install_batch_from_json(const struct ac_json *array,
                                        struct ac_install_batch *ret_batch,
                                        struct ac_error *err)
{
    AC_AUTO(ac_install_batch) batch = { 0 };

    if (!ac_json_is_array(array))
        return ac_fail(err, AC_E_INVALID, "certificates are no JSON array");
    for (size_t i = 0; i < ac_json_count(array); i++)
        AC_TRY(certificate_from_json(ac_json_at(array, i), &batch, err));
    *ret_batch = batch;
    batch = (struct ac_install_batch){ 0 };
    return AC_OK;
}

void ac_install_batch_done(struct ac_install_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        ac_words_done(&batch->texts[i]);
        ac_words_done(&batch->identifiers[i]);
        ac_words_done(&batch->other_types[i]);
    }
    free(batch->items);
    /* const is about the certificates, not the array */
    free((void *)batch->pointers);
    free(batch->texts);
    free(batch->identifiers);
    free(batch->other_types);
    *batch = (struct ac_install_batch){ 0 };
}
