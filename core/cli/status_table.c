/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_S         60
#define HOUR_S           3600
#define DAY_S            86400
#define BAR_COLUMNS      10
#define BAR_SIZE         (BAR_COLUMNS * 3 + 1) /* a block is three octets of UTF-8 */
#define NAME_COLUMNS_MAX 40
#define RESET            "\x1b[0m"

static const char *const colors[AC_STATUS_LEVELS] = {
    [AC_STATUS_FINE] = "\x1b[32m",
    [AC_STATUS_DUE] = "\x1b[33m",
    [AC_STATUS_FAILING] = "\x1b[31m",
    [AC_STATUS_EXPIRED] = "\x1b[1;31m",
};

/* ---- phrases */

char *ac_status_length(int64_t length_s, char phrase[AC_STATUS_PHRASE_SIZE])
{
    int64_t minutes = length_s / MINUTE_S;

    if (length_s >= 2 * (int64_t)DAY_S) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "%" PRId64 " d",
                       length_s / DAY_S);
    } else if (length_s >= 2 * (int64_t)HOUR_S) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "%" PRId64 " h",
                       length_s / HOUR_S);
    } else {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "%" PRId64 " min",
                       minutes > 0 ? minutes : 1);
    }
    return phrase;
}

char *ac_status_ends(const struct ac_status_item *item, int64_t utc,
                     char phrase[AC_STATUS_PHRASE_SIZE])
{
    char length[AC_STATUS_PHRASE_SIZE];
    int64_t left = item->not_after - utc;

    if (item->not_after == 0) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "%s",
                       item->plan.reason == AC_PLAN_DAMAGED ? "damaged"
                                                            : "not issued yet");
    } else if (left <= 0) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "expired %s ago",
                       ac_status_length(-left, length));
    } else {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "expires in %s",
                       ac_status_length(left, length));
    }
    return phrase;
}

/* Why something is, or will be, done about it. */
static const char *why_next(const struct ac_status_item *item)
{
    static const char *const words[] = {
        [AC_PLAN_FRESH] = "its age",
        [AC_PLAN_MISSING] = "not issued yet",
        [AC_PLAN_DAMAGED] = "its files are damaged",
        [AC_PLAN_INTERRUPTED] = "an order is unfinished",
        [AC_PLAN_CHANGED] = "what is wanted has changed",
        [AC_PLAN_REVOKED] = "it is revoked",
        [AC_PLAN_SUGGESTED] = "the CA's window",
        [AC_PLAN_LIFETIME] = "its age",
        [AC_PLAN_FORCED] = "it is asked for",
    };
    bool is_suggested = item->state.renewal.selected_at > 0
                        && item->plan.due_at == item->state.renewal.selected_at;

    if (item->plan.reason == AC_PLAN_FRESH && is_suggested)
        return words[AC_PLAN_SUGGESTED];
    return words[item->plan.reason];
}

char *ac_status_next(const struct ac_status_item *item, int64_t utc,
                     char phrase[AC_STATUS_PHRASE_SIZE])
{
    char length[AC_STATUS_PHRASE_SIZE];
    int64_t wait = item->plan.attempt_at - utc;
    const char *after = item->state.trouble.failures > 0 ? ", after a failure" : "";

    if (item->is_unwanted) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE,
                       "nothing: the configuration has it no more");
    } else if (item->is_unissued) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE,
                       "nothing: the command that asked for it may be given again");
    } else if (item->deploy_at < item->plan.attempt_at && item->deploy_at <= utc) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "now (to be deployed)");
    } else if (item->deploy_at < item->plan.attempt_at) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "in %s (to be deployed%s)",
                       ac_status_length(item->deploy_at - utc, length),
                       ac_status_undeployed(item) ? ", after a failure" : "");
    } else if (item->is_overdue && wait >= 0) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "overdue: nobody looks (%s)",
                       why_next(item));
    } else if (item->is_overdue) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "overdue for %s (%s)",
                       ac_status_length(-wait, length), why_next(item));
    } else if (wait <= 0) {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "now (%s%s)", why_next(item),
                       after);
    } else {
        (void)snprintf(phrase, AC_STATUS_PHRASE_SIZE, "in %s (%s%s)",
                       ac_status_length(wait, length), why_next(item), after);
    }
    return phrase;
}

char *ac_status_message(const struct ac_status_item *item,
                        char message[AC_STATUS_MESSAGE_SIZE])
{
    const char *known = item->state.trouble.message;
    const char *text = known ? known : "it is not known why";

    return ac_text_clean(message, AC_STATUS_MESSAGE_SIZE, text, strlen(text));
}

enum ac_code ac_status_summary(const struct ac_status *status, struct ac_text *text,
                               struct ac_error *err)
{
    const char *between = ": ";

