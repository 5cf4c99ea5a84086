/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CAs that are asked where the first one fails, and what is wanted of each: how it
 * is reached, the account there, the profile. A part of engine/wanted.
 */
#ifndef AC_ENGINE_WANTED_FURTHER_H
#define AC_ENGINE_WANTED_FURTHER_H

#include "engine/wanted/wanted.h"

/*
 * One more CA at the end, which is asked with the members of `own` that are of a CA;
 * those are taken over. All further ones are added so, or none (then each is asked with
 * what is for the first).
 */
AC_MUST enum ac_code ac_wanted_add_further(struct ac_wanted *wanted,
                                           const char *directory_url,
                                           struct ac_wanted *own, struct ac_error *err);
/* Into one that has none. */
AC_MUST enum ac_code ac_wanted_copy_further(struct ac_wanted *to,
                                            const struct ac_wanted *from,
                                            struct ac_error *err);
/* What is of the CA number `index`; 0 is the first. Lent: its members that are of a CA
 * count, and no others. */
const struct ac_wanted *ac_wanted_at(const struct ac_wanted *wanted, size_t index);
/* The same of the CA at this URL. NULL: it is none of them. */
const struct ac_wanted *ac_wanted_at_url(const struct ac_wanted *wanted,
                                         const char *directory_url);
/* Replaces, in a copy whose parts are all lent, what is of a CA. */
void ac_wanted_lend(struct ac_wanted *copy, const struct ac_wanted *own);

/* For wanted.c: into a document (nothing where there is none), out of one, and freed.
 */
AC_MUST enum ac_code ac_wanted_further_to_json(const struct ac_wanted *wanted,
                                               struct ac_json *document,
                                               struct ac_error *err);
AC_MUST enum ac_code ac_wanted_further_from_json(struct ac_wanted *wanted,
                                                 const struct ac_json *document,
                                                 struct ac_error *err);
void ac_wanted_further_done(struct ac_wanted *wanted);

#endif
