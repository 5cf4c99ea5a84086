/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simple members of struct ac_wanted as one table: what `issue` takes as an option,
 * a configuration may set, and certificate.json keeps. A new setting of a certificate
 * is a member, a row here, and an option of the same name in cli/table.
 */
#ifndef AC_ENGINE_WANTED_MEMBERS_H
#define AC_ENGINE_WANTED_MEMBERS_H

#include "engine/wanted/wanted.h"

enum ac_member_kind {
    AC_MEMBER_TEXT,    /* char *, or NULL */
    AC_MEMBER_PATH,    /* the same: a file, made absolute, for a later run elsewhere */
    AC_MEMBER_KEY,     /* the same, but for the URL of a token's key, which stays */
    AC_MEMBER_REQUEST, /* char *, or NULL: what a file with a request has in it */
    AC_MEMBER_FLAG,    /* bool */
    AC_MEMBER_WORDS    /* struct ac_words, without doubles */
};

struct ac_wanted_member {
    const char *name;      /* "self-check": of the option and of the setting */
    const char *json_name; /* "self_check": in certificate.json */
    enum ac_member_kind kind;
    size_t offset;        /* in struct ac_wanted */
    bool is_of_ca;        /* forgotten when another CA is asked */
    const char *fallback; /* the word for the default, which is not kept; or NULL */
    /* Is this value (of a list: this word) one that can be? AC_E_USAGE says what is
     * allowed, without the name of the setting. NULL: any is. */
    enum ac_code (*check)(const char *value, struct ac_error *err);
};
extern const struct ac_wanted_member ac_wanted_members[];
extern const size_t ac_wanted_member_count;

/* By the name of its option. NULL: there is none. */
const struct ac_wanted_member *ac_wanted_member_find(const char *name);
/*
 * Takes a value as a person wrote it. A text replaces the one before; a list gets the
 * words between the commas; a flag takes true or false (yes, no, on, off). The fallback
 * empties the member.
 *
 * AC_E_USAGE  none that is allowed; without the name of the setting
 */
AC_MUST enum ac_code ac_wanted_member_set(struct ac_wanted *wanted,
                                          const struct ac_wanted_member *member,
                                          const char *value, struct ac_error *err);
void ac_wanted_member_clear(struct ac_wanted *wanted,
                            const struct ac_wanted_member *member);
/* Into one that is empty there. */
AC_MUST enum ac_code ac_wanted_member_copy(struct ac_wanted *to,
                                           const struct ac_wanted *from,
                                           const struct ac_wanted_member *member,
                                           struct ac_error *err);
/* What needs more than one member to be judged. AC_E_USAGE names the options. */
AC_MUST enum ac_code ac_wanted_check(const struct ac_wanted *wanted,
                                     struct ac_error *err);

/* For wanted.c: into a document (what is empty is left out), out of one, and freed. */
AC_MUST enum ac_code ac_wanted_members_to_json(const struct ac_wanted *wanted,
                                               struct ac_json *document,
                                               struct ac_error *err);
AC_MUST enum ac_code ac_wanted_members_from_json(struct ac_wanted *wanted,
                                                 const struct ac_json *document,
                                                 struct ac_error *err);
void ac_wanted_members_done(struct ac_wanted *wanted);

#endif
