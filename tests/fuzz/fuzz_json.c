/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document from outside. What parses is written canonically: the text parses again,
 * to the same value and the same text; a refusal has a reason. What is read as plain is
 * what Jansson reads, members in the same order.
 */
#include "base/json.h"
#include "base/json_plain.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_members(const struct ac_json *json)
{
    size_t count = ac_json_count(json);
    const char *name = NULL;

    for (size_t i = 0; ac_json_is_array(json) && i < count; i++)
        require(ac_json_at(json, i) != NULL);
    for (size_t i = 0; ac_json_is_object(json) && i < count; i++)
        require(ac_json_member(json, i, &name) != NULL && name != NULL);
    require(ac_json_at(json, count) == NULL);
    require(ac_json_member(json, count, &name) == NULL);
}

static void require_same_when_written(const struct ac_json *json)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *again = NULL;
    AC_AUTO(ac_json) *copy = NULL;
    AC_AUTO_TEXT char *once = NULL;
    AC_AUTO_TEXT char *twice = NULL;
    AC_AUTO_TEXT char *pretty = NULL;

    require(ac_json_write(json, &once, &err) == AC_OK);
    require(ac_json_parse(once, strlen(once), &again, &err) == AC_OK);
    require(ac_json_is_equal(json, again));
    require(ac_json_write(again, &twice, &err) == AC_OK);
    require(strcmp(once, twice) == 0);
    require(ac_json_copy(json, &copy, &err) == AC_OK && ac_json_is_equal(json, copy));
    require(ac_json_write_pretty(json, &pretty, &err) == AC_OK);
    require(pretty[strlen(pretty) - 1] == '\n');
}

static void require_same_as_jansson(const char *bytes, size_t size)
{
    json_t *plain = ac_json_read_plain(bytes, size);
    json_t *whole = NULL;
    char *one = NULL;
    char *other = NULL;

    if (!plain)
        return;
    whole = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    require(whole != NULL && json_equal(plain, whole));
    one = json_dumps(plain, JSON_COMPACT);
    other = json_dumps(whole, JSON_COMPACT);
    require(one != NULL && other != NULL && strcmp(one, other) == 0);
    free(one);
    free(other);
    json_decref(plain);
    json_decref(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    enum ac_code code = ac_json_parse((const char *)data, size, &json, &err);

    require_same_as_jansson((const char *)data, size);
    if (code != AC_OK) {
        require(code == AC_E_INVALID && err.detail[0] != '\0' && json == NULL);
        return 0;
    }
    require(memchr(data, 0, size) == NULL);
    require_members(json);
    require_same_when_written(json);
    return 0;
}
