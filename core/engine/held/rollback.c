/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/rollback.h"

#include "base/clock.h"
#include "crypto/csr.h"
#include "engine/held/origin.h"
#include "store/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_SIZE 128
#define CHAIN     "fullchain"

struct target {
    struct ac_store *store;
    const char *name;
    unsigned number;
    const char *suffix; /* of a set: "-rsa-2048"; "" for the first */
};

/* "fullchain.pem" in this version, of this certificate of a set. Returns item. */
static const char *name_of(const struct target *target, const char *file,
                           char item[ITEM_SIZE])
{
    int stem = (int)strcspn(file, ".");

    (void)snprintf(item, ITEM_SIZE, AC_STORE_VERSIONS "/%04u/%.*s%s%s", target->number,
                   stem, file, target->suffix, file + stem);
    return item;
}

static enum ac_code read_item(const struct target *target, const char *file,
                              struct ac_text *ret_text, struct ac_error *err)
{
    char item[ITEM_SIZE];

    name_of(target, file, item);
    enum ac_code code = ac_store_read(target->store, AC_STORE_CERTIFICATES,
                                      target->name, item, ret_text, err);
    return code == AC_E_NOTFOUND ? err->code = AC_E_STORE : code;
}

/* The key is with whoever made the request, or (NULL) in a token. */
static enum ac_code read_key_elsewhere(const struct target *target,
                                       struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };
    struct ac_error why = { 0 };

    *ret_key = NULL;
    enum ac_code code = read_item(target, "request.pem", &text, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return read_item(target, "privkey.url", &text, &why);
    AC_TRY(ac_csr_parse(text.bytes, text.size, &csr, err));
    *ret_key = AC_TAKE(csr.key);
    return AC_OK;
}

static enum ac_code read_key(const struct target *target, struct ac_key **ret_key,
                             struct ac_error *err)
{
    char item[ITEM_SIZE];
    AC_AUTO(ac_secret) pem = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code =
        ac_store_load_key(target->store, AC_STORE_CERTIFICATES, target->name,
                          name_of(target, "privkey.pem", item), &pem, err);
    if (code == AC_OK)
        return ac_key_parse(&pem, ret_key, err);
    if (code != AC_E_NOTFOUND)
        return code;
    code = read_key_elsewhere(target, ret_key, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    return code == AC_OK ? AC_OK : (err->code = AC_E_STORE);
}

static enum ac_code check_file(const struct target *target, const char *file,
                               const char *wanted, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(read_item(target, file, &text, err));
    if (strcmp(ac_text_get(&text), wanted) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_STORE, "%s is not of the chain in fullchain.pem", file);
}

/* All four files, one chain, its key, and within its validity. */
static enum ac_code check_whole(const struct target *target, int64_t utc,
                                struct ac_chain **ret_chain, struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_identifiers) names = { 0 };

    AC_TRY(read_item(target, "fullchain.pem", &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    AC_TRY(check_file(target, "cert.pem", ac_chain_leaf_pem(chain), err));
    AC_TRY(check_file(target, "chain.pem", ac_chain_rest_pem(chain), err));
    AC_TRY(read_key(target, &key, err));
    AC_TRY(ac_chain_identifiers(chain, &names, err));
    AC_TRY(ac_chain_check(chain, key, &names, utc, err));
    *ret_chain = AC_TAKE(chain);
    return AC_OK;
}

static enum ac_code check_expiry(const struct target *target, int64_t utc,
                                 struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    struct ac_error why = { 0 };
    char time[AC_CLOCK_TEXT_SIZE];

    enum ac_code code = read_item(target, "cert.pem", &pem, &why);
    if (code == AC_OK)
        code = ac_chain_parse(ac_text_get(&pem), pem.size, &chain, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK || ac_chain_not_after(chain) > utc)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "version %u of %s expired at %s", target->number,
                   target->name, ac_clock_format(ac_chain_not_after(chain), time));
}

static enum ac_code load_one(const struct target *target, int64_t utc,
                             struct ac_chain **ret_chain, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = check_whole(target, utc, ret_chain, &why);

    if (code == AC_OK)
        return AC_OK;
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    AC_TRY(check_expiry(target, utc, err)); /* nothing is wrong with the store then */
    return ac_fail(err, AC_E_STORE, "version %u of %s cannot be used: %s",
                   target->number, target->name, why.detail);
}

/* The others of a set; their suffixes are in the names of their files. */
static enum ac_code check_others(const struct target *target, int64_t utc,
                                 struct ac_error *err)
{
    struct target other = *target;
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_words) files = { 0 };
    char item[ITEM_SIZE];

