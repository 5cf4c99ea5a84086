/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the CA know this key, and as whose? Asked by finding the account of the key (RFC
 * 8555 7.3.1) and by reading the account with it, whichever the CA answers clearly.
 */
#ifndef AC_ENGINE_KEY_PROBE_H
#define AC_ENGINE_KEY_PROBE_H

#include "acme/account.h"

enum ac_key_standing {
    AC_KEY_IS_OURS,    /* it is the key of the client's account */
    AC_KEY_IS_OTHERS,  /* it is the key of another account */
    AC_KEY_IS_UNKNOWN, /* the CA has no account with this key */
    AC_KEY_IS_REFUSED  /* the CA said no, and not why */
};

struct ac_key_probe;

/* Of the client's present key, for its account (kid). The directory must be there.
 * reads_first: what is expected is that it is ours. */
AC_MUST enum ac_code ac_key_probe_new(struct ac_client *client, bool reads_first,
                                      struct ac_key_probe **ret_probe,
                                      struct ac_error *err);
void ac_key_probe_free(struct ac_key_probe *probe);
AC_DEFINE_DROP(ac_key_probe, ac_key_probe_free)

/* As far as it goes without waiting. */
void ac_key_probe_step(struct ac_key_probe *probe);
bool ac_key_probe_is_done(const struct ac_key_probe *probe);
/* AC_E_NETWORK and the like: nobody knows. For AC_KEY_IS_REFUSED err has the CA's words
 * all the same; for AC_KEY_IS_OTHERS the account's URL. */
AC_MUST enum ac_code ac_key_probe_result(const struct ac_key_probe *probe,
                                         enum ac_key_standing *ret_standing,
                                         struct ac_error *err);

#endif
