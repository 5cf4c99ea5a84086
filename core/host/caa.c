/* SPDX-License-Identifier: Apache-2.0 */
#include "host/caa.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define DETAIL_CLEAN_SIZE 640

struct ac_caa {
    struct ac_caa_pool *pool;   /* lent */
    struct ac_process *process; /* of the pool */
    struct ac_call *call;
    char **findings; /* one for each name; NULL: none */
    size_t count;
    bool is_done;
    struct ac_error error;
};

static enum ac_code describe_name(const struct ac_caa_name *name,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    return ac_json_new(ret_json, err, "{s:s, s:b, s:s*}", "name", name->name,
                       "is_wildcard", (int)name->is_wildcard, "method", name->method);
}

static enum ac_code describe_names(const struct ac_caa_settings *settings,
                                   struct ac_json *json, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < settings->name_count; i++) {
        AC_AUTO(ac_json) *entry = NULL;
        AC_TRY(describe_name(&settings->names[i], &entry, err));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    return ac_json_set(json, "names", &array, err);
}

static enum ac_code describe(const struct ac_caa_settings *settings,
                             struct ac_json **ret_json, struct ac_error *err)
{
    static const struct ac_words none;
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s*}", "op", "caa", "account_url",
                       settings->account_url));
    AC_TRY(describe_names(settings, json, err));
    AC_TRY(ac_json_set_words(json, "identities", settings->identities, err));
    AC_TRY(ac_json_set_words(json, "resolvers",
                             settings->resolvers ? settings->resolvers : &none, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code ask(struct ac_caa *caa, const struct ac_caa_settings *settings,
                        struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };

    AC_TRY(ac_memory_new(settings->name_count, sizeof(char *), &caa->findings, err));
    caa->count = settings->name_count;
    AC_TRY(describe(settings, &message.json, err));
    caa->pool = settings->pool;
    AC_TRY(ac_caa_pool_take(caa->pool, &caa->process, err));
    return ac_process_call(caa->process, "caa", &message, settings->deadline_ms,
                           &caa->call, err);
}

enum ac_code ac_caa_begin(const struct ac_caa_settings *settings,
                          struct ac_caa **ret_caa, struct ac_error *err)
{
    AC_AUTO(ac_caa) *caa = NULL;

    AC_TRY(ac_memory_new(1, sizeof *caa, &caa, err));
    AC_TRY(ask(caa, settings, err));
    *ret_caa = AC_TAKE(caa);
    return AC_OK;
}

void ac_caa_free(struct ac_caa *caa)
{
    if (!caa)
        return;
    ac_call_free(caa->call);
    if (caa->pool)
        ac_caa_pool_leave(caa->pool, caa->process);
    for (size_t i = 0; i < caa->count; i++)
        free(caa->findings[i]);
    free((void *)caa->findings);
    free(caa);
}

size_t ac_caa_fds(const struct ac_caa *caa, struct pollfd *fds)
{
    return caa->is_done ? 0 : ac_process_fds(caa->process, fds);
}

/* The process is shared: the answer may have been taken in the step of another. */
int64_t ac_caa_wake_at_ms(const struct ac_caa *caa)
{
    if (caa->is_done)
        return AC_CLOCK_NEVER;
    return ac_call_is_done(caa->call) ? ac_clock_now_ms()
                                      : ac_process_wake_at_ms(caa->process);
}

static enum ac_code fail_nonsense(struct ac_error *err)
{
    return ac_fail(err, AC_E_PLUGIN, "the CAA check answered with nonsense");
}

static enum ac_code keep_finding(struct ac_caa *caa, const struct ac_json *json,
                                 struct ac_error *err)
{
    int64_t index = ac_json_number_or(json, "index", -1);
    const char *text = ac_json_text_or(json, "text", "");
    char clean[AC_CAA_TEXT_MAX];

    if (index < 0 || (size_t)index >= caa->count || caa->findings[index] || !text[0])
        return fail_nonsense(err);
    (void)ac_text_clean(clean, sizeof clean, text, strnlen(text, AC_CAA_TEXT_MAX));
    return ac_memory_copy_text(clean, &caa->findings[index], err);
}

static enum ac_code take_reply(struct ac_caa *caa, struct ac_error *err)
{
    const struct ac_json *reply = NULL;
    char clean[DETAIL_CLEAN_SIZE];

    AC_TRY(ac_call_result(caa->call, &reply, err));
    if (ac_json_number_or(reply, "status", ACMECORE_E_INVALID) != ACMECORE_OK) {
        const char *detail = ac_json_text_or(reply, "detail", "no reason given");
        (void)ac_text_clean(clean, sizeof clean, detail,
                            strnlen(detail, AC_MESSAGE_DETAIL_MAX));
        return ac_fail(err, AC_E_PLUGIN, "the CAA records could not be checked: %s",
                       clean);
    }
    const struct ac_json *findings = ac_json_get(reply, "findings");
    if (!ac_json_is_array(findings) || ac_json_count(findings) > caa->count)
        return fail_nonsense(err);
    for (size_t i = 0; i < ac_json_count(findings); i++)
        AC_TRY(keep_finding(caa, ac_json_at(findings, i), err));
    return AC_OK;
}

void ac_caa_step(struct ac_caa *caa)
{
    if (caa->is_done)
        return;
    ac_process_step(caa->process);
    if (!ac_call_is_done(caa->call))
        return;
    (void)take_reply(caa, &caa->error); /* its code is kept there, 0 when all is well */
    caa->is_done = true;
}

bool ac_caa_is_done(const struct ac_caa *caa)
{
    return caa->is_done;
}

enum ac_code ac_caa_result(const struct ac_caa *caa, struct ac_error *err)
{
    if (!caa->is_done)
        return ac_fail(err, AC_E_PLUGIN, "the CAA check has not ended yet");
    if (caa->error.code != AC_OK)
        *err = caa->error;
    return caa->error.code;
}

const char *ac_caa_finding(const struct ac_caa *caa, size_t index)
{
    return caa->findings[index];
}
