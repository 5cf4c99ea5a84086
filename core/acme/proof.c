/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/proof.h"

#include "base/log.h"
#include "base/memory.h"

#include <string.h>

static void say_http(const struct ac_proof *proof)
{
    bool is_ipv6 = strchr(proof->identifier, ':') != NULL;

    ac_log_say(AC_LOG_TRACE, "[-]   GET http://%s%s%s/.well-known/acme-challenge/%s",
               is_ipv6 ? "[" : "", proof->identifier, is_ipv6 ? "]" : "", proof->token);
    ac_log_say(AC_LOG_TRACE, "[-]   answers with the key authorization %s",
               proof->key_authorization);
}

static void say_tls(const struct ac_proof *proof)
{
    ac_log_say(AC_LOG_TRACE,
               "[-]   a TLS handshake at port 443 of %s, ALPN acme-tls/1, shows a "
               "certificate",
               proof->identifier);
    ac_log_say(AC_LOG_TRACE,
               "[-]   with the SHA-256 of the key authorization %s in acmeIdentifier",
               proof->key_authorization);
}

static void say_dns(const struct ac_proof *proof)
{
    ac_log_say(AC_LOG_TRACE, "[-]   TXT %s", proof->record_name);
    ac_log_say(AC_LOG_TRACE, "[-]   has the value %s", proof->record_value);
}

static const struct rule {
    const char *type, *section;
    void (*say)(const struct ac_proof *proof);
} rules[] = {
    { "http-01", "RFC 8555 8.3", say_http },
    { "tls-alpn-01", "RFC 8737 3", say_tls },
    { "dns-01", "RFC 8555 8.4", say_dns },
};

void ac_proof_tell(const struct ac_proof *proof)
{
    /* The other types of DNS differ in names and values only, and those are given. */
    const struct rule *rule = proof->record_name ? &rules[2] : NULL;

    if (!ac_log_wants(AC_LOG_TRACE))
        return;
    for (size_t i = 0; i < AC_COUNT(rules); i++) {
        if (strcmp(rules[i].type, proof->type) == 0)
            rule = &rules[i];
    }
    if (!rule)
        return;
    ac_log_say(AC_LOG_TRACE,
               "[-] proof (%s): What the CA is going to look for, to prove %s by %s.",
               rule->section, proof->identifier, proof->type);
    rule->say(proof);
}
