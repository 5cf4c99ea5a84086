/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/known.h"
#include "cli/report.h"
#include "config/ca.h"
#include "engine/held/held_files.h"
#include "engine/wanted/wanted_members.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S         86400
#define DATE_SIZE     (sizeof "2026-11-22" - 1)
#define LIST_TEXT_MAX (64u * 1024u * 1024u) /* thousands of certificates */

/* ---- what both look at */

/* A wish without a certificate is not issued yet; the reverse is damage. */
static enum ac_code load(const struct ac_store *store, const char *name,
                         struct ac_held *held, struct ac_wanted *wanted,
                         struct ac_error *err)
{
    enum ac_code code = ac_wanted_load(store, name, wanted, err);

    if (code != AC_OK && code != AC_E_NOTFOUND)
        return code;
    AC_TRY(ac_held_load(store, name, held, err));
    if (code == AC_E_NOTFOUND) {
        return ac_fail(err, AC_E_STORE,
                       "%s/" AC_STORE_CERTIFICATES
                       "/%s/certificate.json is missing; issue the certificate again "
                       "with --name %s, -d and --solver",
                       ac_store_folder(store), name, name);
    }
    return AC_OK;
}

static enum ac_code add_names(struct ac_text *text, const struct ac_identifiers *list,
                              struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_identifiers_words(list, &names, err));
    return ac_words_join(&names, ", ", text, err);
}

/* "not issued yet", and what is under way. */
static enum ac_code add_unissued(const struct ac_store *store, const char *name,
                                 struct ac_text *text, struct ac_error *err)
{
    int64_t expires = 0;
    char until[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(text, err, "not issued yet"));
    if (!ac_held_has_order(store, name, &expires))
        return AC_OK;
    AC_TRY(ac_text_addf(text, err, "; its order is in flight"));
    if (expires > 0)
        AC_TRY(ac_text_addf(text, err, " until %s", ac_clock_format(expires, until)));
    return ac_text_addf(text, err, ", and the command that asked for it continues it");
}

/* ---- list: a table whose columns are as wide as what is in them */

enum column {
    COLUMN_NAME,
    COLUMN_UNTIL,
    COLUMN_LEFT,
    COLUMN_DUE,
    COLUMN_KEY,
    COLUMN_CA,
    COLUMN_NAMES,
    COLUMN_COUNT
};

static const char *const titles[COLUMN_COUNT] = {
    "NAME", "VALID UNTIL", "LEFT", "DUE", "KEY", "CA", "NAMES",
};

struct row {
    char *cells[COLUMN_COUNT]; /* NULL from the third on: the second is a sentence */
};

struct listing {
    struct ac_json *certificates;
    struct row *rows;
    size_t row_count, row_capacity;
    size_t damaged_count;
    struct ac_error first; /* why the first of them cannot be read */
};

static void row_done(struct row *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        free(row->cells[i]);
    *row = (struct row){ 0 };
}
AC_DEFINE_DROP_VALUE(row, row_done)

static void listing_done(struct listing *listing)
{
    for (size_t i = 0; i < listing->row_count; i++)
        row_done(&listing->rows[i]);
    free(listing->rows);
    ac_json_free(listing->certificates);
}
AC_DEFINE_DROP_VALUE(listing, listing_done)

/* Takes the row. */
static enum ac_code add_row(struct listing *listing, struct row *row,
                            struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&listing->rows, &listing->row_capacity,
                          listing->row_count + 1, sizeof *listing->rows, err));
    listing->rows[listing->row_count++] = *row;
    *row = (struct row){ 0 };
    return AC_OK;
}

static enum ac_code copy_date(int64_t utc, char **ret_date, struct ac_error *err)
{
    char text[AC_CLOCK_TEXT_SIZE];

    return ac_memory_copy_bytes(ac_clock_format(utc, text), DATE_SIZE, ret_date, err);
}

/* "29 d" of what is left, or "REVOKED" or "EXPIRED". */
static enum ac_code copy_left(const struct ac_held *held, char **ret_left,
                              struct ac_error *err)
{
    int64_t left = held->not_after - ac_clock_utc();

    if (held->revoked)
        return ac_memory_copy_text("REVOKED", ret_left, err);
    if (left <= 0)
        return ac_memory_copy_text("EXPIRED", ret_left, err);
    return ac_memory_format(ret_left, err, "%d %s",
                            (int)(left < DAY_S ? left / 3600 : left / DAY_S),
                            left < DAY_S ? "h" : "d");
}

static enum ac_code copy_due(const struct ac_held *held, char **ret_due,
                             struct ac_error *err)
{
    if (held->revoked || held->renew_at <= ac_clock_utc())
        return ac_memory_copy_text("now", ret_due, err);
    return copy_date(held->renew_at, ret_due, err);
}

/* Its short name, or its host. */
static enum ac_code copy_ca(const char *directory_url, char **ret_ca,
                            struct ac_error *err)
{
    const struct ac_ca *ca = ac_ca_by_url(directory_url);
    const char *host = strstr(directory_url, "://");

