/* SPDX-License-Identifier: Apache-2.0 */
/* The conformance suite, run on a plugin of tests/abi. */
#ifndef AC_TESTS_UNIT_ENGINE_CHECK_STAGE_H
#define AC_TESTS_UNIT_ENGINE_CHECK_STAGE_H

#include "base/clock.h"
#include "check.h"
#include "engine/check/plugin_check.h"

#include <string.h>

#define CHECK_SPAN_MS 60000

/* `setting`: NAME=VALUE for its options, or NULL. */
static inline enum ac_code check_plugin(const char *name, const char *option,
                                        const char *value,
                                        struct ac_plugin_check *ret_check,
                                        struct ac_error *err)
{
    AC_AUTO(ac_loop) *loop = NULL;
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO(ac_section) section = { 0 };

    AC_TRY(ac_loop_new(&loop, err));
    AC_TRY(ac_words_add(&folders, AC_TEST_PLUGINS, err));
    if (option)
        AC_TRY(ac_section_add(&section, option, value, "the test", err));
    struct ac_plugin_check_settings settings = {
        .loop = loop,
        .plugin = { .name = name,
                    .plugin = name,
                    .section = &section,
                    .plugin_folders = &folders,
                    .host_path = AC_TEST_PLUGIN_HOST },
        .deadline_ms = ac_clock_after_ms(CHECK_SPAN_MS),
    };
    return ac_plugin_check(&settings, ret_check, err);
}

static inline const struct ac_verdict *find_verdict(const struct ac_plugin_check *check,
                                                    const char *id)
{
    for (size_t i = 0; i < check->count; i++) {
        if (strcmp(check->items[i].id, id) == 0)
            return &check->items[i];
    }
    return NULL;
}

/* Has the check of this name this verdict, with these words? */
static inline bool is_verdict(const struct ac_plugin_check *check, const char *id,
                              enum ac_verdict_kind kind, const char *words)
{
    const struct ac_verdict *verdict = find_verdict(check, id);

    return verdict && verdict->kind == kind
           && (!words || (verdict->reason && strstr(verdict->reason, words)));
}

/* Only this one was broken. */
static inline bool fails_alone(const struct ac_plugin_check *check, const char *id,
                               const char *words)
{
    return ac_plugin_check_count(check, AC_VERDICT_FAILED) == 1
           && is_verdict(check, id, AC_VERDICT_FAILED, words);
}

#endif
