/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include <stdio.h>
#include <string.h>

enum {
    RCODE_NOERROR,
    RCODE_FORMERR,
    RCODE_SERVFAIL,
    RCODE_NXDOMAIN,
    RCODE_NOTIMP,
    RCODE_REFUSED,
    RCODE_YXDOMAIN,
    RCODE_YXRRSET,
    RCODE_NXRRSET,
    RCODE_NOTAUTH,
    RCODE_NOTZONE
};

static const char *const rcode_names[] = {
    [RCODE_NOERROR] = "NOERROR",   [RCODE_FORMERR] = "FORMERR",
    [RCODE_SERVFAIL] = "SERVFAIL", [RCODE_NXDOMAIN] = "NXDOMAIN",
    [RCODE_NOTIMP] = "NOTIMP",     [RCODE_REFUSED] = "REFUSED",
    [RCODE_YXDOMAIN] = "YXDOMAIN", [RCODE_YXRRSET] = "YXRRSET",
    [RCODE_NXRRSET] = "NXRRSET",   [RCODE_NOTAUTH] = "NOTAUTH",
    [RCODE_NOTZONE] = "NOTZONE",
};

static int fail_by_rcode(const struct acmecore_host *host, const struct reply *reply,
                         const struct request_words *words);
static int fail_refused(const struct acmecore_host *host, const struct reply *reply,
                        const struct request_words *words);
static int fail_not_authoritative(const struct acmecore_host *host,
                                  const struct reply *reply,
                                  const struct request_words *words);
static int fail_by_tsig(const struct acmecore_host *host, const struct reply *reply,
                        const struct request_words *words);
static int fail_clock(const struct acmecore_host *host, const struct reply *reply,
                      const struct request_words *words);
static int fail_untrusted(const struct acmecore_host *host, const struct reply *reply,
                          const struct request_words *words);
static int fail_ignored(const struct acmecore_host *host, const struct reply *reply,
                        const struct request_words *words);

enum reply_kind reply_classify(unsigned rcode, const struct tsig_report *tsig)
{
    bool is_success = rcode == RCODE_NOERROR;

    if (!tsig)
        return is_success ? REPLY_DONE : REPLY_REFUSED;
    /* A server with another clock signs what it says with its own time. */
    if (tsig->verdict == TSIG_STALE && tsig->error == TSIG_BADTIME && !is_success)
        return REPLY_BAD_KEY;
    /* RFC 8945 §5.3.2: an error may come unsigned; it can only make us fail. */
    if (tsig->verdict != TSIG_GOOD && (is_success || tsig->verdict != TSIG_UNSIGNED))
        return REPLY_UNTRUSTED;
    if (is_success)
        return tsig->error == TSIG_NO_ERROR ? REPLY_DONE : REPLY_UNTRUSTED;
    return tsig->error == TSIG_NO_ERROR ? REPLY_REFUSED : REPLY_BAD_KEY;
}

bool reply_is_for_next_server(const struct reply *reply)
{
    return reply->kind == REPLY_UNUSABLE
           || (reply->kind == REPLY_REFUSED
               && (reply->rcode == RCODE_SERVFAIL || reply->rcode == RCODE_NOTIMP));
}

bool reply_is_about_content(const struct reply *reply)
{
    /* Knot says BADKEY when its acl does not allow one of the names. */
    if (reply->kind == REPLY_BAD_KEY)
        return reply->tsig.error == TSIG_BADKEY;
    return reply->kind == REPLY_REFUSED && reply->rcode != RCODE_NOTAUTH
           && !reply_is_for_next_server(reply);
}

bool reply_is_same(const struct reply *one, const struct reply *other)
{
    return one->kind == other->kind && one->rcode == other->rcode
           && one->tsig.verdict == other->tsig.verdict
           && one->tsig.error == other->tsig.error
           && strcmp(one->server, other->server) == 0
           && strcmp(one->other.text, other->other.text) == 0;
}

