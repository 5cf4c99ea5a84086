/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a certificate that is held: which there are, and what belongs together.
 * A part of engine/held.
 */
#ifndef AC_ENGINE_HELD_FILES_H
#define AC_ENGINE_HELD_FILES_H

#include "crypto/chain.h"
#include "engine/held/held.h"

/* Where the private key is, as the files say. */
enum ac_held_key {
    AC_HELD_KEY_FILE,     /* privkey.pem */
    AC_HELD_KEY_TOKEN,    /* privkey.url */
    AC_HELD_KEY_ELSEWHERE /* request.pem: with whoever made that */
};

enum ac_held_key ac_held_key_of(const struct ac_held *held);
/* "file", "token", "elsewhere"; static. */
const char *ac_held_key_name(enum ac_held_key key);
/* The name of the file that says it: "privkey.pem"; static. */
const char *ac_held_key_file(enum ac_held_key key);
/* The types of the other certificates of its set, as their files are named; none of a
 * single one. */
AC_MUST enum ac_code ac_held_other_types(const struct ac_held *held,
                                         struct ac_words *ret_types,
                                         struct ac_error *err);
/* Reads the chains of those: a set ends with the first that ends. */
AC_MUST enum ac_code ac_held_read_others(const struct ac_store *store,
                                         struct ac_held *held, struct ac_error *err);
/* Has it a certificate for each type that is wanted? */
bool ac_held_has_types(const struct ac_held *held, const struct ac_wanted *wanted);
/* "key", "key_types" of a set, and "paths", into the document of a certificate. */
AC_MUST enum ac_code ac_held_files_to_json(const struct ac_held *held,
                                           struct ac_json *json, struct ac_error *err);

#endif