    if (ca)
        return ac_memory_copy_text(ca->alias, ret_ca, err);
    host = host ? host + strlen("://") : directory_url;
    return ac_memory_copy_bytes(host, strcspn(host, "/"), ret_ca, err);
}

static enum ac_code add_held(struct listing *listing, const struct ac_held *held,
                             const struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO(row) row = { 0 };
    AC_AUTO(ac_text) names = { 0 };

    AC_TRY(ac_memory_copy_text(held->name, &row.cells[COLUMN_NAME], err));
    AC_TRY(copy_date(held->not_after, &row.cells[COLUMN_UNTIL], err));
    AC_TRY(copy_left(held, &row.cells[COLUMN_LEFT], err));
    AC_TRY(copy_due(held, &row.cells[COLUMN_DUE], err));
    AC_TRY(ac_memory_copy_text(held->key_type, &row.cells[COLUMN_KEY], err));
    AC_TRY(copy_ca(wanted->directory_url, &row.cells[COLUMN_CA], err));
    AC_TRY(add_names(&names, &held->identifiers, err));
    AC_TRY(ac_memory_copy_text(ac_text_get(&names), &row.cells[COLUMN_NAMES], err));
    return add_row(listing, &row, err);
}

/* One that cannot be read is told of and does not hide the others. */
static enum ac_code list_problem(const struct ac_store *store, struct listing *listing,
                                 const char *name, const struct ac_error *why,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(row) row = { 0 };
    AC_AUTO(ac_text) problem = { 0 };
    bool is_damaged = why->code != AC_E_NOTFOUND;

    if (is_damaged && listing->damaged_count++ == 0)
        listing->first = *why;
    if (is_damaged) {
        AC_TRY(ac_text_add(&problem, why->detail, strlen(why->detail), err));
    } else {
        AC_TRY(add_unissued(store, name, &problem, err));
    }
    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s}", "name", name, "code",
                       ac_code_name(why->code), "problem", ac_text_get(&problem)));
    AC_TRY(ac_json_append(listing->certificates, &json, err));
    AC_TRY(ac_memory_copy_text(name, &row.cells[COLUMN_NAME], err));
    AC_TRY(ac_memory_copy_text(ac_text_get(&problem), &row.cells[COLUMN_UNTIL], err));
    return add_row(listing, &row, err);
}

