/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of a CA's JSON objects, checked: URLs, identifiers, dates, texts to show.
 * For acme only. `what` is the object ("order"), for messages.
 */
#ifndef AC_ACME_WIRE_H
#define AC_ACME_WIRE_H

#include "base/identifier.h"
#include "base/json.h"

#define AC_WIRE_URL_MAX  2048
#define AC_WIRE_TEXT_MAX 2048 /* of one text to show; the rest is cut */

/* http or https, a host, at most AC_WIRE_URL_MAX printable ASCII octets without spaces.
 */
bool ac_wire_is_url(const char *text);

/* A required URL. AC_E_PROTOCOL names the member. Free with free(). */
AC_MUST enum ac_code ac_wire_url(const struct ac_json *object, const char *what,
                                 const char *name, char **ret_url,
                                 struct ac_error *err);
/* The same, where absent gives NULL. */
AC_MUST enum ac_code ac_wire_url_or_null(const struct ac_json *object, const char *what,
                                         const char *name, char **ret_url,
                                         struct ac_error *err);
/* An array of at most `limit` URLs, doubles dropped; absent: none. */
AC_MUST enum ac_code ac_wire_urls(const struct ac_json *object, const char *what,
                                  const char *name, size_t limit,
                                  struct ac_words *ret_urls, struct ac_error *err);
/* {"type":…,"value":…} (RFC 8555 9.7.7), folded to its canonical form. AC_E_PROTOCOL.
 */
AC_MUST enum ac_code ac_wire_identifier(const struct ac_json *json, const char *what,
                                        struct ac_identifier *ret_identifier,
                                        struct ac_error *err);
/* UTC seconds; 0 when absent or no date: nothing hangs on it. */
int64_t ac_wire_date(const struct ac_json *object, const char *name);
/* Text made fit to show and cut at AC_WIRE_TEXT_MAX. Free with free(). */
AC_MUST enum ac_code ac_wire_clean(const char *text, char **ret_clean,
                                   struct ac_error *err);
/* The same of an optional member: absent or no text gives NULL. */
AC_MUST enum ac_code ac_wire_clean_member(const struct ac_json *object,
                                          const char *name, char **ret_clean,
                                          struct ac_error *err);
/* The index in `names` (count of them) of the required member "status"; AC_E_PROTOCOL.
 */
AC_MUST enum ac_code ac_wire_status(const struct ac_json *object, const char *what,
                                    const char *const *names, size_t count,
                                    size_t *ret_index, struct ac_error *err);

#endif
