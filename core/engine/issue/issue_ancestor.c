/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ancestor domains (RFC 9444): one proof for a domain serves for the names below it.
 * Asked for by --ancestor-domain, because only a person knows that the solver can
 * change the domain above, and that proving it is what is meant.
 */
#include "engine/issue/issue_steps.h"

#include <stdlib.h>
#include <string.h>

static bool is_below(const char *name, const char *domain)
{
    size_t name_size = strlen(name);
    size_t size = strlen(domain);

    return name_size > size + 1 && name[name_size - size - 1] == '.'
           && strcmp(name + name_size - size, domain) == 0;
}

/* "*.example.org" is proven at example.org, which is above it. */
static bool is_above(const struct ac_identifier *identifier, const char *domain)
{
    const char *base = ac_identifier_base(identifier);

    if (identifier->type != AC_IDENTIFIER_DNS)
        return false;
    return is_below(base, domain)
           || (ac_identifier_is_wildcard(identifier) && strcmp(base, domain) == 0);
}

/* The nearest one: it shows the least. */
static const char *nearest(const struct ac_words *domains,
                           const struct ac_identifier *identifier)
{
    const char *found = NULL;

    for (size_t i = 0; i < domains->count; i++) {
        const char *domain = domains->items[i];

        if (is_above(identifier, domain) && (!found || strlen(domain) > strlen(found)))
            found = domain;
    }
    return found;
}

static bool is_offered(const struct ac_issue *issue)
{
    const struct ac_directory *directory;
    struct ac_error ignored;

    return ac_client_directory(issue->client, &directory, &ignored) == AC_OK
           && directory->allows_subdomains;
}

const char *ac_issue_ancestor(const struct ac_issue *issue,
                              const struct ac_identifier *identifier)
{
    return is_offered(issue) ? nearest(&issue->here.ancestors, identifier) : NULL;
}

bool ac_issue_is_ancestor(const struct ac_issue *issue,
                          const struct ac_identifier *identifier)
{
    const struct ac_identifiers *names = &issue->here.identifiers;

    for (size_t i = 0; i < names->count; i++) {
        const char *ancestor = ac_issue_ancestor(issue, &names->items[i]);

        if (ancestor && strcmp(ancestor, identifier->value) == 0)
            return true;
    }
    return false;
}

enum ac_code ac_issue_ask_ancestors(struct ac_issue *issue,
                                    struct ac_order_request *request,
                                    struct ac_error *err)
{
    const struct ac_identifiers *names = &issue->here.identifiers;

    free((void *)issue->ancestors);
    issue->ancestors = NULL;
    if (issue->here.ancestors.count == 0)
        return AC_OK;
    if (!is_offered(issue)) {
        ac_issue_warn(issue,
                      "this CA knows no ancestor domains (RFC 9444); each name is "
                      "proven by itself");
        return AC_OK;
    }
    AC_TRY(ac_memory_new(names->count, sizeof *issue->ancestors,
                         (void *)&issue->ancestors, err));
    for (size_t i = 0; i < names->count; i++)
        issue->ancestors[i] = nearest(&issue->here.ancestors, &names->items[i]);
    request->ancestors = issue->ancestors;
    return AC_OK;
}
