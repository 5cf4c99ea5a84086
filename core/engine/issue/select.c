/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/select.h"

#include "acme/persist.h"

#include <stdlib.h>
#include <string.h>

/* What each challenge type can prove. */
static const struct type_rule {
    const char *type;
    bool proves_name, proves_wildcard, proves_ip;
} type_rules[] = {
    { "http-01", true, false, true },       { "tls-alpn-01", true, false, true },
    { "dns-01", true, true, false },        { "dns-account-01", true, true, false },
    { AC_PERSIST_TYPE, true, true, false },
};

/* Of the matching patterns the longest wins; 0: does not match, 1: a default. */
static size_t weight(const struct ac_solver_rule *rule,
                     const struct ac_identifier *identifier)
{
    if (!rule->pattern)
        return 1;
    if (strcmp(rule->pattern, identifier->value) == 0)
        return 2 + strlen(rule->pattern);
    if (strncmp(rule->pattern, "*.", 2) != 0 || identifier->type != AC_IDENTIFIER_DNS)
        return 0;
    /* Unlike in a certificate, "*.corp.example" here means all names below it. */
    const char *base = ac_identifier_base(identifier);
    const char *suffix = rule->pattern + 1;
    size_t base_size = strlen(base);
    size_t suffix_size = strlen(suffix);
    if (base_size <= suffix_size || strcmp(base + base_size - suffix_size, suffix) != 0)
        return 0;
    return 1 + suffix_size;
}

static enum ac_code add_candidate(struct ac_candidates *candidates, const char *solver,
                                  struct ac_error *err)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (strcmp(candidates->solvers[i], solver) == 0)
            return AC_OK;
    }
    AC_TRY(ac_memory_grow(&candidates->solvers, &candidates->capacity,
                          candidates->count + 1, sizeof *candidates->solvers, err));
    candidates->solvers[candidates->count++] = solver;
    return AC_OK;
}

/* The greatest weight of a rule that is under `below`; 0: none is left. */
static size_t next_weight(const struct ac_wanted *wanted,
                          const struct ac_identifier *identifier, size_t below)
{
    size_t greatest = 0;

    for (size_t i = 0; i < wanted->rule_count; i++) {
        size_t one = weight(&wanted->rules[i], identifier);

        if (one < below && one > greatest)
            greatest = one;
    }
    return greatest;
}

static enum ac_code add_of_weight(const struct ac_wanted *wanted,
                                  const struct ac_identifier *identifier, size_t of,
                                  struct ac_candidates *candidates,
                                  struct ac_error *err)
{
    for (size_t i = 0; i < wanted->rule_count; i++) {
        const struct ac_solver_rule *rule = &wanted->rules[i];

        if (weight(rule, identifier) == of)
            AC_TRY(add_candidate(candidates, rule->solver, err));
    }
    return AC_OK;
}

enum ac_code ac_select_candidates(const struct ac_wanted *wanted,
                                  const struct ac_identifier *identifier,
                                  struct ac_candidates *ret_candidates,
                                  struct ac_error *err)
{
    AC_AUTO(ac_candidates) candidates = { 0 };
    size_t next = next_weight(wanted, identifier, SIZE_MAX);

    while (next > 0) {
        AC_TRY(add_of_weight(wanted, identifier, next, &candidates, err));
        next = next_weight(wanted, identifier, next);
    }
    *ret_candidates = candidates;
    candidates = (struct ac_candidates){ 0 };
    return AC_OK;
}

void ac_candidates_done(struct ac_candidates *candidates)
{
    free(candidates->solvers);
    *candidates = (struct ac_candidates){ 0 };
}

bool ac_select_can_prove(const char *type, const struct ac_identifier *identifier)
{
    for (size_t i = 0; i < AC_COUNT(type_rules); i++) {
        const struct type_rule *rule = &type_rules[i];

        if (strcmp(rule->type, type) != 0)
            continue;
        if (identifier->type == AC_IDENTIFIER_IP)
            return rule->proves_ip;
        if (ac_identifier_is_wildcard(identifier))
            return rule->proves_wildcard;
        return rule->proves_name;
    }
    return false;
}

bool ac_select_is_known(const char *type)
{
    return ac_select_bit(type) != 0;
}

enum ac_code ac_select_known_types(struct ac_text *text, struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(type_rules); i++) {
        AC_TRY(ac_text_addf(text, err, "%s%s", i > 0 ? ", " : "", type_rules[i].type));
    }
    return AC_OK;
}

