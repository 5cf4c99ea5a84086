/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/held_files.h"

#include "crypto/csr.h"
#include "engine/renewal/plan.h"
#include "engine/wanted/wanted_keys.h"
#include "store/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE   128
#define SUFFIX_SIZE 64
#define FULL        "fullchain"
#define PEM         ".pem"

/* The first that is there says where the key is. */
static const struct {
    const char *name;
    const char *stem, *extension;
    const char *file;
} keys[] = {
    [AC_HELD_KEY_FILE] = { "file", "privkey", PEM, "privkey.pem" },
    [AC_HELD_KEY_TOKEN] = { "token", "privkey", ".url", "privkey.url" },
    [AC_HELD_KEY_ELSEWHERE] = { "elsewhere", "request", PEM, "request.pem" },
};

/* "privkey-rsa-2048.pem"; the suffix is "" or "-rsa-2048". */
static const char *name_of(const char *stem, const char *suffix, const char *extension,
                           char buffer[FILE_SIZE])
{
    (void)snprintf(buffer, FILE_SIZE, "%s%s%s", stem, suffix, extension);
    return buffer;
}

/* The place of the key of one certificate; AC_COUNT(keys): no file says it. */
static size_t find_key(const struct ac_held *held, const char *suffix)
{
    char file[FILE_SIZE];
    size_t i = 0;

    while (i < AC_COUNT(keys)
           && !ac_words_has(&held->files,
                            name_of(keys[i].stem, suffix, keys[i].extension, file)))
        i++;
    return i;
}

enum ac_held_key ac_held_key_of(const struct ac_held *held)
{
    size_t key = find_key(held, "");

    return key < AC_COUNT(keys) ? (enum ac_held_key)key : AC_HELD_KEY_FILE;
}

const char *ac_held_key_name(enum ac_held_key key)
{
    return keys[key].name;
}

const char *ac_held_key_file(enum ac_held_key key)
{
    return keys[key].file;
}

/* "" for the first certificate, "-rsa-2048" for another one of its set. */
static enum ac_code find_suffixes(const struct ac_held *held,
                                  struct ac_words *ret_suffixes, struct ac_error *err)
{
    AC_AUTO(ac_words) suffixes = { 0 };

    AC_TRY(ac_words_add(&suffixes, "", err));
    for (size_t i = 0; i < held->files.count; i++) {
        const char *file = held->files.items[i];
        size_t size = strlen(file);
        AC_AUTO_TEXT char *suffix = NULL;

        if (strncmp(file, FULL "-", sizeof FULL) != 0 || size >= SUFFIX_SIZE
            || size < sizeof FULL + strlen(PEM)
            || strcmp(file + size - strlen(PEM), PEM) != 0)
            continue;
        AC_TRY(ac_memory_copy_bytes(file + strlen(FULL),
                                    size - strlen(FULL) - strlen(PEM), &suffix, err));
        AC_TRY(ac_words_add(&suffixes, suffix, err));
    }
    *ret_suffixes = suffixes;
    suffixes = (struct ac_words){ 0 };
    return AC_OK;
}

enum ac_code ac_held_other_types(const struct ac_held *held, struct ac_words *ret_types,
                                 struct ac_error *err)
{
    AC_AUTO(ac_words) suffixes = { 0 };
    AC_AUTO(ac_words) types = { 0 };

    AC_TRY(find_suffixes(held, &suffixes, err));
    for (size_t i = 1; i < suffixes.count; i++)
        AC_TRY(ac_words_add(&types, suffixes.items[i] + 1, err));
    *ret_types = types;
    types = (struct ac_words){ 0 };
    return AC_OK;
}

bool ac_held_has_types(const struct ac_held *held, const struct ac_wanted *wanted)
{
    if (ac_wanted_brings_key(wanted))
        return true;
    if (strcmp(held->key_type, ac_key_type_name(wanted->key_type)) != 0)
        return false;
    for (size_t i = 1; i < ac_wanted_key_count(wanted); i++) {
        char suffix[SUFFIX_SIZE];
        char file[FILE_SIZE];

        (void)snprintf(suffix, sizeof suffix, "-%s",
                       ac_key_type_name(ac_wanted_key_type_at(wanted, i)));
        if (!ac_words_has(&held->files, name_of(FULL, suffix, PEM, file)))
            return false;
    }
    return true;
}

/* ---- are they there? */

static enum ac_code need(const struct ac_held *held, const char *file,
                         struct ac_error *err)
{
    if (ac_words_has(&held->files, file))
        return AC_OK;
    return ac_fail(err, AC_E_STORE,
                   "%s/%s is missing; issue the certificate again with --force",
                   held->folder, file);
}

