/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a wish says of keys: of which types, or which key, or a request somebody made.
 */
#ifndef AC_ENGINE_WANTED_KEYS_H
#define AC_ENGINE_WANTED_KEYS_H

#include "crypto/csr.h"
#include "engine/wanted/wanted.h"

/* "ecdsa-p256,rsa-2048": the types of one set of certificates, the first one first.
 * AC_E_USAGE: none that can be made, the same twice, more than
 * AC_WANTED_KEYS_MAX. */
AC_MUST enum ac_code ac_wanted_set_key_types(struct ac_wanted *wanted, const char *list,
                                             struct ac_error *err);
AC_MUST enum ac_code ac_wanted_key_types(const struct ac_wanted *wanted,
                                         struct ac_text *ret_list,
                                         struct ac_error *err);
/* How many certificates it is, one for each key; never 0. */
size_t ac_wanted_key_count(const struct ac_wanted *wanted);
enum ac_key_type ac_wanted_key_type_at(const struct ac_wanted *wanted, size_t index);
/* Is the key given (--key, --csr), so that none is made and the types say nothing? */
bool ac_wanted_brings_key(const struct ac_wanted *wanted);
/* Would a certificate for the one be one for the other, as far as keys and what is
 * asked for beside the names go? */
bool ac_wanted_has_same_keys(const struct ac_wanted *a, const struct ac_wanted *b);
/* A word for what the request of this key is made from: an order in flight is continued
 * only with the same one. */
AC_MUST enum ac_code ac_wanted_key_tag(const struct ac_wanted *wanted, size_t index,
                                       struct ac_text *ret_tag, struct ac_error *err);
/* The request that was given. AC_E_INVALID: damaged. */
AC_MUST enum ac_code ac_wanted_request(const struct ac_wanted *wanted,
                                       struct ac_csr *ret_csr, struct ac_error *err);
/* Reads a request from a file, for ac_wanted.csr: base64url of its DER, free with
 * free(). AC_E_USAGE: there is none in it that a CA could take. */
AC_MUST enum ac_code ac_wanted_read_request(const char *path, char **ret_csr,
                                            struct ac_error *err);
/* Do they contradict each other, or the names? AC_E_USAGE names the options. */
AC_MUST enum ac_code ac_wanted_check_keys(const struct ac_wanted *wanted,
                                          struct ac_error *err);

#endif
