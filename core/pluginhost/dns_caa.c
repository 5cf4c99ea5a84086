/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_caa.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CRITICAL_BIT 0x80
#define CRITICAL_ODD 1 /* what some wrote for critical, and Boulder takes for it */
#define BLANK        " \t"
#define VALUE_MAX    1024 /* of a property that is looked at */
#define ACCOUNT      "accounturi"
#define METHODS      "validationmethods"
#define DOUBT_SHARE  4 /* of the time, to ask whether a silent zone answers at all */

/* One issue or issuewild property, taken apart in its own copy. */
struct property {
    char text[VALUE_MAX];
    char *issuer;
    char *account; /* NULL: not given */
    char *methods; /* NULL: not given */
    bool is_unsatisfiable;
};

void ac_dns_caa_names_done(struct ac_dns_caa_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(AC_TAKE(names[i].finding));
}

/* ---- one property ------------------------------------------------------- */

static char *trim(char *text)
{
    text += strspn(text, BLANK);
    for (size_t size = strlen(text); size > 0 && strchr(BLANK, text[size - 1]);)
        text[--size] = '\0';
    return text;
}

/* The text up to the separator, which is overwritten; NULL at the end. */
static char *next_part(char **at, char separator)
{
    char *part = *at;

    if (!part)
        return NULL;
    char *end = strchr(part, separator);
    if (end)
        *end = '\0';
    *at = end ? end + 1 : NULL;
    return trim(part);
}

static void take_parameter(struct property *property, char *part)
{
    char *value = strchr(part, '=');

    if (!value) {
        property->is_unsatisfiable = property->is_unsatisfiable || *part;
        return;
    }
    *value++ = '\0';
    char *tag = trim(part);
    value = trim(value);
    if (!strcasecmp(tag, ACCOUNT)) {
        /* RFC 8657 section 3: more than one cannot be satisfied. */
        property->is_unsatisfiable = property->is_unsatisfiable || property->account;
        property->account = value;
    } else if (!strcasecmp(tag, METHODS)) {
        property->is_unsatisfiable = property->is_unsatisfiable || property->methods;
        property->methods = value;
    }
}

/* RFC 8659 section 4.2: issuer [";" tag "=" value]… */
static void parse_property(const struct ac_dns_record *record,
                           struct property *property)
{
    char *at = NULL;
    char *part = NULL;
    size_t size = record->data_size;

    *property = (struct property){ .issuer = property->text };
    at = property->text;
    if (size >= sizeof property->text || strlen(record->data) != size) {
        property->is_unsatisfiable = true;
        return;
    }
    memcpy(property->text, record->data, size + 1);
    property->issuer = next_part(&at, ';');
    while ((part = next_part(&at, ';')) != NULL)
        take_parameter(property, part);
}

static bool has_method(char *methods, const char *method)
{
    char *part = NULL;

    while ((part = next_part(&methods, ',')) != NULL) {
        if (!strcasecmp(part, method))
            return true;
    }
    return false;
}

static bool is_issuer(const struct ac_dns_caa_request *request, const char *issuer)
{
    for (size_t i = 0; i < request->identities->count; i++) {
        if (!strcasecmp(request->identities->items[i], issuer))
            return true;
    }
    return false;
}

/* Why a property that names this CA does not help, from the least to the most apt. */
enum obstacle {
    OTHER_CA,
    BROKEN,
    OTHER_ACCOUNT,
    OTHER_METHOD,
    NO_OBSTACLE
};

static enum obstacle weigh(const struct ac_dns_caa_request *request,
                           const struct ac_dns_caa_name *name,
                           const struct ac_dns_record *record)
{
    struct property property = { 0 };

    parse_property(record, &property);
    if (!is_issuer(request, property.issuer))
        return OTHER_CA;
    if (property.is_unsatisfiable)
        return BROKEN;
    /* Exactly equal (RFC 8657 section 3). */
    if (property.account && request->account_url
        && strcmp(property.account, request->account_url) != 0)
        return OTHER_ACCOUNT;
    if (property.methods && name->method && !has_method(property.methods, name->method))
        return OTHER_METHOD;
    return NO_OBSTACLE;
}

/* ---- a set -------------------------------------------------------------- */

static bool is_caa(const struct ac_dns_record *record)
{
    return !record->is_authority && record->type == AC_DNS_CAA;
}

