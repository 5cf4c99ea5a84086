/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

/*
 * Which chain is kept: the one the CA gives, or, where another is preferred, one of
 * those that its Link headers name (RFC 8555 7.4.2). The CA's own is good and at hand:
 * whatever goes wrong with the others costs no more than the preference.
 */

static void forget_alternates(struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->alternate_count; i++)
        ac_post_free(issue->alternates[i]);
    issue->alternate_count = 0;
}

void ac_issue_drop_chain(struct ac_issue *issue)
{
    forget_alternates(issue);
    ac_chain_free(issue->chain);
    issue->chain = NULL;
}

static bool is_preferred(const struct ac_issue *issue, const struct ac_chain *chain)
{
    const char *wanted = issue->here.preferred_chain;

    return !wanted || ac_chain_leads_to(chain, wanted);
}

static void log_trouble(const struct ac_issue *issue, const char *url,
                        const struct ac_error *why)
{
    ac_log(AC_LOG_INFO, "chain.unusable", "certificate", issue->here.name, "url", url,
           "text", why->detail, NULL);
}

/* All at once: one round trip, however many there are. */
static enum ac_code begin_alternates(struct ac_issue *issue, const struct ac_post *post,
                                     struct ac_error *err)
{
    AC_AUTO(ac_words) urls = { 0 };

    AC_TRY(ac_post_links(post, "alternate", &urls, err));
    for (size_t i = 0;
         i < urls.count && issue->alternate_count < AC_ISSUE_ALTERNATES_MAX; i++) {
        struct ac_post **place = &issue->alternates[issue->alternate_count];
        struct ac_error why = { 0 };
        enum ac_code code =
            ac_order_download(issue->client, urls.items[i], place, &why);

        if (code == AC_E_NOMEM)
            return ac_fail(err, code, "%s", why.detail);
        if (code == AC_OK) {
            issue->alternate_count++;
        } else {
            log_trouble(issue, urls.items[i], &why);
        }
    }
    return AC_OK;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

enum ac_code ac_issue_take_chain(struct ac_issue *issue, struct ac_chain **chain,
                                 const struct ac_post *post, struct ac_error *err)
{
    ac_issue_drop_chain(issue);
    issue->chain = AC_TAKE(*chain);
    /* What is at hand must be stored before the time is up. */
    issue->choose_until_ms =
        least(ac_clock_after_ms(AC_ISSUE_CHOICE_MS),
              issue->settings.deadline_ms - AC_ISSUE_CHOICE_MARGIN_MS);
    issue->phase = AC_PHASE_CHOOSE;
    return is_preferred(issue, issue->chain) ? AC_OK
                                             : begin_alternates(issue, post, err);
}

/* A.9: the same certificate, and all that is asked of the CA's own chain. */
static enum ac_code check(const struct ac_issue *issue, const struct ac_chain *chain,
                          struct ac_error *err)
{
    if (strcmp(ac_chain_fingerprint(chain), ac_chain_fingerprint(issue->chain)) != 0)
        return ac_fail(err, AC_E_INVALID, "it is of another certificate");
    return ac_chain_check(chain, issue->key, &issue->here.identifiers,
                          ac_issue_valid_at(issue), err);
}

static enum ac_code read_alternate(const struct ac_issue *issue, struct ac_post *post,
                                   struct ac_chain **ret_chain, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    const char *pem;
    size_t size;

    if (!ac_post_is_done(post))
        return ac_fail(err, AC_E_TIMEOUT, "it does not come");
    AC_TRY(ac_order_downloaded(post, &pem, &size, err));
    AC_TRY(ac_chain_parse(pem, size, &chain, err));
    AC_TRY(check(issue, chain, err));
    *ret_chain = AC_TAKE(chain);
    return AC_OK;
}

/* The first that is preferred takes the place of the CA's own; offered: the issuers of
 * all that can be used. */
static enum ac_code pick(struct ac_issue *issue, struct ac_words *offered,
                         struct ac_error *err)
{
    for (size_t i = 0; i < issue->alternate_count; i++) {
        AC_AUTO(ac_chain) *chain = NULL;
        struct ac_error why = { 0 };
        enum ac_code code = read_alternate(issue, issue->alternates[i], &chain, &why);

        if (code == AC_E_NOMEM)
            return ac_fail(err, code, "%s", why.detail);
        if (code != AC_OK) {
            log_trouble(issue, ac_post_url(issue->alternates[i]), &why);
            continue;
        }
        AC_TRY(ac_chain_add_issuers(chain, offered, err));
        if (!is_preferred(issue, chain))
            continue;
        ac_chain_free(issue->chain);
        issue->chain = AC_TAKE(chain);
        return AC_OK;
    }
    return AC_OK;
}

static enum ac_code warn(struct ac_issue *issue, const struct ac_words *offered,
                         struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    AC_TRY(ac_words_join(offered, ", ", &list, err));
    ac_issue_warn(
        issue,
        "the CA has no chain with \"%s\": its default is kept; the issuers in "
        "what it offers are: %s",
        issue->here.preferred_chain, ac_text_get(&list));
    return AC_OK;
}

static bool is_waiting(const struct ac_issue *issue)
{
    if (ac_clock_now_ms() >= issue->choose_until_ms)
        return false;
    for (size_t i = 0; i < issue->alternate_count; i++) {
        if (!ac_post_is_done(issue->alternates[i]))
            return true;
    }
    return false;
}

static enum ac_code choose(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_words) offered = { 0 };

    if (is_preferred(issue, issue->chain))
        return AC_OK;
    AC_TRY(ac_chain_add_issuers(issue->chain, &offered, err));
    AC_TRY(pick(issue, &offered, err));
    return is_preferred(issue, issue->chain) ? AC_OK : warn(issue, &offered, err);
}

enum ac_code ac_issue_choose(struct ac_issue *issue, struct ac_error *err)
{
    if (is_waiting(issue))
        return AC_OK;
    AC_TRY(choose(issue, err));
    forget_alternates(issue);
    ac_issue_check_validity(issue, issue->chain);
    AC_TRY(ac_issue_keep(issue, issue->chain, err));
    issue->phase = AC_PHASE_LEAVE;
    return AC_OK;
}
