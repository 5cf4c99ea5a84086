/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status.h"

#include "base/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/report.h"
#include "engine/renewal/pace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_MODE 0644

enum format {
    FORMAT_TABLE,
    FORMAT_PROMETHEUS
};

static enum ac_code read_format(const char *word, enum format *ret_format,
                                struct ac_error *err)
{
    if (!word || strcmp(word, "table") == 0) {
        *ret_format = FORMAT_TABLE;
        return AC_OK;
    }
    *ret_format = FORMAT_PROMETHEUS;
    if (strcmp(word, "prometheus") == 0)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "--format is table or prometheus, not \"%s\"; --json and --html are "
                   "options of their own",
                   word);
}

/* As for standard error, of the stream that the table goes to. */
static struct ac_status_look find_look(const struct ac_options *options)
{
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool is_terminal =
        isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;

    return (struct ac_status_look){
        .has_color =
            is_terminal && !options->has_no_color && !(no_color && no_color[0] != '\0'),
        .has_blocks = is_terminal,
    };
}

static enum ac_code print_json(const struct ac_status *status,
                               const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *certificates = NULL;
    AC_AUTO(ac_json) *levels = NULL;

    AC_TRY(ac_json_new(&certificates, err, "[]"));
    AC_TRY(ac_json_new(&levels, err, "{}"));
    for (size_t i = 0; i < status->count; i++) {
        AC_AUTO(ac_json) *one = NULL;

        AC_TRY(ac_status_item_to_json(&status->items[i], status->utc, &one, err));
        AC_TRY(ac_json_append(certificates, &one, err));
    }
    for (int level = 0; level < AC_STATUS_LEVELS; level++) {
        AC_TRY(ac_json_set_number(levels,
                                  ac_status_level_name((enum ac_status_level)level),
                                  (int64_t)status->at_level[level], err));
    }
    AC_TRY(ac_command_document(AC_COMMAND_STATUS, &document, err));
    AC_TRY(ac_json_set_time(document, "time", status->utc, err));
    AC_TRY(ac_json_set(document, "levels", &levels, err));
    AC_TRY(ac_json_set(document, "certificates", &certificates, err));
    if (why->code != AC_OK)
        AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

/* What a monitor is told by the exit code. */
static void judge(const struct ac_status *status, struct ac_error *why)
{
    size_t expired = status->at_level[AC_STATUS_EXPIRED];
    size_t failing = status->at_level[AC_STATUS_FAILING];

    if (expired > 0) {
        (void)!ac_fail(why, AC_E_EXPIRED, "%zu certificate%s expired", expired,
                       expired == 1 ? " has" : "s have");
    } else if (failing > 0) {
        (void)!ac_fail(why, AC_E_FAILING, "%zu certificate%s due and failing", failing,
                       failing == 1 ? " is" : "s are");
    }
}

static enum ac_code write_page(const struct ac_status *status, const char *path,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) page = { .limit = AC_STATUS_TEXT_MAX };

    AC_TRY(ac_status_page(status, &page, err));
    return ac_file_replace(path, PAGE_MODE, ac_text_get(&page), page.size, err);
}

static enum ac_code print_text(const struct ac_context *context,
                               const struct ac_status *status, enum format format,
                               struct ac_error *err)
{
    const struct ac_status_look look = find_look(context->options);
    AC_AUTO(ac_text) text = { .limit = AC_STATUS_TEXT_MAX };

    if (format == FORMAT_PROMETHEUS) {
        AC_TRY(ac_status_prometheus(status, context->faults.count, &text, err));
    } else {
        AC_TRY(ac_status_table(status, &look, &text, err));
    }
    return ac_output_print(ac_text_get(&text), err);
}

static enum ac_code survey(const struct ac_context *context,
                           struct ac_status *ret_status, struct ac_error *err)
{
    const struct ac_upkeep_source source = ac_configured_source(context->config);
    struct ac_upkeep_settings settings = {
        .store = context->store,
        .source = &source,
        .names = &context->options->arguments,
        .has_unissued = true,
        .utc = ac_clock_utc(),
    };
    struct ac_pace pace = { 0 };

    AC_TRY(ac_pace_load(context->store, &pace, err));
    settings.expected_at = ac_pace_expected_at(&pace);
    if (pace.count > 0 && pace.looks[0] <= settings.utc) {
        settings.looked_at = pace.looks[0];
        settings.next_look_at = ac_pace_next_at(&pace, pace.looks[0]);
    }
    return ac_status_survey(&settings, context->options->html_file != NULL, ret_status,
                            err);
}

enum ac_code ac_command_status(struct ac_context *context, bool *ret_is_told,
                               struct ac_error *err)
{
    const struct ac_options *options = context->options;
    AC_AUTO(ac_status) status = { 0 };
    enum format format = FORMAT_TABLE;
    struct ac_error why = { 0 };

    AC_TRY(read_format(options->format, &format, err));
    AC_TRY(survey(context, &status, err));
    judge(&status, &why);
    if (why.code == AC_OK) /* what it wants may be missing in what was said */
        (void)!ac_faults_fail(&context->faults, &why);
    if (options->html_file)
        AC_TRY(write_page(&status, options->html_file, err));
    if (options->is_json) {
        AC_TRY(print_json(&status, &why, err));
    } else if (!options->html_file || options->format) {
        AC_TRY(print_text(context, &status, format, err));
    }
    *ret_is_told = options->is_json;
    if (why.code != AC_OK)
        *err = why;
    return why.code;
}
