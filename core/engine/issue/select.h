/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which solver answers which identifier. Pure: decided before a CA is contacted, and
 * again from what each authorization really offers.
 */
#ifndef AC_ENGINE_SELECT_H
#define AC_ENGINE_SELECT_H

#include "acme/authorization.h"
#include "engine/wanted/wanted.h"

/* Patterns that match, longest first, then the defaults, each in the order given. */
struct ac_candidates {
    const char **solvers; /* owned array; the names are lent by the rules */
    size_t count;
    size_t capacity;
};
AC_MUST enum ac_code ac_select_candidates(const struct ac_wanted *wanted,
                                          const struct ac_identifier *identifier,
                                          struct ac_candidates *ret_candidates,
                                          struct ac_error *err);
void ac_candidates_done(struct ac_candidates *candidates);
AC_DEFINE_DROP_VALUE(ac_candidates, ac_candidates_done)

/*
 * May a challenge of this type prove this identifier (RFC 8555 8.3, 8.4, RFC 8738 7)?
 * Wildcards: the dns family only. IP: http-01 and tls-alpn-01 only. An unknown type:
 * no.
 */
bool ac_select_can_prove(const char *type, const struct ac_identifier *identifier);
/* Is it a type that we have heard of? */
bool ac_select_is_known(const char *type);
/* "http-01, tls-alpn-01, …": all of them, for messages. Appended. */
AC_MUST enum ac_code ac_select_known_types(struct ac_text *text, struct ac_error *err);
/* A type whose draft still changes: chosen only where the certificate allows it. */
bool ac_select_is_experimental(const char *type);
/* What would fit, for messages: "http-01, tls-alpn-01 or …". */
const char *ac_select_fitting(const struct ac_identifier *identifier);

/*
 * The first of a solver's types that may prove the identifier; NULL: none. The
 * certificate's own list of types (--challenge) restricts and orders them; what is
 * experimental is not chosen before it is allowed. Lent.
 */
const char *ac_select_type(const struct ac_wanted *wanted, const struct ac_words *types,
                           const struct ac_identifier *identifier);
/* A bit for each type that we have heard of; 0 for any other. */
unsigned ac_select_bit(const char *type);
/* As ac_select_type, among these (bits). */
const char *ac_select_type_among(const struct ac_wanted *wanted,
                                 const struct ac_words *types, unsigned among,
                                 const struct ac_identifier *identifier);
/* What a type is that is offered and that nothing here answers; NULL: nothing known. */
const char *ac_select_explain(const struct ac_authorization *authorization);
/* The types that an authorization offers and that can be answered, as bits. */
unsigned ac_select_offered(const struct ac_authorization *authorization);
/* The same among what the CA offers, and only what can be answered and is not among
 * the types of `except` (bits): the challenge to answer, or NULL. Lent. */
const struct ac_challenge *ac_select_challenge(
    const struct ac_wanted *wanted, const struct ac_words *types, unsigned except,
    const struct ac_authorization *authorization);

#endif
