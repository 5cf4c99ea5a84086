/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "crypto/digest.h"
#include "engine/accounts/account_keys.h"
#include "engine/accounts/token_key.h"
#include "engine/held/version_files.h"
#include "engine/wanted/wanted_keys.h"
#include "store/version.h"

#include <stdlib.h>
#include <string.h>

#define CURRENT "current/"

/* ---- what is given, before the CA is asked for anything */

static enum ac_code check_password(const struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO(ac_secret) password = { 0 };

    if (!wanted->pkcs12_password_file)
        return AC_OK;
    return ac_file_read_password(wanted->pkcs12_password_file, "--pkcs12-password-file",
                                 &password, err);
}

static const char *title(const struct ac_wanted *wanted)
{
    if (wanted->csr)
        return "of the request (--csr)";
    return wanted->key ? wanted->key : "of the version before (--reuse-key)";
}

static struct ac_store *lasting(const struct ac_issue *issue)
{
    return issue->settings.lasting ? issue->settings.lasting : issue->settings.store;
}

/* RFC 8555 11.1: whoever has the one must not have the other. */
static enum ac_code check_not_account(const struct ac_issue *issue,
                                      const struct ac_key *key, struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_key_public_der(key, &der, err));
    AC_TRY(ac_account_keys_contain(lasting(issue), &der, &folder, err));
    if (!folder)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "the key %s is that of the account %s, and must not be a "
                   "certificate's, too (RFC 8555 11.1); take another one",
                   title(&issue->here), folder);
}

/* Was a certificate of this key revoked because somebody else has it? */
enum ac_code ac_issue_is_compromised(const struct ac_issue *issue,
                                     const struct ac_key *key, bool *ret_is,
                                     struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    struct ac_error why = { 0 };
    char digest[AC_SHA256_HEX_SIZE];

    *ret_is = false;
    enum ac_code code =
        ac_state_load(issue->settings.store, issue->here.name, &state, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    AC_TRY(ac_key_public_der(key, &der, err));
    *ret_is =
        code == AC_OK
        && ac_state_is_compromised(&state, ac_sha256_hex(der.bytes, der.size, digest));
    return AC_OK;
}

static enum ac_code check_not_compromised(const struct ac_issue *issue,
                                          const struct ac_key *key,
                                          struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    bool is_it;

    AC_TRY(ac_issue_is_compromised(issue, key, &is_it, err));
    if (!is_it)
        return AC_OK;
    return ac_fail(
        err, AC_E_USAGE,
        "a certificate of the key %s was revoked because the key was "
        "compromised: no certificate may have it any more. Make another key, "
        "and issue with it: acmecore --name %s %s (or without that option, "
        "and acmecore makes the key)",
        title(wanted), wanted->name, wanted->csr ? "--csr FILE" : "--key FILE");
}

static enum ac_code check_given(const struct ac_issue *issue, const struct ac_key *key,
                                struct ac_error *err)
{
    AC_TRY(check_not_account(issue, key, err));
    return check_not_compromised(issue, key, err);
}

/* One that cannot be used costs the CA no order, and leaves none. */
static enum ac_code check_request(const struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_csr) csr = { 0 };

    AC_TRY(ac_wanted_request(&issue->here, &csr, err));
    return check_given(issue, csr.key, err);
}

enum ac_code ac_issue_bring_key(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;

    if (wanted->csr)
        return check_request(issue, err);
    if (issue->brought || !wanted->key)
        return check_password(wanted, err);
    AC_TRY(ac_token_key_load(lasting(issue), wanted->key, wanted->pin_file, "--key",
                             &issue->brought, err));
    return check_given(issue, issue->brought, err);
}

/* ---- key and request of an order */

/* NULL: what is in the file is no key, and will be none at the next attempt. */
static enum ac_code parse_reused(struct ac_issue *issue, const struct ac_secret *pem,
                                 const char *item, struct ac_key **ret_key,
                                 struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_key_parse(pem, ret_key, &why);

    if (code == AC_OK)
        return AC_OK;
    if (code != AC_E_INVALID)
        return ac_fail(err, code, "%s", why.detail);
    ac_issue_warn(issue,
                  "%s of \"%s\" is damaged (%s): in spite of --reuse-key the new "
                  "certificate has a new key",
                  item, issue->here.name, why.detail);
    *ret_key = NULL;
    return AC_OK;
}

