/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/clock.h"
#include "cli/report.h"
#include "engine/held.h"

#include <string.h>

#define DAY_S         86400
#define LIST_TEXT_MAX (64u * 1024u * 1024u) /* thousands of certificates */

/* ---- list */

struct listing {
    struct ac_json *certificates;
    struct ac_text text;
    size_t damaged_count;
    struct ac_error first; /* why the first of them cannot be read */
};

static void listing_done(struct listing *listing)
{
    ac_json_free(listing->certificates);
    ac_text_done(&listing->text);
}
AC_DEFINE_DROP_VALUE(listing, listing_done)

static enum ac_code add_names(struct ac_text *text, const struct ac_identifiers *list,
                              struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_identifiers_words(list, &names, err));
    return ac_words_join(&names, ", ", text, err);
}

/* "in 29 d" of what is left, or "EXPIRED". */
static enum ac_code add_left(struct ac_text *text, int64_t not_after,
                             struct ac_error *err)
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
static enum ac_code list_problem(struct listing *listing, const char *name,
                                 const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    bool is_damaged = why->code != AC_E_NOTFOUND;
    const char *problem = is_damaged ? why->detail : "not issued yet";

    if (is_damaged && listing->damaged_count++ == 0)
        listing->first = *why;
    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s}", "name", name, "code",
                       ac_code_name(why->code), "problem", problem));
    AC_TRY(ac_json_append(listing->certificates, &json, err));
    return ac_text_addf(&listing->text, err, "%-30s  %s\n", name, problem);
}

static enum ac_code list_one(const struct ac_store *store, const char *name,
                             struct listing *listing, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = ac_held_load(store, name, &held, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return list_problem(listing, name, &why, err);
    AC_TRY(ac_held_to_json(&held, &json, err));
    AC_TRY(ac_json_append(listing->certificates, &json, err));
    return list_one_text(&listing->text, &held, err);
}

static enum ac_code print_list(const struct ac_context *context,
                               struct listing *listing, const struct ac_error *why,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    if (!context->options->is_json) {
        return ac_report_print(listing->text.size > 0
                                   ? ac_text_get(&listing->text)
                                   : "No certificates are held yet.\n",
                               err);
    }
    AC_TRY(ac_command_document(AC_COMMAND_LIST, &document, err));
    AC_TRY(ac_json_set(document, "certificates", &listing->certificates, err));
    if (why->code != AC_OK)
        AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

enum ac_code ac_command_list(struct ac_context *context, bool *ret_is_told,
                             struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(listing) listing = { .text.limit = LIST_TEXT_MAX };
    struct ac_error why = { 0 };

    AC_TRY(ac_json_new(&listing.certificates, err, "[]"));
    AC_TRY(ac_store_list(context->store, AC_STORE_CERTIFICATES, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(list_one(context->store, names.items[i], &listing, err));
    if (listing.damaged_count > 0) {
        (void)ac_fail(&why, listing.first.code,
                      "%zu of %zu certificates cannot be read; the first: %s",
                      listing.damaged_count, names.count, listing.first.detail);
    }
    AC_TRY(print_list(context, &listing, &why, err));
    *ret_is_told = context->options->is_json;
    if (why.code != AC_OK)
        *err = why;
    return why.code;
}

/* ---- show */

static enum ac_code show_settings(const struct ac_solver_spec *spec,
                                  struct ac_text *text, struct ac_error *err)
{
    for (size_t i = 0; i < spec->section.count; i++) {
        const struct ac_setting *setting = &spec->section.items[i];

        AC_TRY(ac_text_addf(text, err, "  setting      %s.%s = %s\n", spec->name,
                            setting->name, setting->value));
    }
    return AC_OK;
}

static enum ac_code show_rules(const struct ac_wanted *wanted, struct ac_text *text,
                               struct ac_error *err)
{
    for (size_t i = 0; i < wanted->rule_count; i++) {
        const struct ac_solver_rule *rule = &wanted->rules[i];

        AC_TRY(ac_text_addf(text, err, "  solver       %s%s%s\n", rule->solver,
                            rule->pattern ? " for " : "",
                            rule->pattern ? rule->pattern : ""));
    }
    for (size_t i = 0; i < wanted->spec_count; i++)
        AC_TRY(show_settings(&wanted->specs[i], text, err));
    return AC_OK;
}

static enum ac_code show_text(const struct ac_held *held,
                              const struct ac_wanted *wanted, struct ac_error *err)
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

static enum ac_code show_json(const struct ac_held *held,
                              const struct ac_wanted *wanted, struct ac_error *err)
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
    if (code == AC_E_NOTFOUND && ac_held_has_journal(context->store, name)) {
        return ac_fail(
            err, code,
            "the certificate \"%s\" is not issued yet; the command that asked "
            "for it continues its order",
            name);
    }
    if (code == AC_E_NOTFOUND) {
        return ac_fail(err, code,
                       "there is no certificate \"%s\" in %s; acmecore list shows what "
                       "there is",
                       name, ac_store_folder(context->store));
    }
    AC_TRY(code);
    return context->options->is_json ? show_json(&held, &wanted, err)
                                     : show_text(&held, &wanted, err);
}
