/* SPDX-License-Identifier: Apache-2.0 */
#include "host/operation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DETAIL_CLEAN_SIZE 640
#define MORE_SIZE         48
#define NAME_MAX_SIZE     253
#define NAME_ALPHABET     "abcdefghijklmnopqrstuvwxyz0123456789-_."

static const struct {
    const char *name; /* in messages to the plugin host */
    const char *verb; /* in sentences for people */
} operations[] = {
    [AC_SOLVER_PRESENT] = { "present", "present" },
    [AC_SOLVER_CLEANUP] = { "cleanup", "clean up" },
    [AC_SOLVER_PROBE] = { "probe", "probe" },
    [AC_SOLVER_LOCATE] = { "locate", "find the zone of" },
};

const char *ac_operation_status_text(int64_t status)
{
    static const char *const texts[] = {
        "it gave no reason",
        "it was called wrongly",             /* ACMECORE_E_INVALID */
        "a setting is wrong",                /* ACMECORE_E_CONFIG */
        "the remote side said no",           /* ACMECORE_E_REFUSED */
        "there was no usable answer",        /* ACMECORE_E_NETWORK */
        "its time was up",                   /* ACMECORE_E_TIMEOUT */
        "something it needs does not exist", /* ACMECORE_E_NOTFOUND */
        "the operating system refused",      /* ACMECORE_E_SYSTEM */
        "it is not offered",                 /* ACMECORE_E_UNSUPPORTED */
    };

    if (status > 0 || status <= -(int64_t)AC_COUNT(texts))
        return texts[0];
    return texts[-status];
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts && i < count; i++)
        free(texts[i]);
    free((void *)texts);
}

static void destroy(struct ac_solver_call *call)
{
    free_texts(call->details, call->batch.count);
    free_texts(call->names, call->batch.count);
    free_texts(call->zones, call->batch.count);
    for (size_t i = 0; call->values && i < call->batch.count; i++)
        ac_words_done(&call->values[i].texts);
    free(call->values);
    free(call->results);
    free(call->plugin);
    ac_call_free(call->part);
    ac_batch_done(&call->batch);
    free(call);
}

static enum ac_code fill(struct ac_solver_call *call, const char *plugin,
                         const struct ac_batch *batch, struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text(plugin, &call->plugin, err));
    for (size_t i = 0; i < batch->count; i++)
        AC_TRY(ac_batch_add(&call->batch, &batch->items[i], err));
    AC_TRY(ac_memory_new(batch->count, sizeof *call->results, &call->results, err));
    for (size_t i = 0; i < batch->count; i++)
        call->results[i] = ACMECORE_PENDING;
    AC_TRY(ac_memory_new(batch->count, sizeof(char *), &call->names, err));
    AC_TRY(ac_memory_new(batch->count, sizeof(char *), &call->zones, err));
    AC_TRY(ac_memory_new(batch->count, sizeof *call->values, &call->values, err));
    return ac_memory_new(batch->count, sizeof(char *), &call->details, err);
}

enum ac_code ac_operation_new(enum ac_solver_op op, const char *plugin,
                              const struct ac_batch *batch, int64_t deadline_ms,
                              struct ac_solver_call **ret_call, struct ac_error *err)
{
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_TRY(ac_memory_new(1, sizeof *call, &call, err));
    call->op = op;
    call->deadline_ms = deadline_ms;
    AC_TRY(fill(call, plugin, batch, err));
    call->is_done = batch->count == 0;
    *ret_call = AC_TAKE(call);
    return AC_OK;
}

enum ac_code ac_operation_start_part(struct ac_solver_call *call,
                                     struct ac_process *process, uint32_t max_batch,
                                     struct ac_error *err)
{
    AC_AUTO(ac_json) *challenges = NULL;
    AC_AUTO(ac_message) message = { 0 };
    size_t size = call->batch.count - call->done;

