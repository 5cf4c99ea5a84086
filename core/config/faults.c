/* SPDX-License-Identifier: Apache-2.0 */
#include "config/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fault_done(struct ac_fault *fault)
{
    free(fault->path);
    free(fault->message);
    *fault = (struct ac_fault){ 0 };
}

/* What is said of all certificates at once is found with each of them. */
static bool is_told(const struct ac_faults *faults, struct ac_place place,
                    const char *message)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->items[i].line == place.line
            && strcmp(faults->items[i].message, message) == 0
            && strcmp(faults->items[i].path, place.path) == 0)
            return true;
    }
    return false;
}

static enum ac_code add(struct ac_faults *faults, struct ac_place place,
                        const char *message, struct ac_error *err)
{
    if (is_told(faults, place, message))
        return AC_OK;
    if (faults->count >= AC_FAULTS_MAX) {
        faults->has_more = true;
        return AC_OK;
    }
    AC_TRY(ac_memory_grow(&faults->items, &faults->capacity, faults->count + 1,
                          sizeof *faults->items, err));
    struct ac_fault *fault = &faults->items[faults->count];
    enum ac_code code = ac_memory_copy_text(place.path, &fault->path, err);
    if (code == AC_OK)
        code = ac_memory_copy_text(message, &fault->message, err);
    if (code != AC_OK) {
        fault_done(fault);
        return code;
    }
    fault->line = place.line;
    faults->count++;
    return AC_OK;
}

enum ac_code ac_faults_add(struct ac_faults *faults, struct ac_place place,
                           struct ac_error *err, const char *format, ...)
{
    char message[AC_ERROR_DETAIL_SIZE];
    struct ac_error clean = { 0 };
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    (void)!ac_fail(&clean, AC_E_USAGE, "%s", message);
    return add(faults, place, clean.detail, err);
}

enum ac_code ac_faults_take(struct ac_faults *faults, struct ac_place place,
                            const struct ac_error *why, enum ac_code code,
                            struct ac_error *err)
{
    switch (code) {
    case AC_OK:
        return AC_OK;
    case AC_E_USAGE:
    case AC_E_INVALID:
    case AC_E_NOTFOUND:
    case AC_E_STORE:
    case AC_E_PLUGIN:
        return add(faults, place, why->detail, err);
    default:
        *err = *why;
        return code;
    }
}

/* Insertion, which keeps the order of equals: there are AC_FAULTS_MAX at most. */
void ac_faults_sort(struct ac_faults *faults)
{
    for (size_t i = 1; i < faults->count; i++) {
        struct ac_fault fault = faults->items[i];
        size_t at = i;
        size_t first = 0;

        while (strcmp(faults->items[first].path, fault.path) != 0)
            first++; /* ends at i: the fault itself */
        if (first == i)
            continue;
        while (at > first
               && (strcmp(faults->items[at - 1].path, fault.path) != 0
                   || faults->items[at - 1].line > fault.line))
            at--;
        memmove(&faults->items[at + 1], &faults->items[at], (i - at) * sizeof fault);
        faults->items[at] = fault;
    }
}

enum ac_code ac_faults_fail(const struct ac_faults *faults, struct ac_error *err)
{
    const struct ac_fault *first = faults->items;
    char line[16] = "";

    if (faults->count == 0)
        return AC_OK;
    if (first->line > 0)
        (void)snprintf(line, sizeof line, ":%u", first->line);
    if (faults->count == 1)
        return ac_fail(err, AC_E_USAGE, "%s%s: %s", first->path, line, first->message);
    return ac_fail(err, AC_E_USAGE,
                   "%s%s: %s (and %zu more; acmecore config check tells all)",
                   first->path, line, first->message, faults->count - 1);
}

enum ac_code ac_faults_to_json(const struct ac_faults *faults,
                               struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "[]"));
    for (size_t i = 0; i < faults->count; i++) {
        const struct ac_fault *fault = &faults->items[i];
        AC_AUTO(ac_json) *item = NULL;

        AC_TRY(ac_json_new(&item, err, "{s:s, s:I, s:s}", "file", fault->path, "line",
                           (int64_t)fault->line, "message", fault->message));
        AC_TRY(ac_json_append(json, &item, err));
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

void ac_faults_done(struct ac_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        fault_done(&faults->items[i]);
    free(faults->items);
    *faults = (struct ac_faults){ 0 };
}