    (void)snprintf(item, sizeof item, AC_STORE_VERSIONS "/%04u", target->number);
    AC_TRY(ac_store_path(target->store, AC_STORE_CERTIFICATES, target->name, item,
                         &path, err));
    AC_TRY(ac_file_list(path, &files, err));
    for (size_t i = 0; i < files.count; i++) {
        AC_AUTO_TEXT char *suffix = NULL;
        AC_AUTO(ac_chain) *chain = NULL;

        if (strncmp(files.items[i], CHAIN "-", sizeof CHAIN) != 0)
            continue;
        const char *from = files.items[i] + strlen(CHAIN);
        AC_TRY(ac_memory_copy_bytes(from, strcspn(from, "."), &suffix, err));
        other.suffix = suffix;
        AC_TRY(load_one(&other, utc, &chain, err));
    }
    return AC_OK;
}

static enum ac_code load_whole(const struct target *target, int64_t utc,
                               struct ac_chain **ret_chain, struct ac_error *err)
{
    AC_TRY(load_one(target, utc, ret_chain, err));
    return check_others(target, utc, err);
}

/* No better than one that has expired: clients may refuse it, its key may be known. A
 * state that cannot be read knows of none. */
static enum ac_code check_revoked(const struct target *target,
                                  const struct ac_chain *chain, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { 0 };

    if (ac_state_load(target->store, target->name, &state, &why) == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    const struct ac_state_revoked *revoked =
        ac_state_find_revoked_set(&state, ac_chain_fingerprint(chain));
    if (!revoked)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "version %u of %s was revoked (%s)", target->number,
                   target->name, revoked->reason ? revoked->reason : "unspecified");
}

/* ---- which one */

static enum ac_code refuse_number(const char *name, unsigned number,
                                  const unsigned *numbers, size_t count,
                                  struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    if (number == 0)
        return ac_fail(err, AC_E_USAGE, "%s has no earlier version", name);
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_text_addf(&list, err, "%s%u", i > 0 ? ", " : "", numbers[i]));
    return ac_fail(err, AC_E_USAGE, "%s has no version %u; there is %s", name, number,
                   ac_text_get(&list));
}

static enum ac_code choose(const struct ac_store *store, const char *name,
                           unsigned current, unsigned *number, struct ac_error *err)
{
    unsigned *numbers = NULL;
    size_t count = 0;
    unsigned found = 0;

    if (*number == current && current != 0)
        return ac_fail(err, AC_E_USAGE, "version %u of %s is current", current, name);
    AC_TRY(ac_version_list(store, name, &numbers, &count, err));
    for (size_t i = 0; i < count; i++) {
        if (*number == 0 ? numbers[i] < current : numbers[i] == *number)
            found = numbers[i];
    }
    enum ac_code code =
        found == 0 ? refuse_number(name, *number, numbers, count, err) : AC_OK;
    free(numbers);
    if (code == AC_OK)
        *number = found;
    return code;
}

/* ---- noting it */

static enum ac_code note(const struct target *target, const struct ac_chain *chain,
                         int64_t rest_until, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state) holder = { 0 };
    struct ac_error why = { 0 };

    /* One that is damaged is set aside when it is saved. */
    if (ac_state_load(target->store, target->name, &state, &why) == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    holder.origin.version = target->number;
    AC_TRY(ac_origin_read(chain, &holder.origin, err));
    AC_TRY(ac_origin_inherit(&state, target->number, &holder.origin, err));
    ac_state_begin_version(&state, &holder.origin);
    state.trouble.next_attempt_at = rest_until;
    return ac_state_save(&state, target->store, target->name, err);
}

enum ac_code ac_rollback(struct ac_store *store, const char *name, unsigned number,
                         int64_t utc, struct ac_rollback *ret_rollback,
                         struct ac_error *err)
{
    struct target target = {
        .store = store, .name = name, .number = number, .suffix = ""
    };
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_chain) *chain = NULL;
    struct ac_rollback rollback = { 0 };

    AC_TRY(ac_store_lock(store, AC_STORE_CERTIFICATES, name, &lock, err));
    AC_TRY(ac_version_current(store, name, &rollback.from, err));
    AC_TRY(choose(store, name, rollback.from, &target.number, err));
    AC_TRY(load_whole(&target, utc, &chain, err));
    AC_TRY(check_revoked(&target, chain, err));
    rollback.to = target.number;
    rollback.not_after = ac_chain_not_after(chain);
    int64_t rest = (rollback.not_after - utc) / 2;
    rollback.rest_until = utc + (rest < AC_ROLLBACK_REST_S ? rest : AC_ROLLBACK_REST_S);
    /* Before the rename: a run that is killed in between finds a note that is not of
     * the current version, and asks the files. */
    AC_TRY(note(&target, chain, rollback.rest_until, err));
    AC_TRY(ac_version_switch(store, name, target.number, err));
    *ret_rollback = rollback;
    return AC_OK;
}
