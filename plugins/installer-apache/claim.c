/* SPDX-License-Identifier: Apache-2.0 */
#include "claim.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX 300 /* bytes of names in one message */

/* Where one identifier belongs. */
struct target {
    enum apache_match tls;                /* the best match among hosts with TLS */
    enum apache_match plain;              /* and without */
    const struct apache_site *left_alone; /* one that matches, but is not touched */
    const struct apache_site *hidden;     /* with TLS, by one that came beside */
    bool is_wildcard;
    bool is_created; /* TLS hosts beside those without */
};

static enum apache_match match_of(const struct apache_site *site,
                                  const char *identifier)
{
    return apache_match(site->host, site->has_name, identifier);
}

/* In the order of Apache; a file that it does not tell of comes first. */
static bool comes_before(const struct apache_dump *dump, const struct apache_host *host,
                         const struct apache_host *other)
{
    if (!strcmp(host->file, other->file))
        return host->line < other->line;
    for (size_t i = 0; i < dump->files.count; i++) {
        if (!strcmp(dump->files.items[i], host->file))
            return true;
        if (!strcmp(dump->files.items[i], other->file))
            return false;
    }
    return true;
}

static bool takes_any(const struct apache_list *patterns, const char *name)
{
    for (size_t i = 0; name && i < patterns->count; i++) {
        if (apache_match_pattern(patterns->items[i], name))
            return true;
    }
    return false;
}

static bool takes_name_of(const struct apache_host *host,
                          const struct apache_host *other)
{
    bool is_taken = takes_any(&host->patterns, other->name);

    for (size_t i = 0; !is_taken && i < other->aliases.count; i++)
        is_taken = takes_any(&host->patterns, other->aliases.items[i]);
    return is_taken;
}

/* Apache takes the first host that has a name, and for it "*" is more than one label: a
 * copy with TLS of one with such an alias may take the visitors of others behind it. */
static const struct apache_site *find_hidden(const struct apache_batch *batch,
                                             const struct apache_site *site)
{
    const struct apache_sites *sites = batch->sites;

    for (size_t i = 0; site->host->patterns.count > 0 && i < sites->count; i++) {
        const struct apache_site *other = &sites->items[i];
        if (other->is_tls && comes_before(batch->dump, site->host, other->host)
            && takes_name_of(site->host, other->host))
            return other;
    }
    return NULL;
}

static struct target find_target(const struct apache_batch *batch,
                                 const char *identifier)
{
    struct target target = { .is_wildcard = identifier[0] == '*' };

    for (size_t i = 0; i < batch->sites->count; i++) {
        const struct apache_site *site = &batch->sites->items[i];
        enum apache_match match = match_of(site, identifier);
        enum apache_match *best = site->is_tls ? &target.tls : &target.plain;
        if (site->left_alone && match > APACHE_MATCH_PATTERN)
            target.left_alone = site;
        if (!site->left_alone && match > *best)
            *best = match;
        if (!site->is_tls && match > APACHE_MATCH_NONE && !target.hidden)
            target.hidden = find_hidden(batch, site);
    }
    target.is_created = batch->can_create && target.plain > target.tls;
    return target;
}

static bool shares_name(const struct apache_batch *batch,
                        const struct apache_site *site)
{
    for (size_t i = 0; i < batch->sites->count; i++) {
        const struct apache_site *other = &batch->sites->items[i];
        if (other->is_tls && other->host->name && site->host->name
            && !strcasecmp(other->host->name, site->host->name))
            return true;
    }
    return false;
}

/* A wildcard goes to every host that it covers, another name to where it is served. */
static bool is_for(const struct apache_batch *batch, const struct target *target,
                   const struct apache_site *site, enum apache_match match)
{
    if (site->left_alone || match == APACHE_MATCH_NONE)
        return false;
    if (!site->is_tls && find_hidden(batch, site))
        return false;
    if (target->is_wildcard)
        return site->is_tls || (batch->can_create && !shares_name(batch, site));
    if (site->is_tls)
        return !target->is_created && match == target->tls;
    return target->is_created && match == target->plain;
}

static bool is_better(const struct apache_claim *claim, const struct apache_claim *than)
{
    if (claim->match != than->match)
        return claim->match > than->match;
    if (claim->is_in_place != than->is_in_place)
        return claim->is_in_place;
    return claim->is_first && !than->is_first && !than->is_in_place;
}

static void put_claim(struct apache_site *site, const struct apache_claim *claim)
{
    if (is_better(claim, &site->claim))
        site->claim = *claim;
}

static void claim_for_holder(struct apache_site *site,
                             const struct apache_holder *holder)
{
    struct apache_claim claim = { .is_in_place = true };

    for (size_t i = 0; i < holder->identifiers.count; i++) {
        enum apache_match match = match_of(site, holder->identifiers.items[i]);
        if (match > claim.match)
            claim.match = match;
    }
    if (claim.match > APACHE_MATCH_NONE)
        put_claim(site, &claim);
}

/* The certificate that is set here now, when it is one of ours. */
static int look_in_place(const struct apache_batch *batch, struct apache_site *site)
{
    APACHE_AUTO_TEXT path = { 0 };
    const struct apache_holder *holder = NULL;

    if (!apache_site_path(site, batch->dump, "SSLCertificateFile", &path))
        return apache_no_memory(batch->host);
    for (size_t i = 0; i < batch->count; i++) {
        if (!strcmp(batch->certificates[i]->fullchain_path, path.bytes))
            site->in_place = i + 1;
    }
    holder = apache_record_find(batch->record, path.bytes);
    if (site->in_place == 0 && holder)
        claim_for_holder(site, holder);
    return ACMECORE_OK;
}

