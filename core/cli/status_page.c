/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_S       ((int64_t)86400)
#define BEFORE_S    (120 * DAY_S) /* of the past is shown, at most */
#define AFTER_S     (400 * DAY_S) /* of the future, at most */
#define EDGE_PARTS  40            /* of the span: left free at both ends */
#define AXIS_WIDTH  1000          /* units of the drawing */
#define LANE_HEIGHT 14
#define LANE_GAP    4
#define TICKS_MAX   8
#define LIVES_SHOWN 6

/* What a colour stands for, in one piece on a narrow screen. */
#define KEY(color, words)                                                              \
    "<i><span style=\"background:var(--" color ")\"></span>" words "</i> "

/* From when to when all drawings go, so that they can be compared. */
struct axis {
    int64_t from, to;
};

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n"
    "<title>Certificates</title>\n<style>\n"
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1c2128;--dim:#59636e;--line:#d1d9e0;"
    "--card:#f6f8fa;--fine:#1a7f37;--due:#9a6700;--failing:#bc4c00;--expired:#8250df;--"
    "red:#cf222e;"
    "--old:#8c959f}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;"
    "--line:#3d444d;--card:#151b23;--fine:#3fb950;--due:#d29922;--failing:#f0883e;"
    "--expired:#bc8cff;--red:#ff7b72;--old:#656c76}}\n"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:64rem;padding:1rem;"
    "background:var(--bg);color:var(--fg);font:16px/1.45 system-ui,sans-serif}\n"
    "h1{font-size:1.4rem;margin:.2rem 0}p{margin:.2rem 0}.dim{color:var(--dim)}\n"
    "article{background:var(--card);border:1px solid var(--line);border-left:.4rem "
    "solid "
    "var(--c);border-radius:.4rem;margin:.7rem 0;padding:.6rem .8rem}\n"
    "h2{font-size:1.05rem;margin:0;overflow-wrap:anywhere}\n"
    ".badge{color:var(--c);border:1px solid "
    "var(--c);border-radius:1rem;font-size:.8rem;"
    "font-weight:600;padding:0 .5rem;margin-left:.4rem;white-space:nowrap}\n"
    ".trouble{color:var(--red);overflow-wrap:anywhere}\n"
    "svg{display:block;width:100%;margin-top:.4rem}\n"
    ".axis{display:flex;justify-content:space-between;font-size:.75rem;"
    "color:var(--dim);font-variant-numeric:tabular-nums}\n"
    ".fine{--c:var(--fine)}.due{--c:var(--due)}.failing{--c:var(--failing)}"
    ".expired{--c:var(--expired)}.unwanted{--c:var(--old)}\n"
    ".key i{font-style:normal;white-space:nowrap;margin-right:.8rem}\n"
    ".key span{display:inline-block;width:.8rem;height:.8rem;border-radius:.2rem;"
    "margin-right:.3rem;vertical-align:-.1rem}\n"
    "</style>\n</head>\n<body>\n";

/* ---- text */

static enum ac_code add_escaped(struct ac_text *text, const char *value,
                                struct ac_error *err)
{
    static const char special[] = "&<>\"'";
    static const char *const escapes[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

    for (; *value; value++) {
        const char *found = strchr(special, *value);
        const char *piece = found ? escapes[found - special] : value;

        AC_TRY(ac_text_add(text, piece, found ? strlen(piece) : 1, err));
    }
    return AC_OK;
}

/* "2026-11-22" */
static const char *day_of(int64_t utc, char date[AC_CLOCK_TEXT_SIZE])
{
    ac_clock_format(utc, date)[sizeof "2026-11-22" - 1] = '\0';
    return date;
}

/* ---- the axis */

static void widen(struct axis *axis, int64_t from, int64_t to)
{
    if (from < axis->from)
        axis->from = from;
    if (to > axis->to)
        axis->to = to;
}

static struct axis find_axis(const struct ac_status *status)
{
    struct axis axis = { status->utc - DAY_S, status->utc + DAY_S };

