/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/clock.h"
#include "cli/report.h"
#include "engine/held.h"

#include <string.h>

#define DAY_S            86400
#define AC_LIST_TEXT_MAX (64u * 1024u * 1024u) /* thousands of certificates */

/* ---- list */

static enum ac_code add_names(struct ac_text *text, const struct ac_identifiers *list,
                              struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_identifiers_words(list, &names, err));
    return ac_words_join(&names, ", ", text, err);
}

/* "in 29 d" of what is left, or "EXPIRED". */
static enum ac_code add_left(struct ac_text *text, int64_t not_after, struct ac_error *err)
{
    int64_t left = not_after - ac_clock_utc();

    if (left <= 0)
        return ac_text_addf(text, err, "%-9s", "EXPIRED");
    if (left < DAY_S)
        return ac_text_addf(text, err, "in %3d h ", (int)(left / 3600));
    return ac_text_addf(text, err, "in %3d d ", (int)(left / DAY_S));
}

static enum ac_code list_one_text(struct ac_text *text, const struct ac_held *held,
                                  struct ac_error *err)
{
    char not_after[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(text, err, "%-30s  %s  ", held->name,
                        ac_clock_format(held->not_after, not_after)));
    AC_TRY(add_left(text, held->not_after, err));
    AC_TRY(ac_text_addf(text, err, "  %-10s  ", held->key_type));
    AC_TRY(add_names(text, &held->identifiers, err));
    return ac_text_add(text, "\n", 1, err);
}

/* One that cannot be read is told of and does not hide the others. */
static enum ac_code list_problem(struct ac_json *certificates, struct ac_text *text,
                                 const char *name, const struct ac_error *why,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    const char *state = why->code == AC_E_NOTFOUND ? "not issued yet" : why->detail;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s}", "name", name, "problem", state));
    AC_TRY(ac_json_append(certificates, &json, err));
    return ac_text_addf(text, err, "%-30s  %s\n", name, state);
}

static enum ac_code list_one(const struct ac_store *store, const char *name,
                             struct ac_json *certificates, struct ac_text *text,
                             struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = ac_held_load(store, name, &held, &why);
    if (code != AC_OK)
        return list_problem(certificates, text, name, &why, err);
    AC_TRY(ac_held_to_json(&held, &json, err));
    AC_TRY(ac_json_append(certificates, &json, err));
    return list_one_text(text, &held, err);
}

enum ac_code ac_command_list(struct ac_context *context, bool *ret_is_told,
                             struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *certificates = NULL;
    AC_AUTO(ac_text) text = { .limit = AC_LIST_TEXT_MAX };

    (void)ret_is_told;
    AC_TRY(ac_json_new(&certificates, err, "[]"));
    AC_TRY(ac_store_list(context->store, AC_STORE_CERTIFICATES, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(list_one(context->store, names.items[i], certificates, &text, err));
    if (!context->options->is_json && names.count == 0)
        return ac_report_print("No certificates are held yet.\n", err);
    if (!context->options->is_json)
        return ac_report_print(ac_text_get(&text), err);
    AC_TRY(ac_command_document(AC_COMMAND_LIST, &document, err));
    AC_TRY(ac_json_set(document, "certificates", &certificates, err));
    return ac_report_print_json(document, err);
}

/* ---- show */

static enum ac_code show_rules(const struct ac_wanted *wanted, struct ac_text *text,
                               struct ac_error *err)
{
    for (size_t i = 0; i < wanted->rule_count; i++) {
        const struct ac_solver_rule *rule = &wanted->rules[i];

        AC_TRY(ac_text_addf(text, err, "  solver       %s%s%s\n", rule->solver,
                            rule->pattern ? " for " : "",
                            rule->pattern ? rule->pattern : ""));
    }
    for (size_t s = 0; s < wanted->spec_count; s++)
        for (size_t i = 0; i < wanted->specs[s].section.count; i++)
            AC_TRY(ac_text_addf(text, err, "  setting      %s.%s = %s\n",
                                wanted->specs[s].name,
                                wanted->specs[s].section.items[i].name,
                                wanted->specs[s].section.items[i].value));
    return AC_OK;
}

static enum ac_code show_text(const struct ac_held *held, const struct ac_wanted *wanted,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    char before[AC_CLOCK_TEXT_SIZE];
    char after[AC_CLOCK_TEXT_SIZE];
    char renew[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(&text, err, "%s\n  names        ", held->name));
    AC_TRY(add_names(&text, &held->identifiers, err));
    AC_TRY(ac_text_addf(&text, err,
                        "\n  version      %u\n"
                        "  valid        %s to %s\n"
                        "  due again    %s\n"
                        "  key type     %s\n"
                        "  issuer       %s\n"
                        "  serial       %s\n"
                        "  SHA-256      %s\n"
                        "  CA           %s\n",
                        held->version, ac_clock_format(held->not_before, before),
                        ac_clock_format(held->not_after, after),
                        ac_clock_format(held->renew_at, renew), held->key_type,
                        held->issuer, held->serial, held->fingerprint,
                        wanted->directory_url));
    AC_TRY(show_rules(wanted, &text, err));
    AC_TRY(ac_text_addf(&text, err,
                        "  files        %s/privkey.pem\n"
                        "               %s/cert.pem\n"
                        "               %s/chain.pem\n"
                        "               %s/fullchain.pem\n",
                        held->folder, held->folder, held->folder, held->folder));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code show_json(const struct ac_held *held, const struct ac_wanted *wanted,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *certificate = NULL;
    AC_AUTO(ac_json) *wish = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_SHOW, &document, err));
    AC_TRY(ac_held_to_json(held, &certificate, err));
    AC_TRY(ac_json_set(document, "certificate", &certificate, err));
    AC_TRY(ac_wanted_to_json(wanted, &wish, err));
    AC_TRY(ac_json_set(document, "wanted", &wish, err));
    return ac_report_print_json(document, err);
}

enum ac_code ac_command_show(struct ac_context *context, bool *ret_is_told,
                             struct ac_error *err)
{
    const char *name = context->options->arguments.items[0];
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    (void)ret_is_told;
    AC_TRY(ac_store_check_name(name, err));
    enum ac_code code = ac_wanted_load(context->store, name, &wanted, err);
    if (code == AC_OK)
        code = ac_held_load(context->store, name, &held, err);
    if (code == AC_E_NOTFOUND)
        return ac_fail(err, AC_E_NOTFOUND, "there is no certificate \"%s\" in %s", name,
                       ac_store_folder(context->store));
    AC_TRY(code);
    return context->options->is_json ? show_json(&held, &wanted, err)
                                     : show_text(&held, &wanted, err);
}