    if (call->is_cancelled)
        return ac_fail(err, AC_E_CANCELLED, "plugin %s was told to stop", call->plugin);
    if (max_batch > 0 && size > max_batch)
        size = max_batch;
    AC_TRY(ac_batch_part_to_json(&call->batch, call->done, size, &challenges, err));
    AC_TRY(ac_json_new(&message.json, err, "{s:s, s:o}", "op",
                       operations[call->op].name, "challenges",
                       (void *)AC_TAKE(challenges)));
    AC_TRY(ac_process_call(process, operations[call->op].name, &message,
                           call->deadline_ms, &call->part, err));
    call->part_size = size;
    return AC_OK;
}

static bool is_status(const struct ac_solver_call *call, int64_t status)
{
    if (status == ACMECORE_PENDING)
        return call->op == AC_SOLVER_PROBE;
    return status <= ACMECORE_OK && status >= ACMECORE_E_UNSUPPORTED;
}

static enum ac_code fail_nonsense(const struct ac_solver_call *call,
                                  struct ac_error *err)
{
    return ac_fail(err, AC_E_PLUGIN, "plugin %s answered %s with nonsense",
                   call->plugin, operations[call->op].name);
}

/* The plugin's own words, fit to show. */
static enum ac_code keep_detail(struct ac_solver_call *call, size_t index,
                                const char *text, struct ac_error *err)
{
    char clean[DETAIL_CLEAN_SIZE];

    if (!text[0])
        return AC_OK;
    (void)ac_text_clean(clean, sizeof clean, text,
                        strnlen(text, AC_MESSAGE_DETAIL_MAX));
    return ac_memory_copy_text(clean, &call->details[index], err);
}

static bool is_name(const char *name)
{
    return ac_text_is_made_of(name, NAME_ALPHABET, 1, NAME_MAX_SIZE) && name[0] != '.'
           && name[strlen(name) - 1] != '.' && !strstr(name, "..");
}

static bool is_within(const char *name, const char *zone)
{
    size_t name_size = strlen(name);
    size_t zone_size = strlen(zone);

    if (name_size < zone_size || strcmp(name + name_size - zone_size, zone) != 0)
        return false;
    return name_size == zone_size || name[name_size - zone_size - 1] == '.';
}

static bool is_value(const char *text)
{
    size_t size = text ? strnlen(text, AC_SOLVER_VALUE_MAX + 1) : 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return size > 0 && size <= AC_SOLVER_VALUE_MAX;
}

static enum ac_code keep_values(struct ac_solver_call *call, size_t index,
                                const struct ac_json *json, struct ac_error *err)
{
    const struct ac_json *values = ac_json_get(json, "values");

    if (!values)
        return AC_OK;
    if (!ac_json_is_array(values) || ac_json_count(values) > AC_SOLVER_VALUES_MAX)
        return fail_nonsense(call, err);
    for (size_t i = 0; i < ac_json_count(values); i++) {
        const char *text = ac_json_as_text(ac_json_at(values, i));

        if (!is_value(text))
            return fail_nonsense(call, err);
        AC_TRY(ac_words_add(&call->values[index].texts, text, err));
    }
    call->values[index].is_known = true;
    return AC_OK;
}

/* An UPDATE will be built from them, and they come from a process that parses DNS. */
static enum ac_code keep_place(struct ac_solver_call *call, size_t index,
                               const struct ac_json *json, struct ac_error *err)
{
    const char *name = ac_json_text_or(json, "name", NULL);
    const char *zone = ac_json_text_or(json, "zone", NULL);

    AC_TRY(keep_values(call, index, json, err));
    if (!name && !zone)
        return AC_OK;
    if (!name || !is_name(name) || (zone && (!is_name(zone) || !is_within(name, zone))))
        return fail_nonsense(call, err);
    AC_TRY(ac_memory_copy_text(name, &call->names[index], err));
    return zone ? ac_memory_copy_text(zone, &call->zones[index], err) : AC_OK;
}

