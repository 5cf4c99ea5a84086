/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store that holds the certificate "www", as a CA would have made it.
 */
#ifndef AC_TESTS_UNIT_ENGINE_HOLDING_H
#define AC_TESTS_UNIT_ENGINE_HOLDING_H

#include "allocation.h"
#include "check.h"
#include "crypto/chain.h"
#include "engine/held/held.h"
#include "keys.h"
#include "pki.h"
#include "version.h"

#define DAY       INT64_C(86400)
#define DIRECTORY "https://ca.example/dir"

static inline enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

/* STATE/certs/www with a version whose chain a CA has signed. */
static inline enum ac_code hold(struct ac_store *store, const char *const *names,
                                struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_secret) key_pem = { 0 };
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    struct ac_pki_options options = { .names = names };
    unsigned number;

    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    AC_TRY(ac_key_export(key, &key_pem, err));
    options.key = key;
    AC_TRY(ac_pki_chain(&options, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));

    const char *const files[] = { ac_chain_leaf_pem(chain), ac_chain_rest_pem(chain),
                                  ac_chain_full_pem(chain) };
    return ac_test_version_add(store, "www", &key_pem, files, &number, err);
}

static const char *const usual_names[] = { "example.org", "*.example.org",
                                           "ip:192.0.2.1", NULL };

static inline enum ac_code open_and_hold(struct ac_store **ret_store,
                                         struct ac_error *err)
{
    AC_TRY(open_store(ret_store, err));
    ac_allocation_pause();
    enum ac_code code = hold(*ret_store, usual_names, err);
    ac_allocation_resume();
    return code;
}

static inline enum ac_code make_wanted(const char *names, struct ac_wanted *wanted,
                                       struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text("www", &wanted->name, err));
    AC_TRY(ac_memory_copy_text(DIRECTORY, &wanted->directory_url, err));
    return ac_identifiers_parse(names, &wanted->identifiers, err);
}

#endif
