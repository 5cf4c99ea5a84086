/* SPDX-License-Identifier: Apache-2.0 */
#include "host/event.h"

#include "base/clock.h"
#include "base/log.h"

#include <string.h>

#define LINES_PER_SECOND 500  /* of one plugin; more is a flood */
#define LINES_BURST      5000 /* five for each challenge of the largest batch */
#define LINE_SIZE        1024 /* a message counts as a line for each of these, too */
#define CLEAN_SIZE       640

void ac_event_rate_init(struct ac_rate *rate)
{
    ac_rate_init(rate, LINES_PER_SECOND, LINES_BURST);
}

static uint32_t count_lines(const struct ac_message *message)
{
    return 1 + (uint32_t)(message->json_size / LINE_SIZE);
}

static bool take_log(const char *name, const struct ac_json *json)
{
    int64_t level = ac_json_number_or(json, "level", -1);
    const char *text = ac_json_text_or(json, "text", NULL);
    char clean[CLEAN_SIZE];

    if (level < ACMECORE_ERROR || level > ACMECORE_DEBUG || !text)
        return false;
    (void)ac_text_clean(clean, sizeof clean, text, strlen(text));
    ac_log((enum ac_log_level)level, "plugin.log", "plugin", name, "text", clean, NULL);
    return true;
}

const char *ac_event_take(struct ac_rate *rate, const char *name,
                          const struct ac_message *message)
{
    if (strcmp(ac_json_text_or(message->json, "event", ""), "log") != 0)
        return "unknown message";
    if (!ac_rate_take_many(rate, count_lines(message), ac_clock_now_ms()))
        return "too many log lines";
    return take_log(name, message->json) ? NULL : "bad log line";
}