static enum ac_code need_all(const struct ac_held *held, const char *suffix,
                             struct ac_error *err)
{
    static const char *const stems[] = { "cert", "chain", FULL };
    char file[FILE_SIZE];

    if (find_key(held, suffix) == AC_COUNT(keys))
        AC_TRY(need(held, name_of("privkey", suffix, PEM, file), err));
    for (size_t i = 0; i < AC_COUNT(stems); i++)
        AC_TRY(need(held, name_of(stems[i], suffix, PEM, file), err));
    return AC_OK;
}

enum ac_code ac_held_check_files(const struct ac_held *held, struct ac_error *err)
{
    AC_AUTO(ac_words) suffixes = { 0 };

    AC_TRY(find_suffixes(held, &suffixes, err));
    for (size_t i = 0; i < suffixes.count; i++)
        AC_TRY(need_all(held, suffixes.items[i], err));
    return AC_OK;
}

/* As most of them are: one certificate, with its key. */
static bool is_usual(const struct ac_store *store, const char *name, unsigned version)
{
    static const char *const files[] = { "privkey.pem", "cert.pem", "chain.pem",
                                         "fullchain.pem" };

    return ac_version_holds(store, name, version, files, AC_COUNT(files));
}

enum ac_code ac_held_look(const struct ac_store *store, const char *name,
                          unsigned version, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    struct ac_error why = { 0 };

    if (is_usual(store, name, version))
        return AC_OK;
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, "current", &held.folder,
                         err));
    enum ac_code code = ac_file_list(held.folder, &held.files, &why);
    if (code != AC_OK) {
        return ac_fail(err, code == AC_E_STORE ? AC_E_SYSTEM : code, "%s", why.detail);
    }
    return ac_held_check_files(&held, err);
}

/* ---- do they belong together? */

static enum ac_code fail_damaged(const struct ac_held *held, const char *item,
                                 const struct ac_error *why, struct ac_error *err)
{
    if (why->code == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why->detail);
    return ac_fail(err, AC_E_STORE, "%s/%s is damaged: %s", held->folder, item,
                   why->detail);
}

static enum ac_code check_item(const struct ac_store *store, const struct ac_held *held,
                               const char *item, const char *expected,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };

    AC_TRY(ac_version_load(store, held->name, item, &pem, err));
    if (pem.size == strlen(expected)
        && memcmp(ac_text_get(&pem), expected, pem.size) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_STORE, "%s/%s is not what fullchain.pem has", held->folder,
                   item);
}

/* AC_E_USAGE: it is there, and open to others. */
static enum ac_code load_key(const struct ac_held *held, const char *item,
                             struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error why = { 0 };

    AC_TRY(ac_memory_format(&path, err, "%s/%s", held->folder, item));
    enum ac_code code = ac_file_read_secret(path, AC_STORE_KEY_MAX, &pem, &why);
    if (code == AC_E_USAGE)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK)
        code = ac_key_parse(&pem, ret_key, &why);
    return code == AC_OK ? AC_OK : fail_damaged(held, item, &why, err);
}

static enum ac_code load_request(const struct ac_store *store,
                                 const struct ac_held *held, const char *item,
                                 struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };
    struct ac_error why = { 0 };

    AC_TRY(ac_version_load(store, held->name, item, &pem, err));
    if (ac_csr_parse(pem.bytes, pem.size, &csr, &why) != AC_OK)
        return fail_damaged(held, item, &why, err);
    *ret_key = AC_TAKE(csr.key);
    return AC_OK;
}

/* NULL: a token has it, which is not asked for this. */
static enum ac_code load_any_key(const struct ac_store *store,
                                 const struct ac_held *held, const char *suffix,
                                 struct ac_key **ret_key, struct ac_error *err)
{
    size_t place = find_key(held, suffix);
    char file[FILE_SIZE];

    *ret_key = NULL;
    if (place == AC_HELD_KEY_TOKEN)
        return AC_OK;
    if (place == AC_HELD_KEY_ELSEWHERE) {
        return load_request(store, held, name_of("request", suffix, PEM, file), ret_key,
                            err);
    }
    return load_key(held, name_of("privkey", suffix, PEM, file), ret_key, err);
}

static enum ac_code load_chain(const struct ac_store *store, const struct ac_held *held,
                               const char *suffix, struct ac_chain **ret_chain,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    char file[FILE_SIZE];
    struct ac_error why = { 0 };

    name_of(FULL, suffix, PEM, file);
    AC_TRY(ac_version_load(store, held->name, file, &pem, err));
    if (ac_chain_parse(ac_text_get(&pem), pem.size, ret_chain, &why) != AC_OK)
        return fail_damaged(held, file, &why, err);
    return AC_OK;
}

