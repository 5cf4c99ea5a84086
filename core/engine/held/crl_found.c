/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/crl_found.h"

#include "base/clock.h"
#include "crypto/digest.h"
#include "engine/held/revocable.h"
#include "engine/held/state.h"

#include <string.h>

/* What is known of the certificate, under its lock. */
struct finding {
    struct ac_lock *lock;
    struct ac_state state;
    struct ac_state_listed *listed; /* lent by state */
};

static void finding_done(struct finding *finding)
{
    ac_state_done(&finding->state);
    ac_lock_free(finding->lock);
}
AC_DEFINE_DROP_VALUE(finding, finding_done)

static struct ac_state_listed *find_listed(struct ac_state *state, const char *serial)
{
    for (size_t i = 0; ac_state_knows_crl(state) && i < state->crl.count; i++) {
        if (strcmp(state->crl.items[i].serial, serial) == 0)
            return &state->crl.items[i];
    }
    return NULL;
}

/* As it is by now: another run may have issued. */
static enum ac_code begin(struct ac_store *store, const char *name, const char *serial,
                          struct finding *finding, struct ac_error *err)
{
    AC_TRY(ac_store_lock(store, AC_STORE_CERTIFICATES, name, &finding->lock, err));
    AC_TRY(ac_state_load(store, name, &finding->state, err));
    finding->listed = find_listed(&finding->state, serial);
    if (finding->listed)
        return AC_OK;
    return ac_fail(err, AC_E_NOTFOUND, "certificate \"%s\" has been replaced", name);
}

static const struct ac_chain *find(const struct ac_revocable *held, const char *serial)
{
    for (size_t i = 0; i < held->count; i++) {
        if (strcmp(ac_chain_serial(held->chains[i]), serial) == 0)
            return held->chains[i];
    }
    return NULL;
}

static enum ac_code fill(const struct ac_chain *chain, const struct ac_crl_entry *entry,
                         struct ac_state_revoked *revoked, struct ac_error *err)
{
    AC_AUTO(ac_text) key = { 0 };
    char digits[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_chain_public_der(chain, &key, err));
    AC_TRY(
        ac_memory_copy_text(ac_chain_fingerprint(chain), &revoked->fingerprint, err));
    AC_TRY(ac_memory_copy_text(ac_sha256_hex(key.bytes, key.size, digits),
                               &revoked->key_fingerprint, err));
    AC_TRY(
        ac_memory_copy_text(ac_crl_reason_name(entry->reason), &revoked->reason, err));
    revoked->revoked_at = entry->revoked_at > 0 ? entry->revoked_at : ac_clock_utc();
    revoked->is_key_compromised = entry->reason == AC_CRL_KEY_COMPROMISE;
    return AC_OK;
}

static bool is_known(const struct ac_state *state, const struct ac_state_revoked *found)
{
    const struct ac_state_revoked *known =
        ac_state_find_revoked(state, found->fingerprint);

    return known && (known->is_key_compromised || !found->is_key_compromised);
}

enum ac_code ac_crl_found_revoked(struct ac_store *store, const char *name,
                                  const struct ac_crl_entry *entry, bool *ret_is_news,
                                  struct ac_error *err)
{
    AC_AUTO(finding) finding = { 0 };
    AC_AUTO(ac_revocable) held = { 0 };
    AC_AUTO(ac_state_revoked) revoked = { 0 };
    struct ac_state *state = &finding.state;

    AC_TRY(begin(store, name, entry->serial, &finding, err));
    AC_TRY(ac_revocable_find(store, name, &held, err));
    const struct ac_chain *chain = find(&held, entry->serial);
    if (!chain)
        return ac_fail(err, AC_E_NOTFOUND, "certificate \"%s\" is another one", name);
    AC_TRY(fill(chain, entry, &revoked, err));
    *ret_is_news = !is_known(state, &revoked);
    if (!*ret_is_news)
        return AC_OK;
    revoked.version = state->origin.version;
    finding.listed->on_hold_at = 0;
    AC_TRY(ac_state_add_revoked(state, &revoked, err));
    ac_state_clear_trouble(state);
    return ac_state_save(state, store, name, err);
}

enum ac_code ac_crl_found_on_hold(struct ac_store *store, const char *name,
                                  const char *serial, int64_t since, bool *ret_is_news,
                                  struct ac_error *err)
{
    AC_AUTO(finding) finding = { 0 };

    AC_TRY(begin(store, name, serial, &finding, err));
    *ret_is_news = (finding.listed->on_hold_at == 0) != (since == 0);
    if (!*ret_is_news)
        return AC_OK;
    finding.listed->on_hold_at = since;
    return ac_state_save(&finding.state, store, name, err);
}
