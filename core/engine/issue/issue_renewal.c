/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deployment.h"
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/held/crl_known.h"
#include "engine/held/origin.h"
#include "engine/wanted/wanted_keys.h"
#include "store/version.h"

/*
 * What is noted about a new version; then, while what was presented is cleaned up, the
 * CA is asked when it would like it renewed (RFC 9773 4.3: right after it was issued).
 * No failure of that is one of the issue. ac_issue_save_notes writes both at once.
 */

static enum ac_code fill_origin(const struct ac_issue *issue,
                                const struct ac_chain *chain,
                                struct ac_state_origin *origin, struct ac_error *err)
{
    char identity[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_wanted_identity(issue->settings.wish, identity, err));
    AC_TRY(ac_memory_copy_text(identity, &origin->identity, err));
    AC_TRY(ac_origin_copy(issue->here.configuration, &origin->configuration, err));
    AC_TRY(ac_origin_read(chain, origin, err));
    origin->version = issue->outcome.version;
    origin->issued_at = ac_clock_utc();
    origin->is_silent = issue->settings.wish->notify.count == 0;
    AC_TRY(ac_memory_copy_text(issue->here.directory_url, &origin->directory_url, err));
    AC_TRY(
        ac_memory_copy_text(ac_client_kid(issue->client), &origin->account_url, err));
    return ac_origin_copy(issue->order.profile, &origin->profile, err);
}

/* One that is damaged is replaced: what it knew is lost already. */
enum ac_code ac_issue_load_state(struct ac_issue *issue, struct ac_error *err)
{
    struct ac_error why = { 0 };

    ac_state_done(&issue->state);
    enum ac_code code =
        ac_state_load(issue->settings.store, issue->here.name, &issue->state, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        ac_issue_warn(issue, "%s; it is written anew", why.detail);
    return AC_OK;
}

enum ac_code ac_issue_save_state(struct ac_issue *issue, struct ac_error *err)
{
    return ac_state_save(&issue->state, issue->settings.store, issue->here.name, err);
}

static enum ac_code note(struct ac_issue *issue, const struct ac_chain *chain,
                         struct ac_error *err)
{
    AC_AUTO(ac_state) origin = { 0 };

    AC_TRY(ac_issue_load_state(issue, err));
    AC_TRY(fill_origin(issue, chain, &origin.origin, err));
    ac_state_begin_version(&issue->state, &origin.origin);
    AC_TRY(ac_deployments_note_wanted(&issue->state, issue->settings.wish, NULL, err));
    /* Of a set the next renewal reads the others, too. */
    if (ac_wanted_key_count(&issue->here) == 1)
        AC_TRY(ac_crl_known_add(&issue->state, chain, err));
    issue->has_notes = true;
    return AC_OK;
}

/* A set is known by its first certificate, whichever was issued last. */
enum ac_code ac_issue_note_version(struct ac_issue *issue, const struct ac_chain *chain,
                                   struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *first = NULL;

    if (issue->key_index == 0)
        return note(issue, chain, err);
    AC_TRY(ac_version_load(issue->settings.store, issue->here.name, "cert.pem", &pem,
                           err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &first, err));
    return note(issue, first, err);
}

static void tell_trouble(const struct ac_issue *issue, const struct ac_error *why)
{
    ac_log(AC_LOG_INFO, "renewal.unknown", "certificate", issue->here.name, "text",
           why->detail, NULL);
}

void ac_issue_begin_renewal(struct ac_issue *issue)
{
    const char *id = issue->state.origin.renewal_id;
    struct ac_error why = { 0 };

    if (!id)
        return;
    if (ac_renewal_ask(issue->client, id, &issue->renewal, &why) != AC_OK)
        tell_trouble(issue, &why);
    issue->renewal_until_ms = ac_clock_after_ms(AC_ISSUE_RENEWAL_MS);
}

void ac_issue_drop_renewal(struct ac_issue *issue)
{
    ac_renewal_query_free(issue->renewal);
    issue->renewal = NULL;
}

/* AR-08: it is news, because the certificate is new. */
static void tell_explanation(struct ac_issue *issue)
{
    const char *url = issue->state.renewal.explanation_url;

    if (ac_state_passes_over(&issue->state)) {
        ac_issue_warn(issue,
                      "the CA wants this certificate renewed at once, too, as the "
                      "one before: it is renewed by its age");
    }
    if (url) {
        ac_issue_warn(
            issue, "the CA explains when it wants this certificate renewed: %s", url);
    }
}

static enum ac_code take_answer(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_renewal *renewal = NULL;
    struct ac_error why = { 0 };

    ac_state_note_check(&issue->state, ac_clock_utc(),
                        ac_renewal_query_check_after_s(issue->renewal));
    if (ac_renewal_query_result(issue->renewal, &renewal, &why) == AC_OK) {
        AC_TRY(ac_state_take_renewal(&issue->state, renewal, err));
        tell_explanation(issue);
    } else {
        tell_trouble(issue, &why);
    }
    return AC_OK;
}

bool ac_issue_end_renewal(struct ac_issue *issue)
{
    struct ac_error why = { 0 };

    if (!issue->renewal)
        return true;
    ac_renewal_query_step(issue->renewal);
    bool is_done = ac_renewal_query_is_done(issue->renewal);
    if (!is_done && ac_clock_now_ms() < issue->renewal_until_ms)
        return false;
    if (!is_done) {
        (void)ac_fail(&why, AC_E_TIMEOUT, "the CA's renewal information does not come");
    } else {
        (void)!take_answer(issue, &why);
    }
    if (why.code != AC_OK)
        tell_trouble(issue, &why);
    ac_issue_drop_renewal(issue);
    return true;
}

int64_t ac_issue_renewal_wake_at_ms(const struct ac_issue *issue)
{
    int64_t wake_at_ms;

    if (!issue->renewal)
        return AC_CLOCK_NEVER;
    wake_at_ms = ac_renewal_query_wake_at_ms(issue->renewal);
    return wake_at_ms < issue->renewal_until_ms ? wake_at_ms : issue->renewal_until_ms;
}