static enum ac_code check_chain_files(const struct ac_store *store,
                                      const struct ac_held *held, const char *suffix,
                                      const struct ac_chain *chain,
                                      struct ac_error *err)
{
    char file[FILE_SIZE];

    AC_TRY(check_item(store, held, name_of("cert", suffix, PEM, file),
                      ac_chain_leaf_pem(chain), err));
    AC_TRY(check_item(store, held, name_of("chain", suffix, PEM, file),
                      ac_chain_rest_pem(chain), err));
    return check_item(store, held, name_of(FULL, suffix, PEM, file),
                      ac_chain_full_pem(chain), err);
}

static enum ac_code check_one(const struct ac_store *store, const struct ac_held *held,
                              const char *suffix, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;
    char file[FILE_SIZE];
    struct ac_error why = { 0 };

    AC_TRY(load_chain(store, held, suffix, &chain, err));
    AC_TRY(check_chain_files(store, held, suffix, chain, err));
    AC_TRY(load_any_key(store, held, suffix, &key, err));
    /* Whether it has expired is another question. */
    if (ac_chain_check(chain, key, &held->identifiers, ac_chain_not_before(chain), &why)
        != AC_OK)
        return fail_damaged(held, name_of(FULL, suffix, PEM, file), &why, err);
    return AC_OK;
}

enum ac_code ac_held_check(const struct ac_store *store, const struct ac_held *held,
                           struct ac_error *err)
{
    AC_AUTO(ac_words) suffixes = { 0 };

    AC_TRY(find_suffixes(held, &suffixes, err));
    for (size_t i = 0; i < suffixes.count; i++)
        AC_TRY(check_one(store, held, suffixes.items[i], err));
    return AC_OK;
}

enum ac_code ac_held_read_others(const struct ac_store *store, struct ac_held *held,
                                 struct ac_error *err)
{
    AC_AUTO(ac_words) suffixes = { 0 };

    AC_TRY(find_suffixes(held, &suffixes, err));
    for (size_t i = 1; i < suffixes.count; i++) {
        AC_AUTO(ac_chain) *chain = NULL;

        AC_TRY(load_chain(store, held, suffixes.items[i], &chain, err));
        if (ac_chain_not_after(chain) >= held->not_after)
            continue;
        held->not_after = ac_chain_not_after(chain);
        held->renew_at =
            ac_plan_renew_at(held->name, held->not_before, held->not_after);
    }
    return AC_OK;
}

/* ---- for programs */

/* "privkey-rsa-2048.pem" is "privkey-rsa-2048"; the others have their own words. */
static enum ac_code copy_member(const char *file, char **ret_member,
                                struct ac_error *err)
{
    static const struct {
        const char *stem, *extension, *member;
    } words[] = { { "privkey", ".url", "privkey_url" },
                  { "certificate", ".p12", "pkcs12" } };
    size_t stem = strcspn(file, ".-");
    size_t base = strcspn(file, ".");

    for (size_t i = 0; i < AC_COUNT(words); i++) {
        if (strncmp(file, words[i].stem, stem) == 0
            && strcmp(file + base, words[i].extension) == 0) {
            return ac_memory_format(ret_member, err, "%s%.*s", words[i].member,
                                    (int)(base - stem), file + stem);
        }
    }
    return ac_memory_copy_bytes(file, base, ret_member, err);
}

static enum ac_code set_paths(struct ac_json *json, const struct ac_held *held,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *paths = NULL;

    AC_TRY(ac_json_new(&paths, err, "{}"));
    for (size_t i = 0; i < held->files.count; i++) {
        AC_AUTO_TEXT char *path = NULL;
        AC_AUTO_TEXT char *member = NULL;

        AC_TRY(
            ac_memory_format(&path, err, "%s/%s", held->folder, held->files.items[i]));
        AC_TRY(copy_member(held->files.items[i], &member, err));
        AC_TRY(ac_json_set_text(paths, member, path, err));
    }
    return ac_json_set(json, "paths", &paths, err);
}

enum ac_code ac_held_files_to_json(const struct ac_held *held, struct ac_json *json,
                                   struct ac_error *err)
{
    AC_AUTO(ac_words) others = { 0 };
    AC_AUTO(ac_words) types = { 0 };

    AC_TRY(ac_json_set_text(json, "key", ac_held_key_name(ac_held_key_of(held)), err));
    AC_TRY(ac_held_other_types(held, &others, err));
    if (others.count > 0) {
        AC_TRY(ac_words_add(&types, held->key_type, err));
        for (size_t i = 0; i < others.count; i++)
            AC_TRY(ac_words_add(&types, others.items[i], err));
        AC_TRY(ac_json_set_words(json, "key_types", &types, err));
    }
    return set_paths(json, held, err);
}
