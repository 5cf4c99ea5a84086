/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store that holds "www" with the chain of tests/data/crl, and what is known of it.
 */
#ifndef AC_TESTS_UNIT_ENGINE_CRL_HOLDING_H
#define AC_TESTS_UNIT_ENGINE_CRL_HOLDING_H

#include "allocation.h"
#include "check.h"
#include "crls.h"
#include "engine/held/crl_known.h"
#include "keys.h"
#include "version.h"

#define CRL_DIRECTORY "https://ca.example/dir"

static inline enum ac_code crl_hold_files(struct ac_store *store,
                                          const struct ac_chain *chain,
                                          struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_secret) key_pem = { 0 };
    unsigned number;
    const char *const files[] = { ac_chain_leaf_pem(chain), ac_chain_rest_pem(chain),
                                  ac_chain_full_pem(chain) };

    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    AC_TRY(ac_key_export(key, &key_pem, err));
    return ac_test_version_add(store, "www", &key_pem, files, &number, err);
}

/* With has_known its state.json says where its list is. */
static inline enum ac_code crl_hold(struct ac_store *store, bool has_known,
                                    struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_state) state = { .origin.version = 1,
                                .origin.not_before = AC_CRLS_BEGINS,
                                .origin.not_after = AC_CRLS_BEGINS + 59 * 86400 };

    AC_TRY(ac_crls_chain(&chain, err));
    AC_TRY(crl_hold_files(store, chain, err));
    AC_TRY(ac_memory_copy_text(CRL_DIRECTORY, &state.origin.directory_url, err));
    AC_TRY(ac_memory_copy_text(ac_chain_serial(chain), &state.origin.serial, err));
    AC_TRY(ac_memory_copy_text(ac_chain_fingerprint(chain), &state.origin.fingerprint,
                               err));
    if (has_known)
        AC_TRY(ac_crl_known_add(&state, chain, err));
    return ac_state_save(&state, store, "www", err);
}

static inline enum ac_code crl_open_and_hold(struct ac_store **ret_store,
                                             bool has_known, struct ac_error *err)
{
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    ac_allocation_pause();
    enum ac_code code = crl_hold(*ret_store, has_known, err);
    ac_allocation_resume();
    return code;
}

#endif
