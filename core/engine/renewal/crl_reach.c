/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/crl_reach.h"

#include "config/ca.h"
#include "net/public.h"

enum ac_crl_reach ac_crl_reach_of(const struct ac_authority_place *place)
{
    if (place->ca_file || place->can_use_plain_http
        || !ac_public_is_url(place->directory_url))
        return AC_CRL_ANYWHERE;
    return ac_ca_by_url(place->directory_url) ? AC_CRL_PUBLIC_ONLY : AC_CRL_NOT_BY_NAME;
}

enum ac_code ac_crl_reach_check(enum ac_crl_reach reach, const char *url,
                                struct ac_error *err)
{
    if (reach == AC_CRL_ANYWHERE || ac_public_is_url(url))
        return AC_OK;
    return ac_fail(err, AC_E_INVALID,
                   "%.300s is at no public address, and the CA is: it is not asked",
                   url);
}