    AC_TRY(ac_text_addf(text, err, "%zu certificate%s", status->count,
                        status->count == 1 ? "" : "s"));
    for (int level = AC_STATUS_LEVELS - 1; level >= 0; level--) {
        if (status->at_level[level] == 0)
            continue;
        AC_TRY(ac_text_addf(text, err, "%s%zu %s", between, status->at_level[level],
                            ac_status_level_name((enum ac_status_level)level)));
        between = ", ";
    }
    return AC_OK;
}

/* ---- the table */

static const char *make_bar(int used, bool has_blocks, char bar[BAR_SIZE])
{
    int filled = (used * BAR_COLUMNS + 500) / 1000;
    size_t at = 0;

    for (int i = 0; i < BAR_COLUMNS; i++) {
        const char *piece = i < filled ? "#" : "-";

        if (has_blocks)
            piece = i < filled ? "\u2588" : "\u2591";
        memcpy(bar + at, piece, strlen(piece));
        at += strlen(piece);
    }
    bar[at] = '\0';
    return bar;
}

static int name_columns(const struct ac_status *status)
{
    size_t columns = strlen("NAME");

    for (size_t i = 0; i < status->count; i++) {
        size_t size = strlen(status->items[i].name);

        columns = size > columns ? size : columns;
    }
    return columns > NAME_COLUMNS_MAX ? NAME_COLUMNS_MAX : (int)columns;
}

static enum ac_code add_trouble(const struct ac_status_item *item, int64_t utc,
                                struct ac_text *text, struct ac_error *err)
{
    const struct ac_state_trouble *trouble = &item->state.trouble;
    char length[AC_STATUS_PHRASE_SIZE];
    char message[AC_STATUS_MESSAGE_SIZE];

    if (trouble->failures == 0)
        return AC_OK;
    AC_TRY(ac_text_addf(text, err, "    failed %" PRId64 " time%s", trouble->failures,
                        trouble->failures == 1 ? "" : "s in a row"));
    if (trouble->failed_at > 0) {
        AC_TRY(ac_text_addf(text, err, ", last %s ago",
                            ac_status_length(utc - trouble->failed_at, length)));
    }
    return ac_text_addf(text, err, ": %s\n", ac_status_message(item, message));
}

static enum ac_code add_undeployed(const struct ac_status_item *item,
                                   struct ac_text *text, struct ac_error *err)
{
    const struct ac_state_deployment *deployment = ac_status_undeployed(item);

    if (!deployment)
        return AC_OK;
    return ac_text_addf(
        text, err, "    not deployed by %s, failed %" PRId64 " time%s: %s\n",
        deployment->installer, deployment->failures,
        deployment->failures == 1 ? "" : "s in a row",
        deployment->message ? deployment->message : "it is not known why");
}

static enum ac_code add_row(const struct ac_status_item *item, int64_t utc,
                            const struct ac_status_look *look, int columns,
                            struct ac_text *text, struct ac_error *err)
{
    char bar[BAR_SIZE];
    char ends[AC_STATUS_PHRASE_SIZE];
    char next[AC_STATUS_PHRASE_SIZE];
    int used = ac_status_used(item, utc);
    const char *color = look->has_color ? colors[item->level] : "";

    AC_TRY(ac_text_addf(text, err, "%s%-7s%s  %-*s  %-18s  ", color,
                        ac_status_level_name(item->level), color[0] ? RESET : "",
                        columns, item->name, ac_status_ends(item, utc, ends)));
    if (item->not_after > 0) {
        AC_TRY(ac_text_addf(text, err, "%s%s%s %3d%%  ", color,
                            make_bar(used, look->has_blocks, bar),
                            color[0] ? RESET : "", used / 10));
    } else {
        AC_TRY(ac_text_addf(text, err, "%*s  ", BAR_COLUMNS + 5, ""));
    }
    AC_TRY(ac_text_addf(text, err, "%s\n", ac_status_next(item, utc, next)));
    if (item->damage)
        AC_TRY(ac_text_addf(text, err, "    damaged: %s\n", item->damage));
    AC_TRY(add_trouble(item, utc, text, err));
    return add_undeployed(item, text, err);
}

enum ac_code ac_status_table(const struct ac_status *status,
                             const struct ac_status_look *look, struct ac_text *text,
                             struct ac_error *err)
{
    int columns = name_columns(status);

    if (status->count == 0)
        return ac_text_addf(text, err, "No certificates are held or wanted.\n");
    AC_TRY(ac_text_addf(text, err, "%-7s  %-*s  %-18s  %-15s  %s\n", "", columns,
                        "NAME", "VALID", "LIFE USED", "NEXT"));
    for (size_t i = 0; i < status->count; i++)
        AC_TRY(add_row(&status->items[i], status->utc, look, columns, text, err));
    AC_TRY(ac_status_summary(status, text, err));
    return ac_text_addf(text, err, "\n");
}