const char *reply_rcode_name(unsigned rcode)
{
    return rcode < sizeof rcode_names / sizeof *rcode_names ? rcode_names[rcode]
                                                            : "an unknown error";
}

int reply_fail(const struct acmecore_host *host, const struct reply *reply,
               const struct request_words *words)
{
    switch (reply->kind) {
    case REPLY_DONE:
        return ACMECORE_OK;
    case REPLY_REFUSED:
        return fail_by_rcode(host, reply, words);
    case REPLY_BAD_KEY:
        return fail_by_tsig(host, reply, words);
    case REPLY_UNTRUSTED:
        return fail_untrusted(host, reply, words);
    case REPLY_UNUSABLE:
        return host->fail(host->ctx, ACMECORE_E_NETWORK,
                          "no server could be used to %s %s in the zone %s: %s: check "
                          "the option server, and that a firewall lets us through",
                          words->verb, words->records, words->zone, reply->trail);
    case REPLY_LATE:
        return host->fail(host->ctx, ACMECORE_E_TIMEOUT,
                          "the time was over before the turn of %s in the zone %s%s%s",
                          words->records, words->zone, reply->trail[0] ? ": " : "",
                          reply->trail);
    case REPLY_ALIAS:
    case REPLY_DELEGATED:
        return fail_ignored(host, reply, words);
    case REPLY_TOO_LONG:
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the record %s does not fit into one message",
                          words->records);
    case REPLY_NO_MEMORY:
        break;
    }
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
}

/* E_CONFIG where only a person can help, with a setting here or at the server: Knot has
 * one answer for an unknown key and for what its acl forbids, so all of them are. */
static int fail_by_rcode(const struct acmecore_host *host, const struct reply *reply,
                         const struct request_words *words)
{
    switch (reply->rcode) {
    case RCODE_REFUSED:
        return fail_refused(host, reply, words);
    case RCODE_NOTAUTH:
        return fail_not_authoritative(host, reply, words);
    case RCODE_NOTZONE:
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s says that %s is not in the zone %s (NOTZONE): check the "
                          "option zone",
                          reply->server, words->records, words->zone);
    case RCODE_SERVFAIL:
        return host->fail(host->ctx, ACMECORE_E_NETWORK,
                          "%s could not %s %s in the zone %s (SERVFAIL): look into its "
                          "log: is the zone loaded, is its folder writable, can it "
                          "reach its primary?",
                          reply->server, words->verb, words->records, words->zone);
    case RCODE_NOTIMP:
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s does not do dynamic updates (NOTIMP), wanted for the "
                          "zone %s: name its primary server with the option server",
                          reply->server, words->zone);
    case RCODE_FORMERR:
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "%s did not understand the update of %s in the zone %s "
                          "(FORMERR): does something between change DNS messages?",
                          reply->server, words->records, words->zone);
    default:
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "%s did not %s %s in the zone %s: it answered %s, which is "
                          "about conditions that we did not set: look into its log",
                          reply->server, words->verb, words->records, words->zone,
                          reply_rcode_name(reply->rcode));
    }
}

static int fail_refused(const struct acmecore_host *host, const struct reply *reply,
                        const struct request_words *words)
{
    if (!words->key->algorithm) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s refused to %s %s in the zone %s (REFUSED), and the "
                          "update was not signed: set tsig-key-file, or let it allow "
                          "our address",
                          reply->server, words->verb, words->records, words->zone);
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "%s refused to %s %s in the zone %s (REFUSED): check that its "
                      "update-policy or allow-update lets the key \"%s\" change TXT "
                      "records of that name",
                      reply->server, words->verb, words->records, words->zone,
                      words->key->text);
}