static enum ac_code list_one(const struct ac_store *store, const char *name,
                             struct listing *listing, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = load(store, name, &held, &wanted, &why);
    if (code == AC_OK)
        code = ac_held_check_files(&held, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return list_problem(store, listing, name, &why, err);
    AC_TRY(ac_held_to_json(&held, &json, err));
    AC_TRY(ac_json_set_text(json, "directory", wanted.directory_url, err));
    AC_TRY(ac_json_append(listing->certificates, &json, err));
    return add_held(listing, &held, &wanted, err);
}

static void find_widths(const struct listing *listing, int widths[COLUMN_COUNT])
{
    for (size_t column = 0; column < COLUMN_COUNT; column++)
        widths[column] = (int)strlen(titles[column]);
    for (size_t i = 0; i < listing->row_count; i++) {
        char *const *cells = listing->rows[i].cells;
        size_t count = cells[COLUMN_LEFT] ? COLUMN_NAMES : COLUMN_UNTIL;

        for (size_t column = 0; column < count; column++) {
            int width = (int)strlen(cells[column]);
            if (width > widths[column])
                widths[column] = width;
        }
    }
}

static enum ac_code add_line(const int widths[COLUMN_COUNT], const char *const *cells,
                             struct ac_text *text, struct ac_error *err)
{
    size_t last = cells[COLUMN_LEFT] ? COLUMN_NAMES : COLUMN_UNTIL;

    for (size_t column = 0; column < last; column++)
        AC_TRY(ac_text_addf(text, err, "%-*s  ", widths[column], cells[column]));
    return ac_text_addf(text, err, "%s\n", cells[last]);
}

static enum ac_code print_rows(const struct ac_context *context,
                               const struct listing *listing, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { .limit = LIST_TEXT_MAX };
    int widths[COLUMN_COUNT];

    if (listing->row_count == 0) {
        AC_TRY(ac_text_addf(&text, err, "No certificates are held in %s yet.\n",
                            ac_store_folder(context->store)));
        return ac_report_print(ac_text_get(&text), err);
    }
    find_widths(listing, widths);
    AC_TRY(add_line(widths, titles, &text, err));
    for (size_t i = 0; i < listing->row_count; i++) {
        AC_TRY(
            add_line(widths, (const char *const *)listing->rows[i].cells, &text, err));
    }
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code print_list(const struct ac_context *context,
                               struct listing *listing, const struct ac_error *why,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    if (!context->options->is_json)
        return print_rows(context, listing, err);
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
    AC_AUTO(listing) listing = { 0 };
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
    bool has_pattern = false;
    bool has_default = false;

    for (size_t i = 0; i < wanted->rule_count; i++) {
        const struct ac_solver_rule *rule = &wanted->rules[i];

        AC_TRY(ac_text_addf(text, err, "  solver       %s for %s\n", rule->solver,
                            rule->pattern ? rule->pattern
                            : has_default ? "what no solver above can answer"
                            : has_pattern ? "all other names"
                                          : "all names"));
        has_pattern |= rule->pattern != NULL;
        has_default |= rule->pattern == NULL;
    }
    for (size_t i = 0; i < wanted->spec_count; i++)
        AC_TRY(show_settings(&wanted->specs[i], text, err));
    return AC_OK;
}

/* What is remembered, as the options that say it. */
static enum ac_code show_option(const struct ac_wanted *wanted,
                                const struct ac_wanted_member *member,
                                struct ac_text *text, struct ac_error *err)
{
    const void *place = (const char *)wanted + member->offset;
    AC_AUTO(ac_text) list = { 0 };
    const char *value = NULL;

    if (member->kind == AC_MEMBER_FLAG) {
        value = *(const bool *)place ? "" : NULL;
    } else if (member->kind == AC_MEMBER_WORDS) {
        AC_TRY(ac_words_join(place, ",", &list, err));
        value = list.size > 0 ? ac_text_get(&list) : NULL;
    } else {
        value = *(char *const *)place;
    }
    if (!value)
        return AC_OK;
    return ac_text_addf(text, err, "  option       --%s%s%s\n", member->name,
                        value[0] != '\0' ? " " : "", value);
}

static enum ac_code show_options(const struct ac_wanted *wanted, struct ac_text *text,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < ac_wanted_member_count; i++)
        AC_TRY(show_option(wanted, &ac_wanted_members[i], text, err));
    return AC_OK;
}

/* Where the key is, when it is not here, and all that is. */
static enum ac_code show_files(const struct ac_held *held, struct ac_text *text,
                               struct ac_error *err)
{
    static const char *const places[] = {
        [AC_HELD_KEY_FILE] = NULL,
        [AC_HELD_KEY_TOKEN] = "in a token, which it does not leave",
        [AC_HELD_KEY_ELSEWHERE] = "with whoever made the request",
    };
    const char *place = places[ac_held_key_of(held)];

    if (place)
        AC_TRY(ac_text_addf(text, err, "  key          %s\n", place));
    for (size_t i = 0; i < held->files.count; i++) {
        AC_TRY(ac_text_addf(text, err, "  %-12s %s/%s\n", i == 0 ? "files" : "",
                            held->folder, held->files.items[i]));
    }
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
                        held->revoked ? "now" : ac_clock_format(held->renew_at, renew),
                        held->key_type, held->issuer, held->serial, held->fingerprint,
                        wanted->directory_url));
    AC_TRY(ac_known_add(held, &text, err));
    for (size_t i = 0; i < wanted->further.count; i++) {
        AC_TRY(
            ac_text_addf(&text, err, "  then         %s\n", wanted->further.items[i]));
    }
    AC_TRY(show_options(wanted, &text, err));
    AC_TRY(show_rules(wanted, &text, err));
    AC_TRY(show_files(held, &text, err));
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

/* The detail says what is there, and where it looked. */
static enum ac_code fail_not_held(const struct ac_context *context, const char *name,
                                  struct ac_error *err)
{
    const char *state_dir = context->options->state_dir;
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    const char *const *known = NULL;

    AC_TRY(ac_store_list(context->store, AC_STORE_CERTIFICATES, &names, err));
    if (ac_words_has(&names, name)) {
        AC_TRY(add_unissued(context->store, name, &text, err));
        return ac_fail(err, AC_E_NOTFOUND, "the certificate \"%s\" is %s", name,
                       ac_text_get(&text));
    }
    known = (const char *const *)names.items;
    const char *nearest = known ? ac_text_nearest(name, known) : NULL;
    if (nearest) {
        return ac_fail(err, AC_E_NOTFOUND,
                       "there is no certificate \"%s\" in %s; did you mean \"%s\"?",
                       name, ac_store_folder(context->store), nearest);
    }
    return ac_fail(err, AC_E_NOTFOUND,
                   "there is no certificate \"%s\" in %s; acmecore list%s%s shows what "
                   "there is",
                   name, ac_store_folder(context->store),
                   state_dir ? " --state-dir " : "", state_dir ? state_dir : "");
}

enum ac_code ac_command_show(struct ac_context *context, bool *ret_is_told,
                             struct ac_error *err)
{
    const char *name = context->options->arguments.items[0];
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    (void)ret_is_told;
    AC_TRY(ac_store_check_name(name, err));
    enum ac_code code = load(context->store, name, &held, &wanted, err);
    if (code == AC_E_NOTFOUND)
        return fail_not_held(context, name, err);
    AC_TRY(code);
    code = ac_held_check(context->store, &held, err);
    if (code == AC_E_USAGE)
        ac_log_say(AC_LOG_WARN, "%s", err->detail);
    if (code != AC_OK && code != AC_E_USAGE)
        return code;
    return context->options->is_json ? show_json(&held, &wanted, err)
                                     : show_text(&held, &wanted, err);
}
