/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MODE 0600

static json_t *describe(const struct acmecore_certificate *certificate);
static json_t *describe_names(const char *const *identifiers);
static bool path_of(const struct acmecore_host *host, char path[PATH_MAX]);
static bool is_batch(const json_t *root);

void batch_drop(struct batch *batch)
{
    json_decref(batch->certificates);
    *batch = (struct batch){ 0 };
}

bool batch_describe(struct batch *batch,
                    const struct acmecore_certificate *const *certificates,
                    size_t count)
{
    json_t *all = json_array();

    for (size_t i = 0; all && i < count; i++) {
        if (json_array_append_new(all, describe(certificates[i])) != 0) {
            json_decref(all);
            return false;
        }
    }
    batch_drop(batch);
    batch->certificates = all;
    return all != NULL;
}

bool batch_leave_out(struct batch *batch, const int *results)
{
    for (size_t i = 0; i < json_array_size(batch->certificates); i++) {
        if (results[i] != ACMECORE_OK
            && json_object_set_new(json_array_get(batch->certificates, i),
                                   BATCH_LEFT_OUT, json_true())
                   != 0)
            return false;
    }
    return true;
}

bool batch_pick(const struct batch *batch, bool is_left_out, struct batch *ret_some)
{
    json_t *some = json_array();
    bool is_told = batch->is_told;

    for (size_t i = 0; some && i < json_array_size(batch->certificates); i++) {
        json_t *certificate = json_array_get(batch->certificates, i);

        if (json_is_true(json_object_get(certificate, BATCH_LEFT_OUT)) == is_left_out
            && json_array_append(some, certificate) != 0) {
            json_decref(some);
            return false;
        }
    }
    if (!some)
        return false;
    batch_drop(ret_some);
    *ret_some = (struct batch){ .certificates = some, .is_told = is_told };
    return true;
}

bool batch_turn_back(struct batch *batch)
{
    for (size_t i = json_array_size(batch->certificates); i-- > 0;) {
        json_t *certificate = json_array_get(batch->certificates, i);
        bool has_previous =
            json_is_string(json_object_get(certificate, "previous_path"));

        if (!has_previous && json_array_remove(batch->certificates, i) != 0)
            return false;
        if (has_previous
            && (json_object_set_new(certificate, "previous_path", json_null()) != 0
                || json_object_set_new(certificate, "fingerprint", json_null()) != 0
                || json_object_set_new(certificate, "not_after", json_null()) != 0))
            return false;
    }
    return true;
}

int batch_load(const struct acmecore_host *host, struct batch *batch)
{
    char path[PATH_MAX];
    json_error_t error;
    json_t *root = NULL;

    if (!path_of(host, path)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "this installer needs a folder of its own, and the host "
                          "gives none");
    }
    errno = 0;
    root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!root && json_error_code(&error) == json_error_cannot_open_file
        && errno == ENOENT)
        return ACMECORE_OK;
    if (!root || !is_batch(root)) {
        json_decref(root);
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "cannot read %s, which says what was deployed: %s", path,
                          root ? "it is damaged" : error.text);
    }
    batch->certificates = json_incref(json_object_get(root, "certificates"));
    batch->is_told = json_is_true(json_object_get(root, "is_told"));
    json_decref(root);
    return ACMECORE_OK;
}

int batch_save(const struct acmecore_host *host, const struct batch *batch)
{
    char path[PATH_MAX];
    json_t *root = NULL;
    char *text = NULL;
    int status = ACMECORE_OK;

    if (!path_of(host, path))
        return ACMECORE_E_CONFIG;
    if (json_array_size(batch->certificates) == 0)
        return host->remove_file(host->ctx, path);
    root = json_pack("{s:i, s:b, s:O}", "schema", 1, "is_told", batch->is_told,
                     "certificates", batch->certificates);
    text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    status = text ? host->write_file(host->ctx, path, FILE_MODE, text, strlen(text))
                  : host->fail(host->ctx, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    free(text);
    return status;
}

const char *batch_text(const json_t *certificate, const char *member)
{
    const char *text = json_string_value(json_object_get(certificate, member));

    return text ? text : "";
}

const char *batch_first_name(const json_t *certificate)
{
    const json_t *names = json_object_get(certificate, "identifiers");
    const char *name = json_string_value(json_array_get(names, 0));

    return name ? name : "";
}

void batch_set_names(const json_t *certificate, struct exec_words *env, const char *key,
                     char separator)
{
    const json_t *names = json_object_get(certificate, "identifiers");
    size_t size = 1;
    char *all = NULL;
    char *end = NULL;

    for (size_t i = 0; i < json_array_size(names); i++)
        size += json_string_length(json_array_get(names, i)) + 1;
    all = calloc(size, 1);
    end = all;
    for (size_t i = 0; all && i < json_array_size(names); i++) {
        if (i > 0)
            *end++ = separator;
        end = stpcpy(end, json_string_value(json_array_get(names, i)));
    }
    if (!all)
        env->wrong = EXEC_NO_MEMORY;
    exec_words_set(env, key, all ? all : "");
    free(all);
}

/* A member without a value is null, not missing. */
static json_t *describe(const struct acmecore_certificate *certificate)
{
    return json_pack(
        "{s:s, s:o, s:s?, s:s, s:s, s:s, s:s, s:s?, s:I, s:s}", "name",
        certificate->name, "identifiers", describe_names(certificate->identifiers),
        "key_path", certificate->key_path, "cert_path", certificate->cert_path,
        "chain_path", certificate->chain_path, "fullchain_path",
        certificate->fullchain_path, "folder_path", certificate->folder_path,
        "previous_path", certificate->previous_path, "not_after",
        (json_int_t)certificate->not_after, "fingerprint", certificate->fingerprint);
}

static json_t *describe_names(const char *const *identifiers)
{
    json_t *names = json_array();

    for (size_t i = 0; names && identifiers[i]; i++) {
        if (json_array_append_new(names, json_string(identifiers[i])) != 0) {
            json_decref(names);
            return NULL;
        }
    }
    return names;
}

static bool path_of(const struct acmecore_host *host, char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s/" BATCH_FILE, host->folder);

    return *host->folder && size < PATH_MAX;
}

static bool is_batch(const json_t *root)
{
    const json_t *all = json_object_get(root, "certificates");

    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *names = json_object_get(json_array_get(all, i), "identifiers");

        if (!json_is_array(names))
            return false;
        for (size_t j = 0; j < json_array_size(names); j++) {
            if (!json_is_string(json_array_get(names, j)))
                return false;
        }
    }
    return json_is_array(all);
}