    for (size_t i = 0; i < status->count; i++) {
        const struct ac_status_item *item = &status->items[i];

        for (size_t at = 0; at < item->life_count; at++)
            widen(&axis, item->lives[at].not_before, item->lives[at].not_after);
    }
    if (axis.from < status->utc - BEFORE_S)
        axis.from = status->utc - BEFORE_S;
    if (axis.to > status->utc + AFTER_S)
        axis.to = status->utc + AFTER_S;
    int64_t edge = (axis.to - axis.from) / EDGE_PARTS;
    return (struct axis){ axis.from - edge, axis.to + edge };
}

/* Where an instant is, within the drawing. */
static int place_of(const struct axis *axis, int64_t utc)
{
    if (utc <= axis->from)
        return 0;
    if (utc >= axis->to)
        return AXIS_WIDTH;
    return (int)((utc - axis->from) * AXIS_WIDTH / (axis->to - axis->from));
}

/* ---- the drawing of one certificate */

static enum ac_code draw_line(const struct axis *axis, int64_t utc, int height,
                              const char *style, struct ac_text *text,
                              struct ac_error *err)
{
    int x = place_of(axis, utc);

    return ac_text_addf(text, err,
                        "<line x1=\"%d\" y1=\"0\" x2=\"%d\" y2=\"%d\" %s "
                        "vector-effect=\"non-scaling-stroke\">",
                        x, x, height, style);
}

static enum ac_code draw_life(const struct axis *axis,
                              const struct ac_status_life *life, int lane,
                              struct ac_text *text, struct ac_error *err)
{
    char from[AC_CLOCK_TEXT_SIZE];
    char to[AC_CLOCK_TEXT_SIZE];
    int x = place_of(axis, life->not_before);
    int width = place_of(axis, life->not_after) - x;

    return ac_text_addf(text, err,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" "
                        "fill=\"var(%s)\"><title>version %u: %s to %s</title></rect>\n",
                        x, lane * (LANE_HEIGHT + LANE_GAP) + LANE_GAP,
                        width > 2 ? width : 2, LANE_HEIGHT,
                        life->is_current ? "--c" : "--old", life->version,
                        day_of(life->not_before, from), day_of(life->not_after, to));
}

static enum ac_code draw_marks(const struct axis *axis,
                               const struct ac_status_item *item, int64_t utc,
                               int height, struct ac_text *text, struct ac_error *err)
{
    int64_t due_at = item->plan.due_at;
    int64_t failed_at = item->state.trouble.failed_at;
    char day[AC_CLOCK_TEXT_SIZE];

    if (due_at > 0 && due_at < AC_PLAN_NEVER && !item->is_unwanted) {
        AC_TRY(draw_line(axis, due_at, height,
                         "stroke=\"var(--fg)\" stroke-width=\"2\" "
                         "stroke-dasharray=\"3 3\"",
                         text, err));
        AC_TRY(ac_text_addf(text, err, "<title>renewal from %s</title></line>\n",
                            day_of(due_at, day)));
    }
    if (failed_at > 0) {
        AC_TRY(draw_line(axis, failed_at, height,
                         "stroke=\"var(--red)\" stroke-width=\"4\"", text, err));
        AC_TRY(ac_text_addf(text, err, "<title>failed on %s</title></line>\n",
                            day_of(failed_at, day)));
    }
    AC_TRY(draw_line(axis, utc, height, "stroke=\"var(--fg)\" stroke-width=\"1\"", text,
                     err));
    return ac_text_addf(text, err, "<title>now</title></line>\n");
}

static enum ac_code draw(const struct axis *axis, const struct ac_status_item *item,
                         int64_t utc, struct ac_text *text, struct ac_error *err)
{
    size_t shown = item->life_count < LIVES_SHOWN ? item->life_count : LIVES_SHOWN;
    size_t first = item->life_count - shown;
    int height = (int)(shown > 0 ? shown : 1) * (LANE_HEIGHT + LANE_GAP) + LANE_GAP;

    AC_TRY(ac_text_addf(text, err,
                        "<svg viewBox=\"0 0 %d %d\" height=\"%d\" "
                        "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"the "
                        "lives of its versions\">\n",
                        AXIS_WIDTH, height, height));
    for (size_t i = 0; i < shown; i++)
        AC_TRY(draw_life(axis, &item->lives[first + i], (int)i, text, err));
    AC_TRY(draw_marks(axis, item, utc, height, text, err));
    return ac_text_addf(text, err, "</svg>\n");
}

/* ---- the page */

static enum ac_code add_trouble(const struct ac_status_item *item, struct ac_text *text,
                                struct ac_error *err)
{
    const struct ac_state_trouble *trouble = &item->state.trouble;
    char day[AC_CLOCK_TEXT_SIZE];
    char message[AC_STATUS_MESSAGE_SIZE];