static enum ac_code take_result(struct ac_solver_call *call, size_t index,
                                const struct ac_json *json, struct ac_error *err)
{
    int64_t status = ac_json_number_or(json, "status", INT64_MIN);

    if (!is_status(call, status))
        return fail_nonsense(call, err);
    AC_TRY(keep_detail(call, index, ac_json_text_or(json, "detail", ""), err));
    call->results[index] = (int)status;
    if (call->op == AC_SOLVER_LOCATE && status == ACMECORE_OK)
        return keep_place(call, index, json, err);
    if (status < 0 && !call->details[index])
        return keep_detail(call, index, ac_operation_status_text(status), err);
    return AC_OK;
}

static enum ac_code take_results(struct ac_solver_call *call,
                                 const struct ac_json *reply, struct ac_error *err)
{
    const struct ac_json *results = ac_json_get(reply, "results");

    if (!ac_json_is_array(results) || ac_json_count(results) != call->part_size)
        return fail_nonsense(call, err);
    for (size_t i = 0; i < call->part_size; i++)
        AC_TRY(take_result(call, call->done + i, ac_json_at(results, i), err));
    call->done += call->part_size;
    call->is_done = call->done == call->batch.count;
    return AC_OK;
}

enum ac_code ac_operation_end_part(struct ac_solver_call *call, struct ac_error *err)
{
    AC_AUTO(ac_call) *part = AC_TAKE(call->part);
    const struct ac_json *reply = NULL;

    AC_TRY(ac_call_result(part, &reply, err));
    return take_results(call, reply, err);
}

void ac_operation_fail(struct ac_solver_call *call, const struct ac_error *error)
{
    for (size_t i = call->done; i < call->batch.count; i++)
        call->results[i] = ACMECORE_E_SYSTEM;
    call->error = *error;
    call->is_done = true;
    ac_call_free(AC_TAKE(call->part));
}

void ac_operation_release(struct ac_solver_call *call)
{
    call->is_listed = false;
    if (call->is_dropped)
        destroy(call);
}

bool ac_solver_call_is_done(const struct ac_solver_call *call)
{
    return call->is_done;
}

int ac_solver_call_status(const struct ac_solver_call *call, size_t index)
{
    return call->results[index];
}

const char *ac_solver_call_detail(const struct ac_solver_call *call, size_t index)
{
    if (index >= call->done && call->error.code != AC_OK)
        return call->error.detail;
    return call->details[index] ? call->details[index] : "";
}

const char *ac_solver_call_record_name(const struct ac_solver_call *call, size_t index)
{
    return call->names[index];
}

const char *ac_solver_call_record_zone(const struct ac_solver_call *call, size_t index)
{
    return call->zones[index];
}

const struct ac_words *ac_solver_call_record_values(const struct ac_solver_call *call,
                                                    size_t index)
{
    return call->values[index].is_known ? &call->values[index].texts : NULL;
}

enum ac_code ac_solver_call_result(const struct ac_solver_call *call,
                                   struct ac_error *err)
{
    size_t failed = 0;
    size_t first = 0;
    enum ac_code code = AC_E_USAGE; /* while settings alone are wrong */
    char more[MORE_SIZE] = "";

    if (call->error.code != AC_OK) {
        *err = call->error;
        return err->code;
    }
    for (size_t i = call->done; i > 0; i--) {
        if (call->results[i - 1] < 0) {
            first = i - 1;
            failed++;
            if (call->results[i - 1] != ACMECORE_E_CONFIG)
                code = AC_E_PLUGIN;
        }
    }
    if (failed == 0)
        return AC_OK;
    if (failed > 1)
        (void)snprintf(more, sizeof more, " (and %zu more)", failed - 1);
    return ac_fail(err, code, "plugin %s could not %s %s: %s%s", call->plugin,
                   operations[call->op].verb, call->batch.items[first].identifier,
                   ac_solver_call_detail(call, first), more);
}

void ac_solver_call_free(struct ac_solver_call *call)
{
    if (!call)
        return;
    call->is_dropped = true;
    if (!call->is_listed)
        destroy(call);
}
