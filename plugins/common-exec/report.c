/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SIGNAL_BASE   128 /* as shells report a signal */
#define SIGNAL_LAST   64
#define EXIT_CANNOT   126
#define EXIT_NOTFOUND 127
#define PROGRAM_SHOWN 100
#define END_MAX       400
#define ABOUT_MAX     400
#define WORTH_A_COUNT (64u * 1024u) /* bytes printed that are worth a word */
#define MILLISECONDS  1000

static void describe_subject(const struct exec_report *report, char about[ABOUT_MAX]);
static void describe_end(const struct exec_report *report, char end[END_MAX]);
static void describe_exit(int code, char end[END_MAX]);

struct exec_sentence exec_report_write(const struct exec_report *report)
{
    struct exec_sentence sentence;
    size_t size = strlen(report->program);
    bool is_long = size > PROGRAM_SHOWN; /* its end tells more than its beginning */
    char end[END_MAX];
    char about[ABOUT_MAX];
    char count[48] = "";

    describe_end(report, end);
    describe_subject(report, about);
    if (report->printed > WORTH_A_COUNT) {
        (void)snprintf(count, sizeof count, " (%" PRIu64 " bytes in all)",
                       report->printed);
    }
    (void)snprintf(sentence.text, sizeof sentence.text, "%s%s%s: %s%s%s%s",
                   is_long ? "…" : "",
                   report->program + (is_long ? size - PROGRAM_SHOWN : 0), about, end,
                   *report->tail ? "; it said: " : "", report->tail, count);
    return sentence;
}

static void describe_subject(const struct exec_report *report, char about[ABOUT_MAX])
{
    bool has_name = report->name && *report->name;

    about[0] = '\0';
    if (!report->dialect)
        return;
    (void)snprintf(about, ABOUT_MAX, " (dialect %s), %s%s%s", report->dialect,
                   report->verb, has_name ? " for " : "", has_name ? report->name : "");
}

static void describe_end(const struct exec_report *report, char end[END_MAX])
{
    int64_t limit_s = (report->limit_ms + MILLISECONDS - 1) / MILLISECONDS;

    switch (report->kind) {
    case EXEC_ENDED:
        describe_exit(report->exit_code, end);
        break;
    case EXEC_NOT_STARTED:
        (void)snprintf(end, END_MAX, "it was not started: %s", report->why);
        break;
    case EXEC_NO_TIME:
        (void)snprintf(end, END_MAX,
                       "the time was over before its turn: are the calls slow?");
        break;
    case EXEC_OVER_LIMIT:
        (void)snprintf(end, END_MAX,
                       "it did not end within %" PRId64
                       " s (option timeout) and was killed",
                       limit_s);
        break;
    case EXEC_OVER_RUN:
        (void)snprintf(end, END_MAX,
                       "it did not end within the %" PRId64
                       " s that were left, and was killed",
                       limit_s);
        break;
    case EXEC_SAID:
        (void)snprintf(end, END_MAX, "%s", report->why);
        break;
    }
}

static void describe_exit(int code, char end[END_MAX])
{
    int number = code - SIGNAL_BASE;
    const char *name =
        number > 0 && number <= SIGNAL_LAST ? sigabbrev_np(number) : NULL;

    if (name) {
        (void)snprintf(end, END_MAX, "it was ended by signal %d (SIG%s)", number, name);
    } else {
        const char *hint = code == EXIT_NOTFOUND ? ": was a program not found?" : "";

        if (code == EXIT_CANNOT)
            hint = ": could a program not be executed?";
        (void)snprintf(end, END_MAX, "it ended with exit code %d%s", code, hint);
    }
}