    if (trouble->failures == 0)
        return AC_OK;
    AC_TRY(ac_text_addf(text, err, "<p class=\"trouble\">failed %" PRId64 " time%s",
                        trouble->failures, trouble->failures == 1 ? "" : "s in a row"));
    if (trouble->failed_at > 0) {
        AC_TRY(
            ac_text_addf(text, err, ", last on %s", day_of(trouble->failed_at, day)));
    }
    AC_TRY(ac_text_addf(text, err, ": "));
    AC_TRY(add_escaped(text, ac_status_message(item, message), err));
    return ac_text_addf(text, err, "</p>\n");
}

static enum ac_code add_damage(const struct ac_status_item *item, struct ac_text *text,
                               struct ac_error *err)
{
    if (!item->damage)
        return AC_OK;
    AC_TRY(ac_text_addf(text, err, "<p class=\"trouble\">damaged: "));
    AC_TRY(add_escaped(text, item->damage, err));
    return ac_text_addf(text, err, "</p>\n");
}

static enum ac_code add_undeployed(const struct ac_status_item *item,
                                   struct ac_text *text, struct ac_error *err)
{
    const struct ac_state_deployment *deployment = ac_status_undeployed(item);

    if (!deployment)
        return AC_OK;
    AC_TRY(ac_text_addf(text, err, "<p class=\"trouble\">not deployed by "));
    AC_TRY(add_escaped(text, deployment->installer, err));
    AC_TRY(ac_text_addf(text, err, ": "));
    AC_TRY(add_escaped(
        text, deployment->message ? deployment->message : "it is not known why", err));
    return ac_text_addf(text, err, "</p>\n");
}

static enum ac_code add_article(const struct axis *axis,
                                const struct ac_status_item *item, int64_t utc,
                                struct ac_text *text, struct ac_error *err)
{
    const char *level = ac_status_level_name(item->level);
    const char *class = item->is_unwanted ? "unwanted" : level;
    char ends[AC_STATUS_PHRASE_SIZE];
    char next[AC_STATUS_PHRASE_SIZE];

    AC_TRY(ac_text_addf(text, err, "<article class=\"%s\">\n<h2>", class));
    AC_TRY(add_escaped(text, item->name, err));
    AC_TRY(ac_text_addf(text, err, "<span class=\"badge\">%s</span></h2>\n<p>",
                        item->is_unwanted ? "not wanted" : level));
    AC_TRY(add_escaped(text, ac_status_ends(item, utc, ends), err));
    AC_TRY(ac_text_addf(text, err, "<span class=\"dim\">; next: "));
    AC_TRY(add_escaped(text, ac_status_next(item, utc, next), err));
    AC_TRY(ac_text_addf(text, err, "</span></p>\n"));
    AC_TRY(add_trouble(item, text, err));
    AC_TRY(add_damage(item, text, err));
    AC_TRY(add_undeployed(item, text, err));
    AC_TRY(draw(axis, item, utc, text, err));
    return ac_text_addf(text, err, "</article>\n");
}

static enum ac_code add_axis(const struct axis *axis, struct ac_text *text,
                             struct ac_error *err)
{
    char from[AC_CLOCK_TEXT_SIZE];
    char middle[AC_CLOCK_TEXT_SIZE];
    char to[AC_CLOCK_TEXT_SIZE];

    return ac_text_addf(text, err,
                        "<div class=\"axis\"><span>%s</span><span>%s</span><span>%s"
                        "</span></div>\n",
                        day_of(axis->from, from),
                        day_of(axis->from + (axis->to - axis->from) / 2, middle),
                        day_of(axis->to, to));
}

enum ac_code ac_status_page(const struct ac_status *status, struct ac_text *text,
                            struct ac_error *err)
{
    struct axis axis = find_axis(status);
    char now[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_add(text, head, sizeof head - 1, err));
    AC_TRY(ac_text_addf(text, err, "<h1>"));
    AC_TRY(ac_status_summary(status, text, err));
    AC_TRY(ac_text_addf(
        text, err,
        "</h1>\n<p class=\"dim\">as of %s by acmecore</p>\n"
        "<p class=\"dim key\">" KEY("fine", "current version")
            KEY("old", "earlier version")
                KEY("red", "failure") "<i>dashed: renewal</i> <i>thin: now</i></p>\n",
        ac_clock_format(status->utc, now)));
    AC_TRY(add_axis(&axis, text, err));
    for (size_t i = 0; i < status->count; i++)
        AC_TRY(add_article(&axis, &status->items[i], status->utc, text, err));
    AC_TRY(add_axis(&axis, text, err));
    return ac_text_addf(text, err, "</body>\n</html>\n");
}
