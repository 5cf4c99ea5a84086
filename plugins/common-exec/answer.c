/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "words.h"

#include <acmecore/plugin.h>

#include <jansson.h>
#include <string.h>

/* The document itself: the struct exists only by name. */
#define ROOT(answers) ((json_t *)(answers))

static const struct {
    const char *name;
    int status;
} statuses[] = {
    { "ok", ACMECORE_OK },
    { "pending", ACMECORE_PENDING },
    { "error", ACMECORE_E_REFUSED },
};

static bool is_blank(char character);
static const char *check(const json_t *root, size_t count);
static const char *check_result(const json_t *result);
static bool find_status(const json_t *result, int *ret_status);
static bool is_text_or_nothing(const json_t *value, size_t maximum);

const char *exec_answers_parse(const char *text, size_t size, size_t count,
                               struct exec_answers **ret_answers)
{
    size_t blanks = 0;
    json_error_t error;
    json_t *root = NULL;
    const char *why = NULL;

    *ret_answers = NULL;
    while (blanks < size && is_blank(text[blanks]))
        blanks++;
    if (blanks == size || text[blanks] != '{')
        return NULL;
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        return json_error_code(&error) == json_error_out_of_memory
                   ? EXEC_NO_MEMORY
                   : "it begins with { and is not JSON";
    }
    why = check(root, count);
    if (why) {
        json_decref(root);
        return why;
    }
    *ret_answers = (struct exec_answers *)root;
    return NULL;
}

void exec_answers_drop(struct exec_answers *const *answers)
{
    json_decref(ROOT(*answers));
}

struct exec_answer exec_answers_at(const struct exec_answers *answers, size_t index)
{
    const json_t *root = (const json_t *)answers;
    const json_t *result = json_array_get(json_object_get(root, "results"), index);
    const char *detail = json_string_value(json_object_get(result, "detail"));
    struct exec_answer answer = { ACMECORE_E_REFUSED, detail ? detail : "",
                                  json_string_value(json_object_get(result, "data")) };

    (void)find_status(result, &answer.status);
    return answer;
}

/* As JSON has it (RFC 8259 §2). */
static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r'
           || character == '\n';
}

static const char *check(const json_t *root, size_t count)
{
    const json_t *results = json_object_get(root, "results");

    if (!json_is_array(results))
        return "its JSON has no array \"results\"";
    if (json_array_size(results) != count)
        return "its \"results\" are not one for each item";
    for (size_t i = 0; i < count; i++) {
        const char *why = check_result(json_array_get(results, i));

        if (why)
            return why;
    }
    return NULL;
}

static const char *check_result(const json_t *result)
{
    int status = 0;

    if (!find_status(result, &status))
        return "a \"status\" in it is not ok, pending or error";
    if (!is_text_or_nothing(json_object_get(result, "detail"), SIZE_MAX))
        return "a \"detail\" in it is not a string";
    if (!is_text_or_nothing(json_object_get(result, "data"), EXEC_DATA_MAX))
        return "a \"data\" in it is not a string of at most 4096 bytes";
    return NULL;
}

static bool find_status(const json_t *result, int *ret_status)
{
    const char *name = json_string_value(json_object_get(result, "status"));

    for (size_t i = 0; name && i < sizeof statuses / sizeof *statuses; i++) {
        if (strcmp(statuses[i].name, name) == 0) {
            *ret_status = statuses[i].status;
            return true;
        }
    }
    return false;
}

static bool is_text_or_nothing(const json_t *value, size_t maximum)
{
    return !value || json_is_null(value)
           || (json_is_string(value) && json_string_length(value) <= maximum);
}
