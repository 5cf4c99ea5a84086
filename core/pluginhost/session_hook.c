/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_hook.h"

#include <string.h>

#define OUTPUT_MAX   2048 /* bytes kept: the last ones */
#define VARIABLE_MAX 16

/* What a command finds in its environment in any case. */
static const char *const basics[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                                      "/usr/bin:/sbin:/bin",
                                      "LANG=C.UTF-8" };

/* The last bytes that were printed. */
struct tail {
    char bytes[OUTPUT_MAX];
    size_t size;
};

static int keep_tail(void *arg, const void *bytes, size_t size)
{
    struct tail *tail = arg;
    const char *from = bytes;

    if (size > OUTPUT_MAX) {
        from += size - OUTPUT_MAX;
        size = OUTPUT_MAX;
    }
    if (tail->size + size > OUTPUT_MAX) {
        size_t surplus = tail->size + size - OUTPUT_MAX;

        memmove(tail->bytes, tail->bytes + surplus, tail->size - surplus);
        tail->size -= surplus;
    }
    memcpy(tail->bytes + tail->size, from, size);
    tail->size += size;
    return ACMECORE_OK;
}

static enum ac_code gather_variables(const struct ac_json *json,
                                     struct ac_words *variables, struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(basics); i++)
        AC_TRY(ac_words_add(variables, basics[i], err));
    AC_TRY(ac_json_get_words(json, "variables", variables, err));
    if (variables->count > AC_COUNT(basics) + VARIABLE_MAX)
        return ac_fail(err, AC_E_INVALID, "over %d variables", VARIABLE_MAX);
    return AC_OK;
}

/* A message is UTF-8; lines stay lines. */
static enum ac_code clean_lines(const char *bytes, size_t size, struct ac_text *text,
                                struct ac_error *err)
{
    char clean[4 * OUTPUT_MAX + 1];

    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t line = end ? (size_t)(end - bytes) : size;

        AC_TRY(ac_text_addf(text, err, "%s\n",
                            ac_text_clean(clean, sizeof clean, bytes, line)));
        size -= line + (end ? 1 : 0);
        bytes += line + (end ? 1 : 0);
    }
    return AC_OK;
}

static enum ac_code run(struct acmecore_host_ctx *services,
                        const struct acmecore_command *command, int64_t deadline_ms,
                        struct ac_json **ret_result, struct ac_error *err)
{
    struct tail tail = { .size = 0 };
    struct acmecore_command whole = *command;
    AC_AUTO(ac_text) clean = { 0 };
    int exit_code = 0;

    whole.errors = keep_tail;
    whole.errors_arg = &tail;
    ac_services_begin(services, deadline_ms);
    int status = ac_service_run(services, &whole, &exit_code, keep_tail, &tail);
    ac_services_end(services);
    if (status != ACMECORE_OK)
        return ac_fail(err, AC_E_PLUGIN, "%s", ac_services_reason(services, 0, 1));
    AC_TRY(clean_lines(tail.bytes, tail.size, &clean, err));
    return ac_json_new(ret_result, err, "{s:i, s:s}", "exit", exit_code, "output",
                       ac_text_get(&clean));
}

enum ac_code ac_session_hook(struct ac_session *session, const struct ac_json *json,
                             int64_t deadline_ms, struct ac_json **ret_result,
                             struct ac_error *err)
{
    AC_AUTO(ac_words) words = { 0 };
    AC_AUTO(ac_words) variables = { 0 };
    AC_AUTO(acmecore_host_ctx) services = { 0 };
    const char *input = ac_json_text_or(json, "input", NULL);

    if (session->is_loaded)
        return ac_fail(err, AC_E_PROTOCOL, "a plugin is loaded: no hook is run here");
    AC_TRY(ac_json_get_words(json, "command", &words, err));
    AC_TRY(gather_variables(json, &variables, err));
    AC_TRY(ac_services_init(&services, session->channel, NULL, err));
    struct acmecore_command command = {
        .struct_size = sizeof command,
        .max_output = UINT32_MAX, /* its last words are kept, and the rest is gone */
        .argv = (const char *const *)words.items,
        .env = (const char *const *)variables.items,
        .input = input,
        .input_size = input ? strlen(input) : 0,
    };
    return run(&services, &command, deadline_ms, ret_result, err);
}