/* --reuse-key: that of the version before, if it is one of the type that is wanted. */
static enum ac_code reuse_key(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    char item[sizeof CURRENT + AC_VERSION_FILE_SIZE] = CURRENT;
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    bool is_bad;

    if (!wanted->reuse_key)
        return AC_OK;
    ac_version_file_name(wanted, issue->key_index, "privkey", "pem",
                         item + sizeof CURRENT - 1);
    enum ac_code code = ac_store_load_key(issue->settings.store, AC_STORE_CERTIFICATES,
                                          wanted->name, item, &pem, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    AC_TRY(parse_reused(issue, &pem, item, &key, err));
    if (!key)
        return AC_OK;
    AC_TRY(ac_issue_is_compromised(issue, key, &is_bad, err));
    if (is_bad) {
        ac_issue_warn(issue, "the key was compromised: in spite of --reuse-key the new "
                             "certificate has a new one");
    }
    if (!is_bad
        && ac_key_type_of(key) == ac_wanted_key_type_at(wanted, issue->key_index))
        issue->key = AC_TAKE(key);
    return AC_OK;
}

static enum ac_code take_key(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;

    if (wanted->key)
        AC_TRY(ac_issue_bring_key(issue, err));
    issue->key = AC_TAKE(issue->brought);
    if (!issue->key)
        AC_TRY(reuse_key(issue, err));
    if (issue->key)
        return check_given(issue, issue->key, err);
    return ac_key_generate(ac_wanted_key_type_at(wanted, issue->key_index), &issue->key,
                           err);
}

static enum ac_code take_request(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_csr) csr = { 0 };

    AC_TRY(ac_wanted_request(&issue->here, &csr, err));
    issue->key = AC_TAKE(csr.key);
    AC_TRY(check_given(issue, issue->key, err));
    issue->csr = csr.der;
    csr.der = (struct ac_text){ 0 };
    return AC_OK;
}

enum ac_code ac_issue_have_key(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;

    if (issue->key)
        return AC_OK;
    enum ac_code code =
        ac_journal_load_key(issue->journal, &issue->key, &issue->csr, err);
    if (code != AC_E_NOTFOUND && code != AC_E_INVALID)
        return code;
    if (wanted->csr) {
        AC_TRY(take_request(issue, err));
    } else {
        AC_TRY(take_key(issue, err));
        AC_TRY(ac_csr_new(issue->key, &wanted->identifiers, wanted->must_staple,
                          &issue->csr, err));
    }
    return ac_journal_keep_key(issue->journal, issue->key, &issue->csr, err);
}

/* ---- the key of an order that is continued */

static enum ac_code read_held(const struct ac_issue *issue, struct ac_text *ret_der,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    char item[AC_VERSION_FILE_SIZE];

    ac_version_file_name(&issue->here, issue->key_index, "cert", "pem", item);
    AC_TRY(ac_version_load(issue->settings.store, issue->here.name, item, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    return ac_chain_public_der(chain, ret_der, err);
}

/* Has the certificate that is held this key? */
static enum ac_code is_held(const struct ac_issue *issue, bool *ret_is_held,
                            struct ac_error *err)
{
    AC_AUTO(ac_text) held = { 0 };
    AC_AUTO(ac_text) ours = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code = read_held(issue, &held, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    AC_TRY(ac_key_public_der(issue->key, &ours, err));
    *ret_is_held = code == AC_OK && held.size == ours.size
                   && memcmp(held.bytes, ours.bytes, ours.size) == 0;
    return AC_OK;
}

/* Is it that of --key, whose file may have been replaced since? */
static enum ac_code is_brought(struct ac_issue *issue, bool *ret_is_brought,
                               struct ac_error *err)
{
    AC_TRY(ac_issue_bring_key(issue, err));
    return ac_key_is_same(issue->brought, issue->key, ret_is_brought, err);
}

/* Would another order be made with the key that is held, and is this one made with
 * another? */
static enum ac_code lacks_reused(struct ac_issue *issue, bool *ret_lacks,
                                 struct ac_error *err)
{
    struct ac_key *ours = AC_TAKE(issue->key);
    enum ac_code code = reuse_key(issue, err);
    AC_AUTO(ac_key) *held = AC_TAKE(issue->key);

    issue->key = ours;
    *ret_lacks = false;
    if (code != AC_OK || !held)
        return code;
    AC_TRY(ac_key_is_same(held, ours, ret_lacks, err));
    *ret_lacks = !*ret_lacks;
    return AC_OK;
}

/* One that is held is lost in no case: its order came to its end, or reused it. */
static enum ac_code is_unwanted(struct ac_issue *issue, bool *ret_is_unwanted,
                                struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;

    *ret_is_unwanted = false;
    if (wanted->csr) /* it is part of what the order is for */
        return AC_OK;
    if (wanted->reuse_key)
        return lacks_reused(issue, ret_is_unwanted, err);
    if (!wanted->key)
        return is_held(issue, ret_is_unwanted, err);
    AC_TRY(is_brought(issue, ret_is_unwanted, err));
    *ret_is_unwanted = !*ret_is_unwanted;
    return AC_OK;
}

enum ac_code ac_issue_may_use_key(struct ac_issue *issue, bool *ret_may_use,
                                  struct ac_error *err)
{
    bool is_bad;

    AC_TRY(ac_issue_is_compromised(issue, issue->key, &is_bad, err));
    if (is_bad) {
        ac_issue_warn(issue, "the key of the order that an earlier run left was "
                             "compromised: another order is made");
    } else if (issue->settings.begins_anew) {
        AC_TRY(is_unwanted(issue, &is_bad, err));
    }
    *ret_may_use = !is_bad;
    return AC_OK;
}