static int fail_not_authoritative(const struct acmecore_host *host,
                                  const struct reply *reply,
                                  const struct request_words *words)
{
    if (!words->key->algorithm) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s does not take the update of the zone %s (NOTAUTH), "
                          "which was not signed: check that it is the zone's primary "
                          "(options server, zone), and set tsig-key-file",
                          reply->server, words->zone);
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "%s is not authoritative for the zone %s, or does not take the "
                      "key \"%s\" for it (NOTAUTH, no TSIG error): check the options "
                      "server (the primary) and zone (the apex)",
                      reply->server, words->zone, words->key->text);
}

static int fail_by_tsig(const struct acmecore_host *host, const struct reply *reply,
                        const struct request_words *words)
{
    const struct tsig_key *key = words->key;

    switch (reply->tsig.error) {
    case TSIG_BADTIME:
        return fail_clock(host, reply, words);
    case TSIG_BADKEY:
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s does not take the key \"%s\" with %s for %s in the zone "
                          "%s (BADKEY): compare the key's name and algorithm with the "
                          "server's; Knot also says this when its acl does not allow "
                          "the update",
                          reply->server, key->text, tsig_algorithm_name(key),
                          words->records, words->zone);
    case TSIG_BADSIG:
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s knows the key \"%s\", but with another secret (BADSIG), "
                          "so the zone %s was not changed: copy the secret again",
                          reply->server, key->text, words->zone);
    default:
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s does not take our signature with the key \"%s\" for the "
                          "zone %s (TSIG error %u): check the key's algorithm",
                          reply->server, key->text, words->zone, reply->tsig.error);
    }
}

static int fail_clock(const struct acmecore_host *host, const struct reply *reply,
                      const struct request_words *words)
{
    int64_t skew_s = reply->tsig.skew_s;

    /* Without signature the time of the server may be anybody's. */
    if (reply->tsig.verdict == TSIG_UNSIGNED || skew_s == 0) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "the clocks of %s and of this machine differ by more than "
                          "%d s (BADTIME), so the zone %s was not changed with the key "
                          "\"%s\": set the wrong one right",
                          reply->server, TSIG_FUDGE_S, words->zone, words->key->text);
    }
    return host->fail(host->ctx, ACMECORE_E_REFUSED,
                      "the clock of %s is %lld s %s the one of this machine (BADTIME), "
                      "%d s are allowed, so the zone %s was not changed with the key "
                      "\"%s\": set the wrong one right",
                      reply->server, (long long)(skew_s < 0 ? -skew_s : skew_s),
                      skew_s < 0 ? "behind" : "ahead of", TSIG_FUDGE_S, words->zone,
                      words->key->text);
}

static int fail_untrusted(const struct acmecore_host *host, const struct reply *reply,
                          const struct request_words *words)
{
    static const char *const reasons[] = {
        [TSIG_GOOD] = "contradicts itself",
        [TSIG_UNSIGNED] = "is not signed",
        [TSIG_OTHER_KEY] = "is signed with another key",
        [TSIG_FORGED] = "has a wrong signature",
        [TSIG_STALE] = "is signed for another time",
        [TSIG_MALFORMED] = "has a broken signature",
    };

    return host->fail(host->ctx, ACMECORE_E_REFUSED,
                      "an answer (%s) from %s %s, so it is not known whether %s in the "
                      "zone %s was changed: does it know TSIG and the key \"%s\", or "
                      "does something else answer for it?",
                      reply_rcode_name(reply->rcode), reply->server,
                      reasons[reply->tsig.verdict], words->records, words->zone,
                      words->key->text);
}

static int fail_ignored(const struct acmecore_host *host, const struct reply *reply,
                        const struct request_words *words)
{
    if (reply->kind == REPLY_ALIAS) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s accepted the update of %s in the zone %s and ignored it, "
                          "because there is an alias (CNAME or DNAME): remove it, or "
                          "let the challenge be written where it leads",
                          reply->server, words->records, words->zone);
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "%s accepted the update of %s and will never serve it, because "
                      "the zone %s delegates %s: set the option zone to that, and "
                      "server to its primary",
                      reply->server, words->records, words->zone, reply->other.text);
}
