/* SPDX-License-Identifier: Apache-2.0 */
#include "known.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "values.json"

static int fail_memory(const struct acmecore_host *host)
{
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "no memory");
}

static void make_path(const struct acmecore_host *host, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/%s", host->folder, FILE_NAME);
}

/* {account: [older, newer]}. A file that is not there or is damaged says nothing; NULL:
 * no memory. */
static json_t *read_file(const struct acmecore_host *host)
{
    char path[PATH_MAX];
    json_error_t error = { 0 };

    make_path(host, path);
    json_t *known = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!known && json_error_code(&error) == json_error_out_of_memory)
        return NULL;
    if (json_is_object(known))
        return known;
    json_decref(known);
    return json_object();
}

static int write_file(const struct acmecore_host *host, const json_t *known)
{
    char path[PATH_MAX];
    char *text = json_dumps(known, JSON_COMPACT);

    if (!text)
        return fail_memory(host);
    make_path(host, path);
    int status = host->write_file(host->ctx, path, 0600, text, strlen(text));
    free(text);
    return status;
}

static const char *value_at(const json_t *values, size_t index)
{
    const char *value = json_string_value(json_array_get(values, index));

    return value ? value : "";
}

bool known_has(const struct acmecore_host *host, const char *account, const char *value)
{
    json_t *known = read_file(host);
    const json_t *values = json_object_get(known, account);
    bool is_there =
        !strcmp(value_at(values, 0), value) || !strcmp(value_at(values, 1), value);

    json_decref(known);
    return is_there;
}

int known_doubt(const struct acmecore_host *host, const char *account,
                char newest[KNOWN_VALUE_SIZE])
{
    json_t *known = read_file(host);
    const json_t *values = json_object_get(known, account);
    int status = known ? ACMECORE_OK : fail_memory(host);

    (void)snprintf(newest, KNOWN_VALUE_SIZE, "%s", value_at(values, 1));
    if (values && json_object_del(known, account) == 0)
        status = write_file(host, known);
    json_decref(known);
    return status;
}

int known_add(const struct acmecore_host *host, const char *account, const char *newest,
              const char *value)
{
    json_t *known = read_file(host);
    bool is_set =
        known
        && json_object_set_new(known, account, json_pack("[s, s]", newest, value)) == 0;
    int status = is_set ? write_file(host, known) : fail_memory(host);

    json_decref(known);
    return status;
}

static bool is_among(const char *value,
                     const struct acmecore_challenge *const *challenges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(challenges[i]->record_value, value))
            return true;
    }
    return false;
}

int known_forget(const struct acmecore_host *host,
                 const struct acmecore_challenge *const *challenges, size_t count)
{
    json_t *known = read_file(host);
    const char *account = NULL;
    json_t *values = NULL;
    bool has_changed = false;
    int status = known ? ACMECORE_OK : fail_memory(host);

    json_object_foreach(known, account, values)
    {
        for (size_t i = 0; i < json_array_size(values); i++) {
            /* Its place is kept: which one goes next depends on that. */
            if (is_among(value_at(values, i), challenges, count)
                && json_array_set_new(values, i, json_string("")) == 0)
                has_changed = true;
        }
    }
    if (has_changed)
        status = write_file(host, known);
    json_decref(known);
    return status;
}