const char *ac_select_fitting(const struct ac_identifier *identifier)
{
    if (identifier->type == AC_IDENTIFIER_IP)
        return "an IP address needs a solver for http-01 or tls-alpn-01";
    if (ac_identifier_is_wildcard(identifier))
        return "a wildcard needs a dns-01 solver (dns01-rfc2136, dns01-exec)";
    return "a name needs a solver for http-01, tls-alpn-01 or dns-01";
}

/* ---- which of the types */

/* Types whose drafts still change, or that leave something behind for good. */
bool ac_select_is_experimental(const char *type)
{
    return strcmp(type, AC_PERSIST_TYPE) == 0;
}

static bool may_use(const struct ac_wanted *wanted, const char *type)
{
    return !ac_select_is_experimental(type)
           || ac_words_has(&wanted->experimental, type);
}

/* Of a solver's types those that this certificate may use: in the certificate's order,
 * or where it has none in the solver's. NULL: not this one. Lent. */
static const char *type_at(const struct ac_wanted *wanted, const struct ac_words *types,
                           size_t index)
{
    const struct ac_words *order =
        wanted->challenges.count > 0 ? &wanted->challenges : types;
    const char *type = order->items[index];

    return ac_words_has(types, type) && may_use(wanted, type) ? type : NULL;
}

static size_t type_count(const struct ac_wanted *wanted, const struct ac_words *types)
{
    return wanted->challenges.count > 0 ? wanted->challenges.count : types->count;
}

const char *ac_select_type(const struct ac_wanted *wanted, const struct ac_words *types,
                           const struct ac_identifier *identifier)
{
    return ac_select_type_among(wanted, types, ~0u, identifier);
}

unsigned ac_select_bit(const char *type)
{
    for (size_t i = 0; i < AC_COUNT(type_rules); i++) {
        if (strcmp(type_rules[i].type, type) == 0)
            return 1u << i;
    }
    return 0;
}

const char *ac_select_type_among(const struct ac_wanted *wanted,
                                 const struct ac_words *types, unsigned among,
                                 const struct ac_identifier *identifier)
{
    for (size_t i = 0; i < type_count(wanted, types); i++) {
        const char *type = type_at(wanted, types, i);

        if (type && ac_select_bit(type) & among
            && ac_select_can_prove(type, identifier))
            return type;
    }
    return NULL;
}

/* Only what has a token can be answered with one (8.1); dns-persist-01 is answered by
 * the name of an issuer instead. */
static bool is_answerable(const struct ac_challenge *challenge)
{
    if (strcmp(challenge->type, AC_PERSIST_TYPE) == 0)
        return challenge->issuers.count > 0;
    return challenge->token != NULL;
}

const char *ac_select_explain(const struct ac_authorization *authorization)
{
    static const struct {
        const char *type, *what;
    } rare[] = {
        { "email-reply-00", "that is proven by the answer to a mail (RFC 8823, for "
                            "S/MIME), which acmecore does not do" },
        { "device-attest-01", "that is proven by a device's own hardware (draft "
                              "device-attest), which acmecore does not do" },
        { "onion-csr-01", "that is proven by the key of an onion service (RFC 9799), "
                          "which acmecore does not do" },
        { "tkauth-01",
          "that is proven by a token of a telephone number's authority (RFC "
          "9447), which acmecore does not do" },
    };

    for (size_t i = 0; i < AC_COUNT(rare); i++) {
        if (ac_authorization_find(authorization, rare[i].type))
            return rare[i].what;
    }
    return NULL;
}

unsigned ac_select_offered(const struct ac_authorization *authorization)
{
    unsigned offered = 0;

    for (size_t i = 0; i < authorization->challenge_count; i++) {
        if (is_answerable(&authorization->challenges[i]))
            offered |= ac_select_bit(authorization->challenges[i].type);
    }
    return offered;
}

const struct ac_challenge *ac_select_challenge(
    const struct ac_wanted *wanted, const struct ac_words *types, unsigned except,
    const struct ac_authorization *authorization)
{
    for (size_t i = 0; i < type_count(wanted, types); i++) {
        const char *type = type_at(wanted, types, i);
        const struct ac_challenge *challenge =
            type ? ac_authorization_find(authorization, type) : NULL;

        if (challenge && is_answerable(challenge) && !(ac_select_bit(type) & except)
            && ac_select_can_prove(type, &authorization->identifier))
            return challenge;
    }
    return NULL;
}
