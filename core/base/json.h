/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed, strict access to JSON (RFC 8259) over Jansson. The only user of Jansson.
 *
 * A struct ac_json is a reference-counted value; the getters lend, `new` and `parse`
 * give something to free. Text in JSON is UTF-8 without NUL.
 */
#ifndef AC_BASE_JSON_H
#define AC_BASE_JSON_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct ac_json;

#define AC_JSON_DEPTH_MAX 64 /* nesting accepted from outside */

/* Memory that the values of one document may take: so much in any case, and so many
 * times its size. Texts take little more than they are long, but "{}," takes 75 times
 * its three bytes. */
#define AC_JSON_ROOM_MIN  (2u * 1024u * 1024u)
#define AC_JSON_ROOM_MANY 6

/*
 * Parses one document (any top-level type; nothing may follow it). Duplicate keys, NUL
 * in text, invalid UTF-8 and nesting deeper than AC_JSON_DEPTH_MAX are AC_E_INVALID,
 * and the detail says where; so are values that take more memory than AC_JSON_ROOM_*
 * allow. The caller bounds the size.
 */
AC_MUST enum ac_code ac_json_parse(const char *bytes, size_t size,
                                   struct ac_json **ret_json, struct ac_error *err);
void ac_json_free(struct ac_json *json);
AC_DEFINE_DROP(ac_json, ac_json_free)
/* One more owner of the same value. */
struct ac_json *ac_json_share(const struct ac_json *json);

/* ---- reading: every getter is AC_E_INVALID, naming the member, on a wrong type */

bool ac_json_is_object(const struct ac_json *json);
bool ac_json_is_array(const struct ac_json *json);
/* A text value's content, lent; NULL when it is no text. */
const char *ac_json_as_text(const struct ac_json *json);
/* Member of an object or NULL (absent, JSON null, or not an object). Lent. */
const struct ac_json *ac_json_get(const struct ac_json *object, const char *name);
/* Array length or object member count; 0 for other types. */
size_t ac_json_count(const struct ac_json *json);
const struct ac_json *ac_json_at(const struct ac_json *array, size_t index);
/*
 * Walks an object in the order its members were set: *ret_name and the value of member
 * `index`; NULL past the end. Each call counts from the first: for objects of hundreds.
 */
const struct ac_json *ac_json_member(const struct ac_json *object, size_t index,
                                     const char **ret_name);

/* Required members. *ret_text is lent by the object. */
AC_MUST enum ac_code ac_json_get_text(const struct ac_json *object, const char *name,
                                      const char **ret_text, struct ac_error *err);
AC_MUST enum ac_code ac_json_get_number(const struct ac_json *object, const char *name,
                                        int64_t *ret_number, struct ac_error *err);
AC_MUST enum ac_code ac_json_get_bool(const struct ac_json *object, const char *name,
                                      bool *ret_flag, struct ac_error *err);
AC_MUST enum ac_code ac_json_get_array(const struct ac_json *object, const char *name,
                                       const struct ac_json **ret_array,
                                       struct ac_error *err);
/* Optional members: absent, null or of another type gives the fallback. */
const char *ac_json_text_or(const struct ac_json *object, const char *name,
                            const char *fallback);
int64_t ac_json_number_or(const struct ac_json *object, const char *name,
                          int64_t fallback);
bool ac_json_bool_or(const struct ac_json *object, const char *name, bool fallback);
/* Appends an array of text (absent: none); AC_E_INVALID for another type inside. */
AC_MUST enum ac_code ac_json_get_words(const struct ac_json *object, const char *name,
                                       struct ac_words *words, struct ac_error *err);

/* ---- writing */

/*
 * Builds a value from a Jansson pack format: "{s:s, s:i, s:o?}". Type I is int64_t
 * (cast), b is int. An `o` argument is taken over also on failure; `O` shares it.
 */
AC_MUST enum ac_code ac_json_new(struct ac_json **ret_json, struct ac_error *err,
                                 const char *format, ...);
/* Sets a member of an object / appends to an array; *value is taken and nulled, also on
 * failure. */
AC_MUST enum ac_code ac_json_set(struct ac_json *object, const char *name,
                                 struct ac_json **value, struct ac_error *err);
AC_MUST enum ac_code ac_json_append(struct ac_json *array, struct ac_json **value,
                                    struct ac_error *err);
AC_MUST enum ac_code ac_json_set_text(struct ac_json *object, const char *name,
                                      const char *text, struct ac_error *err);
AC_MUST enum ac_code ac_json_set_number(struct ac_json *object, const char *name,
                                        int64_t number, struct ac_error *err);
AC_MUST enum ac_code ac_json_set_bool(struct ac_json *object, const char *name,
                                      bool value, struct ac_error *err);
AC_MUST enum ac_code ac_json_set_words(struct ac_json *object, const char *name,
                                       const struct ac_words *words,
                                       struct ac_error *err);
/* A moment as RFC 3339; none where it is not known (0) or never comes. */
AC_MUST enum ac_code ac_json_set_time(struct ac_json *object, const char *name,
                                      int64_t utc, struct ac_error *err);
/* Removes a member; absent is fine. */
void ac_json_unset(struct ac_json *object, const char *name);
AC_MUST enum ac_code ac_json_copy(const struct ac_json *json, struct ac_json **ret_copy,
                                  struct ac_error *err);
bool ac_json_is_equal(const struct ac_json *a, const struct ac_json *b);

/* Compact with sorted keys: the canonical form of RFC 7638. Free with free(). */
AC_MUST enum ac_code ac_json_write(const struct ac_json *json, char **ret_text,
                                   struct ac_error *err);
/* Indented, members in the order they were set, newline at the end. */
AC_MUST enum ac_code ac_json_write_pretty(const struct ac_json *json, char **ret_text,
                                          struct ac_error *err);

#endif
