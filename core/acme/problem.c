/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/problem.h"

#include "acme/wire.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_MIN     100
#define STATUS_MAX     599
#define ALGORITHMS_MAX 32
#define TYPE_MAX       256 /* a foreign URI */

static const char *const prefixes[] = {
    "urn:ietf:params:acme:error:", "urn:acme:error:", /* servers from before the RFC */
};

static const char *without_prefix(const char *type)
{
    for (size_t i = 0; i < AC_COUNT(prefixes); i++) {
        if (strncmp(type, prefixes[i], strlen(prefixes[i])) == 0)
            return type + strlen(prefixes[i]);
    }
    /* RFC 9457 4.2.1: the same as no type at all */
    return strcmp(type, "about:blank") == 0 ? "" : type;
}

static enum ac_code read_type(const struct ac_json *json, char **ret_type,
                              struct ac_error *err)
{
    const char *type = without_prefix(ac_json_text_or(json, "type", ""));
    char buffer[TYPE_MAX];

    ac_text_clean(buffer, sizeof(buffer), type, strlen(type));
    return ac_memory_copy_text(buffer, ret_type, err);
}

static enum ac_code read_algorithms(const struct ac_json *json, struct ac_words *words,
                                    struct ac_error *err)
{
    const struct ac_json *array = ac_json_get(json, "algorithms");

    for (size_t i = 0; i < ac_json_count(array) && i < ALGORITHMS_MAX; i++) {
        AC_AUTO_TEXT char *clean = NULL;
        const char *text = ac_json_as_text(ac_json_at(array, i));
        if (text == NULL)
            continue;
        AC_TRY(ac_wire_clean(text, &clean, err));
        AC_TRY(ac_words_add(words, clean, err));
    }
    return AC_OK;
}

/* {"type":"dns","value":"example.org"} (6.7.1) */
static enum ac_code read_identifier(const struct ac_json *json, char **ret_identifier,
                                    struct ac_error *err)
{
    return ac_wire_clean_member(ac_json_get(json, "identifier"), "value",
                                ret_identifier, err);
}

static enum ac_code read_one(const struct ac_json *json, struct ac_problem *problem,
                             struct ac_error *err)
{
    int64_t status = ac_json_number_or(json, "status", 0);

    if (status >= STATUS_MIN && status <= STATUS_MAX)
        problem->status = (long)status;
    AC_TRY(read_type(json, &problem->type, err));
    AC_TRY(ac_wire_clean(ac_json_text_or(json, "detail", ""), &problem->detail, err));
    AC_TRY(ac_wire_clean_member(json, "instance", &problem->instance, err));
    AC_TRY(read_identifier(json, &problem->identifier, err));
    return read_algorithms(json, &problem->algorithms, err);
}

static enum ac_code new_subproblems(struct ac_problem *problem, size_t count,
                                    struct ac_error *err)
{
    if (count == 0)
        return AC_OK;
    AC_TRY(ac_memory_new(count, sizeof(*problem->subproblems), &problem->subproblems,
                         err));
    problem->subproblem_count = count;
    return AC_OK;
}

static enum ac_code read_subproblems(const struct ac_json *json,
                                     struct ac_problem *problem, struct ac_error *err)
{
    const struct ac_json *array = ac_json_get(json, "subproblems");
    size_t count = ac_json_is_array(array) ? ac_json_count(array) : 0;

    if (count > AC_PROBLEM_SUBPROBLEMS_MAX)
        count = AC_PROBLEM_SUBPROBLEMS_MAX;
    AC_TRY(new_subproblems(problem, count, err));
    for (size_t i = 0; i < count; i++)
        AC_TRY(read_one(ac_json_at(array, i), &problem->subproblems[i], err));
    return AC_OK;
}

static enum ac_code new_problem(const struct ac_json *json,
                                struct ac_problem **ret_problem, struct ac_error *err)
{
    AC_AUTO(ac_problem) *problem = NULL;

    AC_TRY(ac_memory_new(1, sizeof(*problem), &problem, err));
    AC_TRY(read_one(json, problem, err));
    AC_TRY(read_subproblems(json, problem, err));

    *ret_problem = AC_TAKE(problem);
    return AC_OK;
}

enum ac_code ac_problem_from_json(const struct ac_json *json,
                                  struct ac_problem **ret_problem, struct ac_error *err)
{
    if (json)
        return new_problem(json, ret_problem, err);
    *ret_problem = NULL;
    return AC_OK;
}

/* A JSON object, or an empty one in place of whatever else came. */
static enum ac_code parse_any(const char *body, size_t size, struct ac_json **ret_json,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    struct ac_error ignored = { 0 };
    enum ac_code code = ac_json_parse(body, size, &json, &ignored);

    if (code == AC_OK && ac_json_is_object(json)) {
        *ret_json = AC_TAKE(json);
        return AC_OK;
    }
    if (code == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "no memory for a problem document");
    return ac_json_new(ret_json, err, "{}");
}

