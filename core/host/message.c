/* SPDX-License-Identifier: Apache-2.0 */
#include "host/message.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_MAX       32
#define IDENTIFIER_MAX 255 /* a DNS name, or an address */
#define VALUE_MAX      1024
#define DIGITS         "0123456789"
#define LOWER          "abcdefghijklmnopqrstuvwxyz"

enum presence {
    REQUIRED,
    OPTIONAL,
    WITH_TOKEN /* absent where the type has no token */
};

/* What each field may be made of: a plugin builds paths and records from them. */
static const struct field {
    const char *name;
    size_t offset;
    const char *alphabet; /* NULL: any printable ASCII */
    size_t maximum;
    enum presence presence;
} fields[] = {
    { "type", offsetof(struct acmecore_challenge, type), LOWER DIGITS "-", TYPE_MAX,
      REQUIRED },
    { "identifier", offsetof(struct acmecore_challenge, identifier),
      LOWER DIGITS "-_.:", IDENTIFIER_MAX, REQUIRED },
    { "token", offsetof(struct acmecore_challenge, token), AC_ALPHABET_BASE64URL,
      AC_MESSAGE_TOKEN_MAX, WITH_TOKEN },
    { "key_authorization", offsetof(struct acmecore_challenge, key_authorization),
      AC_ALPHABET_BASE64URL ".", AC_MESSAGE_KEY_AUTH_MAX, WITH_TOKEN },
    { "record_name", offsetof(struct acmecore_challenge, record_name),
      LOWER DIGITS "-_.", IDENTIFIER_MAX, OPTIONAL },
    { "record_value", offsetof(struct acmecore_challenge, record_value), NULL,
      VALUE_MAX, OPTIONAL },
    { "record_zone", offsetof(struct acmecore_challenge, record_zone),
      LOWER DIGITS "-_.", IDENTIFIER_MAX, OPTIONAL },
};

static const char *get_field(const struct acmecore_challenge *challenge,
                             const struct field *field)
{
    const char *value = NULL;

    memcpy(&value, (const char *)challenge + field->offset, sizeof value);
    return value;
}

static void set_field(struct acmecore_challenge *challenge, const struct field *field,
                      const char *value)
{
    memcpy((char *)challenge + field->offset, &value, sizeof value);
}

static bool is_printable(const char *text, size_t maximum)
{
    size_t size = strnlen(text, maximum + 1);

    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return size > 0 && size <= maximum;
}

/* The one type that is proven by a record alone. */
static bool has_token(const struct acmecore_challenge *challenge)
{
    return !challenge->type || strcmp(challenge->type, "dns-persist-01") != 0;
}

static enum ac_code check_field(const struct field *field,
                                const struct acmecore_challenge *challenge,
                                struct ac_error *err)
{
    const char *value = get_field(challenge, field);

    bool is_optional = field->presence == OPTIONAL
                       || (field->presence == WITH_TOKEN && !has_token(challenge));

    if (!value && is_optional)
        return AC_OK;
    if (!value)
        return ac_fail(err, AC_E_INVALID, "challenge has no %s", field->name);
    if (field->alphabet ? ac_text_is_made_of(value, field->alphabet, 1, field->maximum)
                        : is_printable(value, field->maximum))
        return AC_OK;
    return ac_fail(err, AC_E_INVALID, "challenge has a bad %s", field->name);
}

static enum ac_code make_room(struct ac_batch *batch, struct ac_error *err)
{
    if (batch->count >= AC_MESSAGE_BATCH_MAX) {
        return ac_fail(err, AC_E_INVALID, "batch has over %d challenges",
                       AC_MESSAGE_BATCH_MAX);
    }
    AC_TRY(ac_memory_grow(&batch->items, &batch->item_capacity, batch->count + 1,
                          sizeof *batch->items, err));
    /* The items may have moved. */
    for (size_t i = 0; i < batch->count; i++)
        batch->pointers[i] = &batch->items[i];
    return ac_memory_grow(&batch->pointers, &batch->pointer_capacity, batch->count + 1,
                          sizeof(struct acmecore_challenge *), err);
}

enum ac_code ac_batch_add(struct ac_batch *batch,
                          const struct acmecore_challenge *challenge,
                          struct ac_error *err)
{
    struct acmecore_challenge copy = { .struct_size = sizeof copy };

    for (size_t i = 0; i < AC_COUNT(fields); i++)
        AC_TRY(check_field(&fields[i], challenge, err));
    AC_TRY(make_room(batch, err));
    for (size_t i = 0; i < AC_COUNT(fields); i++) {
        const char *value = get_field(challenge, &fields[i]);
        if (!value)
            continue;
        AC_TRY(ac_words_add(&batch->text, value, err));
        set_field(&copy, &fields[i], batch->text.items[batch->text.count - 1]);
    }
    batch->items[batch->count] = copy;
    batch->pointers[batch->count] = &batch->items[batch->count];
    batch->count++;
    return AC_OK;
}

static enum ac_code challenge_to_json(const struct acmecore_challenge *challenge,
                                      struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{}"));
    for (size_t i = 0; i < AC_COUNT(fields); i++) {
        const char *value = get_field(challenge, &fields[i]);
        if (value)
            AC_TRY(ac_json_set_text(json, fields[i].name, value, err));
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_batch_to_json(const struct ac_batch *batch, struct ac_json **ret_array,
                              struct ac_error *err)
{
    return ac_batch_part_to_json(batch, 0, batch->count, ret_array, err);
}

enum ac_code ac_batch_part_to_json(const struct ac_batch *batch, size_t first,
                                   size_t count, struct ac_json **ret_array,
                                   struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = first; i < first + count; i++) {
        AC_AUTO(ac_json) *json = NULL;
        AC_TRY(challenge_to_json(&batch->items[i], &json, err));
        AC_TRY(ac_json_append(array, &json, err));
    }
    *ret_array = AC_TAKE(array);
    return AC_OK;
}

static enum ac_code challenge_from_json(const struct ac_json *json,
                                        struct ac_batch *batch, struct ac_error *err)
{
    struct acmecore_challenge challenge = { .struct_size = sizeof challenge };

    if (!ac_json_is_object(json))
        return ac_fail(err, AC_E_INVALID, "challenge is no JSON object");
    for (size_t i = 0; i < AC_COUNT(fields); i++) {
        const struct ac_json *member = ac_json_get(json, fields[i].name);
        const char *value = ac_json_as_text(member);
        if (member && !value) {
            return ac_fail(err, AC_E_INVALID, "%s of a challenge is no text",
                           fields[i].name);
        }
        set_field(&challenge, &fields[i], value);
    }
    return ac_batch_add(batch, &challenge, err);
}

enum ac_code ac_batch_from_json(const struct ac_json *array, struct ac_batch *ret_batch,
                                struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };

    if (!ac_json_is_array(array))
        return ac_fail(err, AC_E_INVALID, "challenges are no JSON array");
    for (size_t i = 0; i < ac_json_count(array); i++)
        AC_TRY(challenge_from_json(ac_json_at(array, i), &batch, err));
    *ret_batch = batch;
    batch = (struct ac_batch){ 0 };
    return AC_OK;
}

void ac_batch_done(struct ac_batch *batch)
{
    free(batch->items);
    /* const is about the challenges, not the array */
    free((void *)batch->pointers);
    ac_words_done(&batch->text);
    *batch = (struct ac_batch){ 0 };
}