static void claim_name(const struct apache_batch *batch, size_t certificate,
                       const char *identifier)
{
    struct target target = find_target(batch, identifier);

    for (size_t i = 0; i < batch->sites->count; i++) {
        struct apache_site *site = &batch->sites->items[i];
        struct apache_claim claim = {
            .certificate = certificate + 1,
            .match = match_of(site, identifier),
            .is_in_place = site->in_place == certificate + 1,
            .is_first = site->host->name && !strcasecmp(site->host->name, identifier),
        };
        if (is_for(batch, &target, site, claim.match))
            put_claim(site, &claim);
    }
}

/* ---- what came of it ------------------------------------------------------ */

struct outcome {
    const struct apache_batch *batch;
    size_t certificate;
    bool is_served;          /* one name at least */
    struct apache_text text; /* the names that are not, and why */
};

static bool tell(struct outcome *outcome, const char *identifier, const char *why,
                 const struct apache_site *site)
{
    if (outcome->text.size > TEXT_MAX)
        return true;
    if (!apache_text_format(&outcome->text, "%s%s: %s",
                            outcome->text.size > 0 ? "; " : "", identifier, why))
        return false;
    return !site
           || apache_text_format(&outcome->text, " (%s:%u)", site->host->file,
                                 site->host->line);
}

static bool tell_missing(struct outcome *outcome, const char *identifier,
                         const struct target *target)
{
    if (target->left_alone) {
        return tell(outcome, identifier, target->left_alone->left_alone,
                    target->left_alone);
    }
    if (target->hidden) {
        return tell(outcome, identifier,
                    "served without TLS only, and with TLS its alias with \"*\" would "
                    "take the visitors of a virtual host behind it: put that one first",
                    target->hidden);
    }
    if (target->plain > APACHE_MATCH_NONE) {
        return tell(outcome, identifier,
                    "served without TLS only, and create-hosts is \"no\"", NULL);
    }
    return tell(outcome, identifier, "no virtual host has this name", NULL);
}

/* A wildcard is not missed where a host has a certificate for its own name. */
static bool judge_name(struct outcome *outcome, const char *identifier)
{
    const struct apache_batch *batch = outcome->batch;
    struct target target = find_target(batch, identifier);
    const struct apache_site *taken = NULL;
    bool is_for_any = false;

    for (size_t i = 0; i < batch->sites->count; i++) {
        const struct apache_site *site = &batch->sites->items[i];
        enum apache_match match = match_of(site, identifier);
        if (!is_for(batch, &target, site, match))
            continue;
        is_for_any = true;
        if (site->claim.certificate == outcome->certificate + 1) {
            outcome->is_served = true;
            return true;
        }
        if (site->claim.match == match)
            taken = site;
    }
    if (!is_for_any)
        return tell_missing(outcome, identifier, &target);
    if (!taken && target.is_wildcard)
        return true;
    return tell(outcome, identifier,
                "its virtual host has another certificate of ours; one host can have "
                "one: put all its names in one certificate, or make two hosts",
                taken);
}

static int judge(const struct apache_batch *batch, size_t certificate)
{
    const struct acmecore_host *host = batch->host;
    const struct acmecore_certificate *subject = batch->certificates[certificate];
    struct outcome outcome = { .batch = batch, .certificate = certificate };
    bool is_good = apache_text_add(&outcome.text, "", 0);

    for (size_t i = 0; subject->identifiers[i] && is_good; i++)
        is_good = judge_name(&outcome, subject->identifiers[i]);
    if (is_good && !outcome.is_served) {
        batch->results[certificate] = host->fail(
            host->ctx, ACMECORE_E_CONFIG, "no virtual host is served by it: %s",
            outcome.text.size > 0 ? outcome.text.bytes
                                  : "each has a certificate for its own name");
    } else if (is_good && outcome.text.size > 0) {
        host->log(host->ctx, ACMECORE_WARN, "certificate %s is not served for %s",
                  subject->name, outcome.text.bytes);
    }
    apache_text_done(&outcome.text);
    return is_good ? ACMECORE_OK : apache_no_memory(host);
}

int apache_claim_all(const struct apache_batch *batch)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; i < batch->sites->count && status == ACMECORE_OK; i++)
        status = look_in_place(batch, &batch->sites->items[i]);
    for (size_t i = 0; i < batch->count && status == ACMECORE_OK; i++) {
        const char *const *identifiers = batch->certificates[i]->identifiers;
        for (size_t k = 0; batch->results[i] == ACMECORE_OK && identifiers[k]; k++)
            claim_name(batch, i, identifiers[k]);
    }
    for (size_t i = 0; i < batch->count && status == ACMECORE_OK; i++) {
        if (batch->results[i] == ACMECORE_OK)
            status = judge(batch, i);
    }
    return status;
}

static bool is_covered(const char *name, const char *const *identifiers)
{
    for (size_t i = 0; identifiers[i]; i++) {
        if (!strcasecmp(identifiers[i], name)
            || apache_match_covers(identifiers[i], name))
            return true;
    }
    return false;
}

static const char *find_uncovered(const struct apache_list *names,
                                  const char *const *identifiers)
{
    for (size_t i = 0; i < names->count; i++) {
        if (!is_covered(names->items[i], identifiers))
            return names->items[i];
    }
    return NULL;
}

const char *apache_claim_uncovered(const struct apache_host *host,
                                   const char *const *identifiers)
{
    const char *name = NULL;

    if (host->name && !is_covered(host->name, identifiers))
        return host->name;
    name = find_uncovered(&host->aliases, identifiers);
    return name ? name : find_uncovered(&host->patterns, identifiers);
}