static bool has_tag(const struct ac_dns_answer *answer, const char *tag)
{
    for (size_t i = 0; i < answer->count; i++) {
        if (is_caa(&answer->records[i]) && !strcmp(answer->records[i].tag, tag))
            return true;
    }
    return false;
}

static const struct ac_dns_record *find_critical(const struct ac_dns_answer *answer)
{
    static const char *const known[] = { "issue",        "issuewild",    "iodef",
                                         "contactemail", "contactphone", "issuemail",
                                         "issuevmc" };

    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        bool is_known = !is_caa(record);
        for (size_t j = 0; j < AC_COUNT(known) && !is_known; j++)
            is_known = !strcmp(record->tag, known[j]);
        if (!is_known
            && (record->flags & CRITICAL_BIT || record->flags == CRITICAL_ODD))
            return record;
    }
    return NULL;
}

/* The best that any property of this tag offers. */
static enum obstacle weigh_all(const struct ac_dns_caa_request *request,
                               const struct ac_dns_caa_name *name,
                               const struct ac_dns_answer *answer, const char *tag)
{
    enum obstacle best = OTHER_CA;
    size_t looked_at = 0;

    for (size_t i = 0; i < answer->count && looked_at < AC_DNS_CAA_RECORDS_MAX; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (!is_caa(record) || strcmp(record->tag, tag) != 0)
            continue;
        enum obstacle obstacle = weigh(request, name, record);
        best = obstacle > best ? obstacle : best;
        looked_at++;
    }
    return best;
}

static enum ac_code describe(const struct ac_dns_caa_request *request,
                             const struct ac_dns_caa_name *name, enum obstacle obstacle,
                             const char *tag, char **ret_finding, struct ac_error *err)
{
    const char *at = name->asked ? name->asked : name->name;
    AC_AUTO(ac_text) list = { 0 };
    char ca[AC_DNS_NAME_SIZE];

    AC_TRY(ac_words_join(request->identities, " or ", &list, err));
    (void)ac_text_clean(ca, sizeof ca, ac_text_get(&list), list.size);
    switch (obstacle) {
    case OTHER_CA:
        return ac_memory_format(ret_finding, err,
                                "the CAA records of %s do not let this CA (%s) issue; "
                                "they need %s \"%s\"",
                                at, ca, tag, ca);
    case BROKEN:
        return ac_memory_format(ret_finding, err,
                                "the CAA record of %s for this CA (%s) is malformed, "
                                "which forbids to issue",
                                at, ca);
    case OTHER_ACCOUNT:
        return ac_memory_format(ret_finding, err,
                                "the CAA records of %s let this CA (%s) issue only to "
                                "another account than %s",
                                at, ca, request->account_url);
    case OTHER_METHOD:
        return ac_memory_format(
            ret_finding, err,
            "the CAA records of %s do not let this CA (%s) validate "
            "by %s",
            at, ca, name->method);
    case NO_OBSTACLE:
        break;
    }
    return AC_OK;
}

enum ac_code ac_dns_caa_judge(const struct ac_dns_caa_request *request,
                              const struct ac_dns_caa_name *name,
                              const struct ac_dns_answer *answer, char **ret_finding,
                              struct ac_error *err)
{
    const struct ac_dns_record *critical = find_critical(answer);
    const char *tag = "issue";

    if (critical) {
        char clean[AC_DNS_TAG_SIZE * 4];
        (void)ac_text_clean(clean, sizeof clean, critical->tag, strlen(critical->tag));
        return ac_memory_format(ret_finding, err,
                                "a CAA record of %s has the critical property \"%s\", "
                                "which CAs do not know and must take for a refusal",
                                name->asked ? name->asked : name->name, clean);
    }
    if (name->is_wildcard && has_tag(answer, "issuewild"))
        tag = "issuewild";
    /* A set that says nothing about issuing forbids nothing; nor does one for a CA that
     * has not told its name. */
    if (!has_tag(answer, tag) || request->identities->count == 0)
        return AC_OK;
    return describe(request, name, weigh_all(request, name, answer, tag), tag,
                    ret_finding, err);
}

/* ---- climbing ----------------------------------------------------------- */

static bool has_caa(const struct ac_dns_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        if (is_caa(&answer->records[i]))
            return true;
    }
    return false;
}