enum ac_code ac_problem_from_answer(long status, const char *body, size_t size,
                                    struct ac_problem **ret_problem,
                                    struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_problem) *problem = NULL;

    AC_TRY(parse_any(body, size, &json, err));
    AC_TRY(new_problem(json, &problem, err));
    problem->status = status;
    *ret_problem = AC_TAKE(problem);
    return AC_OK;
}

static void done_one(struct ac_problem *problem)
{
    free(problem->type);
    free(problem->detail);
    free(problem->identifier);
    free(problem->instance);
    free(problem->help);
    ac_words_done(&problem->algorithms);
}

void ac_problem_free(struct ac_problem *problem)
{
    if (problem == NULL)
        return;
    for (size_t i = 0; i < problem->subproblem_count; i++)
        done_one(&problem->subproblems[i]);
    free(problem->subproblems);
    done_one(problem);
    free(problem);
}

bool ac_problem_is(const struct ac_problem *problem, const char *type)
{
    return problem && strcmp(problem->type, type) == 0;
}

/* A sentence that is cut at the size of an error's detail. */
struct sentence {
    char bytes[AC_ERROR_DETAIL_SIZE];
    size_t size;
};

static void say(struct sentence *sentence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct sentence *sentence, const char *format, ...)
{
    size_t room = sizeof(sentence->bytes) - sentence->size;
    va_list args;

    va_start(args, format);
    int size = vsnprintf(sentence->bytes + sentence->size, room, format, args);
    va_end(args);
    if (size > 0)
        sentence->size += (size_t)size < room ? (size_t)size : room - 1;
}

static void say_one(struct sentence *sentence, const struct ac_problem *problem)
{
    if (problem->identifier)
        say(sentence, "%s: ", problem->identifier);
    if (*problem->detail) {
        say(sentence, "%s", problem->detail);
    } else if (*problem->type) {
        say(sentence, "%s", problem->type);
    } else {
        say(sentence, "the CA gave no reason");
    }
}

static void say_all(struct sentence *sentence, const struct ac_problem *problem)
{
    if (*problem->detail == '\0' && *problem->type == '\0') {
        say(sentence, "the CA answered with status %ld and gave no reason",
            problem->status);
    } else {
        say_one(sentence, problem);
    }
    for (size_t i = 0; i < problem->subproblem_count; i++) {
        say(sentence, "; ");
        say_one(sentence, &problem->subproblems[i]);
    }
    if (problem->instance)
        say(sentence, " (visit %s)", problem->instance);
    if (problem->help)
        say(sentence, " (see %s)", problem->help);
}

static enum ac_code code_of(const struct ac_problem *problem)
{
    if (problem->status == 429 || ac_problem_is(problem, "rateLimited"))
        return AC_E_RATE_LIMITED;
    /* What stands before the CA's own program speaks without problem documents. */
    if (problem->status >= 500 && *problem->type == '\0')
        return AC_E_NETWORK;
    return AC_E_PROBLEM;
}

enum ac_code ac_problem_fail(const struct ac_problem *problem, uint32_t retry_after,
                             struct ac_error *err)
{
    struct sentence sentence = { .size = 0 };
    enum ac_code code = code_of(problem);

    say_all(&sentence, problem);
    (void)ac_fail(err, code, "%s", sentence.bytes);
    if (err) {
        err->http_status = problem->status;
        err->retry_after = retry_after;
        (void)snprintf(err->problem, sizeof(err->problem), "%s", problem->type);
    }
    return code;
}

static enum ac_code one_to_json(const struct ac_problem *problem,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s}", "type", problem->type, "detail",
                       problem->detail));
    if (problem->status)
        AC_TRY(ac_json_set_number(json, "status", problem->status, err));
    if (problem->identifier)
        AC_TRY(ac_json_set_text(json, "identifier", problem->identifier, err));
    if (problem->instance)
        AC_TRY(ac_json_set_text(json, "instance", problem->instance, err));
    if (problem->help)
        AC_TRY(ac_json_set_text(json, "help", problem->help, err));
    if (problem->algorithms.count > 0)
        AC_TRY(ac_json_set_words(json, "algorithms", &problem->algorithms, err));

    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code add_subproblem(struct ac_json *array,
                                   const struct ac_problem *problem,
                                   struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(one_to_json(problem, &json, err));
    return ac_json_append(array, &json, err);
}

enum ac_code ac_problem_to_json(const struct ac_problem *problem,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(one_to_json(problem, &json, err));
    if (problem->subproblem_count > 0)
        AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < problem->subproblem_count; i++)
        AC_TRY(add_subproblem(array, &problem->subproblems[i], err));
    if (array)
        AC_TRY(ac_json_set(json, "subproblems", &array, err));

    *ret_json = AC_TAKE(json);
    return AC_OK;
}
