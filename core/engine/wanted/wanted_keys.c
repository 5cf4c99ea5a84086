/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_keys.h"

#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/token.h"

#include <stdlib.h>
#include <string.h>

static enum ac_code add_type(struct ac_wanted *wanted, size_t index, const char *word,
                             struct ac_error *err)
{
    enum ac_key_type type;

    AC_TRY(ac_key_type_parse(word, &type, err));
    if (index == AC_WANTED_KEYS_MAX) {
        return ac_fail(err, AC_E_USAGE, "at most %d types of keys make a set",
                       AC_WANTED_KEYS_MAX);
    }
    for (size_t i = 0; i < index; i++) {
        if (ac_wanted_key_type_at(wanted, i) == type)
            return ac_fail(err, AC_E_USAGE, "%s is named twice", word);
    }
    if (index == 0) {
        wanted->key_type = type;
    } else {
        wanted->more_key_types[index - 1] = type;
        wanted->more_key_count = index;
    }
    return AC_OK;
}

enum ac_code ac_wanted_set_key_types(struct ac_wanted *wanted, const char *list,
                                     struct ac_error *err)
{
    size_t size = strcspn(list, ",");

    wanted->more_key_count = 0;
    for (size_t i = 0;; i++) {
        AC_AUTO_TEXT char *word = NULL;

        AC_TRY(ac_memory_copy_bytes(list, size, &word, err));
        AC_TRY(add_type(wanted, i, word, err));
        if (list[size] == '\0')
            return AC_OK;
        list += size + 1;
        size = strcspn(list, ",");
    }
}

enum ac_code ac_wanted_key_types(const struct ac_wanted *wanted,
                                 struct ac_text *ret_list, struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    for (size_t i = 0; i < ac_wanted_key_count(wanted); i++) {
        AC_TRY(ac_text_addf(&list, err, "%s%s", i > 0 ? "," : "",
                            ac_key_type_name(ac_wanted_key_type_at(wanted, i))));
    }
    *ret_list = list;
    list = (struct ac_text){ 0 };
    return AC_OK;
}

size_t ac_wanted_key_count(const struct ac_wanted *wanted)
{
    return ac_wanted_brings_key(wanted) ? 1 : 1 + wanted->more_key_count;
}

enum ac_key_type ac_wanted_key_type_at(const struct ac_wanted *wanted, size_t index)
{
    return index == 0 ? wanted->key_type : wanted->more_key_types[index - 1];
}

bool ac_wanted_brings_key(const struct ac_wanted *wanted)
{
    return wanted->key || wanted->csr;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool ac_wanted_has_same_keys(const struct ac_wanted *a, const struct ac_wanted *b)
{
    bool is_same = is_same_text(a->key, b->key) && is_same_text(a->csr, b->csr)
                   && a->must_staple == b->must_staple
                   && ac_wanted_key_count(a) == ac_wanted_key_count(b);

    if (ac_wanted_brings_key(a))
        return is_same;
    for (size_t i = 0; is_same && i < ac_wanted_key_count(a); i++)
        is_same = ac_wanted_key_type_at(a, i) == ac_wanted_key_type_at(b, i);
    return is_same;
}

enum ac_code ac_wanted_key_tag(const struct ac_wanted *wanted, size_t index,
                               struct ac_text *ret_tag, struct ac_error *err)
{
    const char *feature = wanted->must_staple ? "+must-staple" : "";
    char digest[AC_SHA256_HEX_SIZE];

    if (wanted->csr) {
        return ac_text_addf(ret_tag, err, "csr:%s",
                            ac_sha256_hex(wanted->csr, strlen(wanted->csr), digest));
    }
    if (wanted->key)
        return ac_text_addf(ret_tag, err, "key:%s%s", wanted->key, feature);
    return ac_text_addf(ret_tag, err, "%s%s",
                        ac_key_type_name(ac_wanted_key_type_at(wanted, index)),
                        feature);
}

enum ac_code ac_wanted_request(const struct ac_wanted *wanted, struct ac_csr *ret_csr,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };

    AC_TRY(ac_base64url_decode(wanted->csr, strlen(wanted->csr), &der, err));
    return ac_csr_parse(der.bytes, der.size, ret_csr, err);
}

enum ac_code ac_wanted_read_request(const char *path, char **ret_csr,
                                    struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };

    enum ac_code code = ac_file_read(path, AC_CSR_BYTES_MAX, &text, err);
    if (code == AC_OK) {
        code = ac_csr_parse(text.bytes, text.size, &csr, err);
        if (code == AC_E_INVALID)
            ac_error_about(err, "%s", path);
    }
    if (code == AC_E_INVALID || code == AC_E_NOTFOUND)
        return err->code = AC_E_USAGE;
    AC_TRY(code);
    return ac_base64url_encode(csr.der.bytes, csr.der.size, ret_csr, err);
}

/* ---- what goes together */

static enum ac_code check_key(const struct ac_wanted *wanted, struct ac_error *err)
{
    if (wanted->csr && wanted->key) {
        return ac_fail(err, AC_E_USAGE,
                       "--csr and --key exclude each other: a request has its key "
                       "already (--forget key, or --forget csr)");
    }
    if (ac_wanted_brings_key(wanted) && wanted->more_key_count > 0) {
        return ac_fail(err, AC_E_USAGE,
                       "--key-type with several types is for keys that are made here: "
                       "it does not go with --key or --csr");
    }
    if (!wanted->pkcs12_password_file)
        return AC_OK;
    if (wanted->csr || (wanted->key && ac_token_is_url(wanted->key))) {
        return ac_fail(err, AC_E_USAGE,
                       "--pkcs12-password-file makes a file with the private key in "
                       "it, which is not here with --csr or a key in a token");
    }
    return AC_OK;
}

static enum ac_code check_request(const struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_text) list = { 0 };

    AC_TRY(ac_wanted_request(wanted, &csr, err));
    if (wanted->must_staple && !csr.must_staple) {
        return ac_fail(err, AC_E_USAGE,
                       "--must-staple: the request (--csr) does not ask for it; make "
                       "another request that does");
    }
    if (ac_identifiers_is_same_set(&csr.identifiers, &wanted->identifiers))
        return AC_OK;
    AC_TRY(ac_identifiers_words(&csr.identifiers, &names, err));
    AC_TRY(ac_words_join(&names, ", ", &list, err));
    return ac_fail(
        err, AC_E_USAGE,
        "the request (--csr) is for %s, and -d says otherwise; leave -d out, "
        "or give another request (--forget csr: none)",
        ac_text_get(&list));
}

enum ac_code ac_wanted_check_keys(const struct ac_wanted *wanted, struct ac_error *err)
{
    AC_TRY(check_key(wanted, err));
    return wanted->csr ? check_request(wanted, err) : AC_OK;
}