static enum ac_code take_answer(const struct ac_dns_caa_request *request,
                                struct ac_dns_caa_name *name,
                                const struct ac_dns_query *query, struct ac_error *err)
{
    int rcode = query->answer.rcode;

    if (query->outcome != AC_DNS_ANSWERED
        || (rcode != AC_DNS_NOERROR && rcode != AC_DNS_NXDOMAIN)) {
        name->is_done = true;
        name->is_unanswered = true;
        return ac_memory_format(&name->finding, err,
                                "the CAA records of %s cannot be looked up (%s); CAs "
                                "refuse when they see the same",
                                name->asked, ac_dns_outcome_text(query));
    }
    if (has_caa(&query->answer)) {
        name->is_done = true;
        return ac_dns_caa_judge(request, name, &query->answer, &name->finding, err);
    }
    /* RFC 8659 section 3: up to, and without, the root. */
    name->asked = ac_dns_parent(name->asked);
    name->is_done = !name->asked || !strcmp(name->asked, ".")
                    || ++name->queries >= AC_DNS_CAA_QUERIES_MAX;
    return AC_OK;
}

/* All names, and the questions of one round. */
struct climb {
    const struct ac_dns_resolvers *resolvers;
    const struct ac_dns_caa_request *request;
    struct ac_dns_caa_name *names;
    size_t count;
    struct ac_dns_query *queries;
};

static struct ac_dns_query question(const struct climb *climb,
                                    const struct ac_dns_caa_name *name)
{
    return (struct ac_dns_query){ .name = name->asked,
                                  .type = AC_DNS_CAA,
                                  .is_recursive = true,
                                  .servers = climb->resolvers->items,
                                  .server_count = climb->resolvers->count };
}

static size_t prepare(struct climb *climb)
{
    size_t used = 0;

    for (size_t i = 0; i < climb->count; i++) {
        if (climb->names[i].is_done)
            continue;
        climb->queries[used++] = question(climb, &climb->names[i]);
    }
    return used;
}

static bool resolves(const struct ac_dns_query *query)
{
    return query->outcome == AC_DNS_ANSWERED && query->answer.rcode == AC_DNS_NOERROR;
}

/*
 * Only CAA that fails where other questions are answered is worth a word: without a
 * resolver, or in a zone that ours cannot see, we know nothing of what the CA sees.
 */
static enum ac_code forget_unseen(struct climb *climb, int64_t deadline_ms,
                                  struct ac_error *err)
{
    size_t used = 0;
    size_t at = 0;

    for (size_t i = 0; i < climb->count; i++) {
        if (!climb->names[i].is_unanswered)
            continue;
        climb->queries[used] = question(climb, &climb->names[i]);
        climb->queries[used++].type = AC_DNS_SOA;
    }
    enum ac_code code = ac_dns_ask(climb->queries, used, deadline_ms, err);
    for (size_t i = 0; i < climb->count && code == AC_OK; i++) {
        if (climb->names[i].is_unanswered && !resolves(&climb->queries[at++]))
            free(AC_TAKE(climb->names[i].finding));
    }
    ac_dns_queries_done(climb->queries, used);
    return code;
}

static enum ac_code climb_once(struct climb *climb, int64_t deadline_ms,
                               bool *ret_has_more, struct ac_error *err)
{
    size_t used = prepare(climb);
    size_t at = 0;

    enum ac_code code = ac_dns_ask(climb->queries, used, deadline_ms, err);
    for (size_t i = 0; i < climb->count && code == AC_OK; i++) {
        struct ac_dns_caa_name *name = &climb->names[i];
        if (!name->is_done)
            code = take_answer(climb->request, name, &climb->queries[at++], err);
    }
    ac_dns_queries_done(climb->queries, used);
    *ret_has_more = used > 0;
    return code;
}

enum ac_code ac_dns_caa_check(const struct ac_dns_resolvers *resolvers,
                              const struct ac_dns_caa_request *request,
                              struct ac_dns_caa_name *names, size_t count,
                              int64_t deadline_ms, struct ac_error *err)
{
    struct climb climb = {
        .resolvers = resolvers, .request = request, .names = names, .count = count
    };
    int64_t climb_ms = deadline_ms - ac_clock_left_ms(deadline_ms) / DOUBT_SHARE;
    enum ac_code code = AC_OK;
    bool has_more = true;

    AC_TRY(ac_memory_new(count, sizeof *climb.queries, &climb.queries, err));
    for (size_t i = 0; i < count; i++)
        names[i].asked = names[i].name;
    while (code == AC_OK && has_more)
        code = climb_once(&climb, climb_ms, &has_more, err);
    if (code == AC_OK)
        code = forget_unseen(&climb, deadline_ms, err);
    free(climb.queries);
    return code;
}
