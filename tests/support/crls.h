/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of tests/data/crl (made by the script there), and the chain that they are
 * of. They are valid from 2030-01-01 to 2030-01-08.
 */
#ifndef AC_TESTS_SUPPORT_CRLS_H
#define AC_TESTS_SUPPORT_CRLS_H

#include "base/file.h"
#include "crypto/crl.h"

#define AC_CRLS_URL    "http://crl.example/part/7.crl"
#define AC_CRLS_BEGINS INT64_C(1893456000)
#define AC_CRLS_WITHIN (AC_CRLS_BEGINS + 86400)
#define AC_CRLS_ENDS   (AC_CRLS_BEGINS + 7 * 86400)

/* The leaf and its issuer. */
AC_MUST static inline enum ac_code ac_crls_chain(struct ac_chain **ret_chain,
                                                 struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };

    AC_TRY(ac_file_read(AC_TEST_DATA "/crl/chain.pem", AC_CHAIN_BYTES_MAX, &pem, err));
    return ac_chain_parse(ac_text_get(&pem), pem.size, ret_chain, err);
}

/* The octets of "clean" and the like. */
AC_MUST static inline enum ac_code ac_crls_load(const char *name, struct ac_text *der,
                                                struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_memory_format(&path, err, AC_TEST_DATA "/crl/%s.der", name));
    return ac_file_read(path, AC_CRL_BYTES_MAX, der, err);
}

AC_MUST static inline enum ac_code ac_crls_read(const char *name, int64_t utc,
                                                struct ac_crl **ret_crl,
                                                struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_text) der = { 0 };

    AC_TRY(ac_crls_chain(&chain, err));
    AC_TRY(ac_crls_load(name, &der, err));
    return ac_crl_read(&der, chain, utc, ret_crl, err);
}

#endif
