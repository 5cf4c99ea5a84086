/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/around_parts.h"

#include "base/clock.h"

#include <string.h>

static const char *const kind_words[AC_HOOK_KINDS] = {
    [AC_HOOK_PRE] = "pre",
    [AC_HOOK_POST] = "post",
    [AC_HOOK_FAILURE] = "failure",
};

static bool has_failed(const struct ac_around_certificate *certificate)
{
    return certificate->refusal.code != AC_OK
           || (certificate->has_ended && certificate->why.code != AC_OK);
}

bool ac_around_has_failed(const struct ac_around *around,
                          const struct ac_around_hook *hook)
{
    for (size_t i = 0; i < hook->member_count; i++) {
        if (has_failed(&around->certificates[hook->members[i]]))
            return true;
    }
    return false;
}

/* "renewed", "failed", "skipped" once it is over. */
static enum ac_code add_result(const struct ac_around *around,
                               const struct ac_around_certificate *certificate,
                               struct ac_json *json, struct ac_error *err)
{
    const struct ac_error *why =
        certificate->refusal.code != AC_OK ? &certificate->refusal : &certificate->why;
    AC_AUTO(ac_json) *error = NULL;

    if (!has_failed(certificate)) {
        return ac_json_set_text(json, "result",
                                certificate->has_ended ? "renewed" : "skipped", err);
    }
    AC_TRY(ac_json_set_text(json, "result", "failed", err));
    AC_TRY(around->settings.describe(why, &error, err));
    return ac_json_set(json, "error", &error, err);
}

static enum ac_code describe_one(const struct ac_around *around,
                                 const struct ac_around_certificate *certificate,
                                 enum ac_hook_kind kind, struct ac_json **ret_json,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s*}", "name", certificate->name, "reason",
                       certificate->reason));
    AC_TRY(ac_json_set_words(json, "identifiers", &certificate->identifiers, err));
    if (kind != AC_HOOK_PRE)
        AC_TRY(add_result(around, certificate, json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

/* As far as it fits; *size: of what is there, and would be. */
static enum ac_code add_one(const struct ac_around *around,
                            const struct ac_around_certificate *certificate,
                            enum ac_hook_kind kind, struct ac_json *list, size_t *size,
                            struct ac_error *err)
{
    AC_AUTO(ac_json) *one = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_TRY(describe_one(around, certificate, kind, &one, err));
    AC_TRY(ac_json_write(one, &text, err));
    *size += strlen(text);
    return *size > AC_AROUND_SIZE_MAX ? AC_OK : ac_json_append(list, &one, err);
}

/* *ret_left: how many did not fit. */
static enum ac_code describe_all(const struct ac_around *around,
                                 const struct ac_around_hook *hook,
                                 struct ac_json *list, int64_t *ret_left,
                                 struct ac_error *err)
{
    size_t size = 0;

    for (size_t i = 0; i < hook->member_count; i++) {
        const struct ac_around_certificate *certificate =
            &around->certificates[hook->members[i]];

        if (hook->kind == AC_HOOK_FAILURE && !has_failed(certificate))
            continue;
        AC_TRY(add_one(around, certificate, hook->kind, list, &size, err));
        *ret_left += size > AC_AROUND_SIZE_MAX;
    }
    return AC_OK;
}

enum ac_code ac_around_describe(const struct ac_around *around,
                                const struct ac_around_hook *hook,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *list = NULL;
    char text[AC_CLOCK_TEXT_SIZE];
    int64_t left = 0;

    AC_TRY(ac_json_new(&list, err, "[]"));
    AC_TRY(describe_all(around, hook, list, &left, err));
    AC_TRY(ac_json_new(&json, err, "{s:i, s:s, s:s, s:s}", "schema", AC_AROUND_SCHEMA,
                       "hook", kind_words[hook->kind], "name", hook->command.name,
                       "time", ac_clock_format(ac_clock_utc(), text)));
    if (around->settings.is_dry_run)
        AC_TRY(ac_json_set_bool(json, "dry_run", true, err));
    AC_TRY(ac_json_set(json, "certificates", &list, err));
    if (left > 0)
        AC_TRY(ac_json_set_number(json, "certificates_left_out", left, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}
