/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells in a --trace what is to be where when the CA looks (RFC 8555 8.3, 8.4,
 * RFC 8737 3): the one step of a run that is no exchange with the CA.
 */
#ifndef AC_ACME_PROOF_H
#define AC_ACME_PROOF_H

struct ac_proof {
    const char *type, *identifier;
    const char *token, *key_authorization;  /* dns-persist-01: NULL */
    const char *record_name, *record_value; /* NULL: not a matter of DNS */
};

/* Says nothing unless somebody listens at that level. */
void ac_proof_tell(const struct ac_proof *proof);

#endif
